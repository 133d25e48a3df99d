using Vedette.Engine.Deliveries;
using Vedette.Engine.DeliveryLog;
using Vedette.Storage;

namespace Vedette.Engine.Replays;

/// <summary>The right to take the next step of a job, until it ends by itself.</summary>
/// <param name="Due">When the step was due.</param>
internal sealed record ReplayClaim(long JobId, long Token, DateTimeOffset Due);

/// <summary>
/// Replay jobs. A job is worked off in steps of a second's worth, each one transaction: the new deliveries and the place
/// up to which the job has come are committed together, so that no death of a process replays anything twice.
/// </summary>
public sealed class ReplayJobStore(Database database, Replayer replayer, EngineOptions options, TimeProvider time, Random dice)
{
    private const int MostClaims = 20;

    private const string Columns =
        """
        id, organization_id, state, destination_id, hook_event_id, event, issue_id, delivery_state, since, until, per_second, total, last_delivery_id,
        place_us, place_id, replayed, skipped, created_at, finished_at
        """;

    /// <summary>What is still to be made is not replayed, nor what was replayed already: of a chain of replays only the newest counts.</summary>
    private const string Replayable =
        """
        y.state not in ('pending', 'held') and not exists (
            select 1 from delivery newer
            where newer.hook_event_id = y.hook_event_id and newer.destination_id = y.destination_id and newer.id > y.id)
        """;

    /// <summary>How many deliveries a job with this filter would replay.</summary>
    public async Task<long> CountAsync(DeliveryFilter filter, CancellationToken ct) => (await SurveyAsync(filter, ct)).Matching;

    /// <summary>Starts a job for what matches now; what is accepted later is not its business.</summary>
    public async Task<ReplayJob> StartAsync(DeliveryFilter filter, int perSecond, CancellationToken ct)
    {
        var survey = await SurveyAsync(filter, ct);
        var args = new DeliveryFilter.Arguments(filter, 0, 0, 0);
        var now = UnixMicroseconds.From(time.GetUtcNow());
        var row = await database.WriteAsync(transaction => transaction.SingleAsync<Row>(
            $"""
            insert into replay_job (
                organization_id, state, destination_id, hook_event_id, event, issue_id, delivery_state, since, until, per_second, total, last_delivery_id,
                place_us, place_id, replayed, skipped, due_at, created_at)
            values (
                @OrganizationId, 'running', @DestinationId, @EventId, @EventName, @IssueId, @State, @SinceUs, @UntilUs, @PerSecond, @Matching, @LastId,
                0, 0, 0, 0, @now, @now)
            returning {Columns}
            """,
            new
            {
                filter.OrganizationId,
                filter.DestinationId,
                filter.EventId,
                filter.EventName,
                filter.IssueId,
                State = filter.State is { } state ? StoredName.Of(state) : null,
                args.SinceUs,
                args.UntilUs,
                PerSecond = (long)perSecond,
                survey.Matching,
                survey.LastId,
                now,
            }), ct);
        return row.ToJob();
    }

    /// <summary>Newest first, those before <paramref name="than"/>; or, <paramref name="backwards"/>, those after it, nearest first.</summary>
    public async Task<IReadOnlyList<ReplayJob>> ListAsync(long organizationId, long? than, bool backwards, int most, CancellationToken ct)
    {
        var rows = await database.ReadAsync(session => session.ListAsync<Row>(
            $"""
            select {Columns} from replay_job
            where organization_id = @organizationId {(than is null ? "" : $"and id {(backwards ? '>' : '<')} @than")}
            order by id {(backwards ? "asc" : "desc")}
            limit @most
            """,
            new { organizationId, than, most }), ct);
        return [.. rows.Select(row => row.ToJob())];
    }

    public async Task<ReplayJob?> FindAsync(long organizationId, long id, CancellationToken ct) =>
        (await database.ReadAsync(session => session.FirstAsync<Row>(
            $"select {Columns} from replay_job where id = @id and organization_id = @organizationId", new { id, organizationId }), ct))?.ToJob();

    /// <summary>running -> paused, paused -> running, either -> cancelled. Going where it is already does nothing.</summary>
    /// <returns><c>false</c> when it has ended in another way before.</returns>
    public Task<bool> MoveAsync(long id, ReplayJobState to, CancellationToken ct) =>
        database.WriteAsync(async transaction =>
        {
            var now = UnixMicroseconds.From(time.GetUtcNow());
            var changed = await transaction.ExecuteAsync(
                """
                update replay_job set state = @state, lease = null, due_at = @now, finished_at = @finished
                where id = @id and state in ('running', 'paused') and state <> @state
                """,
                new { id, state = StoredName.Of(to), now, finished = to == ReplayJobState.Cancelled ? now : (long?)null });
            return changed == 1 || await transaction.SingleAsync<string>("select state from replay_job where id = @id", new { id }) == StoredName.Of(to);
        }, ct);

    /// <summary>From its next step on.</summary>
    public Task SetPaceAsync(long id, int perSecond, CancellationToken ct) =>
        database.WriteAsync(
            transaction => transaction.ExecuteAsync("update replay_job set per_second = @perSecond where id = @id", new { id, perSecond = (long)perSecond }), ct);

    /// <summary>Takes jobs whose next step is due, each for as long as a lease.</summary>
    internal Task<IReadOnlyList<ReplayClaim>> ClaimAsync(CancellationToken ct) =>
        database.WriteAsync(async transaction =>
        {
            var now = time.GetUtcNow();
            var due = await transaction.ListAsync<DueRow>(
                "select id, due_at from replay_job where state = 'running' and due_at <= @now order by due_at limit @MostClaims",
                new { now = UnixMicroseconds.From(now), MostClaims });
            var claims = new List<ReplayClaim>();
            foreach (var row in due)
            {
                var token = dice.NextInt64();
                var claimed = await transaction.ExecuteAsync(
                    "update replay_job set lease = @token, due_at = @until where id = @Id and state = 'running' and due_at = @DueAt",
                    new { row.Id, row.DueAt, token, until = UnixMicroseconds.From(now + options.Lease) });
                if (claimed == 1)
                    claims.Add(new(row.Id, token, UnixMicroseconds.ToInstant(row.DueAt)));
            }

            return (IReadOnlyList<ReplayClaim>)claims;
        }, ct);

    /// <summary>Replays a second's worth and gives the job back. Whose claim has ended meanwhile does nothing.</summary>
    internal Task StepAsync(ReplayClaim claim, CancellationToken ct) =>
        database.WriteAsync(async transaction =>
        {
            // 1. The token is still good, and with the row locked it stays so until the commit.
            var held = await transaction.ExecuteAsync(
                "update replay_job set lease = @Token where id = @JobId and lease = @Token and state = 'running'", new { claim.JobId, claim.Token });
            if (held == 0)
                return;

            // 2. The next deliveries, oldest first.
            var row = await transaction.SingleAsync<Row>($"select {Columns} from replay_job where id = @JobId", new { claim.JobId });
            var job = row.ToJob();
            var next = await transaction.ListAsync<PlaceRow>(
                $"""
                select y.id, y.created_at from delivery y
                join hook_event e on e.id = y.hook_event_id
                where {job.Filter.Sql} and y.id <= {row.LastDeliveryId} and (y.created_at, y.id) > (@PlaceUs, @PlaceId) and {Replayable}
                order by y.created_at, y.id
                limit @Most
                """,
                new DeliveryFilter.Arguments(job.Filter, row.PlaceUs, row.PlaceId, job.PerSecond));
            var made = 0;
            foreach (var delivery in next)
            {
                if (await replayer.ReplayAsync(transaction, row.OrganizationId, delivery.Id) is { Verdict: ReplayVerdict.Made })
                    made++;
            }

            // 3. Due again a second after it was due, so that ticks that come a little late do not slow it down.
            var now = time.GetUtcNow();
            var second = TimeSpan.FromSeconds(1);
            var due = (claim.Due > now - second ? claim.Due : now - second) + second;
            var isDone = next.Count < job.PerSecond;
            await transaction.ExecuteAsync(
                """
                update replay_job set
                    place_us = @PlaceUs, place_id = @PlaceId, replayed = replayed + @Made, skipped = skipped + @Skipped, lease = null, due_at = @Due,
                    state = @State, finished_at = @FinishedAt
                where id = @JobId
                """,
                new
                {
                    claim.JobId,
                    PlaceUs = next.Count == 0 ? row.PlaceUs : next[^1].CreatedAt,
                    PlaceId = next.Count == 0 ? row.PlaceId : next[^1].Id,
                    Made = (long)made,
                    Skipped = (long)next.Count - made,
                    Due = UnixMicroseconds.From(due),
                    State = StoredName.Of(isDone ? ReplayJobState.Done : ReplayJobState.Running),
                    FinishedAt = isDone ? UnixMicroseconds.From(now) : (long?)null,
                });
        }, ct);

    private Task<SurveyRow> SurveyAsync(DeliveryFilter filter, CancellationToken ct) =>
        database.ReadAsync(session => session.SingleAsync<SurveyRow>(
            $"""
            select count(*) as matching, coalesce(max(y.id), 0) as last_id from delivery y
            join hook_event e on e.id = y.hook_event_id
            where {filter.Sql} and {Replayable}
            """,
            new DeliveryFilter.Arguments(filter, 0, 0, 0)), ct);

    private sealed record SurveyRow
    {
        public long Matching { get; init; }

        public long LastId { get; init; }
    }

    private sealed record DueRow
    {
        public long Id { get; init; }

        public long DueAt { get; init; }
    }

    private sealed record PlaceRow
    {
        public long Id { get; init; }

        public long CreatedAt { get; init; }
    }

    private sealed record Row
    {
        public long Id { get; init; }

        public long OrganizationId { get; init; }

        public string State { get; init; } = "";

        public long? DestinationId { get; init; }

        public long? HookEventId { get; init; }

        public string? Event { get; init; }

        public long? IssueId { get; init; }

        public string? DeliveryState { get; init; }

        public long? Since { get; init; }

        public long? Until { get; init; }

        public long PerSecond { get; init; }

        public long Total { get; init; }

        public long LastDeliveryId { get; init; }

        public long PlaceUs { get; init; }

        public long PlaceId { get; init; }

        public long Replayed { get; init; }

        public long Skipped { get; init; }

        public long CreatedAt { get; init; }

        public long? FinishedAt { get; init; }

        public ReplayJob ToJob() => new()
        {
            Id = Id,
            State = StoredName.Parse<ReplayJobState>(State),
            Filter = new DeliveryFilter
            {
                OrganizationId = OrganizationId,
                DestinationId = DestinationId,
                EventId = HookEventId,
                EventName = Event,
                IssueId = IssueId,
                State = DeliveryState is null ? null : StoredName.Parse<DeliveryState>(DeliveryState),
                Since = Since is { } since ? UnixMicroseconds.ToInstant(since) : null,
                Until = Until is { } until ? UnixMicroseconds.ToInstant(until) : null,
            },
            PerSecond = (int)PerSecond,
            Total = Total,
            Replayed = Replayed,
            Skipped = Skipped,
            CreatedAt = UnixMicroseconds.ToInstant(CreatedAt),
            FinishedAt = FinishedAt is { } finished ? UnixMicroseconds.ToInstant(finished) : null,
        };
    }
}
