using Vedette.Storage;

namespace Vedette.Engine.Deliveries;

/// <summary>
/// Every change of a delivery's state, each guarded by the state it comes from and, under a lease, by the lease's token.
/// A transition that matches no row has lost its race and changes nothing.
/// </summary>
/// <remarks>
/// <code>
/// (accepted) -- destination active --> pending -- 2xx ------------------> delivered
///     |                                 ^ | |---- schedule used up ----> exhausted
///     |                                 | | `---- 410 -----------------> gone
///     |                                 | `------ failed, given back --> pending
///     `------- destination disabled --> held
/// </code>
/// </remarks>
internal static class DeliveryTransitions
{
    private const string Pending = "state = 'pending'";

    /// <summary>
    /// pending -> pending, leased: the oldest due deliveries of one destination now belong to <paramref name="lease"/>,
    /// unless its holder does not record them before it ends.
    /// </summary>
    /// <returns>How many were claimed, at most <paramref name="most"/>.</returns>
    public static Task<int> ClaimAsync(Transaction transaction, string skipLocked, long destinationId, DeliveryLease lease, DateTimeOffset now, int most) =>
        transaction.ExecuteAsync(
            $"""
            with due as materialized (
                select id from delivery
                where destination_id = @destinationId and {Pending} and due_at <= @now
                order by due_at, id
                limit @most
                {skipLocked}
            )
            update delivery set due_at = @until, lease = @token, reason = 'claimed'
            where id in (select id from due) and {Pending}
            """,
            new { destinationId, now = UnixMicroseconds.From(now), most, until = UnixMicroseconds.From(lease.Until), token = lease.Token });

    /// <summary>pending, leased -> what the verdict says, with the attempt that led there.</summary>
    public static async Task RecordAsync(Transaction transaction, IReadOnlyList<FinishedAttempt> finished, DateTimeOffset now)
    {
        var rows = finished.Select(f => new AttemptRow(f, now)).ToList();
        await transaction.ExecuteEachAsync(
            $"""
            insert into attempt (delivery_id, number, request_id, started_at, duration_us, outcome, reason, status_code, response_body)
            select id, @Number, @RequestId, @StartedAt, @DurationUs, @Outcome, @Reason, @StatusCode, @ResponseBody
            from delivery
            where id = @Id and lease = @Lease and {Pending}
            """,
            rows);
        await transaction.ExecuteEachAsync(
            $"""
            update delivery
            set state = @State, reason = @StateReason, attempts = @Attempts, due_at = @DueAt, lease = null, finished_at = @FinishedAt
            where id = @Id and lease = @Lease and {Pending}
            """,
            rows);
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

    private sealed class AttemptRow(FinishedAttempt finished, DateTimeOffset now)
    {
        public long Id => finished.Delivery.Id;

        public long Lease => finished.Delivery.Lease.Token;

        public long Number => finished.Delivery.Attempts + 1;

        public string RequestId => finished.Result.RequestId;

        public long StartedAt => UnixMicroseconds.From(finished.Result.StartedAt);

        public long DurationUs => (long)finished.Result.Duration.TotalMicroseconds;

        public string Outcome => StoredName.Of(finished.Result.Outcome);

        public string Reason => finished.Result.Reason;

        public long? StatusCode => finished.Result.StatusCode;

        public byte[] ResponseBody => finished.Result.ResponseBody;

        public string State => StoredName.Of(finished.Verdict.State);

        public string StateReason => finished.Verdict.Reason;

        public long Attempts => finished.Verdict.Attempts;

        public long DueAt => UnixMicroseconds.From(finished.Verdict.DueAt ?? now);

        public long? FinishedAt => finished.Verdict.State == DeliveryState.Pending ? null : UnixMicroseconds.From(now);
    }
}

/// <summary>An attempt that was made and what follows from it.</summary>
internal sealed record FinishedAttempt(LeasedDelivery Delivery, AttemptResult Result, DeliveryVerdict Verdict);
