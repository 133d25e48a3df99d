using System.Globalization;

namespace Vedette.Tracker.Alerts;

/// <summary>How texts of events are compared (<c>spec/domain.md</c> 4.4), without regard to case.</summary>
public static class TextMatch
{
    public static IReadOnlyList<string> Operators { get; } =
        ["eq", "ne", "sw", "nsw", "ew", "new", "co", "nc", "is", "ns", "gt", "gte", "lt", "lte", "in", "nin"];

    /// <summary>It asks only whether there is anything, so it takes no value.</summary>
    public static bool TakesNoValue(string match) => match is "is" or "ns";

    /// <summary>True when one of the texts fits; of an operator that says no, when none of them fits its opposite.</summary>
    /// <param name="match">One of <see cref="Operators"/>.</param>
    /// <param name="wanted">For <c>in</c> and <c>nin</c>, separated by commas.</param>
    public static bool Holds(string match, IReadOnlyList<string> texts, string wanted) => match switch
    {
        "is" => texts.Count > 0,
        "ns" => texts.Count == 0,
        "ne" => !Holds("eq", texts, wanted),
        "nsw" => !Holds("sw", texts, wanted),
        "new" => !Holds("ew", texts, wanted),
        "nc" => !Holds("co", texts, wanted),
        "nin" => !Holds("in", texts, wanted),
        "in" => wanted.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Any(one => Holds("eq", texts, one)),
        "eq" => texts.Any(text => text.Equals(wanted, StringComparison.OrdinalIgnoreCase)),
        "sw" => texts.Any(text => text.StartsWith(wanted, StringComparison.OrdinalIgnoreCase)),
        "ew" => texts.Any(text => text.EndsWith(wanted, StringComparison.OrdinalIgnoreCase)),
        "co" => texts.Any(text => text.Contains(wanted, StringComparison.OrdinalIgnoreCase)),
        _ => Number(wanted) is { } limit && texts.Any(text => Number(text) is { } number && Compares(match, number, limit)),
    };

    private static bool Compares(string match, double number, double limit) => match switch
    {
        "gt" => number > limit,
        "gte" => number >= limit,
        "lt" => number < limit,
        "lte" => number <= limit,
        _ => false,
    };

    private static double? Number(string text) => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : null;
}
