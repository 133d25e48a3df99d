using System.Globalization;
using Vedette.Server.Api;
using Vedette.Server.Authorization;
using Vedette.Tracker;
using Vedette.Tracker.Issues;
using Vedette.Tracker.Projects;
using Vedette.Tracker.Search;

namespace Vedette.Server.Issues;

/// <summary>Lists of issues, of an organization and of a project (<c>spec/domain.md</c> 3.1).</summary>
internal static class IssueListEndpoints
{
    /// <summary>Nobody counts further, since that would take longer than the list.</summary>
    private const int MostHits = 1000;

    extension(IEndpointRouteBuilder routes)
    {
        public void MapIssueLists()
        {
            routes.MapGet("/api/0/organizations/{organization}/issues/", ListAsync).RequireAnyScope(IssueEndpoints.EventRead);

            // The older form, which sentry-cli uses.
            routes.MapGet("/api/0/projects/{organization}/{project}/issues/", ListAsync).RequireAnyScope(IssueEndpoints.EventRead);
        }
    }

    private static async Task<IResult> ListAsync(
        HttpContext context, Access access, IssueListStore lists, IssueStore issues, ProjectStore projects, IssueListJson json, Links links, TimeProvider time,
        CancellationToken ct)
    {
        var (question, wrong) = await IssueQuestion.ReadAsync(context.Request, access, projects, IssueQuestion.Unresolved, time.GetUtcNow(), ct);
        if (question is null)
            return wrong!;
        if (Paging.Refuse(context.Request, out var paging) is { } refusal)
            return refusal;

        if (await DirectHitAsync(context.Request, question, lists, issues, ct) is { } hit)
        {
            context.Response.Headers["X-Sentry-Direct-Hit"] = "1";
            SetHits(context, 1);
            return await json.ListAsync(question, paging.Page(context, links.BaseUrl, [hit], PlaceOf), context.Request, access, ct);
        }

        var place = paging.Cursor is { } cursor ? new IssuePlace(cursor.Value, cursor.Offset) : null;
        var found = await lists.PageAsync(question.Query, place, paging.Cursor?.IsPrevious == true, paging.PerPage + 1, MostHits, ct);
        SetHits(context, found.Hits);
        return await json.ListAsync(question, paging.Page(context, links.BaseUrl, found.Issues, PlaceOf), context.Request, access, ct);

        (long, long) PlaceOf(Issue issue) => question.Query.PlaceOf(issue) is var (value, id) ? (value, id) : default;
    }

    /// <summary>The issue that the query names by an event of it, or, where that is asked for, by its short id; whatever its status.</summary>
    private static async Task<Issue?> DirectHitAsync(
        HttpRequest request, IssueQuestion question, IssueListStore lists, IssueStore issues, CancellationToken ct)
    {
        var (organization, projects) = (question.Query.OrganizationId, question.Query.ProjectIds);
        if (question.EventId is { } eventId)
            return await lists.ByEventAsync(organization, projects, eventId, ct);

        var looksUp = request.Query["shortIdLookup"].FirstOrDefault() is "1" or "true";
        if (!looksUp || !ShortId.TryParse(question.Text.Trim(), out var slug, out var number))
            return null;
        return await issues.ByShortIdAsync(organization, slug, number, ct) is { } hit && (projects.Count == 0 || projects.Contains(hit.ProjectId)) ? hit : null;
    }

    private static void SetHits(HttpContext context, long hits)
    {
        context.Response.Headers["X-Hits"] = hits.ToString(CultureInfo.InvariantCulture);
        context.Response.Headers["X-Max-Hits"] = MostHits.ToString(CultureInfo.InvariantCulture);
    }
}
