using Microsoft.Extensions.DependencyInjection;
using Vedette.Engine.Retention;
using Vedette.Storage;
using Vedette.Tests.Harness;
using Vedette.Tracker.Retention;
using Vedette.Wire.Json;
using Xunit;

namespace Vedette.Tests.Server.Retention;

/// <summary>What is old goes; what is young, and what is still to be delivered, stays.</summary>
public sealed class RetentionTests
{
    private static readonly TimeSpan Day = TimeSpan.FromDays(1);

    [Theory, EachDatabase]
    public async Task Deliveries_go_at_their_age_and_events_and_issues_at_theirs(DatabaseKind kind)
    {
        var clock = new FakeClock();
        await using var receiver = new TestReceiver();
        await using var app = await VedetteApp.StartAsync(kind, clock, ("VEDETTE_RETENTION", "events=9d,attempts=3d,payloads=3d"));
        await app.CreateAppAsync(receiver.Url, """["error"]""");
        await SendAsync(app, "old");
        await app.WaitForDeliveriesAsync(1);
        var old = await OnlyDeliveryAsync(app);

        clock.Advance(2 * Day);
        await SendAsync(app, "young");
        await app.WaitForDeliveriesAsync(2);
        Assert.Equal(2, await CountAsync(app, "attempt"));

        clock.Advance(1.5 * Day);
        await PassAsync(clock, async () => await CountAsync(app, "hook_event") == 1, "the end of the old payload");
        Assert.Equal((1, 1), (await CountAsync(app, "delivery"), await CountAsync(app, "attempt")));
        Assert.Equal((2, 2), (await CountAsync(app, "event"), await CountAsync(app, "issue")));
        Assert.Equal(404, (await app.GetAsync($"{Deliveries(app)}{old}/")).Status);
        Assert.Equal(404, (await app.ApiAsync(HttpMethod.Post, $"{Deliveries(app)}{old}/replay/")).Status);
        Assert.Single((await app.GetAsync(Deliveries(app))).List);

        clock.Advance(6 * Day);
        await PassAsync(clock, async () => await CountAsync(app, "issue") == 1, "the end of the old issue");
        Assert.Equal((1, 1, 1), (await CountAsync(app, "event"), await CountAsync(app, "issue_hash"), await CountAsync(app, "issue_user")));
        var left = (JsonMap)Assert.Single((await app.GetAsync($"/api/0/organizations/{app.FirstStart.Organization}/issues/?query=")).List)!;
        Assert.Equal("E: young", left.Text("title"));
    }

    [Theory, EachDatabase]
    public async Task What_is_still_to_be_delivered_is_never_old(DatabaseKind kind)
    {
        var clock = new FakeClock();
        await using var receiver = new TestReceiver { Behaviour = TestReceiver.Status(500) };
        await using var app = await VedetteApp.StartAsync(kind, clock, ("VEDETTE_RETRY_SCHEDULE", "10d"), ("VEDETTE_RETENTION", "events=2d,attempts=1d,payloads=1d"));
        await app.CreateAppAsync(receiver.Url, """["error"]""", ""","delivery":{"timeoutMs":30000}""");
        await SendAsync(app, "one");
        await app.WaitForAttemptsAsync(1);
        Assert.Equal(200, (await app.SendEventAsync("""{"message":"not an error, and the newest row, which always stays"}""")).Status);

        clock.Advance(3 * Day);
        await PassAsync(clock, async () => await CountAsync(app, "event") == 1, "a pass");
        Assert.Equal((1, 1, 1), (await CountAsync(app, "hook_event"), await CountAsync(app, "delivery"), await CountAsync(app, "attempt")));

        // Up to the moment before it is due: the clock would run on through the attempt.
        receiver.Behaviour = TestReceiver.Status(200);
        clock.Advance(UnixMicroseconds.ToInstant(await app.Database.ReadAsync(session => session.SingleAsync<long>("select due_at from delivery"), CancellationToken.None)) - clock.GetUtcNow() - TimeSpan.FromSeconds(2));
        await clock.AdvanceUntilAsync(TimeSpan.FromMilliseconds(20), async () => await CountAsync(app, "delivery where state = 'delivered'") == 1, "the second attempt");
        await SendAsync(app, "newest");
        await app.WaitForDeliveriesAsync(2);
        clock.Advance(2 * Day);
        await PassAsync(clock, async () => await CountAsync(app, "hook_event") == 1, "its end");
        Assert.Equal((1, 1), (await CountAsync(app, "delivery"), await CountAsync(app, "attempt")));
    }

    [Theory, EachDatabase]
    public async Task An_issue_whose_old_events_went_goes_on_with_its_young_ones(DatabaseKind kind)
    {
        var clock = new FakeClock();
        await using var app = await VedetteApp.StartAsync(kind, clock, ("VEDETTE_RETENTION", "events=5d"));
        await SendAsync(app, "same");
        clock.Advance(4 * Day);
        await SendAsync(app, "same");

        clock.Advance(2 * Day);
        await PassAsync(clock, async () => await CountAsync(app, "event") == 1, "the end of the old event");

        var issue = (JsonMap)Assert.Single((await app.GetAsync($"/api/0/organizations/{app.FirstStart.Organization}/issues/?query=")).List)!;
        Assert.Equal("2", issue.Text("count"));
        foreach (var which in new[] { "latest", "oldest", "recommended" })
            Assert.Equal(200, (await app.GetAsync($"/api/0/organizations/{app.FirstStart.Organization}/issues/{issue.Text("id")}/events/{which}/")).Status);
    }

    [Theory, EachDatabase]
    public async Task What_was_counted_of_old_events_goes_with_them(DatabaseKind kind)
    {
        var clock = new FakeClock();
        await using var app = await VedetteApp.StartAsync(kind, clock, ("VEDETTE_RETENTION", "events=12d"));
        await SendAsync(app, "same", ""","tags":{"color":"red","size":"1"}""");
        clock.Advance(9 * Day);
        await SendAsync(app, "same", ""","tags":{"color":"blue","size":"1"}""");
        await PassAsync(clock, async () => await CountAsync(app, "event_bucket where step = 60") == 1, "the end of the old minute");
        Assert.Equal((2, 2), (await CountAsync(app, "event_bucket where step = 3600"), await CountAsync(app, "event_bucket where step = 86400")));

        clock.Advance(5 * Day);
        await PassAsync(
            clock, async () => await CountAsync(app, "issue_tag where value = 'red'") + await CountAsync(app, "event_bucket where step > 60") == 2, "the end of the old value and of the old hour and day");

        Assert.Equal((1, 1), (await CountAsync(app, "event_bucket where step = 3600"), await CountAsync(app, "event_bucket where step = 86400")));
        Assert.Equal((1, 1), (await CountAsync(app, "issue_tag where value = 'blue' and times = 1"), await CountAsync(app, "issue_tag where key = 'size' and times = 2")));
    }

    [Theory, EachDatabase]
    public async Task Thousands_go_in_steps_and_two_nodes_at_once_do_no_harm(DatabaseKind kind)
    {
        const int Old = 3100;
        var clock = new FakeClock();
        await using var app = await VedetteApp.StartAsync(kind, clock);
        await app.CreateAppAsync("http://127.0.0.1:9/", """["error"]""");
        await app.CreateAppAsync("http://127.0.0.1:9/", """["error"]""");
        await app.Database.WriteAsync(async transaction =>
        {
            var rows = Enumerable.Range(1, Old + 10).Select(i => new
            {
                Id = (long)i,
                Seed = i.ToString("x32"),
                At = UnixMicroseconds.From(clock.GetUtcNow() - (i > Old ? TimeSpan.Zero : 40 * Day)),
                State = i == 7 ? "held" : "delivered",
                Body = "{}"u8.ToArray(),
            }).ToList();
            await transaction.ExecuteEachAsync(
                "insert into hook_event (id, organization_id, resource, action, seed, data, actor, created_at) values (@Id, 1, 'error', 'created', @Seed, @Body, @Body, @At)", rows);
            await transaction.ExecuteEachAsync(
                "insert into delivery (id, hook_event_id, destination_id, replay_of, action, state, reason, due_at, attempts, created_at) values (@Id, @Id, 1, 0, 'created', @State, 'x', @At, 1, @At)",
                rows);

            // Event 7 is held for one destination, so its delivery to the other stays as well.
            await transaction.ExecuteAsync(
                """
                insert into delivery (id, hook_event_id, destination_id, replay_of, action, state, reason, due_at, attempts, created_at)
                select 90000, 7, 2, 0, 'created', 'delivered', 'x', due_at, 1, created_at from delivery where id = 7
                """);
            await transaction.ExecuteAsync(
                """
                insert into attempt (delivery_id, destination_id, number, request_id, url, started_at, duration_us, outcome, reason)
                select 90000, 2, 1, 'sibling', 'x', due_at, 1, 'delivered', 'x' from delivery where id = 7
                """);
            await transaction.ExecuteEachAsync(
                "insert into attempt (delivery_id, destination_id, number, request_id, url, started_at, duration_us, outcome, reason) values (@Id, 1, 1, @Seed, 'x', @At, 1, 'delivered', 'x')",
                rows);
        }, CancellationToken.None);
        var before = app.Database.Commits;
        var retention = app.Services.GetRequiredService<DeliveryRetention>();

        var counts = await Task.WhenAll(Enumerable.Range(0, 2).Select(_ => Task.Run(async () =>
            (Attempts: await retention.DeleteAttemptsAsync(30 * Day, CancellationToken.None), Events: await retention.DeleteEventsAsync(30 * Day, CancellationToken.None)))));

        Assert.Equal((Old - 1, Old - 1), (counts.Sum(each => each.Attempts), counts.Sum(each => each.Events)));
        Assert.Equal((11, 12, 12), (await CountAsync(app, "hook_event"), await CountAsync(app, "delivery"), await CountAsync(app, "attempt")));
        Assert.True(app.Database.Commits - before > Old / 100, "it went in few, large steps");
    }

    [Theory, EachDatabase]
    public async Task Old_counts_of_dropped_items_and_old_mail_go(DatabaseKind kind)
    {
        var clock = new FakeClock();
        await using var app = await VedetteApp.StartAsync(kind, clock, ("VEDETTE_RETENTION", "events=3d,payloads=3d"));
        Assert.Equal(200, (await app.SendEnvelopeAsync("{}\n{\"type\":\"session\"}\n{}\n"u8.ToArray())).Status);
        Assert.Equal(1, await CountAsync(app, "dropped_item"));
        var events = app.Services.GetRequiredService<EventRetention>();
        await app.Database.WriteAsync(async transaction =>
        {
            await transaction.ExecuteAsync(
                "insert into mail (recipient, subject, body, message_id, state, attempts, due_at, created_at, finished_at) values ('a', '', '', 'sent', 'sent', 1, 0, 0, 1), ('a', '', '', 'waits', 'waiting', 0, @never, 0, null)",
                new { never = long.MaxValue });
        }, CancellationToken.None);

        await events.DeleteDroppedCountsAsync(90 * Day, CancellationToken.None);
        Assert.Equal(1, await CountAsync(app, "dropped_item"));

        clock.Advance(5 * Day);
        await PassAsync(clock, async () => await CountAsync(app, "dropped_item") == 0, "the end of the count");
        Assert.Equal(1, await CountAsync(app, "mail"));
    }

    [Fact]
    public async Task The_web_role_deletes_nothing()
    {
        var clock = new FakeClock();
        await using var app = await VedetteApp.StartAsync(DatabaseKind.Sqlite, clock, ("VEDETTE_ROLE", "web"));

        Assert.DoesNotContain(app.Services.GetServices<Microsoft.Extensions.Hosting.IHostedService>(), service => service.GetType().Name == "RetentionWorker");
    }

    /// <summary>A pass comes with the hour, which may have begun only after the clock was moved.</summary>
    private static Task PassAsync(FakeClock clock, Func<Task<bool>> condition, string what) => clock.AdvanceUntilAsync(TimeSpan.FromMinutes(1), condition, what);

    private static string Deliveries(VedetteApp app) => $"/api/vedette/organizations/{app.FirstStart.Organization}/deliveries/";

    private static async Task SendAsync(VedetteApp app, string text, string more = "") =>
        Assert.Equal(
            200,
            (await app.SendEventAsync($$$"""{"level":"error","user":{"id":"7"},"fingerprint":["{{{text}}}"],"exception":{"values":[{"type":"E","value":"{{{text}}}"}]}{{{more}}}}""")).Status);

    private static async Task<string> OnlyDeliveryAsync(VedetteApp app) => ((JsonMap)Assert.Single((await app.GetAsync(Deliveries(app))).List)!).Text("id")!;

    private static Task<long> CountAsync(VedetteApp app, string table) =>
        app.Database.ReadAsync(session => session.SingleAsync<long>($"select count(*) from {table}"), CancellationToken.None);
}
