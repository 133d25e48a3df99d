namespace Vedette.Tracker.Alerts;

/// <summary>Windows of frequency conditions, as both shapes of rules name them.</summary>
public static class AlertIntervals
{
    private static readonly Dictionary<string, TimeSpan> Lengths = new(StringComparer.Ordinal)
    {
        ["1m"] = TimeSpan.FromMinutes(1),
        ["5m"] = TimeSpan.FromMinutes(5),
        ["15m"] = TimeSpan.FromMinutes(15),
        ["1h"] = TimeSpan.FromHours(1),
        ["1d"] = TimeSpan.FromDays(1),
        ["1w"] = TimeSpan.FromDays(7),
        ["30d"] = TimeSpan.FromDays(30),
    };

    public static IReadOnlyList<string> Names { get; } = [.. Lengths.Keys];

    internal static TimeSpan LengthOf(string name) => Lengths[name];
}
