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
    public static DeliveryVerdict Judge(AttemptResult result, int attemptsBefore, RetrySchedule schedule, DateTimeOffset now, double dice)
    {
        var attempts = attemptsBefore + 1;
        return result.Outcome switch
        {
            AttemptOutcome.Delivered => new(DeliveryState.Delivered, "delivered", attempts, null),
            AttemptOutcome.Gone => new(DeliveryState.Gone, "gone", attempts, null),
            AttemptOutcome.Ours => new(DeliveryState.Pending, "interrupted", attemptsBefore, now + (result.RetryAfter ?? TimeSpan.Zero)),
            AttemptOutcome.Timeout => Retry("timeout"),
            AttemptOutcome.ConnectionFailed => Retry("connection_failed"),
            AttemptOutcome.NameNotResolved => Retry("name_not_resolved"),
            AttemptOutcome.TlsFailed => Retry("tls_failed"),
            AttemptOutcome.Blocked => Retry("blocked"),
            AttemptOutcome.Redirected => Retry("redirected"),
            AttemptOutcome.ClientError => Retry("client_error"),
            AttemptOutcome.TooManyRequests => Retry("too_many_requests"),
            AttemptOutcome.ServerError => Retry("server_error"),
        };

        DeliveryVerdict Retry(string reason)
        {
            if (schedule.WaitAfter(attempts, dice) is not { } wait)
                return new(DeliveryState.Exhausted, reason, attempts, null);

            // Retry-After is never shortened by the jitter, only lengthened by up to 10 %.
            if (result.RetryAfter is { } asked)
            {
                var least = (asked < LongestRetryAfter ? asked : LongestRetryAfter) * (1 + (0.1 * dice));
                wait = wait > least ? wait : least;
            }

            return new(DeliveryState.Pending, reason, attempts, now + wait);
        }
    }
}
