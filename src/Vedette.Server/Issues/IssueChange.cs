using Vedette.Tracker.Issues;
using Vedette.Wire.Json;

namespace Vedette.Server.Issues;

/// <summary>What a request wants of one issue or many. What is <c>null</c> stays as it is.</summary>
internal sealed record IssueChange
{
    public IssueStatus? Status { get; init; }

    /// <summary>Fits the status.</summary>
    public IssueSubstatus? Substatus { get; init; }

    /// <summary>Only with <see cref="IssueStatus.Resolved"/>. Its version is as it was asked for, also <c>latest</c>.</summary>
    public Resolution Resolution { get; init; } = Resolution.Now;

    /// <summary>The request insists on there being a release, so that there can be a next one.</summary>
    public bool NeedsRelease { get; init; }

    /// <summary>Only with <see cref="IssueStatus.Ignored"/>.</summary>
    public SnoozeTerms Snooze { get; init; } = SnoozeTerms.None;

    /// <summary>What the activity of an archiving says.</summary>
    public JsonMap Noted { get; init; } = new();

    /// <summary>As it was asked for; empty takes the issue from whoever has it.</summary>
    public string? Assignee { get; init; }

    /// <summary>low, medium or high.</summary>
    public string? Priority { get; init; }

    public bool? HasSeen { get; init; }

    public bool? IsBookmarked { get; init; }

    public bool? IsSubscribed { get; init; }

    public bool? IsPublic { get; init; }

    /// <summary>All into the one with the most events.</summary>
    public bool Merges { get; init; }

    /// <summary>Delete them, and drop events like theirs from now on.</summary>
    public bool Discards { get; init; }
}
