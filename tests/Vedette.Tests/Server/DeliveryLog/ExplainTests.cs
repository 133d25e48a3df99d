using Microsoft.Extensions.DependencyInjection;
using Vedette.Engine.Subscriptions;
using Vedette.Tests.Harness;
using Vedette.Tests.Server.Issues;
using Vedette.Wire.Json;
using Xunit;

namespace Vedette.Tests.Server.DeliveryLog;

public sealed class ExplainTests
{
    private const string Explain = "/api/vedette/organizations/default/explain/";

    [Theory, EachDatabase]
    public async Task A_delivery_is_explained_from_its_acceptance_to_its_end(DatabaseKind database)
    {
        var clock = new FakeClock();
        await using var receiver = new TestReceiver { Behaviour = TestReceiver.Hang };
        await using var app = await VedetteApp.StartAsync(database, clock, ("VEDETTE_RETRY_SCHEDULE", "1h,1h"));
        await app.CreateAppAsync(receiver.Url, """["error"]""", ""","delivery":{"timeoutMs":30000}""");
        await app.SendAsync(TestEvents.Boom());
        await receiver.WaitForAsync(1);

        Assert.Equal("in_flight", (await ExplainAsync(app, 1, 1)).Text("code"));

        receiver.Behaviour = TestReceiver.Status(503);
        clock.Advance(TimeSpan.FromSeconds(30));
        await app.WaitForAttemptsAsync(1);
        var waiting = await ExplainAsync(app, 1, 1);
        Assert.Equal("waiting_for_retry", waiting.Text("code"));
        Assert.EndsWith("because the one before ended with: no response headers within 30000 ms.", waiting.Text("text"), StringComparison.Ordinal);

        clock.Advance(TimeSpan.FromMinutes(73));
        await clock.AdvanceUntilAsync(TimeSpan.FromMilliseconds(50), () => receiver.Requests.Count == 2, "the second attempt");
        await app.WaitForAttemptsAsync(2);
        Assert.EndsWith("ended with: HTTP 503.", (await ExplainAsync(app, 1, 1)).Text("text"), StringComparison.Ordinal);

        clock.Advance(TimeSpan.FromMinutes(73));
        await clock.AdvanceUntilAsync(TimeSpan.FromMilliseconds(50), () => receiver.Requests.Count == 3, "the last attempt");
        await app.WaitForDeliveriesAsync(1, "exhausted");
        var exhausted = await ExplainAsync(app, 1, 1);
        Assert.Equal(("exhausted", "1", "1", "1"), (exhausted.Text("code"), exhausted.Text("event"), exhausted.Text("destination"), exhausted.Text("delivery")));
        Assert.Matches("^Given up after 3 attempts over 1[0-9][0-9] min; the last one ended with: HTTP 503\\.$", exhausted.Text("text"));
    }

    [Theory, EachDatabase]
    public async Task A_resting_and_a_disabled_destination_are_named(DatabaseKind database)
    {
        var clock = new FakeClock();
        await using var receiver = new TestReceiver { Behaviour = TestReceiver.Status(429, "Retry-After: 7200") };
        await using var app = await VedetteApp.StartAsync(database, clock);
        await app.CreateAppAsync(receiver.Url, """["error"]""");
        await app.SendAsync(TestEvents.Boom());
        await app.WaitForAttemptsAsync(1);
        await app.SendAsync(TestEvents.Boom());

        var resting = await ExplainAsync(app, 2, 1);
        Assert.Equal("lane_resting", resting.Text("code"));
        Assert.Contains("after failures, the last a too many requests; attempt 1 waits for that.", resting.Text("text"), StringComparison.Ordinal);

        var destinations = app.Services.GetRequiredService<DestinationStore>();
        await app.Database.WriteAsync(transaction => destinations.DisableAsync(transaction, 1, "test"), CancellationToken.None);
        Assert.Equal("held", (await ExplainAsync(app, 2, 1)).Text("code"));

        await app.Database.WriteAsync(transaction => destinations.EnableAsync(transaction, 1, release: false), CancellationToken.None);
        Assert.Equal("cancelled", (await ExplainAsync(app, 2, 1)).Text("code"));
    }

    [Theory, EachDatabase]
    public async Task A_pair_without_a_delivery_is_explained_too(DatabaseKind database)
    {
        await using var receiver = new TestReceiver();
        await using var app = await VedetteApp.StartAsync(database, new FakeClock());
        await app.CreateAppAsync(receiver.Url, """["error"]""");
        await app.CreateAppAsync(receiver.Url, """["comment"]""");
        await app.SendAsync(TestEvents.Boom());
        await app.WaitForDeliveriesAsync(1);
        await app.CreateAppAsync(receiver.Url, """["error"]""");
        await app.CreateAppAsync(receiver.Url, """["error"]""");
        var (project, _) = await app.AddProjectAsync("default", "another");
        await app.ExecuteAsync("update subscription set project_id = @project where destination_id = 4", new { project });

        Assert.Equal("delivered", (await ExplainAsync(app, 1, 1)).Text("code"));
        Assert.Equal("not_subscribed", (await ExplainAsync(app, 1, 2)).Text("code"));
        Assert.Equal("subscribed_later", (await ExplainAsync(app, 1, 3)).Text("code"));
        Assert.Equal("project_not_listed", (await ExplainAsync(app, 1, 4)).Text("code"));
        Assert.Null((await ExplainAsync(app, 1, 4)).Text("delivery"));
    }

    [Fact]
    public async Task Of_what_is_not_there_nothing_is_explained()
    {
        await using var receiver = new TestReceiver();
        await using var app = await VedetteApp.StartAsync(time: new FakeClock());
        await app.CreateAppAsync(receiver.Url, """["error"]""");
        await app.SendAsync(TestEvents.Boom());
        await app.WaitForDeliveriesAsync(1);
        var other = await app.AddOrganizationAsync("other");
        await app.Database.WriteAsync(transaction => app.Services.GetRequiredService<DestinationStore>().AddAsync(transaction, new Destination
        {
            Kind = DestinationKind.App,
            PublicId = "theirs",
            OrganizationId = other,
            Url = receiver.Url,
            Secret = [],
        }, ["error.created"]), CancellationToken.None);

        Assert.Equal(404, (await app.GetAsync($"{Explain}?event=1&destination=2")).Status);
        Assert.Equal(404, (await app.GetAsync($"{Explain}?event=1&destination=theirs")).Status);
        Assert.Equal(404, (await app.GetAsync($"{Explain}?event=1&destination=3")).Status);
        Assert.Equal(404, (await app.GetAsync($"{Explain}?event=2&destination=1")).Status);
        Assert.Equal(400, (await app.GetAsync($"{Explain}?event=1")).Status);
        Assert.Equal(400, (await app.GetAsync($"{Explain}?destination=1")).Status);
    }

    private static async Task<JsonMap> ExplainAsync(VedetteApp app, long eventId, long destination) =>
        (await app.GetAsync($"{Explain}?event={eventId}&destination={destination}")).Map;
}
