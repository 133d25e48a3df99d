using Vedette.Tests.Harness;
using Vedette.Wire.Json;
using Xunit;

namespace Vedette.Tests.Engine.Deliveries;

/// <summary>With <c>delivery.ordered</c>, the deliveries of one issue go one at a time, oldest first.</summary>
public sealed class OrderingTests
{
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(250);

    [Theory, EachDatabase]
    public async Task Deliveries_of_one_issue_go_one_at_a_time_oldest_first(DatabaseKind database)
    {
        await using var receiver = new GatedReceiver();
        await using var app = await StartAsync(database, new FakeClock(), receiver.Url);
        for (var i = 0; i < 6; i++)
            await SendAsync(app, "A", i);

        for (var i = 0; i < 6; i++)
        {
            await Poll.UntilAsync(() => receiver.Requests.Count == i + 1, $"delivery {i}");
            receiver.LetGo(1);
        }

        await app.WaitForDeliveriesAsync(6);
        Assert.Equal(["A0", "A1", "A2", "A3", "A4", "A5"], receiver.Requests.Select(Message));
        Assert.Equal(1, receiver.MostAtOnce);
    }

    [Theory, EachDatabase]
    public async Task Issues_do_not_wait_for_each_other(DatabaseKind database)
    {
        await using var receiver = new GatedReceiver();
        await using var app = await StartAsync(database, new FakeClock(), receiver.Url);
        foreach (var issue in new[] { "A", "B", "C" })
        {
            await SendAsync(app, issue, 0);
            await SendAsync(app, issue, 1);
        }

        await Poll.UntilAsync(() => receiver.Waiting == 3, "one of each issue");
        Assert.Equal(["A0", "B0", "C0"], receiver.Requests.Select(Message).Order(StringComparer.Ordinal));
        receiver.LetGo(6);
        await app.WaitForDeliveriesAsync(6);
        Assert.Equal(6, receiver.Requests.Count);
    }

    [Theory, EachDatabase]
    public async Task A_poison_delivery_is_parked_after_its_schedule_and_its_issue_goes_on(DatabaseKind database)
    {
        var clock = new FakeClock();
        await using var receiver = new TestReceiver
        {
            Behaviour = (request, stream, ct) => TestReceiver.Status(Message(request) == "A0" ? 422 : 200)(request, stream, ct),
        };
        await using var app = await StartAsync(database, clock, receiver.Url, ("VEDETTE_RETRY_SCHEDULE", "10s,20s"));
        await SendAsync(app, "A", 0);
        await receiver.WaitForAsync(1);
        await SendAsync(app, "A", 1);
        await SendAsync(app, "A", 2);
        await SendAsync(app, "B", 0);

        // Another issue is not held up.
        await app.WaitForDeliveriesAsync(1);
        Assert.Equal(["A0", "B0"], receiver.Requests.Select(Message));
        await clock.AdvanceUntilAsync(Step, () => receiver.Requests.Count == 6, "the end of the poison and what waited for it");
        await app.WaitForDeliveriesAsync(3);

        Assert.Equal(["A0", "B0", "A0", "A0", "A1", "A2"], receiver.Requests.Select(Message));
        await app.WaitForDeliveriesAsync(1, "exhausted");
    }

    [Theory, EachDatabase]
    public async Task The_order_outlives_a_restart(DatabaseKind database)
    {
        var clock = new FakeClock();
        await using var receiver = new TestReceiver { Behaviour = TestReceiver.Status(500) };
        await using var app = await StartAsync(database, clock, receiver.Url, ("VEDETTE_RETRY_SCHEDULE", "30s,30s"));
        await SendAsync(app, "A", 0);
        await receiver.WaitForAsync(1);
        await SendAsync(app, "A", 1);

        await app.RestartAsync();
        receiver.Behaviour = TestReceiver.Status(200);
        await clock.AdvanceUntilAsync(Step, () => receiver.Requests.Count == 3, "both");

        Assert.Equal(["A0", "A0", "A1"], receiver.Requests.Select(Message));
    }

    private static async Task<VedetteApp> StartAsync(DatabaseKind database, FakeClock clock, string url, params (string Key, string Value)[] settings)
    {
        var app = await VedetteApp.StartAsync(database, clock, settings);
        var made = await app.CreateAppAsync(url, """["error"]""", ""","delivery":{"ordered":true,"timeoutMs":30000}""");
        Assert.Equal(true, made.Map("delivery")!["ordered"]);
        return app;
    }

    private static async Task SendAsync(VedetteApp app, string issue, int number) =>
        Assert.Equal(200, (await app.SendEventAsync($$"""{"exception":{"values":[{"type":"{{issue}}{{number}}"}]},"fingerprint":["{{issue}}"]}""")).Status);

    private static string Message(ReceivedRequest request) => request.Json.Map("data")!.Map("error")!.Text("title")!;
}
