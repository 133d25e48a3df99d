using System.Globalization;
using Vedette.Server.Alerts;
using Vedette.Server.Api;
using Vedette.Server.Authorization;
using Vedette.Storage;
using Vedette.Tracker.Alerts;
using Vedette.Tracker.MetricAlerts;
using Vedette.Tracker.Projects;
using Vedette.Wire.Json;

namespace Vedette.Server.MetricAlerts;

/// <summary>Metric alerts in Sentry's newer shape, as detectors (<c>spec/domain.md</c> 5.2). Those that projects have from the beginning are not changed by anybody.</summary>
internal static class MetricDetectorEndpoints
{
    private const int MostWorkflows = 100;
    private const string OnlyMetric = "Only metric detectors can be changed.";

    extension(IEndpointRouteBuilder routes)
    {
        public void MapMetricDetectors()
        {
            routes.MapPost("/api/0/organizations/{organization}/projects/{project}/detectors/", AddAsync).RequireAnyScope(WorkflowEndpoints.WorkflowWrite);
            var detectors = routes.MapGroup("/api/0/organizations/{organization}/detectors/");
            detectors.MapPut("", EnableAsync).RequireAnyScope(WorkflowEndpoints.WorkflowWrite);
            detectors.MapDelete("", DeleteManyAsync).RequireAnyScope(WorkflowEndpoints.WorkflowWrite);
            detectors.MapPut("{detector:long}/", ChangeAsync).RequireAnyScope(WorkflowEndpoints.WorkflowWrite);
            detectors.MapDelete("{detector:long}/", DeleteAsync).RequireAnyScope(WorkflowEndpoints.WorkflowWrite);
        }
    }

    private static async Task<IResult> AddAsync(
        string project, HttpRequest request, Access access, MetricSaving saving, ProjectStore projects, DetectorStore detectors, CancellationToken ct)
    {
        if (await projects.ProjectAsync(access.Organization!.Id, project, ct) is not { } found)
            return ApiResults.NotFound();
        var body = await JsonBody.ReadAsync(request, ct);
        if (body.IsRefused)
            return body.Refusal;
        var given = CamelCase.Of(body.Map);
        if (given["type"] is not Detector.Metric)
            return ApiResults.Invalid("type", $"Only detectors of the type {Detector.Metric} can be made.");
        if (RefuseWorkflows(given, out var workflows) is { } badWorkflows)
            return badWorkflows;

        var words = new JsonMap { ["projects"] = new List<object?> { found.Slug }, ["query"] = "" };
        if (DetectorBody.Overwrite(given, words) is var (field, message))
            return ApiResults.Invalid(field, message);

        var (rule, refusal) = await saving.AddAsync(words, access, workflows, ct);
        return rule is null ? refusal! : await ShownAsync(StatusCodes.Status201Created, rule, detectors, ct);
    }

    private static async Task<IResult> ChangeAsync(
        long detector, HttpRequest request, Access access, MetricRuleStore rules, MetricSaving saving, DetectorStore detectors, CancellationToken ct)
    {
        if (await rules.FindAsync(access.Organization!.Id, detector, ct) is not { } rule)
            return await NotMetricAsync(detector, access, detectors, ct);
        var body = await JsonBody.ReadAsync(request, ct);
        if (body.IsRefused)
            return body.Refusal;
        var given = CamelCase.Of(body.Map);
        if (given["type"] is not (null or Detector.Metric))
            return ApiResults.Invalid("type", "A detector keeps its type.");
        if (RefuseWorkflows(given, out var workflows) is { } badWorkflows)
            return badWorkflows;

        var words = saving.WordsOf(rule);
        if (DetectorBody.Overwrite(given, words) is var (field, message))
            return ApiResults.Invalid(field, message);

        var (changed, refusal) = await saving.ChangeAsync(rule, words, access, workflows, ct);
        return changed is null ? refusal! : await ShownAsync(StatusCodes.Status200OK, changed, detectors, ct);
    }

    private static async Task<IResult> DeleteAsync(long detector, Access access, MetricRuleStore rules, MetricSaving saving, DetectorStore detectors, CancellationToken ct)
    {
        if (await rules.FindAsync(access.Organization!.Id, detector, ct) is not { } rule)
            return await NotMetricAsync(detector, access, detectors, ct);

        return await saving.DeleteAsync(rule, access, ct) ? Results.NoContent() : ApiResults.NotFound();
    }

    /// <summary>Switches those that are named by <c>id</c> on or off: <c>{"enabled": false}</c>.</summary>
    private static async Task<IResult> EnableAsync(
        HttpRequest request, Access access, MetricRuleStore rules, MetricSaving saving, DetectorStore detectors, CancellationToken ct)
    {
        var body = await JsonBody.ReadAsync(request, ct);
        if (body.IsRefused)
            return body.Refusal;
        if (body.Map["enabled"] is not bool enabled)
            return ApiResults.Invalid("enabled", "This field is required.");
        var (named, refusal) = await NamedAsync(request, access, rules, ct);
        if (refusal is not null)
            return refusal;

        foreach (var rule in named)
            await saving.EnableAsync(rule, enabled, access, ct);
        var shown = new List<object?>();
        foreach (var rule in named)
        {
            if (await rules.FindAsync(rule.OrganizationId, rule.Id, ct) is { } now && await detectors.FindAsync(rule.OrganizationId, rule.Id, ct) is { } detector)
                shown.Add(DetectorJson.Of(detector, now));
        }

        return MetricAlertViews.Listed(shown);
    }

    private static async Task<IResult> DeleteManyAsync(HttpRequest request, Access access, MetricRuleStore rules, MetricSaving saving, CancellationToken ct)
    {
        var (named, refusal) = await NamedAsync(request, access, rules, ct);
        if (refusal is not null)
            return refusal;

        foreach (var rule in named)
            await saving.DeleteAsync(rule, access, ct);
        return Results.NoContent();
    }

    private static async Task<(IReadOnlyList<MetricRule> Rules, IResult? Refusal)> NamedAsync(HttpRequest request, Access access, MetricRuleStore rules, CancellationToken ct)
    {
        var ids = request.Query["id"].OfType<string>().ToHashSet(StringComparer.Ordinal);
        if (ids.Count == 0)
            return ([], ApiResults.Invalid("id", "At least one detector must be named: ?id=1&id=2"));

        List<MetricRule> named = [.. (await rules.ListAsync(access.Organization!.Id, ct)).Where(rule => ids.Contains(rule.Id.ToString(CultureInfo.InvariantCulture)))];
        return named.Count == ids.Count ? (named, null) : ([], ApiResults.Invalid("id", OnlyMetric));
    }

    private static IResult? RefuseWorkflows(JsonMap body, out IReadOnlyList<long>? workflows)
    {
        workflows = null;
        if (body["workflowIds"] is null)
            return null;
        if (body["workflowIds"] is not List<object?> { Count: <= MostWorkflows } list)
            return ApiResults.Invalid("workflowIds", $"Expected a list of at most {MostWorkflows} ids.");

        List<long> ids = [.. list.Select(ActionForm.Number).Distinct()];
        workflows = ids;
        return ids.Contains(0) ? ApiResults.Invalid("workflowIds", "A valid integer is required.") : null;
    }

    private static async Task<IResult> NotMetricAsync(long detector, Access access, DetectorStore detectors, CancellationToken ct) =>
        await detectors.FindAsync(access.Organization!.Id, detector, ct) is null ? ApiResults.NotFound() : ApiResults.Detail(StatusCodes.Status400BadRequest, OnlyMetric);

    private static async Task<IResult> ShownAsync(int status, MetricRule rule, DetectorStore detectors, CancellationToken ct) =>
        await detectors.FindAsync(rule.OrganizationId, rule.Id, ct) is { } detector ? DetectorEndpoints.Shown(status, detector, rule) : ApiResults.NotFound();
}
