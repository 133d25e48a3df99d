using Vedette.Server.Authorization;
using Vedette.Tests.Harness;
using Vedette.Tests.Server.Issues;
using Vedette.Wire.Json;
using Xunit;

namespace Vedette.Tests.Server.DeliveryLog;

public sealed class DeliveryListTests
{
    private const string List = "/api/vedette/organizations/default/deliveries/";

    /// <summary>For tests that move the clock while attempts may be under way.</summary>
    private const string Patient = ""","delivery":{"timeoutMs":30000}""";

    [Theory, EachDatabase]
    public async Task A_delivery_has_these_members(DatabaseKind database)
    {
        await using var receiver = new TestReceiver();
        await using var app = await VedetteApp.StartAsync(database, new FakeClock());
        await app.CreateAppAsync(receiver.Url, """["issue"]""");
        await app.SendAsync(TestEvents.Boom());
        await app.WaitForDeliveriesAsync(1);

        var item = (JsonMap)(await app.GetAsync(List)).List.Single()!;

        Assert.Equal(
            ["id", "state", "reason", "explanation", "event", "destination", "idempotencyKey", "replayOf", "attemptCount", "dateCreated", "dateDue", "dateFinished"],
            item.Members.Select(member => member.Key));
        Assert.Equal(("1", "delivered", "delivered", null, null), (item.Text("id"), item.Text("state"), item.Text("reason"), item.Text("replayOf"), item.Text("dateDue")));
        Assert.Equal(("delivered", "Delivered in 0 ms on attempt 1."), (item.Map("explanation")!.Text("code"), item.Map("explanation")!.Text("text")));
        Assert.Equal(("issue.created", "1", "1", "group"), (item.Map("event")!.Text("name"), item.Map("event")!.Text("project"), item.Map("event")!.Text("issue"), item.Map("event")!.Text("subjectType")));
        Assert.Equal(("1", receiver.Url, "app", "active"), (item.Map("destination")!.Text("id"), item.Map("destination")!.Text("url"), item.Map("destination")!.Text("kind"), item.Map("destination")!.Text("state")));
        Assert.Equal(receiver.Requests[0].Header("Idempotency-Key"), item.Text("idempotencyKey"));
        Assert.Equal(receiver.Requests[0].Json.Map("installation")!.Text("uuid"), item.Map("destination")!.Text("uuid"));
        Assert.Equal("2026-03-01T12:00:00.000000Z", item.Text("dateFinished"));
    }

    [Theory, EachDatabase]
    public async Task One_delivery_shows_all_its_attempts_with_whole_bodies(DatabaseKind database)
    {
        var clock = new FakeClock();
        var long20K = new string('x', 20_000);
        await using var receiver = new TestReceiver
        {
            Behaviour = async (_, stream, ct) =>
            {
                await stream.WriteAsync(System.Text.Encoding.ASCII.GetBytes($"HTTP/1.1 500 Oops\r\nContent-Length: 20000\r\n\r\n{long20K}"), ct);
                return true;
            },
        };
        await using var app = await VedetteApp.StartAsync(database, clock);
        await app.CreateAppAsync(receiver.Url, """["error"]""", Patient);
        await app.SendAsync(TestEvents.Boom());
        await app.WaitForAttemptsAsync(1);
        receiver.Behaviour = TestReceiver.Status(200);
        await clock.AdvanceUntilAsync(TimeSpan.FromMilliseconds(50), () => receiver.Requests.Count == 2, "the second attempt");
        await app.WaitForDeliveriesAsync(1);

        var detail = (await app.GetAsync($"{List}1/")).Map;
        var attempts = detail.List("attempts")!.Cast<JsonMap>().ToList();

        Assert.Equal(receiver.Requests[0].Text, detail.Text("requestBody"));
        Assert.Equal(2.0, detail["attemptCount"]);
        Assert.Equal([(1.0, "server_error", "HTTP 500", 500.0), (2.0, "delivered", "HTTP 200", 200.0)], attempts.Select(a => (a["number"], a.Text("outcome"), a.Text("reason"), a["statusCode"])).Select(a => ((double)a.Item1!, a.Item2, a.Item3, (double)a.Item4!)));
        Assert.Equal(receiver.Requests.Select(r => r.Header("Request-ID")), attempts.Select(a => a.Text("requestId")));
        Assert.Equal(new string('x', 16 * 1024), attempts[0].Text("responseBody"));
        Assert.Equal(receiver.Requests[0].Header("Sentry-Hook-Signature"), attempts[0].Map("requestHeaders")!.Text("Sentry-Hook-Signature"));
        Assert.Null(attempts[1].Text("responseBody"));
        Assert.Equal(404, (await app.GetAsync($"{List}2/")).Status);
        Assert.Equal(404, (await app.GetAsync($"{List}nonsense/")).Status);
    }

    [Theory, EachDatabase]
    public async Task It_is_filtered(DatabaseKind database)
    {
        var clock = new FakeClock();
        await using var good = new TestReceiver();
        await using var bad = new TestReceiver { Behaviour = TestReceiver.Status(410) };
        await using var app = await VedetteApp.StartAsync(database, clock);
        await app.CreateAppAsync(good.Url, more: Patient);
        await app.CreateAppAsync(bad.Url, """["issue"]""", Patient);
        await app.SendMessagesAsync("one", "two");
        await app.SendAsync(TestEvents.Boom());
        await app.WaitForDeliveriesAsync(4);
        await app.WaitForDeliveriesAsync(3, "gone");
        var uuid = good.Requests[0].Json.Map("installation")!.Text("uuid");

        Assert.Equal(7, await CountAsync(app, ""));
        Assert.Equal(4, await CountAsync(app, "?state=delivered"));
        Assert.Equal(3, await CountAsync(app, "?state=gone"));
        Assert.Equal(0, await CountAsync(app, "?state=pending"));
        Assert.Equal(4, await CountAsync(app, "?destination=1"));
        Assert.Equal(4, await CountAsync(app, $"?destination={uuid}"));
        Assert.Equal(0, await CountAsync(app, "?destination=3"));
        Assert.Equal(6, await CountAsync(app, "?event=issue.created"));
        Assert.Equal(1, await CountAsync(app, "?event=error.created"));
        Assert.Equal(2, await CountAsync(app, "?event=1"));
        Assert.Equal(2, await CountAsync(app, "?issue=2"));
        Assert.Equal(1, await CountAsync(app, "?issue=2&state=gone"));
        Assert.Equal(5, await CountAsync(app, "?since=2026-03-01T12:00:01Z"));
        Assert.Equal(2, await CountAsync(app, "?until=2026-03-01T12:00:01.000000Z"));
        Assert.Equal(2, await CountAsync(app, "?since=2026-03-01T13:00:01%2B01:00&until=2026-03-01%2012:00:02"));
        Assert.Equal(0, await CountAsync(app, "?since=2026-03-02"));
        Assert.Equal(7, await CountAsync(app, "?state=&destination=&event=&issue=&since=&until=&cursor="));
    }

    [Theory, EachDatabase]
    public async Task It_is_paged_newest_first_and_back(DatabaseKind database)
    {
        await using var receiver = new TestReceiver();
        await using var app = await VedetteApp.StartAsync(database, new FakeClock());
        await app.CreateAppAsync(receiver.Url, """["issue"]""", Patient);
        await app.SendMessagesAsync("one", "two", "three");
        await app.SendMessagesAsync("four", "five");
        await app.WaitForDeliveriesAsync(5);

        var first = await app.GetAsync($"{List}?per_page=2&state=delivered");
        var second = await app.GetAsync(Link(first, 1));
        var third = await app.GetAsync(Link(second, 1));
        var back = await app.GetAsync(Link(third, 0));

        Assert.Equal(["5", "4", "3", "2", "1"], Ids(first).Concat(Ids(second)).Concat(Ids(third)));
        Assert.Equal(Ids(second), Ids(back));
        Assert.Contains("rel=\"next\"; results=\"false\"", third.Headers.GetValues("Link").Single(), StringComparison.Ordinal);
        Assert.Contains("rel=\"previous\"; results=\"false\"", first.Headers.GetValues("Link").Single(), StringComparison.Ordinal);
        Assert.Equal(400, (await app.GetAsync($"{List}?cursor=nonsense")).Status);
    }

    [Theory]
    [InlineData("state=lost", """{"state":["Must be one of: pending, delivered, exhausted, gone, held, cancelled."]}""")]
    [InlineData("event=issue", """{"event":["Must be the name of an event, such as issue.created, or its number."]}""")]
    [InlineData("issue=DEFAULT-1", """{"issue":["Must be a number."]}""")]
    [InlineData("since=now", """{"since":["Must be an instant such as 2026-03-01T12:00:00Z."]}""")]
    [InlineData("until=17", """{"until":["Must be an instant such as 2026-03-01T12:00:00Z."]}""")]
    public async Task What_it_cannot_understand_it_refuses(string query, string answer)
    {
        await using var app = await VedetteApp.StartAsync();

        Assert.Equal((400, answer), await app.AskAsync(HttpMethod.Get, $"{List}?{query}", $"Bearer {app.FirstStart.Token}"));
    }

    [Fact]
    public async Task Outsiders_see_nothing_not_even_that_it_is_there()
    {
        await using var receiver = new TestReceiver();
        await using var app = await VedetteApp.StartAsync(time: new FakeClock());
        await app.CreateAppAsync(receiver.Url, """["issue"]""");
        await app.SendAsync(TestEvents.Boom());
        await app.WaitForDeliveriesAsync(1);
        await app.AddOrganizationAsync("other");
        var outsider = await app.AddPersonAsync("outsider@other.example", "other", MemberRole.Owner);
        var member = await app.AddPersonAsync("member@acme.example", "default", MemberRole.Member);
        var narrow = await app.AddPersonAsync("narrow@acme.example", "default", MemberRole.Owner, "org:read");

        foreach (var path in new[] { List, $"{List}1/", "/api/vedette/organizations/default/explain/?event=1&destination=1" })
        {
            Assert.Equal(404, (await app.GetAsync(path, outsider)).Status);
            Assert.Equal(200, (await app.GetAsync(path, member)).Status);
            Assert.Equal(403, (await app.GetAsync(path, narrow)).Status);
            Assert.Equal(401, (await app.GetAsync(path, "")).Status);
        }

        Assert.Empty((await app.GetAsync(List.Replace("default", "other", StringComparison.Ordinal), outsider)).List);
        Assert.Equal(404, (await app.GetAsync($"{List.Replace("default", "other", StringComparison.Ordinal)}1/", outsider)).Status);
        Assert.Equal(404, (await app.GetAsync("/api/vedette/organizations/other/explain/?event=1&destination=1", outsider)).Status);
    }

    /// <summary>A list that walks over everything is noticed when it is too late.</summary>
    [Theory]
    [InlineData("y.organization_id = 1", "delivery_by_organization")]
    [InlineData("y.organization_id = 1 and y.destination_id = 1", "delivery_by_destination")]
    [InlineData("y.organization_id = 1 and y.state = 'gone' and y.state not in ('pending', 'delivered')", "delivery_not_delivered")]
    [InlineData("y.organization_id = 1 and e.issue_id = 1 and e.issue_id is not null", "hook_event_by_issue")]
    public async Task The_database_has_an_index_for_it(string condition, string index)
    {
        await using var app = await VedetteApp.StartAsync();

        var plan = await app.Database.ReadAsync(session => session.ListAsync<Step>(
            $"explain query plan select y.id from delivery y join hook_event e on e.id = y.hook_event_id where {condition} order by y.created_at desc, y.id desc limit 10"),
            CancellationToken.None);

        Assert.Contains(index, string.Join('\n', plan.Select(step => step.Detail)), StringComparison.Ordinal);
    }

    private static async Task<int> CountAsync(VedetteApp app, string query) => (await app.GetAsync(List + query)).List.Count;

    private static IEnumerable<string?> Ids(ApiAnswer page) => page.List.Cast<JsonMap>().Select(item => item.Text("id"));

    private static string Link(ApiAnswer page, int which)
    {
        var link = page.Headers.GetValues("Link").Single().Split(", ")[which];
        return link[1..link.IndexOf('>', StringComparison.Ordinal)];
    }

    private sealed record Step
    {
        public string Detail { get; init; } = "";
    }
}
