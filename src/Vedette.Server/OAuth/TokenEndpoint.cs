using System.Globalization;
using Vedette.Server.Api;
using Vedette.Server.Applications;
using Vedette.Server.Authorization;
using Vedette.Storage;
using Vedette.Wire.Json;

namespace Vedette.Server.OAuth;

/// <summary>
/// <c>/oauth/token/</c> and <c>/oauth/revoke/</c>: what clients ask for without a person (RFC 6749 3.2, RFC 7009,
/// <c>spec/platform-api.md</c> 3.6). An error says its code and nothing else.
/// </summary>
internal static class TokenEndpoint
{
    public const string DeviceGrant = "urn:ietf:params:oauth:grant-type:device_code";

    extension(IEndpointRouteBuilder routes)
    {
        public void MapOAuthTokens()
        {
            routes.MapPost("/oauth/token/", IssueAsync);
            routes.MapPost("/oauth/revoke/", RevokeAsync);
        }
    }

    private static async Task<IResult> IssueAsync(HttpContext context, ClientAuthentication clients, OAuthTokens tokens, CancellationToken ct)
    {
        NeverStore(context.Response);
        if (await ReadAsync(context.Request, ct) is not { } form || form.Text("grant_type") is not { Length: > 0 } grantType)
            return Refuse(context, OAuthError.InvalidRequest);
        if (grantType is not ("authorization_code" or "refresh_token" or DeviceGrant))
            return Refuse(context, OAuthError.UnsupportedGrantType);

        var (application, unknown) = await clients.AuthenticateAsync(context.Request, form, ct);
        if (application is null)
            return Refuse(context, unknown!.Value);

        ShareWith(application, context);
        var (token, error) = grantType switch
        {
            "authorization_code" => form.Text("code") is { Length: > 0 } code
                ? await tokens.ByCodeAsync(application, code, form.Text("redirect_uri"), form.Text("code_verifier"), ct)
                : OAuthError.InvalidRequest,
            "refresh_token" => form.Text("refresh_token") is { Length: > 0 } refresh && !form.Contains("scope")
                ? await tokens.ByRefreshTokenAsync(application, refresh, ct)
                : OAuthError.InvalidRequest,
            _ => form.Text("device_code") is { Length: > 0 } device
                ? await tokens.ByDeviceCodeAsync(application, device, ct)
                : OAuthError.InvalidRequest,
        };
        return token is null
            ? Refuse(context, error!.Value)
            : ApiResults.Json(StatusCodes.Status200OK, json => Write(json, token));
    }

    /// <summary>What is not known, or not the client's, is answered as if it had been revoked (RFC 7009 2.2).</summary>
    private static async Task<IResult> RevokeAsync(HttpContext context, ClientAuthentication clients, OAuthTokens tokens, CancellationToken ct)
    {
        NeverStore(context.Response);
        if (await ReadAsync(context.Request, ct) is not { } form)
            return Refuse(context, OAuthError.InvalidRequest);

        var (application, unknown) = await clients.AuthenticateAsync(context.Request, form, ct);
        if (application is null)
            return Refuse(context, unknown!.Value);

        ShareWith(application, context);
        if (form.Text("token") is not { Length: > 0 } token)
            return Refuse(context, OAuthError.InvalidRequest);

        await tokens.RevokeAsync(application, token, ClientAddress.Of(context), ct);
        return Results.Ok();
    }

    /// <summary>A page of another site may read the answer where its application says so. Cookies play no part here.</summary>
    public static void ShareWith(ApiApplication application, HttpContext context)
    {
        var origin = context.Request.Headers.Origin.ToString();
        if (origin.Length == 0 || !AllowedOrigin.IsAllowed(application.AllowedOrigins, origin))
            return;

        context.Response.Headers.AccessControlAllowOrigin = origin;
        context.Response.Headers.Vary = "Origin";
    }

    /// <returns><c>null</c> for what is no form, or has a field twice (RFC 6749 3.2).</returns>
    public static async Task<JsonMap?> ReadAsync(HttpRequest request, CancellationToken ct)
    {
        if (!request.HasFormContentType)
            return null;

        var body = await JsonBody.ReadFormOrJsonAsync(request, ct);
        return body.IsRefused || request.Form.Any(field => field.Value.Count > 1) ? null : body.Map;
    }

    public static void NeverStore(HttpResponse response)
    {
        response.Headers.CacheControl = "no-store, no-cache, max-age=0, must-revalidate, private";
        response.Headers.Pragma = "no-cache";
    }

    private static IResult Refuse(HttpContext context, OAuthError error)
    {
        if (error == OAuthError.InvalidClient)
            context.Response.Headers.WWWAuthenticate = "Basic realm=\"oauth\"";
        return ApiResults.Json(error == OAuthError.InvalidClient ? StatusCodes.Status401Unauthorized : StatusCodes.Status400BadRequest, json =>
        {
            json.StartObject();
            json.Name("error"u8);
            json.Value(StoredName.Of(error));
            json.EndObject();
        });
    }

    private static void Write(StableJsonWriter json, OAuthToken token)
    {
        json.StartObject();
        json.Name("access_token"u8);
        json.Value(token.AccessToken);
        json.Name("refresh_token"u8);
        json.Value(token.RefreshToken);
        json.Name("expires_in"u8);
        json.Value((long)OAuthTokens.Lasts.TotalSeconds);
        json.Name("expires_at"u8);
        json.Instant(token.ExpiresAt);
        json.Name("token_type"u8);
        json.Value("Bearer");
        json.Name("scope"u8);
        json.Value(string.Join(' ', token.Scopes));
        json.Name("user"u8);
        json.StartObject();
        json.Name("id"u8);
        json.Value(token.AccountId.ToString(CultureInfo.InvariantCulture));
        json.Name("name"u8);
        json.Value(token.Name);
        json.Name("email"u8);
        json.Value(token.Email);
        json.EndObject();
        if (token.OrganizationId is { } organization)
        {
            json.Name("organization_id"u8);
            json.Value(organization.ToString(CultureInfo.InvariantCulture));
        }

        json.EndObject();
    }
}
