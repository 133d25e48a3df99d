using System.Globalization;
using System.Numerics;
using System.Text.RegularExpressions;

namespace Vedette.Tracker.Releases;

/// <summary>
/// A release's name that follows semantic versioning: <c>shop@1.4.0-rc.1+77</c>, where package, pre-release and build may be
/// missing, as may all numbers but two (behind a package, but one). Versions of one package are in a total order: that of
/// semver.org, and where it makes no difference, that of their builds, a number before a word and none before any.
/// </summary>
public sealed partial record ReleaseVersion
{
    private const int MostNumbers = 4;

    /// <summary><c>null</c> when the name does not begin with one; such versions are of one package as well.</summary>
    public string? Package { get; private init; }

    /// <summary>Major, minor, patch and revision; those that are missing are 0.</summary>
    public IReadOnlyList<BigInteger> Numbers { get; private init; } = [];

    /// <summary><c>null</c> for what is no pre-release.</summary>
    public string? PreRelease { get; private init; }

    public string? Build { get; private init; }

    /// <summary>The name without its package.</summary>
    public string Description { get; private init; } = "";

    /// <summary><c>null</c> for a name that follows no such rule, for example a commit's.</summary>
    public static ReleaseVersion? TryParse(string name)
    {
        var at = name.LastIndexOf('@');
        var description = name[(at + 1)..];
        if (Pattern.Match(description) is not { Success: true } match)
            return null;

        var numbers = match.Groups["numbers"].Value.Split('.').Select(digits => BigInteger.Parse(digits, NumberStyles.None, CultureInfo.InvariantCulture)).ToList();
        return at <= 0 && numbers.Count < 2
            ? null
            : new ReleaseVersion
            {
                Package = at > 0 ? name[..at] : null,
                Numbers = [.. numbers, .. Enumerable.Repeat(BigInteger.Zero, MostNumbers - numbers.Count)],
                PreRelease = match.Groups["pre"] is { Success: true, Value: var pre } ? pre : null,
                Build = match.Groups["build"] is { Success: true, Value: var build } ? build : null,
                Description = description,
            };
    }

    /// <summary>Below 0 when the first is the lower one, 0 when they are alike. <c>null</c> when the two names cannot be compared so: they are no versions, or not of one package.</summary>
    public static int? Compare(string first, string second) =>
        TryParse(first) is { } one && TryParse(second) is { } other && one.Package == other.Package ? one.ComparedTo(other) : null;

    /// <param name="other">Of the same package.</param>
    public int ComparedTo(ReleaseVersion other)
    {
        for (var i = 0; i < MostNumbers; i++)
        {
            if (Numbers[i].CompareTo(other.Numbers[i]) is var difference and not 0)
                return difference;
        }

        // What is no pre-release comes after all that lead to it.
        var pre = (PreRelease, other.PreRelease) switch
        {
            (null, null) => 0,
            (null, _) => 1,
            (_, null) => -1,
            var (mine, theirs) => CompareIdentifiers(mine, theirs),
        };
        return pre != 0 ? pre : CompareIdentifiers(Build ?? "", other.Build ?? "");
    }

    /// <summary>Dot by dot: numbers as numbers and before words, words as ASCII, and of two lists that begin alike the shorter one first.</summary>
    private static int CompareIdentifiers(string first, string second)
    {
        var (mine, theirs) = (Identifiers(first), Identifiers(second));
        for (var i = 0; i < Math.Min(mine.Length, theirs.Length); i++)
        {
            var difference = (Number(mine[i]), Number(theirs[i])) switch
            {
                ({ } one, { } other) => one.CompareTo(other),
                ({ }, null) => -1,
                (null, { }) => 1,
                (null, null) => string.CompareOrdinal(mine[i], theirs[i]),
            };
            if (difference != 0)
                return difference;
        }

        return mine.Length.CompareTo(theirs.Length);
    }

    private static string[] Identifiers(string text) => text.Length == 0 ? [] : text.Split('.');

    private static BigInteger? Number(string identifier) =>
        identifier.All(char.IsAsciiDigit) ? BigInteger.Parse(identifier, NumberStyles.None, CultureInfo.InvariantCulture) : null;

    [GeneratedRegex(
        @"^v?(?<numbers>[0-9]+(?:\.[0-9]+){0,3})(?:-(?<pre>[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?(?:\+(?<build>[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?\z",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex Pattern { get; }
}
