namespace Vedette.Simulation;

/// <summary>What a process reads as the time. It may be wrong and may be set; timers and stopwatches are not moved by that.</summary>
internal sealed class ProcessClock(World world, ProcessContext context) : TimeProvider
{
    public TimeSpan Offset { get; set; }

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow() => World.Start + world.Now + Offset;

    public override long GetTimestamp() => world.Now.Ticks;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new Timer(world, context, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    private sealed class Timer : ITimer
    {
        private readonly World world;
        private readonly WorldTimer timer;

        public Timer(World world, ProcessContext context, TimerCallback callback, object? state)
        {
            this.world = world;
            timer = new WorldTimer(context, () => callback(state));
        }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            if (period > TimeSpan.Zero)
                throw new NotSupportedException("nothing in the engine uses periodic timers");

            timer.Due = null;
            if (dueTime >= TimeSpan.Zero)
                world.Set(timer, dueTime);
            return true;
        }

        public void Dispose() => timer.Due = null;

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
