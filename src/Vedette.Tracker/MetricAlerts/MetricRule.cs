using Vedette.Tracker.Alerts;
using Vedette.Tracker.Ingest;

namespace Vedette.Tracker.MetricAlerts;

/// <summary>What is counted of events that fit a rule's query.</summary>
public enum MetricAggregate
{
    /// <summary>How many there are.</summary>
    Count,

    /// <summary>How many people had them; an event that says nobody is of nobody.</summary>
    CountUniqueUser,
}

public enum MetricDirection
{
    /// <summary>Fires when the value is greater than a threshold.</summary>
    Above,

    /// <summary>Fires when it is less.</summary>
    Below,
}

public enum TriggerLabel
{
    Critical,
    Warning,
}

/// <param name="Threshold">A number, or percent of change where the rule compares: 50 is half as much again, or half.</param>
/// <param name="Actions">What is done whenever the incident changes to it, or from it.</param>
public sealed record MetricTriggerDraft(TriggerLabel Label, double Threshold, IReadOnlyList<AlertAction> Actions);

/// <summary>What somebody wants a metric alert to be.</summary>
public sealed record MetricRuleDraft
{
    public required string Name { get; init; }

    public required bool Enabled { get; init; }

    public required MetricAggregate Aggregate { get; init; }

    /// <summary>In the search language, see <see cref="MetricQuery"/>; empty for every event.</summary>
    public required string Query { get; init; }

    /// <summary>At least one.</summary>
    public required IReadOnlyList<EventType> EventTypes { get; init; }

    /// <summary><c>null</c> for all.</summary>
    public required string? Environment { get; init; }

    public required long WindowMinutes { get; init; }

    /// <summary>How far back the window lies that it is compared with; <c>null</c> compares with nothing.</summary>
    public required long? DeltaMinutes { get; init; }

    public required MetricDirection Direction { get; init; }

    /// <summary>Where the calmest trigger ends; <c>null</c> where it begins.</summary>
    public required double? ResolveAt { get; init; }

    /// <summary><see cref="ResolveAt"/> itself resolves as well.</summary>
    public required bool ResolvesOn { get; init; }

    /// <summary>So many evaluations in a row decide.</summary>
    public required long Period { get; init; }

    /// <summary><c>user:1</c> or <c>team:2</c>.</summary>
    public required string? Owner { get; init; }

    public required string Description { get; init; }

    /// <summary>Critical first; a warning may follow, whose threshold lies on the calmer side.</summary>
    public required IReadOnlyList<MetricTriggerDraft> Triggers { get; init; }
}

/// <summary>A metric alert, alias metric detector: stored once, shown in both shapes. Instants are unix microseconds.</summary>
public sealed record MetricRule
{
    /// <summary>Its detector's.</summary>
    public required long Id { get; init; }

    public required long OrganizationId { get; init; }

    public required string OrganizationSlug { get; init; }

    public required long ProjectId { get; init; }

    public required string ProjectSlug { get; init; }

    public required MetricRuleDraft Draft { get; init; }

    /// <summary>In the order of the draft's.</summary>
    public required IReadOnlyList<MetricTrigger> Triggers { get; init; }

    public required MetricAuthor? CreatedBy { get; init; }

    public required long CreatedAt { get; init; }

    public required long UpdatedAt { get; init; }

    /// <summary>Under which number it counts; another one when it begins to count anew.</summary>
    public required long Counter { get; init; }

    /// <summary>Events that were received before are counted afterwards, once.</summary>
    public required long CountedFrom { get; init; }

    public required bool IsCaughtUp { get; init; }

    public required long Version { get; init; }

    public IReadOnlyList<AlertSnooze> Snoozes { get; init; } = [];

    /// <summary>Of the workflows that listen to it.</summary>
    public IReadOnlyList<long> RuleIds { get; init; } = [];

    /// <summary>Seconds that are counted together. Finer than minutes where a minute would be much of the window.</summary>
    public long StepSeconds => Draft.WindowMinutes <= FinelyCounted ? 10 : 60;

    /// <summary>Minutes between two evaluations, as Sentry shows it; here every tick evaluates.</summary>
    public long Resolution
    {
        get
        {
            long minutes = Draft.WindowMinutes switch
            {
                >= 1440 => 15,
                >= 240 => 5,
                >= 60 => 3,
                >= 30 => 2,
                _ => 1,
            };
            return Draft.DeltaMinutes is null ? minutes : minutes * 2;
        }
    }

    private const long FinelyCounted = 15;

    public bool IsSilent(long now) => Snoozes.Any(snooze => snooze.AccountId == 0 && !snooze.IsOver(now));
}

/// <summary>Who made a rule, as they were called then.</summary>
public sealed record MetricAuthor(long Id, string Name, string Email);

/// <summary>A threshold, and where an incident stands with it.</summary>
public sealed record MetricTrigger
{
    public required long Id { get; init; }

    public required TriggerLabel Label { get; init; }

    public required double Threshold { get; init; }

    public required IReadOnlyList<AlertAction> Actions { get; init; }

    public required long CreatedAt { get; init; }

    public required TriggerState State { get; init; }
}

/// <param name="Hits">Evaluations in a row that speak for the other state.</param>
public readonly record struct TriggerState(bool IsActive, long Hits);
