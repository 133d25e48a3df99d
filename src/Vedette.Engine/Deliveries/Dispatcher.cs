using System.Data.Common;
using System.Threading.Channels;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Vedette.Engine.Subscriptions;
using Vedette.Storage;

namespace Vedette.Engine.Deliveries;

/// <summary>
/// Gets deliveries out of the table and through their lanes. A destination has a lane of its own with a cap, lanes with
/// work take turns, and what does not fit in memory waits in the table, so a slow receiver holds up only itself.
/// </summary>
/// <remarks>The table is the queue. Everything here can be lost at any moment: leases end, and somebody claims again.</remarks>
public sealed partial class Dispatcher : BackgroundService
{
    private static readonly TimeSpan StopGrace = TimeSpan.FromSeconds(2);

    private readonly Lock gate = new();
    private readonly Dictionary<long, Lane> lanes = [];
    private readonly Queue<Lane> turns = new();
    private readonly Channel<bool> wake = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly CancellationTokenSource abandonAttempts = new();
    private readonly TaskCompletionSource idle = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly DeliveryStore store;
    private readonly WebhookSender sender;
    private readonly Recorder recorder;
    private readonly EngineOptions options;
    private readonly TimeProvider time;
    private readonly Random dice;
    private readonly ILogger<Dispatcher> logger;
    private DateTimeOffset nextWake;
    private long lastToken;
    private int inFlight;
    private int queued;
    private bool stopping;

    public Dispatcher(Database database, WebhookSender sender, EngineOptions options, TimeProvider time, Random dice, ILogger<Dispatcher> logger)
    {
        store = new DeliveryStore(database);
        recorder = new Recorder(store, OnRecorded, time, logger);
        this.sender = sender;
        this.options = options;
        this.time = time;
        this.dice = dice;
        this.logger = logger;

        // Tokens only need to differ between processes that could hold a lease on the same row.
        lastToken = dice.NextInt64(long.MaxValue / 2);
    }

    /// <summary>Keeps a place in memory for a delivery that is about to be committed.</summary>
    /// <returns><c>null</c> when there is no room, or this process does not deliver: then it waits in the table.</returns>
    internal DeliveryLease? TryReserve(Destination destination)
    {
        lock (gate)
        {
            var lane = LaneOf(destination.Id);
            lane.Cap = destination.Concurrency;
            if (!options.Delivers || stopping || queued >= options.MostQueued || !lane.HasRoomForNew)
                return null;

            lane.Reserved++;
            queued++;
            return NewLease();
        }
    }

    internal void Unreserve(long destinationId)
    {
        lock (gate)
        {
            LaneOf(destinationId).Reserved--;
            queued--;
        }
    }

    /// <summary>Takes in a delivery for which a place was reserved.</summary>
    internal void Accept(LeasedDelivery delivery)
    {
        lock (gate)
        {
            var lane = LaneOf(delivery.Destination.Id);
            lane.Reserved--;
            lane.Queue.Enqueue(delivery);
            TakeTurn(lane);
        }

        StartAttempts();
    }

    /// <summary>The table holds something for this destination from <paramref name="due"/> on.</summary>
    internal void HearOf(long destinationId, DateTimeOffset due)
    {
        if (!options.Delivers)
            return;

        lock (gate)
        {
            var lane = LaneOf(destinationId);
            if (lane.NextDue is null || due < lane.NextDue)
                lane.NextDue = due;
            if (due < nextWake)
                Wake();
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!options.Delivers)
            return;

        // Recording outlives stoppingToken: attempts under way still have to be written down.
        var recording = recorder.RunAsync(CancellationToken.None);
        try
        {
            await FeedAsync(stoppingToken);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            await FinishAsync();
        }

        recorder.NoMore();
        await recording;
    }

    private async Task FeedAsync(CancellationToken ct)
    {
        var leasesFreed = false;
        var nextLook = time.GetUtcNow();
        while (true)
        {
            try
            {
                if (!leasesFreed)
                    await store.FreeLeasesAsync(time.GetUtcNow(), ct);
                leasesFreed = true;

                if (time.GetUtcNow() >= nextLook)
                {
                    nextLook = time.GetUtcNow() + options.Tick;
                    await LookAtTableAsync(ct);
                }

                await ClaimAsync(ct);
            }
            catch (DbException e)
            {
                DatabaseAway(logger, e);
                await Task.Delay(options.Tick, time, ct);
            }

            await SleepAsync(nextLook, ct);
        }
    }

    private async Task LookAtTableAsync(CancellationToken ct)
    {
        // Cleared before the question, so that what is heard of in the meantime is kept.
        lock (gate)
        {
            foreach (var (id, lane) in lanes)
            {
                lane.NextDue = null;
                if (lane.IsIdle)
                    lanes.Remove(id);
            }
        }

        foreach (var row in await store.WaitingAsync(ct))
            HearOf(row.DestinationId, UnixMicroseconds.ToInstant(row.DueAt));
    }

    private async Task ClaimAsync(CancellationToken ct)
    {
        var wishes = new List<(Lane Lane, int Most)>();
        lock (gate)
        {
            var now = time.GetUtcNow();
            var free = options.MostQueued - queued;
            foreach (var lane in lanes.Values)
            {
                if (free <= 0)
                    break;
                if (!lane.WantsBacklog(now))
                    continue;

                var most = Math.Min(lane.RoomForBacklog, free);
                free -= most;
                lane.Claiming = true;
                wishes.Add((lane, most));
            }
        }

        // All at once, so that they share commits.
        await Task.WhenAll(wishes.Select(wish => ClaimAsync(wish.Lane, wish.Most, ct)));
    }

    private async Task ClaimAsync(Lane lane, int most, CancellationToken ct)
    {
        IReadOnlyList<LeasedDelivery> claimed = [];
        try
        {
            claimed = await store.ClaimAsync(lane.DestinationId, NewLease(), time.GetUtcNow(), most, ct);
        }
        finally
        {
            lock (gate)
            {
                lane.Claiming = false;
                if (claimed.Count < most)
                    lane.NextDue = null;
                foreach (var delivery in claimed)
                {
                    lane.Cap = delivery.Destination.Concurrency;
                    lane.Queue.Enqueue(delivery);
                    queued++;
                }

                TakeTurn(lane);
            }
        }

        StartAttempts();
    }

    private async Task SleepAsync(DateTimeOffset nextLook, CancellationToken ct)
    {
        TimeSpan pause;
        lock (gate)
        {
            var now = time.GetUtcNow();
            nextWake = nextLook;
            foreach (var lane in lanes.Values)
            {
                if (queued < options.MostQueued && lane.WantsBacklog(now))
                    nextWake = now;
                else if (lane.NextDue > now && lane.NextDue < nextWake)
                    nextWake = lane.NextDue.Value;
            }

            pause = nextWake - now;
        }

        if (pause <= TimeSpan.Zero)
            return;

        using var timer = new CancellationTokenSource(pause, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, ct);
        try
        {
            await wake.Reader.ReadAsync(either.Token);
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            // It is time.
        }
    }

    /// <summary>Starts whatever lanes, each in its turn, may start now.</summary>
    private void StartAttempts()
    {
        while (true)
        {
            Lane? lane;
            LeasedDelivery delivery;
            lock (gate)
            {
                if (stopping || inFlight >= options.MostInFlight || !turns.TryDequeue(out lane))
                    return;

                delivery = lane.Queue.Dequeue();
                queued--;
                inFlight++;
                lane.InFlight++;
                lane.InTurn = false;
                TakeTurn(lane);
                if (lane.WantsBacklog(time.GetUtcNow()))
                    Wake();
            }

            _ = Task.Run(() => AttemptAsync(lane, delivery), CancellationToken.None);
        }
    }

    /// <summary>Counted in <see cref="inFlight"/>, for which <see cref="FinishAsync"/> waits.</summary>
    private async Task AttemptAsync(Lane lane, LeasedDelivery delivery)
    {
        try
        {
            // Too late to be sure of being the only one: whoever claims it next will send it.
            if (time.GetUtcNow() + WebhookSender.LongestExchange(delivery.Destination) >= delivery.Lease.Until)
                return;

            var result = await sender.SendAsync(delivery, abandonAttempts.Token);
            var verdict = RetryPolicy.Judge(result, delivery.Attempts, options.Schedule, time.GetUtcNow(), dice.NextDouble());
            Attempted(
                logger,
                delivery.Id,
                delivery.Destination.Id,
                delivery.Payload.Resource,
                delivery.Action,
                delivery.Attempts + 1,
                result.Outcome,
                result.StatusCode,
                result.Duration.TotalMilliseconds,
                result.Reason,
                verdict.State, verdict.DueAt);
            await recorder.HandInAsync(new FinishedAttempt(delivery, result, verdict), CancellationToken.None);
        }
        catch (Exception e)
        {
            // A bug. The lease ends by itself, so the delivery is not lost; the process goes on for the others.
            Broken(logger, delivery.Id, e);
        }
        finally
        {
            lock (gate)
            {
                inFlight--;
                lane.InFlight--;
                TakeTurn(lane);
                if (stopping && inFlight == 0)
                    idle.TrySetResult();
            }

            StartAttempts();
        }
    }

    private void OnRecorded(FinishedAttempt finished)
    {
        if (finished.Verdict.DueAt is { } due)
            HearOf(finished.Delivery.Destination.Id, due);
    }

    /// <summary>Lets what is under way end, interrupts what does not, and gives the rest back to the table.</summary>
    private async Task FinishAsync()
    {
        List<LeasedDelivery> rest;
        lock (gate)
        {
            stopping = true;
            rest = [.. lanes.Values.SelectMany(lane => lane.Queue)];
            if (inFlight == 0)
                idle.TrySetResult();
        }

        await Task.WhenAny(idle.Task, Task.Delay(StopGrace, TimeProvider.System, CancellationToken.None));
        await abandonAttempts.CancelAsync();
        await idle.Task;
        try
        {
            await store.GiveBackAsync(rest, time.GetUtcNow(), CancellationToken.None);
        }
        catch (DbException e)
        {
            DatabaseAway(logger, e);
        }
    }

    private Lane LaneOf(long destinationId)
    {
        if (!lanes.TryGetValue(destinationId, out var lane))
            lanes.Add(destinationId, lane = new Lane(destinationId));
        return lane;
    }

    private void TakeTurn(Lane lane)
    {
        if (lane.InTurn || !lane.HasTurn)
            return;

        lane.InTurn = true;
        turns.Enqueue(lane);
    }

    private DeliveryLease NewLease() => new(Interlocked.Increment(ref lastToken), time.GetUtcNow() + options.Lease);

    private void Wake() => wake.Writer.TryWrite(true);

    public override void Dispose()
    {
        abandonAttempts.Dispose();
        base.Dispose();
    }

    [LoggerMessage(Level = LogLevel.Information,
        Message = "Attempt {Attempt} of delivery {Delivery} to destination {Destination} ({Resource}.{Action}): {Outcome}, status {Status}, {DurationMs:0.0} ms, {Reason}; now {State}, next {DueAt}")]
    private static partial void Attempted(
        ILogger logger, long delivery, long destination, string resource, string action, int attempt, AttemptOutcome outcome, int? status,
        double durationMs, string reason, DeliveryState state, DateTimeOffset? dueAt);

    [LoggerMessage(Level = LogLevel.Error, Message = "Cannot claim deliveries, trying again: the database is away")]
    private static partial void DatabaseAway(ILogger logger, Exception exception);

    [LoggerMessage(Level = LogLevel.Critical, Message = "A bug stopped an attempt of delivery {Delivery}; it will be claimed again")]
    private static partial void Broken(ILogger logger, long delivery, Exception exception);
}
