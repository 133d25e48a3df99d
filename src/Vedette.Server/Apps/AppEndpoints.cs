using Vedette.Server.Api;
using Vedette.Server.Authorization;
using Vedette.Tracker;
using Vedette.Tracker.Projects;

namespace Vedette.Server.Apps;

internal static class AppEndpoints
{
    private static readonly TimeSpan SecretVisible = TimeSpan.FromHours(24);
    private static readonly string MaskedSecret = new('*', 64);
    internal static readonly string[] OrganizationRead = ["org:read", "org:integrations", "org:write", "org:admin"];

    extension(IEndpointRouteBuilder routes)
    {
        public void MapApps()
        {
            routes.MapPost("/api/0/sentry-apps/", CreateAsync).RequireAnyScope("org:write", "org:admin");
            routes.MapGet("/api/0/sentry-apps/{app}/", ShowAsync).RequireAnyScope(OrganizationRead);
            routes.MapPut("/api/0/sentry-apps/{app}/", ChangeAsync).RequireAnyScope("org:write", "org:admin");
            routes.MapGet("/api/0/organizations/{organization}/sentry-apps/", ListAsync).RequireAnyScope("org:read", "org:write", "org:admin");
            routes.MapGet("/api/0/organizations/{organization}/sentry-app-installations/", ListInstallationsAsync).RequireAnyScope(OrganizationRead);
        }
    }

    /// <summary>The organization is named in the body (<c>spec/platform-api.md</c> 1.4).</summary>
    private static async Task<IResult> CreateAsync(
        HttpRequest request, Access access, AppStore apps, ProjectStore projects, TimeProvider time, CancellationToken ct)
    {
        var body = await JsonBody.ReadAsync(request, ct);
        if (body.IsRefused)
            return body.Refusal;
        if (body.Map.Text("organization") is not { Length: > 0 } slug)
            return ApiResults.Detail(StatusCodes.Status404NotFound, "Please provide a valid value for the 'organization' field.");

        var membership = access.Memberships.FirstOrDefault(m => m.OrganizationSlug == slug);
        if (membership is null || await projects.OrganizationAsync(slug, ct) is not { } organization)
            return ApiResults.Detail(StatusCodes.Status403Forbidden, $"User does not belong to the '{slug}' organization.");
        if (!access.MayIn(organization.Id, "org:write", "org:admin"))
            return ApiResults.Forbidden();

        var (form, refusal) = AppForm.Read(body.Map, access.ScopesIn(organization.Id));
        if (form is null)
            return refusal!;

        var app = await apps.CreateInternalAsync(form, organization, ct);
        return ApiResults.Json(StatusCodes.Status201Created, json => AppJson.Write(json, app, owner: true, VisibleSecret(app, access, apps, time)));
    }

    private static async Task<IResult> ShowAsync(string app, Access access, AppStore apps, TimeProvider time, CancellationToken ct)
    {
        if (await apps.FindAsync(app, ct) is not { } found)
            return NotFound();
        if (access.Memberships.All(m => m.OrganizationId != found.OrganizationId))
            return Outsider(access);
        if (!access.MayIn(found.OrganizationId, OrganizationRead))
            return ApiResults.Forbidden();

        return ApiResults.Json(StatusCodes.Status200OK, json => AppJson.Write(json, found, owner: true, VisibleSecret(found, access, apps, time)));
    }

    private static async Task<IResult> ChangeAsync(
        string app, HttpRequest request, Access access, AppStore apps, TimeProvider time, CancellationToken ct)
    {
        if (await apps.FindAsync(app, ct) is not { } found)
            return NotFound();
        if (access.Memberships.All(m => m.OrganizationId != found.OrganizationId))
            return Outsider(access);
        if (!access.MayIn(found.OrganizationId, "org:write", "org:admin"))
            return ApiResults.Forbidden();

        var body = await JsonBody.ReadAsync(request, ct);
        if (body.IsRefused)
            return body.Refusal;

        var secret = VisibleSecret(found, access, apps, time);
        var (change, refusal) = AppChange.Read(body.Map, AppJson.Tree(found, secret));
        if (change is null)
            return refusal!;

        var changed = await apps.ChangeAsync(found.Id, change, ct);
        return ApiResults.Json(StatusCodes.Status200OK, json => AppJson.Write(json, changed, owner: true, secret));
    }

    private static async Task<IResult> ListAsync(
        HttpContext context, Access access, AppStore apps, Links links, TimeProvider time, CancellationToken ct)
    {
        if (Paging.Refuse(context.Request, out var paging) is { } refusal)
            return refusal;

        var status = context.Request.Query["status"].FirstOrDefault();
        var all = await apps.ListAsync(access.Organization!.Id, ct);
        IReadOnlyList<App> wanted = string.IsNullOrEmpty(status) ? all : [.. all.Where(app => app.Status == status)];
        return ApiResults.Json(StatusCodes.Status200OK, json =>
        {
            json.StartArray();
            foreach (var app in paging.Slice(context, links.BaseUrl, wanted))
                AppJson.Write(json, app, owner: true, VisibleSecret(app, access, apps, time));
            json.EndArray();
        });
    }

    private static async Task<IResult> ListInstallationsAsync(HttpContext context, Access access, AppStore apps, Links links, CancellationToken ct)
    {
        if (Paging.Refuse(context.Request, out var paging) is { } refusal)
            return refusal;

        var all = await apps.InstallationsAsync(access.Organization!.Id, ct);
        return ApiResults.Json(StatusCodes.Status200OK, json =>
        {
            json.StartArray();
            foreach (var installation in paging.Slice(context, links.BaseUrl, all))
                AppJson.Write(json, installation);
            json.EndArray();
        });
    }

    /// <summary>
    /// For a day after creation, and only to those who could use it: who lacks a scope of the app sees a mask. Later it is
    /// null for everybody (<c>spec/platform-api.md</c> 1.8).
    /// </summary>
    private static string? VisibleSecret(App app, Access access, AppStore apps, TimeProvider time)
    {
        if (time.GetUtcNow() - app.CreatedAt >= SecretVisible)
            return null;

        var held = access.ScopesIn(app.OrganizationId);
        var privileged = held.Contains("org:write", StringComparer.Ordinal)
            && app.Scopes.All(scope => scope == "project:distribution" || held.Contains(scope, StringComparer.Ordinal));
        return privileged ? apps.OpenSecret(app) : MaskedSecret;
    }

    internal static IResult NotFound() => ApiResults.Detail(StatusCodes.Status404NotFound, "Could not find the requested sentry app");

    internal static IResult Outsider(Access access) => ApiResults.Json(StatusCodes.Status403Forbidden, json =>
    {
        json.StartObject();
        json.Name("detail"u8);
        json.Value("User must be in the app owner's organization for unpublished apps");
        json.Name("context"u8);
        json.StartObject();
        json.Name("user_organizations"u8);
        json.StartArray();
        foreach (var membership in access.Memberships)
            json.Value(membership.OrganizationSlug);
        json.EndArray();
        json.EndObject();
        json.EndObject();
    });
}
