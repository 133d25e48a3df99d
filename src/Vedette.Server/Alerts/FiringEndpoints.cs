using System.Text;
using Vedette.Server.Api;
using Vedette.Server.Authorization;
using Vedette.Storage;
using Vedette.Tracker;
using Vedette.Tracker.Alerts;
using Vedette.Tracker.Issues;
using Vedette.Tracker.Projects;

namespace Vedette.Server.Alerts;

/// <summary>When rules fired and what became of it, and trying one out. Not Sentry's, but for the first path of a test.</summary>
internal static class FiringEndpoints
{
    extension(IEndpointRouteBuilder routes)
    {
        public void MapFirings()
        {
            routes.MapPost($"{RuleEndpoints.Path}{{rule:long}}/test/", TestRuleAsync).RequireAnyScope(RuleEndpoints.AlertsWrite);
            routes.MapPost("/api/0/organizations/{organization}/workflows/{workflow:long}/test/", TestAsync).RequireAnyScope("alerts:write", "org:write", "org:admin");
            routes.MapGet("/api/vedette/organizations/{organization}/workflows/{workflow:long}/firings/", ListAsync).RequireAnyScope(WorkflowEndpoints.WorkflowRead);
        }
    }

    /// <summary>Newest first, with what became of each action.</summary>
    private static async Task<IResult> ListAsync(long workflow, HttpContext context, Access access, AlertRuleStore rules, Links links, CancellationToken ct)
    {
        if (Paging.Refuse(context.Request, out var paging) is { } refusal)
            return refusal;
        if (await rules.FindAsync(access.Organization!.Id, workflow, ct) is not { } found)
            return ApiResults.NotFound();

        var firings = await rules.FiringsAsync(found.Id, paging.Cursor?.Value, paging.Cursor?.IsPrevious == true, paging.PerPage + 1, ct);
        var page = paging.Page(context, links.BaseUrl, firings, firing => (firing.Id, 0));
        return ApiResults.Json(StatusCodes.Status200OK, json =>
        {
            json.StartArray();
            foreach (var firing in page)
            {
                json.StartObject();
                json.Name("id"u8);
                json.Value(RuleJson.Text(firing.Id));
                json.Name("dateFired"u8);
                json.Instant(UnixMicroseconds.ToInstant(firing.FiredAt));
                json.Name("issueId"u8);
                json.Value(RuleJson.Text(firing.IssueId));
                json.Name("eventId"u8);
                json.Value(firing.EventId);
                json.Name("actions"u8);
                json.Raw(Encoding.UTF8.GetBytes(firing.Actions));
                json.EndObject();
            }

            json.EndArray();
        });
    }

    private static async Task<IResult> TestRuleAsync(
        string project, long rule, Access access, ProjectStore projects, AlertRuleStore rules, IssueStore issues, Database database, AlertFirings firings, CancellationToken ct) =>
        await projects.ProjectAsync(access.Organization!.Id, project, ct) is { } found && await RuleEndpoints.FindAsync(access, project, rule, projects, rules, ct) is { } known
            ? await TestedAsync(known, [found.Id], issues, database, firings, ct)
            : ApiResults.NotFound();

    private static async Task<IResult> TestAsync(
        long workflow, Access access, AlertRuleStore rules, DetectorStore detectors, IssueStore issues, Database database, AlertFirings firings, CancellationToken ct)
    {
        if (await rules.FindAsync(access.Organization!.Id, workflow, ct) is not { } found)
            return ApiResults.NotFound();

        var own = (await detectors.ListAsync(found.OrganizationId, ct)).Where(detector => found.Draft.DetectorIds.Contains(detector.Id));
        return await TestedAsync(found, [.. own.Select(detector => detector.ProjectId).Distinct()], issues, database, firings, ct);
    }

    /// <summary>With the newest event of the projects, all actions are done as if the rule had fired, through the real road.</summary>
    private static async Task<IResult> TestedAsync(
        AlertRule rule, IReadOnlyList<long> projects, IssueStore issues, Database database, AlertFirings firings, CancellationToken ct)
    {
        AlertSubject? subject = null;
        foreach (var project in projects)
            subject ??= await issues.NewestOfProjectAsync(project, ct) is var (issue, newest) ? AlertSubject.Of(issue, newest, IssueTurn.Seen) : null;
        if (subject is null)
            return ApiResults.Detail(StatusCodes.Status400BadRequest, "There is no event yet that the rule could be tried with.");

        var done = await database.WriteAsync(transaction => firings.TestAsync(transaction, rule, subject), ct);
        return ApiResults.Json(StatusCodes.Status200OK, json =>
        {
            json.StartObject();
            json.Name("issueId"u8);
            json.Value(RuleJson.Text(subject.Issue.Id));
            json.Name("eventId"u8);
            json.Value(subject.Event.EventId);
            json.Name("actions"u8);
            json.StartArray();
            foreach (var (action, outcome) in done)
                AlertJson.WriteOutcome(json, action, outcome);
            json.EndArray();
            json.EndObject();
        });
    }
}
