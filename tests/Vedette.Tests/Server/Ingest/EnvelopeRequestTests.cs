using System.Net;
using Vedette.Tests.Harness;
using Xunit;

namespace Vedette.Tests.Server.Ingest;

/// <summary>What an envelope may hold, and what becomes of it.</summary>
public sealed class EnvelopeRequestTests(IngestServer server) : IClassFixture<IngestServer>
{
    private const string Malformed = "malformed envelope";
    private const string Nil = "00000000000000000000000000000000";
    private const string Dashed = "0F2C5A4B-E8D1-4C6F-9A3B-7D1E5C8F0A21";

    private readonly VedetteApp app = server.App;

    [Theory]
    [InlineData("", "the body is empty")]
    [InlineData("\n", "envelope header: empty input")]
    [InlineData("[]", "envelope header: the line is not a JSON object")]
    [InlineData("7\n", "envelope header: the line is not a JSON object")]
    [InlineData("{}\n\r\n", "item 1 at byte 3: empty input")]
    [InlineData("{}\n[]\n{}", "item 1 at byte 3: the line is not a JSON object")]
    [InlineData("{}\n{}\n{}", "item 1 at byte 3: the item header has no string \"type\"")]
    [InlineData("{}\n{\"type\":7}\n{}", "item 1 at byte 3: the item header has no string \"type\"")]
    [InlineData("{}\n{\"type\":\"event\",\"length\":9}\n{}", "item 1 at byte 3: \"length\" runs past the end of the body, 2 bytes are left")]
    [InlineData("{}\n{\"type\":\"event\",\"length\":1e300}\n{}", "item 1 at byte 3: \"length\" runs past the end of the body, 2 bytes are left")]
    [InlineData("{}\n{\"type\":\"event\",\"length\":-1}\n{}", "item 1 at byte 3: \"length\" is not a whole number of bytes")]
    [InlineData("{}\n{\"type\":\"event\",\"length\":1.5}\n{}", "item 1 at byte 3: \"length\" is not a whole number of bytes")]
    [InlineData("{}\n{\"type\":\"event\",\"length\":\"2\"}\n{}", "item 1 at byte 3: \"length\" is not a whole number of bytes")]
    [InlineData("{}\n{\"type\":\"event\",\"length\":1}\n{}", "item 1 at byte 3: byte 32 follows 1 bytes of payload and is not a newline")]
    [InlineData("{}\n{\"type\":\"session\"}\n{}\nrest", "item 2 at byte 25: invalid JSON at line 1, byte 1")]
    [InlineData("{\"event_id\":\"abc\"}\n", "envelope header: \"event_id\" is not 32 hex digits or a UUID")]
    [InlineData("{\"event_id\":7}\n{\"type\":\"event\"}\n{}", "envelope header: \"event_id\" is not 32 hex digits or a UUID")]
    [InlineData("{}\n{\"type\":\"event\"}\n{\"event_id\":\"{0f2c5a4be8d14c6f9a3b7d1e5c8f0a2}\"}", "event payload: \"event_id\" is not 32 hex digits or a UUID")]
    public async Task A_malformed_envelope_is_400_and_says_where(string body, string cause) =>
        IngestCalls.AssertRefused(await app.PostAsync(app.EnvelopePath, body), HttpStatusCode.BadRequest, Malformed, cause);

    [Theory]
    [InlineData("", "event: empty input")]
    [InlineData("{\"a\":", "event: invalid JSON at line 1, byte 6")]
    [InlineData("[]", "event: expected an object")]
    [InlineData("null", "event: expected an object")]
    [InlineData("\"text\"", "event: expected an object")]
    public async Task An_event_that_is_no_JSON_object_is_400(string payload, string cause) =>
        IngestCalls.AssertRefused(await app.PostAsync(app.EnvelopePath, $"{{}}\n{{\"type\":\"event\"}}\n{payload}"), HttpStatusCode.BadRequest, "invalid JSON data", cause);

    [Fact]
    public async Task More_items_than_anyone_sends_are_400()
    {
        var items = string.Concat(Enumerable.Repeat("{\"type\":\"session\"}\n{}\n", 10_001));

        var answer = await app.PostAsync(app.EnvelopePath, $"{{}}\n{items}");

        IngestCalls.AssertRefused(answer, HttpStatusCode.BadRequest, Malformed, "item 10001 at byte 220003: more than 10000 items");
    }

    [Theory]
    [InlineData(IngestCalls.Id, null, IngestCalls.Id)]
    [InlineData(null, IngestCalls.Id, IngestCalls.Id)]
    [InlineData(Dashed, null, IngestCalls.Id)]
    [InlineData(null, Dashed, IngestCalls.Id)]
    [InlineData(Dashed, IngestCalls.Id, IngestCalls.Id)]
    [InlineData(IngestCalls.Id, "11111111111111111111111111111111", IngestCalls.Id)]
    [InlineData(Nil, IngestCalls.Id, IngestCalls.Id)]
    [InlineData("00000000-0000-0000-0000-000000000000", null, null)]
    [InlineData(Nil, Nil, null)]
    [InlineData(null, null, null)]
    public async Task Ids_come_from_the_header_then_the_payload_then_the_server(string? header, string? payload, string? expected)
    {
        await using var fresh = await VedetteApp.StartAsync(DatabaseKind.Sqlite, new FakeClock());

        var answer = await fresh.PostAsync(
            fresh.EnvelopePath,
            IngestCalls.EventEnvelope(IngestCalls.Event(more: $",\"event_id\":{Quoted(payload)}"), $"{{\"event_id\":{Quoted(header)}}}"));

        IngestCalls.AssertTaken(answer, expected);
        Assert.NotEqual(Nil, answer.Map.Text("id"));
        Assert.Equal([answer.Map.Text("id")!], await fresh.ListAsync<string>("select event_id from event"));
    }

    [Theory, EachDatabase]
    public async Task A_repeated_event_id_changes_nothing_and_is_taken_again(DatabaseKind database)
    {
        await using var receiver = new TestReceiver();
        await using var fresh = await VedetteApp.StartAsync(database, new FakeClock());
        await fresh.CreateAppAsync(receiver.Url);
        var first = await fresh.PostAsync(fresh.EnvelopePath, IngestCalls.EventEnvelope(IngestCalls.Event(), $"{{\"event_id\":\"{IngestCalls.Id}\"}}"));

        var repeats = new[]
        {
            await fresh.PostAsync(fresh.EnvelopePath, IngestCalls.EventEnvelope(IngestCalls.Event(), $"{{\"event_id\":\"{IngestCalls.Id}\"}}")),
            await fresh.PostAsync(fresh.EnvelopePath, IngestCalls.EventEnvelope(IngestCalls.Event(), $"{{\"event_id\":\"{Dashed}\"}}")),
            await fresh.PostAsync(fresh.EnvelopePath, IngestCalls.EventEnvelope(IngestCalls.Event("another error"), $"{{\"event_id\":\"{IngestCalls.Id}\"}}")),
        };

        IngestCalls.AssertTaken(first, IngestCalls.Id);
        Assert.All(repeats, repeat => IngestCalls.AssertTaken(repeat, IngestCalls.Id));
        Assert.Equal([1L], await fresh.ListAsync<long>("select times_seen from issue"));
        Assert.Equal(1, await fresh.CountAsync("event"));

        // The control: another event is told, after everything that the repeats may have caused.
        IngestCalls.AssertTaken(await fresh.PostAsync(fresh.EnvelopePath, IngestCalls.EventEnvelope(IngestCalls.Event())));
        var requests = await receiver.WaitForAsync(3);
        Assert.Equal(["error.created", "error.created", "issue.created"], requests.Select(r => r.Event).Order());
        Assert.Equal(2, await fresh.CountAsync("event"));
    }

    [Fact]
    public async Task The_same_id_in_two_projects_is_two_events()
    {
        await using var fresh = await VedetteApp.StartAsync();
        var other = await fresh.AddProjectAsync("other");
        var body = IngestCalls.EventEnvelope(IngestCalls.Event(), $"{{\"event_id\":\"{IngestCalls.Id}\"}}");

        IngestCalls.AssertTaken(await fresh.PostAsync(fresh.EnvelopePath, body), IngestCalls.Id);
        IngestCalls.AssertTaken(await fresh.PostAsync($"/api/{other.Id}/envelope/?sentry_key={other.PublicKey}", body), IngestCalls.Id);

        Assert.Equal(2, await fresh.CountAsync("event"));
    }

    [Fact]
    public async Task The_second_event_of_an_envelope_is_ignored_and_counted()
    {
        await using var fresh = await VedetteApp.StartAsync();

        var answer = await fresh.PostAsync(
            fresh.EnvelopePath, $"{{}}\n{{\"type\":\"event\"}}\n{IngestCalls.Event("the first")}\n{{\"type\":\"event\"}}\nnot even JSON\n");

        IngestCalls.AssertTaken(answer);
        Assert.Equal(["InvalidOperationException: the first"], await fresh.ListAsync<string>("select title from event"));
        Assert.Equal(["event 1"], await DroppedAsync(fresh));
    }

    [Fact]
    public async Task Every_item_that_is_not_kept_is_taken_and_counted_by_type()
    {
        string[] types =
        [
            "attachment", "user_report", "transaction", "session", "sessions", "client_report", "check_in", "replay_event", "replay_recording",
            "replay_video", "profile", "profile_chunk", "log", "otel_log", "span", "trace_metric", "statsd", "metric_meta", "raw_security",
            "form_data", "unreal_report",
        ];
        await using var fresh = await VedetteApp.StartAsync();

        foreach (var type in types)
        {
            var answer = await fresh.PostAsync(fresh.EnvelopePath, $"{{}}\n{{\"type\":\"{type}\",\"length\":9}}\nnot\nJSON!\n");
            Assert.Equal((200, 0), (answer.Status, answer.Map.Count));
        }

        var mixed = await fresh.PostAsync(fresh.EnvelopePath, "{}\n{\"type\":\"session\"}\n{}\n{\"type\":\"tomorrow\"}\n{}\n{\"type\":\"SESSION\"}\n{}\n");

        Assert.Equal((200, 0), (mixed.Status, mixed.Map.Count));
        string[] expected = [.. types.Select(type => $"{type} {(type == "session" ? 2 : 1)}"), "unknown 2"];
        Assert.Equal(expected.Order(StringComparer.Ordinal), (await DroppedAsync(fresh)).Order(StringComparer.Ordinal));
        Assert.Equal(0, await fresh.CountAsync("event"));
    }

    [Theory]
    [InlineData("{}", null)]
    [InlineData("{\"future\":[1]}\n\n\n", null)]
    [InlineData("{}\n{\"type\":\"client_report\"}\n{}", null)]
    [InlineData("{\"event_id\":\"" + IngestCalls.Id + "\"}\n{\"type\":\"transaction\"}\n{}", IngestCalls.Id)]
    [InlineData("{\"event_id\":\"" + Dashed + "\"}\n{\"type\":\"attachment\",\"length\":1}\nx", IngestCalls.Id)]
    public async Task Only_what_has_an_id_is_answered_with_one(string body, string? id)
    {
        var answer = await app.PostAsync(app.EnvelopePath, body);

        Assert.Equal(200, answer.Status);
        Assert.Equal(id, answer.Map.Text("id"));
        Assert.Equal(id is null ? 0 : 1, answer.Map.Count);
    }

    [Fact]
    public async Task An_attachment_with_newlines_does_not_hide_the_event_after_it()
    {
        await using var fresh = await VedetteApp.StartAsync();

        var answer = await fresh.PostAsync(
            fresh.EnvelopePath, $"{{}}\n{{\"type\":\"attachment\",\"length\":7,\"filename\":\"a\"}}\na\nb\n\n{{}}\n{{\"type\":\"event\"}}\n{IngestCalls.Event()}");

        IngestCalls.AssertTaken(answer);
        Assert.Equal(1, await fresh.CountAsync("event"));
        Assert.Equal(["attachment 1"], await DroppedAsync(fresh));
    }

    [Theory, EachDatabase]
    public async Task What_is_answered_can_be_read_at_once(DatabaseKind database)
    {
        await using var fresh = await VedetteApp.StartAsync(database);
        var project = (await fresh.GetAsync($"/api/0/organizations/{fresh.FirstStart.Organization}/projects/")).List.Cast<Vedette.Wire.Json.JsonMap>().First();

        for (var i = 0; i < 20; i++)
        {
            var answer = await fresh.PostAsync(fresh.EnvelopePath, IngestCalls.EventEnvelope(IngestCalls.Event()));
            var read = await fresh.GetAsync($"/api/0/projects/{fresh.FirstStart.Organization}/{project.Text("slug")}/events/{answer.Map.Text("id")}/");
            Assert.Equal(200, read.Status);
            Assert.Equal(answer.Map.Text("id"), read.Map.Text("eventID"));
        }
    }

    private static string Quoted(string? id) => id is null ? "null" : $"\"{id}\"";

    private static Task<IReadOnlyList<string>> DroppedAsync(VedetteApp app) =>
        app.ListAsync<string>("select item_type || ' ' || times from dropped_item");
}
