using Vedette.Engine.DeliveryLog;

namespace Vedette.Engine.Replays;

public enum ReplayJobState
{
    Running,
    Paused,

    /// <summary>Everything that it was to replay is replayed; those deliveries may still be under way.</summary>
    Done,

    Cancelled,
}

/// <summary>A replay of many deliveries, as far as it has come.</summary>
public sealed record ReplayJob
{
    public required long Id { get; init; }

    public required ReplayJobState State { get; init; }

    public required DeliveryFilter Filter { get; init; }

    public required int PerSecond { get; init; }

    /// <summary>Deliveries that matched when it was started.</summary>
    public required long Total { get; init; }

    public required long Replayed { get; init; }

    /// <summary>Not replayed, because their destination has ended.</summary>
    public required long Skipped { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required DateTimeOffset? FinishedAt { get; init; }
}
