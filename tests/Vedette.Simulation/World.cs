namespace Vedette.Simulation;

/// <summary>
/// Time, chance and the order of things. One thread does everything; what is ready runs in an order that the seed
/// decides, and when nothing is ready the clock goes on to the next timer.
/// </summary>
internal sealed class World(int seed, bool tells)
{
    /// <summary>Far from zero, so that a clock may be set back.</summary>
    public static readonly DateTimeOffset Start = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    private readonly List<Work> ready = [];
    private readonly PriorityQueue<WorldTimer, (TimeSpan Due, long Number)> timers = new();
    private readonly int thread = Environment.CurrentManagedThreadId;
    private readonly List<string> story = [];
    private long lastTimer;

    public Random Dice { get; } = new(seed);

    public TimeSpan Now { get; private set; }

    /// <summary>What went wrong first; <c>null</c> while all is well.</summary>
    public string? Violation { get; private set; }

    public IReadOnlyList<string> Story => story;

    public long Steps { get; private set; }

    public bool Tells => tells;

    public bool Chance(double probability) => probability > 0 && Dice.NextDouble() < probability;

    public T Pick<T>(params ReadOnlySpan<T> choices) => choices[Dice.Next(choices.Length)];

    public TimeSpan Between(double fromSeconds, double toSeconds) =>
        TimeSpan.FromMicroseconds((long)((fromSeconds + (Dice.NextDouble() * (toSeconds - fromSeconds))) * 1_000_000));

    public void Tell(string what)
    {
        if (tells)
            story.Add($"{Now:d\\.hh\\:mm\\:ss\\.ffffff}  {what}");
    }

    /// <summary>Ends the run.</summary>
    public void Violate(string what)
    {
        Violation ??= what;
        Tell($"VIOLATION: {what}");
    }

    public void Post(ProcessContext? context, SendOrPostCallback callback, object? state)
    {
        if (Environment.CurrentManagedThreadId != thread)
            Violation ??= "something of the engine ran outside of the simulation's thread";
        else if (context is not { IsDead: true })
            ready.Add(new Work(context, callback, state));
    }

    /// <summary>Runs <paramref name="action"/> after a while, as nobody's work or as that of a process that must still be alive then.</summary>
    public WorldTimer After(TimeSpan delay, Action action, ProcessContext? context = null)
    {
        var timer = new WorldTimer(context, action);
        Set(timer, delay);
        return timer;
    }

    public void Set(WorldTimer timer, TimeSpan delay)
    {
        timer.Due = Now + delay;
        timers.Enqueue(timer, (timer.Due.Value, ++lastTimer));
    }

    /// <summary>Runs until the instant has come or the condition holds.</summary>
    public void RunUntil(TimeSpan until, Func<bool> condition)
    {
        while (Violation is null)
        {
            while (ready.Count > 0 && Violation is null)
                RunOne();
            if (Violation is not null || condition() || !timers.TryPeek(out _, out var next) || next.Due > until)
                return;

            var timer = timers.Dequeue();
            if (timer.Due != next.Due)
                continue; // It was stopped or set anew.

            Now = next.Due;
            timer.Due = null;
            if (timer.Context is not { IsDead: true })
                ready.Add(new Work(timer.Context, static state => ((WorldTimer)state!).Run(), timer));
        }
    }

    private void RunOne()
    {
        Steps++;
        var at = Dice.Next(ready.Count);
        var work = ready[at];
        ready[at] = ready[^1];
        ready.RemoveAt(ready.Count - 1);
        if (work.Context is { IsDead: true })
            return;

        SynchronizationContext.SetSynchronizationContext(work.Context);
        work.Callback(work.State);
        SynchronizationContext.SetSynchronizationContext(null);
    }

    private readonly record struct Work(ProcessContext? Context, SendOrPostCallback Callback, object? State);
}

/// <summary>Something to do at an instant; <see cref="Due"/> is <c>null</c> while it is not set.</summary>
internal sealed class WorldTimer(ProcessContext? context, Action action)
{
    public ProcessContext? Context { get; } = context;

    public TimeSpan? Due { get; set; }

    public void Run() => action();
}

/// <summary>All work of one process is posted here. Once it is dead nothing of it runs any more, wherever it was.</summary>
internal sealed class ProcessContext(World world) : SynchronizationContext
{
    public bool IsDead { get; set; }

    public override void Post(SendOrPostCallback d, object? state) => world.Post(this, d, state);

    public override void Send(SendOrPostCallback d, object? state) => throw new NotSupportedException();

    public override SynchronizationContext CreateCopy() => this;
}
