using System.Globalization;
using Vedette.Server.Api;
using Vedette.Server.Apps;
using Vedette.Server.Installations;
using Vedette.Server.Sessions;
using Vedette.Server.Web;
using Vedette.Tracker.Issues;
using Vedette.Tracker.Projects;

namespace Vedette.Server.Authorization;

/// <summary>
/// The one way in: a request reaches a handler only when its token or session is good, holds a scope that the route
/// names, and, where the route names an organization, an issue, an app or an installation, may use that scope there too.
/// </summary>
internal sealed class Authorizer(
    RequestDelegate next, HolderStore holders, ProjectStore projects, AppStore apps, InstallationStore installations, IssueStore issues, TimeProvider time)
{
    public async Task InvokeAsync(HttpContext context)
    {
        if (context.GetEndpoint()?.Metadata.GetMetadata<ScopeRequirement>() is not { } requirement)
        {
            await next(context);
            return;
        }

        if (await RefuseAsync(context, requirement) is { } refusal)
            await refusal.ExecuteAsync(context);
        else
            await next(context);
    }

    private async Task<IResult?> RefuseAsync(HttpContext context, ScopeRequirement requirement)
    {
        // PostgreSQL has no text with a NUL in it, so nothing that is asked for with one can be there.
        if (context.Request.QueryString.Value?.Contains("%00", StringComparison.Ordinal) == true)
            return ApiResults.Detail(StatusCodes.Status400BadRequest, "Null characters are not allowed.");

        var (holder, refusal) = await IdentifyAsync(context, requirement);
        if (holder is null)
            return refusal;
        if (WrongOrigin(context.Request, holder) is { } wrongOrigin)
            return wrongOrigin;
        if (requirement.SessionOnly && holder.Credential != CredentialKind.Session)
            return ApiResults.Forbidden();
        if (requirement.AnyOf.Count > 0 && !requirement.AnyOf.Any(scope => holder.Scopes.Contains(scope, StringComparer.Ordinal)))
            return ApiResults.Forbidden();

        var access = new Access(holder, ClientAddress.Of(context));
        if (context.GetRouteValue("organization") is string organization)
            (access, refusal) = await ForOrganizationAsync(access, requirement, organization, context.RequestAborted);
        else if (context.GetRouteValue("issue") is string issue)
            (access, refusal) = await ForIssueAsync(access, requirement, issue, context.RequestAborted);
        else if (context.GetRouteValue("installation") is string installation)
            (access, refusal) = await ForInstallationAsync(access, requirement, installation, context.RequestAborted);
        else if (context.GetRouteValue("app") is string app)
            (access, refusal) = await ForAppAsync(access, requirement, app, context.RequestAborted);

        if (refusal is null)
            context.Features.Set(access);
        return refusal;
    }

    /// <returns>Neither, when the route takes strangers and this is one.</returns>
    private async Task<(Holder? Holder, IResult? Refusal)> IdentifyAsync(HttpContext context, ScopeRequirement requirement)
    {
        if (requirement.IsPage)
            return await IdentifyBrowserAsync(context, requirement);
        if (string.IsNullOrEmpty(context.Request.Headers.Authorization))
        {
            if (await SessionAsync(context) is { } session)
                return await SessionCookies.IsForgedAsync(context.Request) ? (null, SessionCookies.Forged()) : (session, null);
            return (null, requirement.AlsoStrangers ? null : Unauthorized(context, "Authentication credentials were not provided."));
        }

        if (!TryReadBearer(context.Request, out var token, out var refusal))
            return (null, refusal);
        if (await holders.ByTokenAsync(token, context.RequestAborted) is not { } holder)
            return (null, Unauthorized(context, token.StartsWith(HolderStore.OrganizationTokenPrefix, StringComparison.Ordinal) ? "Invalid org token" : "Invalid token"));
        if (holder.ExpiresAt is { } expiry && expiry <= time.GetUtcNow())
            return (null, Unauthorized(context, "Token expired"));
        return holder.IsActive ? (holder, null) : (null, Unauthorized(context, "User inactive or deleted"));
    }

    /// <summary>Strangers' forms carry a token too: a login that another site sends would have people work in somebody else's name.</summary>
    private async Task<(Holder? Holder, IResult? Refusal)> IdentifyBrowserAsync(HttpContext context, ScopeRequirement requirement)
    {
        var session = await SessionAsync(context);
        if (session is null && !requirement.AlsoStrangers)
            return (null, PageResults.ToLogin());
        return await SessionCookies.IsForgedAsync(context.Request) ? (null, PageResults.Forged()) : (session, null);
    }

    private async Task<Holder?> SessionAsync(HttpContext context) =>
        SessionCookies.Read(context.Request) is { } secret
        && await holders.BySessionAsync(secret, context.RequestAborted) is { IsActive: true } session
        && session.ExpiresAt > time.GetUtcNow()
            ? session
            : null;

    private async Task<(Access Access, IResult? Refusal)> ForOrganizationAsync(
        Access access, ScopeRequirement requirement, string idOrSlug, CancellationToken ct)
    {
        if (await projects.OrganizationAsync(idOrSlug, ct) is not { } organization || !access.BelongsTo(organization.Id))
            return (access, ApiResults.NotFound());
        if (requirement.AnyOf.Count > 0 && !access.MayIn(organization.Id, [.. requirement.AnyOf]))
            return (access, ApiResults.Forbidden());
        return (access with { Organization = organization }, null);
    }

    /// <summary>Older routes name an issue by its number alone.</summary>
    private async Task<(Access Access, IResult? Refusal)> ForIssueAsync(Access access, ScopeRequirement requirement, string issue, CancellationToken ct) =>
        long.TryParse(issue, NumberStyles.None, CultureInfo.InvariantCulture, out var id) && await issues.OrganizationIdAsync(id, ct) is { } organizationId
            ? await ForOrganizationAsync(access, requirement, organizationId.ToString(CultureInfo.InvariantCulture), ct)
            : (access, ApiResults.NotFound());

    private async Task<(Access Access, IResult? Refusal)> ForAppAsync(Access access, ScopeRequirement requirement, string idOrSlug, CancellationToken ct)
    {
        if (await apps.FindAsync(idOrSlug, ct) is not { } app)
            return (access, AppAnswers.NotFound());

        var isOpen = requirement.PublishedIsOpen && app.Status == AppStatus.Published;
        if (!isOpen && !access.BelongsTo(app.OrganizationId))
            return (access, requirement.HidesApp ? AppAnswers.NotFound() : AppAnswers.Outsider(access));
        if (!isOpen && requirement.AnyOf.Count > 0 && !access.MayIn(app.OrganizationId, [.. requirement.AnyOf]))
            return (access, ApiResults.Forbidden());
        return (access with { App = app }, null);
    }

    /// <summary>An app may look at its own installations, also at those that the token is not of (<c>spec/platform-api.md</c> 2.3).</summary>
    private async Task<(Access Access, IResult? Refusal)> ForInstallationAsync(
        Access access, ScopeRequirement requirement, string uuid, CancellationToken ct)
    {
        if (await installations.FindAsync(uuid, ct) is not { } installation || await apps.FindAsync($"{installation.AppId}", ct) is not { } app)
            return (access, ApiResults.Detail(StatusCodes.Status404NotFound, "Could not find given sentry app installation"));

        var isItself = access.Holder.App?.Id == app.Id;
        if (requirement.AppItself)
            return isItself ? (access with { App = app, Installation = installation }, null) : (access, ApiResults.Forbidden());
        if (!isItself && !access.BelongsTo(installation.OrganizationId))
            return (access, ApiResults.Detail(StatusCodes.Status404NotFound, "Given organization is not valid"));
        if (!isItself && !access.MayIn(installation.OrganizationId, [.. requirement.AnyOf]))
            return (access, ApiResults.Forbidden());
        return (access with { App = app, Installation = installation }, null);
    }

    /// <summary>A page of another site may use a token of an app or an application only where that says so (<c>spec/platform-api.md</c> 6).</summary>
    private static IResult? WrongOrigin(HttpRequest request, Holder holder)
    {
        var origin = request.Headers.Origin.ToString();
        return holder.AllowedOrigins is { } allowed && origin is not ("" or "null") && !AllowedOrigin.IsAllowed(allowed, origin)
            ? ApiResults.Json(StatusCodes.Status400BadRequest, json => json.Value($"Invalid origin: {origin}"))
            : null;
    }

    private static bool TryReadBearer(HttpRequest request, out string token, out IResult? refusal)
    {
        (token, refusal) = ("", null);
        var header = request.Headers.Authorization.ToString();
        var parts = header.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (parts.Length == 0 || !parts[0].Equals("Bearer", StringComparison.OrdinalIgnoreCase))
            refusal = Unauthorized(request.HttpContext, "Authentication credentials were not provided.");
        else if (parts.Length == 1)
            refusal = Unauthorized(request.HttpContext, "Invalid token header. No credentials provided.");
        else if (parts.Length > 2)
            refusal = Unauthorized(request.HttpContext, "Invalid token header. Token string should not contain spaces.");
        else
            token = parts[1];
        return refusal is null;
    }

    /// <summary>The odd scheme keeps browsers from asking for a password (<c>spec/platform-api.md</c> 3.9).</summary>
    private static IResult Unauthorized(HttpContext context, string detail)
    {
        context.Response.Headers.WWWAuthenticate = "xBasic realm=\"api\"";
        return ApiResults.Detail(StatusCodes.Status401Unauthorized, detail);
    }
}
