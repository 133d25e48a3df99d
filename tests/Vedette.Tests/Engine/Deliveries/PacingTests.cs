using Microsoft.Extensions.DependencyInjection;
using Vedette.Engine.Subscriptions;
using Vedette.Storage;
using Vedette.Tests.Harness;
using Vedette.Tests.Server.Ingest;
using Xunit;

namespace Vedette.Tests.Engine.Deliveries;

/// <summary>How lanes rest, recover, end and are held, through the server on the virtual clock.</summary>
public sealed class PacingTests
{
    private const string Boom = """{"platform":"csharp","exception":{"values":[{"type":"Exception","value":"boom"}]}}""";

    /// <summary>So long that only a lane's rest decides when something goes out; and no attempt times out because the test moves the clock.</summary>
    private static readonly (string Key, string Value) Seldom = ("VEDETTE_RETRY_SCHEDULE", "6h,6h,6h");
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(500);

    [Theory, EachDatabase]
    public async Task Five_failures_rest_the_lane_and_a_probe_that_fails_doubles_the_rest(DatabaseKind database)
    {
        var clock = new FakeClock();
        await using var receiver = new TestReceiver { Behaviour = TestReceiver.Status(500) };
        await using var app = await StartAsync(database, clock, receiver.Url);
        var began = clock.GetUtcNow();
        await SendAsync(app, 5);
        await UntilAsync(app, "rests_until is not null");

        Assert.Equal(new Rest(began + TimeSpan.FromSeconds(5), "server_error", 5), await RestAsync(app));
        await SendAsync(app, 10);
        clock.Advance(TimeSpan.FromSeconds(4));
        await app.RestartAsync();
        await app.WaitForDeliveriesAsync(15, "pending");
        Assert.Equal(5, receiver.Requests.Count);

        // One probe a rest, however many wait.
        await clock.AdvanceUntilAsync(Step, () => receiver.Requests.Count == 6, "the probe");
        await UntilAsync(app, "rest_us = 10000000");
        Assert.InRange((await RestAsync(app)).Until, began + TimeSpan.FromSeconds(15), clock.GetUtcNow() + TimeSpan.FromSeconds(10));
        await clock.AdvanceUntilAsync(Step, () => receiver.Requests.Count == 7, "the second probe");
        await UntilAsync(app, "rest_us = 20000000");

        // What only rested has used up no attempt.
        Assert.Equal(7, await CountAsync(app, "select sum(attempts) from delivery"));
        Assert.Equal(8, await CountAsync(app, "select count(*) from delivery where state = 'pending' and attempts = 0"));

        receiver.Behaviour = TestReceiver.Status(200);
        await clock.AdvanceUntilAsync(Step, () => receiver.Requests.Count == 15, "the recovery");
        await app.WaitForDeliveriesAsync(8);
        await UntilAsync(app, "rests_until is null and rest_us = 0 and rest_reason is null");
    }

    [Theory, EachDatabase]
    public async Task After_a_good_probe_twice_as_many_go_out_with_every_success(DatabaseKind database)
    {
        var clock = new FakeClock();
        await using var broken = new TestReceiver { Behaviour = TestReceiver.Status(500) };
        await using var app = await StartAsync(database, clock, broken.Url);
        await SendAsync(app, 5);
        await UntilAsync(app, "rests_until is not null");
        await SendAsync(app, 20);
        await using var receiver = new GatedReceiver();
        await app.ExecuteAsync("update destination set url = @Url", new { receiver.Url });

        await clock.AdvanceUntilAsync(Step, () => receiver.Waiting > 0, "the probe");
        var atOnce = new List<int>();
        foreach (var limit in new[] { 1, 2, 4, 8 })
        {
            await Poll.UntilAsync(() => receiver.Waiting == limit, $"{limit} at once");
            atOnce.Add(receiver.MostAtOnce);
            receiver.LetGo(1);
        }

        receiver.LetGo(100);
        await app.WaitForDeliveriesAsync(20);
        Assert.Equal([1, 2, 4, 8], atOnce);
        Assert.Equal(8, receiver.MostAtOnce);
    }

    [Theory, EachDatabase]
    public async Task A_lane_that_has_recovered_needs_five_failures_again(DatabaseKind database)
    {
        var clock = new FakeClock();
        await using var receiver = new TestReceiver { Behaviour = TestReceiver.Status(500) };
        await using var app = await StartAsync(database, clock, receiver.Url);
        await SendAsync(app, 5);
        await UntilAsync(app, "rests_until is not null");
        receiver.Behaviour = TestReceiver.Status(200);
        await SendAsync(app, 10);
        await clock.AdvanceUntilAsync(Step, () => receiver.Requests.Count == 15, "the recovery");
        await app.WaitForDeliveriesAsync(10);

        // The failed ones wait in the table, which is looked at each second.
        for (var i = 0; i < 5; i++)
            await TickAsync(clock);
        receiver.Behaviour = TestReceiver.Status(500);
        await SendAsync(app, 4);
        await AttemptsAsync(app, 19);
        Assert.Null((await RestAsync(app)).Reason);
        await SendAsync(app, 1);
        await UntilAsync(app, "rests_until is not null");

        Assert.Equal(5, (await RestAsync(app)).Seconds);
    }

    [Theory, EachDatabase]
    public async Task A_wish_to_be_left_alone_holds_the_whole_lane(DatabaseKind database)
    {
        var clock = new FakeClock();
        await using var receiver = new TestReceiver { Behaviour = TestReceiver.Status(503, "Retry-After: 600") };
        await using var app = await StartAsync(database, clock, receiver.Url);
        var began = clock.GetUtcNow();
        await SendAsync(app, 1);
        await UntilAsync(app, "rests_until is not null");
        receiver.Behaviour = TestReceiver.Status(200);
        await SendAsync(app, 3);

        await clock.AdvanceUntilAsync(TimeSpan.FromSeconds(2), () => receiver.Requests.Count == 4, "the first attempts of the new events");

        Assert.InRange(clock.GetUtcNow() - began, TimeSpan.FromSeconds(600), TimeSpan.FromSeconds(680));
    }

    [Theory, EachDatabase]
    public async Task Enabling_ends_a_rest_at_once(DatabaseKind database)
    {
        var clock = new FakeClock();
        await using var receiver = new TestReceiver { Behaviour = TestReceiver.Status(503, "Retry-After: 86400") };
        await using var app = await StartAsync(database, clock, receiver.Url);
        await SendAsync(app, 1);
        await UntilAsync(app, "rests_until is not null");
        await TickAsync(clock);
        receiver.Behaviour = TestReceiver.Status(200);
        var began = clock.GetUtcNow();

        await DisableAsync(app);
        await EnableAsync(app, release: true);
        await clock.AdvanceUntilAsync(Step, () => receiver.Requests.Count == 2, "the released delivery");

        Assert.InRange(clock.GetUtcNow() - began, TimeSpan.Zero, TimeSpan.FromMinutes(2));
    }

    [Theory, EachDatabase]
    public async Task A_410_ends_the_destination_until_it_is_enabled_again(DatabaseKind database)
    {
        var clock = new FakeClock();
        await using var receiver = new TestReceiver { Behaviour = TestReceiver.Status(500) };
        await using var app = await StartAsync(database, clock, receiver.Url);
        await SendAsync(app, 2);
        await AttemptsAsync(app, 2);
        receiver.Behaviour = TestReceiver.Status(410);
        await SendAsync(app, 1);
        await app.WaitForDeliveriesAsync(3, "gone");

        await SendAsync(app, 2);
        await app.WaitForDeliveriesAsync(5, "gone");
        Assert.Equal(["destination_gone 4", "gone 1"], await app.ListAsync<string>("select reason || ' ' || count(*) from delivery group by reason order by reason"));
        Assert.Equal("gone", (await app.ListAsync<string>("select state from destination"))[0]);
        await TickAsync(clock);
        Assert.Equal(3, receiver.Requests.Count);

        receiver.Behaviour = TestReceiver.Status(200);
        await EnableAsync(app, release: true);
        await SendAsync(app, 1);
        await app.WaitForDeliveriesAsync(1);
        Assert.Equal(4, receiver.Requests.Count);
    }

    /// <summary>It answered to what the owner has put right meanwhile.</summary>
    [Theory, EachDatabase]
    public async Task A_410_that_comes_after_the_destination_was_enabled_anew_does_not_end_it(DatabaseKind database)
    {
        var clock = new FakeClock();
        var late = new TaskCompletionSource();
        await using var old = new TestReceiver
        {
            Behaviour = async (request, stream, ct) =>
            {
                await late.Task.WaitAsync(ct);
                return await TestReceiver.Status(410)(request, stream, ct);
            },
        };
        await using var receiver = new TestReceiver();
        await using var app = await StartAsync(database, clock, old.Url);
        await SendAsync(app, 1);
        await old.WaitForAsync(1);

        await DisableAsync(app);
        await app.ExecuteAsync("update destination set url = @Url", new { receiver.Url });
        await EnableAsync(app, release: true);
        late.SetResult();
        await UntilAsync(app, "exists (select 1 from destination_day where errors = 1)");
        await clock.AdvanceUntilAsync(Step, () => receiver.Requests.Count == 1, "the released delivery");
        await app.WaitForDeliveriesAsync(1);

        Assert.Equal("active", (await app.ListAsync<string>("select state from destination"))[0]);
    }

    [Theory, EachDatabase]
    public async Task However_often_it_is_enabled_what_is_under_way_is_not_sent_a_second_time_meanwhile(DatabaseKind database)
    {
        var late = new TaskCompletionSource();
        await using var receiver = new TestReceiver
        {
            Behaviour = async (request, stream, ct) =>
            {
                await late.Task.WaitAsync(ct);
                return await TestReceiver.Status(200)(request, stream, ct);
            },
        };
        await using var app = await StartAsync(database, new FakeClock(), receiver.Url);
        await SendAsync(app, 1);
        await receiver.WaitForAsync(1);
        var leaseEnds = await app.ListAsync<long>("select due_at from delivery");

        for (var i = 0; i < 3; i++)
        {
            await DisableAsync(app);
            await EnableAsync(app, release: true);
        }

        Assert.Equal(leaseEnds, await app.ListAsync<long>("select due_at from delivery"));
        Assert.Equal(["released"], await app.ListAsync<string>("select reason from delivery"));
        late.SetResult();
    }

    [Theory, EachDatabase]
    public async Task What_is_disabled_holds_its_deliveries_until_they_are_released_or_dropped(DatabaseKind database)
    {
        var clock = new FakeClock();
        await using var receiver = new TestReceiver();
        await using var app = await StartAsync(database, clock, receiver.Url);
        await DisableAsync(app);
        await SendAsync(app, 3);
        await app.WaitForDeliveriesAsync(3, "held");
        await TickAsync(clock);
        Assert.Empty(receiver.Requests);

        Assert.Equal(3, await EnableAsync(app, release: true));
        await clock.AdvanceUntilAsync(Step, () => receiver.Requests.Count == 3, "the released deliveries");
        await app.WaitForDeliveriesAsync(3);

        await DisableAsync(app);
        await SendAsync(app, 2);
        Assert.Equal(2, await EnableAsync(app, release: false));
        Assert.Equal(0, await EnableAsync(app, release: true));
        await SendAsync(app, 1);
        await app.WaitForDeliveriesAsync(4);
        Assert.Equal(["cancelled dropped 2", "delivered delivered 4"], await app.ListAsync<string>("select state || ' ' || reason || ' ' || count(*) from delivery group by state, reason order by state"));
        Assert.Equal(4, receiver.Requests.Count);
    }

    [Theory, EachDatabase]
    public async Task A_destination_never_gets_more_at_once_than_its_cap(DatabaseKind database)
    {
        await using var receiver = new GatedReceiver();
        await using var app = await VedetteApp.StartAsync(database, new FakeClock());
        await app.CreateAppAsync(receiver.Url, """["error"]""", ""","delivery":{"concurrency":3,"timeoutMs":30000}""");
        await SendAsync(app, 40);

        for (var done = 0; done < 40; done++)
        {
            await Poll.UntilAsync(() => receiver.Waiting == Math.Min(3, 40 - done), $"the ones after {done}");
            receiver.LetGo(1);
        }

        await app.WaitForDeliveriesAsync(40);
        Assert.Equal(3, receiver.MostAtOnce);
    }

    /// <summary>The clock stands still: whoever waits for a receiver that hangs waits for ever.</summary>
    [Theory, EachDatabase]
    public async Task Receivers_that_hang_hold_up_nobody_else(DatabaseKind database)
    {
        await using var hanging = new TestReceiver { Behaviour = TestReceiver.Hang };
        await using var good = new TestReceiver();
        await using var app = await VedetteApp.StartAsync(database, new FakeClock());
        for (var i = 0; i < 30; i++)
            await app.CreateAppAsync(i % 5 == 0 ? hanging.Url : good.Url, """["error"]""");

        await SendAsync(app, 20);
        await good.WaitForAsync(24 * 20);

        await hanging.WaitForAsync(6 * 8);
        await app.WaitForDeliveriesAsync(24 * 20);
        Assert.Equal(6 * 8, hanging.Requests.Count);
    }

    private static async Task<VedetteApp> StartAsync(DatabaseKind database, FakeClock clock, string url)
    {
        var app = await VedetteApp.StartAsync(database, clock, Seldom);
        await app.CreateAppAsync(url, """["error"]""", ""","delivery":{"timeoutMs":30000}""");
        return app;
    }

    private static async Task SendAsync(VedetteApp app, int events)
    {
        for (var i = 0; i < events; i++)
            Assert.Equal(200, (await app.SendEventAsync(Boom)).Status);
    }

    /// <summary>The dispatcher has looked at the table once more.</summary>
    private static async Task TickAsync(FakeClock clock)
    {
        for (var i = 0; i < 4; i++)
        {
            clock.Advance(Step);
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System);
        }
    }

    private static Task DisableAsync(VedetteApp app) => app.Database.WriteAsync(
        async transaction => await app.Services.GetRequiredService<DestinationStore>().DisableAsync(transaction, await IdAsync(transaction), "test"), CancellationToken.None);

    private static Task<int> EnableAsync(VedetteApp app, bool release) => app.Database.WriteAsync(
        async transaction => await app.Services.GetRequiredService<DestinationStore>().EnableAsync(transaction, await IdAsync(transaction), release), CancellationToken.None);

    private static Task<long> IdAsync(Transaction transaction) => transaction.SingleAsync<long>("select id from destination");

    private static async Task<long> CountAsync(VedetteApp app, string sql) => (await app.ListAsync<long>(sql))[0];

    private static Task UntilAsync(VedetteApp app, string condition) =>
        Poll.UntilAsync(async () => await CountAsync(app, $"select count(*) from destination where {condition}") == 1, condition);

    private static Task AttemptsAsync(VedetteApp app, int count) =>
        Poll.UntilAsync(async () => await CountAsync(app, "select count(*) from attempt") == count, $"{count} attempts");

    private static async Task<Rest> RestAsync(VedetteApp app)
    {
        var row = (await app.ListAsync<RestRow>("select coalesce(rests_until, 0) as rests_until, rest_reason, rest_us from destination")).Single();
        return new Rest(UnixMicroseconds.ToInstant(row.RestsUntil), row.RestReason, row.RestUs / 1_000_000);
    }

    private sealed record Rest(DateTimeOffset Until, string? Reason, long Seconds);

    private sealed record RestRow
    {
        public long RestsUntil { get; init; }

        public string? RestReason { get; init; }

        public long RestUs { get; init; }
    }
}
