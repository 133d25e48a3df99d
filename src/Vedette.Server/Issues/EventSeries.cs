using Vedette.Tracker.Search;
using Vedette.Wire.Json;

namespace Vedette.Server.Issues;

/// <summary>How many events each step of a span of time saw: one point a step, also where nothing happened.</summary>
internal sealed record EventSeries(BucketSpan Buckets, IEnumerable<Bucket> Counted)
{
    /// <summary>Pairs of unix second and number.</summary>
    public void Write(StableJsonWriter json)
    {
        var times = new long[Buckets.Count];
        foreach (var bucket in Counted)
            times[(bucket.Start - Buckets.From) / Buckets.Step] += bucket.Times;

        json.StartArray();
        for (var i = 0; i < times.Length; i++)
        {
            json.StartArray();
            json.Value(Buckets.From + (i * Buckets.Step));
            json.Value(times[i]);
            json.EndArray();
        }

        json.EndArray();
    }
}
