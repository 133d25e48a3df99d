using Vedette.Storage;

namespace Vedette.Tracker.Issues;

public enum IssueStatus
{
    Unresolved,
    Resolved,
    Ignored,
}

public enum IssueSubstatus
{
    New,
    Ongoing,
    Escalating,
    Regressed,
    ArchivedUntilEscalating,
    ArchivedUntilConditionMet,
    ArchivedForever,
}

/// <summary>Who an issue can be assigned to.</summary>
public enum AssigneeKind
{
    User,
    Team,
}

/// <summary>Whoever an issue is assigned to, as they were called then.</summary>
/// <param name="Email"><c>null</c> for a team.</param>
public sealed record Assignee(AssigneeKind Kind, long Id, string Name, string? Email);

/// <summary>A link that is shown with an issue.</summary>
/// <param name="DisplayName">Escaped for HTML.</param>
public sealed record IssueAnnotation(string DisplayName, string Url);

/// <summary>What an issue is to somebody who looks at it.</summary>
/// <param name="SubscriptionReason"><c>null</c> unless they are subscribed.</param>
/// <param name="Annotations">Links to its counterparts elsewhere, which everybody sees.</param>
public sealed record IssueViewer(bool HasSeen, bool IsBookmarked, string? SubscriptionReason, IReadOnlyList<IssueAnnotation> Annotations)
{
    public bool IsSubscribed => SubscriptionReason is not null;
}

/// <summary>How often some events of an issue were seen, and when. Unix microseconds.</summary>
public sealed record IssueSeen
{
    public long IssueId { get; init; }

    public long Times { get; init; }

    public long First { get; init; }

    public long Last { get; init; }

    /// <summary>All of its events.</summary>
    public static IssueSeen Of(Issue issue) => new() { IssueId = issue.Id, Times = issue.TimesSeen, First = issue.FirstSeen, Last = issue.LastSeen };
}

/// <summary>An issue as its table holds it, with the project that it belongs to. Instants are unix microseconds.</summary>
public sealed record Issue
{
    /// <summary>As long is an issue new, and everything else that is young.</summary>
    public static readonly TimeSpan Youth = TimeSpan.FromDays(7);

    public long Id { get; init; }

    public long ProjectId { get; init; }

    public long OrganizationId { get; init; }

    public string OrganizationSlug { get; init; } = "";

    public string ProjectSlug { get; init; } = "";

    public string ProjectName { get; init; } = "";

    public string? ProjectPlatform { get; init; }

    public long ShortId { get; init; }

    public string Category { get; init; } = "";

    public string Type { get; init; } = "";

    public string Level { get; init; } = "";

    public string Title { get; init; } = "";

    public string Culprit { get; init; } = "";

    /// <summary>JavaScript-stable JSON.</summary>
    public string Metadata { get; init; } = "";

    public string Platform { get; init; } = "";

    public string? Logger { get; init; }

    public string Status { get; init; } = "";

    public string? Substatus { get; init; }

    /// <summary>When it last came into its state, by somebody or something other than time alone making it an ongoing one.</summary>
    public long StateAt { get; init; }

    public string Priority { get; init; } = "";

    /// <summary>When somebody chose it.</summary>
    public long? PriorityLockedAt { get; init; }

    public long FirstSeen { get; init; }

    public long LastSeen { get; init; }

    public long? ResolvedAt { get; init; }

    public long TimesSeen { get; init; }

    public long UserCount { get; init; }

    public long NumComments { get; init; }

    public bool IsUnhandled { get; init; }

    public string? FirstRelease { get; init; }

    public string? LastRelease { get; init; }

    public string? AssigneeKind { get; init; }

    public long? AssigneeId { get; init; }

    public string? AssigneeName { get; init; }

    public string? AssigneeEmail { get; init; }

    /// <summary>By which everybody may look at it.</summary>
    public string? ShareId { get; init; }

    /// <summary>When an agent began to work on it, for the last time.</summary>
    public long? SeerRunAt { get; init; }

    /// <summary>Where the rows of a merged issue go.</summary>
    public long? MergedInto { get; init; }

    // Of its snooze, if it has one; windows are minutes.
    public long? IgnoreUntil { get; init; }

    public long? IgnoreCount { get; init; }

    public long? IgnoreWindow { get; init; }

    public long? IgnoreUserCount { get; init; }

    public long? IgnoreUserWindow { get; init; }

    /// <summary>What it had counted when it was archived.</summary>
    public long? SnoozedTimesSeen { get; init; }

    public long? SnoozedUsersSeen { get; init; }

    // Of its resolution, if it has one.
    public string? ResolutionKind { get; init; }

    public string? ResolutionVersion { get; init; }

    public string? ResolutionCommit { get; init; }

    public string? ResolutionRepository { get; init; }

    // Who archived or resolved it, as far as its snooze or resolution tells.
    public long? StateActorId { get; init; }

    public string? StateActorName { get; init; }

    public string? StateActorEmail { get; init; }

    public string QualifiedShortId => Issues.ShortId.Format(ProjectSlug, ShortId);

    /// <summary>It was merged or deleted, and nobody sees it any more.</summary>
    public bool IsLeaving => Status is "pending_merge" or "pending_deletion";

    public Assignee? Assignee => AssigneeId is { } id
        ? new Assignee(StoredName.Parse<AssigneeKind>(AssigneeKind!), id, AssigneeName ?? "", AssigneeEmail)
        : null;

    public Resolution Resolution => ResolutionKind is { } kind
        ? new Resolution(StoredName.Parse<ResolutionKind>(kind), ResolutionVersion, ResolutionCommit, ResolutionRepository)
        : Resolution.Now;

    public SnoozeTerms Snooze => new()
    {
        Until = IgnoreUntil,
        Count = IgnoreCount,
        Window = IgnoreWindow,
        UserCount = IgnoreUserCount,
        UserWindow = IgnoreUserWindow,
    };
}
