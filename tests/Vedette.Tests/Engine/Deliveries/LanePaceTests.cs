using FsCheck;
using FsCheck.Fluent;
using Vedette.Engine.Deliveries;
using Xunit;

namespace Vedette.Tests.Engine.Deliveries;

public sealed class LanePaceTests
{
    private const int Cap = 8;
    private static readonly TimeSpan First = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(5);
    private static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    private readonly LanePace pace = new(First, Longest);

    [Fact]
    public void Four_failures_and_a_success_change_nothing()
    {
        for (var i = 0; i < 4; i++)
            Assert.False(pace.Failed(Noon));
        Assert.False(pace.Succeeded(Cap, Noon));
        for (var i = 0; i < 4; i++)
            Assert.False(pace.Failed(Noon));

        Assert.Equal(Cap, pace.Limit(Cap, Noon));
    }

    [Fact]
    public void The_fifth_failure_in_a_row_rests_the_lane()
    {
        FailTimes(4);

        Assert.True(pace.Failed(Noon));
        Assert.Equal(0, pace.Limit(Cap, Noon + First - TimeSpan.FromTicks(1)));
        Assert.Equal(1, pace.Limit(Cap, Noon + First));
    }

    [Fact]
    public void What_was_under_way_when_it_began_to_rest_does_not_lengthen_the_rest()
    {
        FailTimes(5);

        Assert.False(pace.Failed(Noon + TimeSpan.FromSeconds(1)));
        Assert.Equal(Noon + First, pace.RestsUntil);
    }

    [Fact]
    public void After_a_good_probe_it_ramps_up_by_doubling()
    {
        FailTimes(5);
        var later = Noon + First;
        var limits = new List<int>();
        for (var i = 0; i < 5; i++)
        {
            limits.Add(pace.Limit(Cap, later));
            Assert.Equal(i == 0, pace.Succeeded(Cap, later));
        }

        Assert.Equal([1, 2, 4, 8, 8], limits);
        Assert.True(pace.IsFresh);
    }

    [Fact]
    public void Each_failed_probe_doubles_the_rest_up_to_the_longest()
    {
        FailTimes(5);
        var rests = new List<double>();
        for (var i = 0; i < 8; i++)
        {
            rests.Add(pace.LastRest.TotalSeconds);
            Assert.True(pace.Failed(pace.RestsUntil!.Value));
        }

        Assert.Equal([5, 10, 20, 40, 80, 160, 300, 300], rests);
    }

    [Fact]
    public void A_failure_on_the_ramp_rests_it_again()
    {
        FailTimes(5);
        pace.Succeeded(Cap, Noon + First);

        Assert.True(pace.Failed(Noon + First));
        Assert.Equal(First, pace.LastRest);
    }

    [Fact]
    public void A_wish_to_be_left_alone_is_kept_whatever_else_happens()
    {
        Assert.True(pace.HoldUntil(Noon + TimeSpan.FromHours(1)));
        FailTimes(10);

        pace.Succeeded(Cap, Noon + TimeSpan.FromMinutes(1));

        Assert.False(pace.HoldUntil(Noon + TimeSpan.FromMinutes(1)));
        Assert.Equal(0, pace.Limit(Cap, Noon + TimeSpan.FromMinutes(59)));
        Assert.Equal(1, pace.Limit(Cap, Noon + TimeSpan.FromHours(1)));
    }

    [Fact]
    public void A_success_that_was_under_way_does_not_lift_the_wish_to_be_left_alone()
    {
        pace.HoldUntil(Noon + TimeSpan.FromHours(1));

        Assert.False(pace.Succeeded(Cap, Noon + TimeSpan.FromSeconds(1)));

        Assert.Equal(0, pace.Limit(Cap, Noon + TimeSpan.FromMinutes(59)));
    }

    [Fact]
    public void A_rest_that_it_has_recovered_from_is_not_taken_up_again()
    {
        FailTimes(5);
        var rested = pace.RestsUntil!.Value;
        for (var i = 0; i < 4; i++)
            pace.Succeeded(Cap, rested);

        pace.Adopt(rested, First);

        Assert.Equal(Cap, pace.Limit(Cap, rested));
        Assert.True(pace.IsFresh);
    }

    [Fact]
    public void When_somebody_ends_its_rest_it_begins_with_a_probe()
    {
        pace.HoldUntil(Noon + TimeSpan.FromHours(1));

        pace.EndRest();

        Assert.Equal(1, pace.Limit(Cap, Noon));
    }

    [Fact]
    public void It_never_exceeds_its_cap_and_never_rests_longer_than_the_longest()
    {
        var steps = Gen.Choose(0, 1).Select(success => success == 1).Zip(Gen.Choose(0, 400)).ListOf();
        Prop.ForAll(Arb.From(steps), story =>
        {
            var lane = new LanePace(First, Longest);
            var now = Noon;
            foreach (var (success, seconds) in story)
            {
                now += TimeSpan.FromSeconds(seconds);
                if (success)
                    lane.Succeeded(Cap, now);
                else
                    lane.Failed(now);
                Assert.InRange(lane.Limit(Cap, now), 0, Cap);
                Assert.True(lane.RestsUntil is null || lane.RestsUntil <= now + Longest);
            }
        }).QuickCheckThrowOnFailure();
    }

    private void FailTimes(int times)
    {
        for (var i = 0; i < times; i++)
            pace.Failed(Noon);
    }
}
