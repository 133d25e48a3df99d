using System.Buffers.Text;
using System.Globalization;
using System.Text;
using Vedette.Server.Accounts;
using Vedette.Server.Api;
using Vedette.Server.Authorization;
using Vedette.Tracker;

namespace Vedette.Server.Sessions;

/// <summary><c>/api/0/auth/</c>: logging in with a password, and who is logged in.</summary>
internal static class AuthEndpoints
{
    private const int LongestCredentials = 1024;

    extension(IEndpointRouteBuilder routes)
    {
        public void MapAuth()
        {
            routes.MapGet("/api/0/auth/", ShowAsync).RequireAnyToken();
            routes.MapPost("/api/0/auth/", LoginAsync);
            routes.MapDelete("/api/0/auth/", LogoutAsync);
        }
    }

    private static async Task<IResult> ShowAsync(Access access, AccountStore accounts, CancellationToken ct) =>
        await accounts.FindAsync(access.AccountId, ct) is { } account
            ? ApiResults.Json(StatusCodes.Status200OK, json => AccountJson.Write(json, account))
            : ApiResults.Forbidden();

    /// <summary>Basic credentials, e-mail and password, begin a session. Who failed too often waits; good logins are never counted.</summary>
    private static async Task<IResult> LoginAsync(
        HttpContext context, AccountStore accounts, SessionStore sessions, FailedLogins failures, Links links, CancellationToken ct)
    {
        if (!TryReadBasic(context.Request, out var email, out var password))
            return Unauthorized("Authentication credentials were not provided.");

        var address = ClientAddress.Of(context);
        if (failures.WaitFor(email, address) is { } wait)
            return TooMany(context, wait);
        if (await accounts.ByPasswordAsync(email, password, ct) is not { } account)
        {
            failures.Add(email, address);
            return Unauthorized("Invalid username/password.");
        }

        SessionCookies.Write(context, await sessions.BeginAsync(account.Id, ct), SessionStore.Lasts, isSecure: links.BaseUrl.StartsWith("https://", StringComparison.OrdinalIgnoreCase));
        return ApiResults.Json(StatusCodes.Status200OK, json => AccountJson.Write(json, account));
    }

    /// <summary>Without a session it does nothing, and says the same.</summary>
    private static async Task<IResult> LogoutAsync(HttpContext context, SessionStore sessions, CancellationToken ct)
    {
        if (SessionCookies.Read(context.Request) is { } secret)
        {
            if (SessionCookies.IsForged(context.Request, secret))
                return SessionCookies.Forged();
            await sessions.EndAsync(secret, ct);
            SessionCookies.Clear(context);
        }

        return Results.NoContent();
    }

    /// <summary>RFC 7617. A password may hold colons.</summary>
    private static bool TryReadBasic(HttpRequest request, out string email, out string password)
    {
        (email, password) = ("", "");
        var header = request.Headers.Authorization.ToString();
        if (header.Length > LongestCredentials || !header.StartsWith("Basic ", StringComparison.OrdinalIgnoreCase) || !Base64.IsValid(header.AsSpan(6).Trim()))
            return false;

        var credentials = Encoding.UTF8.GetString(Convert.FromBase64String(header[6..].Trim()));
        var colon = credentials.IndexOf(':', StringComparison.Ordinal);
        if (colon < 1 || credentials.Contains('\0', StringComparison.Ordinal))
            return false;

        (email, password) = (credentials[..colon], credentials[(colon + 1)..]);
        return true;
    }

    private static IResult Unauthorized(string detail) => ApiResults.Detail(StatusCodes.Status401Unauthorized, detail);

    private static IResult TooMany(HttpContext context, TimeSpan wait)
    {
        context.Response.Headers.RetryAfter = ((long)Math.Ceiling(wait.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
        return ApiResults.Detail(
            StatusCodes.Status429TooManyRequests,
            $"Too many logins failed. Limit is {FailedLogins.MostPerAccount} of one account and {FailedLogins.MostPerAddress} of one address in {FailedLogins.Window.TotalSeconds} seconds.");
    }
}
