using Vedette.Server.Authorization;
using Vedette.Tests.Harness;
using Vedette.Tests.Server.Issues;
using Vedette.Wire.Json;
using Xunit;

namespace Vedette.Tests.Server.DeliveryLog;

public sealed class RequestLogTests
{
    private const string Spelt = "yyyy-MM-dd'%20'HH:mm:ss";

    [Theory, EachDatabase]
    public async Task A_success_has_these_members(DatabaseKind database)
    {
        await using var receiver = new TestReceiver();
        await using var app = await VedetteApp.StartAsync(database, new FakeClock());
        var bridge = await app.CreateAppAsync(receiver.Url);

        await app.SendAsync(TestEvents.Boom());
        await app.WaitForDeliveriesAsync(2);
        var log = await app.GetAsync(Path(bridge));
        var sent = receiver.Requests.Single(request => request.Event == "issue.created");
        var item = log.List.Cast<JsonMap>().Single(item => item.Text("eventType") == "issue.created");

        Assert.Equal(2, log.List.Count);
        Assert.Equal(
            ["webhookUrl", "sentryAppSlug", "eventType", "date", "responseCode", "requestId", "idempotencyKey", "subjectId", "subjectType", "durationMs"],
            item.Members.Select(member => member.Key));
        Assert.Equal((receiver.Url, bridge.Text("slug"), "2026-03-01T12:00:00.000000Z"), (item.Text("webhookUrl"), item.Text("sentryAppSlug"), item.Text("date")));
        Assert.Equal((200.0, 0.0, "1", "group"), (item["responseCode"], item["durationMs"], item["subjectId"], item["subjectType"]));
        Assert.Equal((sent.Header("Request-ID"), sent.Header("Idempotency-Key")), (item.Text("requestId"), item.Text("idempotencyKey")));
        Assert.Equal("event", log.List.Cast<JsonMap>().Single(other => other != item).Text("subjectType"));
    }

    [Theory, EachDatabase]
    public async Task A_failure_also_tells_what_was_said_on_both_sides(DatabaseKind database)
    {
        await using var receiver = new TestReceiver { Behaviour = TestReceiver.Status(500, "Sentry-Hook-Error: d5111da2c28645c5889d072017e3445d", "Sentry-Hook-Project: 17") };
        await using var app = await VedetteApp.StartAsync(database, new FakeClock());
        var bridge = await app.CreateAppAsync(receiver.Url, """["error"]""");

        await app.SendAsync("""{"exception":{"values":[{"type":"E","value":"Größe 😀"}]}}""");
        await app.WaitForAttemptsAsync(1);
        var item = (await ListAsync(app, bridge)).Single();
        var sent = receiver.Requests[0];

        Assert.Equal(500.0, item["responseCode"]);
        Assert.Equal(("17", "d5111da2c28645c5889d072017e3445d", "ok"), (item.Text("project_id"), item.Text("error_id"), item.Text("response_body")));
        Assert.Equal(string.Concat(sent.Text.EnumerateRunes().Take(1024)), item.Text("request_body"));
        Assert.True(sent.Text.Length > 1024);
        Assert.Equal(sent.Header("Sentry-Hook-Signature"), item.Map("request_headers")!.Text("Sentry-Hook-Signature"));
        Assert.Equal("application/json", item.Map("request_headers")!.Text("Content-Type"));
    }

    [Theory, EachDatabase]
    public async Task A_timeout_is_0_and_no_connection_is_minus_1(DatabaseKind database)
    {
        var clock = new FakeClock();
        await using var receiver = new TestReceiver { Behaviour = TestReceiver.Hang };
        await using var app = await VedetteApp.StartAsync(database, clock);
        var slow = await app.CreateAppAsync(receiver.Url, """["error"]""");
        var deaf = await app.CreateAppAsync($"http://127.0.0.1:{FreePort.Find()}/", """["error"]""");

        await app.SendAsync(TestEvents.Boom());
        await receiver.WaitForAsync(1);
        await app.WaitForAttemptsAsync(1);
        await clock.AdvanceUntilAsync(TimeSpan.FromMilliseconds(100), async () => (await ListAsync(app, slow)).Count > 0, "the timeout");

        var timeout = (await ListAsync(app, slow))[^1];
        var refused = (await ListAsync(app, deaf))[^1];
        Assert.Equal((0.0, 1000.0), (timeout["responseCode"], timeout["durationMs"]));
        Assert.Equal((-1.0, null), (refused["responseCode"], refused["durationMs"]));
        Assert.All([timeout, refused], item => Assert.Null(item.Text("response_body")));
        Assert.All([timeout, refused], item => Assert.StartsWith("{\"action\":\"created\"", item.Text("request_body"), StringComparison.Ordinal));
    }

    [Theory, EachDatabase]
    public async Task It_is_filtered(DatabaseKind database)
    {
        var clock = new FakeClock();
        var start = clock.GetUtcNow();
        await using var receiver = new TestReceiver
        {
            Behaviour = (request, stream, ct) => TestReceiver.Status(request.Event == "error.created" ? 404 : 302)(request, stream, ct),
        };
        await using var app = await VedetteApp.StartAsync(database, clock, ("VEDETTE_RETRY_SCHEDULE", "48h"));
        var bridge = await app.CreateAppAsync(receiver.Url);
        await app.SendAsync(TestEvents.Boom());
        await app.WaitForAttemptsAsync(2);
        clock.Advance(TimeSpan.FromSeconds(10.5));
        await app.SendAsync(TestEvents.Boom());
        await app.WaitForAttemptsAsync(3);

        Assert.Equal([404.0, 404.0, 302.0], (await ListAsync(app, bridge)).Select(item => item["responseCode"]).OrderDescending());
        Assert.Equal(start.AddSeconds(10.5), DateTimeOffset.Parse((await ListAsync(app, bridge))[0].Text("date")!, System.Globalization.CultureInfo.InvariantCulture));
        Assert.Equal(2, (await ListAsync(app, bridge, "?errorsOnly=true")).Count);
        Assert.Equal(3, (await ListAsync(app, bridge, "?errorsOnly=0&eventType=&start=&end=&organizationSlug=")).Count);
        Assert.Equal(302.0, (await ListAsync(app, bridge, "?eventType=issue.created")).Single()["responseCode"]);
        Assert.Empty(await ListAsync(app, bridge, "?eventType=issue.created&errorsOnly=true"));
        Assert.Equal(3, (await ListAsync(app, bridge, "?organizationSlug=default")).Count);
        Assert.Single(await ListAsync(app, bridge, $"?start={start.AddSeconds(1).ToString(Spelt)}"));
        Assert.Single(await ListAsync(app, bridge, $"?start={start.AddSeconds(10).ToString(Spelt)}&end={start.AddSeconds(10).ToString(Spelt)}"));
        Assert.Equal(2, (await ListAsync(app, bridge, $"?end={start.AddSeconds(9).ToString(Spelt)}")).Count);
        await app.AddOrganizationAsync("other");
        Assert.Empty(await ListAsync(app, bridge, "?organizationSlug=other"));
    }

    [Fact]
    public async Task What_is_older_than_30_days_is_not_shown()
    {
        var clock = new FakeClock();
        await using var receiver = new TestReceiver();
        await using var app = await VedetteApp.StartAsync(time: clock);
        var bridge = await app.CreateAppAsync(receiver.Url, """["error"]""");
        await app.SendAsync(TestEvents.Boom());
        await app.WaitForDeliveriesAsync(1);

        clock.Advance(TimeSpan.FromDays(29));
        Assert.Single(await ListAsync(app, bridge));
        clock.Advance(TimeSpan.FromDays(2));
        Assert.Empty(await ListAsync(app, bridge));
        Assert.Empty(await ListAsync(app, bridge, "?start=2020-01-01%2000:00:00"));
    }

    [Fact]
    public async Task At_most_the_newest_hundred_are_shown()
    {
        var clock = new FakeClock();
        await using var receiver = new TestReceiver();
        await using var app = await VedetteApp.StartAsync(time: clock);
        var bridge = await app.CreateAppAsync(receiver.Url, """["error"]""");
        for (var i = 1; i <= 101; i++)
        {
            await app.SendAsync(TestEvents.Boom());
            await app.WaitForDeliveriesAsync(i);
            clock.Advance(TimeSpan.FromSeconds(1));
        }

        var log = await ListAsync(app, bridge);

        Assert.Equal(100, log.Count);
        Assert.Equal("2026-03-01T12:01:40.000000Z", log[0].Text("date"));
        Assert.Equal("2026-03-01T12:00:01.000000Z", log[^1].Text("date"));
    }

    [Theory]
    [InlineData("eventType=nonsense", """{"eventType":["\"nonsense\" is not a valid choice."]}""")]
    [InlineData("errorsOnly=perhaps", """{"errorsOnly":["Must be a valid boolean."]}""")]
    [InlineData("organizationSlug=nowhere", """{"detail":"Invalid organization."}""")]
    [InlineData("start=yesterday", """{"start":["Datetime has wrong format. Use one of these formats instead: YYYY-MM-DD hh:mm:ss."]}""")]
    [InlineData("end=2026-02-30%2000:00:00", """{"end":["Datetime has wrong format. Use one of these formats instead: YYYY-MM-DD hh:mm:ss."]}""")]
    [InlineData("start=2026-02-28%2000:00:01&end=2026-02-28%2000:00:00", """{"non_field_errors":["Invalid timestamp (start must be before end)."]}""")]
    public async Task What_it_cannot_understand_it_refuses(string query, string answer)
    {
        await using var app = await VedetteApp.StartAsync(time: new FakeClock());
        var bridge = await app.CreateAppAsync("https://bridge.example/");

        Assert.Equal((400, answer), await app.AskAsync(HttpMethod.Get, $"{Path(bridge)}?{query}", $"Bearer {app.FirstStart.Token}"));
    }

    [Fact]
    public async Task Members_see_internal_apps_and_outsiders_nothing()
    {
        await using var receiver = new TestReceiver();
        await using var app = await VedetteApp.StartAsync(time: new FakeClock());
        var bridge = await app.CreateAppAsync(receiver.Url, """["error"]""");
        await app.AddOrganizationAsync("other");
        var member = await app.AddPersonAsync("member@acme.example", "default", MemberRole.Member);
        var manager = await app.AddPersonAsync("manager@acme.example", "default", MemberRole.Manager);
        var narrow = await app.AddPersonAsync("narrow@acme.example", "default", MemberRole.Owner, "event:read");
        var outsider = await app.AddPersonAsync("outsider@other.example", "other", MemberRole.Owner);
        await app.SendAsync(TestEvents.Boom());
        await app.WaitForDeliveriesAsync(1);

        Assert.Equal(200, (await app.GetAsync(Path(bridge), member)).Status);
        Assert.Equal(403, (await app.GetAsync(Path(bridge), narrow)).Status);
        Assert.Equal(401, (await app.GetAsync(Path(bridge), "")).Status);
        Assert.Equal(
            (403, """{"detail":"User must be in the app owner's organization for unpublished apps","context":{"user_organizations":["other"]}}"""),
            await app.AskAsync(HttpMethod.Get, Path(bridge), $"Bearer {outsider}"));
        Assert.Equal(404, (await app.GetAsync("/api/0/sentry-apps/nonsense/requests/")).Status);

        await app.ExecuteAsync("update app set status = 'published'");
        Assert.Equal(403, (await app.GetAsync(Path(bridge), member)).Status);
        var item = (JsonMap)(await app.GetAsync(Path(bridge), manager)).List.Single()!;
        Assert.Equal(("default", 1.0), (item.Map("organization")!.Text("slug"), item.Map("organization")!["id"]));
    }

    [Fact]
    public async Task Both_names_answer_alike_and_only_to_GET()
    {
        await using var receiver = new TestReceiver();
        await using var app = await VedetteApp.StartAsync(time: new FakeClock());
        var bridge = await app.CreateAppAsync(receiver.Url, """["error"]""");
        await app.SendAsync(TestEvents.Boom());
        await app.WaitForDeliveriesAsync(1);
        var other = Path(bridge).Replace("/webhook-requests/", "/requests/", StringComparison.Ordinal);
        var bearer = $"Bearer {app.FirstStart.Token}";

        Assert.Equal(await app.AskAsync(HttpMethod.Get, Path(bridge), bearer), await app.AskAsync(HttpMethod.Get, other, bearer));
        Assert.Equal((405, """{"detail":"Method \"POST\" not allowed."}"""), await app.AskAsync(HttpMethod.Post, other, bearer, "{}"));
        Assert.Equal(405, (await app.AskAsync(HttpMethod.Post, Path(bridge), bearer, "{}")).Status);
    }

    private static string Path(JsonMap app) => $"/api/0/sentry-apps/{app.Text("slug")}/webhook-requests/";

    private static async Task<List<JsonMap>> ListAsync(VedetteApp app, JsonMap bridge, string query = "") =>
        [.. (await app.GetAsync(Path(bridge) + query)).List.Cast<JsonMap>()];
}
