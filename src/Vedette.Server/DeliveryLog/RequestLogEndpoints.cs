using System.Text;
using Vedette.Engine.Deliveries;
using Vedette.Engine.DeliveryLog;
using Vedette.Server.Api;
using Vedette.Server.Apps;
using Vedette.Server.Authorization;
using Vedette.Server.Components;
using Vedette.Server.Installations;
using Vedette.Tracker.Projects;
using Vedette.Wire.Json;

namespace Vedette.Server.DeliveryLog;

/// <summary>Sentry's request log of an app: webhooks, and what forms of the pages asked it.</summary>
internal static class RequestLogEndpoints
{
    private const int Most = 100;
    private const int MostCharacters = 1024;

    extension(IEndpointRouteBuilder routes)
    {
        public void MapRequestLog()
        {
            foreach (var name in (ReadOnlySpan<string>)["requests", "webhook-requests"])
                routes.MapGet($"/api/0/sentry-apps/{{app}}/{name}/", ListAsync).RequireAnyScope(AppEndpoints.OrganizationRead);
        }
    }

    private static async Task<IResult> ListAsync(
        HttpRequest request, Access access, InstallationStore installations, ProjectStore projects, RequestLog log, AppCallLog calls, TimeProvider time,
        CancellationToken ct)
    {
        // Members may look at their own organization's internal apps only (spec/webhooks.md 4.5).
        var found = access.App!;
        if (!found.IsInternal && !access.MayIn(found.OrganizationId, "org:integrations", "org:write", "org:admin"))
            return ApiResults.Forbidden();

        if (RequestLogQuestion.Refuse(request.Query, time.GetUtcNow(), out var question) is { } refusal)
            return refusal;

        Organization? only = null;
        if (question.Organization is { } slug)
        {
            only = await projects.OrganizationAsync(slug, ct);
            if (only is null)
                return ApiResults.Detail(StatusCodes.Status400BadRequest, "Invalid organization.");
        }

        // The end is inclusive, whatever microseconds the attempt has.
        var destinations = await installations.DestinationsAsync(found.Id, only?.Id, ct);
        var query = new RequestLogQuery(destinations, question.Event, question.ErrorsOnly, question.Start, question.End + TimeSpan.FromSeconds(1));
        IReadOnlyList<LoggedAttempt> attempts =
        [
            .. (await log.ListAsync(query, Most, ct)).Concat(await calls.ListAsync(found.Id, only?.Id, query, Most, ct))
                .OrderByDescending(attempt => attempt.StartedAt).Take(Most),
        ];
        var organizations = new Dictionary<long, Organization>();
        if (!found.IsInternal)
        {
            foreach (var id in attempts.Select(attempt => attempt.OrganizationId).Distinct())
            {
                if (await projects.OrganizationAsync($"{id}", ct) is { } organization)
                    organizations[id] = organization;
            }
        }

        return ApiResults.Json(StatusCodes.Status200OK, json =>
        {
            json.StartArray();
            foreach (var attempt in attempts)
                Write(json, found, attempt, organizations.GetValueOrDefault(attempt.OrganizationId));
            json.EndArray();
        });
    }

    private static void Write(StableJsonWriter json, App app, LoggedAttempt attempt, Organization? organization)
    {
        json.StartObject();
        json.Name("webhookUrl"u8);
        json.Value(attempt.Url);
        json.Name("sentryAppSlug"u8);
        json.Value(app.Slug);
        json.Name("eventType"u8);
        json.Value(attempt.Event);
        json.Name("date"u8);
        json.Instant(attempt.StartedAt);
        json.Name("responseCode"u8);
        json.Value((long)Code(attempt));
        json.Name("requestId"u8);
        json.Value(attempt.RequestId);
        json.Name("idempotencyKey"u8);
        json.Value(attempt.IdempotencyKey);
        json.Name("subjectId"u8);
        json.Value(attempt.Subject?.Id);
        json.Name("subjectType"u8);
        json.Value(attempt.Subject?.Type);
        json.Name("durationMs"u8);
        if (Code(attempt) == -1)
            json.Null();
        else
            json.Value((long)Math.Round(attempt.Duration.TotalMilliseconds));

        if (organization is not null)
        {
            json.Name("organization"u8);
            json.StartObject();
            json.Name("name"u8);
            json.Value(organization.Name);
            json.Name("id"u8);
            json.Value(organization.Id);
            json.Name("slug"u8);
            json.Value(organization.Slug);
            json.EndObject();
        }

        if (attempt.IsFailure)
            WriteFailure(json, attempt);
        json.EndObject();
    }

    private static void WriteFailure(StableJsonWriter json, LoggedAttempt attempt)
    {
        json.Name("reason"u8);
        json.Value(attempt.Reason);
        json.Name("project_id"u8);
        json.Value(attempt.ErrorProject);
        json.Name("error_id"u8);
        json.Value(attempt.ErrorId);
        json.Name("request_body"u8);
        json.Value(Cut(attempt.RequestBody));
        json.Name("request_headers"u8);
        HeaderJson.Write(json, attempt.RequestHeaders);
        json.Name("response_body"u8);
        json.Value(Cut(attempt.ResponseBody));
    }

    /// <summary>No response in time is 0, no response at all -1.</summary>
    private static int Code(LoggedAttempt attempt) => attempt.StatusCode ?? (attempt.Outcome == AttemptOutcome.Timeout ? 0 : -1);

    private static string? Cut(byte[]? body)
    {
        if (body is null)
            return null;

        var kept = new StringBuilder();
        foreach (var rune in Encoding.UTF8.GetString(body).EnumerateRunes().Take(MostCharacters))
            kept.Append(rune);
        return kept.ToString();
    }
}
