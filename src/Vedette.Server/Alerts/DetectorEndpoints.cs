using System.Globalization;
using Vedette.Server.Api;
using Vedette.Server.Authorization;
using Vedette.Storage;
using Vedette.Tracker;
using Vedette.Tracker.Alerts;
using Vedette.Wire.Json;

namespace Vedette.Server.Alerts;

/// <summary>What workflows listen to (<c>spec/domain.md</c> 4.8, 5.2). Those of projects are there from the beginning, and nobody changes them.</summary>
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

    private static async Task<IResult> ListAsync(HttpContext context, Access access, DetectorStore detectors, AlertNameStore nameStore, Links links, CancellationToken ct)
    {
        if (AlertQuestion.Refuse(context.Request, Sorts, ["name", "type", "assignee"], out var question) is { } refusal)
            return refusal;

        var names = await nameStore.OfAsync(access.Organization!.Id, [], ct);
        List<Detector> wanted =
        [
            .. (await detectors.ListAsync(access.Organization!.Id, ct)).Where(detector => question.Asks(
                detector.Id,
                detector.Name,
                [RuleJson.Text(detector.ProjectId), names.Projects.GetValueOrDefault(detector.Id) ?? ""],
                (key, text) => key == "type" ? detector.Kind == text : text == "none")), // a detector of a project is assigned to nobody
        ];
        context.Response.Headers["X-Hits"] = wanted.Count.ToString(CultureInfo.InvariantCulture);
        var page = question.Page(context, links.BaseUrl, wanted, detector => ValueOf(detector, question.SortBy), detector => detector.Id);
        return ApiResults.Json(StatusCodes.Status200OK, json =>
        {
            json.StartArray();
            foreach (var detector in page)
                Write(json, detector);
            json.EndArray();
        });
    }

    private static async Task<IResult> ShowAsync(long detector, Access access, DetectorStore detectors, CancellationToken ct) =>
        await detectors.FindAsync(access.Organization!.Id, detector, ct) is { } found
            ? ApiResults.Json(StatusCodes.Status200OK, json => Write(json, found))
            : ApiResults.NotFound();

    private static long ValueOf(Detector detector, string sortBy) => sortBy switch
    {
        "name" => AlertQuestion.Rank(detector.Name),
        "type" => AlertQuestion.Rank(detector.Kind),
        "dateCreated" => detector.CreatedAt,
        "dateUpdated" => detector.UpdatedAt,
        "connectedWorkflows" => detector.RuleIds.Count,
        _ => detector.Id,
    };

    private static void Write(StableJsonWriter json, Detector detector)
    {
        json.StartObject();
        json.Name("id"u8);
        json.Value(RuleJson.Text(detector.Id));
        json.Name("projectId"u8);
        json.Value(RuleJson.Text(detector.ProjectId));
        json.Name("name"u8);
        json.Value(detector.Name);
        json.Name("type"u8);
        json.Value(detector.Kind);
        json.Name("workflowIds"u8);
        json.StartArray();
        foreach (var id in detector.RuleIds)
            json.Value(RuleJson.Text(id));
        json.EndArray();
        json.Name("owner"u8);
        json.Null();
        json.Name("description"u8);
        json.Null();
        json.Name("createdBy"u8);
        json.Null();
        json.Name("dateCreated"u8);
        json.Instant(UnixMicroseconds.ToInstant(detector.CreatedAt));
        json.Name("dateUpdated"u8);
        json.Instant(UnixMicroseconds.ToInstant(detector.UpdatedAt));
        json.Name("dataSources"u8);
        json.StartArray();
        json.EndArray();
        json.Name("conditionGroup"u8);
        json.Null();
        json.Name("config"u8);
        json.StartObject();
        json.EndObject();
        json.Name("enabled"u8);
        json.Value(detector.Enabled);
        json.Name("latestGroup"u8);
        json.Null();
        json.EndObject();
    }
}
