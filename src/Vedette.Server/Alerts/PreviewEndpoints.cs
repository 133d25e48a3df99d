using Vedette.Server.Api;
using Vedette.Server.Authorization;
using Vedette.Tracker;
using Vedette.Tracker.Alerts;
using Vedette.Tracker.Issues;
using Vedette.Tracker.Projects;

namespace Vedette.Server.Alerts;

/// <summary>What a rule would have done, before it is saved.</summary>
internal static class PreviewEndpoints
{
    extension(IEndpointRouteBuilder routes)
    {
        public void MapPreview() => routes.MapPost($"{RuleEndpoints.Path}preview/", PreviewAsync).RequireAnyScope(RuleEndpoints.AlertsWrite);
    }

    /// <summary>A page looks at some issues and shows those of them that the rule would have fired for, so it may be shorter than asked, or empty, and not the last.</summary>
    private static async Task<IResult> PreviewAsync(
        string project, HttpContext context, Access access, ProjectStore projects, AlertPreview preview, IssueJson issueJson, Links links, CancellationToken ct)
    {
        if (Paging.Refuse(context.Request, out var paging) is { } refusal)
            return refusal;
        if (await projects.ProjectAsync(access.Organization!.Id, project, ct) is not { } found)
            return ApiResults.NotFound();
        var body = await JsonBody.ReadAsync(context.Request, ct);
        if (body.IsRefused)
            return body.Refusal;
        var (draft, wrong) = RuleForm.ReadConditions(body.Map);
        if (draft is null)
            return wrong!;

        var place = paging.Cursor is { } cursor ? (cursor.Value, cursor.Offset) : ((long, long)?)null;
        var page = await preview.PageAsync(found, draft, place, paging.PerPage, ct);
        var next = page.Next is var (seen, id) ? new Cursor(seen, id, IsPrevious: false) : new Cursor(0, 0, IsPrevious: false);
        Paging.SetLinks(context, links.BaseUrl, new Cursor(long.MaxValue, 0, IsPrevious: true), false, next, page.Next is not null);
        return ApiResults.Json(StatusCodes.Status200OK, json =>
        {
            json.StartArray();
            foreach (var (issue, at) in page.Found)
            {
                json.StartObject();
                issueJson.WriteMembers(json, issue);
                json.Name("lastTriggered"u8);
                RuleJson.WriteInstant(json, at);
                json.EndObject();
            }

            json.EndArray();
        });
    }
}
