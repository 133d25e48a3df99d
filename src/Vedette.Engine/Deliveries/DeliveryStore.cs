using Vedette.Engine.Subscriptions;
using Vedette.Storage;

namespace Vedette.Engine.Deliveries;

/// <summary>The delivery table as the dispatcher needs it.</summary>
internal sealed class DeliveryStore(Database database, AttemptLog log)
{
    public Task FreeLeasesAsync(DateTimeOffset now, CancellationToken ct) =>
        database.IsSingleNode
            ? database.WriteAsync(transaction => DeliveryTransitions.FreeLeasesAsync(transaction, now), ct)
            : Task.CompletedTask;

    /// <summary>For each destination that has deliveries waiting: when the first of them is due, and how the lane is to be paced.</summary>
    public Task<IReadOnlyList<Waiting>> WaitingAsync(CancellationToken ct) =>
        database.ReadAsync<IReadOnlyList<Waiting>>(async session => [.. (await session.ListAsync<WaitingRow>(
            """
            select destination_id, concurrency, timeout_ms, rests_until, rest_us, rest_counted_until, due_at from (
                select d.id as destination_id, d.concurrency, d.timeout_ms, d.rests_until, d.rest_us, d.rest_counted_until,
                    (select min(due_at) from delivery where destination_id = d.id and state = 'pending') as due_at
                from destination d
            ) lanes
            where due_at is not null
            """)).Select(row => row.ToWaiting())], ct);

    /// <summary>Takes the oldest due deliveries of one destination, with all that is needed to send them.</summary>
    public Task<IReadOnlyList<LeasedDelivery>> ClaimAsync(LaneWish wish, DateTimeOffset now, CancellationToken ct) =>
        database.WriteAsync(async transaction =>
        {
            var (destinationId, lease) = (wish.Lane.DestinationId, wish.Lease);
            if (wish.AfterRest)
                await log.CountRestedAsync(transaction, destinationId, now);

            var claimed = await DeliveryTransitions.ClaimAsync(transaction, database.SkipLocked, destinationId, lease, now, wish.Most);
            if (claimed == 0)
                return [];

            var destination = await transaction.SingleAsync<DestinationStore.Row>(
                $"select {DestinationStore.Columns} from destination d where d.id = @destinationId", new { destinationId });
            var rows = await transaction.ListAsync<ClaimedRow>(
                $"""
                select y.id, y.hook_event_id, y.action, y.attempts, y.created_at, e.resource, e.seed, e.actor,
                    case when length(e.data) <= {HookPayload.LargestInMemory} then e.data end as data
                from delivery y
                join hook_event e on e.id = y.hook_event_id
                where y.destination_id = @destinationId and y.state = 'pending' and y.due_at = @until and y.lease = @token
                order by y.id
                """,
                new { destinationId, until = UnixMicroseconds.From(lease.Until), token = lease.Token });
            var current = destination.ToDestination();
            return (IReadOnlyList<LeasedDelivery>)
            [
                .. rows.Select(row => new LeasedDelivery
                {
                    Id = row.Id,
                    EventId = row.HookEventId,
                    Destination = current,
                    Action = row.Action,
                    Payload = row.Data is null ? null : new HookPayload(row.Resource, row.Seed, row.Data, row.Actor),
                    Attempts = (int)row.Attempts,
                    AcceptedAt = UnixMicroseconds.ToInstant(row.CreatedAt),
                    Lease = lease,
                }),
            ];
        }, ct);

    public Task CountRestedAsync(IReadOnlyList<long> destinationIds, DateTimeOffset now, CancellationToken ct) =>
        database.WriteAsync(async transaction =>
        {
            foreach (var id in destinationIds.Order())
                await log.CountRestedAsync(transaction, id, now);
        }, ct);

    public Task<HookPayload> PayloadAsync(long eventId, CancellationToken ct) =>
        database.ReadAsync(async session =>
        {
            var row = await session.SingleAsync<PayloadRow>("select resource, seed, data, actor from hook_event where id = @eventId", new { eventId });
            return new HookPayload(row.Resource, row.Seed, row.Data, row.Actor);
        }, ct);

    public Task RecordAsync(IReadOnlyList<FinishedAttempt> finished, DateTimeOffset now, CancellationToken ct) =>
        database.WriteAsync(transaction => log.RecordAsync(transaction, finished, now), ct);

    public Task GiveBackAsync(IReadOnlyList<LeasedDelivery> deliveries, DateTimeOffset now, CancellationToken ct) =>
        database.WriteAsync(transaction => DeliveryTransitions.GiveBackAsync(transaction, deliveries, now), ct);

    /// <param name="DueAt">Of the first that waits.</param>
    /// <param name="RestsUntil"><c>null</c> when it does not rest.</param>
    /// <param name="HasRestToCount">A part of a rest after timeouts has not been looked at for deliveries that fell due.</param>
    internal sealed record Waiting(
        long DestinationId, long Concurrency, TimeSpan Timeout, DateTimeOffset? RestsUntil, TimeSpan LastRest, bool HasRestToCount, DateTimeOffset DueAt);

    private sealed record WaitingRow
    {
        public long DestinationId { get; init; }

        public long Concurrency { get; init; }

        public long TimeoutMs { get; init; }

        public long? RestsUntil { get; init; }

        public long RestUs { get; init; }

        public long? RestCountedUntil { get; init; }

        public long DueAt { get; init; }

        public Waiting ToWaiting() => new(
            DestinationId,
            Concurrency,
            TimeSpan.FromMilliseconds(TimeoutMs),
            RestsUntil is { } until ? UnixMicroseconds.ToInstant(until) : null,
            TimeSpan.FromMicroseconds(RestUs),
            RestCountedUntil < RestsUntil,
            UnixMicroseconds.ToInstant(DueAt));
    }

    private sealed record PayloadRow
    {
        public string Resource { get; init; } = "";

        public string Seed { get; init; } = "";

        public byte[] Data { get; init; } = [];

        public byte[] Actor { get; init; } = [];
    }

    private sealed record ClaimedRow
    {
        public long Id { get; init; }

        public long HookEventId { get; init; }

        public string Action { get; init; } = "";

        public long Attempts { get; init; }

        public long CreatedAt { get; init; }

        public string Resource { get; init; } = "";

        public string Seed { get; init; } = "";

        public byte[]? Data { get; init; }

        public byte[] Actor { get; init; } = [];
    }
}
