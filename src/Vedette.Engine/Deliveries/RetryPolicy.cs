using Vedette.Engine.Subscriptions;

namespace Vedette.Engine.Deliveries;

/// <summary>What happens to a delivery after an attempt.</summary>
/// <param name="Attempts">Made so far, as the row will say.</param>
/// <param name="DueAt">Only with <see cref="DeliveryState.Pending"/>: when it is attempted again.</param>
internal sealed record DeliveryVerdict(DeliveryState State, string Reason, int Attempts, DateTimeOffset? DueAt);

/// <summary>Turns an outcome into a verdict. Arithmetic only: the clock and the dice are passed in.</summary>
internal static class RetryPolicy
{
    private static readonly TimeSpan LongestRetryAfter = TimeSpan.FromHours(24);

    /// <param name="attemptsBefore">Made before this one.</param>
    /// <param name="dice">From 0 to 1.</param>
    public static DeliveryVerdict Judge(
        AttemptResult result, int attemptsBefore, Destination destination, RetrySchedule schedule, DateTimeOffset now, double dice)
    {
        var attempts = attemptsBefore + 1;
        var reason = Storage.StoredName.Of(result.Outcome);
        return result.Outcome switch
        {
            AttemptOutcome.Delivered => new(DeliveryState.Delivered, reason, attempts, null),
            AttemptOutcome.Gone => new(DeliveryState.Gone, reason, attempts, null),
            AttemptOutcome.Ours => new(DeliveryState.Pending, reason, attemptsBefore, now + (result.RetryAfter ?? TimeSpan.Zero)),
            AttemptOutcome.ClientError or AttemptOutcome.TooManyRequests when schedule.GivesUpOnClientErrors =>
                new(DeliveryState.Exhausted, reason, attempts, null),
            AttemptOutcome.Timeout or AttemptOutcome.ConnectionFailed or AttemptOutcome.NameNotResolved or AttemptOutcome.TlsFailed
                or AttemptOutcome.Blocked or AttemptOutcome.Redirected or AttemptOutcome.ClientError or AttemptOutcome.TooManyRequests
                or AttemptOutcome.ServerError => Retry(),
        };

        DeliveryVerdict Retry()
        {
            if ((schedule.OnlyPublished && !destination.IsPublished) || schedule.WaitAfter(attempts, dice) is not { } wait)
                return new(DeliveryState.Exhausted, reason, attempts, null);

            var asked = Hold(result, dice);
            return new(DeliveryState.Pending, reason, attempts, now + (wait > asked ? wait : asked));
        }
    }

    /// <summary>For how long the receiver wants to be left alone: at most a day, never shortened, lengthened by up to 10 %.</summary>
    public static TimeSpan Hold(AttemptResult result, double dice) =>
        result.RetryAfter is { } asked && result.Outcome is not (AttemptOutcome.Delivered or AttemptOutcome.Ours)
            ? (asked < LongestRetryAfter ? asked : LongestRetryAfter) * (1 + (0.1 * dice))
            : TimeSpan.Zero;

    /// <summary>Whether the lane counts the attempt as a failure of its receiver; <c>null</c> when it says nothing about it.</summary>
    public static bool? IsFailure(AttemptOutcome outcome) => outcome switch
    {
        AttemptOutcome.Delivered => false,
        AttemptOutcome.Ours => null,
        AttemptOutcome.Timeout or AttemptOutcome.ConnectionFailed or AttemptOutcome.NameNotResolved or AttemptOutcome.TlsFailed
            or AttemptOutcome.Blocked or AttemptOutcome.Redirected or AttemptOutcome.ClientError or AttemptOutcome.Gone
            or AttemptOutcome.TooManyRequests or AttemptOutcome.ServerError => true,
    };
}
