using Vedette.Server.Api;
using Vedette.Server.Audit;
using Vedette.Server.Authorization;
using Vedette.Server.Configuration;
using Vedette.Server.Teams;
using Vedette.Storage;
using Vedette.Tracker;
using Vedette.Tracker.Projects;

namespace Vedette.Server.Projects;

internal static class ProjectEndpoints
{
    internal static readonly string[] ProjectRead = ["project:read", "project:write", "project:admin"];
    internal static readonly string[] ProjectWrite = ["project:write", "project:admin"];

    private const string Taken = "A project with this slug already exists.";

    extension(IEndpointRouteBuilder routes)
    {
        public void MapProjects()
        {
            routes.MapGet("/api/0/organizations/{organization}/projects/", ListAsync).RequireAnyScope("org:read", "org:write", "org:admin");
            routes.MapGet("/api/0/teams/{organization}/{team}/projects/", ListOfTeamAsync).RequireAnyScope(ProjectRead);
            routes.MapPost("/api/0/teams/{organization}/{team}/projects/", AddAsync).RequireAnyScope(ProjectWrite);
            routes.MapGet("/api/0/projects/{organization}/{project}/", ShowAsync).RequireAnyScope(ProjectRead);
            routes.MapPut("/api/0/projects/{organization}/{project}/", ChangeAsync).RequireAnyScope(ProjectWrite);
            routes.MapDelete("/api/0/projects/{organization}/{project}/", DeleteAsync).RequireAnyScope("project:admin");
            routes.MapPost("/api/0/projects/{organization}/{project}/teams/{team}/", GiveAsync).RequireAnyScope(ProjectWrite);
            routes.MapDelete("/api/0/projects/{organization}/{project}/teams/{team}/", TakeAsync).RequireAnyScope(ProjectWrite);
        }
    }

    private static async Task<IResult> ListAsync(
        HttpContext context, Access access, ProjectStore projects, TeamStore teams, Links links, CancellationToken ct)
    {
        if (Paging.Refuse(context.Request, out var paging) is { } refusal)
            return refusal;

        var found = await projects.ProjectsAsync(
            access.Organization!.Id, paging.Cursor?.Value, paging.Cursor?.IsPrevious == true, paging.PerPage + 1, ct);
        return await ShownAsync(paging.Page(context, links.BaseUrl, found, project => (project.Id, 0), ListOrder.OldestFirst), access, teams, ct);
    }

    private static async Task<IResult> ListOfTeamAsync(
        string team, HttpContext context, Access access, ProjectStore projects, TeamStore teams, Links links, CancellationToken ct)
    {
        if (Paging.Refuse(context.Request, out var paging) is { } refusal)
            return refusal;
        if (await teams.FindAsync(access.Organization!.Id, team, access.AccountId, ct) is not { } found)
            return ApiResults.NotFound();

        var ids = await teams.ProjectIdsAsync(found.Id, paging.Cursor?.Value, paging.Cursor?.IsPrevious == true, paging.PerPage + 1, ct);
        var page = paging.Page(context, links.BaseUrl, ids, id => (id, 0), ListOrder.OldestFirst);
        return await ShownAsync(await projects.ProjectsAsync(page, ct), access, teams, ct);
    }

    private static async Task<IResult> ShowAsync(string project, Access access, ProjectStore projects, TeamStore teams, CancellationToken ct) =>
        await projects.ProjectAsync(access.Organization!.Id, project, ct) is { } found
            ? await ShownAsync(StatusCodes.Status200OK, found, access, teams, ct)
            : ApiResults.NotFound();

    /// <summary>The team has access to it, and it has a key labelled Default.</summary>
    private static async Task<IResult> AddAsync(
        string team, HttpContext context, Access access, Database database, ProjectStore projects, TeamStore teams, AuditLog audit, CancellationToken ct)
    {
        var organizationId = access.Organization!.Id;
        if (await teams.FindAsync(organizationId, team, access.AccountId, ct) is not { } owner)
            return ApiResults.NotFound();
        var body = await JsonBody.ReadAsync(context.Request, ct);
        if (body.IsRefused)
            return body.Refusal;
        var (form, refusal) = ProjectForm.Read(body.Map, now: null);
        if (form is null)
            return refusal!;

        var source = AuditSource.Of(access);
        var added = await database.WriteAsync(async transaction =>
        {
            var slug = form.Slug ?? Slugs.Of(form.Name);
            if (await projects.HasProjectAsync(transaction, organizationId, slug))
            {
                if (form.Slug is not null)
                    return null;
                slug = Slugs.Another(slug);
            }

            var (id, _) = await projects.AddProjectAsync(transaction, organizationId, slug, form.Name, form.Platform);
            await teams.GiveAsync(transaction, owner.Id, id);
            await audit.AddAsync(transaction, organizationId, source, AuditEvents.ProjectAdded, id, ("slug", slug), ("name", form.Name));
            return slug;
        }, ct);
        if (added is null || await projects.ProjectAsync(organizationId, added, ct) is not { } project)
            return ApiResults.Detail(StatusCodes.Status409Conflict, Taken);

        return await ShownAsync(StatusCodes.Status201Created, project, access, teams, ct);
    }

    private static async Task<IResult> ChangeAsync(
        string project, HttpContext context, Access access, Database database, ProjectStore projects, TeamStore teams, AuditLog audit, CancellationToken ct)
    {
        if (await projects.ProjectAsync(access.Organization!.Id, project, ct) is not { } now)
            return ApiResults.NotFound();
        var body = await JsonBody.ReadAsync(context.Request, ct);
        if (body.IsRefused)
            return body.Refusal;
        var (form, refusal) = ProjectForm.Read(body.Map, now);
        if (form is null)
            return refusal!;
        var own = (await teams.OfProjectsAsync([now], ct))[0];
        if (BodyFields.RefuseOthers(body.Map, json => ProjectJson.Write(json, now, access.Organization!, own), "name", "slug", "platform", "resolveAge") is { } other)
            return other;

        var source = AuditSource.Of(access);
        var changed = now with { Slug = form.Slug!, Name = form.Name, Platform = form.Platform, ResolveAge = form.ResolveAge };
        var isTaken = await database.WriteAsync(async transaction =>
        {
            if (changed.Slug != now.Slug && await projects.HasProjectAsync(transaction, now.OrganizationId, changed.Slug))
                return true;
            await projects.ChangeProjectAsync(transaction, now.Id, new ProjectChange(changed.Slug, changed.Name, changed.Platform, changed.ResolveAge));
            if (changed != now)
                await audit.AddAsync(transaction, now.OrganizationId, source, AuditEvents.ProjectChanged, now.Id, ("slug", changed.Slug), ("name", changed.Name));
            return false;
        }, ct);
        return isTaken
            ? ApiResults.Invalid("slug", $"The slug \"{changed.Slug}\" is already in use.")
            : await ShownAsync(StatusCodes.Status200OK, changed, access, teams, ct);
    }

    /// <summary>From the answer on nobody finds it any more and it takes no events; its rows go in the minutes that follow.</summary>
    private static async Task<IResult> DeleteAsync(
        string project, Access access, Database database, ProjectStore projects, AuditLog audit, CancellationToken ct)
    {
        if (await projects.ProjectAsync(access.Organization!.Id, project, ct) is not { } found)
            return ApiResults.NotFound();

        var source = AuditSource.Of(access);
        var isHidden = await database.WriteAsync(async transaction =>
        {
            if (!await projects.HideProjectAsync(transaction, found.Id))
                return false;
            await audit.AddAsync(transaction, found.OrganizationId, source, AuditEvents.ProjectRemoved, found.Id, ("slug", found.Slug), ("name", found.Name));
            return true;
        }, ct);
        return isHidden ? Results.NoContent() : ApiResults.NotFound();
    }

    private static Task<IResult> GiveAsync(
        string project, string team, Access access, Database database, ProjectStore projects, TeamStore teams, AuditLog audit,
        CancellationToken ct) =>
        ChangeTeamsAsync(project, team, access, database, projects, teams, audit, isGiven: true, ct);

    private static Task<IResult> TakeAsync(
        string project, string team, Access access, Database database, ProjectStore projects, TeamStore teams, AuditLog audit,
        CancellationToken ct) =>
        ChangeTeamsAsync(project, team, access, database, projects, teams, audit, isGiven: false, ct);

    /// <summary>Giving what is given, and taking what is not there, does nothing more.</summary>
    private static async Task<IResult> ChangeTeamsAsync(
        string project, string team, Access access, Database database, ProjectStore projects, TeamStore teams, AuditLog audit,
        bool isGiven, CancellationToken ct)
    {
        if (await projects.ProjectAsync(access.Organization!.Id, project, ct) is not { } found)
            return ApiResults.NotFound();
        if (await teams.FindAsync(found.OrganizationId, team, access.AccountId, ct) is not { } named)
            return ApiResults.Detail(StatusCodes.Status404NotFound, "Team does not exist.");

        var source = AuditSource.Of(access);
        await database.WriteAsync(async transaction =>
        {
            var isChanged = isGiven ? await teams.GiveAsync(transaction, named.Id, found.Id) : await teams.TakeAsync(transaction, named.Id, found.Id);
            if (isChanged)
            {
                await audit.AddAsync(
                    transaction, found.OrganizationId, source, isGiven ? AuditEvents.ProjectTeamAdded : AuditEvents.ProjectTeamRemoved, found.Id,
                    ("team_slug", named.Slug), ("project_slug", found.Slug));
            }
        }, ct);
        return await ShownAsync(isGiven ? StatusCodes.Status201Created : StatusCodes.Status200OK, found, access, teams, ct);
    }

    private static async Task<IResult> ShownAsync(int status, Project project, Access access, TeamStore teams, CancellationToken ct)
    {
        var own = (await teams.OfProjectsAsync([project], ct))[0];
        return ApiResults.Json(status, json => ProjectJson.Write(json, project, access.Organization!, own));
    }

    private static async Task<IResult> ShownAsync(IReadOnlyList<Project> page, Access access, TeamStore teams, CancellationToken ct)
    {
        var own = await teams.OfProjectsAsync(page, ct);
        return ApiResults.Json(StatusCodes.Status200OK, json =>
        {
            json.StartArray();
            for (var i = 0; i < page.Count; i++)
                ProjectJson.Write(json, page[i], access.Organization!, own[i]);
            json.EndArray();
        });
    }
}
