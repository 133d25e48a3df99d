using Vedette.Engine.Subscriptions;
using Vedette.Tests.Harness;
using Vedette.Tests.Server.Issues;
using Vedette.Wire;
using Vedette.Wire.Json;
using Xunit;

namespace Vedette.Tests.Engine.Subscriptions;

/// <summary>What an owner changes counts from the next attempt and the next event on.</summary>
public sealed class DestinationChangeTests
{
    [Theory, EachDatabase]
    public async Task A_changed_destination_is_called_as_its_owner_says(DatabaseKind database)
    {
        await using var before = new TestReceiver();
        await using var after = new TestReceiver();
        await using var app = await VedetteApp.StartAsync(database, new FakeClock());
        await app.CreateAppAsync(before.Url, """["error"]""");
        await app.SendAsync(TestEvents.Boom());
        await app.WaitForDeliveriesAsync(1);

        await app.OwnAsync((transaction, destinations) =>
            destinations.ChangeAsync(transaction, app.Plain(after.Url) with { Encoding = BodyEncoding.Ascii, Ordered = true, Concurrency = 1 }, namesUrl: true));
        await app.SendAsync(TestEvents.Boom(""","extra":{"size":"groß"}"""));
        await app.WaitForDeliveriesAsync(2);

        var request = Assert.Single(after.Requests);
        Assert.Single(before.Requests);
        Assert.Contains("gro\\u00df", request.Text, StringComparison.Ordinal);
        Assert.True(HookSignature.Verify(Owner.Secret, request.Body, request.Header("Sentry-Hook-Signature")));
        Assert.Equal(
            "1 1", await app.Database.ReadAsync(session => session.SingleAsync<string>("select concurrency || ' ' || ordered from destination"), CancellationToken.None));
    }

    [Theory, EachDatabase]
    public async Task Changing_a_destination_that_was_gone_enables_it_and_one_that_is_disabled_stays_so(DatabaseKind database)
    {
        await using var receiver = new TestReceiver { Behaviour = TestReceiver.Status(410) };
        await using var app = await VedetteApp.StartAsync(database, new FakeClock());
        await app.CreateAppAsync(receiver.Url, """["error"]""");
        await app.SendAsync(TestEvents.Boom());
        await app.WaitForDeliveriesAsync(1, "gone");
        receiver.Behaviour = TestReceiver.Status(200);

        await app.OwnAsync((transaction, destinations) => destinations.ChangeAsync(transaction, app.Plain(receiver.Url), namesUrl: true));
        await app.SendAsync(TestEvents.Boom());
        await app.WaitForDeliveriesAsync(1);

        await app.OwnAsync(async (transaction, destinations) =>
        {
            await destinations.DisableAsync(transaction, 1, "owner");
            await destinations.ChangeAsync(transaction, app.Plain(receiver.Url) with { Concurrency = 2 }, namesUrl: true);
        });
        await app.SendAsync(TestEvents.Boom());
        Assert.Equal(["gone", "delivered", "held"], (await app.DeliveriesAsync()).Select(delivery => delivery.Text("state")));
    }

    [Theory, EachDatabase]
    public async Task Projects_restrict_new_issues_and_errors_and_nothing_else(DatabaseKind database)
    {
        var clock = new FakeClock();
        await using var receiver = new TestReceiver();
        await using var app = await VedetteApp.StartAsync(database, clock);
        await app.CreateAppAsync(receiver.Url, """["comment"]""");
        var (other, _) = await app.AddProjectAsync("default", "other");

        await SubscribeAsync([other]);
        await app.SendAsync(TestEvents.Boom());
        await ResolveAsync();
        await app.WaitForDeliveriesAsync(1);
        Assert.Equal(["issue.resolved"], receiver.Requests.Select(request => request.Event));

        clock.Advance(TimeSpan.FromSeconds(1));
        await SubscribeAsync([other, app.ProjectId, app.ProjectId]);
        await app.SendAsync(TestEvents.Boom());
        await app.WaitForDeliveriesAsync(3);
        Assert.Equal(["error.created", "issue.unresolved"], receiver.Requests.Skip(1).Select(request => request.Event).Order(StringComparer.Ordinal));

        await SubscribeAsync([]);
        await app.SendAsync(TestEvents.Boom());
        Assert.Equal(3, (await app.DeliveriesAsync()).Count);

        await SubscribeAsync(null);
        await app.SendAsync(TestEvents.Boom());
        await app.WaitForDeliveriesAsync(4);
        await app.OwnAsync((transaction, destinations) => destinations.SubscribeAsync(transaction, 1, 1, [], null));
        await app.SendAsync(TestEvents.Boom());
        await ResolveAsync();
        Assert.Equal(4, (await app.DeliveriesAsync()).Count);

        Task SubscribeAsync(IReadOnlyList<long>? projects) => app.OwnAsync((transaction, destinations) => destinations.SubscribeAsync(
            transaction, 1, 1, ["issue.created", "issue.resolved", "issue.unresolved", "error.created", "error.created"], projects));

        Task ResolveAsync() => app.ApiAsync(HttpMethod.Put, "/api/0/organizations/default/issues/1/", """{"status":"resolved"}""");
    }
}
