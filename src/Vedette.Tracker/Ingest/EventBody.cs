using Vedette.Wire.Json;

namespace Vedette.Tracker.Ingest;

/// <summary>The stored form of an event, in the order of <c>spec/webhooks.md</c> 2.3. Members without a value are not stored.</summary>
internal sealed class EventBody
{
    private readonly SortedDictionary<string, object?> members = new(StringComparer.Ordinal);

    public object? this[string name]
    {
        set => members[name] = value;
    }

    public static List<object?> Texts(IEnumerable<string> texts) => [.. texts];

    public static string TypeText(EventType type) => type switch
    {
        EventType.Default => "default",
        EventType.Error => "error",
        EventType.Csp => "csp",
        EventType.Feedback => "feedback",
    };

    public JsonMap Assemble(TrackedEvent tracked, long projectId)
    {
        var body = new JsonMap
        {
            ["event_id"] = tracked.EventId,
            ["project"] = (double)projectId,
            ["release"] = tracked.Release,
            ["dist"] = tracked.Dist,
            ["platform"] = tracked.Platform,
            ["message"] = tracked.Message,
            ["datetime"] = StableJsonWriter.InstantText(tracked.Timestamp),
            ["tags"] = tracked.Tags.Select(tag => (object?)new List<object?> { tag.Key, tag.Value }).ToList(),
        };
        foreach (var (name, value) in members)
        {
            if (value is not null)
                body[name] = value;
        }

        body["title"] = tracked.Title;
        body["location"] = tracked.Location;
        return body;
    }
}
