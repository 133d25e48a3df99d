using Vedette.Engine.Deliveries;
using Vedette.Engine.Subscriptions;
using Vedette.Storage;

namespace Vedette.Engine.DeliveryLog;

/// <summary>Questions about deliveries of one organization; another's are as if they were not there.</summary>
public sealed class DeliveryLogStore(Database database)
{
    private const int MostAttempts = 100;

    private const string Select =
        $"""
        select y.id, y.hook_event_id, y.action, y.replay_of, y.state, y.reason, y.attempts, y.due_at, y.created_at, y.finished_at,
            case when y.lease > 0 then 1 else 0 end as is_leased,
            e.resource, e.project_id, e.issue_id, e.subject_type, e.subject_id, e.seed, d.rests_until, d.rest_reason,
            l.outcome as last_outcome, l.reason as last_reason, l.duration_us as last_duration_us,
            case when y.order_key is not null and y.state = 'pending' then (
                select min(older.id) from delivery older
                where older.destination_id = y.destination_id and older.order_key = y.order_key and older.id < y.id and older.state = 'pending'
            ) end as older_of_issue, {DestinationStore.Columns}
        from delivery y
        join hook_event e on e.id = y.hook_event_id
        join destination d on d.id = y.destination_id
        left join attempt l on l.id = (select a.id from attempt a where a.delivery_id = y.id order by a.number desc, a.id desc limit 1)
        """;

    /// <summary>Those after the place, newest first; or, <paramref name="backwards"/>, those before it, nearest first.</summary>
    public async Task<IReadOnlyList<LoggedDelivery>> ListAsync(DeliveryFilter filter, DeliveryPlace? place, bool backwards, int most, CancellationToken ct)
    {
        var (than, order) = backwards ? ('>', "asc") : ('<', "desc");
        var rows = await database.ReadAsync(session => session.ListAsync<Row>(
            $"""
            {Select}
            where {filter.Sql} {(place is null ? "" : $"and (y.created_at, y.id) {than} (@PlaceUs, @PlaceId)")}
            order by y.created_at {order}, y.id {order}
            limit @Most
            """,
            new DeliveryFilter.Arguments(filter, place?.CreatedAtUs ?? 0, place?.Id ?? 0, most)), ct);
        return [.. rows.Select(row => row.ToDelivery())];
    }

    public Task<DeliveryDetail?> DetailAsync(long organizationId, long id, CancellationToken ct) =>
        database.ReadAsync(async session =>
        {
            var row = await session.FirstAsync<Row>($"{Select} where y.id = @id and y.organization_id = @organizationId", new { id, organizationId });
            if (row is null)
                return null;

            var payload = await session.SingleAsync<PayloadRow>(
                $"select substr(data, 1, {WebhookSender.KeptBody}) as data, actor from hook_event where id = @HookEventId", new { row.HookEventId });
            var attempts = await session.ListAsync<AttemptDetail>(
                """
                select id, number, request_id, url, started_at, duration_us, outcome, reason, status_code, request_headers, response_body, error_id, error_project
                from attempt
                where delivery_id = @id
                order by number desc, id desc
                limit @MostAttempts
                """,
                new { id, MostAttempts });
            var body = HookRequest.Body(row.ToDestination(), row.Action, new HookPayload(row.Resource, row.Seed, payload.Data, payload.Actor));
            return new DeliveryDetail(
                row.ToDelivery(), body.Length > WebhookSender.KeptBody ? body[..WebhookSender.KeptBody] : body, [.. attempts.Reverse()]);
        }, ct);

    /// <summary>The number of the destination that its receiver knows by this name; <c>null</c> when the organization has none.</summary>
    public Task<long?> DestinationAsync(long organizationId, string publicId, CancellationToken ct) =>
        database.ReadAsync<long?>(async session =>
            await session.ListAsync<long>(
                "select id from destination where public_id = @publicId and organization_id = @organizationId", new { publicId, organizationId }) is [var id]
                ? id
                : null, ct);

    /// <summary>How many events were accepted for a destination in each step since an instant; steps without events are absent. Replays are not counted.</summary>
    public Task<IReadOnlyList<AcceptedCount>> CountsAsync(long organizationId, long destinationId, DateTimeOffset since, TimeSpan step, CancellationToken ct) =>
        database.ReadAsync(session => session.ListAsync<AcceptedCount>(
            """
            select created_at / @step as step, count(*) as times from delivery
            where destination_id = @destinationId and created_at >= @since and replay_of = 0 and organization_id = @organizationId
            group by created_at / @step
            """,
            new { organizationId, destinationId, since = UnixMicroseconds.From(since), step = (long)step.TotalMicroseconds }), ct);

    /// <summary>What became of an event at a destination: of the newest delivery there, or why there is none.</summary>
    /// <returns><c>null</c> when the organization does not have both.</returns>
    public Task<PairExplanation?> ExplainAsync(long organizationId, long eventId, long destinationId, DateTimeOffset now, CancellationToken ct) =>
        database.ReadAsync(async session =>
        {
            var args = new { organizationId, eventId, destinationId };
            var newest = await session.FirstAsync<Row>(
                $"""
                {Select}
                where y.hook_event_id = @eventId and y.destination_id = @destinationId and y.organization_id = @organizationId
                order by y.id desc
                limit 1
                """,
                args);
            if (newest?.ToDelivery() is { } delivery)
                return new PairExplanation(delivery.Id, Explanation.Of(delivery.Facts, now));

            var missed = await session.FirstAsync<EventRow>(
                """
                select e.resource, e.action, e.project_id, e.created_at, case when d.kind = 'service_hook' and d.version <> e.version then d.version end as takes_version
                from hook_event e
                join destination d on d.organization_id = e.organization_id
                where e.id = @eventId and d.id = @destinationId and e.organization_id = @organizationId
                """,
                args);
            if (missed is null)
                return null;

            var name = $"{missed.Resource}.{missed.Action}";
            var projects = await session.ListAsync<long>(
                "select project_id from subscription where destination_id = @destinationId and event in (@name, @legacy)",
                new { destinationId, name, legacy = EventIntake.OlderNameOf(name) });
            return new PairExplanation(null, Explanation.Of(new MissedEvent(name, missed.ProjectId, UnixMicroseconds.ToInstant(missed.CreatedAt), projects, missed.TakesVersion)));
        }, ct);

    private sealed record PayloadRow
    {
        public byte[] Data { get; init; } = [];

        public byte[] Actor { get; init; } = [];
    }

    private sealed record EventRow
    {
        public string Resource { get; init; } = "";

        public string Action { get; init; } = "";

        public long? ProjectId { get; init; }

        public long CreatedAt { get; init; }

        public long? TakesVersion { get; init; }
    }

    private sealed record Row : DestinationStore.Row
    {
        public long Id { get; init; }

        public long HookEventId { get; init; }

        public string Action { get; init; } = "";

        public long ReplayOf { get; init; }

        public string State { get; init; } = "";

        public string Reason { get; init; } = "";

        public long Attempts { get; init; }

        public long DueAt { get; init; }

        public long CreatedAt { get; init; }

        public long? FinishedAt { get; init; }

        public bool IsLeased { get; init; }

        public string Resource { get; init; } = "";

        public long? ProjectId { get; init; }

        public long? IssueId { get; init; }

        public string? SubjectType { get; init; }

        public string? SubjectId { get; init; }

        public string Seed { get; init; } = "";

        public long? RestsUntil { get; init; }

        public string? RestReason { get; init; }

        public string? LastOutcome { get; init; }

        public string? LastReason { get; init; }

        public long? LastDurationUs { get; init; }

        public long? OlderOfIssue { get; init; }

        public LoggedDelivery ToDelivery() => new()
        {
            Id = Id,
            EventId = HookEventId,
            Event = $"{Resource}.{Action}",
            ProjectId = ProjectId,
            IssueId = IssueId,
            Subject = SubjectType is { } type && SubjectId is { } subject ? new HookSubject(type, subject) : null,
            Destination = ToDestination(),
            IdempotencyKey = HookRequest.IdempotencyKey(Seed, PublicId),
            ReplayOf = ReplayOf == 0 ? null : ReplayOf,
            CreatedAtUs = CreatedAt,
            Reason = Reason,
            Facts = new DeliveryFacts
            {
                State = StoredName.Parse<DeliveryState>(State),
                CancelledFor = State == "cancelled" ? StoredName.Parse<CancelReason>(Reason) : default,
                Attempts = (int)Attempts,
                DueAt = UnixMicroseconds.ToInstant(DueAt),
                IsLeased = IsLeased,
                CreatedAt = UnixMicroseconds.ToInstant(CreatedAt),
                FinishedAt = FinishedAt is { } finished ? UnixMicroseconds.ToInstant(finished) : null,
                Last = LastOutcome is null
                    ? null
                    : new LastAttempt(StoredName.Parse<AttemptOutcome>(LastOutcome), LastReason!, TimeSpan.FromMicroseconds(LastDurationUs!.Value)),
                RestsUntil = RestsUntil is { } until ? UnixMicroseconds.ToInstant(until) : null,
                RestReason = RestReason,
                OlderOfIssue = OlderOfIssue,
            },
        };
    }
}

/// <summary>Steps are numbered from the epoch.</summary>
public sealed record AcceptedCount
{
    public long Step { get; init; }

    public long Times { get; init; }
}

/// <param name="DeliveryId">The newest delivery of the pair; <c>null</c> when there is none.</param>
public sealed record PairExplanation(long? DeliveryId, Explanation Explanation);
