using System.Globalization;
using Vedette.Engine.Deliveries;
using Vedette.Engine.Subscriptions;
using Vedette.Storage;

namespace Vedette.Engine.DeliveryLog;

/// <summary>What was sent to given destinations. Attempts that came to nothing through our own fault are not in it: no receiver heard of them.</summary>
public sealed class RequestLog(Database database)
{
    /// <summary>Bytes of a request's body that are put together again. Larger ones are cut.</summary>
    public const int LeastBody = 4096;

    /// <summary>Newest first.</summary>
    public async Task<IReadOnlyList<LoggedAttempt>> ListAsync(RequestLogQuery query, int most, CancellationToken ct)
    {
        if (query.DestinationIds.Count == 0)
            return [];

        var (resource, action) = query.Event?.Split('.') is [var first, var second] ? (first, second) : (null, null);
        var ids = string.Join(',', query.DestinationIds.Select(id => id.ToString(CultureInfo.InvariantCulture)));
        var rows = await database.ReadAsync(session => session.ListAsync<Row>(
            $"""
            select a.url as sent_to, a.started_at, a.duration_us, a.outcome, a.reason, a.status_code, a.request_id, a.request_headers, a.response_body, a.error_id,
                a.error_project, y.action, e.resource, e.subject_type, e.subject_id, e.seed, e.actor,
                case when a.request_headers is not null then substr(e.data, 1, {LeastBody}) end as data, {DestinationStore.Columns}
            from attempt a
            join delivery y on y.id = a.delivery_id
            join hook_event e on e.id = y.hook_event_id
            join destination d on d.id = a.destination_id
            where a.destination_id in ({ids}) and a.started_at >= @from and a.started_at < @before and a.outcome <> 'ours'
                {(query.ErrorsOnly ? "and a.outcome not in ('delivered', 'redirected', 'ours')" : "")}
                {(resource is null ? "" : "and e.resource = @resource and y.action = @action")}
            order by a.started_at desc, a.id desc
            limit @most
            """,
            new { from = UnixMicroseconds.From(query.From), before = UnixMicroseconds.From(query.Before), resource, action, most }), ct);
        return [.. rows.Select(row => row.ToAttempt())];
    }

    private sealed record Row : DestinationStore.Row
    {
        public string SentTo { get; init; } = "";

        public long StartedAt { get; init; }

        public long DurationUs { get; init; }

        public string Outcome { get; init; } = "";

        public string Reason { get; init; } = "";

        public long? StatusCode { get; init; }

        public string RequestId { get; init; } = "";

        public string? RequestHeaders { get; init; }

        public byte[]? ResponseBody { get; init; }

        public string? ErrorId { get; init; }

        public string? ErrorProject { get; init; }

        public string Action { get; init; } = "";

        public string Resource { get; init; } = "";

        public string? SubjectType { get; init; }

        public string? SubjectId { get; init; }

        public string Seed { get; init; } = "";

        public byte[]? Data { get; init; }

        public byte[] Actor { get; init; } = [];

        public LoggedAttempt ToAttempt()
        {
            var outcome = StoredName.Parse<AttemptOutcome>(Outcome);
            var failed = LoggedAttempt.IsFailureOf(outcome);
            return new LoggedAttempt
            {
                Url = SentTo,
                OrganizationId = OrganizationId,
                Event = $"{Resource}.{Action}",
                StartedAt = UnixMicroseconds.ToInstant(StartedAt),
                Duration = TimeSpan.FromMicroseconds(DurationUs),
                Outcome = outcome,
                Reason = Reason,
                StatusCode = (int?)StatusCode,
                RequestId = RequestId,
                IdempotencyKey = HookRequest.IdempotencyKey(Seed, PublicId),
                Subject = SubjectType is { } type && SubjectId is { } id ? new HookSubject(type, id) : null,
                RequestHeaders = failed ? RequestHeaders : null,
                RequestBody = failed && Data is { } data ? HookRequest.Body(ToDestination(), Action, new HookPayload(Resource, Seed, data, Actor)) : null,
                ResponseBody = failed ? ResponseBody : null,
                ErrorId = ErrorId,
                ErrorProject = ErrorProject,
            };
        }
    }
}
