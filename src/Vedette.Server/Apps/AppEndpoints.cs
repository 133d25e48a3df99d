using System.Globalization;
using Vedette.Server.Api;
using Vedette.Server.Authorization;
using Vedette.Server.Components;
using Vedette.Server.Configuration;
using Vedette.Storage;
using Vedette.Tracker;
using Vedette.Tracker.Projects;
using Vedette.Wire.Json;

namespace Vedette.Server.Apps;

/// <summary>Apps as Sentry's API has them (<c>spec/platform-api.md</c> 1.3 to 1.9).</summary>
internal static class AppEndpoints
{
    private const int LongestOverlapHours = 168;
    private static readonly TimeSpan SecretVisible = TimeSpan.FromHours(24);
    private static readonly string MaskedSecret = new('*', 64);

    internal static readonly string[] OrganizationRead = ["org:read", "org:integrations", "org:write", "org:admin"];

    private static readonly string[] AnyRead =
    [
        "event:read", "event:write", "event:admin", "member:read", "org:read", "project:read", "project:releases", "team:read",
    ];

    extension(IEndpointRouteBuilder routes)
    {
        public void MapApps()
        {
            routes.MapGet("/api/0/sentry-apps/", ListAllAsync).RequireAnyScope(AnyRead);
            routes.MapPost("/api/0/sentry-apps/", CreateAsync).RequireAnyScope("org:write", "org:admin");
            routes.MapGet("/api/0/organizations/{organization}/sentry-apps/", ListAsync).RequireAnyScope("org:read", "org:write", "org:admin");
            routes.MapGet("/api/0/sentry-apps/{app}/", Show).RequireAnyScopeUnlessPublished(OrganizationRead);
            routes.MapPut("/api/0/sentry-apps/{app}/", ChangeAsync).RequireAnyScope("org:write", "org:admin");
            routes.MapDelete("/api/0/sentry-apps/{app}/", DeleteAsync).RequireAnyScope("org:admin");
            routes.MapGet("/api/0/sentry-apps/{app}/features/", ListFeatures).RequireAnyScopeUnlessPublished(OrganizationRead);
            routes.MapGet("/api/0/sentry-apps/{app}/components/", ListComponentsAsync).RequireAnyScopeUnlessPublished(OrganizationRead);
            routes.MapPost("/api/0/sentry-apps/{app}/rotate-secret/", RotateSecretAsync).RequireAnyScopeOfHiddenApp("org:write", "org:admin");
            routes.MapPost("/api/0/sentry-apps/{app}/publish-request/", RequestPublicationAsync).RequireAnyScope("org:admin");
        }
    }

    /// <summary>The organization is named in the body (<c>spec/platform-api.md</c> 1.4).</summary>
    private static async Task<IResult> CreateAsync(
        HttpRequest request, Access access, AppStore apps, ProjectStore projects, VedetteOptions options, Links links, TimeProvider time, CancellationToken ct)
    {
        var body = await JsonBody.ReadAsync(request, ct);
        if (body.IsRefused)
            return body.Refusal;
        if (body.Map.Text("organization") is not { Length: > 0 } slug)
            return ApiResults.Detail(StatusCodes.Status404NotFound, "Please provide a valid value for the 'organization' field.");

        var organization = await projects.OrganizationAsync(slug, ct);
        if (organization is null && access.IsSuperuser)
            return ApiResults.Detail(StatusCodes.Status404NotFound, $"Organization '{slug}' does not exist.");
        if (organization is null || organization.Slug != slug || !access.BelongsTo(organization.Id))
            return ApiResults.Detail(StatusCodes.Status403Forbidden, $"User does not belong to the '{slug}' organization.");
        if (access.Memberships.All(m => m.OrganizationId != organization.Id))
            return ApiResults.Detail(StatusCodes.Status401Unauthorized, "User must be a part of the Org they're trying to create the app in");
        if (!access.MayIn(organization.Id, "org:write", "org:admin"))
            return ApiResults.Forbidden();

        var (form, refusal) = AppForm.Read(body.Map, RequesterOf(access, organization.Id, options));
        if (form is null)
            return refusal!;

        return await apps.CreateAsync(form, organization, access, ct) is { } app
            ? Answer(StatusCodes.Status201Created, app, access, apps, links, time)
            : ApiResults.Invalid("name", $"Name {form.Name} is already taken, please use another.");
    }

    /// <summary>Published ones, unless <c>?status=</c> asks for those of the requester's own organizations.</summary>
    private static async Task<IResult> ListAllAsync(
        HttpContext context, Access access, AppStore apps, Links links, TimeProvider time, CancellationToken ct)
    {
        var asked = context.Request.Query["status"].FirstOrDefault() is { } text ? StoredName.TryParse<AppStatus>(text) : null;
        var own = access.Memberships.Select(m => m.OrganizationId).Where(id => access.MayIn(id, "org:read")).ToList();
        var filter = asked switch
        {
            AppStatus.Unpublished or AppStatus.Internal => new AppFilter(asked, access.IsSuperuser ? null : own),
            null when access.IsSuperuser => new AppFilter(null, null),
            null or AppStatus.Published or AppStatus.PublishRequestInprogress or AppStatus.DeletionInProgress => new AppFilter(AppStatus.Published, null),
        };
        return await PageAsync(context, filter, access, apps, links, time, ct);
    }

    private static Task<IResult> ListAsync(HttpContext context, Access access, AppStore apps, Links links, TimeProvider time, CancellationToken ct)
    {
        var asked = context.Request.Query["status"].FirstOrDefault() is { Length: > 0 } text ? StoredName.TryParse<AppStatus>(text) : null;
        return PageAsync(context, new AppFilter(asked, [access.Organization!.Id]), access, apps, links, time, ct);
    }

    private static async Task<IResult> PageAsync(
        HttpContext context, AppFilter filter, Access access, AppStore apps, Links links, TimeProvider time, CancellationToken ct)
    {
        if (Paging.Refuse(context.Request, out var paging) is { } refusal)
            return refusal;

        var found = await apps.ListAsync(filter, paging.Cursor?.Value, paging.Cursor?.IsPrevious == true, paging.PerPage + 1, ct);
        var page = paging.Page(context, links.BaseUrl, found, app => (app.Id, 0));
        return ApiResults.Json(StatusCodes.Status200OK, json =>
        {
            json.StartArray();
            foreach (var app in page)
                AppJson.Write(json, app, ViewOf(app, access, apps, time), links);
            json.EndArray();
        });
    }

    private static IResult Show(Access access, AppStore apps, Links links, TimeProvider time) =>
        Answer(StatusCodes.Status200OK, access.App!, access, apps, links, time);

    private static async Task<IResult> ChangeAsync(
        HttpRequest request, Access access, AppStore apps, VedetteOptions options, Links links, TimeProvider time, CancellationToken ct)
    {
        if (Restricted(access.App!) is { } restricted)
            return restricted;
        var body = await JsonBody.ReadAsync(request, ct);
        if (body.IsRefused)
            return body.Refusal;

        var requester = RequesterOf(access, access.App!.OrganizationId, options);
        var (app, refusal) = await apps.ChangeAsync(access.App.Id, now => AppForm.Of(now).Change(body.Map, requester), access, ct);
        return app is null ? refusal ?? AppAnswers.NotFound() : Answer(StatusCodes.Status200OK, app, access, apps, links, time);
    }

    /// <summary>The list in this one answer is Sentry's.</summary>
    private static async Task<IResult> DeleteAsync(Access access, AppStore apps, CancellationToken ct)
    {
        var app = access.App!;
        if (Restricted(app) is { } restricted)
            return restricted;
        if (app.Status is AppStatus.Published or AppStatus.PublishRequestInprogress)
        {
            return ApiResults.Json(StatusCodes.Status403Forbidden, json =>
            {
                json.StartObject();
                json.Name("detail"u8);
                json.Texts(["Published apps cannot be removed."]);
                json.EndObject();
            });
        }

        await apps.DeleteAsync(app, access, ct);
        return Results.NoContent();
    }

    private static IResult ListFeatures(HttpContext context, Access access, Links links)
    {
        if (Paging.Refuse(context.Request, out var paging) is { } refusal)
            return refusal;

        return ApiResults.Json(StatusCodes.Status200OK, json =>
        {
            json.StartArray();
            foreach (var feature in paging.PageOf(context, links.BaseUrl, AppJson.FeaturesOf(access.App!), feature => feature.Id, ListOrder.OldestFirst))
                AppJson.Write(json, feature);
            json.EndArray();
        });
    }

    private static async Task<IResult> ListComponentsAsync(HttpContext context, Access access, ComponentStore components, Links links, CancellationToken ct)
    {
        if (Paging.Refuse(context.Request, out var paging) is { } refusal)
            return refusal;

        var all = await components.OfAppAsync(access.App!.Id, ct);
        return ApiResults.Json(StatusCodes.Status200OK, json =>
        {
            json.StartArray();
            foreach (var component in paging.PageOf(context, links.BaseUrl, all, each => each.Id, ListOrder.OldestFirst))
                AppJson.Write(json, access.App!, component, null, links);
            json.EndArray();
        });
    }

    /// <summary>Tokens that were given out stay valid.</summary>
    private static async Task<IResult> RotateSecretAsync(HttpRequest request, Access access, AppStore apps, CancellationToken ct)
    {
        var app = access.App!;
        var held = access.ScopesIn(app.OrganizationId);
        if (app.Scopes.FirstOrDefault(scope => scope != Scopes.TokenOnly && !held.Contains(scope, StringComparer.Ordinal)) is { } beyond)
        {
            return ApiResults.Detail(
                StatusCodes.Status403Forbidden,
                $"Requested permission of {beyond} exceeds requester's permission. Please contact an owner to make the requested change.");
        }

        var body = await JsonBody.ReadOptionalAsync(request, ct);
        if (body.IsRefused)
            return body.Refusal;
        var hours = body.Map.Contains("overlapHours") ? body.Map["overlapHours"] as double? : 0;
        if (hours is not (>= 0 and <= LongestOverlapHours))
            return ApiResults.Invalid("overlapHours", $"Must be a number from 0 to {LongestOverlapHours}.");

        if (await apps.RotateSecretAsync(app.Id, TimeSpan.FromHours(hours.Value), access, ct) is not { } secret)
            return AppAnswers.NotFound();
        return ApiResults.Json(StatusCodes.Status200OK, json =>
        {
            json.StartObject();
            json.Name("clientSecret"u8);
            json.Value(secret);
            json.EndObject();
        });
    }

    /// <summary>The status changes before the answers are looked at, as in Sentry; who sends none may send them again.</summary>
    private static async Task<IResult> RequestPublicationAsync(HttpRequest request, Access access, AppStore apps, CancellationToken ct)
    {
        var body = await JsonBody.ReadOptionalAsync(request, ct);
        if (body.IsRefused)
            return body.Refusal;

        var wish = new JsonMap { ["status"] = StoredName.Of(AppStatus.PublishRequestInprogress) };
        var requester = new AppRequester([], IsSuperuser: false, HasErrorEvents: true);
        var (app, refusal) = await apps.ChangeAsync(
            access.App!.Id, now => WhyNotPublished(now) is { } reason ? (null, ApiResults.Detail(StatusCodes.Status400BadRequest, reason)) : AppForm.Of(now).Change(wish, requester), access, ct);
        if (app is null)
            return refusal ?? AppAnswers.NotFound();

        var isAnswered = body.Map.List("questionnaire") is { } answers
            && answers.All(each => each is JsonMap answer && answer["question"] is string && answer["answer"] is string);
        return isAnswered
            ? ApiResults.Bytes(StatusCodes.Status201Created, [])
            : ApiResults.Invalid("questionnaire", body.Map.Contains("questionnaire") ? "Expected a list of objects with question and answer." : "This field is required.");
    }

    private static AppRequester RequesterOf(Access access, long organizationId, VedetteOptions options) =>
        new(access.ScopesIn(organizationId), access.IsSuperuser, HasErrorEvents: !options.FeaturesOff.Contains(Features.ErrorEvents, StringComparer.Ordinal));

    private static string? WhyNotPublished(App app) => app switch
    {
        { Status: AppStatus.Published } => "Cannot publish already published integration.",
        { Status: AppStatus.Internal } => "Cannot publish internal integration.",
        { Status: AppStatus.PublishRequestInprogress } => "Publish request in progress.",
        _ when app.Avatars.All(avatar => avatar.Kind != "logo") => "Must upload a logo for the integration.",
        _ when app.Avatars.All(avatar => avatar.Kind != "icon") && AddsLinks(app) => "Must upload an icon for issue and stack trace linking integrations.",
        _ => null,
    };

    private static bool AddsLinks(App app) =>
        (app.Schema.List("elements") ?? []).OfType<JsonMap>().Any(element => element.Text("type") is "issue-link" or "stacktrace-link");

    /// <returns>The refusal for an app that a partner manages; <c>null</c> for all others.</returns>
    internal static IResult? Restricted(App app) => app.IsRestricted
        ? ApiResults.Detail(
            StatusCodes.Status403Forbidden,
            "This integration is managed by an active partnership and cannot be modified until the end of the partnership.")
        : null;

    internal static IResult Answer(int status, App app, Access access, AppStore apps, Links links, TimeProvider time) =>
        ApiResults.Json(status, json => AppJson.Write(json, app, ViewOf(app, access, apps, time), links));

    /// <summary>
    /// The secret is shown for a day after creation, and only to those who could use it: who lacks a scope of the app sees
    /// a mask. Later it is null for everybody (<c>spec/platform-api.md</c> 1.8).
    /// </summary>
    private static AppView ViewOf(App app, Access access, AppStore apps, TimeProvider time)
    {
        if (!access.BelongsTo(app.OrganizationId))
            return new AppView(IsOwner: false, null);
        if (time.GetUtcNow() - app.CreatedAt >= SecretVisible)
            return new AppView(IsOwner: true, null);

        var held = access.ScopesIn(app.OrganizationId);
        var isPrivileged = held.Contains("org:write", StringComparer.Ordinal)
            && app.Scopes.All(scope => scope == Scopes.TokenOnly || held.Contains(scope, StringComparer.Ordinal));
        return new AppView(IsOwner: true, isPrivileged ? apps.OpenSecret(app) : MaskedSecret);
    }
}
