using System.Globalization;
using Vedette.Server.Api;
using Vedette.Server.Audit;
using Vedette.Server.Authorization;
using Vedette.Storage;
using Vedette.Tracker;
using Vedette.Tracker.Projects;
using Vedette.Wire.Json;

namespace Vedette.Server.Projects;

internal static class ProjectEndpoints
{
    private static readonly string[] ProjectRead = ["project:read", "project:write", "project:admin"];
    private static readonly string[] ProjectWrite = ["project:write", "project:admin"];

    extension(IEndpointRouteBuilder routes)
    {
        public void MapProjects()
        {
            routes.MapGet("/api/0/organizations/{organization}/projects/", ListAsync).RequireAnyScope("org:read", "org:write", "org:admin");
            routes.MapGet("/api/0/projects/{organization}/{project}/", ShowAsync).RequireAnyScope(ProjectRead);
            routes.MapGet("/api/0/projects/{organization}/{project}/keys/", ListKeysAsync).RequireAnyScope(ProjectRead);
            routes.MapPost("/api/0/projects/{organization}/{project}/keys/", AddKeyAsync).RequireAnyScope(ProjectWrite);
            routes.MapGet("/api/0/projects/{organization}/{project}/keys/{key}/", ShowKeyAsync).RequireAnyScope(ProjectRead);
            routes.MapPut("/api/0/projects/{organization}/{project}/keys/{key}/", ChangeKeyAsync).RequireAnyScope(ProjectWrite);
            routes.MapDelete("/api/0/projects/{organization}/{project}/keys/{key}/", DeleteKeyAsync).RequireAnyScope("project:admin");
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
        return await FindKeyAsync(project, key, access, projects, ct) is { } found
            ? ApiResults.Json(StatusCodes.Status200OK, json => WriteKey(json, found, links))
            : ApiResults.NotFound();
    }

    private static async Task<IResult> AddKeyAsync(
        string project, HttpRequest request, Access access, Database database, ProjectStore projects, AuditLog audit, Links links, CancellationToken ct)
    {
        if (await projects.ProjectAsync(access.Organization!.Id, project, ct) is not { } found)
            return ApiResults.NotFound();
        var body = await JsonBody.ReadAsync(request, ct);
        if (body.IsRefused)
            return body.Refusal;

        var (change, refusal) = KeyChange.Read(body.Map, new ProjectKey { Label = "Default", IsActive = true });
        if (change is null)
            return refusal!;

        var publicKey = await database.WriteAsync(
            async transaction =>
            {
                var added = await projects.AddKeyAsync(transaction, found.Id, change.Label, change.RateLimit);
                await AuditAsync(transaction, audit, AuditEvents.KeyAdded, access, added);
                return added;
            },
            ct);
        var key = await FindKeyAsync(project, publicKey, access, projects, ct);
        return ApiResults.Json(StatusCodes.Status201Created, json => WriteKey(json, key!, links));
    }

    private static async Task<IResult> ChangeKeyAsync(
        string project, string key, HttpRequest request, Access access, Database database, ProjectStore projects, AuditLog audit, Links links, CancellationToken ct)
    {
        if (await FindKeyAsync(project, key, access, projects, ct) is not { } found)
            return ApiResults.NotFound();
        var body = await JsonBody.ReadAsync(request, ct);
        if (body.IsRefused)
            return body.Refusal;

        var (change, refusal) = KeyChange.Read(body.Map, found);
        if (change is null)
            return refusal!;

        await database.WriteAsync(
            async transaction =>
            {
                await projects.ChangeKeyAsync(transaction, found.Id, change.Label, change.IsActive, change.RateLimit);
                await AuditAsync(transaction, audit, AuditEvents.KeyChanged, access, key);
            },
            ct);
        return await FindKeyAsync(project, key, access, projects, ct) is { } changed
            ? ApiResults.Json(StatusCodes.Status200OK, json => WriteKey(json, changed, links))
            : ApiResults.NotFound();
    }

    private static async Task<IResult> DeleteKeyAsync(
        string project, string key, Access access, Database database, ProjectStore projects, AuditLog audit, CancellationToken ct)
    {
        if (await FindKeyAsync(project, key, access, projects, ct) is not { } found)
            return ApiResults.NotFound();

        var deleted = await database.WriteAsync(
            async transaction =>
            {
                if (!await projects.DeleteKeyAsync(transaction, found.Id))
                    return false;

                await AuditAsync(transaction, audit, AuditEvents.KeyRemoved, access, key);
                return true;
            },
            ct);
        return deleted ? Results.NoContent() : ApiResults.NotFound();
    }

    private static async Task<ProjectKey?> FindKeyAsync(string project, string publicKey, Access access, ProjectStore projects, CancellationToken ct) =>
        await projects.ProjectAsync(access.Organization!.Id, project, ct) is { } found
            ? (await projects.KeysAsync(found.Id, ct)).FirstOrDefault(each => each.PublicKey == publicKey)
            : null;

    private static Task AuditAsync(Transaction transaction, AuditLog audit, string name, Access access, string publicKey) =>
        audit.AddAsync(transaction, AuditEntry.By(access, access.Organization!.Id, name, null, new JsonMap { ["public_key"] = publicKey }));

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
        if (key.RateLimit is { } limit)
        {
            json.StartObject();
            json.Name("window"u8);
            json.Value(limit.WindowSeconds);
            json.Name("count"u8);
            json.Value(limit.Count);
            json.EndObject();
        }
        else
        {
            json.Null();
        }

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
