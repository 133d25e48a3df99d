using Vedette.Engine;
using Vedette.Engine.Deliveries;
using Vedette.Engine.Subscriptions;

namespace Vedette.Simulation;

/// <summary>What a seed decides before it begins: the engine's settings, the destinations, and how bad the world is.</summary>
internal sealed record Plan
{
    public required int Nodes { get; init; }

    public required EngineOptions Options { get; init; }

    public required IReadOnlyList<PlannedDestination> Destinations { get; init; }

    public required int Events { get; init; }

    /// <summary>When the last event comes and the last fault ends.</summary>
    public required TimeSpan Trouble { get; init; }

    /// <summary>Of dying at one await of the database.</summary>
    public required double Deaths { get; init; }

    /// <summary>Of one statement that fails while the connection stays.</summary>
    public required double StatementFaults { get; init; }

    /// <summary>Of one commit that fails, or breaks after it was made.</summary>
    public required double CommitFaults { get; init; }

    /// <summary>Of a statement that takes long, and how long at most.</summary>
    public required double SlowStatements { get; init; }

    public required TimeSpan LongestStatement { get; init; }

    public required int Outages { get; init; }

    /// <summary>By how much the clock of a lone node is set once; the clocks of several only differ, by less than leases allow for.</summary>
    public required TimeSpan ClockJump { get; init; }

    public required TimeSpan ClockSkew { get; init; }

    /// <summary>How often destinations are disabled and enabled.</summary>
    public required int Disables { get; init; }

    public bool IsSingleNode => Nodes == 1;

    public static Plan Of(World world)
    {
        var nodes = world.Chance(0.4) ? 2 : 1;
        TimeSpan[][] schedules = [[Seconds(2)], [Seconds(1), Seconds(5)], [Seconds(5), Seconds(20)], [Seconds(1), Seconds(5), Seconds(20), Seconds(40)]];
        return new Plan
        {
            Nodes = nodes,
            Options = new EngineOptions
            {
                Schedule = new RetrySchedule(world.Pick<TimeSpan[]>(schedules)),
                FirstRest = Seconds(world.Pick(2, 5)),
                LongestRest = Seconds(world.Pick(10, 30)),
                Tick = Seconds(world.Pick(1, 2, 5)),
                MostInFlight = world.Pick(2, 5, 256, 256),
                MostQueued = world.Pick(3, 20, 8192, 8192),
                Broken = new BrokenRule { Timeouts = world.Pick(10, 1000) },
                Lease = Seconds(world.Pick(10, 30, 30)),
            },
            Destinations = [.. Enumerable.Range(1, world.Dice.Next(1, 4)).Select(_ => PlannedDestination.Of(world))],
            Events = world.Dice.Next(3, 25),
            Trouble = world.Between(20, 120),
            Deaths = world.Pick(0, 0, 0.002, 0.01),
            StatementFaults = world.Pick(0, 0, 0.003, 0.02),
            CommitFaults = world.Pick(0, 0, 0.01, 0.05),
            SlowStatements = world.Pick(0, 0, 0.01, 0.05),
            LongestStatement = Seconds(world.Pick(1, 8, 40)),
            Outages = world.Pick(0, 0, 1, 2, 3),
            ClockJump = nodes == 1 && world.Chance(0.2) ? world.Between(-90, 90) : TimeSpan.Zero,
            ClockSkew = nodes == 2 && world.Chance(0.3) ? world.Between(-2, 2) : TimeSpan.Zero,
            Disables = world.Pick(0, 0, 0, 1, 2),
        };
    }

    public override string ToString() =>
        $"{Nodes} nodes, {Events} events, trouble for {Trouble.TotalSeconds:0} s, waits {string.Join(",", Options.Schedule.Waits.Select(w => w.TotalSeconds))} s, "
        + $"lease {Options.Lease.TotalSeconds} s, tick {Options.Tick.TotalSeconds} s, rests {Options.FirstRest.TotalSeconds} to {Options.LongestRest.TotalSeconds} s, "
        + $"at most {Options.MostInFlight} in flight and {Options.MostQueued} queued, broken after {Options.Broken.Timeouts} timeouts, "
        + $"deaths {Deaths}, faults {StatementFaults} and {CommitFaults}, slow {SlowStatements} up to {LongestStatement.TotalSeconds} s, {Outages} outages, "
        + $"clock jumps {ClockJump.TotalSeconds:0.#} s, clocks differ by {ClockSkew.TotalSeconds:0.#} s, {Disables} disables";

    private static TimeSpan Seconds(int seconds) => TimeSpan.FromSeconds(seconds);
}

internal enum Mood
{
    Good,
    Flaky,
    Down,
    Hanging,
    Busy,
}

/// <param name="Moods">How it behaves, one after the other, while there is trouble; afterwards it is good.</param>
/// <param name="SaysGone">It may answer 410.</param>
internal sealed record PlannedDestination(int Concurrency, bool Ordered, TimeSpan Timeout, IReadOnlyList<Mood> Moods, bool SaysGone)
{
    public static PlannedDestination Of(World world) => new(
        world.Pick(1, 2, 3, 8),
        world.Chance(0.4),
        TimeSpan.FromSeconds(world.Pick(1, 1, 2, 7)),
        [.. Enumerable.Range(0, 4).Select(_ => world.Pick(Mood.Good, Mood.Good, Mood.Flaky, Mood.Down, Mood.Hanging, Mood.Busy))],
        world.Chance(0.1));

    public override string ToString() =>
        $"cap {Concurrency}, timeout {Timeout.TotalSeconds} s{(Ordered ? ", ordered" : "")}{(SaysGone ? ", may be gone" : "")}, {string.Join(", ", Moods)}";
}
