namespace Vedette.Tracker.Ingest;

/// <summary>When an event happened, as far as the SDK's clock can be believed.</summary>
internal static class EventTime
{
    private static readonly TimeSpan OldestKept = TimeSpan.FromDays(30);
    private static readonly TimeSpan FurthestAhead = TimeSpan.FromSeconds(60);

    /// <summary>Below this the difference may as well be a queue or a slow network, and correcting would falsify good times.</summary>
    private static readonly TimeSpan LargeDrift = TimeSpan.FromHours(1);

    public static DateTimeOffset Of(object? given, EventContext context, EventErrors errors)
    {
        var received = context.Received.ToUniversalTime();
        if (given is null)
            return received;

        if (SdkInstant.Read(given) is not { } claimed)
        {
            errors.InvalidData("timestamp");
            return received;
        }

        // Compared as an age: the sum of two foreign instants may lie outside the calendar, their difference may not.
        var drift = context.SentAt is { } sent ? received - sent : TimeSpan.Zero;
        if (drift.Duration() <= LargeDrift)
            drift = TimeSpan.Zero;
        var age = received - claimed - drift;

        if (age > OldestKept)
        {
            errors.Add("past_timestamp", "timestamp");
            return received;
        }

        if (age < -FurthestAhead)
        {
            errors.Add("future_timestamp", "timestamp");
            return received;
        }

        return received - age;
    }
}
