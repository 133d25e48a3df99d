using Microsoft.Extensions.DependencyInjection;
using Vedette.Engine.Subscriptions;
using Vedette.Server.Authorization;
using Vedette.Tests.Harness;
using Vedette.Tests.Server.Issues;
using Xunit;

namespace Vedette.Tests.Server.DeliveryLog;

public sealed class ReplayTests
{
    private const string List = "/api/vedette/organizations/default/deliveries/";

    [Theory, EachDatabase]
    public async Task A_replay_is_a_new_delivery_of_the_same_event_under_the_same_key(DatabaseKind database)
    {
        await using var receiver = new TestReceiver();
        await using var app = await VedetteApp.StartAsync(database, new FakeClock());
        await app.CreateAppAsync(receiver.Url, """["error"]""");
        await app.SendAsync(TestEvents.Boom());
        await app.WaitForDeliveriesAsync(1);

        var answer = await ReplayAsync(app, 1);
        await app.WaitForDeliveriesAsync(2);
        var replay = (await app.GetAsync($"{List}2/")).Map;

        Assert.Equal((201, "2", "1"), (answer.Status, answer.Map.Text("id"), answer.Map.Text("replayOf")));
        Assert.Equal(("delivered", "1"), (replay.Text("state"), replay.Text("replayOf")));
        Assert.Equal(receiver.Requests[0].Header("Idempotency-Key"), receiver.Requests[1].Header("Idempotency-Key"));
        Assert.Equal(receiver.Requests[0].Text, receiver.Requests[1].Text);
        Assert.NotEqual(receiver.Requests[0].Header("Request-ID"), receiver.Requests[1].Header("Request-ID"));
    }

    [Theory, EachDatabase]
    public async Task While_a_replay_is_pending_there_is_no_second(DatabaseKind database)
    {
        await using var receiver = new TestReceiver();
        await using var app = await VedetteApp.StartAsync(database, new FakeClock());
        await app.CreateAppAsync(receiver.Url, """["error"]""");
        await app.SendAsync(TestEvents.Boom());
        await app.WaitForDeliveriesAsync(1);
        receiver.Behaviour = TestReceiver.Hang;

        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => ReplayAsync(app, 1)));
        var ofTheReplay = await ReplayAsync(app, 2);

        Assert.Equal("2", Assert.Single(answers.Append(ofTheReplay).Select(answer => answer.Map.Text("id")).Distinct()));
        Assert.Equal([200, 200, 200, 200, 200, 200, 200, 201], answers.Select(answer => answer.Status).Order());
        Assert.Equal(200, ofTheReplay.Status);
    }

    [Theory, EachDatabase]
    public async Task What_was_replayed_can_be_replayed_again(DatabaseKind database)
    {
        await using var receiver = new TestReceiver();
        await using var app = await VedetteApp.StartAsync(database, new FakeClock());
        await app.CreateAppAsync(receiver.Url, """["error"]""");
        await app.SendAsync(TestEvents.Boom());
        await app.WaitForDeliveriesAsync(1);

        await ReplayAsync(app, 1);
        await app.WaitForDeliveriesAsync(2);
        var second = await ReplayAsync(app, 1);
        await app.WaitForDeliveriesAsync(3);

        Assert.Equal((201, "3", "2"), (second.Status, second.Map.Text("id"), second.Map.Text("replayOf")));
        Assert.Equal(3, receiver.Requests.Count);
        Assert.Single(receiver.Requests.Select(request => request.Header("Idempotency-Key")).Distinct());
    }

    [Theory, EachDatabase]
    public async Task A_receiver_that_ended_its_subscription_is_not_called_before_it_is_enabled(DatabaseKind database)
    {
        await using var receiver = new TestReceiver { Behaviour = TestReceiver.Status(410) };
        await using var app = await VedetteApp.StartAsync(database, new FakeClock());
        await app.CreateAppAsync(receiver.Url, """["error"]""");
        await app.SendAsync(TestEvents.Boom());
        await app.WaitForDeliveriesAsync(1, "gone");
        receiver.Behaviour = TestReceiver.Status(200);

        var refused = await ReplayAsync(app, 1);
        var destinations = app.Services.GetRequiredService<DestinationStore>();
        await app.Database.WriteAsync(transaction => destinations.EnableAsync(transaction, 1, release: true), CancellationToken.None);
        var replayed = await ReplayAsync(app, 1);
        await app.WaitForDeliveriesAsync(1);

        Assert.Equal((409, 201), (refused.Status, replayed.Status));
        Assert.Equal(2, receiver.Requests.Count);
    }

    [Fact]
    public async Task For_a_disabled_destination_it_is_held()
    {
        await using var receiver = new TestReceiver();
        await using var app = await VedetteApp.StartAsync(time: new FakeClock());
        await app.CreateAppAsync(receiver.Url, """["error"]""");
        await app.SendAsync(TestEvents.Boom());
        await app.WaitForDeliveriesAsync(1);
        var destinations = app.Services.GetRequiredService<DestinationStore>();
        await app.Database.WriteAsync(transaction => destinations.DisableAsync(transaction, 1, "test"), CancellationToken.None);

        var held = await ReplayAsync(app, 1);
        var again = await ReplayAsync(app, 1);
        await app.Database.WriteAsync(transaction => destinations.EnableAsync(transaction, 1, release: true), CancellationToken.None);

        Assert.Equal((201, "held"), (held.Status, held.Map.Text("state")));
        Assert.Equal((200, "2"), (again.Status, again.Map.Text("id")));
    }

    [Fact]
    public async Task Only_those_who_may_change_the_organization_replay()
    {
        await using var receiver = new TestReceiver();
        await using var app = await VedetteApp.StartAsync(time: new FakeClock());
        await app.CreateAppAsync(receiver.Url, """["error"]""");
        await app.SendAsync(TestEvents.Boom());
        await app.WaitForDeliveriesAsync(1);
        await app.AddOrganizationAsync("other");
        var member = await app.AddPersonAsync("member@acme.example", "default", MemberRole.Member);
        var manager = await app.AddPersonAsync("manager@acme.example", "default", MemberRole.Manager);
        var outsider = await app.AddPersonAsync("outsider@other.example", "other", MemberRole.Owner);
        const string Jobs = "/api/vedette/organizations/default/replays/";

        Assert.Equal(403, (await ReplayAsync(app, 1, member)).Status);
        Assert.Equal(404, (await ReplayAsync(app, 1, outsider)).Status);
        Assert.Equal(404, (await app.ApiAsync(HttpMethod.Post, $"{List.Replace("default", "other", StringComparison.Ordinal)}1/replay/", "{}", outsider)).Status);
        Assert.Equal(404, (await ReplayAsync(app, 2)).Status);
        Assert.Equal(201, (await ReplayAsync(app, 1, manager)).Status);
        Assert.Equal(403, (await app.ApiAsync(HttpMethod.Post, Jobs, "{}", member)).Status);
        Assert.Equal(404, (await app.ApiAsync(HttpMethod.Post, Jobs, "{}", outsider)).Status);
        Assert.Equal(201, (await app.ApiAsync(HttpMethod.Post, Jobs, "{}", manager)).Status);
        Assert.Equal(200, (await app.GetAsync($"{Jobs}1/", member)).Status);
        Assert.Equal(404, (await app.GetAsync($"{Jobs}1/", outsider)).Status);
        Assert.Equal(404, (await app.GetAsync("/api/vedette/organizations/other/replays/1/", outsider)).Status);
        Assert.Equal(404, (await app.ApiAsync(HttpMethod.Delete, "/api/vedette/organizations/other/replays/1/", token: outsider)).Status);
    }

    private static Task<ApiAnswer> ReplayAsync(VedetteApp app, int delivery, string? token = null) =>
        app.ApiAsync(HttpMethod.Post, $"{List}{delivery}/replay/", "{}", token);
}
