using Vedette.Tracker.Ingest;
using Xunit;

namespace Vedette.Tests.Tracker;

public sealed class EventIdTests
{
    private const string Generated = "11111111111111111111111111111111";
    private const string A = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa1";
    private const string B = "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb2";
    private const string Nil = "00000000-0000-0000-0000-000000000000";

    [Theory]
    [InlineData($$"""{"event_id":"{{A}}"}""", $$"""{"event_id":"{{B}}"}""", A)]
    [InlineData("{}", $$"""{"event_id":"{{B}}"}""", B)]
    [InlineData($$"""{"event_id":null}""", $$"""{"event_id":"{{B}}"}""", B)]
    [InlineData($$"""{"event_id":"{{Nil}}"}""", $$"""{"event_id":"{{B}}"}""", B)]
    [InlineData($$"""{"event_id":"{{Nil}}"}""", "{}", Generated)]
    [InlineData("{}", "{}", Generated)]
    [InlineData("{}", null, Generated)]
    [InlineData("{}", $$"""{"event_id":"{{EventId.Nil}}"}""", Generated)]
    [InlineData("""{"event_id":"0F2C5A4B-E8D1-4C6F-9A3B-7D1E5C8F0A21"}""", "{}", "0f2c5a4be8d14c6f9a3b7d1e5c8f0a21")]
    [InlineData("""{"event_id":"0F2C5A4BE8D14C6F9A3B7D1E5C8F0A21"}""", null, "0f2c5a4be8d14c6f9a3b7d1e5c8f0a21")]
    [InlineData($$"""{"event_id":"{{A}}"}""", """{"event_id":"nonsense"}""", A)]
    public void The_header_wins_over_the_payload_and_that_over_a_generated_id(string header, string? payload, string expected)
    {
        var chosen = EventId.TryChoose(Events.Json(header), payload is null ? null : Events.Json(payload), Generated, out var id, out var fault);

        Assert.True(chosen);
        Assert.Null(fault);
        Assert.Equal(expected, id);
    }

    [Theory]
    [InlineData("""{"event_id":"nonsense"}""", "{}", "envelope header")]
    [InlineData("""{"event_id":""}""", "{}", "envelope header")]
    [InlineData("""{"event_id":7}""", "{}", "envelope header")]
    [InlineData("""{"event_id":"0f2c5a4be8d14c6f9a3b7d1e5c8f0a2g"}""", "{}", "envelope header")]
    [InlineData("""{"event_id":"0f2c5a4b-e8d1-4c6f-9a3b7-d1e5c8f0a21"}""", "{}", "envelope header")]
    [InlineData("""{"event_id":"{0f2c5a4be8d14c6f9a3b7d1e5c8f0a}"}""", "{}", "envelope header")]
    [InlineData("""{"event_id":" 0f2c5a4be8d14c6f9a3b7d1e5c8f0a21"}""", "{}", "envelope header")]
    [InlineData("{}", """{"event_id":["a"]}""", "event payload")]
    public void An_id_that_is_none_is_a_fault(string header, string payload, string place)
    {
        var chosen = EventId.TryChoose(Events.Json(header), Events.Json(payload), Generated, out var id, out var fault);

        Assert.False(chosen);
        Assert.Null(id);
        Assert.StartsWith(place, Assert.Single(fault!.Causes), StringComparison.Ordinal);
    }
}
