using System.Diagnostics.Metrics;
using Vedette.Engine;
using Vedette.Tracker.Ingest;

namespace Vedette.Server.Metrics;

/// <summary>What comes in from SDKs, counted after the commit.</summary>
internal sealed class IngestMetrics
{
    private readonly Counter<long> stored;
    private readonly Counter<long> dropped;

    public IngestMetrics(IMeterFactory factory)
    {
        var meter = factory.Create(EngineMetrics.MeterName);
        stored = meter.CreateCounter<long>("vedette.ingest.events", description: "SDK events stored, repeats among them");
        dropped = meter.CreateCounter<long>("vedette.ingest.items.dropped", description: "Envelope items of kinds that are not kept");
    }

    public void Stored(EnvelopeEvents content)
    {
        stored.Add(content.Events.Count);
        dropped.Add(content.Dropped.Values.Sum());
    }
}
