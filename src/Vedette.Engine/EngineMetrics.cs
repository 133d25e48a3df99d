using System.Diagnostics.Metrics;
using System.Runtime.InteropServices;
using Vedette.Engine.Deliveries;
using Vedette.Storage;

namespace Vedette.Engine;

/// <summary>
/// What the engine of one process counts, under the meter <c>Vedette</c>. Tags are names from our own lists, never text of
/// a stranger, so their number is bounded.
/// </summary>
public sealed class EngineMetrics : IDisposable
{
    /// <summary>The name that every meter of this product has.</summary>
    public const string MeterName = "Vedette";

    private static readonly InstrumentAdvice<double> Short = new() { HistogramBucketBoundaries = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30] };

    /// <summary>From what a healthy receiver takes to the end of the longest schedule.</summary>
    private static readonly InstrumentAdvice<double> Long = new() { HistogramBucketBoundaries = [0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 5, 30, 120, 600, 3600, 21600, 86400, 172800] };

    private readonly Meter meter;
    private readonly Counter<long> events;
    private readonly Counter<long> attempts;
    private readonly Counter<long> finished;
    private readonly Histogram<double> duration;
    private readonly Histogram<double> delay;
    private Func<LaneCounts> lanes = () => default;
    private double overdue;

    /// <param name="factory">Makes a meter that belongs to one host; without one, it belongs to the process.</param>
    public EngineMetrics(IMeterFactory? factory = null)
    {
        meter = factory?.Create(MeterName) ?? new Meter(MeterName);
        events = meter.CreateCounter<long>("vedette.events.accepted", description: "Events that somebody was subscribed to, by name");
        attempts = meter.CreateCounter<long>("vedette.attempts", description: "Attempts made, by outcome");
        finished = meter.CreateCounter<long>("vedette.deliveries.finished", description: "Deliveries that came to their end in an attempt, by state");
        duration = meter.CreateHistogram("vedette.attempt.duration", "s", "From the start of an attempt to its response headers, or to its failure", advice: Short);
        delay = meter.CreateHistogram("vedette.delivery.delay", "s", "From accepting an event, or its replay, to the record that it was delivered", advice: Long);
        meter.CreateObservableGauge("vedette.lanes", () => lanes().Lanes, description: "Destinations that this process holds something for");
        meter.CreateObservableGauge("vedette.lanes.resting", () => lanes().Resting, description: "Of these, those that are left alone after failures or at their own wish");
        meter.CreateObservableGauge("vedette.attempts.in_flight", () => lanes().InFlight, description: "Attempts under way");
        meter.CreateObservableGauge("vedette.deliveries.in_memory", () => lanes().Queued, description: "Deliveries that wait in memory for their turn");
        meter.CreateObservableGauge("vedette.deliveries.overdue", () => Volatile.Read(ref overdue), "s", "How long the oldest delivery of a lane that does not rest has been due");
    }

    internal void Watch(Func<LaneCounts> counts) => lanes = counts;

    internal void Accepted(HookEvent hookEvent) => events.Add(1, new KeyValuePair<string, object?>("event", hookEvent.Name));

    internal void Attempted(AttemptResult result)
    {
        var outcome = new KeyValuePair<string, object?>("outcome", StoredName.Of(result.Outcome));
        attempts.Add(1, outcome);
        duration.Record(result.Duration.TotalSeconds, outcome);
    }

    internal void Recorded(FinishedAttempt recorded, DateTimeOffset now)
    {
        if (recorded.Verdict.State == DeliveryState.Pending)
            return;

        finished.Add(1, new KeyValuePair<string, object?>("state", StoredName.Of(recorded.Verdict.State)));
        if (recorded.Verdict.State == DeliveryState.Delivered)
            delay.Record((now - recorded.Delivery.AcceptedAt).TotalSeconds);
    }

    /// <param name="oldest"><c>null</c> when nothing is due.</param>
    internal void Waiting(DateTimeOffset? oldest, DateTimeOffset now) =>
        Volatile.Write(ref overdue, oldest < now ? (now - oldest.Value).TotalSeconds : 0);

    public void Dispose() => meter.Dispose();
}

[StructLayout(LayoutKind.Auto)]
internal readonly record struct LaneCounts(int Lanes, int Resting, int InFlight, int Queued);
