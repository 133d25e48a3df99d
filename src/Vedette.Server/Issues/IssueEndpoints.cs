using System.Globalization;
using Vedette.Server.Api;
using Vedette.Server.Authorization;
using Vedette.Tracker;
using Vedette.Tracker.Issues;
using Vedette.Tracker.Projects;

namespace Vedette.Server.Issues;

internal static class IssueEndpoints
{
    internal static readonly string[] EventRead = ["event:read", "event:write", "event:admin"];

    /// <summary>Of one issue: in its organization, and the older form, in which the number alone says whose it is.</summary>
    internal static readonly string[] Prefixes = ["/api/0/organizations/{organization}/issues/", "/api/0/issues/"];

    extension(IEndpointRouteBuilder routes)
    {
        public void MapIssues()
        {
            var issues = routes.MapGroup("/api/0/organizations/{organization}/issues/");
            issues.MapGet("{issue}/", ShowAsync).RequireAnyScope(EventRead);
            issues.MapGet("{issue}/events/{which}/", ShowIssueEventAsync).RequireAnyScope(EventRead);

            // The older forms that existing clients use.
            routes.MapGet("/api/0/issues/{issue}/", ShowAsync).RequireAnyScope(EventRead);
            routes.MapGet("/api/0/projects/{organization}/{project}/events/{eventId}/", ShowProjectEventAsync).RequireAnyScope(EventRead);
        }
    }

    private static async Task<IResult> ShowAsync(string issue, Access access, IssueStore store, IssueDetails details, CancellationToken ct) =>
        await FindAsync(access, issue, store, ct) is { } found ? await details.AnswerAsync(found, access, ct) : ApiResults.NotFound();

    private static async Task<IResult> ShowIssueEventAsync(string issue, string which, Access access, IssueStore store, CancellationToken ct)
    {
        if (await FindAsync(access, issue, store, ct) is not { } found)
            return ApiResults.NotFound();

        var stored = which switch
        {
            "latest" or "recommended" => await store.NewestEventAsync(found.Id, ct),
            "oldest" => await store.OldestEventAsync(found.Id, ct),
            _ => await store.EventAsync(found.ProjectId, Plain(which), ct),
        };
        return stored?.IssueId == found.Id ? await EventAsync(stored, store, ct) : ApiResults.NotFound();
    }

    private static async Task<IResult> ShowProjectEventAsync(
        string project, string eventId, Access access, IssueStore store, ProjectStore projects, CancellationToken ct) =>
        await projects.ProjectAsync(access.Organization!.Id, project, ct) is { } found && await store.EventAsync(found.Id, Plain(eventId), ct) is { } stored
            ? await EventAsync(stored, store, ct)
            : ApiResults.NotFound();

    private static async Task<IResult> EventAsync(StoredEvent stored, IssueStore store, CancellationToken ct)
    {
        var (previous, next) = await store.NeighboursAsync(stored, ct);
        return ApiResults.Bytes(StatusCodes.Status200OK, EventJson.ApiObject(stored, previous, next));
    }

    /// <summary>By number or by short id, in this organization only.</summary>
    internal static Task<Issue?> FindAsync(Access access, string idOrShortId, IssueStore store, CancellationToken ct)
    {
        var organization = access.Organization!.Id;
        if (long.TryParse(idOrShortId, NumberStyles.None, CultureInfo.InvariantCulture, out var id))
            return store.ByIdAsync(organization, id, ct);

        return ShortId.TryParse(idOrShortId, out var project, out var number)
            ? store.ByShortIdAsync(organization, project, number, ct)
            : Task.FromResult<Issue?>(null);
    }

    private static string Plain(string eventId) => eventId.Replace("-", "", StringComparison.Ordinal).ToLowerInvariant();
}
