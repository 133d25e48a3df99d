using Vedette.Engine.Subscriptions;
using Vedette.Storage;

namespace Vedette.Engine.Deliveries;

/// <summary>What a batch of attempts means for their destinations, in the transaction that records them.</summary>
internal sealed class AttemptLog(DestinationStore destinations, EngineOptions options, DestinationNotices notices)
{
    /// <summary>Destinations are visited in the order of their ids, so that two nodes cannot lock each other out.</summary>
    public async Task RecordAsync(Transaction transaction, IReadOnlyList<FinishedAttempt> finished, DateTimeOffset now)
    {
        await DeliveryTransitions.RecordAsync(transaction, finished, now);
        foreach (var group in finished.GroupBy(f => f.Delivery.Destination.Id).OrderBy(g => g.Key))
        {
            if (group.LastOrDefault(f => f.Rest is not null) is { Rest: { } rest } resting)
                await destinations.RestAsync(transaction, group.Key, rest.Until, rest.Length, StoredName.Of(resting.Result.Outcome));
            if (group.Any(f => f.Result.Outcome == AttemptOutcome.Gone))
                await EndSubscriptionAsync(transaction, group.Key, now);
            await CountAsync(transaction, group.Key, [.. group], now);
        }
    }

    private async Task EndSubscriptionAsync(Transaction transaction, long destinationId, DateTimeOffset now)
    {
        if (!await destinations.EndAsync(transaction, destinationId))
            return;

        await DeliveryTransitions.GoneAsync(transaction, destinationId, now);
        await notices.OnGone(transaction, destinationId);
    }

    private async Task CountAsync(Transaction transaction, long destinationId, IReadOnlyList<FinishedAttempt> finished, DateTimeOffset now)
    {
        var kinds = finished.Select(f => Kind(f.Result.Outcome)).ToList();
        var today = now.ToUnixTimeSeconds() / 86400;
        var counts = new DestinationDay
        {
            Day = today,
            Successes = kinds.Count(kind => kind == CountedAs.Success),
            Errors = kinds.Count(kind => kind == CountedAs.Error),
            Timeouts = kinds.Count(kind => kind == CountedAs.Timeout),
        };
        await destinations.CountAsync(transaction, destinationId, counts);
        if (counts.Errors + counts.Timeouts == 0)
            return;

        var days = await destinations.DaysAsync(transaction, destinationId, today - options.Broken.Days);
        if (options.Broken.IsBroken(days, today))
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
