using System.Globalization;
using System.Text;
using Vedette.Server.Api;
using Vedette.Server.Apps;
using Vedette.Server.Installations;
using Vedette.Wire.Json;

namespace Vedette.Server.AppTokens;

/// <summary>Where an app exchanges the code of its installation for tokens, and renews them (<c>spec/platform-api.md</c> 3.1).</summary>
internal static class TokenExchangeEndpoint
{
    private const string AssertionGrant = "urn:sentry:params:oauth:grant-type:jwt-bearer";
    private const string StandardAssertionGrant = "urn:ietf:params:oauth:grant-type:jwt-bearer";

    extension(IEndpointRouteBuilder routes)
    {
        /// <summary>Asks for no token: the app shows its client secret, or a signature made with it.</summary>
        public void MapTokenExchange() => routes.MapPost("/api/0/sentry-app-installations/{installation}/authorizations/", ExchangeAsync);
    }

    private static async Task<IResult> ExchangeAsync(
        string installation, HttpContext context, InstallationStore installations, AppStore apps, TokenExchange exchange, TimeProvider time, CancellationToken ct)
    {
        if (await installations.FindAsync(installation, ct) is not { } found || await apps.FindAsync($"{found.AppId}", ct) is not { } app)
            return NotFound();

        var body = await JsonBody.ReadFormOrJsonAsync(context.Request, ct);
        if (body.IsRefused)
            return body.Refusal;
        if (body.Map.Count == 0)
            return Unauthorized("Invalid request");

        var grant = body.Map.Text("grant_type");
        if (grant is AssertionGrant or StandardAssertionGrant)
            return await ByAssertionAsync(context, app, found, exchange, time, body.Map, ct);

        if (await apps.FindByClientAsync(body.Map.Text("client_id") ?? "", ct) is not { } client
            || !exchange.SecretsOf(client).Any(secret => TokenExchange.IsSame(secret, body.Map.Text("client_secret") ?? "")))
        {
            return Unauthorized("Invalid Client ID / Secret pair");
        }

        if (client.Id != app.Id)
            return ApiResults.Forbidden();

        switch (grant)
        {
            case "authorization_code":
                return RefuseText(body.Map, "code", out var code) ?? Answer(await exchange.ByCodeAsync(found, code, ct), body.Map);
            case "refresh_token":
                return RefuseText(body.Map, "refresh_token", out var token) ?? Answer(await exchange.ByRefreshTokenAsync(found, token, ct), body.Map);
            default:
                return ApiResults.Detail(StatusCodes.Status403Forbidden, "Invalid grant_type");
        }
    }

    private static async Task<IResult> ByAssertionAsync(
        HttpContext context, App app, AppInstallation installation, TokenExchange exchange, TimeProvider time, JsonMap body, CancellationToken ct)
    {
        var header = context.Request.Headers.Authorization.ToString();
        if (header.Length == 0)
            return Unauthorized("Header is in invalid form");
        if (!header.StartsWith("Bearer", StringComparison.OrdinalIgnoreCase))
            return Unauthorized("Bearer not present in token");
        if (header.Split(' ', StringSplitOptions.RemoveEmptyEntries) is not [_, var jwt])
            return Unauthorized("Invalid Authorization header, should be Bearer <token>");
        if (!Assertion.TryRead(jwt, exchange.SecretsOf(app), time.GetUtcNow(), out var assertion))
            return Unauthorized("Could not validate JWT");
        if (assertion.Issuer != app.ClientId)
            return Unauthorized("JWT is not valid for this application");
        if (string.IsNullOrEmpty(assertion.Id))
            return Unauthorized("JWT is missing a jti claim");
        return string.IsNullOrEmpty(assertion.Subject)
            ? ApiResults.Detail(StatusCodes.Status403Forbidden, "JWT credentials are missing or invalid")
            : Answer(await exchange.ByAssertionAsync(installation, assertion, ct), body);
    }

    private static IResult Answer((ExchangeOutcome Outcome, IssuedToken? Token) exchanged, JsonMap body) => exchanged.Outcome switch
    {
        ExchangeOutcome.Made => ApiResults.Json(StatusCodes.Status201Created, json => Write(json, exchanged.Token!, body.Text("state"))),
        ExchangeOutcome.UnknownCode => Unauthorized("Could not find grant for given code"),
        ExchangeOutcome.ForeignCode => Unauthorized("Forbidden grant"),
        ExchangeOutcome.ExpiredCode => Unauthorized("Grant has already expired"),
        ExchangeOutcome.UnknownRefreshToken => Unauthorized("Given refresh token does not exist"),
        ExchangeOutcome.ForeignRefreshToken => ApiResults.Detail(StatusCodes.Status400BadRequest, "Token does not belong to the application"),
        ExchangeOutcome.UsedAssertion => Unauthorized("JWT has already been used"),
        ExchangeOutcome.NoToken => Unauthorized("Installation does not have a token"),
        ExchangeOutcome.Uninstalled => NotFound(),
    };

    private static IResult? RefuseText(JsonMap body, string field, out string text)
    {
        text = body.Text(field) ?? "";
        return body[field] switch
        {
            null => ApiResults.Invalid(field, body.Contains(field) ? "This field may not be null." : "This field is required."),
            "" => ApiResults.Invalid(field, "This field may not be blank."),
            string => null,
            _ => ApiResults.Invalid(field, "Not a valid string."),
        };
    }

    private static IResult NotFound() => ApiResults.Detail(StatusCodes.Status404NotFound, "Could not find given sentry app installation");

    private static IResult Unauthorized(string detail) => ApiResults.Detail(StatusCodes.Status401Unauthorized, detail);

    private static void Write(StableJsonWriter json, IssuedToken token, string? state)
    {
        json.StartObject();
        json.Name("id"u8);
        json.Value(token.Id.ToString(CultureInfo.InvariantCulture));
        json.Name("scopes"u8);
        json.Texts(token.Scopes);
        json.Name("name"u8);
        json.Null();
        json.Name("application"u8);
        json.Null();
        json.Name("expiresAt"u8);
        json.Instant(token.ExpiresAt);
        json.Name("dateCreated"u8);
        json.Instant(token.CreatedAt);
        json.Name("state"u8);
        json.Value(state);
        json.Name("token"u8);
        json.Value(token.Token);
        json.Name("refreshToken"u8);
        json.Value(token.RefreshToken);
        json.Name("tokenLastCharacters"u8);
        json.Value(token.Token[^4..]);
        json.EndObject();
    }
}
