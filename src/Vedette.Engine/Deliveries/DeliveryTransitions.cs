using Vedette.Storage;

namespace Vedette.Engine.Deliveries;

/// <summary>
/// Every change of a delivery's state, each guarded by the state it comes from and, under a lease, by the lease's token.
/// A transition that matches no row has lost its race and changes nothing.
/// </summary>
/// <remarks>
/// <code>
/// (accepted) -- active --> pending -- 2xx -----------------> delivered
///     |                    ^ |  |  `- schedule used up -----> exhausted
///     |                    | |  |`--- 410, or destination gone --> gone
///     |                    | |  `---- destination retired --> cancelled
///     |            release | | destination disabled
///     |                    | v
///     +-- disabled ------> held -- dropped, or retired ----> cancelled
///     |                      `---- destination gone -------> gone
///     `-- gone ----------------------------------------------> gone
///
/// pending or held -- its project, or the organization of its app, is deleted --> cancelled
/// </code>
/// A failed attempt, or one that was given back, leaves a delivery pending with a later due time. Lifecycle notices are never held.
/// </remarks>
internal static class DeliveryTransitions
{
    private const string Pending = "state = 'pending'";
    private const string Held = "state = 'held'";

    /// <summary>States, as they are stored, in which something is still to be done.</summary>
    public static IReadOnlyList<string> Waiting { get; } = [StoredName.Of(DeliveryState.Pending), StoredName.Of(DeliveryState.Held)];

    /// <summary>The state of a delivery that is accepted for a destination in this state.</summary>
    public static (DeliveryState State, string Reason) OnAccept(Subscriptions.DestinationState destination, bool isLifecycle) => destination switch
    {
        Subscriptions.DestinationState.Active => (DeliveryState.Pending, "accepted"),
        Subscriptions.DestinationState.Disabled when isLifecycle => (DeliveryState.Pending, "accepted"),
        Subscriptions.DestinationState.Disabled => (DeliveryState.Held, "destination_disabled"),
        Subscriptions.DestinationState.Gone => (DeliveryState.Gone, "destination_gone"),
    };

    /// <summary>
    /// pending -> pending, leased: the oldest due deliveries of each wish's destination now belong to the wish's lease,
    /// unless its holder does not record them before it ends. Of an ordered issue only the oldest is taken.
    /// </summary>
    /// <returns>How many were claimed for each wish, at most as many as it asks for.</returns>
    public static Task<IReadOnlyList<int>> ClaimAsync(Transaction transaction, string skipLocked, IReadOnlyList<LaneWish> wishes, DateTimeOffset now) =>
        transaction.ExecuteEachAsync(
            $"""
            with due as materialized (
                select id from delivery y
                where destination_id = @DestinationId and {Pending} and due_at <= @Now
                    and (order_key is null or not exists (
                        select 1 from delivery older
                        where older.destination_id = y.destination_id and older.order_key = y.order_key and older.id < y.id and older.state = 'pending'))
                order by due_at, id
                limit @Most
                {skipLocked}
            )
            update delivery set due_at = @Until, lease = @Token, reason = 'claimed'
            where id in (select id from due) and {Pending}
            """,
            [.. wishes.Select(wish => new { wish.DestinationId, Now = UnixMicroseconds.From(now), wish.Most, wish.Until, wish.Token })]);

    /// <summary>pending, leased -> what the verdict says, with the attempt that led there.</summary>
    /// <returns>Those that were recorded; the others came too late.</returns>
    public static async Task<IReadOnlyList<FinishedAttempt>> RecordAsync(Transaction transaction, IReadOnlyList<FinishedAttempt> finished, DateTimeOffset now)
    {
        var rows = finished.Select(f => new AttemptRow(f, now)).ToList();
        var changed = await transaction.ExecuteEachAsync(
            $"""
            update delivery
            set state = @State, reason = @StateReason, attempts = @Attempts, due_at = @DueAt, lease = null, finished_at = @FinishedAt
            where id = @Id and lease = @Lease and {Pending}
            """,
            rows);
        await transaction.ExecuteEachAsync(
            """
            insert into attempt (
                delivery_id, destination_id, number, request_id, url, started_at, duration_us, outcome, reason, status_code, request_headers, response_body,
                error_id, error_project)
            values (
                @Id, @DestinationId, @Number, @RequestId, @Url, @StartedAt, @DurationUs, @Outcome, @Reason, @StatusCode, @RequestHeaders, @ResponseBody,
                @ErrorId, @ErrorProject)
            """,
            [.. rows.Where((_, i) => changed[i] == 1)]);
        return [.. finished.Where((_, i) => changed[i] == 1)];
    }

    /// <summary>pending, leased -> pending: not attempted after all.</summary>
    public static Task GiveBackAsync(Transaction transaction, IReadOnlyList<LeasedDelivery> deliveries, DateTimeOffset now) =>
        transaction.ExecuteEachAsync(
            $"update delivery set due_at = @Now, lease = null, reason = 'given_back' where id = @Id and lease = @Lease and {Pending}",
            [.. deliveries.Select(d => new { d.Id, Lease = d.Lease.Token, Now = UnixMicroseconds.From(now) })]);

    /// <summary>pending, leased -> pending, all: for a start after a crash, when nobody else can hold a lease.</summary>
    public static Task<int> FreeLeasesAsync(Transaction transaction, DateTimeOffset now) =>
        transaction.ExecuteAsync(
            $"update delivery set due_at = @now, lease = null, reason = 'given_back' where lease is not null and {Pending}",
            new { now = UnixMicroseconds.From(now) });

    /// <summary>
    /// pending -> held. What is under way is not interrupted; its outcome is then not recorded, and it is held like the rest.
    /// Its lease stays, so that a release knows that somebody may still be about to send it.
    /// </summary>
    public static Task<int> HoldAsync(Transaction transaction, long destinationId) =>
        transaction.ExecuteAsync(
            $"update delivery set state = 'held', reason = 'destination_disabled' where destination_id = @destinationId and {Pending} and lifecycle = 0",
            new { destinationId });

    /// <summary>
    /// held -> pending, due now, or when the lease that it had has ended. What its holder still reports is not recorded: it belongs
    /// to the time before. The lease becomes one that nobody holds, so that it is still known when the delivery is held again.
    /// </summary>
    public static Task<int> ReleaseAsync(Transaction transaction, long destinationId, DateTimeOffset now) =>
        transaction.ExecuteAsync(
            $"""
            update delivery set state = 'pending', reason = 'released', due_at = case when lease is not null and due_at > @now then due_at else @now end,
                lease = case when due_at > @now then -abs(lease) end
            where destination_id = @destinationId and {Held}
            """,
            new { destinationId, now = UnixMicroseconds.From(now) });

    /// <summary>held -> cancelled.</summary>
    public static Task<int> DropAsync(Transaction transaction, long destinationId, DateTimeOffset now) =>
        transaction.ExecuteAsync(
            $"update delivery set state = 'cancelled', reason = @reason, finished_at = @now where destination_id = @destinationId and {Held}",
            new { destinationId, reason = StoredName.Of(CancelReason.Dropped), now = UnixMicroseconds.From(now) });

    /// <summary>pending or held -> cancelled. What is under way is not interrupted; its outcome is then not recorded.</summary>
    public static Task CancelAsync(Transaction transaction, IReadOnlyList<long> ids, CancelReason reason, DateTimeOffset now) =>
        transaction.ExecuteEachAsync(
            $"""
            update delivery set state = 'cancelled', reason = @Reason, lease = null, finished_at = @Now
            where id = @Id and ({Pending} or {Held})
            """,
            [.. ids.Select(id => new { Id = id, Reason = StoredName.Of(reason), Now = UnixMicroseconds.From(now) })]);

    /// <summary>pending or held -> cancelled: the destination is retired. What is under way is not interrupted; its outcome is then not recorded.</summary>
    public static Task<int> CancelAsync(Transaction transaction, long destinationId, CancelReason reason, DateTimeOffset now) =>
        transaction.ExecuteAsync(
            $"""
            update delivery set state = 'cancelled', reason = @reason, lease = null, finished_at = @now
            where destination_id = @destinationId and ({Pending} or {Held})
            """,
            new { destinationId, reason = StoredName.Of(reason), now = UnixMicroseconds.From(now) });

    /// <summary>pending or held -> gone: the receiver answered 410 to one of them.</summary>
    public static Task<int> GoneAsync(Transaction transaction, long destinationId, DateTimeOffset now) =>
        transaction.ExecuteAsync(
            $"""
            update delivery set state = 'gone', reason = 'destination_gone', lease = null, finished_at = @now
            where destination_id = @destinationId and ({Pending} or {Held})
            """,
            new { destinationId, now = UnixMicroseconds.From(now) });

    private sealed class AttemptRow(FinishedAttempt finished, DateTimeOffset now)
    {
        public long Id => finished.Delivery.Id;

        public long DestinationId => finished.Delivery.Destination.Id;

        public long Lease => finished.Delivery.Lease.Token;

        public long Number => finished.Delivery.Attempts + 1;

        public string RequestId => finished.Result.RequestId;

        public string Url => finished.Delivery.Destination.Url;

        public long StartedAt => UnixMicroseconds.From(finished.Result.StartedAt);

        public long DurationUs => (long)finished.Result.Duration.TotalMicroseconds;

        public string Outcome => StoredName.Of(finished.Result.Outcome);

        public string Reason => finished.Result.Reason;

        public long? StatusCode => finished.Result.StatusCode;

        public string? RequestHeaders => finished.Result.RequestHeaders;

        public byte[]? ResponseBody => finished.Result.ResponseBody;

        public string? ErrorId => finished.Result.ErrorId;

        public string? ErrorProject => finished.Result.ErrorProject;

        public string State => StoredName.Of(finished.Verdict.State);

        public string StateReason => finished.Verdict.Reason;

        public long Attempts => finished.Verdict.Attempts;

        public long DueAt => UnixMicroseconds.From(finished.Verdict.DueAt ?? now);

        public long? FinishedAt => finished.Verdict.State == DeliveryState.Pending ? null : UnixMicroseconds.From(now);
    }
}

/// <summary>An attempt that was made and what follows from it.</summary>
/// <param name="Rest">The lane begins to rest with it; <c>null</c> otherwise.</param>
/// <param name="Recovered">A rest of the lane is over with it.</param>
internal sealed record FinishedAttempt(LeasedDelivery Delivery, AttemptResult Result, DeliveryVerdict Verdict, LaneRest? Rest, bool Recovered);

/// <summary>How long a destination is left alone.</summary>
internal sealed record LaneRest(DateTimeOffset Until, TimeSpan Length);

/// <param name="CountedFrom">From when on deliveries that fall due count as timeouts; <c>null</c> when they do not.</param>
internal sealed record DestinationRest(long DestinationId, LaneRest Rest, AttemptOutcome Reason, DateTimeOffset? CountedFrom);
