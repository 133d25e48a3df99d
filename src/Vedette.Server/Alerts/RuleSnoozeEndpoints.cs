using Vedette.Server.Api;
using Vedette.Server.Audit;
using Vedette.Server.Authorization;
using Vedette.Storage;
using Vedette.Tracker.Alerts;
using Vedette.Tracker.Ingest;
using Vedette.Tracker.Projects;

namespace Vedette.Server.Alerts;

/// <summary>Rules that are silent, for somebody or for everyone (<c>spec/domain.md</c> 4.7).</summary>
internal static class RuleSnoozeEndpoints
{
    private const long Everyone = 0;

    extension(IEndpointRouteBuilder routes)
    {
        public void MapRuleSnoozes()
        {
            routes.MapPost($"{RuleEndpoints.Path}{{rule:long}}/snooze/", AddAsync).RequireAnyScope(RuleEndpoints.AlertsRead);
            routes.MapDelete($"{RuleEndpoints.Path}{{rule:long}}/snooze/", RemoveAsync).RequireAnyScope(RuleEndpoints.AlertsRead);
        }
    }

    /// <summary>Whoever may see a rule may silence it for themselves; for everyone, whoever may change it.</summary>
    private static async Task<IResult> AddAsync(
        string project, long rule, HttpRequest request, Access access, ProjectStore projects, AlertRuleStore rules, Database database, AuditLog audit, CancellationToken ct)
    {
        if (await RuleEndpoints.FindAsync(access, project, rule, projects, rules, ct) is not { } found)
            return ApiResults.NotFound();
        var body = await JsonBody.ReadAsync(request, ct);
        if (body.IsRefused)
            return body.Refusal;
        if (body.Map.Text("target") is not ("me" or "everyone"))
            return ApiResults.Invalid("target", body.Map.Contains("target") ? "Must be me or everyone." : "This field is required.");
        var until = SdkInstant.Read(body.Map["until"]);
        if (until is null && body.Map["until"] is not null)
            return ApiResults.Invalid("until", "Not a valid date.");

        var isForAll = body.Map.Text("target") == "everyone";
        if (WhyNot(access, isForAll) is { } refusal)
            return refusal;
        var source = AuditSource.Of(access);
        var snooze = await database.WriteAsync(async transaction =>
        {
            var added = await rules.SnoozeAsync(
                transaction, found.Id, isForAll ? Everyone : access.AccountId, until is { } end ? UnixMicroseconds.From(end) : null, access.AccountId);
            if (added is not null && isForAll)
                await audit.AddAsync(transaction, found.OrganizationId, source, AuditEvents.RuleSnoozed, found.Id, ("label", found.Draft.Name));
            return added;
        }, ct);
        return snooze is null
            ? ApiResults.Detail(StatusCodes.Status410Gone, "RuleSnooze already exists for this rule and scope.")
            : ApiResults.Json(StatusCodes.Status201Created, json =>
            {
                json.StartObject();
                json.Name("ownerId"u8);
                json.Value(snooze.OwnerId);
                json.Name("userId"u8);
                if (isForAll)
                    json.Value("everyone");
                else
                    json.Value(snooze.AccountId);
                json.Name("until"u8);
                if (snooze.UntilAt is { } at)
                    json.Instant(UnixMicroseconds.ToInstant(at));
                else
                    json.Value("forever");
                json.Name("dateAdded"u8);
                json.Instant(UnixMicroseconds.ToInstant(snooze.CreatedAt));
                json.Name("ruleId"u8);
                json.Value(found.Id);
                json.Name("alertRuleId"u8);
                json.Null();
                json.EndObject();
            });
    }

    /// <summary>That of everyone, for whoever may; else one's own.</summary>
    private static async Task<IResult> RemoveAsync(
        string project, long rule, Access access, ProjectStore projects, AlertRuleStore rules, Database database, AuditLog audit, CancellationToken ct)
    {
        if (await RuleEndpoints.FindAsync(access, project, rule, projects, rules, ct) is not { } found)
            return ApiResults.NotFound();

        var mayForAll = WhyNot(access, isForAll: true) is null;
        var source = AuditSource.Of(access);
        var isAwake = await database.WriteAsync(async transaction =>
        {
            if (mayForAll && await rules.WakeAsync(transaction, found.Id, Everyone))
            {
                await audit.AddAsync(transaction, found.OrganizationId, source, AuditEvents.RuleUnsnoozed, found.Id, ("label", found.Draft.Name));
                return true;
            }

            return access.AccountId != Everyone && await rules.WakeAsync(transaction, found.Id, access.AccountId);
        }, ct);
        return isAwake ? Results.NoContent() : ApiResults.NotFound();
    }

    private static IResult? WhyNot(Access access, bool isForAll) =>
        (isForAll ? access.MayIn(access.Organization!.Id, RuleEndpoints.AlertsWrite) : access.AccountId != Everyone) ? null : ApiResults.Forbidden();
}
