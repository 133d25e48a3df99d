using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using Vedette.Server.Api;

namespace Vedette.Server.Alerts;

/// <summary>
/// What a list of workflows or detectors is asked for. Both are short enough to be read whole. The place of a row is what it is
/// sorted by and its number, as <c>docs/decisions/0012</c> wants it; of a name it is the first eight letters.
/// </summary>
internal sealed record AlertQuestion
{
    /// <summary>In lower case: words that stand alone, and those that name what they are about.</summary>
    public required IReadOnlyList<(string? Key, string Text)> Terms { get; init; }

    /// <summary>Empty for all.</summary>
    public required IReadOnlyList<long> Ids { get; init; }

    /// <summary>Numbers or slugs; empty for all.</summary>
    public required IReadOnlyList<string> Projects { get; init; }

    public required string SortBy { get; init; }

    public required bool IsFalling { get; init; }

    public required Paging Paging { get; init; }

    /// <param name="sorts">Words that <c>sortBy</c> takes, the first for when it is not given.</param>
    /// <param name="keys">Words before a colon that <c>query</c> takes.</param>
    public static IResult? Refuse(HttpRequest request, IReadOnlyList<string> sorts, IReadOnlyList<string> keys, out AlertQuestion question)
    {
        question = null!;
        if (Paging.Refuse(request, out var paging) is { } refusal)
            return refusal;
        var sort = request.Query["sortBy"].FirstOrDefault() ?? "";
        var by = sort.TrimStart('-') is { Length: > 0 } word ? word : sorts[0];
        if (!sorts.Contains(by, StringComparer.Ordinal))
            return ApiResults.Invalid("sortBy", $"Must be one of {string.Join(", ", sorts)}.");

        var terms = new List<(string?, string)>();
        foreach (var term in (request.Query["query"].FirstOrDefault() ?? "").ToLowerInvariant().Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            var at = term.IndexOf(':', StringComparison.Ordinal);
            if (at > 0 && !keys.Contains(term[..at], StringComparer.Ordinal))
                return ApiResults.Invalid("query", $"Cannot ask for {term[..at]}; only for {string.Join(", ", keys)}.");
            terms.Add(at > 0 ? (term[..at], term[(at + 1)..].Trim('"', '[', ']')) : (null, term.Trim('"')));
        }

        var ids = request.Query["id"].SelectMany(text => (text ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries)).ToList();
        if (ids.Exists(text => !long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out _)))
            return ApiResults.Invalid("id", "Must be numbers.");

        question = new AlertQuestion
        {
            Terms = terms,
            Ids = [.. ids.Select(text => long.Parse(text, CultureInfo.InvariantCulture))],
            Projects = [.. request.Query["project"].Concat(request.Query["projectSlug"]).OfType<string>().Where(text => text is not ("" or "-1"))],
            SortBy = by,
            IsFalling = sort.StartsWith('-'),
            Paging = paging,
        };
        return null;
    }

    /// <summary>Whether the question asks for any row at all in particular.</summary>
    public bool IsOpen => Terms.Count == 0 && Ids.Count == 0 && Projects.Count == 0;

    /// <param name="about">Whether the row fits a word before a colon, other than its name, and what stands behind it, in lower case.</param>
    public bool Asks(long id, string name, IEnumerable<string> projects, Func<string, string, bool> about) =>
        (Ids.Count == 0 || Ids.Contains(id))
        && (Projects.Count == 0 || projects.Any(project => Projects.Contains(project, StringComparer.Ordinal)))
        && Terms.All(term => term.Key is null or "name" ? name.Contains(term.Text, StringComparison.OrdinalIgnoreCase) : about(term.Key, term.Text));

    /// <param name="value">What a row is sorted by; below 0 is none.</param>
    public IReadOnlyList<T> Page<T>(HttpContext context, string baseUrl, IEnumerable<T> all, Func<T, long> value, Func<T, long> id)
    {
        var isRising = IsFalling == (Paging.Cursor?.IsPrevious == true);
        var sorted = isRising ? all.OrderBy(value).ThenBy(id) : all.OrderByDescending(value).ThenByDescending(id);
        var rest = Paging.Cursor is { } cursor
            ? sorted.Where(item => (value(item), id(item)).CompareTo((cursor.Value, cursor.Offset)) is var order && (isRising ? order > 0 : order < 0))
            : sorted;
        return Paging.Page(
            context, baseUrl, [.. rest.Take(Paging.PerPage + 1)], item => (value(item), id(item)), IsFalling ? ListOrder.NewestFirst : ListOrder.OldestFirst);
    }

    /// <summary>Of two names that differ in their first eight letters, the one that comes first has the lower value.</summary>
    public static long Rank(string name)
    {
        Span<byte> letters = stackalloc byte[8];
        var bytes = Encoding.UTF8.GetBytes(name.ToLowerInvariant());
        bytes.AsSpan(0, Math.Min(bytes.Length, letters.Length)).CopyTo(letters);
        return (long)(BinaryPrimitives.ReadUInt64BigEndian(letters) >> 1);
    }
}
