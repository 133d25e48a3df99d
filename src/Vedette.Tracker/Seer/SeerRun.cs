using Vedette.Storage;

namespace Vedette.Tracker.Seer;

/// <summary>What an agent does in a run, in the names of <c>spec/webhooks.md</c> 2.7.</summary>
public enum SeerStepName
{
    RootCause,
    Solution,
    Coding,
    Pr,
    Iteration,
}

public enum SeerStepStatus
{
    Started,
    Completed,
    Created,
}

/// <summary>Work of an agent on an issue.</summary>
public sealed record SeerRun
{
    public long Id { get; init; }

    public long IssueId { get; init; }

    /// <summary>With dashes.</summary>
    public string Uuid { get; init; } = "";

    /// <summary>Unix microseconds.</summary>
    public long CreatedAt { get; init; }

    /// <summary>Oldest first.</summary>
    public IReadOnlyList<SeerStep> Steps { get; init; } = [];
}

public sealed record SeerStep
{
    public long Id { get; init; }

    public long RunId { get; init; }

    public string Step { get; init; } = "";

    public string Status { get; init; } = "";

    /// <summary>JavaScript-stable JSON: what the webhook of the step carries beside the run.</summary>
    public string Data { get; init; } = "";

    /// <summary>Unix microseconds.</summary>
    public long CreatedAt { get; init; }

    /// <summary>A pull request is created; everything else is started and completed.</summary>
    public static bool Exists(SeerStepName step, SeerStepStatus status) => step switch
    {
        SeerStepName.Pr => status == SeerStepStatus.Created,
        SeerStepName.RootCause or SeerStepName.Solution or SeerStepName.Coding or SeerStepName.Iteration => status != SeerStepStatus.Created,
    };

    /// <summary>The action of the webhook: <c>root_cause_started</c>.</summary>
    public static string ActionOf(SeerStepName step, SeerStepStatus status) => $"{StoredName.Of(step)}_{StoredName.Of(status)}";
}
