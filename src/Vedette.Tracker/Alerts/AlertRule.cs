using Vedette.Storage;
using Vedette.Wire.Json;

namespace Vedette.Tracker.Alerts;

/// <summary>How conditions make one. None of no conditions holds as well as all of them.</summary>
public enum AlertLogic
{
    Any,

    /// <summary>The same as <see cref="Any"/>; Sentry stops looking at the first that holds.</summary>
    AnyShort,
    All,
    None,
}

/// <summary>What a condition asks, by the names of workflows (<c>spec/domain.md</c> 4.8).</summary>
public enum ConditionKind
{
    // What has just happened to the issue.
    FirstSeenEvent,
    RegressionEvent,
    ReappearedEvent,
    EveryEvent,
    NewHighPriorityIssue,
    ExistingHighPriorityIssue,

    /// <summary>Somebody or its age resolved it; no event is needed for that.</summary>
    IssueResolvedTrigger,

    // The issue.
    AgeComparison,
    AssignedTo,
    IssueCategory,
    IssueType,
    IssueOccurrences,
    IssuePriorityGreaterOrEqual,
    IssuePriorityDeescalating,

    // The event.
    EventAttribute,
    TaggedEvent,
    Level,
    LatestRelease,
    LatestAdoptedRelease,

    // How often: looked at by the tick.
    EventFrequencyCount,
    EventFrequencyPercent,
    EventUniqueUserFrequencyCount,
    EventUniqueUserFrequencyPercent,

    // Nothing here counts sessions, so these never hold.
    PercentSessionsCount,
    PercentSessionsPercent,
}

public enum AlertActionKind
{
    /// <summary>The installation of an app, in the rule's organization.</summary>
    SentryApp,

    /// <summary>An alertable app by its slug, without settings.</summary>
    Webhook,
    Email,

    /// <summary>Whatever plugins the project has: none.</summary>
    Plugin,
}

/// <param name="Id">0 before it is stored, as of all parts.</param>
/// <param name="Comparison">Members by the names of workflows; empty for a condition that takes none.</param>
public sealed record AlertCondition(long Id, ConditionKind Kind, JsonMap Comparison);

/// <param name="TargetType">Of a mail: <c>issue_owners</c>, <c>team</c> or <c>user</c>; else <c>null</c>.</param>
/// <param name="Target">The app's id, its slug, or the id of a team or account; <c>null</c> for none.</param>
/// <param name="Data">Settings of an app's form, or whom a mail falls to.</param>
public sealed record AlertAction(long Id, AlertActionKind Kind, string? TargetType, string? Target, JsonMap Data);

/// <summary>Conditions, and what is done when they hold.</summary>
/// <param name="Actions">None of the triggers.</param>
public sealed record AlertGroup(long Id, AlertLogic Logic, IReadOnlyList<AlertCondition> Conditions, IReadOnlyList<AlertAction> Actions)
{
    public static AlertGroup Empty { get; } = new(0, AlertLogic.AnyShort, [], []);
}

/// <summary>What somebody wants a rule to be.</summary>
public sealed record AlertRuleDraft
{
    public required string Name { get; init; }

    public required bool Enabled { get; init; }

    public required string? Environment { get; init; }

    /// <summary>Minutes.</summary>
    public required long Frequency { get; init; }

    /// <summary><c>user:1</c> or <c>team:2</c>.</summary>
    public required string? Owner { get; init; }

    public required AlertGroup Triggers { get; init; }

    /// <summary>Each fires by itself.</summary>
    public required IReadOnlyList<AlertGroup> Groups { get; init; }

    /// <summary>Of detectors of the rule's organization; without one it never fires.</summary>
    public required IReadOnlyList<long> DetectorIds { get; init; }
}

/// <summary>A rule, alias workflow: stored once, shown in both shapes. Instants are unix microseconds.</summary>
public sealed record AlertRule
{
    public required long Id { get; init; }

    public required long OrganizationId { get; init; }

    public required AlertRuleDraft Draft { get; init; }

    public required long? CreatedBy { get; init; }

    public required long CreatedAt { get; init; }

    public required long UpdatedAt { get; init; }

    /// <summary><c>null</c> when it never fired, or so long ago that nobody remembers.</summary>
    public long? LastFiredAt { get; init; }

    public IReadOnlyList<AlertSnooze> Snoozes { get; init; } = [];
}

/// <summary>A rule that is silent for somebody, or for everyone.</summary>
public sealed record AlertSnooze
{
    public long Id { get; init; }

    public long RuleId { get; init; }

    /// <summary>0 for everyone.</summary>
    public long AccountId { get; init; }

    /// <summary><c>null</c> for ever.</summary>
    public long? UntilAt { get; init; }

    /// <summary>Who said so.</summary>
    public long OwnerId { get; init; }

    public long CreatedAt { get; init; }

    public bool IsOver(long now) => UntilAt <= now;
}

/// <summary>A time that a rule fired.</summary>
public sealed record AlertFiring
{
    public long Id { get; init; }

    public long RuleId { get; init; }

    public long IssueId { get; init; }

    public string? EventId { get; init; }

    public long FiredAt { get; init; }

    /// <summary>A JSON list.</summary>
    public string Actions { get; init; } = "";
}

/// <summary>What rules listen to.</summary>
public sealed record Detector
{
    public const string Error = "error";
    public const string IssueStream = "issue_stream";
    public const string Metric = "metric_issue";

    public long Id { get; init; }

    public long OrganizationId { get; init; }

    public long ProjectId { get; init; }

    public string Kind { get; init; } = "";

    public string Name { get; init; } = "";

    public bool Enabled { get; init; }

    public long CreatedAt { get; init; }

    public long UpdatedAt { get; init; }

    public IReadOnlyList<long> RuleIds { get; init; } = [];
}

public static class AlertLogics
{
    /// <summary>As workflows write it: <c>any-short</c>.</summary>
    public static string WireName(AlertLogic logic) => StoredName.Of(logic).Replace('_', '-');

    /// <returns><c>null</c> for a word that is none.</returns>
    public static AlertLogic? TryParse(string name) => StoredName.TryParse<AlertLogic>(name.Replace('-', '_'));

    /// <summary>Of values of which some may not be known yet.</summary>
    /// <returns><c>null</c> when what is known does not decide.</returns>
    public static bool? Decide(AlertLogic logic, ReadOnlySpan<bool?> values) => values.Length == 0 ? true : logic switch
    {
        AlertLogic.Any or AlertLogic.AnyShort => values.Contains(true) ? true : values.Contains(null) ? null : false,
        AlertLogic.All => values.Contains(false) ? false : values.Contains(null) ? null : true,
        AlertLogic.None => values.Contains(true) ? false : values.Contains(null) ? null : true,
    };
}
