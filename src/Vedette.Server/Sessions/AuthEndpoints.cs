using System.Buffers.Text;
using System.Text;
using Vedette.Server.Accounts;
using Vedette.Server.Api;
using Vedette.Server.Authorization;

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

    /// <summary>Basic credentials, e-mail and password, begin a session.</summary>
    private static async Task<IResult> LoginAsync(HttpContext context, PasswordLogin login, CancellationToken ct)
    {
        if (!TryReadBasic(context.Request, out var email, out var password))
            return Unauthorized("Authentication credentials were not provided.");

        var (verdict, account) = await login.TryAsync(context, email, password, ct);
        return verdict switch
        {
            LoginVerdict.LoggedIn => ApiResults.Json(StatusCodes.Status200OK, json => AccountJson.Write(json, account!)),
            LoginVerdict.Wrong => Unauthorized("Invalid username/password."),
            LoginVerdict.TooOften => ApiResults.Detail(
                StatusCodes.Status429TooManyRequests,
                $"Too many logins failed. Limit is {FailedLogins.MostPerAccount} of one account and {FailedLogins.MostPerAddress} of one address in {FailedLogins.Window.TotalSeconds} seconds."),
        };
    }

    /// <summary>Without a session it does nothing, and says the same.</summary>
    private static async Task<IResult> LogoutAsync(HttpContext context, SessionStore sessions, CancellationToken ct)
    {
        if (SessionCookies.Read(context.Request) is { } secret)
        {
            if (await SessionCookies.IsForgedAsync(context.Request))
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
}
