using System.Globalization;
using Vedette.Server.Api;
using Vedette.Server.Authorization;
using Vedette.Storage;
using Vedette.Tracker;
using Vedette.Tracker.Projects;
using Vedette.Wire.Json;

namespace Vedette.Server.Projects;

internal static class ProjectEndpoints
{
    private static readonly string[] ProjectRead = ["project:read", "project:write", "project:admin"];

    extension(IEndpointRouteBuilder routes)
    {
        public void MapProjects()
        {
            routes.MapGet("/api/0/organizations/{organization}/projects/", ListAsync).RequireAnyScope("org:read", "org:write", "org:admin");
            routes.MapGet("/api/0/projects/{organization}/{project}/", ShowAsync).RequireAnyScope(ProjectRead);
            routes.MapGet("/api/0/projects/{organization}/{project}/keys/", ListKeysAsync).RequireAnyScope(ProjectRead);
            routes.MapGet("/api/0/projects/{organization}/{project}/keys/{key}/", ShowKeyAsync).RequireAnyScope(ProjectRead);
        }
    }

    private static async Task<IResult> ListAsync(HttpContext context, Access access, ProjectStore projects, Links links, CancellationToken ct)
    {
        if (Paging.Refuse(context.Request, out var paging) is { } refusal)
            return refusal;

        var all = await projects.ProjectsAsync(access.Organization!.Id, ct);
        return ApiResults.Json(StatusCodes.Status200OK, json =>
        {
            json.StartArray();
            foreach (var project in paging.Slice(context, links.BaseUrl, all))
                WriteProject(json, project, access.Organization!);
            json.EndArray();
        });
    }

    private static async Task<IResult> ShowAsync(string project, Access access, ProjectStore projects, CancellationToken ct) =>
        await projects.ProjectAsync(access.Organization!.Id, project, ct) is { } found
            ? ApiResults.Json(StatusCodes.Status200OK, json => WriteProject(json, found, access.Organization!))
            : ApiResults.NotFound();

    private static async Task<IResult> ListKeysAsync(
        string project, HttpContext context, Access access, ProjectStore projects, Links links, CancellationToken ct)
    {
        if (Paging.Refuse(context.Request, out var paging) is { } refusal)
            return refusal;
        if (await projects.ProjectAsync(access.Organization!.Id, project, ct) is not { } found)
            return ApiResults.NotFound();

        var keys = await projects.KeysAsync(found.Id, ct);
        return ApiResults.Json(StatusCodes.Status200OK, json =>
        {
            json.StartArray();
            foreach (var key in paging.Slice(context, links.BaseUrl, keys))
                WriteKey(json, key, links);
            json.EndArray();
        });
    }

    private static async Task<IResult> ShowKeyAsync(
        string project, string key, Access access, ProjectStore projects, Links links, CancellationToken ct)
    {
        if (await projects.ProjectAsync(access.Organization!.Id, project, ct) is not { } found)
            return ApiResults.NotFound();

        var keys = await projects.KeysAsync(found.Id, ct);
        return keys.FirstOrDefault(each => each.PublicKey == key) is { } shown
            ? ApiResults.Json(StatusCodes.Status200OK, json => WriteKey(json, shown, links))
            : ApiResults.NotFound();
    }

    private static void WriteProject(StableJsonWriter json, Project project, Organization organization)
    {
        json.StartObject();
        json.Name("id"u8);
        json.Value(Text(project.Id));
        json.Name("slug"u8);
        json.Value(project.Slug);
        json.Name("name"u8);
        json.Value(project.Name);
        json.Name("platform"u8);
        json.Value(project.Platform);
        json.Name("status"u8);
        json.Value("active");
        json.Name("dateCreated"u8);
        json.Instant(UnixMicroseconds.ToInstant(project.CreatedAt));
        json.Name("features"u8);
        json.StartArray();
        json.EndArray();
        json.Name("isMember"u8);
        json.Value(true);
        json.Name("hasAccess"u8);
        json.Value(true);
        json.Name("isBookmarked"u8);
        json.Value(false);
        json.Name("organization"u8);
        json.StartObject();
        json.Name("id"u8);
        json.Value(Text(organization.Id));
        json.Name("slug"u8);
        json.Value(organization.Slug);
        json.Name("name"u8);
        json.Value(organization.Name);
        json.EndObject();
        json.EndObject();
    }

    private static void WriteKey(StableJsonWriter json, ProjectKey key, Links links)
    {
        json.StartObject();
        json.Name("id"u8);
        json.Value(key.PublicKey);
        json.Name("name"u8);
        json.Value(key.Label);
        json.Name("label"u8);
        json.Value(key.Label);
        json.Name("public"u8);
        json.Value(key.PublicKey);
        json.Name("secret"u8);
        json.Value(key.SecretKey);
        json.Name("projectId"u8);
        json.Value(key.ProjectId);
        json.Name("isActive"u8);
        json.Value(key.IsActive);
        json.Name("rateLimit"u8);
        json.Null();
        json.Name("dsn"u8);
        json.StartObject();
        json.Name("public"u8);
        json.Value(links.Dsn(key.PublicKey, key.ProjectId));
        json.Name("secret"u8);
        json.Value(links.Dsn($"{key.PublicKey}:{key.SecretKey}", key.ProjectId));
        json.EndObject();
        json.Name("dateCreated"u8);
        json.Instant(UnixMicroseconds.ToInstant(key.CreatedAt));
        json.EndObject();
    }

    private static string Text(long id) => id.ToString(CultureInfo.InvariantCulture);
}
