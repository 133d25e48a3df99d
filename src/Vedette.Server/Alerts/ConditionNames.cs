using System.Globalization;
using Vedette.Storage;
using Vedette.Tracker.Alerts;
using Vedette.Tracker.Ingest;

namespace Vedette.Server.Alerts;

/// <summary>Conditions as people read them.</summary>
internal static class ConditionNames
{
    public static string Of(AlertCondition condition)
    {
        var comparison = condition.Comparison;
        return condition.Kind switch
        {
            ConditionKind.FirstSeenEvent => "A new issue is created",
            ConditionKind.RegressionEvent => "The issue changes state from resolved to unresolved",
            ConditionKind.ReappearedEvent => "The issue changes state from archived to escalating",
            ConditionKind.EveryEvent => "The event occurs",
            ConditionKind.NewHighPriorityIssue => "A new issue has high priority",
            ConditionKind.ExistingHighPriorityIssue => "An existing issue of high priority comes back",
            ConditionKind.IssueResolvedTrigger => "The issue is resolved",
            ConditionKind.AgeComparison => $"The issue is {Of("comparisonType")} than {Of("value")} {Of("time")}(s)",
            ConditionKind.AssignedTo => Of("targetType") == "Unassigned" ? "The issue is assigned to no one" : $"The issue is assigned to {Of("targetType").ToLowerInvariant()} {Of("targetIdentifier")}",
            ConditionKind.IssueCategory => $"The issue's category is {Category(Of("value"))}",
            ConditionKind.IssueType => $"The issue's type is {Of("value")}",
            ConditionKind.IssueOccurrences => $"The issue has happened at least {Of("value")} times",
            ConditionKind.IssuePriorityGreaterOrEqual => $"The issue's priority is at least {Of("value")}",
            ConditionKind.IssuePriorityDeescalating => "The issue's priority falls",
            ConditionKind.EventAttribute => $"The event's {Of("attribute")} value {Match(Of("match"))} {Of("value")}".TrimEnd(),
            ConditionKind.TaggedEvent => $"The event's tags match {Of("key")} {Match(Of("match"))} {Of("value")}".TrimEnd(),
            ConditionKind.Level => $"The event's level is {Level(Of("match"))} {LevelName(Of("level"))}",
            ConditionKind.LatestRelease => "The event is from the latest release",
            ConditionKind.LatestAdoptedRelease => $"The {Of("releaseAgeType")} adopted release in {Of("environment")} is {Of("ageComparison")} than the release of the event",
            ConditionKind.EventFrequencyCount => $"The issue is seen more than {Of("value")} times in {Interval("interval")}",
            ConditionKind.EventFrequencyPercent => $"The issue is seen {Of("value")}% more in {Interval("interval")} than {Interval("comparisonInterval")} before",
            ConditionKind.EventUniqueUserFrequencyCount => $"The issue is seen by more than {Of("value")} users in {Interval("interval")}",
            ConditionKind.EventUniqueUserFrequencyPercent => $"The issue is seen by {Of("value")}% more users in {Interval("interval")} than {Interval("comparisonInterval")} before",
            ConditionKind.PercentSessionsCount or ConditionKind.PercentSessionsPercent => $"The issue affects more than {Of("value")} percent of sessions in {Interval("interval")}",
        };

        string Of(string name) => Text(comparison[name]);

        string Interval(string name) => Of(name) switch
        {
            "1m" => "one minute",
            "1h" => "one hour",
            "1d" => "one day",
            "1w" => "one week",
            ['3', '0', 'd'] => "30 days",
            [.. var minutes, 'm'] => $"{minutes} minutes",
            var other => other,
        };
    }

    private static string Text(object? value) => value switch
    {
        string text => text,
        double number => number.ToString("R", CultureInfo.InvariantCulture),
        _ => "",
    };

    private static string Category(string number) => number switch
    {
        "1" => "error",
        "6" => "feedback",
        "10" => "outage",
        "11" => "metric",
        _ => number,
    };

    private static string Level(string match) => match switch
    {
        "gte" => "greater than or equal to",
        "lte" => "less than or equal to",
        _ => "equal to",
    };

    private static string LevelName(string number) =>
        int.TryParse(number, out var level) && Enum.IsDefined((EventLevel)level) ? StoredName.Of((EventLevel)level) : number;

    private static string Match(string match) => match switch
    {
        "eq" => "equals",
        "ne" => "does not equal",
        "sw" => "starts with",
        "nsw" => "does not start with",
        "ew" => "ends with",
        "new" => "does not end with",
        "co" => "contains",
        "nc" => "does not contain",
        "is" => "is set",
        "ns" => "is not set",
        "gt" => "is greater than",
        "gte" => "is at least",
        "lt" => "is less than",
        "lte" => "is at most",
        "in" => "is one of",
        _ => "is none of",
    };
}
