using System.Globalization;
using Vedette.Server.Api;
using Vedette.Server.Apps;
using Vedette.Server.Authorization;
using Vedette.Server.Configuration;
using Vedette.Tracker;
using Vedette.Tracker.Projects;
using Vedette.Wire.Json;

namespace Vedette.Server.Installations;

/// <summary>Which app is in which organization (<c>spec/platform-api.md</c> 2.1 to 2.4).</summary>
internal static class InstallationEndpoints
{
    private const int MostProjects = 1000;
    private static readonly string[] Read = ["org:read", "org:integrations", "org:write", "org:admin"];
    private static readonly string[] Write = ["org:integrations", "org:write", "org:admin"];

    extension(IEndpointRouteBuilder routes)
    {
        public void MapInstallations()
        {
            routes.MapGet("/api/0/organizations/{organization}/sentry-app-installations/", ListAsync).RequireAnyScope(Read);
            routes.MapPost("/api/0/organizations/{organization}/sentry-app-installations/", InstallAsync).RequireAnyScope(Write);
            routes.MapGet("/api/0/sentry-app-installations/{installation}/", Show).RequireAnyScope(Read);
            routes.MapPut("/api/0/sentry-app-installations/{installation}/", ConfirmAsync).RequireTheAppItself();
            routes.MapDelete("/api/0/sentry-app-installations/{installation}/", UninstallAsync).RequireAnyScope(Write);

            const string Limits = "/api/0/sentry-app-installations/{installation}/service-hook-projects/";
            routes.MapGet(Limits, LimitsAsync).RequireAnyScope(Read);
            routes.MapPost(Limits, LimitAsync).RequireAnyScope("org:integrations", "event:write", "event:admin");
            routes.MapDelete(Limits, UnlimitAsync).RequireAnyScope(Write);
        }
    }

    private static async Task<IResult> ListAsync(HttpContext context, Access access, InstallationStore installations, Links links, CancellationToken ct)
    {
        if (Paging.Refuse(context.Request, out var paging) is { } refusal)
            return refusal;

        var found = await installations.ListAsync(
            access.Organization!.Id, paging.Cursor?.Value, paging.Cursor?.IsPrevious == true, paging.PerPage + 1, ct);
        var page = paging.Page(context, links.BaseUrl, found, installation => (installation.Id, 0));
        return ApiResults.Json(StatusCodes.Status200OK, json =>
        {
            json.StartArray();
            foreach (var installation in page)
                installation.Write(json, MaySeeCode(access, installation));
            json.EndArray();
        });
    }

    /// <summary>Installing what is installed gives the installation that is there.</summary>
    private static async Task<IResult> InstallAsync(HttpRequest request, Access access, AppStore apps, InstallationStore installations, CancellationToken ct)
    {
        var body = await JsonBody.ReadAsync(request, ct);
        if (body.IsRefused)
            return body.Refusal;
        if (body.Map["slug"] is not string slug)
            return ApiResults.Invalid("slug", body.Map.Contains("slug") ? "Not a valid string." : "This field is required.");
        if (!Slugs.IsValid(slug))
        {
            return ApiResults.Invalid(
                "slug", "Enter a valid slug consisting of lowercase letters, numbers, underscores or hyphens. It cannot be entirely numeric.");
        }

        var organization = access.Organization!;
        var app = await apps.FindAsync(slug, ct);
        var mayInstall = app is not null && (app.Status == AppStatus.Published || app.OrganizationId == organization.Id);
        return mayInstall && await installations.InstallAsync(app!.Id, organization, access, ct) is { } installation
            ? Answer(installation, access)
            : ApiResults.Bytes(StatusCodes.Status404NotFound, []);
    }

    private static IResult Show(Access access) => Answer(access.Installation!, access);

    /// <summary>The app says that it has verified the installation.</summary>
    private static async Task<IResult> ConfirmAsync(HttpRequest request, Access access, InstallationStore installations, CancellationToken ct)
    {
        var body = await JsonBody.ReadAsync(request, ct);
        if (body.IsRefused)
            return body.Refusal;
        if (body.Map.Text("status") is not "installed")
        {
            return ApiResults.Invalid("status", body.Map["status"] is string wrong
                ? $"Invalid value '{wrong}' for status. Valid values: 'installed'"
                : "This field is required.");
        }

        return await installations.ConfirmAsync(access.Installation!.Id, ct) is { } confirmed
            ? Answer(confirmed, access)
            : ApiResults.NotFound();
    }

    private static async Task<IResult> UninstallAsync(Access access, InstallationStore installations, CancellationToken ct) =>
        await installations.UninstallAsync(access.App!, access.Installation!, access, ct) ? Results.NoContent() : ApiResults.NotFound();

    private static async Task<IResult> LimitsAsync(Access access, InstallationStore installations, CancellationToken ct) =>
        Answer(await installations.LimitsAsync(access.Installation!.Id, ct));

    /// <summary>All ids or all slugs; they replace what was said before.</summary>
    private static async Task<IResult> LimitAsync(HttpRequest request, Access access, InstallationStore installations, ProjectStore projects, CancellationToken ct)
    {
        var body = await JsonBody.ReadAsync(request, ct);
        if (body.IsRefused)
            return body.Refusal;
        if (body.Map["projects"] is not List<object?> named)
            return ApiResults.Invalid("projects", body.Map.Contains("projects") ? "Expected a list of projects." : "This field is required.");
        if (named.Count == 0)
            return ApiResults.Invalid("projects", "Projects list cannot be empty");
        if (named.Count > MostProjects)
            return ApiResults.Invalid("projects", $"There may be {MostProjects} at most.");
        if (named.Any(each => each is not (string or double)))
            return ApiResults.Invalid("projects", "Project identifiers must be either all strings (slugs) or all integers (IDs)");
        if (named.Any(each => each is string) && named.Any(each => each is double))
        {
            return ApiResults.Invalid(
                "projects", "Mixed types detected. All project identifiers must be of the same type (either all strings/slugs or all integers/IDs)");
        }

        var ids = new List<long>();
        foreach (var each in named)
        {
            var idOrSlug = each as string ?? ((double)each!).ToString(CultureInfo.InvariantCulture);
            var isSlug = each is string && !idOrSlug.All(char.IsAsciiDigit);
            var project = isSlug || each is double ? await projects.ProjectAsync(access.Installation!.OrganizationId, idOrSlug, ct) : null;
            if (project is null)
                return Inaccessible(each);
            ids.Add(project.Id);
        }

        return await installations.LimitAsync(access.Installation!, ids, ct)
            ? Answer(await installations.LimitsAsync(access.Installation!.Id, ct))
            : ApiResults.NotFound();
    }

    private static async Task<IResult> UnlimitAsync(Access access, InstallationStore installations, CancellationToken ct) =>
        await installations.LimitAsync(access.Installation!, null, ct) ? Results.NoContent() : ApiResults.NotFound();

    private static IResult Inaccessible(object? named) => ApiResults.Json(StatusCodes.Status400BadRequest, json =>
    {
        json.StartObject();
        json.Name("error"u8);
        json.Value(named is string slug ? $"Project '{slug}' does not exist or is not accessible" : "Some projects are not accessible");
        json.EndObject();
    });

    private static IResult Answer(AppInstallation installation, Access access) =>
        ApiResults.Json(StatusCodes.Status200OK, json => installation.Write(json, MaySeeCode(access, installation)));

    private static IResult Answer(IReadOnlyList<long> projects) => ApiResults.Json(StatusCodes.Status200OK, json =>
    {
        json.StartArray();
        foreach (var id in projects)
        {
            // Each pair is known by its project, of which there is one at most.
            var text = id.ToString(CultureInfo.InvariantCulture);
            json.StartObject();
            json.Name("id"u8);
            json.Value(text);
            json.Name("project_id"u8);
            json.Value(text);
            json.EndObject();
        }

        json.EndArray();
    });

    private static bool MaySeeCode(Access access, AppInstallation installation) => access.MayIn(installation.OrganizationId, "org:integrations");
}
