using System.Security.Cryptography;
using System.Text;
using Vedette.Server.Api;

namespace Vedette.Server.Sessions;

/// <summary>
/// The two cookies of a browser that somebody logged in with: the session, which no script can read, and a token against
/// forged requests, which the pages read and send back. The token is made of the session, so another site cannot plant one.
/// </summary>
internal static class SessionCookies
{
    public const string Session = "sentrysid";
    public const string Csrf = "sc";
    private const string CsrfHeader = "X-CSRFToken";

    /// <summary><c>null</c> when there is none.</summary>
    public static string? Read(HttpRequest request) => request.Cookies[Session] is { Length: > 0 and <= 128 } secret ? secret : null;

    /// <summary>Whether the request could come from a page of another site. Those that only read are none of that site's gain.</summary>
    public static bool IsForged(HttpRequest request, string secret)
    {
        if (HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method) || HttpMethods.IsOptions(request.Method))
            return false;

        var shown = Encoding.UTF8.GetBytes(request.Headers[CsrfHeader].ToString());
        return !CryptographicOperations.FixedTimeEquals(shown, Encoding.UTF8.GetBytes(CsrfToken(secret)));
    }

    public static IResult Forged() =>
        ApiResults.Detail(StatusCodes.Status403Forbidden, "CSRF Failed: CSRF token missing or incorrect.");

    public static void Write(HttpContext context, string secret, TimeSpan lasts)
    {
        context.Response.Cookies.Append(Session, secret, Options(context, lasts, httpOnly: true));
        context.Response.Cookies.Append(Csrf, CsrfToken(secret), Options(context, lasts, httpOnly: false));
    }

    public static void Clear(HttpContext context)
    {
        context.Response.Cookies.Delete(Session, Options(context, null, httpOnly: true));
        context.Response.Cookies.Delete(Csrf, Options(context, null, httpOnly: false));
    }

    private static string CsrfToken(string secret) =>
        Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), "csrf"u8));

    private static CookieOptions Options(HttpContext context, TimeSpan? lasts, bool httpOnly) => new()
    {
        HttpOnly = httpOnly,
        SameSite = SameSiteMode.Lax,
        Secure = context.Request.IsHttps,
        Path = "/",
        MaxAge = lasts,
    };
}
