using Vedette.Engine.Deliveries;
using Vedette.Engine.Egress;
using Vedette.Engine.Subscriptions;

namespace Vedette.Engine;

public sealed record EngineOptions
{
    public RetrySchedule Schedule { get; init; } = RetrySchedule.Default;

    /// <summary>First and longest rest of a failing lane.</summary>
    public TimeSpan FirstRest { get; init; } = TimeSpan.FromSeconds(5);

    /// <inheritdoc cref="FirstRest"/>
    public TimeSpan LongestRest { get; init; } = TimeSpan.FromMinutes(5);

    public BrokenRule Broken { get; init; } = new();

    public EgressPolicy Egress { get; init; } = new([]);

    /// <summary>This process delivers. Without it, events are only accepted and wait in the table for one that does.</summary>
    public bool Delivers { get; init; } = true;

    /// <summary>How long a claimed delivery belongs to the process that claimed it. Longer than any attempt.</summary>
    public TimeSpan Lease { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How often the table is asked for what other processes left behind.</summary>
    public TimeSpan Tick { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Attempts under way at once in this process, all lanes together; those of lanes whose last attempt failed, or that are new, at most half of it.</summary>
    public int MostInFlight { get; init; } = 1024;

    /// <summary>Deliveries held in memory, all lanes together; past it they wait in their table.</summary>
    public int MostQueued { get; init; } = 8192;

    /// <summary>Where attempts run.</summary>
    internal TaskScheduler Scheduler { get; init; } = TaskScheduler.Default;
}
