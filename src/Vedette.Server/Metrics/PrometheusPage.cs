using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;
using Vedette.Engine;

namespace Vedette.Server.Metrics;

/// <summary>
/// The numbers of this process in Prometheus' text format (version 0.0.4), counted from the start of the process. Only
/// meters that <paramref name="factory"/> made are read, so two hosts in one process do not mix.
/// </summary>
internal sealed class PrometheusPage : IDisposable
{
    private readonly MeterListener listener = new();
    private readonly ConcurrentDictionary<Instrument, ConcurrentDictionary<string, Series>> instruments = new();

    public PrometheusPage(IMeterFactory factory)
    {
        listener.InstrumentPublished = (instrument, each) =>
        {
            if (instrument.Meter.Name != EngineMetrics.MeterName || instrument.Meter.Scope != factory)
                return;

            instruments.TryAdd(instrument, new ConcurrentDictionary<string, Series>(StringComparer.Ordinal));
            each.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Measured(instrument, value, tags));
        listener.SetMeasurementEventCallback<int>((instrument, value, tags, _) => Measured(instrument, value, tags));
        listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Measured(instrument, value, tags));
        listener.Start();
    }

    public string Write()
    {
        listener.RecordObservableInstruments();
        var text = new StringBuilder();
        foreach (var (instrument, series) in instruments.OrderBy(pair => pair.Key.Name, StringComparer.Ordinal))
        {
            var kind = KindOf(instrument);
            var name = NameOf(instrument, kind);
            text.Append(CultureInfo.InvariantCulture, $"# HELP {name} {instrument.Description}\n# TYPE {name} {TypeOf(kind)}\n");
            foreach (var (tags, values) in series.OrderBy(pair => pair.Key, StringComparer.Ordinal))
                values.Write(text, name, tags);
        }

        return text.ToString();
    }

    public void Dispose() => listener.Dispose();

    private void Measured(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        if (!instruments.TryGetValue(instrument, out var series))
            return;

        var text = TagText(tags);
        if (!series.TryGetValue(text, out var values))
            values = series.GetOrAdd(text, _ => new Series(KindOf(instrument), (instrument as Histogram<double>)?.Advice?.HistogramBucketBoundaries ?? []));
        values.Add(value);
    }

    private static string TagText(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        if (tags.Length == 0)
            return "";

        var text = new StringBuilder();
        foreach (var (name, value) in tags)
        {
            var quoted = (value?.ToString() ?? "").Replace("\\", @"\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).ReplaceLineEndings("\\n");
            text.Append(text.Length == 0 ? "" : ",").Append(name).Append("=\"").Append(quoted).Append('"');
        }

        return text.ToString();
    }

    private static SeriesKind KindOf(Instrument instrument) => instrument switch
    {
        Histogram<double> => SeriesKind.Distribution,
        { IsObservable: true } => SeriesKind.Latest,
        _ => SeriesKind.Total,
    };

    private static string TypeOf(SeriesKind kind) => kind switch
    {
        SeriesKind.Total => "counter",
        SeriesKind.Latest => "gauge",
        SeriesKind.Distribution => "histogram",
    };

    /// <summary>Dots become underscores; unit and <c>_total</c> go to the end, as Prometheus asks.</summary>
    private static string NameOf(Instrument instrument, SeriesKind kind) =>
        instrument.Name.Replace('.', '_') + (instrument.Unit == "s" ? "_seconds" : "") + (kind == SeriesKind.Total ? "_total" : "");

    private enum SeriesKind
    {
        Total,
        Latest,
        Distribution,
    }

    /// <summary>The values of one instrument under one set of tags.</summary>
    private sealed class Series(SeriesKind kind, IReadOnlyList<double> bounds)
    {
        private readonly Lock gate = new();
        private readonly long[] buckets = new long[bounds.Count];
        private double value;
        private long count;

        public void Add(double measured)
        {
            lock (gate)
            {
                count++;
                value = kind == SeriesKind.Latest ? measured : value + measured;
                for (var i = bounds.Count - 1; i >= 0 && measured <= bounds[i]; i--)
                    buckets[i]++;
            }
        }

        public void Write(StringBuilder text, string name, string tags)
        {
            lock (gate)
            {
                if (kind != SeriesKind.Distribution)
                {
                    Line(text, name, tags, value);
                    return;
                }

                var more = tags.Length == 0 ? "" : $"{tags},";
                for (var i = 0; i < bounds.Count; i++)
                    Line(text, $"{name}_bucket", string.Create(CultureInfo.InvariantCulture, $"{more}le=\"{bounds[i]}\""), buckets[i]);
                Line(text, $"{name}_bucket", $"{more}le=\"+Inf\"", count);
                Line(text, $"{name}_sum", tags, value);
                Line(text, $"{name}_count", tags, count);
            }
        }

        private static void Line(StringBuilder text, string name, string tags, double value)
        {
            text.Append(name);
            if (tags.Length > 0)
                text.Append('{').Append(tags).Append('}');
            text.Append(CultureInfo.InvariantCulture, $" {value}\n");
        }
    }
}
