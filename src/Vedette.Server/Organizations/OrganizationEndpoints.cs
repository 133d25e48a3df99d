using Vedette.Server.Api;
using Vedette.Server.Authorization;
using Vedette.Storage;
using Vedette.Tracker;
using Vedette.Tracker.Projects;
using Vedette.Wire.Json;

namespace Vedette.Server.Organizations;

internal static class OrganizationEndpoints
{
    extension(IEndpointRouteBuilder routes)
    {
        public void MapOrganizations()
        {
            routes.MapGet("/api/0/organizations/", ListAsync).RequireAnyScope("org:read", "org:write", "org:admin");
            routes.MapGet("/api/0/organizations/{organization}/", Show).RequireAnyScope("org:read", "org:write", "org:admin");
        }
    }

    /// <summary>Those that the requester belongs to and may read.</summary>
    private static async Task<IResult> ListAsync(HttpContext context, Access access, ProjectStore projects, Links links, CancellationToken ct)
    {
        if (Paging.Refuse(context.Request, out var paging) is { } refusal)
            return refusal;

        var readable = access.Memberships.Where(m => access.MayIn(m.OrganizationId, "org:read")).ToList();
        var page = new List<Organization>();
        foreach (var membership in paging.Slice(context, links.BaseUrl, readable))
        {
            if (await projects.OrganizationAsync(membership.OrganizationSlug, ct) is { } organization)
                page.Add(organization);
        }

        return ApiResults.Json(StatusCodes.Status200OK, json =>
        {
            json.StartArray();
            foreach (var organization in page)
                Write(json, organization);
            json.EndArray();
        });
    }

    private static IResult Show(Access access) =>
        ApiResults.Json(StatusCodes.Status200OK, json => Write(json, access.Organization!));

    private static void Write(StableJsonWriter json, Organization organization)
    {
        json.StartObject();
        json.Name("id"u8);
        json.Value(organization.Id.ToString(System.Globalization.CultureInfo.InvariantCulture));
        json.Name("slug"u8);
        json.Value(organization.Slug);
        json.Name("name"u8);
        json.Value(organization.Name);
        json.Name("status"u8);
        json.StartObject();
        json.Name("id"u8);
        json.Value("active");
        json.Name("name"u8);
        json.Value("active");
        json.EndObject();
        json.Name("dateCreated"u8);
        json.Instant(UnixMicroseconds.ToInstant(organization.CreatedAt));
        json.Name("isEarlyAdopter"u8);
        json.Value(false);
        json.Name("require2FA"u8);
        json.Value(false);
        json.Name("requireEmailVerification"u8);
        json.Value(false);
        json.Name("features"u8);
        json.StartArray();
        json.EndArray();
        json.EndObject();
    }
}
