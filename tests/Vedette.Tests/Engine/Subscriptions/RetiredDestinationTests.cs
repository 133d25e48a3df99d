using Microsoft.Extensions.DependencyInjection;
using Vedette.Engine.Deliveries;
using Vedette.Engine.Retention;
using Vedette.Tests.Harness;
using Vedette.Tests.Server.Issues;
using Vedette.Wire.Json;
using Xunit;

namespace Vedette.Tests.Engine.Subscriptions;

/// <summary>What becomes of a destination whose owner removed it, and of the notices that tell an app so.</summary>
public sealed class RetiredDestinationTests
{
    [Theory, EachDatabase]
    public async Task What_was_to_be_sent_is_cancelled_and_a_last_notice_still_goes_out(DatabaseKind database)
    {
        var clock = new FakeClock();
        await using var receiver = new TestReceiver { Behaviour = TestReceiver.Hang };
        await using var app = await VedetteApp.StartAsync(database, clock);
        await app.CreateAppAsync(receiver.Url, """["error"]""", ""","delivery":{"concurrency":1,"timeoutMs":30000}""");
        for (var i = 0; i < 3; i++)
            await app.SendAsync(TestEvents.Boom());
        await receiver.WaitForAsync(1);

        await app.OwnAsync(async (transaction, destinations) =>
        {
            await destinations.RetireAsync(transaction, 1, CancelReason.Uninstalled);
            await app.TellAsync(transaction, 1);
        });
        await app.SendAsync(TestEvents.Boom());
        receiver.Behaviour = TestReceiver.Status(200);
        await clock.AdvanceUntilAsync(
            TimeSpan.FromMilliseconds(50), async () => (await app.DeliveriesAsync("state=delivered")).Count == 1, "the delivery of the notice");

        // Two of them waited in memory for their turn.
        Assert.Equal(["error.created", "installation.deleted"], receiver.Requests.Select(request => request.Event));
        var deliveries = await app.DeliveriesAsync();
        Assert.Equal(["cancelled", "cancelled", "cancelled", "delivered"], deliveries.Select(delivery => delivery.Text("state")));
        Assert.All(deliveries.Take(3), delivery =>
        {
            Assert.Equal("uninstalled", delivery.Text("reason"));
            Assert.Equal("Cancelled: the app was uninstalled while the delivery waited.", delivery.Map("explanation")!.Text("text"));
        });
    }

    [Theory, EachDatabase]
    public async Task A_disabled_and_resting_destination_is_ready_for_its_notice_at_once(DatabaseKind database)
    {
        var clock = new FakeClock();
        await using var receiver = new TestReceiver { Behaviour = TestReceiver.Status(503, "Retry-After: 7200") };
        await using var app = await VedetteApp.StartAsync(database, clock);
        await app.CreateAppAsync(receiver.Url, """["error"]""");
        await app.SendAsync(TestEvents.Boom());
        await app.WaitForAttemptsAsync(1);
        await app.OwnAsync((transaction, destinations) => destinations.DisableAsync(transaction, 1, "owner"));
        await app.SendAsync(TestEvents.Boom());
        receiver.Behaviour = TestReceiver.Status(200);

        await app.OwnAsync(async (transaction, destinations) =>
        {
            await destinations.RetireAsync(transaction, 1, CancelReason.AppDeleted);
            await app.TellAsync(transaction, 1);
        });
        await clock.AdvanceUntilAsync(
            TimeSpan.FromMilliseconds(50), async () => (await app.DeliveriesAsync("state=delivered")).Count == 1, "the delivery of the notice");

        Assert.Equal(["cancelled", "cancelled", "delivered"], (await app.DeliveriesAsync()).Select(delivery => delivery.Text("state")));
        Assert.True(clock.GetUtcNow() < new FakeClock().GetUtcNow().AddHours(1), "the notice waited for the end of the rest");
    }

    [Theory, EachDatabase]
    public async Task Nothing_is_replayed_to_it_and_nothing_but_notices_is_accepted_for_it(DatabaseKind database)
    {
        await using var receiver = new TestReceiver();
        await using var app = await VedetteApp.StartAsync(database, new FakeClock());
        await app.CreateAppAsync(receiver.Url, """["error"]""");
        await app.SendAsync(TestEvents.Boom());
        await app.WaitForDeliveriesAsync(1);
        await app.OwnAsync((transaction, destinations) => destinations.RetireAsync(transaction, 1, CancelReason.AppDeleted));

        var replay = await app.ApiAsync(HttpMethod.Post, "/api/vedette/organizations/default/deliveries/1/replay/");
        await app.TellAsync(1, "event_alert", "triggered");
        await app.TellAsync(1, organizationId: 2);
        await app.TellAsync(2);

        Assert.Equal((409, "The destination was removed. There is nobody to replay to."), (replay.Status, replay.Map.Text("detail")));
        Assert.Single(await app.DeliveriesAsync());
    }

    [Theory, EachDatabase]
    public async Task Its_row_goes_with_its_last_delivery(DatabaseKind database)
    {
        var clock = new FakeClock();
        await using var receiver = new TestReceiver();
        await using var app = await VedetteApp.StartAsync(database, clock, ("VEDETTE_RETENTION", "attempts=1d,payloads=1d"));
        await app.CreateAppAsync(receiver.Url, """["error"]""");
        await app.CreateAppAsync(receiver.Url, """["error"]""");
        await app.SendAsync(TestEvents.Boom());
        await app.WaitForDeliveriesAsync(2);
        await app.OwnAsync((transaction, destinations) => destinations.RetireAsync(transaction, 1, CancelReason.AppDeleted));
        var retention = app.Services.GetRequiredService<DeliveryRetention>();
        Assert.Equal(0, await retention.DeleteRetiredAsync(CancellationToken.None));
        Assert.Equal(2, (await app.DeliveriesAsync()).Count);

        clock.Advance(TimeSpan.FromDays(2));
        await app.SendAsync(TestEvents.Boom());
        await Poll.UntilAsync(async () => (await app.DeliveriesAsync("state=pending")).Count == 0, "the end of the attempt");
        await clock.AdvanceUntilAsync(TimeSpan.FromMinutes(1), async () => await CountAsync(app) == 1, "the end of the destination");

        await app.OwnAsync((transaction, destinations) => destinations.RetireAsync(transaction, 2, CancelReason.AppDeleted));
        await app.ExecuteAsync("delete from delivery");
        Assert.Equal(0, await retention.DeleteRetiredAsync(CancellationToken.None));
        Assert.Equal(1, await CountAsync(app));
    }

    [Theory, EachDatabase]
    public async Task A_disabled_app_is_told_of_its_installation_and_again_until_it_listens(DatabaseKind database)
    {
        var clock = new FakeClock();
        await using var receiver = new TestReceiver { Behaviour = TestReceiver.Status(500) };
        await using var app = await VedetteApp.StartAsync(database, clock);
        await app.CreateAppAsync(receiver.Url, """["error"]""");
        await app.TellAsync(1, action: "created");
        await app.WaitForAttemptsAsync(1);

        await app.OwnAsync((transaction, destinations) => destinations.DisableAsync(transaction, 1, "owner"));
        await app.SendAsync(TestEvents.Boom());
        await app.TellAsync(1);
        await app.TellAsync(1, "event_alert", "triggered");
        await app.WaitForAttemptsAsync(2);
        Assert.Equal(["pending", "held", "pending", "held"], (await app.DeliveriesAsync()).Select(delivery => delivery.Text("state")));

        receiver.Behaviour = TestReceiver.Status(200);
        await clock.AdvanceUntilAsync(
            TimeSpan.FromMilliseconds(50), async () => (await app.DeliveriesAsync("state=delivered")).Count == 2, "the delivery of both notices");
        var replay = await app.ApiAsync(HttpMethod.Post, "/api/vedette/organizations/default/deliveries/1/replay/");
        Assert.Equal(201, replay.Status);
        await clock.AdvanceUntilAsync(
            TimeSpan.FromMilliseconds(50), async () => (await app.DeliveriesAsync("state=delivered")).Count == 3, "the delivery of the replay");

        Assert.Equal("delivered held delivered held delivered", string.Join(' ', (await app.DeliveriesAsync()).Select(delivery => delivery.Text("state"))));
        Assert.DoesNotContain(receiver.Requests, request => request.Header("Sentry-Hook-Resource") is "error" or "event_alert");
    }

    private static Task<long> CountAsync(VedetteApp app) =>
        app.Database.ReadAsync(session => session.SingleAsync<long>("select count(*) from destination"), CancellationToken.None);
}
