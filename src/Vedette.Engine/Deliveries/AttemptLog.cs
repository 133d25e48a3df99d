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
        var groups = finished.GroupBy(f => f.Delivery.Destination.Id).OrderBy(g => g.Key).ToList();
        await destinations.RestAsync(transaction, [.. groups.Select(g => RestOf(g, now)).OfType<DestinationRest>()]);
        await destinations.RecoverAsync(transaction, [.. groups.Where(g => g.Any(f => f.Recovered)).Select(g => g.Key)], now);

        // One that came too late answered to what its owner has changed or enabled again since.
        foreach (var gone in recorded.Where(f => f.Result.Outcome == AttemptOutcome.Gone).Select(f => f.Delivery.Destination).DistinctBy(d => (d.Id, d.Url)).OrderBy(d => d.Id))
            await EndSubscriptionAsync(transaction, gone.Id, gone.Url, now);
        await AddAsync(transaction, [.. groups.Select(g => CountsOf(g, now))]);
    }

    /// <summary>
    /// Deliveries that fell due while the lane rested after timeouts count as timeouts, once each, so that a receiver that
    /// hangs is found broken although it is hardly called. What was given back has been due before.
    /// </summary>
    /// <param name="destinationIds">In their order.</param>
    public async Task CountRestedAsync(Transaction transaction, IReadOnlyList<long> destinationIds, DateTimeOffset now)
    {
        foreach (var (id, from, until) in await destinations.RestsToCountAsync(transaction, destinationIds, now))
        {
            var due = await transaction.SingleAsync<long>(
                """
                select count(*) from delivery
                where destination_id = @id and state = 'pending' and lease is null and reason <> 'given_back' and due_at > @from and due_at <= @until
                """,
                new { id, from, until });
            if (due > 0 && await destinations.RestCountedAsync(transaction, id, from, until))
                await AddAsync(transaction, [new DestinationCounts(id, new DestinationDay { Day = Day(now), Timeouts = due })]);
        }
    }

    private static DestinationRest? RestOf(IGrouping<long, FinishedAttempt> group, DateTimeOffset now) =>
        group.LastOrDefault(f => f.Rest is not null) is { Rest: { } rest } resting
            ? new DestinationRest(group.Key, rest, resting.Result.Outcome, CountedFrom(resting, now))
            : null;

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

    private static DestinationCounts CountsOf(IGrouping<long, FinishedAttempt> group, DateTimeOffset now)
    {
        var kinds = group.Select(f => Kind(f.Result.Outcome)).ToList();
        return new DestinationCounts(group.Key, new DestinationDay
        {
            Day = Day(now),
            Successes = kinds.Count(kind => kind == CountedAs.Success),
            Errors = kinds.Count(kind => kind == CountedAs.Error),
            Timeouts = kinds.Count(kind => kind == CountedAs.Timeout),
        });
    }

    private async Task AddAsync(Transaction transaction, IReadOnlyList<DestinationCounts> counts)
    {
        await destinations.CountAsync(transaction, counts);
        List<DestinationCounts> failing = [.. counts.Where(c => c.Counts.Errors + c.Counts.Timeouts > 0)];
        var days = await destinations.DaysAsync(transaction, failing, options.Broken.Days);
        foreach (var (broken, _) in failing.Zip(days).Where(each => options.Broken.IsBroken(each.Second, each.First.Counts.Day)))
            await notices.OnBroken(transaction, broken.DestinationId);
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
