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

    /// <summary>Whether a value is what is looked for.</summary>
    public bool Fits(string value)
    {
        if (!HasStars)
            return value == Text;

        // Each piece at the first place that it has after the one before; the last where the value ends.
        var rest = value.AsSpan();
        if (!rest.StartsWith(Pieces[0], StringComparison.OrdinalIgnoreCase))
            return false;
        rest = rest[Pieces[0].Length..];
        for (var i = 1; i < Pieces.Count - 1; i++)
        {
            var at = rest.IndexOf(Pieces[i], StringComparison.OrdinalIgnoreCase);
            if (at < 0)
                return false;
            rest = rest[(at + Pieces[i].Length)..];
        }

        return rest.EndsWith(Pieces[^1], StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>For <c>like ... escape '\'</c>.</summary>
    internal string Pattern => string.Join('%', Pieces.Select(LikePattern.Escape));
}
