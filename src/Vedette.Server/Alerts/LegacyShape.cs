using Vedette.Tracker.Alerts;

namespace Vedette.Server.Alerts;

/// <summary>A rule as <c>rules/</c> has it: conditions and filters, each with how they make one.</summary>
internal sealed record LegacyShape(AlertLogic ActionMatch, IReadOnlyList<AlertCondition> Conditions, AlertLogic FilterMatch, IReadOnlyList<AlertCondition> Filters)
{
    /// <summary>
    /// As workflows have it. What asks for a frequency, a level, a tag or an attribute is a filter there, and moves among the
    /// filters wherever that leaves what the rule means as it is; else it stays a trigger.
    /// </summary>
    public (AlertGroup Triggers, AlertGroup Filters) ToGroups()
    {
        List<AlertCondition> own = [.. Conditions.Where(condition => !Moves(condition.Kind))];
        List<AlertCondition> moved = [.. Conditions.Where(condition => Moves(condition.Kind))];
        var parts = Part(ActionMatch, own.Count, moved.Count);
        var merged = Filters.Count == 0 || moved.Count == 0 ? ActionMatch : Meet(Simple(ActionMatch, moved.Count), Simple(FilterMatch, Filters.Count));
        if (moved.Count == 0 || parts is null || merged is null)
            return (Group(AnyShort(ActionMatch, Conditions.Count), Conditions), Group(FilterMatch, Filters));

        return (Group(AnyShort(ActionMatch, own.Count), own), Group(Filters.Count == 0 ? ActionMatch : merged.Value, [.. moved, .. Filters]));
    }

    /// <summary>
    /// The other way: what asks for a frequency is a condition here, wherever that leaves what the rule means as it is; else it
    /// stays among the filters.
    /// </summary>
    public static LegacyShape Of(AlertGroup triggers, AlertGroup filters)
    {
        List<AlertCondition> own = [.. filters.Conditions.Where(condition => !IsFrequency(condition.Kind))];
        List<AlertCondition> moved = [.. filters.Conditions.Where(condition => IsFrequency(condition.Kind))];
        var split = Part(filters.Logic, own.Count, moved.Count);
        var merged = Meet(Simple(triggers.Logic, triggers.Conditions.Count), Simple(filters.Logic, moved.Count));
        if (moved.Count == 0 || split is null || merged is null)
            return new(Match(triggers.Logic), triggers.Conditions, Match(filters.Logic), filters.Conditions);

        return new(merged.Value, [.. triggers.Conditions, .. moved], Match(own.Count == 0 ? AlertLogic.All : filters.Logic), own);
    }

    private static bool Moves(ConditionKind kind) =>
        IsFrequency(kind) || kind is ConditionKind.Level or ConditionKind.TaggedEvent or ConditionKind.EventAttribute;

    private static bool IsFrequency(ConditionKind kind) => kind
        is ConditionKind.EventFrequencyCount or ConditionKind.EventFrequencyPercent
        or ConditionKind.EventUniqueUserFrequencyCount or ConditionKind.EventUniqueUserFrequencyPercent
        or ConditionKind.PercentSessionsCount or ConditionKind.PercentSessionsPercent;

    /// <summary>A list can be taken apart into two that both have to hold, unless one of either would be enough.</summary>
    /// <returns><c>null</c> when it cannot.</returns>
    private static AlertLogic? Part(AlertLogic logic, int first, int second) =>
        first > 0 && second > 0 && logic is (AlertLogic.Any or AlertLogic.AnyShort) ? null : logic;

    /// <summary>Of two lists that both have to hold, that of one list with the conditions of both.</summary>
    /// <param name="first"><c>null</c> for a list that holds whatever its logic.</param>
    /// <returns><c>null</c> when there is none.</returns>
    private static AlertLogic? Meet(AlertLogic? first, AlertLogic? second) => (first, second) switch
    {
        (null, null) => AlertLogic.All,
        (null, { } only) => Match(only),
        ({ } only, null) => Match(only),
        (AlertLogic.All, AlertLogic.All) => AlertLogic.All,
        (AlertLogic.None, AlertLogic.None) => AlertLogic.None,
        _ => null,
    };

    /// <summary>One of one is all of it.</summary>
    /// <returns><c>null</c> for no conditions.</returns>
    private static AlertLogic? Simple(AlertLogic logic, int conditions) => conditions switch
    {
        0 => null,
        1 when logic != AlertLogic.None => AlertLogic.All,
        _ => logic,
    };

    private static AlertLogic Match(AlertLogic logic) => logic == AlertLogic.AnyShort ? AlertLogic.Any : logic;

    /// <summary>As Sentry writes what a rule of the older API listens to.</summary>
    private static AlertLogic AnyShort(AlertLogic logic, int conditions) => logic switch
    {
        AlertLogic.Any => AlertLogic.AnyShort,
        AlertLogic.All when conditions <= 1 => AlertLogic.AnyShort,
        _ => logic,
    };

    private static AlertGroup Group(AlertLogic logic, IReadOnlyList<AlertCondition> conditions) => new(0, logic, conditions, []);
}
