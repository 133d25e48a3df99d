using System.Diagnostics.CodeAnalysis;
using Vedette.Wire.Json;

namespace Vedette.Tracker.Ingest;

/// <summary>What is kept of an envelope, ready to be stored.</summary>
/// <param name="EventId">What the sender is answered; <c>null</c> when nothing in the envelope has an id.</param>
/// <param name="Dropped">How many items of each type are taken and not kept. Types that we have never heard of count as <c>unknown</c>.</param>
public sealed record EnvelopeEvents(string? EventId, IReadOnlyList<TrackedEvent> Events, IReadOnlyDictionary<string, int> Dropped)
{
    /// <summary>Bytes of one event's JSON.</summary>
    public const int LargestEvent = 1024 * 1024;

    /// <summary>Item types that SDKs send without being asked, and that an event tracker has no use for (<c>spec/domain.md</c> 1.9).</summary>
    private static readonly HashSet<string> KnownTypes = new(StringComparer.Ordinal)
    {
        "event", "feedback", "attachment", "user_report", "transaction", "session", "sessions", "client_report", "check_in",
        "replay_event", "replay_recording", "replay_video", "profile", "profile_chunk", "log", "otel_log", "span", "trace_metric",
        "statsd", "metric_meta", "raw_security", "form_data", "unreal_report",
    };

    /// <summary>
    /// One event at most is kept; whatever else a well-formed envelope holds is counted and never a reason to refuse it.
    /// </summary>
    /// <param name="context">Its event id is the one that is used when the sender gave none.</param>
    public static bool TryRead(
        Envelope envelope, EventContext context, [NotNullWhen(true)] out EnvelopeEvents? content, [NotNullWhen(false)] out IngestFault? fault)
    {
        (content, fault) = (null, null);
        var dropped = new Dictionary<string, int>(StringComparer.Ordinal);
        JsonMap? payload = null;
        foreach (var item in envelope.Items)
        {
            if (item.Type is "event" or "feedback" && payload is null)
            {
                if (!TryParseEvent(item, out payload, out fault))
                    return false;
            }
            else
            {
                var type = KnownTypes.Contains(item.Type) ? item.Type : "unknown";
                dropped[type] = dropped.GetValueOrDefault(type) + 1;
            }
        }

        if (!Ingest.EventId.TryChoose(envelope.Header, payload, context.EventId, out var id, out fault))
            return false;

        // A session has no id, but an attachment answers with that of its event.
        var hasId = payload is not null || envelope.Header.Text("event_id") is not null;
        content = new EnvelopeEvents(
            hasId ? id : null, payload is null ? [] : [EventNormalizer.Normalize(payload, context with { EventId = id })], dropped);
        return true;
    }

    private static bool TryParseEvent(EnvelopeItem item, [NotNullWhen(true)] out JsonMap? payload, [NotNullWhen(false)] out IngestFault? fault)
    {
        (payload, fault) = (null, null);
        if (item.Payload.Length > LargestEvent)
        {
            fault = new IngestFault("the event is too large", [$"{item.Type}: at most {LargestEvent} bytes of JSON are taken"]) { IsTooLarge = true };
            return false;
        }

        if (!LenientJson.TryParse(item.Payload.Span, out var value, out var error))
            fault = new IngestFault("invalid JSON data", [$"{item.Type}: {error}"]);
        else if (value is JsonMap map)
            payload = map;
        else
            fault = new IngestFault("invalid JSON data", [$"{item.Type}: expected an object"]);
        return payload is not null;
    }
}
