using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Vedette.Server.Audit;
using Vedette.Server.ServiceHooks;
using Vedette.Tests.Harness;
using Vedette.Tests.Server.Issues;
using Vedette.Tracker.Projects;
using Vedette.Wire.Json;
using Xunit;

namespace Vedette.Tests.Server.ServiceHooks;

/// <summary>What service hooks are told, when, and what becomes of it.</summary>
public sealed class ServiceHookFiringTests
{
    private const string Deliveries = "/api/vedette/organizations/default/deliveries/";

    [Theory, EachDatabase]
    public async Task Every_attempt_is_signed_and_has_the_key_of_its_event(DatabaseKind database)
    {
        var clock = new FakeClock();
        await using var receiver = new TestReceiver { Behaviour = TestReceiver.Status(500) };
        await using var app = await VedetteApp.StartAsync(database, clock, ("VEDETTE_RETRY_SCHEDULE", "1m"));
        var hook = await app.AddHookAsync(receiver.Url);

        await app.SendAsync(TestEvents.Boom());
        await app.WaitForAttemptsAsync(1);
        receiver.Behaviour = TestReceiver.Status(200);
        clock.Advance(TimeSpan.FromSeconds(47));
        await clock.AdvanceUntilAsync(TimeSpan.FromMilliseconds(50), () => receiver.Requests.Count == 2, "the second attempt");
        await app.WaitForDeliveriesAsync(1);

        Assert.All(receiver.Requests, request =>
        {
            Assert.Equal(
                [
                    "Host", "Accept", "User-Agent", "Idempotency-Key", "X-ServiceHook-Timestamp", "X-ServiceHook-GUID", "X-ServiceHook-Signature",
                    "X-Sentry-Hook-Signature", "Content-Type", "Content-Length",
                ],
                request.Headers.Select(header => header.Key));
            Assert.Equal(hook.Text("id"), request.Header("X-ServiceHook-GUID"));

            // hmac.new(key=secret.encode("utf-8"), msg=body, digestmod=hashlib.sha256).hexdigest()
            var expected = Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(hook.Text("secret")!), request.Body));
            Assert.Equal((expected, expected), (request.Header("X-Sentry-Hook-Signature"), request.Header("X-ServiceHook-Signature")));
        });
        Assert.Single(receiver.Requests.Select(request => request.Header("Idempotency-Key")).Distinct(StringComparer.Ordinal));
        Assert.Equal("1772366400", receiver.Requests[0].Header("X-ServiceHook-Timestamp"));
        Assert.True(long.Parse(receiver.Requests[1].Header("X-ServiceHook-Timestamp")!, CultureInfo.InvariantCulture) > 1772366400);
    }

    [Theory, EachDatabase]
    public async Task A_hook_fires_once_for_each_event_of_its_project(DatabaseKind database)
    {
        await using var receiver = new TestReceiver();
        await using var app = await VedetteApp.StartAsync(database, new FakeClock());
        await app.AddProjectAsync("default", "another");
        var both = await app.AddHookAsync(receiver.Url, """["event.created","event.alert"]""");
        await app.AddHookAsync(receiver.Url, """["event.alert"]""");
        await app.AddHookAsync(receiver.Url, "[]");
        await app.AddHookAsync(receiver.Url, path: "/api/0/projects/default/another/hooks/");

        await app.SendAsync("""{"event_id":"4c79f60c11214eb38604f4ae0781bfb2","message":"no error"}""");
        await app.SendAsync("""{"event_id":"4c79f60c11214eb38604f4ae0781bfb2","message":"a repeat"}""");
        await app.SendAsync(TestEvents.Boom());
        await app.SendAsync("""{"type":"feedback","contexts":{"feedback":{"message":"I like it"}}}""");
        await app.WaitForDeliveriesAsync(3);

        Assert.All(receiver.Requests, request => Assert.Equal(both.Text("id"), request.Header("X-ServiceHook-GUID")));
        Assert.Equal(["E: boom", "no error"], receiver.Requests.Select(Title).Where(title => title is "E: boom" or "no error").Order(StringComparer.Ordinal));
        Assert.Equal(3, (await app.GetAsync(Deliveries)).List.Count);
    }

    [Theory, EachDatabase]
    public async Task Without_a_hook_nothing_is_stored_for_one(DatabaseKind database)
    {
        await using var receiver = new TestReceiver();
        await using var app = await VedetteApp.StartAsync(database, new FakeClock());
        await app.CreateAppAsync(receiver.Url, """["error"]""");

        await app.SendAsync(TestEvents.Boom());
        await app.SendAsync("""{"message":"no error"}""");
        await app.WaitForDeliveriesAsync(1);

        Assert.Equal("error", await app.Database.ReadAsync(session => session.SingleAsync<string>("select resource from hook_event"), CancellationToken.None));
    }

    [Theory, EachDatabase]
    public async Task The_payload_shows_the_issue_as_the_event_left_it_and_the_event_as_the_api_does(DatabaseKind database)
    {
        var clock = new FakeClock();
        await using var receiver = new TestReceiver();
        await using var app = await VedetteApp.StartAsync(database, clock);
        await app.AddHookAsync(receiver.Url);
        await app.SendAsync(TestEvents.Boom());
        await app.ApiAsync(HttpMethod.Put, "/api/0/organizations/default/issues/1/", """{"status":"resolved"}""");
        await app.WaitForDeliveriesAsync(1);
        clock.Advance(TimeSpan.FromMinutes(1));

        await app.SendAsync(TestEvents.Boom(""","user":{"id":"7"}"""));
        await app.WaitForDeliveriesAsync(2);

        var body = receiver.Requests[1].Json;
        var (group, sent) = (body.Map("group")!, body.Map("event")!);
        Assert.Equal(["project", "group", "event"], body.Members.Select(member => member.Key));
        Assert.Equal(("2", 1.0, "unresolved", "regressed"), (group.Text("count"), (double)group["userCount"]!, group.Text("status"), group.Text("substatus")));
        var issue = (await app.GetAsync("/api/0/organizations/default/issues/1/")).Map;
        var shown = (await app.GetAsync("/api/0/organizations/default/issues/1/events/latest/")).Map;
        string[] ofViewer = ["isBookmarked", "isSubscribed", "hasSeen"];
        Assert.All(ofViewer, name => Assert.Equal(false, group[name])); // nobody looks at a webhook, and who resolved it is subscribed
        foreach (var (name, value) in group.Members.Where(member => member.Key is not ("url" or "subscriptionDetails") && !ofViewer.Contains(member.Key, StringComparer.Ordinal)))
            Assert.Equal(Json(issue[name]), Json(value));
        foreach (var (name, value) in sent.Members.Where(member => member.Key != "url"))
            Assert.Equal(Json(shown[name]), Json(value));
        Assert.Equal($"{app.Url}/organizations/default/issues/1/", group.Text("url"));
        Assert.Equal($"{app.Url}/organizations/default/issues/1/events/{sent.Text("eventID")}/", sent.Text("url"));
    }

    [Theory, EachDatabase]
    public async Task Each_hook_gets_the_version_that_it_chose(DatabaseKind database)
    {
        await using var receiver = new TestReceiver();
        await using var app = await VedetteApp.StartAsync(database, new FakeClock());
        var nested = await app.AddHookAsync(receiver.Url);
        var flat = await app.AddHookAsync(receiver.Url, more: ""","version":1""");
        var alsoFlat = await app.AddHookAsync(receiver.Url);
        await app.ChangeHookAsync(alsoFlat, """{"version":1}""");
        await app.CreateAppAsync(receiver.Url, """["error"]""");

        await app.SendAsync(TestEvents.Boom());
        await app.WaitForDeliveriesAsync(4);

        var bodies = receiver.Requests.Where(request => request.Header("X-ServiceHook-GUID") is not null)
            .ToDictionary(request => request.Header("X-ServiceHook-GUID")!, request => request, StringComparer.Ordinal);
        Assert.True(bodies[nested.Text("id")!].Json.Contains("group"));
        Assert.Equal("default", bodies[flat.Text("id")!].Json.Text("project"));
        Assert.Equal(bodies[flat.Text("id")!].Text, bodies[alsoFlat.Text("id")!].Text);
        Assert.Equal(3, await app.Database.ReadAsync(session => session.SingleAsync<long>("select count(*) from hook_event"), CancellationToken.None));

        var events = (await app.GetAsync($"{Deliveries}?destination={nested.Text("id")}")).List.Cast<JsonMap>().Single().Map("event")!;
        var missed = (await app.GetAsync($"/api/vedette/organizations/default/explain/?event={events.Text("id")}&destination={flat.Text("id")}")).Map;
        Assert.Equal(("other_form", "Not sent in this form, because the destination takes version 1 of the payload."), (missed.Text("code"), missed.Text("text")));
    }

    [Theory, EachDatabase]
    public async Task Switched_off_it_is_told_of_nothing_and_what_waited_is_sent_when_it_is_on_again(DatabaseKind database)
    {
        var clock = new FakeClock();
        await using var receiver = new TestReceiver { Behaviour = TestReceiver.Status(500) };
        await using var app = await VedetteApp.StartAsync(database, clock);
        var hook = await app.AddHookAsync(receiver.Url);
        await app.SendAsync("""{"message":"before"}""");
        await app.WaitForAttemptsAsync(1);

        await app.ChangeHookAsync(hook, """{"isActive":false}""");
        await app.SendAsync("""{"message":"while it is off"}""");
        receiver.Behaviour = TestReceiver.Status(200);
        clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(["held"], (await app.GetAsync(Deliveries)).List.Select(delivery => ((JsonMap)delivery!).Text("state")));
        Assert.Single(receiver.Requests);

        await app.ChangeHookAsync(hook, """{"url":"http://127.0.0.1:9/","events":["event.created","event.alert"]}""");
        await app.SendAsync("""{"message":"still off"}""");
        await app.ChangeHookAsync(hook, $$"""{"url":"{{receiver.Url}}","isActive":true}""");
        await app.SendAsync("""{"message":"after"}""");
        await clock.AdvanceUntilAsync(TimeSpan.FromMilliseconds(50), () => receiver.Requests.Count == 3, "what was held, and the event after");

        Assert.Equal(["after", "before", "before"], receiver.Requests.Select(Title).Order(StringComparer.Ordinal));
    }

    [Theory, EachDatabase]
    public async Task Without_the_feature_hooks_do_not_fire(DatabaseKind database)
    {
        await using var receiver = new TestReceiver();
        await using var app = await VedetteApp.StartAsync(database, new FakeClock(), ("VEDETTE_FEATURES_OFF", "projects:servicehooks"));
        await app.CreateAppAsync(receiver.Url, """["error"]""");
        var project = await app.Services.GetRequiredService<ProjectStore>().ProjectAsync(1, "default", CancellationToken.None);
        var (_, hook) = await app.Services.GetRequiredService<ServiceHookStore>().AddAsync(
            project!, new ServiceHookForm(receiver.Url, ["event.created"], null, null), new AuditSource(AuditActor.System, null), CancellationToken.None);

        await app.SendAsync(TestEvents.Boom());
        await app.WaitForDeliveriesAsync(1);

        Assert.Equal("error.created", Assert.Single(receiver.Requests).Event);
        Assert.Equal(200, (await app.GetAsync($"{TestHooks.Path}{hook!.Guid}/")).Status);
    }

    [Theory, EachDatabase]
    public async Task Its_deliveries_are_logged_explained_and_replayed_by_its_id(DatabaseKind database)
    {
        var clock = new FakeClock();
        await using var receiver = new TestReceiver { Behaviour = TestReceiver.Status(404) };
        await using var app = await VedetteApp.StartAsync(database, clock, ("VEDETTE_RETRY_SCHEDULE", "1h"));
        await app.CreateAppAsync("http://127.0.0.1:9/", """["comment"]""");
        var hook = await app.AddHookAsync(receiver.Url);
        await app.SendAsync(TestEvents.Boom());
        await app.WaitForAttemptsAsync(1);

        var listed = (JsonMap)Assert.Single((await app.GetAsync($"{Deliveries}?destination={hook.Text("id")}&event=event.created")).List)!;
        Assert.Equal(("service_hook", hook.Text("id")), (listed.Map("destination")!.Text("kind"), listed.Map("destination")!.Text("uuid")));
        Assert.Equal(("event.created", "event", "1"), (listed.Map("event")!.Text("name"), listed.Map("event")!.Text("subjectType"), listed.Map("event")!.Text("issue")));
        var detail = (await app.GetAsync($"{Deliveries}{listed.Text("id")}/")).Map;
        var attempt = (JsonMap)Assert.Single(detail.List("attempts")!)!;
        Assert.Equal(receiver.Requests[0].Text, detail.Text("requestBody"));
        Assert.Equal(receiver.Requests[0].Header("X-ServiceHook-Signature"), attempt.Map("requestHeaders")!.Text("X-ServiceHook-Signature"));
        var explained = (await app.GetAsync($"/api/vedette/organizations/default/explain/?event={listed.Map("event")!.Text("id")}&destination={hook.Text("id")}")).Map;
        Assert.Equal("waiting_for_retry", explained.Text("code"));

        receiver.Behaviour = TestReceiver.Status(200);
        await app.ApiAsync(HttpMethod.Post, $"{Deliveries}{listed.Text("id")}/replay/");
        await receiver.WaitForAsync(2);
        await app.WaitForDeliveriesAsync(1);
        Assert.Equal(receiver.Requests[0].Text, receiver.Requests[1].Text);
        Assert.Equal(receiver.Requests[0].Header("Idempotency-Key"), receiver.Requests[1].Header("Idempotency-Key"));
    }

    [Theory, EachDatabase]
    public async Task Deleted_it_is_called_no_more_and_its_log_stays(DatabaseKind database)
    {
        var clock = new FakeClock();
        await using var receiver = new TestReceiver { Behaviour = TestReceiver.Status(500) };
        await using var app = await VedetteApp.StartAsync(database, clock);
        var hook = await app.AddHookAsync(receiver.Url);
        await app.SendAsync(TestEvents.Boom());
        await app.WaitForAttemptsAsync(1);

        await app.DeleteHookAsync(hook);
        await app.SendAsync(TestEvents.Boom());
        receiver.Behaviour = TestReceiver.Status(200);
        clock.Advance(TimeSpan.FromDays(3));

        var left = (JsonMap)Assert.Single((await app.GetAsync($"{Deliveries}?destination={hook.Text("id")}")).List)!;
        Assert.Equal(("cancelled", "hook_deleted"), (left.Text("state"), left.Text("reason")));
        Assert.Equal("Cancelled: the service hook was deleted while the delivery waited.", left.Map("explanation")!.Text("text"));
        Assert.Equal(409, (await app.ApiAsync(HttpMethod.Post, $"{Deliveries}{left.Text("id")}/replay/")).Status);
        Assert.Single(receiver.Requests);
    }

    [Theory, EachDatabase]
    public async Task A_receiver_that_is_gone_is_left_alone_until_its_owner_asks_for_it(DatabaseKind database)
    {
        await using var receiver = new TestReceiver { Behaviour = TestReceiver.Status(410) };
        await using var app = await VedetteApp.StartAsync(database, new FakeClock());
        var hook = await app.AddHookAsync(receiver.Url);
        await app.SendAsync(TestEvents.Boom());
        await app.WaitForDeliveriesAsync(1, "gone");

        Assert.Equal("disabled", (await app.GetAsync($"{TestHooks.Path}{hook.Text("id")}/")).Map.Text("status"));
        Assert.Equal(
            "admin@localhost: A service hook of default is called no more",
            await app.Database.ReadAsync(session => session.SingleAsync<string>("select recipient || ': ' || subject from mail"), CancellationToken.None));
        await app.SendAsync(TestEvents.Boom());
        await app.ChangeHookAsync(hook, """{"events":["event.created","event.alert"]}""");
        await app.SendAsync(TestEvents.Boom());
        Assert.Equal("disabled", (await app.ChangeHookAsync(hook, """{"version":1}""")).Text("status"));
        await app.WaitForDeliveriesAsync(3, "gone");

        receiver.Behaviour = TestReceiver.Status(200);
        Assert.Equal("active", (await app.ChangeHookAsync(hook, $$"""{"url":"{{receiver.Url}}"}""")).Text("status"));
        await app.SendAsync(TestEvents.Boom());
        await app.WaitForDeliveriesAsync(1);
        Assert.Equal(2, receiver.Requests.Count);
    }

    [Theory, EachDatabase]
    public async Task A_receiver_may_take_five_seconds(DatabaseKind database)
    {
        var clock = new FakeClock();
        await using var receiver = new TestReceiver { Behaviour = TestReceiver.Hang };
        await using var app = await VedetteApp.StartAsync(database, clock);
        await app.AddHookAsync(receiver.Url);
        await app.SendAsync(TestEvents.Boom());
        await receiver.WaitForAsync(1);

        clock.Advance(TimeSpan.FromSeconds(4.9));
        Assert.Equal("in_flight", await CodeAsync());
        clock.Advance(TimeSpan.FromSeconds(0.1));
        await app.WaitForAttemptsAsync(1);
        Assert.Equal("waiting_for_retry", await CodeAsync());

        async Task<string?> CodeAsync() => ((JsonMap)(await app.GetAsync(Deliveries)).List.Single()!).Map("explanation")!.Text("code");
    }

    [Theory, EachDatabase]
    public async Task It_is_counted_hour_by_hour_how_often_it_fired(DatabaseKind database)
    {
        var clock = new FakeClock();
        await using var receiver = new TestReceiver();
        await using var app = await VedetteApp.StartAsync(database, clock);
        var hook = await app.AddHookAsync(receiver.Url);
        await app.SendAsync(TestEvents.Boom());
        await app.WaitForDeliveriesAsync(1);
        await app.ApiAsync(HttpMethod.Post, $"{Deliveries}1/replay/");
        await app.WaitForDeliveriesAsync(2);
        clock.Advance(TimeSpan.FromHours(2));
        await app.SendAsync(TestEvents.Boom());
        await app.SendAsync(TestEvents.Boom());

        var stats = (await app.GetAsync($"{TestHooks.Path}{hook.Text("id")}/stats/")).List.Cast<JsonMap>().ToList();

        Assert.Equal(24, stats.Count);
        Assert.Equal("""{"ts":1772373600,"total":2}""", Json(stats[^1]));
        Assert.Equal([1.0, 0.0, 2.0], stats.TakeLast(3).Select(hour => (double)hour["total"]!));
        Assert.Equal(3.0, stats.Sum(hour => (double)hour["total"]!));
    }

    private static string Title(ReceivedRequest request) => request.Json.Map("group")!.Text("title")!;

    private static string Json(object? value)
    {
        var json = new StableJsonWriter();
        json.Value(value);
        return Encoding.UTF8.GetString(json.WrittenSpan);
    }
}
