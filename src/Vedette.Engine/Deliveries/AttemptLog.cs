using Vedette.Engine.Subscriptions;
using Vedette.Storage;

namespace Vedette.Engine.Deliveries;

/// <summary>What a batch of attempts means for their destinations, in the transaction that records them.</summary>
internal sealed class AttemptLog(DestinationStore destinations, EngineOptions options, DestinationNotices notices)
{
    /// <summary>Destinations are visited in the order of their ids, so that two nodes cannot lock each other out.</summary>
    public async Task RecordAsync(Transaction transaction, IReadOnlyList<FinishedAttempt> finished, DateTimeOffset now)
    {
        var recorded = await DeliveryTransitions.RecordAsync(transaction, finished, now);
        foreach (var group in finished.GroupBy(f => f.Delivery.Destination.Id).OrderBy(g => g.Key))
        {
            if (group.LastOrDefault(f => f.Rest is not null) is { Rest: { } rest } resting)
                await destinations.RestAsync(transaction, group.Key, rest, resting.Result.Outcome, CountedFrom(resting, now));
            if (group.Any(f => f.Recovered))
                await destinations.RecoverAsync(transaction, group.Key, now);

            // One that came too late answered to what its owner has changed or enabled again since.
            var gone = recorded.Where(f => f.Delivery.Destination.Id == group.Key && f.Result.Outcome == AttemptOutcome.Gone);
            foreach (var url in gone.Select(f => f.Delivery.Destination.Url).Distinct(StringComparer.Ordinal))
                await EndSubscriptionAsync(transaction, group.Key, url, now);
            await CountAsync(transaction, group.Key, [.. group], now);
        }
    }

    /// <summary>
    /// Deliveries that fell due while the lane rested after timeouts count as timeouts, once each, so that a receiver that
    /// hangs is found broken although it is hardly called. What was given back has been due before.
    /// </summary>
    public async Task CountRestedAsync(Transaction transaction, long destinationId, DateTimeOffset now)
    {
        if (await destinations.RestToCountAsync(transaction, destinationId, now) is not var (from, until))
            return;

        var due = await transaction.SingleAsync<long>(
            """
            select count(*) from delivery
            where destination_id = @destinationId and state = 'pending' and lease is null and reason <> 'given_back' and due_at > @from and due_at <= @until
            """,
            new { destinationId, from, until });
        if (due == 0 || !await destinations.RestCountedAsync(transaction, destinationId, from, until))
            return;

        await AddAsync(transaction, destinationId, new DestinationDay { Day = Day(now), Timeouts = due });
    }

    private static DateTimeOffset? CountedFrom(FinishedAttempt resting, DateTimeOffset now) =>
        Kind(resting.Result.Outcome) == CountedAs.Timeout ? now : null;

    private static long Day(DateTimeOffset now) => now.ToUnixTimeSeconds() / 86400;

    private async Task EndSubscriptionAsync(Transaction transaction, long destinationId, string url, DateTimeOffset now)
    {
        if (!await destinations.EndAsync(transaction, destinationId, url))
            return;

        await DeliveryTransitions.GoneAsync(transaction, destinationId, now);
        await notices.OnGone(transaction, destinationId);
    }

    private async Task CountAsync(Transaction transaction, long destinationId, IReadOnlyList<FinishedAttempt> finished, DateTimeOffset now)
    {
        var kinds = finished.Select(f => Kind(f.Result.Outcome)).ToList();
        await AddAsync(transaction, destinationId, new DestinationDay
        {
            Day = Day(now),
            Successes = kinds.Count(kind => kind == CountedAs.Success),
            Errors = kinds.Count(kind => kind == CountedAs.Error),
            Timeouts = kinds.Count(kind => kind == CountedAs.Timeout),
        });
    }

    private async Task AddAsync(Transaction transaction, long destinationId, DestinationDay counts)
    {
        await destinations.CountAsync(transaction, destinationId, counts);
        if (counts.Errors + counts.Timeouts == 0)
            return;

        var days = await destinations.DaysAsync(transaction, destinationId, counts.Day - options.Broken.Days);
        if (options.Broken.IsBroken(days, counts.Day))
            await notices.OnBroken(transaction, destinationId);
    }

    private enum CountedAs
    {
        Nothing,
        Success,
        Error,
        Timeout,
    }

    /// <summary>A receiver that cannot be reached counts like one that does not answer in time (<c>spec/webhooks.md</c> 5.1).</summary>
    private static CountedAs Kind(AttemptOutcome outcome) => outcome switch
    {
        AttemptOutcome.Delivered => CountedAs.Success,
        AttemptOutcome.Timeout or AttemptOutcome.ConnectionFailed or AttemptOutcome.NameNotResolved or AttemptOutcome.TlsFailed => CountedAs.Timeout,
        AttemptOutcome.Blocked or AttemptOutcome.Redirected or AttemptOutcome.ClientError or AttemptOutcome.Gone
            or AttemptOutcome.TooManyRequests or AttemptOutcome.ServerError => CountedAs.Error,
        AttemptOutcome.Ours => CountedAs.Nothing,
    };
}
