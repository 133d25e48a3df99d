using System.Globalization;
using Vedette.Storage;
using Vedette.Tracker.Alerts;
using Vedette.Wire.Json;

namespace Vedette.Server.Alerts;

/// <summary>Conditions and filters as <c>rules/</c> names them (<c>spec/domain.md</c> 4.3, 4.4).</summary>
internal static class LegacyConditions
{
    private const string Conditions = "sentry.rules.conditions.";
    private const string Filters = "sentry.rules.filters.";

    /// <summary>For what only workflows know: shown, and taken back, under the name that it has there.</summary>
    private const string OfWorkflows = "workflow_engine.";

    private static readonly Dictionary<string, ConditionKind> Kinds = new(StringComparer.Ordinal)
    {
        [$"{Conditions}first_seen_event.FirstSeenEventCondition"] = ConditionKind.FirstSeenEvent,
        [$"{Conditions}regression_event.RegressionEventCondition"] = ConditionKind.RegressionEvent,
        [$"{Conditions}reappeared_event.ReappearedEventCondition"] = ConditionKind.ReappearedEvent,
        [$"{Conditions}every_event.EveryEventCondition"] = ConditionKind.EveryEvent,
        [$"{Conditions}high_priority_issue.NewHighPriorityIssueCondition"] = ConditionKind.NewHighPriorityIssue,
        [$"{Conditions}high_priority_issue.ExistingHighPriorityIssueCondition"] = ConditionKind.ExistingHighPriorityIssue,
        [$"{Conditions}event_frequency.EventFrequencyCondition"] = ConditionKind.EventFrequencyCount,
        [$"{Conditions}event_frequency.EventUniqueUserFrequencyCondition"] = ConditionKind.EventUniqueUserFrequencyCount,
        [$"{Conditions}event_frequency.EventUniqueUserFrequencyConditionWithConditions"] = ConditionKind.EventUniqueUserFrequencyCount,
        [$"{Conditions}event_frequency.EventFrequencyPercentCondition"] = ConditionKind.PercentSessionsCount,
        [$"{Filters}tagged_event.TaggedEventFilter"] = ConditionKind.TaggedEvent,
        [$"{Conditions}tagged_event.TaggedEventCondition"] = ConditionKind.TaggedEvent,
        [$"{Filters}event_attribute.EventAttributeFilter"] = ConditionKind.EventAttribute,
        [$"{Conditions}event_attribute.EventAttributeCondition"] = ConditionKind.EventAttribute,
        [$"{Filters}level.LevelFilter"] = ConditionKind.Level,
        [$"{Conditions}level.LevelCondition"] = ConditionKind.Level,
        [$"{Filters}age_comparison.AgeComparisonFilter"] = ConditionKind.AgeComparison,
        [$"{Filters}issue_occurrences.IssueOccurrencesFilter"] = ConditionKind.IssueOccurrences,
        [$"{Filters}assigned_to.AssignedToFilter"] = ConditionKind.AssignedTo,
        [$"{Filters}latest_release.LatestReleaseFilter"] = ConditionKind.LatestRelease,
        [$"{Filters}latest_adopted_release_filter.LatestAdoptedReleaseFilter"] = ConditionKind.LatestAdoptedRelease,
        [$"{Filters}issue_category.IssueCategoryFilter"] = ConditionKind.IssueCategory,
        [$"{Filters}issue_type.IssueTypeFilter"] = ConditionKind.IssueType,
    };

    /// <summary>The first name of each kind.</summary>
    private static readonly Dictionary<ConditionKind, string> Ids = Kinds.GroupBy(pair => pair.Value, pair => pair.Key).ToDictionary(group => group.Key, group => group.First());

    /// <summary>Members that are called otherwise here than in workflows.</summary>
    private static readonly (ConditionKind Kind, string Here, string There)[] Renamed =
    [
        (ConditionKind.AgeComparison, "comparison_type", "comparisonType"),
        (ConditionKind.LatestAdoptedRelease, "oldest_or_newest", "releaseAgeType"),
        (ConditionKind.LatestAdoptedRelease, "older_or_newer", "ageComparison"),
    ];

    /// <summary>One condition here with two ways of comparing, two there.</summary>
    private static readonly (ConditionKind Count, ConditionKind Percent)[] Percents =
    [
        (ConditionKind.EventFrequencyCount, ConditionKind.EventFrequencyPercent),
        (ConditionKind.EventUniqueUserFrequencyCount, ConditionKind.EventUniqueUserFrequencyPercent),
        (ConditionKind.PercentSessionsCount, ConditionKind.PercentSessionsPercent),
    ];

    /// <returns>The condition, or what is wrong with it.</returns>
    public static (AlertCondition? Condition, string? Wrong) Read(object? given)
    {
        if (given is not JsonMap map || map.Text("id") is not { } id)
            return (null, "Each needs an id.");
        if (KindOf(id, map) is not { } kind)
            return (null, $"Unknown id: {id}");

        var members = new JsonMap();
        foreach (var (name, value) in map.Members.Where(member => member.Key is not ("id" or "name" or "uuid")))
            members[Renamed.FirstOrDefault(each => each.Kind == kind && each.Here == name).There ?? name] = value;
        if (kind is (ConditionKind.EventUniqueUserFrequencyCount or ConditionKind.EventUniqueUserFrequencyPercent) && map.List("conditions") is { } inner)
        {
            var (filters, wrongFilter) = ReadFilters(inner);
            if (filters is null)
                return (null, wrongFilter);
            members["filters"] = filters;
        }

        var (comparison, wrong) = ConditionForm.Read(kind, members);
        return comparison is null ? (null, wrong) : (new AlertCondition(0, kind, comparison), null);
    }

    public static void Write(StableJsonWriter json, AlertCondition condition)
    {
        var isPercent = Percents.Any(each => each.Percent == condition.Kind);
        var kind = Percents.FirstOrDefault(each => each.Percent == condition.Kind, (condition.Kind, default)).Count;
        var filters = condition.Comparison.List("filters");
        json.StartObject();
        json.Name("id"u8);
        json.Value(Ids.TryGetValue(kind, out var id) ? filters is null ? id : $"{id}WithConditions" : $"{OfWorkflows}{StoredName.Of(kind)}");
        foreach (var (name, value) in condition.Comparison.Members.Where(member => member.Key != "filters"))
        {
            json.Name(Renamed.FirstOrDefault(each => each.Kind == condition.Kind && each.There == name).Here ?? name);
            if (name == "level" && value is double level)
                json.Value(level.ToString("R", CultureInfo.InvariantCulture)); // a text here, a number there
            else
                json.Value(value);
        }

        if (Percents.Any(each => each.Count == kind))
        {
            json.Name("comparisonType"u8);
            json.Value(isPercent ? "percent" : "count");
        }

        if (filters is not null)
        {
            json.Name("conditions"u8);
            json.StartArray();
            foreach (var filter in filters.OfType<JsonMap>())
                Write(json, new AlertCondition(0, StoredName.Parse<ConditionKind>(filter.Text("type")!), filter.Map("comparison")!));
            json.EndArray();
        }

        json.Name("name"u8);
        json.Value(ConditionNames.Of(condition));
        json.EndObject();
    }

    private static ConditionKind? KindOf(string id, JsonMap map)
    {
        if (id.StartsWith(OfWorkflows, StringComparison.Ordinal))
            return StoredName.TryParse<ConditionKind>(id[OfWorkflows.Length..]);
        if (!Kinds.TryGetValue(id, out var kind))
            return null;

        return map.Text("comparisonType") == "percent" ? Percents.FirstOrDefault(each => each.Count == kind, (default, kind)).Percent : kind;
    }

    private static (List<object?>? Filters, string? Wrong) ReadFilters(List<object?> given)
    {
        var filters = new List<object?>();
        foreach (var each in given)
        {
            var (condition, wrong) = Read(each);
            if (condition is null)
                return (null, wrong);
            filters.Add(new JsonMap { ["type"] = StoredName.Of(condition.Kind), ["comparison"] = condition.Comparison });
        }

        return (filters, null);
    }
}
