using Vedette.Server.Api;
using Vedette.Server.Audit;
using Vedette.Server.Authorization;
using Vedette.Server.Configuration;
using Vedette.Server.Members;
using Vedette.Storage;
using Vedette.Tracker;

namespace Vedette.Server.Teams;

internal static class TeamEndpoints
{
    private const int LongestName = 64;
    private const string Taken = "A team with this slug already exists.";

    private static readonly string[] TeamRead = ["team:read", "team:write", "team:admin"];

    extension(IEndpointRouteBuilder routes)
    {
        public void MapTeams()
        {
            routes.MapGet("/api/0/organizations/{organization}/teams/", ListAsync).RequireAnyScope([.. TeamRead, "org:read", "org:write", "org:admin"]);
            routes.MapPost("/api/0/organizations/{organization}/teams/", AddAsync).RequireAnyScope("team:write", "team:admin", "org:write", "org:admin");
            routes.MapGet("/api/0/teams/{organization}/{team}/", ShowAsync).RequireAnyScope(TeamRead);
            routes.MapPut("/api/0/teams/{organization}/{team}/", ChangeAsync).RequireAnyScope("team:write", "team:admin");
            routes.MapDelete("/api/0/teams/{organization}/{team}/", DeleteAsync).RequireAnyScope("team:admin");
            routes.MapGet("/api/0/teams/{organization}/{team}/members/", ListMembersAsync).RequireAnyScope(TeamRead);
        }
    }

    private static async Task<IResult> ListAsync(HttpContext context, Access access, TeamStore teams, Links links, CancellationToken ct)
    {
        if (Paging.Refuse(context.Request, out var paging) is { } refusal)
            return refusal;

        var found = await teams.ListAsync(
            access.Organization!.Id, access.AccountId, paging.Cursor?.Value, paging.Cursor?.IsPrevious == true, paging.PerPage + 1, ct);
        var page = paging.Page(context, links.BaseUrl, found, team => (team.Id, 0), ListOrder.OldestFirst);
        return ApiResults.Json(StatusCodes.Status200OK, json =>
        {
            json.StartArray();
            foreach (var team in page)
                TeamJson.Write(json, team, access);
            json.EndArray();
        });
    }

    private static async Task<IResult> ShowAsync(string team, Access access, TeamStore teams, CancellationToken ct) =>
        await teams.FindAsync(access.Organization!.Id, team, access.AccountId, ct) is { } found
            ? ApiResults.Json(StatusCodes.Status200OK, json => TeamJson.Write(json, found, access, withOrganization: true))
            : ApiResults.NotFound();

    /// <summary>Whoever makes it is its first member.</summary>
    private static async Task<IResult> AddAsync(
        HttpContext context, Access access, TeamStore teams, MemberStore members, Database database, AuditLog audit, CancellationToken ct)
    {
        var organizationId = access.Organization!.Id;
        var body = await JsonBody.ReadAsync(context.Request, ct);
        if (body.IsRefused)
            return body.Refusal;
        if (BodyFields.RefuseText(body.Map, "name", LongestName, required: false, out var name) is { } badName)
            return badName;
        if (BodyFields.RefuseSlug(body.Map, out var wanted) is { } badSlug)
            return badSlug;
        if ((name ?? wanted) is not { } shown)
            return ApiResults.Invalid("non_field_errors", "Name or slug is required");

        var source = AuditSource.Of(access);
        var oneself = await members.OfAccountAsync(organizationId, access.AccountId, ct);
        var added = await database.WriteAsync(async transaction =>
        {
            var slug = wanted ?? Slugs.Of(shown);
            if (await teams.HasAsync(transaction, organizationId, slug))
            {
                if (wanted is not null)
                    return null;
                slug = Slugs.Another(slug);
            }

            var id = await teams.AddAsync(transaction, organizationId, slug, shown);
            await audit.AddAsync(transaction, organizationId, source, AuditEvents.TeamAdded, id, ("slug", slug), ("name", shown));
            if (oneself is not null && await members.JoinAsync(transaction, oneself.Id, id))
            {
                await audit.AddAsync(
                    transaction, organizationId, source, AuditEvents.MemberJoinedTeam, oneself.Id, ("email", oneself.Email), ("team_slug", slug));
            }

            return slug;
        }, ct);
        if (added is null || await teams.FindAsync(organizationId, added, access.AccountId, ct) is not { } team)
            return Conflict();

        return ApiResults.Json(StatusCodes.Status201Created, json => TeamJson.Write(json, team, access));
    }

    private static async Task<IResult> ChangeAsync(
        string team, HttpContext context, Access access, TeamStore teams, Database database, AuditLog audit, CancellationToken ct)
    {
        if (await teams.FindAsync(access.Organization!.Id, team, access.AccountId, ct) is not { } now)
            return ApiResults.NotFound();
        var body = await JsonBody.ReadAsync(context.Request, ct);
        if (body.IsRefused)
            return body.Refusal;
        if (BodyFields.RefuseText(body.Map, "name", LongestName, required: body.Map.Contains("name"), out var name) is { } badName)
            return badName;
        if (BodyFields.RefuseSlug(body.Map, out var slug) is { } badSlug)
            return badSlug;
        if (BodyFields.RefuseOthers(body.Map, json => TeamJson.Write(json, now, access, withOrganization: true), "name", "slug") is { } other)
            return other;

        var source = AuditSource.Of(access);
        var changed = now with { Slug = slug ?? now.Slug, Name = name ?? now.Name };
        var isTaken = await database.WriteAsync(async transaction =>
        {
            if (changed.Slug != now.Slug && await teams.HasAsync(transaction, now.OrganizationId, changed.Slug))
                return true;
            await teams.ChangeAsync(transaction, now.Id, changed.Slug, changed.Name);
            if (changed != now)
                await audit.AddAsync(transaction, now.OrganizationId, source, AuditEvents.TeamChanged, now.Id, ("slug", changed.Slug), ("name", changed.Name));
            return false;
        }, ct);
        return isTaken
            ? ApiResults.Invalid("slug", $"The slug \"{changed.Slug}\" is already in use.")
            : ApiResults.Json(StatusCodes.Status200OK, json => TeamJson.Write(json, changed, access));
    }

    /// <summary>Its members and projects stay.</summary>
    private static async Task<IResult> DeleteAsync(
        string team, Access access, TeamStore teams, Database database, AuditLog audit, CancellationToken ct)
    {
        if (await teams.FindAsync(access.Organization!.Id, team, access.AccountId, ct) is not { } found)
            return ApiResults.NotFound();

        var source = AuditSource.Of(access);
        var isDeleted = await database.WriteAsync(async transaction =>
        {
            if (!await teams.DeleteAsync(transaction, found.Id))
                return false;
            await audit.AddAsync(transaction, found.OrganizationId, source, AuditEvents.TeamRemoved, found.Id, ("slug", found.Slug), ("name", found.Name));
            return true;
        }, ct);
        return isDeleted ? Results.NoContent() : ApiResults.NotFound();
    }

    private static async Task<IResult> ListMembersAsync(
        string team, HttpContext context, Access access, TeamStore teams, MemberStore members, Links links, TimeProvider time, CancellationToken ct)
    {
        if (Paging.Refuse(context.Request, out var paging) is { } refusal)
            return refusal;
        if (await teams.FindAsync(access.Organization!.Id, team, access.AccountId, ct) is not { } found)
            return ApiResults.NotFound();

        var list = await members.ListAsync(
            found.OrganizationId, found.Id, paging.Cursor?.Value, paging.Cursor?.IsPrevious == true, paging.PerPage + 1, ct);
        var page = paging.Page(context, links.BaseUrl, list, member => (member.Id, 0), ListOrder.OldestFirst);
        return ApiResults.Json(StatusCodes.Status200OK, json =>
        {
            json.StartArray();
            foreach (var member in page)
                MemberJson.Write(json, member, time.GetUtcNow(), teamRole: "contributor");
            json.EndArray();
        });
    }

    private static IResult Conflict() => ApiResults.Json(StatusCodes.Status409Conflict, json =>
    {
        json.StartObject();
        json.Name("non_field_errors"u8);
        json.StartArray();
        json.Value(Taken);
        json.EndArray();
        json.Name("detail"u8);
        json.Value(Taken);
        json.EndObject();
    });
}
