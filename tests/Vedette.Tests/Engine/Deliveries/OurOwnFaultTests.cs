using Vedette.Engine.Deliveries;
using Xunit;

namespace Vedette.Tests.Engine.Deliveries;

public sealed class OurOwnFaultTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void A_secret_that_cannot_be_opened_is_not_tried_again_at_once()
    {
        var verdict = RetryPolicy.Judge(Ours(TimeSpan.FromMinutes(1)), attemptsBefore: 3, RetrySchedule.Default, Now, dice: 0.5);

        Assert.Equal((DeliveryState.Pending, 3, Now.AddMinutes(1)), (verdict.State, verdict.Attempts, verdict.DueAt));
    }

    [Fact]
    public void An_attempt_that_the_stop_interrupted_is_due_at_once()
    {
        var verdict = RetryPolicy.Judge(Ours(null), attemptsBefore: 0, RetrySchedule.Default, Now, dice: 0.5);

        Assert.Equal((DeliveryState.Pending, 0, Now), (verdict.State, verdict.Attempts, verdict.DueAt));
    }

    private static AttemptResult Ours(TimeSpan? retryAfter) => new()
    {
        Outcome = AttemptOutcome.Ours,
        Reason = "ours",
        RequestId = "",
        StartedAt = Now,
        Duration = TimeSpan.Zero,
        RetryAfter = retryAfter,
    };
}
