using Vedette.Tests.Harness;
using Vedette.Wire;
using Xunit;

namespace Vedette.Tests.MainRoad;

/// <summary>From an event to a receiver, in one process, on the virtual clock.</summary>
public sealed class DeliveryTests
{
    private const string Boom = """
        {"platform":"csharp","exception":{"values":[{"type":"InvalidOperationException","value":"cart 17 is empty",
         "stacktrace":{"frames":[{"module":"Shop.Cart","function":"Checkout","filename":"Cart.cs","lineno":41,"in_app":true}]}}]}}
        """;

    [Theory, EachDatabase]
    public async Task A_new_error_is_told_to_a_subscribed_app(DatabaseKind database)
    {
        await using var receiver = new TestReceiver();
        await using var app = await VedetteApp.StartAsync(database, new FakeClock());
        var bridge = await app.CreateAppAsync(receiver.Url);

        var answer = await app.SendEventAsync(Boom);
        var requests = await receiver.WaitForAsync(2);

        Assert.Equal(200, answer.Status);
        Assert.Equal(["error.created", "issue.created"], requests.Select(r => r.Event).Order());
        Assert.All(requests, r => Assert.True(HookSignature.Verify(bridge.Text("clientSecret")!, r.Body, r.Header("Sentry-Hook-Signature"))));
    }

    /// <summary>A lease has to outlast the attempt, or nobody would dare to make it.</summary>
    [Theory, EachDatabase]
    public async Task A_receiver_may_be_given_the_longest_timeout(DatabaseKind database)
    {
        var clock = new FakeClock();
        await using var receiver = new TestReceiver { Behaviour = TestReceiver.Status(500) };
        await using var app = await VedetteApp.StartAsync(database, clock);
        await app.CreateAppAsync(receiver.Url, """["error"]""", ""","delivery":{"timeoutMs":30000}""");

        await app.SendEventAsync(Boom);
        await receiver.WaitForAsync(1);
        await app.RestartAsync();
        await clock.AdvanceUntilAsync(TimeSpan.FromSeconds(1), () => receiver.Requests.Count == 2, "the attempt of the restarted server");
    }

    [Theory, EachDatabase]
    public async Task A_failed_delivery_is_tried_again_on_schedule_under_the_same_key(DatabaseKind database)
    {
        var clock = new FakeClock();
        await using var receiver = new TestReceiver { Behaviour = TestReceiver.Status(500) };
        await using var app = await VedetteApp.StartAsync(database, clock, ("VEDETTE_RETRY_SCHEDULE", "10s,1h"));
        await app.CreateAppAsync(receiver.Url, """["error"]""");
        await app.SendEventAsync(Boom);
        await receiver.WaitForAsync(1);

        receiver.Behaviour = TestReceiver.Status(200);
        await clock.AdvanceUntilAsync(TimeSpan.FromSeconds(1), () => receiver.Requests.Count == 2, "the second attempt");

        var keys = receiver.Requests.Select(r => r.Header("Idempotency-Key")).Distinct();
        var ids = receiver.Requests.Select(r => r.Header("Request-ID")).Distinct();
        Assert.Single(keys);
        Assert.Equal(2, ids.Count());
    }
}
