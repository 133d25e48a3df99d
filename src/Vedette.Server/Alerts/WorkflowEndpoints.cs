using System.Globalization;
using Vedette.Server.Api;
using Vedette.Server.Authorization;
using Vedette.Storage;
using Vedette.Tracker;
using Vedette.Tracker.Alerts;

namespace Vedette.Server.Alerts;

/// <summary>The same rules as Sentry's newer clients speak of them (<c>spec/domain.md</c> 4.8).</summary>
internal static class WorkflowEndpoints
{
    internal static readonly string[] WorkflowRead = ["alerts:read", "alerts:write", "org:read", "org:write", "org:admin"];
    internal static readonly string[] WorkflowWrite = ["alerts:write", "org:write", "org:admin"];
    private static readonly string[] Sorts = ["id", "name", "dateCreated", "dateUpdated", "connectedDetectors", "actions", "priorityDetector"];

    extension(IEndpointRouteBuilder routes)
    {
        public void MapWorkflows()
        {
            var workflows = routes.MapGroup("/api/0/organizations/{organization}/workflows/");
            workflows.MapGet("", ListAsync).RequireAnyScope(WorkflowRead);
            workflows.MapPost("", AddAsync).RequireAnyScope(WorkflowWrite);
            workflows.MapPut("", EnableAsync).RequireAnyScope(WorkflowWrite);
            workflows.MapDelete("", DeleteAllAsync).RequireAnyScope(WorkflowWrite);
            workflows.MapGet("{workflow:long}/", ShowAsync).RequireAnyScope(WorkflowRead);
            workflows.MapPut("{workflow:long}/", ChangeAsync).RequireAnyScope(WorkflowWrite);
            workflows.MapDelete("{workflow:long}/", DeleteAsync).RequireAnyScope(WorkflowWrite);
        }
    }

    private static async Task<IResult> ListAsync(
        HttpContext context, Access access, AlertRuleStore rules, DetectorStore detectors, AlertNameStore nameStore, Links links, CancellationToken ct)
    {
        if (Refuse(context.Request, out var question) is { } refusal)
            return refusal;

        var wanted = await WantedAsync(question, access, rules, detectors, nameStore, ct);
        var page = question.Page(context, links.BaseUrl, wanted, rule => ValueOf(rule, question.SortBy), rule => rule.Id);
        var names = await nameStore.OfAsync(access.Organization!.Id, page, ct);
        context.Response.Headers["X-Hits"] = wanted.Count.ToString(CultureInfo.InvariantCulture);
        return ApiResults.Json(StatusCodes.Status200OK, json =>
        {
            json.StartArray();
            foreach (var rule in page)
                WorkflowJson.Write(json, rule, names);
            json.EndArray();
        });
    }

    private static async Task<IResult> AddAsync(
        HttpRequest request, Access access, DetectorStore detectors, AlertNameStore nameStore, AlertSaving saving, CancellationToken ct) =>
        await SaveAsync(request, access, null, detectors, nameStore, saving, ct);

    private static async Task<IResult> ShowAsync(long workflow, Access access, AlertRuleStore rules, AlertNameStore nameStore, CancellationToken ct) =>
        await rules.FindAsync(access.Organization!.Id, workflow, ct) is { } found
            ? await ShownAsync(StatusCodes.Status200OK, found, nameStore, ct)
            : ApiResults.NotFound();

    private static async Task<IResult> ChangeAsync(
        long workflow, HttpRequest request, Access access, AlertRuleStore rules, DetectorStore detectors, AlertNameStore nameStore, AlertSaving saving, CancellationToken ct) =>
        await rules.FindAsync(access.Organization!.Id, workflow, ct) is { } before
            ? await SaveAsync(request, access, before, detectors, nameStore, saving, ct)
            : ApiResults.NotFound();

    private static async Task<IResult> DeleteAsync(long workflow, Access access, AlertRuleStore rules, AlertSaving saving, CancellationToken ct) =>
        await rules.FindAsync(access.Organization!.Id, workflow, ct) is { } found && await saving.DeleteAsync(access, found, ct)
            ? Results.NoContent()
            : ApiResults.NotFound();

    /// <summary>Many at once: those that the query asks for.</summary>
    private static async Task<IResult> EnableAsync(
        HttpRequest request, Access access, AlertRuleStore rules, DetectorStore detectors, AlertNameStore nameStore, AlertSaving saving, CancellationToken ct)
    {
        if (RefuseMany(request, out var question) is { } refusal)
            return refusal;
        var body = await JsonBody.ReadAsync(request, ct);
        if (body.IsRefused)
            return body.Refusal;
        if (body.Map["enabled"] is not bool enabled)
            return ApiResults.Invalid("enabled", body.Map.Contains("enabled") ? "Must be a valid boolean." : "This field is required.");

        var wanted = await WantedAsync(question, access, rules, detectors, nameStore, ct);
        await saving.EnableAsync(access, wanted, enabled, ct);
        var names = await nameStore.OfAsync(access.Organization!.Id, wanted, ct);
        return ApiResults.Json(StatusCodes.Status200OK, json =>
        {
            json.StartArray();
            foreach (var rule in wanted)
                WorkflowJson.Write(json, rule with { Draft = rule.Draft with { Enabled = enabled } }, names);
            json.EndArray();
        });
    }

    private static async Task<IResult> DeleteAllAsync(
        HttpRequest request, Access access, AlertRuleStore rules, DetectorStore detectors, AlertNameStore nameStore, AlertSaving saving, CancellationToken ct)
    {
        if (RefuseMany(request, out var question) is { } refusal)
            return refusal;

        foreach (var rule in await WantedAsync(question, access, rules, detectors, nameStore, ct))
            await saving.DeleteAsync(access, rule, ct);
        return Results.NoContent();
    }

    private static async Task<IResult> SaveAsync(
        HttpRequest request, Access access, AlertRule? before, DetectorStore detectors, AlertNameStore nameStore, AlertSaving saving, CancellationToken ct)
    {
        var body = await JsonBody.ReadAsync(request, ct);
        if (body.IsRefused)
            return body.Refusal;

        var organizationId = access.Organization!.Id;
        var known = (await detectors.ListAsync(organizationId, ct)).Select(detector => detector.Id).ToHashSet();
        var (draft, refusal) = WorkflowForm.Read(body.Map, await nameStore.AppsAsync(organizationId, ct), known, before?.Draft);
        if (draft is null)
            return refusal!;

        var (rule, why) = await saving.SaveAsync(access, draft, before, refusesTwins: false, ct);
        return rule is null ? why! : await ShownAsync(before is null ? StatusCodes.Status201Created : StatusCodes.Status200OK, rule, nameStore, ct);
    }

    private static IResult? Refuse(HttpRequest request, out AlertQuestion question) => AlertQuestion.Refuse(request, Sorts, ["name", "action"], out question);

    /// <summary>Whoever asks for nothing in particular has probably forgotten something.</summary>
    private static IResult? RefuseMany(HttpRequest request, out AlertQuestion question) =>
        Refuse(request, out question)
        ?? (question.IsOpen
            ? ApiResults.Detail(StatusCodes.Status400BadRequest, "At least one of 'id', 'query', 'project', or 'projectSlug' must be provided.")
            : null);

    /// <summary>Oldest first.</summary>
    private static async Task<IReadOnlyList<AlertRule>> WantedAsync(
        AlertQuestion question, Access access, AlertRuleStore rules, DetectorStore detectors, AlertNameStore nameStore, CancellationToken ct)
    {
        var organizationId = access.Organization!.Id;
        var names = await nameStore.OfAsync(organizationId, [], ct);
        var projectIds = (await detectors.ListAsync(organizationId, ct)).ToDictionary(detector => detector.Id, detector => RuleJson.Text(detector.ProjectId));
        return [.. (await rules.ListAsync(organizationId, ct)).Where(IsWanted)];

        bool IsWanted(AlertRule rule) => question.Asks(
            rule.Id,
            rule.Draft.Name,
            rule.Draft.DetectorIds.SelectMany(id => new[] { projectIds.GetValueOrDefault(id), names.Projects.GetValueOrDefault(id) }).OfType<string>(),
            (_, text) => rule.Draft.Groups.SelectMany(group => group.Actions).Any(action => StoredName.Of(action.Kind) == text));
    }

    private static long ValueOf(AlertRule rule, string sortBy) => sortBy switch
    {
        "name" => AlertQuestion.Rank(rule.Draft.Name),
        "dateCreated" => rule.CreatedAt,
        "dateUpdated" => rule.UpdatedAt,
        "connectedDetectors" or "priorityDetector" => rule.Draft.DetectorIds.Count,
        "actions" => rule.Draft.Groups.Sum(group => group.Actions.Count),
        _ => rule.Id,
    };

    private static async Task<IResult> ShownAsync(int status, AlertRule rule, AlertNameStore nameStore, CancellationToken ct)
    {
        var names = await nameStore.OfAsync(rule.OrganizationId, [rule], ct);
        return ApiResults.Json(status, json => WorkflowJson.Write(json, rule, names));
    }
}
