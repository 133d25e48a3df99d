using System.Globalization;
using Vedette.Server.Alerts;
using Vedette.Server.Api;
using Vedette.Server.Authorization;
using Vedette.Server.Projects;
using Vedette.Storage;
using Vedette.Tracker;
using Vedette.Tracker.Alerts;
using Vedette.Tracker.MetricAlerts;
using Vedette.Tracker.Projects;
using Vedette.Wire.Json;

namespace Vedette.Server.MetricAlerts;

/// <summary>Alerts of both kinds in one list (<c>spec/domain.md</c> 5.1), each in its older shape with its <c>type</c>: <c>rule</c> or <c>alert_rule</c>.</summary>
internal static class CombinedRuleEndpoints
{
    private const string IssueRule = "rule";
    private const string MetricRule = "alert_rule";

    extension(IEndpointRouteBuilder routes)
    {
        public void MapCombinedRules() =>
            routes.MapGet("/api/0/organizations/{organization}/combined-rules/", ListAsync).RequireAnyScope(MetricAlertEndpoints.AlertRead);
    }

    /// <summary>Newest first, by <c>name</c>, <c>alertType</c> and <c>project</c>.</summary>
    private static async Task<IResult> ListAsync(
        HttpContext context, Access access, AlertRuleStore rules, MetricRuleStore metrics, DetectorStore detectors, AlertNameStore nameStore, MetricAlertViews views,
        ProjectStore projects, Links links, TimeProvider time, CancellationToken ct)
    {
        if (Paging.Refuse(context.Request, out var paging) is { } refusal)
            return refusal;
        var query = context.Request.Query;
        var kinds = query["alertType"].OfType<string>().Where(kind => kind.Length > 0).ToList();
        if (kinds.Find(kind => kind is not (IssueRule or MetricRule)) is { } unknown)
            return ApiResults.Invalid("alertType", $"{unknown} is not one of {IssueRule}, {MetricRule}.");
        var organizationId = access.Organization!.Id;
        if (await RequestedProjects.ReadAsync(context.Request, access, projects, ct) is not { } wanted)
            return ApiResults.NotFound();

        var text = query["name"].FirstOrDefault() ?? "";
        var projectOf = (await detectors.ListAsync(organizationId, ct)).ToDictionary(detector => detector.Id, detector => detector.ProjectId);
        var all = new List<Either>();
        if (kinds.Count == 0 || kinds.Contains(IssueRule))
        {
            all.AddRange((await rules.ListAsync(organizationId, ct))
                .Where(rule => wanted.Count == 0 || rule.Draft.DetectorIds.Any(id => wanted.Contains(projectOf.GetValueOrDefault(id))))
                .Select(rule => new Either(rule.Draft.Name, rule.CreatedAt, rule.Id, rule, null)));
        }

        if (kinds.Count == 0 || kinds.Contains(MetricRule))
        {
            all.AddRange((await metrics.ListAsync(organizationId, ct))
                .Where(rule => wanted.Count == 0 || wanted.Contains(rule.ProjectId))
                .Select(rule => new Either(rule.Draft.Name, rule.CreatedAt, rule.Id, null, rule)));
        }

        List<Either> found = [.. all.Where(each => each.Name.Contains(text, StringComparison.OrdinalIgnoreCase))];
        context.Response.Headers["X-Hits"] = found.Count.ToString(CultureInfo.InvariantCulture);
        var names = await nameStore.OfAsync(organizationId, [.. found.Select(each => each.Rule).OfType<AlertRule>()], ct);
        var now = UnixMicroseconds.From(time.GetUtcNow());
        var page = PageOf(paging, context, links, found);
        return ApiResults.Json(StatusCodes.Status200OK, json =>
        {
            json.StartArray();
            foreach (var each in page)
            {
                if (each.Metric is { } metric)
                    json.Value(Typed(views.Rule(metric, names.Apps)));
                else
                    RuleJson.Write(json, each.Rule!, names, access.AccountId, now, IssueRule);
            }

            json.EndArray();
        });
    }

    private static JsonMap Typed(JsonMap metric)
    {
        metric["type"] = MetricRule;
        return metric;
    }

    /// <summary>Two may be of the same instant, so the number and the kind tell them apart.</summary>
    private static IReadOnlyList<Either> PageOf(Paging paging, HttpContext context, Links links, List<Either> found)
    {
        var isBack = paging.Cursor?.IsPrevious == true;
        var sorted = isBack ? found.OrderBy(each => each.Place) : found.OrderByDescending(each => each.Place);
        var rest = paging.Cursor is { } cursor
            ? sorted.Where(each => each.Place.CompareTo((cursor.Value, cursor.Offset)) is var order && (isBack ? order > 0 : order < 0))
            : sorted;
        return paging.Page(context, links.BaseUrl, [.. rest.Take(paging.PerPage + 1)], each => each.Place);
    }

    private sealed record Either(string Name, long CreatedAt, long Id, AlertRule? Rule, Tracker.MetricAlerts.MetricRule? Metric)
    {
        public (long At, long Number) Place => (CreatedAt, (Id * 2) + (Metric is null ? 0 : 1));
    }
}
