using Vedette.Engine.Deliveries;
using Vedette.Engine.Subscriptions;
using Vedette.Storage;

namespace Vedette.Engine.Replays;

public enum ReplayVerdict
{
    /// <summary>A new delivery was made.</summary>
    Made,

    /// <summary>A replay of the same event for the same destination is still to be made; that is the one.</summary>
    AlreadyThere,

    /// <summary>The receiver answered 410 and has to be enabled first. Nothing was made.</summary>
    DestinationGone,

    /// <summary>Its owner removed it. Nothing was made.</summary>
    DestinationRetired,
}

/// <param name="DeliveryId">0 when nothing was made and nothing is there.</param>
public sealed record ReplayOutcome(ReplayVerdict Verdict, long DeliveryId);

/// <summary>Sends again what was sent before, as a delivery of its own with the old one's <c>Idempotency-Key</c>.</summary>
public sealed class Replayer(Database database, Dispatcher dispatcher, TimeProvider time)
{
    /// <summary>Asked twice, also at the same time, it makes one delivery as long as that is pending or held.</summary>
    /// <returns><c>null</c> when the organization has no such delivery.</returns>
    public Task<ReplayOutcome?> ReplayAsync(long organizationId, long deliveryId, CancellationToken ct) =>
        database.WriteAsync(transaction => ReplayAsync(transaction, organizationId, deliveryId), ct);

    internal async Task<ReplayOutcome?> ReplayAsync(Transaction transaction, long organizationId, long deliveryId)
    {
        var source = await transaction.FirstAsync<SourceRow>(
            $"""
            select y.hook_event_id, y.action, y.lifecycle, e.issue_id, {DestinationStore.Columns}
            from delivery y
            join hook_event e on e.id = y.hook_event_id
            join destination d on d.id = y.destination_id
            where y.id = @deliveryId and y.organization_id = @organizationId
            """,
            new { deliveryId, organizationId });
        if (source is null)
            return null;

        var destination = source.ToDestination();
        if (destination.IsRetired)
            return new(ReplayVerdict.DestinationRetired, 0);

        var (state, reason) = DeliveryTransitions.OnAccept(destination.State, source.Lifecycle);
        if (state == DeliveryState.Gone)
            return new(ReplayVerdict.DestinationGone, 0);

        // A delivery has one replay; a further one replays that. So the key of the table keeps two callers from making two.
        var newest = await transaction.SingleAsync<NewestRow>(
            """
            select id, replay_of, state from delivery
            where hook_event_id = @HookEventId and destination_id = @DestinationId
            order by id desc
            limit 1
            """,
            new { source.HookEventId, source.DestinationId });
        if (newest is { ReplayOf: not 0, State: "pending" or "held" })
            return new(ReplayVerdict.AlreadyThere, newest.Id);

        var now = time.GetUtcNow();
        var made = await transaction.ListAsync<long>(
            """
            insert into delivery (
                organization_id, hook_event_id, destination_id, replay_of, action, lifecycle, order_key, state, reason, due_at, attempts, created_at)
            values (@organizationId, @HookEventId, @DestinationId, @ReplayOf, @Action, @Lifecycle, @OrderKey, @State, @Reason, @Now, 0, @Now)
            on conflict (hook_event_id, destination_id, replay_of) do nothing
            returning id
            """,
            new
            {
                organizationId,
                source.HookEventId,
                source.DestinationId,
                ReplayOf = newest.Id,
                source.Action,
                Lifecycle = source.Lifecycle ? 1 : 0,
                OrderKey = source.Ordered ? source.IssueId : null,
                State = StoredName.Of(state),
                Reason = state == DeliveryState.Pending ? "replayed" : reason,
                Now = UnixMicroseconds.From(now),
            });
        if (made is [var id])
        {
            transaction.AfterCommit(() => dispatcher.HearOf(destination, now));
            return new(ReplayVerdict.Made, id);
        }

        var others = await transaction.SingleAsync<long>(
            "select id from delivery where hook_event_id = @HookEventId and destination_id = @DestinationId and replay_of = @ReplayOf",
            new { source.HookEventId, source.DestinationId, ReplayOf = newest.Id });
        return new(ReplayVerdict.AlreadyThere, others);
    }

    private sealed record SourceRow : DestinationStore.Row
    {
        public long HookEventId { get; init; }

        public string Action { get; init; } = "";

        public bool Lifecycle { get; init; }

        public long? IssueId { get; init; }
    }

    private sealed record NewestRow
    {
        public long Id { get; init; }

        public long ReplayOf { get; init; }

        public string State { get; init; } = "";
    }
}
