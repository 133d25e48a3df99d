using Vedette.Server.Api;
using Vedette.Server.Audit;
using Vedette.Server.Authorization;
using Vedette.Storage;
using Vedette.Tracker;
using Vedette.Tracker.Projects;
using Vedette.Wire.Json;

namespace Vedette.Server.Projects;

/// <summary>Keys of a project: what an SDK's DSN is made of.</summary>
internal static class KeyEndpoints
{
    extension(IEndpointRouteBuilder routes)
    {
        public void MapKeys()
        {
            var keys = routes.MapGroup("/api/0/projects/{organization}/{project}/keys/");
            keys.MapGet("", ListKeysAsync).RequireAnyScope(ProjectEndpoints.ProjectRead);
            keys.MapPost("", AddKeyAsync).RequireAnyScope(ProjectEndpoints.ProjectWrite);
            keys.MapGet("{key}/", ShowKeyAsync).RequireAnyScope(ProjectEndpoints.ProjectRead);
            keys.MapPut("{key}/", ChangeKeyAsync).RequireAnyScope(ProjectEndpoints.ProjectWrite);
            keys.MapDelete("{key}/", DeleteKeyAsync).RequireAnyScope("project:admin");
        }
    }

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
            foreach (var key in paging.PageOf(context, links.BaseUrl, keys, key => key.Id, ListOrder.OldestFirst))
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
        string project, HttpContext context, Access access, Database database, ProjectStore projects, AuditLog audit, Links links, CancellationToken ct)
    {
        if (await projects.ProjectAsync(access.Organization!.Id, project, ct) is not { } found)
            return ApiResults.NotFound();
        var body = await JsonBody.ReadAsync(context.Request, ct);
        if (body.IsRefused)
            return body.Refusal;

        var (change, refusal) = KeyChange.Read(body.Map, new ProjectKey { Label = "Default", IsActive = true });
        if (change is null)
            return refusal!;

        var source = AuditSource.Of(access);
        var publicKey = await database.WriteAsync(
            async transaction =>
            {
                var added = await projects.AddKeyAsync(transaction, found.Id, change.Label, change.RateLimit);
                await audit.AddAsync(transaction, found.OrganizationId, source, AuditEvents.KeyAdded, found.Id, ("public_key", added));
                return added;
            },
            ct);
        var key = await FindKeyAsync(project, publicKey, access, projects, ct);
        return ApiResults.Json(StatusCodes.Status201Created, json => WriteKey(json, key!, links));
    }

    private static async Task<IResult> ChangeKeyAsync(
        string project, string key, HttpContext context, Access access, Database database, ProjectStore projects, AuditLog audit, Links links, CancellationToken ct)
    {
        if (await FindKeyAsync(project, key, access, projects, ct) is not { } found)
            return ApiResults.NotFound();
        var body = await JsonBody.ReadAsync(context.Request, ct);
        if (body.IsRefused)
            return body.Refusal;

        var (change, refusal) = KeyChange.Read(body.Map, found);
        if (change is null)
            return refusal!;

        var source = AuditSource.Of(access);
        await database.WriteAsync(
            async transaction =>
            {
                await projects.ChangeKeyAsync(transaction, found.Id, change.Label, change.IsActive, change.RateLimit);
                await audit.AddAsync(transaction, access.Organization!.Id, source, AuditEvents.KeyChanged, found.ProjectId, ("public_key", key));
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

        var source = AuditSource.Of(access);
        var deleted = await database.WriteAsync(
            async transaction =>
            {
                if (!await projects.DeleteKeyAsync(transaction, found.Id))
                    return false;

                await audit.AddAsync(transaction, access.Organization!.Id, source, AuditEvents.KeyRemoved, found.ProjectId, ("public_key", key));
                return true;
            },
            ct);
        return deleted ? Results.NoContent() : ApiResults.NotFound();
    }

    private static async Task<ProjectKey?> FindKeyAsync(string project, string publicKey, Access access, ProjectStore projects, CancellationToken ct) =>
        await projects.ProjectAsync(access.Organization!.Id, project, ct) is { } found
            ? (await projects.KeysAsync(found.Id, ct)).FirstOrDefault(each => each.PublicKey == publicKey)
            : null;

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
}
