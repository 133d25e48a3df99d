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

/// <summary>An issue as its table holds it, with the project that it belongs to. Instants are unix microseconds.</summary>
public sealed record Issue
{
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

    public string Priority { get; init; } = "";

    public long FirstSeen { get; init; }

    public long LastSeen { get; init; }

    public long? ResolvedAt { get; init; }

    public long TimesSeen { get; init; }

    public long UserCount { get; init; }

    public long NumComments { get; init; }

    public bool IsUnhandled { get; init; }

    public string? FirstRelease { get; init; }

    public string? LastRelease { get; init; }

    public string QualifiedShortId => Issues.ShortId.Format(ProjectSlug, ShortId);
}
