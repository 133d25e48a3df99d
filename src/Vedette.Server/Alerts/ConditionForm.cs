using System.Globalization;
using System.Text.RegularExpressions;
using Vedette.Storage;
using Vedette.Tracker.Alerts;
using Vedette.Wire.Json;

namespace Vedette.Server.Alerts;

/// <summary>What a condition compares with, as a request wants it, checked and brought to the one form that is stored. Both shapes of rules are read by it.</summary>
internal sealed partial class ConditionForm(JsonMap given)
{
    private const int LongestText = 1024;
    private const int MostFilters = 20;
    private static readonly string[] Ages = ["older", "newer"];
    private static readonly string[] Units = ["minute", "hour", "day", "week"];
    private static readonly string[] Assignees = ["Unassigned", "Team", "Member"];
    private static readonly string[] LevelMatches = ["eq", "gte", "lte"];
    private static readonly string[] SessionIntervals = ["1m", "5m", "10m", "15m", "30m", "1h"];
    private static readonly ConditionKind[] OfPeopleFilters = [ConditionKind.EventAttribute, ConditionKind.TaggedEvent, ConditionKind.Level];

    private readonly JsonMap comparison = new();
    private string? wrong;

    /// <param name="given">An object; of some kinds a number, or just <c>true</c>.</param>
    /// <returns>The comparison, or what is wrong with it.</returns>
    public static (JsonMap? Comparison, string? Wrong) Read(ConditionKind kind, object? given)
    {
        var form = new ConditionForm(given as JsonMap ?? new JsonMap { ["value"] = given });
        form.Read(kind);
        return form.wrong is null ? (form.comparison, null) : (null, form.wrong);
    }

    private void Read(ConditionKind kind)
    {
        switch (kind)
        {
            case ConditionKind.FirstSeenEvent or ConditionKind.RegressionEvent or ConditionKind.ReappearedEvent or ConditionKind.EveryEvent
                or ConditionKind.NewHighPriorityIssue or ConditionKind.ExistingHighPriorityIssue or ConditionKind.IssueResolvedTrigger
                or ConditionKind.LatestRelease or ConditionKind.IssuePriorityDeescalating:
                break;
            case ConditionKind.AgeComparison:
                OneOf("comparisonType", Ages);
                Count("value");
                OneOf("time", Units);
                break;
            case ConditionKind.AssignedTo:
                OneOf("targetType", Assignees);
                if (comparison.Text("targetType") is "Team" or "Member")
                    Text("targetIdentifier");
                break;
            case ConditionKind.IssueCategory or ConditionKind.IssueOccurrences:
                Count("value");
                break;
            case ConditionKind.IssueType:
                Text("value");
                break;
            case ConditionKind.IssuePriorityGreaterOrEqual:
                Count("value");
                if (wrong is null && comparison["value"] is not (25.0 or 50.0 or 75.0))
                    wrong = "Priority must be 25, 50 or 75.";
                break;
            case ConditionKind.EventAttribute:
                OneOf("attribute", EventAttributes.Names);
                Match();
                break;
            case ConditionKind.TaggedEvent:
                Text("key");
                Match();
                break;
            case ConditionKind.Level:
                Count("level");
                OneOf("match", LevelMatches);
                break;
            case ConditionKind.LatestAdoptedRelease:
                OneOf("releaseAgeType", ["oldest", "newest"]);
                OneOf("ageComparison", Ages);
                Text("environment");
                break;
            case ConditionKind.EventFrequencyCount or ConditionKind.EventFrequencyPercent:
                Frequency(kind == ConditionKind.EventFrequencyPercent);
                break;
            case ConditionKind.EventUniqueUserFrequencyCount or ConditionKind.EventUniqueUserFrequencyPercent:
                Frequency(kind == ConditionKind.EventUniqueUserFrequencyPercent);
                Filters();
                break;
            case ConditionKind.PercentSessionsCount or ConditionKind.PercentSessionsPercent:
                Count("value");
                OneOf("interval", SessionIntervals);
                if (kind == ConditionKind.PercentSessionsPercent)
                    ComparisonInterval();
                break;
        }
    }

    private void Frequency(bool isPercent)
    {
        Count("value");
        Interval("interval");
        if (isPercent)
            ComparisonInterval();
    }

    private void ComparisonInterval()
    {
        if (wrong is null && Member("comparisonInterval") is null)
            wrong = "comparisonInterval is required when comparing by percent";
        Interval("comparisonInterval");
    }

    private void Match()
    {
        OneOf("match", TextMatch.Operators);
        if (wrong is null && !TextMatch.TakesNoValue(comparison.Text("match")!))
            Text("value");
    }

    private void Interval(string name)
    {
        Text(name);
        if (wrong is null && !AlertIntervals.Names.Contains(comparison.Text(name)!))
            wrong = $"{name} must be one of {string.Join(", ", AlertIntervals.Names)}.";
    }

    private void OneOf(string name, IReadOnlyList<string> choices)
    {
        Text(name);
        if (wrong is null && !choices.Contains(comparison.Text(name)!, StringComparer.Ordinal))
            wrong = $"{name} must be one of {string.Join(", ", choices)}.";
    }

    private void Text(string name)
    {
        if (wrong is not null)
            return;

        switch (Member(name))
        {
            case string text when !string.IsNullOrWhiteSpace(text) && text.Length <= LongestText:
                comparison[name] = text.Trim();
                break;
            case double number:
                comparison[name] = number.ToString("R", CultureInfo.InvariantCulture);
                break;
            case bool flag:
                comparison[name] = flag ? "true" : "false";
                break;
            case null or "":
                wrong = $"{name} is required.";
                break;
            default:
                wrong = $"{name} must be a text of at most {LongestText} characters.";
                break;
        }
    }

    /// <summary>Clients send numbers as texts, too.</summary>
    private void Count(string name)
    {
        if (wrong is not null)
            return;

        var number = Member(name) switch
        {
            double value => value,
            string text when double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) => value,
            _ => -1,
        };
        if (number is >= 0 and <= int.MaxValue)
            comparison[name] = number;
        else
            wrong = Member(name) is null ? $"{name} is required." : $"{name} must be a number of at least 0.";
    }

    /// <summary>Whose events count.</summary>
    private void Filters()
    {
        if (wrong is not null || given["filters"] is null or List<object?> { Count: 0 })
            return;

        if (given.List("filters") is not { Count: <= MostFilters } filters)
        {
            wrong = $"filters must be a list of at most {MostFilters} conditions.";
            return;
        }

        var read = new List<object?>();
        foreach (var filter in filters)
        {
            if (filter is not JsonMap map || StoredName.TryParse<ConditionKind>(map.Text("type") ?? "") is not { } kind || !OfPeopleFilters.Contains(kind))
            {
                wrong = "filters take conditions of the types event_attribute, tagged_event and level.";
                return;
            }

            (var inner, wrong) = Read(kind, map["comparison"]);
            if (inner is null)
                return;
            read.Add(new JsonMap { ["type"] = StoredName.Of(kind), ["comparison"] = inner });
        }

        comparison["filters"] = read;
    }

    /// <summary>By its name in camel case, or, as some clients send it, in snake case.</summary>
    private object? Member(string name) => given[name] ?? given[Snake(name)];

    /// <summary>As some clients write a name in camel case.</summary>
    public static string Snake(string name) => Capital.Replace(name, match => $"_{match.Value.ToLowerInvariant()}");

    [GeneratedRegex("[A-Z]", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Capital { get; }
}
