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
    /// <summary>Together they cross to the database a few times, and others that write wait for them.</summary>
    private const int MostWishesAtOnce = 16;

    private static readonly TimeSpan StopGrace = TimeSpan.FromSeconds(2);

    private readonly Channel<bool> wake = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly Channel<IReadOnlyList<LeasedDelivery>> unsent = Channel.CreateUnbounded<IReadOnlyList<LeasedDelivery>>();
    private readonly CancellationTokenSource abandonAttempts = new();
    private readonly CancellationTokenSource giveUp = new();
    private readonly LaneTable lanes;
    private readonly DeliveryStore store;
    private readonly WebhookSender sender;
    private readonly Recorder recorder;
    private readonly EngineOptions options;
    private readonly EngineMetrics metrics;
    private readonly TimeProvider time;
    private readonly Random dice;
    private readonly ILogger<Dispatcher> logger;
    private bool leasesFreed;

    public Dispatcher(
        Database database, DestinationStore destinations, DestinationNotices notices, WebhookSender sender, EngineOptions options, EngineMetrics metrics,
        TimeProvider time, Random dice, ILogger<Dispatcher> logger)
    {
        lanes = new LaneTable(options, time, dice, () => wake.Writer.TryWrite(true));
        store = new DeliveryStore(database, new AttemptLog(destinations, options, notices));
        recorder = new Recorder(store, OnRecorded, time, logger);
        destinations.OnRetired = lanes.Drop;
        metrics.Watch(lanes.Count);
        this.sender = sender;
        this.metrics = metrics;
        this.options = options;
        this.time = time;
        this.dice = dice;
        this.logger = logger;
    }

    /// <summary>Keeps a place in memory for a delivery that is about to be committed.</summary>
    /// <returns><c>null</c> when there is no room, or this process does not deliver: then it waits in the table.</returns>
    internal DeliveryLease? TryReserve(Destination destination) => lanes.TryReserve(destination);

    internal void Unreserve(long destinationId) => lanes.Unreserve(destinationId);

    /// <summary>Takes in a delivery for which a place was reserved.</summary>
    internal void Accept(LeasedDelivery delivery)
    {
        lanes.Accept(delivery);
        StartAttempts();
    }

    /// <summary>The table holds something for this destination from <paramref name="due"/> on.</summary>
    internal void HearOf(Destination destination, DateTimeOffset due)
    {
        if (options.Delivers)
            lanes.HearOf(destination, due);
    }

    /// <summary>Comes back after the leases of the dead are free, so that the first event can be leased at once; with the database away, that is done later.</summary>
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        try
        {
            if (options.Delivers)
                await FreeLeasesAsync(cancellationToken);
        }
        catch (DbException e)
        {
            DatabaseAway(logger, e);
        }

        await base.StartAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!options.Delivers)
            return;

        // Recording outlives stoppingToken: attempts under way still have to be written down.
        var recording = recorder.RunAsync(giveUp.Token);
        try
        {
            await FeedAsync(stoppingToken);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            await FinishAsync();
        }

        recorder.NoMore();
        try
        {
            await recording;
        }
        catch (OperationCanceledException) when (giveUp.IsCancellationRequested)
        {
            GaveUp(logger);
        }
    }

    /// <summary>When the host's patience ends, whatever still waits for the database is given up: leases end, and others claim again.</summary>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await using var impatience = cancellationToken.UnsafeRegister(static state => ((CancellationTokenSource)state!).Cancel(), giveUp);
        await base.StopAsync(cancellationToken);

        // What it uses is about to be disposed.
        if (ExecuteTask is { } task)
            await Task.WhenAny(task, Task.Delay(StopGrace, TimeProvider.System, CancellationToken.None));
    }

    private async Task FreeLeasesAsync(CancellationToken ct)
    {
        await store.FreeLeasesAsync(time.GetUtcNow(), ct);
        leasesFreed = true;
        lanes.BeginLeasing();
    }

    private async Task FeedAsync(CancellationToken ct)
    {
        var nextLook = time.GetUtcNow();
        while (true)
        {
            try
            {
                if (!leasesFreed)
                    await FreeLeasesAsync(ct);
                if (time.GetUtcNow() >= nextLook)
                {
                    nextLook = time.GetUtcNow() + options.Tick;
                    lanes.ForgetIdle();
                    var all = await store.WaitingAsync(ct);
                    foreach (var waiting in all)
                        lanes.HearOf(waiting);
                    metrics.Waiting(all.Where(waiting => waiting.RestsUntil is null).Min(waiting => (DateTimeOffset?)waiting.DueAt), time.GetUtcNow());
                    if (all.Where(waiting => waiting.HasRestToCount).Select(waiting => waiting.DestinationId).ToList() is { Count: > 0 } resting)
                        await store.CountRestedAsync(resting, time.GetUtcNow(), ct);
                    if (await store.StraysAsync(ct) is { Count: > 0 } strays)
                        await store.SettleAsync(strays, time.GetUtcNow(), ct);
                }

                while (unsent.Reader.TryRead(out var deliveries))
                    await store.GiveBackAsync(deliveries, time.GetUtcNow(), ct);

                // All at once, so that they share commits.
                var wishes = lanes.TakeWishes();
                StartAttempts();
                await Task.WhenAll(wishes.OrderBy(wish => wish.DestinationId).Chunk(MostWishesAtOnce).Select(some => ClaimAsync(some, ct)));
            }
            catch (DbException e)
            {
                DatabaseAway(logger, e);
                await Task.Delay(options.Tick, time, ct);
            }

            await SleepAsync(lanes.NextPause(nextLook), ct);
        }
    }

    private async Task ClaimAsync(IReadOnlyList<LaneWish> wishes, CancellationToken ct)
    {
        IReadOnlyList<IReadOnlyList<LeasedDelivery>> claimed = [.. wishes.Select(_ => Array.Empty<LeasedDelivery>())];
        try
        {
            claimed = await store.ClaimAsync(wishes, time.GetUtcNow(), ct);
        }
        finally
        {
            foreach (var (wish, deliveries) in wishes.Zip(claimed))
                lanes.Fill(wish, deliveries);
        }

        StartAttempts();
    }

    private async Task SleepAsync(TimeSpan pause, CancellationToken ct)
    {
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

    /// <summary>Starts whatever lanes, each in its turn, may start now. The lane table counts them, and <see cref="FinishAsync"/> waits for them.</summary>
    private void StartAttempts()
    {
        while (lanes.TryTakeTurn(out var lane, out var delivery))
            _ = Task.Factory.StartNew(() => AttemptAsync(lane, delivery), CancellationToken.None, TaskCreationOptions.DenyChildAttach, options.Scheduler);
    }

    private async Task AttemptAsync(Lane lane, LeasedDelivery delivery)
    {
        try
        {
            if ((delivery.Payload ?? await store.PayloadAsync(delivery.EventId, giveUp.Token)) is not { } payload)
                return;

            // Too late to be sure of being the only one: whoever claims it next will send it.
            if (time.GetUtcNow() + WebhookSender.LongestExchange(delivery.Destination.Timeout) >= delivery.Lease.Until)
                return;

            var result = await sender.SendAsync(delivery, payload, abandonAttempts.Token);
            metrics.Attempted(result);
            var luck = dice.NextDouble();
            var verdict = RetryPolicy.Judge(result, delivery.Attempts, delivery.Destination, options.Schedule, time.GetUtcNow(), luck);
            var (rested, recovered) = lanes.Learn(lane, result, luck);
            Log(delivery, payload.Resource, result, verdict, rested);
            await recorder.HandInAsync(new FinishedAttempt(delivery, result, verdict, rested?.Rest, recovered), giveUp.Token);
            if (rested?.Unsent.Count > 0)
                unsent.Writer.TryWrite(rested.Unsent);
        }
        catch (DbException e)
        {
            // Not attempted. The lease ends by itself.
            DatabaseAway(logger, e);
        }
        catch (OperationCanceledException) when (giveUp.IsCancellationRequested)
        {
            // The lease ends by itself.
        }
        catch (Exception e)
        {
            // A bug. The lease ends by itself, so the delivery is not lost; the process goes on for the others.
            Broken(logger, delivery.Id, e);
        }
        finally
        {
            lanes.Finish(lane);
            StartAttempts();
        }
    }

    private void OnRecorded(FinishedAttempt finished)
    {
        var destination = finished.Delivery.Destination;
        metrics.Recorded(finished, time.GetUtcNow());
        if (finished.Rest is { } rest)
            lanes.RestStored(destination.Id, rest);
        if (finished.Verdict.DueAt is { } due)
            HearOf(destination, due);
        else if (destination.Ordered)
            HearOf(destination, time.GetUtcNow());
    }

    /// <summary>Lets what is under way end, interrupts what does not, and gives the rest back to the table.</summary>
    private async Task FinishAsync()
    {
        var rest = lanes.Stop().ToList();
        while (unsent.Reader.TryRead(out var deliveries))
            rest.AddRange(deliveries);
        await Task.WhenAny(lanes.Idle, Task.Delay(StopGrace, TimeProvider.System, giveUp.Token));
        await abandonAttempts.CancelAsync();
        await lanes.Idle;
        try
        {
            await store.GiveBackAsync(rest, time.GetUtcNow(), giveUp.Token);
        }
        catch (OperationCanceledException) when (giveUp.IsCancellationRequested)
        {
            // Their leases end by themselves.
        }
        catch (DbException e)
        {
            DatabaseAway(logger, e);
        }
    }

    public override void Dispose()
    {
        abandonAttempts.Dispose();
        giveUp.Dispose();
        base.Dispose();
    }

    private void Log(LeasedDelivery delivery, string resource, AttemptResult result, DeliveryVerdict verdict, LaneRested? rested)
    {
        Attempted(
            logger, delivery.Id, delivery.Destination.Id, resource, delivery.Action, delivery.Attempts + 1, result.Outcome, result.StatusCode,
            result.Duration.TotalMilliseconds, result.Reason, verdict.State, verdict.DueAt);
        if (rested is not null)
            Resting(logger, delivery.Destination.Id, rested.Rest.Until, result.Reason);
    }

    [LoggerMessage(Level = LogLevel.Information,
        Message = "Attempt {Attempt} of delivery {Delivery} to destination {Destination} ({Resource}.{Action}): {Outcome}, status {Status}, {DurationMs:0.0} ms, {Reason}; now {State}, next {DueAt}")]
    private static partial void Attempted(
        ILogger logger, long delivery, long destination, string resource, string action, int attempt, AttemptOutcome outcome, int? status,
        double durationMs, string reason, DeliveryState state, DateTimeOffset? dueAt);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Destination {Destination} rests until {Until} after: {Reason}")]
    private static partial void Resting(ILogger logger, long destination, DateTimeOffset until, string reason);

    [LoggerMessage(Level = LogLevel.Error, Message = "Cannot claim deliveries, trying again: the database is away")]
    private static partial void DatabaseAway(ILogger logger, Exception exception);

    [LoggerMessage(Level = LogLevel.Error, Message = "Stopped without recording every attempt, because the database is away: what was not recorded is attempted again")]
    private static partial void GaveUp(ILogger logger);

    [LoggerMessage(Level = LogLevel.Critical, Message = "A bug stopped an attempt of delivery {Delivery}; it will be claimed again")]
    private static partial void Broken(ILogger logger, long delivery, Exception exception);
}
