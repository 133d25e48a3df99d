using System.Globalization;
using Vedette.Server.Api;
using Vedette.Server.Authorization;
using Vedette.Tracker;
using Vedette.Tracker.Alerts;
using Vedette.Tracker.MetricAlerts;

namespace Vedette.Server.Alerts;

/// <summary>What workflows listen to (<c>spec/domain.md</c> 4.8, 5.2). Those of projects are there from the beginning, and nobody changes them; others are metric alerts.</summary>
internal static class DetectorEndpoints
{
    private static readonly string[] Sorts = ["id", "name", "type", "dateCreated", "dateUpdated", "connectedWorkflows"];

    extension(IEndpointRouteBuilder routes)
    {
        public void MapDetectors()
        {
            var detectors = routes.MapGroup("/api/0/organizations/{organization}/detectors/");
            detectors.MapGet("", ListAsync).RequireAnyScope(WorkflowEndpoints.WorkflowRead);
            detectors.MapGet("{detector:long}/", ShowAsync).RequireAnyScope(WorkflowEndpoints.WorkflowRead);
        }
    }

    private static async Task<IResult> ListAsync(
        HttpContext context, Access access, DetectorStore detectors, MetricRuleStore metrics, AlertNameStore nameStore, Links links, CancellationToken ct)
    {
        if (AlertQuestion.Refuse(context.Request, Sorts, ["name", "type", "assignee"], out var question) is { } refusal)
            return refusal;

        var names = await nameStore.OfAsync(access.Organization!.Id, [], ct);
        var rules = (await metrics.ListAsync(access.Organization!.Id, ct)).ToDictionary(rule => rule.Id);
        List<Detector> wanted =
        [
            .. (await detectors.ListAsync(access.Organization!.Id, ct)).Where(detector => question.Asks(
                detector.Id,
                detector.Name,
                [RuleJson.Text(detector.ProjectId), names.Projects.GetValueOrDefault(detector.Id) ?? ""],
                (key, text) => key == "type" ? detector.Kind == text : (rules.GetValueOrDefault(detector.Id)?.Draft.Owner ?? "none") == text)),
        ];
        context.Response.Headers["X-Hits"] = wanted.Count.ToString(CultureInfo.InvariantCulture);
        var page = question.Page(context, links.BaseUrl, wanted, detector => ValueOf(detector, question.SortBy), detector => detector.Id);
        return ApiResults.Json(StatusCodes.Status200OK, json =>
        {
            json.StartArray();
            foreach (var detector in page)
                json.Value(DetectorJson.Of(detector, rules.GetValueOrDefault(detector.Id)));
            json.EndArray();
        });
    }

    private static async Task<IResult> ShowAsync(long detector, Access access, DetectorStore detectors, MetricRuleStore metrics, CancellationToken ct) =>
        await detectors.FindAsync(access.Organization!.Id, detector, ct) is { } found
            ? Shown(StatusCodes.Status200OK, found, await metrics.FindAsync(found.OrganizationId, found.Id, ct))
            : ApiResults.NotFound();

    internal static IResult Shown(int status, Detector detector, MetricRule? metric)
    {
        var shown = DetectorJson.Of(detector, metric);
        return ApiResults.Json(status, json => json.Value(shown));
    }

    private static long ValueOf(Detector detector, string sortBy) => sortBy switch
    {
        "name" => AlertQuestion.Rank(detector.Name),
        "type" => AlertQuestion.Rank(detector.Kind),
        "dateCreated" => detector.CreatedAt,
        "dateUpdated" => detector.UpdatedAt,
        "connectedWorkflows" => detector.RuleIds.Count,
        _ => detector.Id,
    };
}
