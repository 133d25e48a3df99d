using Vedette.Server.Api;
using Vedette.Server.Authorization;
using Vedette.Server.Projects;
using Vedette.Storage;
using Vedette.Tracker;
using Vedette.Tracker.Projects;
using Vedette.Tracker.Releases;
using Vedette.Wire.Json;

namespace Vedette.Server.Releases;

/// <summary>
/// Releases of an organization, and the same of one of its projects, which knows those that it takes part in
/// (<c>spec/domain.md</c> 3.7).
/// </summary>
internal static class ReleaseEndpoints
{
    private static readonly string[] ReleaseRead = ["project:read", "project:write", "project:admin", "project:releases", "org:ci"];
    private static readonly string[] ReleaseWrite = ["project:write", "project:admin", "project:releases", "org:ci"];

    extension(IEndpointRouteBuilder routes)
    {
        public void MapReleases()
        {
            foreach (var owner in new[] { "/api/0/organizations/{organization}/", "/api/0/projects/{organization}/{project}/" })
            {
                var releases = routes.MapGroup($"{owner}releases/");
                releases.MapGet("", ListAsync).RequireAnyScope(ReleaseRead);
                releases.MapPost("", AddAsync).RequireAnyScope(ReleaseWrite);
                releases.MapGet("{version}/", ShowAsync).RequireAnyScope(ReleaseRead);
                releases.MapPut("{version}/", ChangeAsync).RequireAnyScope(ReleaseWrite);
                releases.MapDelete("{version}/", DeleteAsync).RequireAnyScope(ReleaseWrite);
                releases.MapGet("{version}/commits/", ListCommitsAsync).RequireAnyScope(ReleaseRead);
            }

            var ofOrganization = routes.MapGroup("/api/0/organizations/{organization}/");
            ofOrganization.MapGet("releases/{version}/previous-with-commits/", ShowPreviousAsync).RequireAnyScope(ReleaseRead);
            ofOrganization.MapGet("releases/{version}/deploys/", ListDeploysAsync).RequireAnyScope(ReleaseRead);
            ofOrganization.MapPost("releases/{version}/deploys/", AddDeployAsync).RequireAnyScope(ReleaseWrite);
            ofOrganization.MapGet("repos/", ListRepositories).RequireAnyScope("org:read", "org:write", "org:admin", "org:integrations", "org:ci");
        }
    }

    private static async Task<IResult> ListAsync(
        HttpContext context, Access access, ReleaseStore releases, ProjectStore projects, Links links, CancellationToken ct)
    {
        if (Paging.Refuse(context.Request, out var paging) is { } refusal)
            return refusal;
        var status = context.Request.Query["status"].FirstOrDefault();
        if (!string.IsNullOrEmpty(status) && StoredName.TryParse<ReleaseStatus>(status) is null)
            return ApiResults.Detail(StatusCodes.Status400BadRequest, "Invalid value for status: must be one of open, archived.");

        if (await RequestedProjects.ReadAsync(context.Request, access, projects, ct) is not { } ids)
            return ApiResults.NotFound();

        var text = context.Request.Query["query"].FirstOrDefault()?.Trim();
        var query = new ReleaseQuery(
            access.Organization!.Id, ids, string.IsNullOrEmpty(status) ? null : StoredName.Parse<ReleaseStatus>(status), string.IsNullOrEmpty(text) ? null : text);
        var place = paging.Cursor is { } cursor ? new ReleasePlace(cursor.Value, cursor.Offset) : null;
        var found = await releases.ListAsync(query, place, paging.Cursor?.IsPrevious == true, paging.PerPage + 1, ct);
        var page = paging.Page(context, links.BaseUrl, found, release => (release.CreatedAt, release.Id));
        return Listed(page, (json, release) => ReleaseJson.Write(json, release, context.GetRouteValue("project") is null ? null : ids[0]));
    }

    /// <summary>201, or 208 for one that is there already in all these projects; it is changed as the request says.</summary>
    private static async Task<IResult> AddAsync(
        HttpContext context, Access access, Database database, ReleaseStore releases, ProjectStore projects, TimeProvider time, CancellationToken ct)
    {
        var organizationId = access.Organization!.Id;
        var own = context.GetRouteValue("project") as string;
        if (own is not null && await projects.ProjectAsync(organizationId, own, ct) is null)
            return ApiResults.NotFound();
        var body = await JsonBody.ReadAsync(context.Request, ct);
        if (body.IsRefused)
            return body.Refusal;
        if (BodyFields.RefuseText(body.Map, "version", Release.LongestVersion, required: true, out var version) is { } badVersion)
            return badVersion;
        if (!Release.IsValidVersion(version!))
            return ApiResults.Invalid("version", $"Release with name {version} is not allowed");
        if (own is not null)
            body.Map["projects"] = new List<object?> { own };

        var (form, refusal) = ReleaseForm.Read(body.Map, time.GetUtcNow());
        if (form is null)
            return refusal!;
        if (form.Projects.Count == 0)
            return ApiResults.Invalid("projects", body.Map.Contains("projects") ? "This list may not be empty." : "This field is required.");
        if (await form.FindProjectsAsync(organizationId, projects, ct) is not { } change)
            return ApiResults.Invalid("projects", "Invalid project ids or slugs");

        var isNew = await database.WriteAsync(transaction => releases.AddAsync(transaction, organizationId, version!, change), ct);
        return await releases.FindAsync(organizationId, version!, ct) is { } added
            ? Shown(isNew ? StatusCodes.Status201Created : StatusCodes.Status208AlreadyReported, added, own is null ? null : change.ProjectIds[0])
            : ApiResults.NotFound();
    }

    private static async Task<IResult> ShowAsync(
        string version, HttpContext context, Access access, ReleaseStore releases, ProjectStore projects, CancellationToken ct) =>
        await FindAsync(version, context, access, releases, projects, ct) is var (release, projectId)
            ? Shown(StatusCodes.Status200OK, release, projectId)
            : ApiResults.NotFound();

    private static async Task<IResult> ChangeAsync(
        string version, HttpContext context, Access access, Database database, ReleaseStore releases, ProjectStore projects, TimeProvider time, CancellationToken ct)
    {
        if (await FindAsync(version, context, access, releases, projects, ct) is not var (release, projectId))
            return ApiResults.NotFound();
        var body = await JsonBody.ReadAsync(context.Request, ct);
        if (body.IsRefused)
            return body.Refusal;
        var (form, refusal) = ReleaseForm.Read(body.Map, time.GetUtcNow());
        if (form is null)
            return refusal!;
        if (await form.FindProjectsAsync(release.OrganizationId, projects, ct) is not { } change)
            return ApiResults.Invalid("projects", "Invalid project ids or slugs");

        await database.WriteAsync(transaction => releases.ChangeAsync(transaction, release.Id, change), ct);
        return await releases.FindAsync(release.OrganizationId, release.Version, ct) is { } changed
            ? Shown(StatusCodes.Status200OK, changed, projectId)
            : ApiResults.NotFound();
    }

    private static async Task<IResult> DeleteAsync(
        string version, HttpContext context, Access access, Database database, ReleaseStore releases, ProjectStore projects, CancellationToken ct)
    {
        if (await FindAsync(version, context, access, releases, projects, ct) is not var (release, _))
            return ApiResults.NotFound();

        return await database.WriteAsync(transaction => releases.DeleteAsync(transaction, release), ct)
            ? Results.NoContent()
            : ApiResults.Detail(StatusCodes.Status400BadRequest, "This release is referenced by active issues and cannot be removed.");
    }

    private static async Task<IResult> ListCommitsAsync(
        string version, HttpContext context, Access access, ReleaseStore releases, ProjectStore projects, Links links, CancellationToken ct)
    {
        if (Paging.Refuse(context.Request, out var paging) is { } refusal)
            return refusal;
        if (await FindAsync(version, context, access, releases, projects, ct) is not var (release, _))
            return ApiResults.NotFound();

        var commits = await releases.CommitsAsync(release.Id, ct);
        return Listed(paging.PageOf(context, links.BaseUrl, commits, commit => commit.Position, ListOrder.OldestFirst), ReleaseJson.Write);
    }

    /// <summary>Where the next release's commits begin; an empty object when there is no such release.</summary>
    private static async Task<IResult> ShowPreviousAsync(
        string version, HttpContext context, Access access, ReleaseStore releases, ProjectStore projects, CancellationToken ct)
    {
        if (await FindAsync(version, context, access, releases, projects, ct) is not var (release, _))
            return ApiResults.NotFound();

        return await releases.PreviousWithCommitsAsync(release, ct) is { } previous
            ? Shown(StatusCodes.Status200OK, previous, null)
            : ApiResults.Bytes(StatusCodes.Status200OK, "{}"u8.ToArray());
    }

    private static async Task<IResult> ListDeploysAsync(
        string version, HttpContext context, Access access, ReleaseStore releases, ProjectStore projects, Links links, CancellationToken ct)
    {
        if (Paging.Refuse(context.Request, out var paging) is { } refusal)
            return refusal;
        if (await FindAsync(version, context, access, releases, projects, ct) is not var (release, _))
            return ApiResults.NotFound();

        var found = await releases.DeploysAsync(release.Id, paging.Cursor?.Value, paging.Cursor?.IsPrevious == true, paging.PerPage + 1, ct);
        return Listed(paging.Page(context, links.BaseUrl, found, deploy => (deploy.Id, 0)), ReleaseJson.Write);
    }

    private static async Task<IResult> AddDeployAsync(
        string version, HttpContext context, Access access, Database database, ReleaseStore releases, ProjectStore projects, TimeProvider time, CancellationToken ct)
    {
        if (await FindAsync(version, context, access, releases, projects, ct) is not var (release, _))
            return ApiResults.NotFound();
        var body = await JsonBody.ReadAsync(context.Request, ct);
        if (body.IsRefused)
            return body.Refusal;
        var (deploy, refusal) = DeployForm.Read(body.Map, time.GetUtcNow());
        if (deploy is null)
            return refusal!;

        var added = await database.WriteAsync(transaction => releases.AddDeployAsync(transaction, release.Id, deploy), ct);
        return ApiResults.Json(StatusCodes.Status201Created, json => ReleaseJson.Write(json, added));
    }

    /// <summary>Vedette keeps none; sentry-cli asks before it sends commits.</summary>
    private static IResult ListRepositories(HttpContext context, Links links)
    {
        if (Paging.Refuse(context.Request, out var paging) is { } refusal)
            return refusal;

        return Listed<long>(paging.PageOf<long>(context, links.BaseUrl, [], id => id, ListOrder.OldestFirst), (json, id) => json.Value(id));
    }

    /// <summary>Routing leaves a slash of a version encoded, because it ends no segment.</summary>
    /// <returns>The project's number where the route names one; then the release is one that it takes part in.</returns>
    private static async Task<(Release Release, long? ProjectId)?> FindAsync(
        string version, HttpContext context, Access access, ReleaseStore releases, ProjectStore projects, CancellationToken ct)
    {
        var organizationId = access.Organization!.Id;
        var release = await releases.FindAsync(organizationId, version, ct)
            ?? await releases.FindAsync(organizationId, version.Replace("%2F", "/", StringComparison.OrdinalIgnoreCase), ct);
        if (release is null || context.GetRouteValue("project") is not string name)
            return release is null ? null : (release, null);

        return await projects.ProjectAsync(organizationId, name, ct) is { } project && release.Projects.Any(each => each.Id == project.Id)
            ? (release, project.Id)
            : null;
    }

    private static IResult Shown(int status, Release release, long? projectId) =>
        ApiResults.Json(status, json => ReleaseJson.Write(json, release, projectId));

    private static IResult Listed<T>(IReadOnlyList<T> page, Action<StableJsonWriter, T> write) => ApiResults.Json(StatusCodes.Status200OK, json =>
    {
        json.StartArray();
        foreach (var each in page)
            write(json, each);
        json.EndArray();
    });
}
