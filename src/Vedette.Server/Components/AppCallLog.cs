using Vedette.Engine.Deliveries;
using Vedette.Engine.DeliveryLog;
using Vedette.Storage;

namespace Vedette.Server.Components;

/// <summary>What forms of the pages asked apps, for the request log, where it stands beside the webhooks.</summary>
internal sealed class AppCallLog(Database database, TimeProvider time)
{
    /// <summary>Also when the one who asked has gone.</summary>
    /// <param name="headers">Of a failure, whose bodies are kept too: a line each.</param>
    public Task AddAsync(InstalledApp whom, AppCall call, Uri url, AppAnswer answer, string? headers, DateTimeOffset startedAt, TimeSpan duration) =>
        database.WriteAsync(
            transaction => transaction.ExecuteAsync(
                """
                insert into app_call (
                    app_id, organization_id, event, url, started_at, duration_us, outcome, reason, status_code, request_id, request_headers, request_body, response_body)
                select id, @organizationId, @Event, @url, @startedAt, @duration, @outcome, @Reason, @Status, @RequestId, @headers, @requestBody, @responseBody
                from app where id = @appId
                """,
                new
                {
                    appId = whom.App.Id,
                    organizationId = whom.Installation.OrganizationId,
                    call.Event,
                    url = url.AbsoluteUri,
                    startedAt = UnixMicroseconds.From(startedAt),
                    duration = (long)duration.TotalMicroseconds,
                    outcome = StoredName.Of(answer.Outcome),
                    answer.Reason,
                    answer.Status,
                    answer.RequestId,
                    headers,
                    requestBody = headers is null ? null : Kept(call.Body),
                    responseBody = headers is null || answer.Status is null ? null : Kept(answer.Body),
                }),
            CancellationToken.None);

    /// <summary>Newest first.</summary>
    /// <param name="organizationId">Only of the installation there; <c>null</c> for all.</param>
    /// <param name="query">Its destinations do not matter.</param>
    public async Task<IReadOnlyList<LoggedAttempt>> ListAsync(long appId, long? organizationId, RequestLogQuery query, int most, CancellationToken ct)
    {
        var rows = await database.ReadAsync(session => session.ListAsync<Row>(
            $"""
            select organization_id, event, url, started_at, duration_us, outcome, reason, status_code, request_id, request_headers, request_body, response_body
            from app_call
            where app_id = @appId and started_at >= @from and started_at < @before
                {(organizationId is null ? "" : "and organization_id = @organizationId")}
                {(query.ErrorsOnly ? "and outcome not in ('delivered', 'redirected')" : "")}
                {(query.Event is null ? "" : "and event = @Event")}
            order by started_at desc, id desc
            limit @most
            """,
            new { appId, organizationId = organizationId ?? 0, from = UnixMicroseconds.From(query.From), before = UnixMicroseconds.From(query.Before), query.Event, most }), ct);
        return [.. rows.Select(row => row.ToAttempt())];
    }

    /// <returns>How many were deleted.</returns>
    public Task<long> DeleteOldAsync(TimeSpan age, CancellationToken ct) =>
        OldRows.DeleteAsync(
            database, "app_call", "started_at", time.GetUtcNow() - age, window: 500,
            ["delete from app_call where id > @after and id <= @until and started_at < @before"], ct);

    private static byte[] Kept(byte[] body) => body.Length <= WebhookSender.KeptBody ? body : body[..WebhookSender.KeptBody];

    private sealed record Row
    {
        public long OrganizationId { get; init; }

        public string Event { get; init; } = "";

        public string Url { get; init; } = "";

        public long StartedAt { get; init; }

        public long DurationUs { get; init; }

        public string Outcome { get; init; } = "";

        public string Reason { get; init; } = "";

        public long? StatusCode { get; init; }

        public string RequestId { get; init; } = "";

        public string? RequestHeaders { get; init; }

        public byte[]? RequestBody { get; init; }

        public byte[]? ResponseBody { get; init; }

        public LoggedAttempt ToAttempt() => new()
        {
            Url = Url,
            OrganizationId = OrganizationId,
            Event = Event,
            StartedAt = UnixMicroseconds.ToInstant(StartedAt),
            Duration = TimeSpan.FromMicroseconds(DurationUs),
            Outcome = StoredName.Parse<AttemptOutcome>(Outcome),
            Reason = Reason,
            StatusCode = (int?)StatusCode,
            RequestId = RequestId,
            IdempotencyKey = null,
            Subject = null,
            RequestHeaders = RequestHeaders,
            RequestBody = RequestBody,
            ResponseBody = ResponseBody,
            ErrorId = null,
            ErrorProject = null,
        };
    }
}
