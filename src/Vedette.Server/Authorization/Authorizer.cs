using Vedette.Server.Accounts;
using Vedette.Server.Api;
using Vedette.Tracker.Projects;

namespace Vedette.Server.Authorization;

/// <summary>The scopes that a route asks for, any one of which is enough; none when any token will do. Stands beside the route.</summary>
/// <param name="AlsoStrangers">Who shows no token comes in as well, and the handler's <see cref="Access"/> is <c>null</c> then.</param>
internal sealed record ScopeRequirement(IReadOnlyList<string> AnyOf, bool AlsoStrangers = false);

internal static class ScopeRequirementExtensions
{
    extension<TBuilder>(TBuilder builder)
        where TBuilder : IEndpointConventionBuilder
    {
        public TBuilder RequireAnyScope(params string[] anyOf)
        {
            builder.WithMetadata(new ScopeRequirement(anyOf));
            return builder;
        }

        public TBuilder RequireAnyToken()
        {
            builder.WithMetadata(new ScopeRequirement([]));
            return builder;
        }

        public TBuilder AllowStrangers()
        {
            builder.WithMetadata(new ScopeRequirement([], AlsoStrangers: true));
            return builder;
        }
    }
}

/// <summary>
/// The one way in: a request reaches a handler only when its token is good, holds a scope that the route names, and, where
/// the route names an organization, belongs to a member of it whose role grants that scope there too.
/// </summary>
internal sealed class Authorizer(RequestDelegate next, AccountStore accounts, ProjectStore projects, TimeProvider time)
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

        if (requirement.AlsoStrangers && string.IsNullOrEmpty(context.Request.Headers.Authorization))
            return null;
        if (!TryReadBearer(context.Request, out var token, out var refusal))
            return refusal;

        if (await accounts.ByTokenAsync(token, context.RequestAborted) is not { } holder)
            return Unauthorized(context, "Invalid token");
        if (holder.ExpiresAt is { } expiry && expiry <= time.GetUtcNow())
            return Unauthorized(context, "Token expired");
        if (!holder.IsActive)
            return Unauthorized(context, "User inactive or deleted");

        var access = new Access(holder.AccountId, holder.Name, holder.Email, holder.Scopes, holder.Memberships);
        if (requirement.AnyOf.Count > 0 && !requirement.AnyOf.Any(scope => access.TokenScopes.Contains(scope, StringComparer.Ordinal)))
            return ApiResults.Forbidden();

        if (context.GetRouteValue("organization") is string idOrSlug)
        {
            var organization = await projects.OrganizationAsync(idOrSlug, context.RequestAborted);
            if (organization is null || access.Memberships.All(m => m.OrganizationId != organization.Id))
                return ApiResults.NotFound();
            if (!access.MayIn(organization.Id, [.. requirement.AnyOf]))
                return ApiResults.Forbidden();
            access = access with { Organization = organization };
        }

        context.Features.Set(access);
        return null;
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
