using Microsoft.Extensions.DependencyInjection;
using Vedette.Engine.Replays;
using Vedette.Engine.Subscriptions;
using Vedette.Tests.Harness;
using Vedette.Tests.Server.Issues;
using Vedette.Wire.Json;
using Xunit;

namespace Vedette.Tests.Server.DeliveryLog;

public sealed class ReplayJobTests
{
    private const string Jobs = "/api/vedette/organizations/default/replays/";

    /// <summary>The clock moves while attempts may be under way.</summary>
    private const string Patient = ""","delivery":{"timeoutMs":30000}""";

    [Theory, EachDatabase]
    public async Task It_replays_what_matches_at_its_pace(DatabaseKind database)
    {
        var clock = new FakeClock();
        await using var receiver = new TestReceiver();
        await using var app = await WithDeliveriesAsync(database, clock, receiver, 5);
        const string Filter = "\"event\":\"issue.created\",\"destination\":1,\"state\":\"delivered\",\"since\":\"2026-03-01T00:00:00Z\"";

        var dry = await app.ApiAsync(HttpMethod.Post, Jobs, $"{{{Filter},\"dryRun\":true}}");
        var started = await app.ApiAsync(HttpMethod.Post, Jobs, $"{{{Filter},\"perSecond\":2}}");
        Assert.Equal((200, 5.0), (dry.Status, dry.Map["count"]));
        Assert.Equal(201, started.Status);
        Assert.Equal(
            ["id", "state", "filter", "perSecond", "total", "replayed", "skipped", "dateCreated", "dateFinished"], started.Map.Members.Select(member => member.Key));
        Assert.Equal(("running", 5.0, 0.0), (started.Map.Text("state"), started.Map["total"], started.Map["replayed"]));

        foreach (var (replayed, state) in new[] { (2.0, "running"), (4.0, "running"), (5.0, "done") })
        {
            clock.Advance(TimeSpan.FromSeconds(1));
            await WaitForStepAsync(app, replayed);
            Assert.Equal((replayed, state), ((await JobAsync(app))["replayed"], (await JobAsync(app)).Text("state")));
            await app.WaitForDeliveriesAsync(5 + (int)replayed);
        }

        Assert.Equal(10, receiver.Requests.Count);
        Assert.Equal(5, receiver.Requests.Select(request => request.Header("Idempotency-Key")).Distinct().Count());
        Assert.NotNull((await JobAsync(app)).Text("dateFinished"));
    }

    [Theory, EachDatabase]
    public async Task It_can_be_paused_and_survives_a_restart(DatabaseKind database)
    {
        var clock = new FakeClock();
        await using var receiver = new TestReceiver();
        await using var app = await WithDeliveriesAsync(database, clock, receiver, 3);
        await app.ApiAsync(HttpMethod.Post, Jobs, """{"perSecond":1}""");
        clock.Advance(TimeSpan.FromSeconds(1));
        await WaitForStepAsync(app, 1);

        var paused = await app.ApiAsync(HttpMethod.Put, $"{Jobs}1/", """{"state":"paused"}""");
        await app.WaitForDeliveriesAsync(4);
        await app.RestartAsync();
        clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal((200, "paused", 1.0), (paused.Status, paused.Map.Text("state"), (await JobAsync(app))["replayed"]));

        var resumed = await app.ApiAsync(HttpMethod.Put, $"{Jobs}1/", """{"state":"running","perSecond":200}""");
        Assert.Equal(("running", 200.0), (resumed.Map.Text("state"), resumed.Map["perSecond"]));
        await clock.AdvanceUntilAsync(TimeSpan.FromMilliseconds(100), async () => (await JobAsync(app)).Text("state") == "done", "the end of the replay");
        await app.WaitForDeliveriesAsync(6);
        Assert.Equal(6, receiver.Requests.Count);
        Assert.Equal(409, (await app.ApiAsync(HttpMethod.Put, $"{Jobs}1/", """{"state":"paused"}""")).Status);
    }

    [Theory, EachDatabase]
    public async Task A_cancelled_job_is_over(DatabaseKind database)
    {
        var clock = new FakeClock();
        await using var receiver = new TestReceiver();
        await using var app = await WithDeliveriesAsync(database, clock, receiver, 3);
        await app.ApiAsync(HttpMethod.Post, Jobs, """{"perSecond":1}""");
        clock.Advance(TimeSpan.FromSeconds(1));
        await WaitForStepAsync(app, 1);

        Assert.Equal(204, (await app.ApiAsync(HttpMethod.Delete, $"{Jobs}1/")).Status);
        Assert.Equal(204, (await app.ApiAsync(HttpMethod.Delete, $"{Jobs}1/")).Status);
        Assert.Equal(404, (await app.ApiAsync(HttpMethod.Delete, $"{Jobs}2/")).Status);
        Assert.Equal(409, (await app.ApiAsync(HttpMethod.Put, $"{Jobs}1/", """{"state":"running"}""")).Status);
        Assert.Equal(("cancelled", 1.0), ((await JobAsync(app)).Text("state"), (await JobAsync(app))["replayed"]));
        Assert.NotNull((await JobAsync(app)).Text("dateFinished"));
        Assert.Empty(await app.Services.GetRequiredService<ReplayJobStore>().ClaimAsync(CancellationToken.None));
    }

    /// <summary>Two nodes at once, and one that comes back from a long pause.</summary>
    [Theory, EachDatabase]
    public async Task A_step_is_taken_once_whoever_claims_it(DatabaseKind database)
    {
        var clock = new FakeClock();
        await using var receiver = new TestReceiver();
        await using var app = await WithDeliveriesAsync(database, clock, receiver, 2);
        var jobs = app.Services.GetRequiredService<ReplayJobStore>();
        await app.ApiAsync(HttpMethod.Post, Jobs, """{"perSecond":1}""");

        var late = Assert.Single(await jobs.ClaimAsync(CancellationToken.None));
        Assert.Empty(await jobs.ClaimAsync(CancellationToken.None));
        await app.ExecuteAsync("update replay_job set due_at = 0");
        var next = Assert.Single(await jobs.ClaimAsync(CancellationToken.None));

        await jobs.StepAsync(late, CancellationToken.None);
        Assert.Equal(0.0, (await JobAsync(app))["replayed"]);
        await jobs.StepAsync(next, CancellationToken.None);
        await jobs.StepAsync(next, CancellationToken.None);
        Assert.Equal(1.0, (await JobAsync(app))["replayed"]);
    }

    [Theory, EachDatabase]
    public async Task Only_what_has_ended_and_was_not_replayed_since_counts(DatabaseKind database)
    {
        var clock = new FakeClock();
        await using var receiver = new TestReceiver { Behaviour = TestReceiver.Status(410) };
        await using var app = await WithDeliveriesAsync(database, clock, receiver, 3, "gone");
        Assert.Equal(3.0, await CountAsync(app, "gone"));

        await app.ApiAsync(HttpMethod.Post, Jobs, """{"state":"gone"}""");
        clock.Advance(TimeSpan.FromSeconds(1));
        await Poll.UntilAsync(async () => (await JobAsync(app)).Text("state") == "done", "the end of the replay");
        Assert.Equal((0.0, 3.0), ((await JobAsync(app))["replayed"], (await JobAsync(app))["skipped"]));

        receiver.Behaviour = TestReceiver.Status(200);
        var destinations = app.Services.GetRequiredService<DestinationStore>();
        await app.Database.WriteAsync(transaction => destinations.EnableAsync(transaction, 1, release: true), CancellationToken.None);
        await app.ApiAsync(HttpMethod.Post, "/api/vedette/organizations/default/deliveries/2/replay/", "{}");
        await app.WaitForDeliveriesAsync(1);

        Assert.Equal(2.0, await CountAsync(app, "gone"));
        Assert.Equal(1.0, await CountAsync(app, "delivered"));
    }

    [Fact]
    public async Task Jobs_are_listed_newest_first()
    {
        await using var app = await VedetteApp.StartAsync(time: new FakeClock());
        for (var i = 0; i < 3; i++)
            await app.ApiAsync(HttpMethod.Post, Jobs, """{"event":"issue.created","issue":"17","until":"2026-03-01"}""");

        var page = await app.GetAsync($"{Jobs}?per_page=2");
        var first = (JsonMap)page.List[0]!;

        Assert.Equal(["3", "2"], page.List.Cast<JsonMap>().Select(job => job.Text("id")));
        Assert.Contains("rel=\"next\"; results=\"true\"; cursor=\"2:0:0\"", page.Headers.GetValues("Link").Single(), StringComparison.Ordinal);
        Assert.Equal("1", ((JsonMap)(await app.GetAsync($"{Jobs}?per_page=2&cursor=2:0:0")).List.Single()!).Text("id"));
        Assert.Equal(("issue.created", "17", null, "2026-03-01T00:00:00.000000Z"), (first.Map("filter")!.Text("event"), first.Map("filter")!.Text("issue"), first.Map("filter")!.Text("destination"), first.Map("filter")!.Text("until")));
    }

    [Theory]
    [InlineData("""{"destinaton":1}""", """{"destinaton":["This field is not known."]}""")]
    [InlineData("""{"state":"pending"}""", """{"state":["What is still to be delivered is not replayed."]}""")]
    [InlineData("""{"state":true}""", """{"state":["Must be one of: pending, delivered, exhausted, gone, held, cancelled."]}""")]
    [InlineData("""{"perSecond":0}""", """{"perSecond":["Must be a whole number from 1 to 200."]}""")]
    [InlineData("""{"perSecond":1.5}""", """{"perSecond":["Must be a whole number from 1 to 200."]}""")]
    [InlineData("""{"dryRun":"yes"}""", """{"dryRun":["Must be a valid boolean."]}""")]
    public async Task What_it_cannot_understand_it_refuses(string body, string answer)
    {
        await using var app = await VedetteApp.StartAsync(time: new FakeClock());

        Assert.Equal((400, answer), await app.AskAsync(HttpMethod.Post, Jobs, $"Bearer {app.FirstStart.Token}", body));
        Assert.Empty((await app.GetAsync(Jobs)).List);
    }

    private static async Task<VedetteApp> WithDeliveriesAsync(DatabaseKind database, FakeClock clock, TestReceiver receiver, int count, string state = "delivered")
    {
        var app = await VedetteApp.StartAsync(database, clock);
        await app.CreateAppAsync(receiver.Url, """["issue"]""", Patient);
        for (var i = 1; i <= count; i++)
            await app.SendAsync($$"""{"message":"m","fingerprint":["{{i}}"]}""");
        await app.WaitForDeliveriesAsync(count, state);
        return app;
    }

    private static async Task<JsonMap> JobAsync(VedetteApp app) => (await app.GetAsync($"{Jobs}1/")).Map;

    private static Task WaitForStepAsync(VedetteApp app, double replayed) =>
        Poll.UntilAsync(async () => (double)(await JobAsync(app))["replayed"]! >= replayed, $"{replayed} replays");

    private static async Task<double> CountAsync(VedetteApp app, string state) =>
        (double)(await app.ApiAsync(HttpMethod.Post, Jobs, $$"""{"state":"{{state}}","dryRun":true}""")).Map["count"]!;
}
