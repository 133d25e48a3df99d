using System.Globalization;

namespace Vedette.Tracker.MetricAlerts;

/// <summary>What people read of an incident (<c>spec/webhooks.md</c> 2.5).</summary>
public static class MetricAlertText
{
    private const long HourMinutes = 60;
    private const long DayMinutes = 24 * HourMinutes;
    private const long WeekMinutes = 7 * DayMinutes;

    /// <summary><c>Critical: Too many errors</c>.</summary>
    public static string Title(MetricCall call) =>
        $"{(call.IsTest ? "[Test] " : "")}{Incident.LabelOf(call.Incident.Status)}: {call.Rule.Draft.Name}";

    /// <summary><c>120 events in the last 5 minutes</c>; empty where there is no value.</summary>
    public static string Description(MetricRule rule, double? value)
    {
        if (value is not { } counted)
            return "";
        var window = Duration(rule.Draft.WindowMinutes);
        if (rule.Draft.DeltaMinutes is not { } delta)
            return $"{counted.ToString("0.##", CultureInfo.InvariantCulture)} {Counted(rule.Draft.Aggregate)} in the last {window}";

        var change = Math.Abs(counted - 100).ToString("0", CultureInfo.InvariantCulture);
        var counts = Counted(rule.Draft.Aggregate);
        return $"{char.ToUpperInvariant(counts[0])}{counts[1..]} {change}% {(counted < 100 ? "lower" : "higher")} in the last {window} compared to the same time {Idiomatic(delta)} ago";
    }

    public static string Counted(MetricAggregate aggregate) => aggregate switch
    {
        MetricAggregate.Count => "events",
        MetricAggregate.CountUniqueUser => "users affected",
    };

    /// <summary>In the largest unit that goes into it.</summary>
    public static string Duration(long minutes)
    {
        var (count, unit) = minutes switch
        {
            >= WeekMinutes when minutes % WeekMinutes == 0 => (minutes / WeekMinutes, "week"),
            >= DayMinutes when minutes % DayMinutes == 0 => (minutes / DayMinutes, "day"),
            >= HourMinutes when minutes % HourMinutes == 0 => (minutes / HourMinutes, "hour"),
            _ => (minutes, "minute"),
        };
        return string.Create(CultureInfo.InvariantCulture, $"{count} {unit}{(count == 1 ? "" : "s")}");
    }

    private static string Idiomatic(long minutes) => Duration(minutes) is var text && text.StartsWith("1 ", StringComparison.Ordinal) ? $"one {text[2..]}" : text;
}
