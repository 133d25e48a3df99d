using Vedette.Engine;
using Vedette.Engine.Deliveries;
using Vedette.Engine.Subscriptions;
using Vedette.Storage.Migrations;
using Vedette.Tests.Harness;
using Vedette.Tests.Storage;
using Xunit;

namespace Vedette.Tests.Engine.Deliveries;

/// <summary>How receivers are found to be broken for good.</summary>
public sealed class BrokenReceiverTests
{
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(250);
    private static readonly RetrySchedule Seldom = new([TimeSpan.FromDays(9)]);

    [Theory]
    [InlineData("0:0/0/1000", true)]
    [InlineData("0:9/0/1000", true)]
    [InlineData("0:0/0/999", false)]
    [InlineData("1:0/0/1000", false)]
    [InlineData("0:0/1/0 1:0/1/0 2:0/1/0 3:0/1/0 4:0/1/0 5:0/1/0 6:0/1/0", true)]
    [InlineData("0:0/1/0 1:0/1/0 2:0/1/0 3:0/1/0 4:0/1/0 5:0/1/0", false)]
    [InlineData("0:0/1/0 1:0/1/0 2:0/1/0 4:0/1/0 5:0/1/0 6:0/1/0 7:0/1/0", false)]
    [InlineData("0:0/1/0 1:0/1/0 2:0/1/0 3:1/1/0 4:0/1/0 5:0/1/0 6:0/1/0", false)]
    [InlineData("0:0/0/5 1:0/1/0 2:0/1/0 3:0/1/0 4:0/1/0 5:0/1/0 6:0/1/0", false)]
    [InlineData("", false)]
    public void Broken_is_a_thousand_timeouts_in_a_day_or_a_week_of_errors_without_a_success(string story, bool broken)
    {
        var days = story.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(day =>
        {
            var parts = day.Split(':', '/').Select(long.Parse).ToList();
            return new DestinationDay { Day = 20000 - parts[0], Successes = parts[1], Errors = parts[2], Timeouts = parts[3] };
        }).ToList();

        Assert.Equal(broken, new BrokenRule().IsBroken(days, 20000));
    }

    [Theory, EachDatabase]
    public async Task Attempts_are_counted_by_kind_and_day(DatabaseKind database)
    {
        var clock = new FakeClock();
        await using var db = await CreateAsync(database);
        await using var receiver = new TestReceiver();
        await using var node = new EngineNode(db.Node, clock, new EngineOptions { Schedule = Seldom });
        await node.AddDestinationAsync(receiver.Url);
        await node.StartAsync();
        await node.AcceptAsync(2);
        await AttemptsAsync(node, 2);
        foreach (var status in new[] { 301, 404, 429, 500 })
        {
            receiver.Behaviour = TestReceiver.Status(status);
            await node.AcceptAsync(1);
            await AttemptsAsync(node, (int)await node.CountAsync("select count(*) from delivery"));
        }

        receiver.Behaviour = TestReceiver.Status(200);
        await node.AcceptAsync(1);
        await AttemptsAsync(node, 7);
        receiver.Behaviour = TestReceiver.Hang;
        await node.AcceptAsync(1);
        await receiver.WaitForAsync(8);
        clock.Advance(TimeSpan.FromSeconds(1));
        await AttemptsAsync(node, 8);
        var first = node.Today;
        clock.Advance(TimeSpan.FromDays(1));
        receiver.Behaviour = TestReceiver.Status(200);
        await node.AcceptAsync(1);
        await AttemptsAsync(node, 9);

        Assert.Equal(
            [
                new DestinationDay { Day = first, Successes = 3, Errors = 4, Timeouts = 1 },
                new DestinationDay { Day = first + 1, Successes = 1 },
            ],
            await node.DaysAsync());
    }

    [Theory, EachDatabase]
    public async Task The_host_is_told_in_the_transaction_that_finds_it_out(DatabaseKind database)
    {
        var clock = new FakeClock();
        await using var db = await CreateAsync(database);
        var told = new List<(long Inside, long Outside)>();
        await using var receiver = new TestReceiver { Behaviour = TestReceiver.Status(500) };
        var notices = new DestinationNotices
        {
            OnBroken = async (transaction, id) =>
            {
                told.Add((
                    await transaction.SingleAsync<long>("select count(*) from attempt"),
                    await db.Node.ReadAsync(session => session.SingleAsync<long>("select count(*) from attempt"), CancellationToken.None)));
                await transaction.ExecuteAsync("update destination set state_reason = 'broken' where id = @id", new { id });
            },
        };
        await using var node = new EngineNode(db.Node, clock, new EngineOptions { Schedule = Seldom, Broken = new BrokenRule { Days = 1 } }, notices);
        await node.AddDestinationAsync(receiver.Url);
        await node.StartAsync();

        await node.AcceptAsync(1);
        await AttemptsAsync(node, 1);

        Assert.Equal([(1L, 0L)], told);
        Assert.Equal(1, await node.CountAsync("select count(*) from destination where state_reason = 'broken'"));
    }

    /// <summary>Two nodes look at the same rest, and each delivery still counts once.</summary>
    [Theory, EachDatabase]
    public async Task What_falls_due_while_a_lane_rests_after_timeouts_counts_once(DatabaseKind database)
    {
        var clock = new FakeClock();
        await using var db = await CreateAsync(database);
        var broken = 0;
        await using var receiver = new TestReceiver { Behaviour = TestReceiver.Hang };
        var options = new EngineOptions { Schedule = Seldom, Broken = new BrokenRule { Timeouts = 25 } };
        var notices = new DestinationNotices
        {
            OnBroken = (_, _) =>
            {
                Interlocked.Increment(ref broken);
                return Task.CompletedTask;
            },
        };
        await using var one = new EngineNode(db.Node, clock, options, notices);
        await using var two = new EngineNode(db.AddNode(), clock, options, notices);
        await one.AddDestinationAsync(receiver.Url);
        await one.StartAsync();
        await two.StartAsync();
        await one.AcceptAsync(5);
        await receiver.WaitForAsync(5);
        clock.Advance(TimeSpan.FromSeconds(1));
        await AttemptsAsync(one, 5);
        await Poll.UntilAsync(async () => await one.CountAsync("select count(*) from destination where rests_until is not null") == 1, "the rest");

        // One probe each 5, 10, 20 ... seconds, while these fall due.
        clock.Advance(Step);
        await one.AcceptAsync(20);
        await clock.AdvanceUntilAsync(Step, async () => await one.CountAsync("select count(*) from attempt") >= 8, "some probes");
        var days = await one.DaysAsync();
        var attempts = await one.CountAsync("select count(*) from attempt");

        Assert.True(broken > 0);
        Assert.InRange(days.Sum(day => day.Timeouts), 20 + 8, 20 + attempts);
        Assert.Equal(0, days.Sum(day => day.Errors + day.Successes));
    }

    [Theory, EachDatabase]
    public async Task What_falls_due_while_a_lane_rests_after_errors_does_not_count(DatabaseKind database)
    {
        var clock = new FakeClock();
        await using var db = await CreateAsync(database);
        await using var receiver = new TestReceiver { Behaviour = TestReceiver.Status(500) };
        await using var node = new EngineNode(db.Node, clock, new EngineOptions { Schedule = Seldom });
        await node.AddDestinationAsync(receiver.Url, TimeSpan.FromSeconds(30));
        await node.StartAsync();
        await node.AcceptAsync(5);
        await AttemptsAsync(node, 5);
        await node.AcceptAsync(20);

        await clock.AdvanceUntilAsync(Step, async () => await node.CountAsync("select count(*) from attempt") >= 7, "some probes");

        Assert.Equal(0, (await node.DaysAsync()).Sum(day => day.Timeouts));
    }

    [Theory, EachDatabase]
    public async Task A_stop_that_the_host_has_no_patience_for_ends_without_a_failure(DatabaseKind database)
    {
        await using var db = await CreateAsync(database);
        await using var receiver = new TestReceiver { Behaviour = TestReceiver.Hang };
        var node = new EngineNode(db.Node, new FakeClock());
        await node.AddDestinationAsync(receiver.Url);
        await node.StartAsync();
        await node.AcceptAsync(1);
        await receiver.WaitForAsync(1);

        // What cannot be recorded would be waited for without end.
        await db.Node.WriteAsync(transaction => transaction.ExecuteAsync("drop table attempt"), CancellationToken.None);
        await node.Dispatcher.StopAsync(new CancellationToken(canceled: true));
        await node.DisposeAsync();

        Assert.True(node.Dispatcher.ExecuteTask!.IsCompletedSuccessfully);
    }

    /// <summary>Its place was promised before the rest began, and the commit came after.</summary>
    [Fact]
    public void What_a_lane_took_in_when_it_already_rested_goes_out_when_the_rest_is_over()
    {
        var clock = new FakeClock();
        var lanes = new LaneTable(new EngineOptions(), clock, new Random(1), () => { });
        var destination = new Destination { Id = 7, Kind = DestinationKind.App, PublicId = "", OrganizationId = 1, Url = "", Secret = [] };
        lanes.Accept(Leased(1));
        var promised = lanes.TryReserve(destination)!;
        Assert.True(lanes.TryTakeTurn(out var lane, out var first));
        var failed = new AttemptResult { Outcome = AttemptOutcome.ServerError, Reason = "", RequestId = "", StartedAt = clock.GetUtcNow(), Duration = TimeSpan.Zero };
        for (var i = 0; i < 5; i++)
            lanes.Learn(lane, failed, 0);
        lanes.Finish(lane);

        lanes.Accept(Leased(2) with { Lease = promised });
        Assert.False(lanes.TryTakeTurn(out _, out _));
        Assert.Equal(TimeSpan.FromSeconds(5), lanes.NextPause(clock.GetUtcNow().AddMinutes(1)));
        clock.Advance(TimeSpan.FromSeconds(5));
        lanes.TakeWishes();

        Assert.True(lanes.TryTakeTurn(out _, out var second));
        Assert.Equal((1, 2), (first.Id, second.Id));

        LeasedDelivery Leased(long id)
        {
            var lease = id == 1 ? lanes.TryReserve(destination)! : new DeliveryLease(0, default);
            return new LeasedDelivery { Id = id, EventId = id, Destination = destination, Action = "", Payload = null, Attempts = 0, AcceptedAt = default, Lease = lease };
        }
    }

    [Fact]
    public void What_a_lane_hears_of_while_it_claims_is_not_forgotten()
    {
        var clock = new FakeClock();
        var lanes = new LaneTable(new EngineOptions(), clock, new Random(1), () => { });
        var destination = new Destination { Id = 7, Kind = DestinationKind.App, PublicId = "", OrganizationId = 1, Url = "", Secret = [] };
        lanes.HearOf(destination, clock.GetUtcNow());
        var wish = lanes.TakeWishes().Single();

        lanes.HearOf(destination, clock.GetUtcNow());
        lanes.Fill(wish, []);

        Assert.Single(lanes.TakeWishes());
    }

    private static async Task<TestDatabase> CreateAsync(DatabaseKind kind)
    {
        var created = await TestDatabase.CreateAsync(kind);
        Assert.Null(await Migrator.ApplyAsync(created.Node, [EngineMigrations.Set], TimeProvider.System, CancellationToken.None));
        return created;
    }

    private static Task AttemptsAsync(EngineNode node, int count) =>
        Poll.UntilAsync(async () => await node.CountAsync("select count(*) from attempt") == count, $"{count} attempts");
}
