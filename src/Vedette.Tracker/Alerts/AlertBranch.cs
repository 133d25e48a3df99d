using System.Security.Cryptography;
using Vedette.Storage;
using Vedette.Tracker.MetricAlerts;
using Vedette.Tracker.Search;
using Vedette.Wire.Json;

namespace Vedette.Tracker.Alerts;

/// <summary>One group of a rule with the rule's triggers: what fires, and at most once for an issue in the rule's minutes.</summary>
/// <param name="OnlyErrors">The rule listens to the detector of errors alone, not to all that happens to issues.</param>
public sealed record AlertBranch(AlertRule Rule, AlertGroup Group, bool OnlyErrors)
{
    /// <summary>Triggers first.</summary>
    public IReadOnlyList<AlertCondition> Conditions { get; } = [.. Rule.Draft.Triggers.Conditions, .. Group.Conditions];

    /// <summary>Whether it looks at the event at all.</summary>
    internal bool IsAbout(AlertSubject subject, long now) =>
        Rule.Draft.Enabled
        && (!OnlyErrors || subject.Issue.Category == "error")
        && (Rule.Draft.Environment is null || Rule.Draft.Environment == subject.Environment)
        && (Rule.Snoozes.Count == 0 || !Rule.Snoozes.Any(snooze => snooze.AccountId == 0 && !snooze.IsOver(now)));

    /// <param name="facts">Of each condition; <c>null</c> for what is not known yet.</param>
    /// <returns><c>null</c> when what is known does not decide.</returns>
    internal bool? Decide(ReadOnlySpan<bool?> facts)
    {
        var triggers = Rule.Draft.Triggers.Conditions.Count;
        return AlertLogics.Decide(
            AlertLogic.All,
            [AlertLogics.Decide(Rule.Draft.Triggers.Logic, facts[..triggers]), AlertLogics.Decide(Group.Logic, facts[triggers..])]);
    }
}

/// <summary>People are counted apart for each of these, while a rule of the project asks for them.</summary>
/// <param name="Name">Empty when all events count.</param>
/// <param name="Step">Seconds of a bucket.</param>
/// <param name="Filters">What events have to fulfil to count.</param>
internal sealed record PeopleScope(string Name, long Step, IReadOnlyList<AlertCondition> Filters)
{
    public static PeopleScope Of(AlertCondition condition)
    {
        var filters = condition.Comparison.List("filters") ?? [];
        var now = DateTimeOffset.UnixEpoch;
        return new(NameOf(filters), BucketSpan.Of(now, now + AlertWindows.IntervalOf(condition.Comparison, "interval")).Step, [.. filters.OfType<JsonMap>().Select(Condition)]);
    }

    private static string NameOf(List<object?> filters)
    {
        if (filters.Count == 0)
            return "";

        var json = new StableJsonWriter();
        json.Value(filters);
        return Convert.ToHexStringLower(SHA256.HashData(json.WrittenSpan))[..16];
    }

    private static AlertCondition Condition(JsonMap filter) =>
        new(0, StoredName.Parse<ConditionKind>(filter.Text("type")!), filter.Map("comparison") ?? new JsonMap());
}

/// <summary>All that may fire for a project, as it stood at a version. Disabled rules are not among it.</summary>
public sealed class ProjectAlerts
{
    internal ProjectAlerts(long version, IReadOnlyList<AlertBranch> branches, IReadOnlyList<MetricCounter> counters)
    {
        Version = version;
        Branches = branches;
        Counters = counters;
        var scopes = branches.SelectMany(branch => branch.Conditions).Where(condition => AlertConditions.CountsPeople(condition.Kind)).Select(PeopleScope.Of);
        Scopes = [.. scopes.DistinctBy(scope => (scope.Name, scope.Step))];
    }

    public static ProjectAlerts None { get; } = new(0, [], []);

    public bool IsEmpty => Branches.Count == 0;

    internal long Version { get; }

    /// <summary>In the order of their rules.</summary>
    internal IReadOnlyList<AlertBranch> Branches { get; }

    /// <summary>Of metric alerts.</summary>
    internal IReadOnlyList<MetricCounter> Counters { get; }

    internal IReadOnlyList<PeopleScope> Scopes { get; }
}
