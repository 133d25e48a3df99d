using Vedette.Engine.Subscriptions;
using Vedette.Storage;

namespace Vedette.Engine.Deliveries;

/// <summary>The delivery table as the dispatcher needs it.</summary>
internal sealed class DeliveryStore(Database database, AttemptLog log)
{
    /// <summary>Claims wait for no row that somebody else holds, so they may go beside everything.</summary>
    private readonly BackgroundWriter claims = database.NewBackgroundWriter();

    /// <summary>Outcomes and counters, one batch after the other, so that they never wait for each other's rows.</summary>
    private readonly BackgroundWriter records = database.NewBackgroundWriter();

    public Task FreeLeasesAsync(DateTimeOffset now, CancellationToken ct) =>
        database.IsSingleNode
            ? database.WriteAsync(transaction => DeliveryTransitions.FreeLeasesAsync(transaction, now), ct)
            : Task.CompletedTask;

    /// <summary>
    /// For each destination that has deliveries waiting: when the first of them is due, and how the lane is to be paced. What
    /// waits for a disabled one is a lifecycle notice.
    /// </summary>
    public Task<IReadOnlyList<Waiting>> WaitingAsync(CancellationToken ct) =>
        database.ReadAsync<IReadOnlyList<Waiting>>(async session => [.. (await session.ListAsync<WaitingRow>(
            """
            select destination_id, concurrency, timeout_ms, rests_until, rest_us, rest_counted_until, due_at from (
                select d.id as destination_id, d.concurrency, d.timeout_ms, d.rests_until, d.rest_us, d.rest_counted_until,
                    (select min(due_at) from delivery where destination_id = d.id and state = 'pending') as due_at
                from destination d
                where d.state in ('active', 'disabled')
            ) lanes
            where due_at is not null
            """)).Select(row => row.ToWaiting())], ct);

    /// <summary>Takes the oldest due deliveries of each destination, with all that is needed to send them.</summary>
    /// <param name="wishes">In the order of their destinations' ids, so that two nodes cannot lock each other out.</param>
    /// <returns>What was taken for each wish.</returns>
    public async Task<IReadOnlyList<IReadOnlyList<LeasedDelivery>>> ClaimAsync(IReadOnlyList<LaneWish> wishes, DateTimeOffset now, CancellationToken ct)
    {
        if (wishes.Where(wish => wish.AfterRest).Select(wish => wish.DestinationId).ToList() is { Count: > 0 } rested)
            await CountRestedAsync(rested, now, ct);
        return await claims.WriteAsync(async transaction =>
        {
            var counts = await DeliveryTransitions.ClaimAsync(transaction, database.SkipLocked, wishes, now);
            List<LaneWish> granted = [.. wishes.Where((_, i) => counts[i] > 0)];
            var destinations = await transaction.ListEachAsync<DestinationStore.Row>(
                $"select {DestinationStore.Columns} from destination d where d.id = @DestinationId", granted);
            var rows = await transaction.ListEachAsync<ClaimedRow>(
                $"""
                select y.id, y.hook_event_id, y.action, y.attempts, y.created_at, e.resource, e.seed, e.actor, e.secret,
                    case when length(e.data) <= {HookPayload.LargestInMemory} then e.data end as data
                from delivery y
                join hook_event e on e.id = y.hook_event_id
                where y.destination_id = @DestinationId and y.state = 'pending' and y.due_at = @Until and y.lease = @Token
                order by y.id
                """,
                granted);
            var claimed = granted
                .Select((wish, i) => (wish, Deliveries: Leased(rows[i], destinations[i].Single().ToDestination(), wish.Lease)))
                .ToDictionary(each => each.wish, each => each.Deliveries);
            return (IReadOnlyList<IReadOnlyList<LeasedDelivery>>)[.. wishes.Select(wish => claimed.GetValueOrDefault(wish, []))];
        }, ct);
    }

    public Task CountRestedAsync(IReadOnlyList<long> destinationIds, DateTimeOffset now, CancellationToken ct) =>
        records.WriteAsync(transaction => log.CountRestedAsync(transaction, [.. destinationIds.Order()], now), ct);

    /// <summary>
    /// Destinations with deliveries that their state does not fit: whoever accepted one while somebody else disabled,
    /// enabled or ended its destination did not see that. With one writer this cannot happen.
    /// </summary>
    public async Task<IReadOnlyList<Stray>> StraysAsync(CancellationToken ct) =>
        database.IsSingleNode
            ? []
            : await database.ReadAsync(session => session.ListAsync<Stray>(
                """
                select d.id, d.state from destination d
                where (d.state = 'gone' and exists (select 1 from delivery y where y.destination_id = d.id and y.state = 'pending'))
                    or (d.state = 'disabled' and exists (select 1 from delivery y where y.destination_id = d.id and y.state = 'pending' and y.lifecycle = 0))
                    or (d.state <> 'disabled' and exists (select 1 from delivery y where y.destination_id = d.id and y.state = 'held'))
                """), ct);

    /// <summary>Treats them as if they had been accepted a moment later. Those of an active destination are released.</summary>
    public Task SettleAsync(IReadOnlyList<Stray> strays, DateTimeOffset now, CancellationToken ct) =>
        records.WriteAsync(async transaction =>
        {
            foreach (var stray in strays.OrderBy(stray => stray.Id))
            {
                // Keeps its state as it is until the commit; one that changed meanwhile is looked at again.
                if (await transaction.ExecuteAsync("update destination set state = state where id = @Id and state = @State", stray) == 0)
                    continue;

                _ = StoredName.Parse<DestinationState>(stray.State) switch
                {
                    DestinationState.Active => await DeliveryTransitions.ReleaseAsync(transaction, stray.Id, now),
                    DestinationState.Disabled => await DeliveryTransitions.HoldAsync(transaction, stray.Id),
                    DestinationState.Gone => await DeliveryTransitions.GoneAsync(transaction, stray.Id, now),
                };
            }
        }, ct);

    /// <summary><c>null</c> when the event has been deleted, with all its deliveries.</summary>
    public Task<HookPayload?> PayloadAsync(long eventId, CancellationToken ct) =>
        database.ReadAsync(async session =>
        {
            var row = await session.FirstAsync<PayloadRow>("select resource, seed, data, secret, actor from hook_event where id = @eventId", new { eventId });
            return row is null ? null : new HookPayload(row.Resource, row.Seed, row.Data, row.Actor) { Secret = row.Secret };
        }, ct);

    public Task RecordAsync(IReadOnlyList<FinishedAttempt> finished, DateTimeOffset now, CancellationToken ct) =>
        records.WriteAsync(transaction => log.RecordAsync(transaction, finished, now), ct);

    public Task GiveBackAsync(IReadOnlyList<LeasedDelivery> deliveries, DateTimeOffset now, CancellationToken ct) =>
        records.WriteAsync(transaction => DeliveryTransitions.GiveBackAsync(transaction, deliveries, now), ct);

    /// <param name="DueAt">Of the first that waits.</param>
    /// <param name="RestsUntil"><c>null</c> when it does not rest.</param>
    /// <param name="HasRestToCount">A part of a rest after timeouts has not been looked at for deliveries that fell due.</param>
    internal sealed record Waiting(
        long DestinationId, long Concurrency, TimeSpan Timeout, DateTimeOffset? RestsUntil, TimeSpan LastRest, bool HasRestToCount, DateTimeOffset DueAt);

    internal sealed record Stray
    {
        public long Id { get; init; }

        public string State { get; init; } = "";
    }

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

    private static IReadOnlyList<LeasedDelivery> Leased(IReadOnlyList<ClaimedRow> rows, Destination destination, DeliveryLease lease) =>
    [
        .. rows.Select(row => new LeasedDelivery
        {
            Id = row.Id,
            EventId = row.HookEventId,
            Destination = destination,
            Action = row.Action,
            Payload = row.Data is null ? null : new HookPayload(row.Resource, row.Seed, row.Data, row.Actor) { Secret = row.Secret },
            Attempts = (int)row.Attempts,
            AcceptedAt = UnixMicroseconds.ToInstant(row.CreatedAt),
            Lease = lease,
        }),
    ];

    private sealed record PayloadRow
    {
        public string Resource { get; init; } = "";

        public string Seed { get; init; } = "";

        public byte[] Data { get; init; } = [];

        public byte[] Actor { get; init; } = [];

        public byte[]? Secret { get; init; }
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

        public byte[]? Secret { get; init; }
    }
}
