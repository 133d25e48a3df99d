using Vedette.Storage;

namespace Vedette.Tracker.Search;

/// <summary>A text that is looked for. Without stars it is meant as it stands; with them, in any case of its letters.</summary>
/// <param name="Pieces">What stands between the stars, each of which stands for anything: one piece more than there are stars.</param>
public sealed record SearchText(IReadOnlyList<string> Pieces)
{
    public static SearchText Of(string text) => new([text]);

    public bool HasStars => Pieces.Count > 1;

    /// <summary>Of a text without stars, all of it.</summary>
    public string Text => Pieces[0];

    /// <summary>With something that stands before it.</summary>
    public SearchText After(string prefix) => new([prefix + Text, .. Pieces.Skip(1)]);

    /// <summary>For <c>like ... escape '\'</c>.</summary>
    internal string Pattern => string.Join('%', Pieces.Select(LikePattern.Escape));
}
