using System.Globalization;
using Vedette.Server.Alerts;
using Vedette.Server.Api;
using Vedette.Server.Authorization;
using Vedette.Server.Projects;
using Vedette.Storage;
using Vedette.Tracker;
using Vedette.Tracker.MetricAlerts;
using Vedette.Tracker.Projects;

namespace Vedette.Server.MetricAlerts;

/// <summary>Metric alerts in Sentry's older shape (<c>spec/domain.md</c> 5.1), of an organization and by project. The newer shape are detectors.</summary>
internal static class MetricAlertEndpoints
{
    internal static readonly string[] AlertRead = ["alerts:read", "alerts:write", "project:read", "project:write", "project:admin", "org:read", "org:write", "org:admin"];
    internal static readonly string[] AlertWrite = ["alerts:write", "project:write", "project:admin", "org:write", "org:admin"];

    extension(IEndpointRouteBuilder routes)
    {
        public void MapMetricAlerts()
        {
            foreach (var owner in new[] { "/api/0/organizations/{organization}/", "/api/0/projects/{organization}/{project}/" })
            {
                var rules = routes.MapGroup($"{owner}alert-rules/");
                rules.MapGet("", ListAsync).RequireAnyScope(AlertRead);
                rules.MapPost("", AddAsync).RequireAnyScope(AlertWrite);
                rules.MapGet("{id}/", ShowAsync).RequireAnyScope(AlertRead);
                rules.MapPut("{id}/", ChangeAsync).RequireAnyScope(AlertWrite);
                rules.MapDelete("{id}/", DeleteAsync).RequireAnyScope(AlertWrite);
                rules.MapPost("{id}/test/", TestAsync).RequireAnyScope(AlertWrite);
            }

            var snooze = routes.MapGroup("/api/0/projects/{organization}/{project}/alert-rules/{id}/snooze/");
            snooze.MapPost("", SnoozeAsync).RequireAnyScope(AlertRead);
            snooze.MapDelete("", WakeAsync).RequireAnyScope(AlertRead);
        }
    }

    /// <summary>By <c>project</c> (ids or slugs, repeatable) and <c>name</c>, oldest first.</summary>
    private static async Task<IResult> ListAsync(
        HttpContext context, Access access, MetricRuleStore rules, ProjectStore projects, Incidents incidents, MetricAlertViews views, Links links, CancellationToken ct)
    {
        if (Paging.Refuse(context.Request, out var paging) is { } refusal)
            return refusal;
        if (await RequestedProjects.ReadAsync(context.Request, access, projects, ct) is not { } ids)
            return ApiResults.NotFound();

        var text = context.Request.Query["name"].FirstOrDefault() ?? "";
        var found = (await rules.ListAsync(access.Organization!.Id, ct))
            .Where(rule => (ids.Count == 0 || ids.Contains(rule.ProjectId)) && rule.Draft.Name.Contains(text, StringComparison.OrdinalIgnoreCase)).ToList();
        var page = paging.PageOf(context, links.BaseUrl, found, rule => rule.Id, ListOrder.OldestFirst);
        return await views.ListAsync(page, await incidents.NewestAsync(page, ct), ct);
    }

    private static async Task<IResult> AddAsync(HttpContext context, Access access, MetricSaving saving, MetricAlertViews views, ProjectStore projects, CancellationToken ct)
    {
        var own = context.GetRouteValue("project") as string;
        if (own is not null && await projects.ProjectAsync(access.Organization!.Id, own, ct) is null)
            return ApiResults.NotFound();
        var body = await JsonBody.ReadAsync(context.Request, ct);
        if (body.IsRefused)
            return body.Refusal;
        if (own is not null)
            body.Map["projects"] = new List<object?> { own };

        var (rule, refusal) = await saving.AddAsync(body.Map, access, null, ct);
        return rule is null ? refusal! : await views.ShowAsync(StatusCodes.Status201Created, rule, null, ct);
    }

    private static async Task<IResult> ShowAsync(string id, HttpContext context, Access access, MetricRuleStore rules, Incidents incidents, MetricAlertViews views, CancellationToken ct) =>
        await FindAsync(id, context, access, rules, ct) is { } rule
            ? await views.ShowAsync(StatusCodes.Status200OK, rule, (await incidents.NewestAsync([rule], ct))[0], ct)
            : ApiResults.NotFound();

    /// <summary>What the body does not say stays as it is; triggers are given whole or not at all.</summary>
    private static async Task<IResult> ChangeAsync(
        string id, HttpContext context, Access access, MetricRuleStore rules, MetricSaving saving, MetricAlertViews views, CancellationToken ct)
    {
        if (await FindAsync(id, context, access, rules, ct) is not { } rule)
            return ApiResults.NotFound();
        var body = await JsonBody.ReadAsync(context.Request, ct);
        if (body.IsRefused)
            return body.Refusal;

        var words = saving.WordsOf(rule);
        foreach (var (name, value) in body.Map.Members)
            words[name] = value;
        if (words["resolveThreshold"] as double? != rule.Draft.ResolveAt)
            words["resolvesOn"] = null;
        if (body.Map.Contains("comparisonDelta") && !body.Map.Contains("detectionType"))
            words["detectionType"] = null;

        var (changed, refusal) = await saving.ChangeAsync(rule, words, access, null, ct);
        return changed is null ? refusal! : await views.ShowAsync(StatusCodes.Status200OK, changed, null, ct);
    }

    private static async Task<IResult> DeleteAsync(string id, HttpContext context, Access access, MetricRuleStore rules, MetricSaving saving, CancellationToken ct) =>
        await FindAsync(id, context, access, rules, ct) is { } rule && await saving.DeleteAsync(rule, access, ct) ? Results.NoContent() : ApiResults.NotFound();

    /// <summary>A sample that is marked as one goes the way of a real alert.</summary>
    private static async Task<IResult> TestAsync(
        string id, HttpContext context, Access access, Database database, MetricRuleStore rules, MetricAlertNews news, TimeProvider time, CancellationToken ct)
    {
        if (await FindAsync(id, context, access, rules, ct) is not { } rule)
            return ApiResults.NotFound();

        var sample = Incident.Sample(rule, time.GetUtcNow());
        return MetricAlertViews.Tested(await database.WriteAsync(transaction => news.TestAsync(transaction, rule, sample, rule.Triggers[0].Threshold), ct));
    }

    private static async Task<IResult> SnoozeAsync(string id, HttpContext context, Access access, MetricRuleStore rules, Snoozing snoozing, CancellationToken ct) =>
        await FindAsync(id, context, access, rules, ct) is { } rule
            ? await snoozing.AddAsync(context.Request, access, Of(rule, rules), ct)
            : ApiResults.NotFound();

    private static async Task<IResult> WakeAsync(string id, HttpContext context, Access access, MetricRuleStore rules, Snoozing snoozing, CancellationToken ct) =>
        await FindAsync(id, context, access, rules, ct) is { } rule
            ? await snoozing.RemoveAsync(access, Of(rule, rules), ct)
            : ApiResults.NotFound();

    private static Silenceable Of(MetricRule rule, MetricRuleStore rules) => new(
        rule.OrganizationId,
        rule.Id,
        rule.Draft.Name,
        IsMetric: true,
        AlertWrite,
        (transaction, account, until, owner) => rules.SnoozeAsync(transaction, rule.Id, account, until, owner),
        (transaction, account) => rules.WakeAsync(transaction, rule.Id, account));

    private static async Task<MetricRule?> FindAsync(string id, HttpContext context, Access access, MetricRuleStore rules, CancellationToken ct)
    {
        if (!long.TryParse(id, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            || await rules.FindAsync(access.Organization!.Id, number, ct) is not { } rule)
        {
            return null;
        }

        return context.GetRouteValue("project") is not string project || project == rule.ProjectSlug || project == rule.ProjectId.ToString(CultureInfo.InvariantCulture)
            ? rule
            : null;
    }
}
