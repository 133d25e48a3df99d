using System.Diagnostics;

namespace Vedette.Tests.Harness;

/// <summary>A clock that stands still until a test moves it. Timers run in the order in which they are due, on the thread that moves the clock.</summary>
internal sealed class FakeClock : TimeProvider
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly Lock gate = new();
    private readonly List<Timer> timers = [];
    private DateTimeOffset now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow()
    {
        lock (gate)
            return now;
    }

    public override long GetTimestamp() => GetUtcNow().Ticks;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new Timer(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    public void Advance(TimeSpan by)
    {
        var until = GetUtcNow() + by;
        while (NextTimer(until) is { } timer)
            timer.Run();
        lock (gate)
            now = until;
    }

    /// <summary>Moves on step by step, letting the program react between steps, until something has come about.</summary>
    public async Task AdvanceUntilAsync(TimeSpan step, Func<Task<bool>> condition, string what)
    {
        var began = Stopwatch.GetTimestamp();
        while (!await condition())
        {
            if (Stopwatch.GetElapsedTime(began) > Patience)
                throw new TimeoutException($"never came about, although the clock went on to {GetUtcNow():O}: {what}");
            Advance(step);
            await Task.Delay(TimeSpan.FromMilliseconds(2), System);
        }
    }

    /// <inheritdoc cref="AdvanceUntilAsync(TimeSpan, Func{Task{bool}}, string)"/>
    public Task AdvanceUntilAsync(TimeSpan step, Func<bool> condition, string what) =>
        AdvanceUntilAsync(step, () => Task.FromResult(condition()), what);

    private Timer? NextTimer(DateTimeOffset until)
    {
        lock (gate)
        {
            var next = timers.Where(timer => timer.Due <= until).MinBy(timer => timer.Due);
            if (next is null)
                return null;

            if (next.Due > now)
                now = next.Due.Value;
            next.Due = next.Period > TimeSpan.Zero ? next.Due + next.Period : null;
            if (next.Due is null)
                timers.Remove(next);
            return next;
        }
    }

    private sealed class Timer(FakeClock clock, TimerCallback callback, object? state) : ITimer
    {
        public DateTimeOffset? Due { get; set; }

        public TimeSpan Period { get; private set; }

        public void Run() => callback(state);

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (clock.gate)
            {
                clock.timers.Remove(this);
                Period = period;
                Due = dueTime < TimeSpan.Zero ? null : clock.now + dueTime;
                if (Due is not null)
                    clock.timers.Add(this);
            }

            return true;
        }

        public void Dispose() => Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
