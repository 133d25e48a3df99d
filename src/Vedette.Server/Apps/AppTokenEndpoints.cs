using System.Globalization;
using Vedette.Server.Api;
using Vedette.Server.Authorization;
using Vedette.Server.Tokens;
using Vedette.Wire.Json;

namespace Vedette.Server.Apps;

/// <summary>Tokens of internal integrations, for people who are logged in (<c>spec/platform-api.md</c> 1.11).</summary>
internal static class AppTokenEndpoints
{
    private const int MostTokens = 20;
    private static readonly string Masked = new('*', 64);

    extension(IEndpointRouteBuilder routes)
    {
        public void MapAppTokens()
        {
            routes.MapGet("/api/0/sentry-apps/{app}/api-tokens/", ListAsync).RequireSession("org:write", "org:admin");
            routes.MapPost("/api/0/sentry-apps/{app}/api-tokens/", CreateAsync).RequireSession("org:write", "org:admin");
            routes.MapDelete("/api/0/sentry-apps/{app}/api-tokens/{token:long}/", DeleteAsync).RequireSession("org:write", "org:admin");
        }
    }

    private static async Task<IResult> ListAsync(Access access, TokenStore tokens, CancellationToken ct)
    {
        var found = access.App!.IsInternal ? await tokens.OfAppAsync(access.App.Id, ct) : [];
        var mask = LacksScopes(access) ? Masked : null;
        return ApiResults.Json(StatusCodes.Status200OK, json =>
        {
            json.StartArray();
            foreach (var token in found)
                Write(json, token, mask);
            json.EndArray();
        });
    }

    private static async Task<IResult> CreateAsync(Access access, TokenStore tokens, CancellationToken ct)
    {
        var app = access.App!;
        if (AppEndpoints.Restricted(app) is { } restricted)
            return restricted;
        if (!app.IsInternal)
            return Bare("This route is limited to internal integrations only");

        var (outcome, token, secret) = await tokens.AddToAppAsync(app.Id, MostTokens, access, ct);
        return outcome switch
        {
            TokenOutcome.Made => ApiResults.Json(StatusCodes.Status201Created, json => Write(json, token!, LacksScopes(access) ? Masked : secret)),
            TokenOutcome.TooMany => Bare($"Cannot generate more than {MostTokens} tokens for a single integration"),
            TokenOutcome.NotInstalled => Bare("The integration is not installed in its own organization"),
        };
    }

    private static async Task<IResult> DeleteAsync(long token, Access access, TokenStore tokens, CancellationToken ct)
    {
        if (AppEndpoints.Restricted(access.App!) is { } restricted)
            return restricted;
        return await tokens.RemoveFromAppAsync(access.App!, token, access, ct) ? Results.NoContent() : ApiResults.NotFound();
    }

    private static bool LacksScopes(Access access)
    {
        var held = access.ScopesIn(access.App!.OrganizationId);
        return access.App.Scopes.Any(scope => scope != Scopes.TokenOnly && !held.Contains(scope, StringComparer.Ordinal));
    }

    /// <summary>A string and nothing around it, as Sentry answers here.</summary>
    private static IResult Bare(string reason) => ApiResults.Json(StatusCodes.Status403Forbidden, json => json.Value(reason));

    /// <param name="secret">The token or a mask of it; <c>null</c> shows neither. They are not refreshed, so there is no second one.</param>
    private static void Write(StableJsonWriter json, StoredToken token, string? secret)
    {
        json.StartObject();
        json.Name("id"u8);
        json.Value(token.Id.ToString(CultureInfo.InvariantCulture));
        json.Name("scopes"u8);
        json.Texts(token.Scopes);
        json.Name("name"u8);
        json.Value(token.Name);
        json.Name("application"u8);
        json.Null();
        json.Name("expiresAt"u8);
        json.Null();
        json.Name("dateCreated"u8);
        json.Instant(token.CreatedAt);
        json.Name("state"u8);
        json.Null();
        json.Name("tokenLastCharacters"u8);
        json.Value(token.LastCharacters);
        if (secret is not null)
        {
            json.Name("token"u8);
            json.Value(secret);
            json.Name("refreshToken"u8);
            json.Value(secret == Masked ? Masked : null);
        }

        json.EndObject();
    }
}
