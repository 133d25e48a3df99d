using FsCheck;
using FsCheck.Fluent;
using Vedette.Engine.Deliveries;
using Vedette.Engine.Subscriptions;
using Xunit;

namespace Vedette.Tests.Engine.Deliveries;

public sealed class RetryPolicyTests
{
    private static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(AttemptOutcome.Delivered, DeliveryState.Delivered)]
    [InlineData(AttemptOutcome.Gone, DeliveryState.Gone)]
    [InlineData(AttemptOutcome.Timeout, DeliveryState.Pending)]
    [InlineData(AttemptOutcome.ConnectionFailed, DeliveryState.Pending)]
    [InlineData(AttemptOutcome.NameNotResolved, DeliveryState.Pending)]
    [InlineData(AttemptOutcome.TlsFailed, DeliveryState.Pending)]
    [InlineData(AttemptOutcome.Blocked, DeliveryState.Pending)]
    [InlineData(AttemptOutcome.Redirected, DeliveryState.Pending)]
    [InlineData(AttemptOutcome.ClientError, DeliveryState.Pending)]
    [InlineData(AttemptOutcome.TooManyRequests, DeliveryState.Pending)]
    [InlineData(AttemptOutcome.ServerError, DeliveryState.Pending)]
    [InlineData(AttemptOutcome.Ours, DeliveryState.Pending)]
    public void Only_2xx_is_success_and_only_410_is_final(AttemptOutcome outcome, DeliveryState expected) =>
        Assert.Equal(expected, Judge(outcome, 0, RetrySchedule.Default).State);

    [Fact]
    public void The_schedule_is_walked_to_its_end()
    {
        double[] waits = [5, 30, 120, 600, 3600, 10800, 21600, 43200, 86400];
        for (var made = 0; made < waits.Length; made++)
        {
            var verdict = Judge(AttemptOutcome.ServerError, made, RetrySchedule.Default);
            Assert.Equal((DeliveryState.Pending, made + 1, Noon + TimeSpan.FromSeconds(waits[made])), (verdict.State, verdict.Attempts, verdict.DueAt));
        }

        Assert.Equal(DeliveryState.Exhausted, Judge(AttemptOutcome.ServerError, waits.Length, RetrySchedule.Default).State);
    }

    [Fact]
    public void What_is_our_own_fault_burns_no_attempt()
    {
        var verdict = Judge(AttemptOutcome.Ours, 3, RetrySchedule.Default);

        Assert.Equal((3, Noon), (verdict.Attempts, verdict.DueAt));
    }

    [Theory]
    [InlineData(AttemptOutcome.ServerError, true, 0, DeliveryState.Pending)]
    [InlineData(AttemptOutcome.ServerError, true, 2, DeliveryState.Exhausted)]
    [InlineData(AttemptOutcome.ServerError, false, 0, DeliveryState.Exhausted)]
    [InlineData(AttemptOutcome.ClientError, true, 0, DeliveryState.Exhausted)]
    [InlineData(AttemptOutcome.TooManyRequests, true, 0, DeliveryState.Exhausted)]
    public void The_profile_sentry_tries_three_times_and_only_for_published_apps(AttemptOutcome outcome, bool published, int made, DeliveryState expected)
    {
        var verdict = Judge(outcome, made, RetrySchedule.Sentry, published: published);

        Assert.Equal(expected, verdict.State);
        if (expected == DeliveryState.Pending)
            Assert.Equal(Noon + TimeSpan.FromSeconds(300), verdict.DueAt);
    }

    [Fact]
    public void Retry_after_only_ever_lengthens_the_wait_and_at_most_to_a_little_over_a_day()
    {
        Prop.ForAll(Arb.From(Gen.Choose(0, 200_000)), Arb.From(Gen.Choose(0, 1000)), Arb.From(Gen.Choose(0, 8)), (asked, dice, made) =>
        {
            var plain = Judge(AttemptOutcome.ServerError, made, RetrySchedule.Default, dice: dice / 1000.0).DueAt!.Value - Noon;
            var held = Judge(AttemptOutcome.ServerError, made, RetrySchedule.Default, TimeSpan.FromSeconds(asked), dice / 1000.0).DueAt!.Value - Noon;
            var least = TimeSpan.FromSeconds(Math.Min(asked, 86_400));
            return held >= plain && held >= least && held <= (plain > least * 1.1 ? plain : least * 1.1);
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void The_jitter_stays_within_a_fifth()
    {
        Prop.ForAll(Arb.From(Gen.Choose(0, 1000)), Arb.From(Gen.Choose(0, 8)), (dice, made) =>
        {
            var wait = (Judge(AttemptOutcome.Timeout, made, RetrySchedule.Default, dice: dice / 1000.0).DueAt!.Value - Noon) / RetrySchedule.Default.Waits[made];
            return wait is >= 0.799999 and <= 1.200001;
        }).QuickCheckThrowOnFailure();
    }

    [Theory]
    [InlineData("5s,10m", 2)]
    [InlineData("250ms", 1)]
    [InlineData(" 1h , 2d ", 2)]
    [InlineData("sentry", 2)]
    public void Schedules_are_read(string text, int waits)
    {
        Assert.True(RetrySchedule.TryParse(text, out var schedule, out _));
        Assert.Equal(waits, schedule.Waits.Count);
    }

    [Theory]
    [InlineData("", "''")]
    [InlineData("5", "'5'")]
    [InlineData("5s,,1m", "''")]
    [InlineData("-5s", "'-5s'")]
    [InlineData("5 s", "'5 s'")]
    [InlineData("1y", "'1y'")]
    [InlineData("99999d", "'99999d'")]
    [InlineData("5s,sentry", "'sentry'")]
    public void A_wrong_schedule_is_refused_by_the_part_that_is_wrong(string text, string named)
    {
        Assert.False(RetrySchedule.TryParse(text, out _, out var error));
        Assert.Contains(named, error, StringComparison.Ordinal);
    }

    [Fact]
    public void The_default_is_what_the_documents_say()
    {
        Assert.True(RetrySchedule.TryParse(RetrySchedule.DefaultText, out var schedule, out _));
        Assert.Equal(RetrySchedule.Default, schedule);
    }

    private static DeliveryVerdict Judge(
        AttemptOutcome outcome, int made, RetrySchedule schedule, TimeSpan? retryAfter = null, double dice = 0.5, bool published = false) =>
        RetryPolicy.Judge(
            new AttemptResult { Outcome = outcome, Reason = "", RequestId = "", StartedAt = Noon, Duration = TimeSpan.Zero, RetryAfter = retryAfter },
            made,
            new Destination { Kind = DestinationKind.App, PublicId = "", OrganizationId = 1, Url = "", Secret = [], IsPublished = published },
            schedule,
            Noon,
            dice);
}
