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

    /// <param name="isSecure">People come by https, be it to a proxy before this server: their browser is then to send the cookies by nothing else.</param>
    public static void Write(HttpContext context, string secret, TimeSpan lasts, bool isSecure)
    {
        context.Response.Cookies.Append(Session, secret, Options(lasts, httpOnly: true, isSecure));
        context.Response.Cookies.Append(Csrf, CsrfToken(secret), Options(lasts, httpOnly: false, isSecure));
    }

    public static void Clear(HttpContext context)
    {
        context.Response.Cookies.Delete(Session, Options(null, httpOnly: true, isSecure: false));
        context.Response.Cookies.Delete(Csrf, Options(null, httpOnly: false, isSecure: false));
    }

    private static string CsrfToken(string secret) =>
        Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), "csrf"u8));

    private static CookieOptions Options(TimeSpan? lasts, bool httpOnly, bool isSecure) => new()
    {
        HttpOnly = httpOnly,
        SameSite = SameSiteMode.Lax,
        Secure = isSecure,
        Path = "/",
        MaxAge = lasts,
    };
}
