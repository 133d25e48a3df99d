using Vedette.Server.Accounts;
using Vedette.Server.Api;
using Vedette.Server.Audit;
using Vedette.Server.Authorization;
using Vedette.Server.Configuration;
using Vedette.Server.Members;
using Vedette.Storage;
using Vedette.Tracker;
using Vedette.Tracker.Projects;
using Vedette.Wire.Json;

namespace Vedette.Server.Organizations;

internal static class OrganizationEndpoints
{
    private const int LongestName = 64;
    private const string Taken = "An organization with this slug already exists.";

    extension(IEndpointRouteBuilder routes)
    {
        public void MapOrganizations()
        {
            routes.MapGet("/api/0/organizations/", ListAsync).RequireAnyScope("org:read", "org:write", "org:admin");
            routes.MapPost("/api/0/organizations/", AddAsync).RequireAnyScope("org:write", "org:admin");
            routes.MapGet("/api/0/organizations/{organization}/", Show).RequireAnyScope("org:read", "org:write", "org:admin");
            routes.MapPut("/api/0/organizations/{organization}/", ChangeAsync).RequireAnyScope("org:write", "org:admin");
            routes.MapDelete("/api/0/organizations/{organization}/", DeleteAsync).RequireAnyScope("org:admin");
        }
    }

    /// <summary>Those that the requester belongs to and may read.</summary>
    private static async Task<IResult> ListAsync(HttpContext context, Access access, ProjectStore projects, Links links, CancellationToken ct)
    {
        if (Paging.Refuse(context.Request, out var paging) is { } refusal)
            return refusal;

        var readable = access.Memberships.Where(m => access.MayIn(m.OrganizationId, "org:read")).ToList();
        var page = new List<Organization>();
        foreach (var membership in paging.PageOf(context, links.BaseUrl, readable, m => m.OrganizationId, ListOrder.OldestFirst))
        {
            if (await projects.OrganizationAsync(membership.OrganizationSlug, ct) is { } organization)
                page.Add(organization);
        }

        return ApiResults.Json(StatusCodes.Status200OK, json =>
        {
            json.StartArray();
            foreach (var organization in page)
                OrganizationJson.Write(json, organization);
            json.EndArray();
        });
    }

    private static IResult Show(Access access) =>
        ApiResults.Json(StatusCodes.Status200OK, json => OrganizationJson.Write(json, access.Organization!));

    /// <summary>Whoever makes it is its owner, and may do there what their token allows. It has no team yet.</summary>
    private static async Task<IResult> AddAsync(
        HttpContext context, Access access, Database database, ProjectStore projects, AccountStore accounts, AuditLog audit, CancellationToken ct)
    {
        if (access.Holder.Credential is CredentialKind.AppToken or CredentialKind.OrganizationToken)
            return ApiResults.Forbidden();
        var body = await JsonBody.ReadAsync(context.Request, ct);
        if (body.IsRefused)
            return body.Refusal;
        if (BodyFields.RefuseText(body.Map, "name", LongestName, required: true, out var name) is { } badName)
            return badName;
        if (BodyFields.RefuseSlug(body.Map, out var wanted) is { } badSlug)
            return badSlug;

        var source = AuditSource.Of(access);
        var added = await database.WriteAsync(async transaction =>
        {
            var slug = wanted ?? Slugs.Of(name!);
            if (await projects.HasOrganizationAsync(transaction, slug))
            {
                if (wanted is not null)
                    return null;
                slug = Slugs.Another(slug);
            }

            var id = await projects.AddOrganizationAsync(transaction, slug, name!);
            await accounts.AddMemberAsync(transaction, id, access.AccountId, MemberRole.Owner);
            await audit.AddAsync(transaction, id, source, AuditEvents.OrganizationAdded, id, ("slug", slug), ("name", name));
            return slug;
        }, ct);
        if (added is null || await projects.OrganizationAsync(added, ct) is not { } organization)
            return ApiResults.Detail(StatusCodes.Status409Conflict, Taken);

        return ApiResults.Json(StatusCodes.Status201Created, json => OrganizationJson.Write(json, organization));
    }

    private static async Task<IResult> ChangeAsync(
        HttpContext context, Access access, Database database, ProjectStore projects, AuditLog audit, CancellationToken ct)
    {
        var now = access.Organization!;
        var body = await JsonBody.ReadAsync(context.Request, ct);
        if (body.IsRefused)
            return body.Refusal;
        if (BodyFields.RefuseText(body.Map, "name", LongestName, required: body.Map.Contains("name"), out var name) is { } badName)
            return badName;
        if (BodyFields.RefuseSlug(body.Map, out var slug) is { } badSlug)
            return badSlug;
        if (BodyFields.RefuseOthers(body.Map, json => OrganizationJson.Write(json, now), "name", "slug") is { } other)
            return other;

        var source = AuditSource.Of(access);
        var changed = now with { Slug = slug ?? now.Slug, Name = name ?? now.Name };
        var isTaken = await database.WriteAsync(async transaction =>
        {
            if (changed.Slug != now.Slug && await projects.HasOrganizationAsync(transaction, changed.Slug))
                return true;
            await projects.ChangeOrganizationAsync(transaction, now.Id, changed.Slug, changed.Name);
            if (changed != now)
                await audit.AddAsync(transaction, now.Id, source, AuditEvents.OrganizationChanged, now.Id, ("slug", changed.Slug), ("name", changed.Name));
            return false;
        }, ct);
        return isTaken
            ? ApiResults.Invalid("slug", $"The slug \"{changed.Slug}\" is already in use.")
            : ApiResults.Json(StatusCodes.Status200OK, json => OrganizationJson.Write(json, changed));
    }

    /// <summary>From the answer on nobody finds it any more, members included; its rows go in the minutes that follow.</summary>
    private static async Task<IResult> DeleteAsync(
        Access access, Database database, ProjectStore projects, MemberStore members, AuditLog audit, CancellationToken ct)
    {
        var organization = access.Organization!;
        var source = AuditSource.Of(access);
        var isHidden = await database.WriteAsync(async transaction =>
        {
            if (!await projects.HideOrganizationAsync(transaction, organization.Id))
                return false;
            await members.RemoveAllAsync(transaction, organization.Id);
            await audit.AddAsync(
                transaction, organization.Id, source, AuditEvents.OrganizationRemoved, organization.Id, ("slug", organization.Slug), ("name", organization.Name));
            return true;
        }, ct);
        return isHidden
            ? ApiResults.Json(StatusCodes.Status202Accepted, json => OrganizationJson.Write(json, organization, isHidden: true))
            : ApiResults.NotFound();
    }
}
