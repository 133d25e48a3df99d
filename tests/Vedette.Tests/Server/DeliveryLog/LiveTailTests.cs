using System.Diagnostics;
using System.Net.Http.Headers;
using System.Text;
using Vedette.Server.Authorization;
using Vedette.Tests.Harness;
using Vedette.Tests.Server.Issues;
using Vedette.Wire.Json;
using Xunit;

namespace Vedette.Tests.Server.DeliveryLog;

public sealed class LiveTailTests
{
    /// <summary>The clock moves while attempts may be under way.</summary>
    private const string Patient = ""","delivery":{"timeoutMs":30000}""";

    [Theory, EachDatabase]
    public async Task Each_attempt_is_an_event_from_now_on(DatabaseKind database)
    {
        var clock = new FakeClock();
        await using var receiver = new TestReceiver();
        await using var app = await VedetteApp.StartAsync(database, clock);
        await app.CreateAppAsync(receiver.Url, """["error"]""", Patient);
        await app.SendAsync(TestEvents.Boom());
        await app.WaitForDeliveriesAsync(1);

        using var tail = await Tail.OpenAsync(app);
        receiver.Behaviour = TestReceiver.Status(500);
        await app.SendAsync(TestEvents.Boom());
        await app.WaitForAttemptsAsync(2);
        var (kind, id, data) = await tail.NextAsync(clock);

        Assert.Equal("text/event-stream", tail.ContentType);
        Assert.Equal(("attempt", "2"), (kind, id));
        Assert.Equal(
            ["id", "delivery", "event", "eventName", "issue", "destination", "url", "number", "date", "durationMs", "outcome", "reason", "statusCode", "requestId"],
            data.Members.Select(member => member.Key));
        Assert.Equal(("2", "2", "error.created", "server_error", "HTTP 500"), (data.Text("delivery"), data.Text("event"), data.Text("eventName"), data.Text("outcome"), data.Text("reason")));
        Assert.Equal(receiver.Requests[1].Header("Request-ID"), data.Text("requestId"));

        receiver.Behaviour = TestReceiver.Status(200);
        var (_, nextId, next) = await tail.NextAsync(clock);
        Assert.Equal(("3", "delivered", 2.0), (nextId, next.Text("outcome"), next["number"]));
    }

    [Theory, EachDatabase]
    public async Task Who_comes_back_is_told_what_was_missed(DatabaseKind database)
    {
        var clock = new FakeClock();
        await using var receiver = new TestReceiver();
        await using var app = await VedetteApp.StartAsync(database, clock);
        await app.CreateAppAsync(receiver.Url, """["issue"]""", Patient);
        await app.SendMessagesAsync("one", "two", "three");
        await app.WaitForDeliveriesAsync(3);

        using var tail = await Tail.OpenAsync(app, lastEventId: "1");

        Assert.Equal(["2", "3"], [(await tail.NextAsync(clock)).Id, (await tail.NextAsync(clock)).Id]);
    }

    [Fact]
    public async Task Only_the_own_organizations_attempts_are_told()
    {
        var clock = new FakeClock();
        await using var receiver = new TestReceiver();
        await using var app = await VedetteApp.StartAsync(time: clock);
        await app.CreateAppAsync(receiver.Url, """["issue"]""", Patient);
        await app.AddOrganizationAsync("other");
        var outsider = await app.AddPersonAsync("outsider@other.example", "other", MemberRole.Owner);
        await app.SendAsync(TestEvents.Boom());
        await app.WaitForDeliveriesAsync(1);
        await app.SendMessagesAsync("ours");
        await app.WaitForDeliveriesAsync(2);
        await app.ExecuteAsync("update delivery set organization_id = 2 where id = 2");

        using var ours = await Tail.OpenAsync(app, lastEventId: "0");
        using var theirs = await Tail.OpenAsync(app, "other", outsider, "0");

        Assert.Equal("1", (await ours.NextAsync(clock)).Id);
        Assert.Equal("2", (await theirs.NextAsync(clock)).Id);
        Assert.Equal(404, (await app.GetAsync("/api/vedette/organizations/default/deliveries/live/", outsider)).Status);
        Assert.Equal(401, (await app.GetAsync("/api/vedette/organizations/default/deliveries/live/", "")).Status);
    }

    [Fact]
    public async Task A_member_who_is_removed_hears_no_more()
    {
        var clock = new FakeClock();
        await using var receiver = new TestReceiver();
        await using var app = await VedetteApp.StartAsync(time: clock);
        await app.CreateAppAsync(receiver.Url, """["error"]""", Patient);
        var member = await app.AddPersonAsync("member@example.org", "default", MemberRole.Member);
        using var tail = await Tail.OpenAsync(app, token: member);
        await app.SendAsync(TestEvents.Boom());
        await app.WaitForDeliveriesAsync(1);
        Assert.Equal("1", (await tail.NextAsync(clock)).Id);

        Assert.Equal(204, (await app.ApiAsync(HttpMethod.Delete, "/api/0/organizations/default/members/me/", token: member)).Status);
        clock.Advance(TimeSpan.FromSeconds(1));
        await app.SendAsync(TestEvents.Boom());
        await app.WaitForDeliveriesAsync(2);

        var hasEnded = tail.HasEndedAsync();
        await clock.AdvanceUntilAsync(TimeSpan.FromMilliseconds(50), () => hasEnded.IsCompleted, "the end of the stream");
        Assert.True(await hasEnded);
    }

    [Theory, EachDatabase]
    public async Task Attempts_are_told_although_those_of_a_deleted_organization_had_the_highest_numbers(DatabaseKind database)
    {
        var clock = new FakeClock();
        await using var receiver = new TestReceiver();
        await using var app = await VedetteApp.StartAsync(database, clock);
        await app.CreateAppAsync(receiver.Url, """["error"]""", Patient);
        await app.AddOrganizationAsync("other");
        var (project, key) = await app.AddProjectAsync("other", "theirs");
        var owner = await app.AddPersonAsync("owner@other.example", "other", MemberRole.Owner);
        Assert.Equal(201, (await app.ApiAsync(HttpMethod.Post, "/api/0/sentry-apps/", $$$"""
            {"name":"Theirs","organization":"other","isInternal":true,"scopes":["event:read"],"events":["error"],"webhookUrl":"{{{receiver.Url}}}","delivery":{"timeoutMs":30000}}
            """, owner)).Status);
        for (var i = 1; i <= 3; i++)
        {
            await app.SendAsync(TestEvents.Boom());
            await app.WaitForDeliveriesAsync(i);
        }

        using var tail = await Tail.OpenAsync(app, "other", owner);
        await app.ApiAsync(HttpMethod.Delete, "/api/0/organizations/default/");
        await clock.AdvanceUntilAsync(TimeSpan.FromSeconds(1), async () => await app.CountAsync("organization") == 1, "the end of the organization");

        // Reading lets the clock run, and the tail looks every second.
        var (began, reading) = (clock.GetUtcNow(), tail.NextAsync(clock));
        await Poll.UntilAsync(() => clock.GetUtcNow() > began + TimeSpan.FromSeconds(5), "that the tail has looked");
        using var sent = await app.Client.PostAsync(
            new Uri($"/api/{project}/envelope/?sentry_key={key}", UriKind.Relative),
            new StringContent("{}\n{\"type\":\"event\"}\n{\"level\":\"error\",\"exception\":{\"values\":[{\"type\":\"E\"}]}}"));

        Assert.Equal(200, (int)sent.StatusCode);
        Assert.Equal("error.created", (await reading).Data.Text("eventName"));
    }

    [Fact]
    public async Task A_server_that_stops_does_not_wait_for_listeners()
    {
        await using var app = await VedetteApp.StartAsync();
        using var tail = await Tail.OpenAsync(app);
        var began = Stopwatch.GetTimestamp();

        await app.RestartAsync();

        Assert.True(await tail.HasEndedAsync());
        Assert.InRange(Stopwatch.GetElapsedTime(began), TimeSpan.Zero, TimeSpan.FromSeconds(20));
    }

    /// <summary>A listener.</summary>
    private sealed class Tail(HttpResponseMessage response, StreamReader reader) : IDisposable
    {
        public string? ContentType => response.Content.Headers.ContentType?.MediaType;

        /// <summary>Returns when the headers are there.</summary>
        public static async Task<Tail> OpenAsync(VedetteApp app, string organization = "default", string? token = null, string? lastEventId = null)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, $"/api/vedette/organizations/{organization}/deliveries/live/");
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token ?? app.FirstStart.Token);
            if (lastEventId is not null)
                request.Headers.Add("Last-Event-ID", lastEventId);
            var response = await app.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
            Assert.Equal(200, (int)response.StatusCode);
            return new Tail(response, new StreamReader(await response.Content.ReadAsStreamAsync(), Encoding.UTF8));
        }

        public async Task<(string Kind, string Id, JsonMap Data)> NextAsync(FakeClock clock)
        {
            var reading = ReadAsync();
            await clock.AdvanceUntilAsync(TimeSpan.FromMilliseconds(50), () => reading.IsCompleted, "the next event");
            return await reading;
        }

        public async Task<bool> HasEndedAsync() => await reader.ReadLineAsync() is null;

        public void Dispose()
        {
            reader.Dispose();
            response.Dispose();
        }

        private async Task<(string Kind, string Id, JsonMap Data)> ReadAsync()
        {
            var (kind, id, data) = ("", "", new JsonMap());
            while (await reader.ReadLineAsync() is { Length: > 0 } line)
            {
                var (name, value) = (line[..line.IndexOf(':', StringComparison.Ordinal)], line[(line.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim());
                if (name == "event")
                    kind = value;
                else if (name == "id")
                    id = value;
                else if (name == "data" && LenientJson.TryParse(Encoding.UTF8.GetBytes(value), out var json, out _))
                    data = (JsonMap)json!;
            }

            return (kind, id, data);
        }
    }
}
