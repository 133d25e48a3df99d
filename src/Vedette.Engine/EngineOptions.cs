using Vedette.Engine.Deliveries;
using Vedette.Engine.Egress;

namespace Vedette.Engine;

public sealed record EngineOptions
{
    public RetrySchedule Schedule { get; init; } = RetrySchedule.Default;

    public EgressPolicy Egress { get; init; } = new([]);

    /// <summary>This process delivers. Without it, events are only accepted and wait in the table for one that does.</summary>
    public bool Delivers { get; init; } = true;

    /// <summary>How long a claimed delivery belongs to the process that claimed it. Longer than any attempt.</summary>
    public TimeSpan Lease { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How often the table is asked for what other processes left behind.</summary>
    public TimeSpan Tick { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Attempts under way at once in this process, all lanes together.</summary>
    public int MostInFlight { get; init; } = 256;

    /// <summary>Deliveries held in memory, all lanes together; past it they wait in their table.</summary>
    public int MostQueued { get; init; } = 8192;
}
