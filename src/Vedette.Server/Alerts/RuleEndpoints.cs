using Vedette.Server.Api;
using Vedette.Server.Authorization;
using Vedette.Storage;
using Vedette.Tracker;
using Vedette.Tracker.Alerts;
using Vedette.Tracker.Projects;

namespace Vedette.Server.Alerts;

/// <summary>Issue alert rules of a project, as Sentry's older clients speak of them (<c>spec/domain.md</c> 4.2).</summary>
internal static class RuleEndpoints
{
    internal const string Path = "/api/0/projects/{organization}/{project}/rules/";
    internal static readonly string[] AlertsRead = ["alerts:read", "alerts:write", "project:read", "project:write", "project:admin"];
    internal static readonly string[] AlertsWrite = ["alerts:write", "project:write", "project:admin"];

    extension(IEndpointRouteBuilder routes)
    {
        public void MapRules()
        {
            var rules = routes.MapGroup(Path);
            rules.MapGet("", ListAsync).RequireAnyScope(AlertsRead);
            rules.MapPost("", AddAsync).RequireAnyScope(AlertsWrite);
            rules.MapGet("{rule:long}/", ShowAsync).RequireAnyScope(AlertsRead);
            rules.MapPut("{rule:long}/", ChangeAsync).RequireAnyScope(AlertsWrite);
            rules.MapDelete("{rule:long}/", DeleteAsync).RequireAnyScope(AlertsWrite);
        }
    }

    /// <returns><c>null</c> when the organization has no such project, or no rule of that number listens to it.</returns>
    internal static async Task<AlertRule?> FindAsync(Access access, string project, long rule, ProjectStore projects, AlertRuleStore rules, CancellationToken ct) =>
        await projects.ProjectAsync(access.Organization!.Id, project, ct) is { } found
            ? (await rules.OfProjectAsync(found.Id, ct)).FirstOrDefault(each => each.Id == rule)
            : null;

    private static async Task<IResult> ListAsync(
        string project, HttpContext context, Access access, ProjectStore projects, AlertRuleStore rules, AlertNameStore nameStore, Links links, TimeProvider time,
        CancellationToken ct)
    {
        if (Paging.Refuse(context.Request, out var paging) is { } refusal)
            return refusal;
        if (await projects.ProjectAsync(access.Organization!.Id, project, ct) is not { } found)
            return ApiResults.NotFound();

        var page = paging.PageOf(context, links.BaseUrl, await rules.OfProjectAsync(found.Id, ct), rule => rule.Id, ListOrder.OldestFirst);
        var names = await nameStore.OfAsync(found.OrganizationId, page, ct);
        return ApiResults.Json(StatusCodes.Status200OK, json =>
        {
            json.StartArray();
            foreach (var rule in page)
                RuleJson.Write(json, rule, names, access.AccountId, UnixMicroseconds.From(time.GetUtcNow()));
            json.EndArray();
        });
    }

    private static async Task<IResult> AddAsync(
        string project, HttpRequest request, Access access, ProjectStore projects, DetectorStore detectors, AlertNameStore nameStore, AlertSaving saving,
        TimeProvider time, CancellationToken ct)
    {
        if (await projects.ProjectAsync(access.Organization!.Id, project, ct) is not { } found)
            return ApiResults.NotFound();
        var body = await JsonBody.ReadAsync(request, ct);
        if (body.IsRefused)
            return body.Refusal;

        var stream = (await detectors.OfProjectAsync(found.Id, ct)).Where(detector => detector.Kind == Detector.IssueStream);
        var (draft, refusal) = RuleForm.Read(body.Map, await nameStore.AppsAsync(found.OrganizationId, ct), null, [.. stream.Select(detector => detector.Id)]);
        if (draft is null)
            return refusal!;

        var (rule, why) = await saving.SaveAsync(access, draft, null, refusesTwins: true, ct);
        return rule is null ? why! : await ShownAsync(StatusCodes.Status201Created, rule, access, nameStore, time, ct);
    }

    private static async Task<IResult> ShowAsync(
        string project, long rule, Access access, ProjectStore projects, AlertRuleStore rules, AlertNameStore nameStore, TimeProvider time, CancellationToken ct) =>
        await FindAsync(access, project, rule, projects, rules, ct) is { } found
            ? await ShownAsync(StatusCodes.Status200OK, found, access, nameStore, time, ct)
            : ApiResults.NotFound();

    private static async Task<IResult> ChangeAsync(
        string project, long rule, HttpRequest request, Access access, ProjectStore projects, AlertRuleStore rules, AlertNameStore nameStore, AlertSaving saving,
        TimeProvider time, CancellationToken ct)
    {
        if (await FindAsync(access, project, rule, projects, rules, ct) is not { } before)
            return ApiResults.NotFound();
        var body = await JsonBody.ReadAsync(request, ct);
        if (body.IsRefused)
            return body.Refusal;
        if (before.Draft.Groups.Count > 1)
            return ApiResults.Detail(StatusCodes.Status400BadRequest, "This rule has several groups of filters. It can be changed as a workflow only.");

        var (draft, refusal) = RuleForm.Read(body.Map, await nameStore.AppsAsync(before.OrganizationId, ct), before.Draft, []);
        if (draft is null)
            return refusal!;

        var (changed, why) = await saving.SaveAsync(access, draft, before, refusesTwins: true, ct);
        return changed is null ? why! : await ShownAsync(StatusCodes.Status200OK, changed, access, nameStore, time, ct);
    }

    /// <summary>Also where it listens to other projects, too.</summary>
    private static async Task<IResult> DeleteAsync(
        string project, long rule, Access access, ProjectStore projects, AlertRuleStore rules, AlertSaving saving, CancellationToken ct) =>
        await FindAsync(access, project, rule, projects, rules, ct) is { } found && await saving.DeleteAsync(access, found, ct)
            ? Results.StatusCode(StatusCodes.Status202Accepted)
            : ApiResults.NotFound();

    private static async Task<IResult> ShownAsync(int status, AlertRule rule, Access access, AlertNameStore nameStore, TimeProvider time, CancellationToken ct)
    {
        var names = await nameStore.OfAsync(rule.OrganizationId, [rule], ct);
        return ApiResults.Json(status, json => RuleJson.Write(json, rule, names, access.AccountId, UnixMicroseconds.From(time.GetUtcNow())));
    }
}
