using System.Text;
using Vedette.Tracker.Ingest;
using Vedette.Wire.Json;
using Xunit;

namespace Vedette.Tests.Tracker;

/// <summary>Events as tests write them down: the payload's JSON and, where it matters, what the server knew.</summary>
internal static class Events
{
    public static readonly DateTimeOffset Received = new(2026, 3, 3, 18, 40, 12, TimeSpan.Zero);

    public static readonly EventContext Context = new()
    {
        EventId = "4c79f60c11214eb38604f4ae0781bfb2",
        Received = Received,
        SentAt = null,
        PeerAddress = "203.0.113.7",
        KeyId = "9",
        ProjectId = 12,
    };

    public static JsonMap Json(string json)
    {
        Assert.True(LenientJson.TryParse(Encoding.UTF8.GetBytes(json), out var value, out var error), error);
        return Assert.IsType<JsonMap>(value);
    }

    public static TrackedEvent Normalize(string json, EventContext? context = null) =>
        EventNormalizer.Normalize(Json(json), context ?? Context);

    public static string Text(object? value)
    {
        var writer = new StableJsonWriter();
        writer.Value(value);
        return Encoding.UTF8.GetString(writer.WrittenSpan);
    }

    public static string? Tag(this TrackedEvent tracked, string key) => tracked.Tags.SingleOrDefault(tag => tag.Key == key).Value;

    public static string Errors(this TrackedEvent tracked) =>
        string.Join(' ', (tracked.Body.List("errors") ?? []).Cast<JsonMap>().Select(e => $"{e.Text("type")}:{e.Text("name")}"));
}
