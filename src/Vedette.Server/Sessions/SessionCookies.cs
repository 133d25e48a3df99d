using System.Security.Cryptography;
using System.Text;
using Vedette.Server.Api;

namespace Vedette.Server.Sessions;

/// <summary>
/// The two cookies of a browser that somebody logged in with: the session, which no script can read, and a token against
/// forged requests, which pages read or have in their forms, and send back. The token is made of the session, so another
/// site cannot plant one. Before the login a random value stands in for the session.
/// </summary>
internal static class SessionCookies
{
    public const string Session = "sentrysid";
    public const string Csrf = "sc";
    public const string FormField = "csrfmiddlewaretoken";
    private const string Visit = "vedettevisit";
    private const string CsrfHeader = "X-CSRFToken";

    public static string NewSecret() => RandomNumberGenerator.GetHexString(64, lowercase: true);

    /// <summary><c>null</c> when there is none.</summary>
    public static string? Read(HttpRequest request) => Read(request, Session);

    private static string? ReadVisit(HttpRequest request) => Read(request, Visit);

    private static string? Read(HttpRequest request, string cookie) => request.Cookies[cookie] is { Length: > 0 and <= 128 } secret ? secret : null;

    /// <summary>
    /// Whether the request could come from a page of another site: it shows the token neither in the header nor in the field
    /// of a form. Those that only read are none of that site's gain.
    /// </summary>
    public static async Task<bool> IsForgedAsync(HttpRequest request)
    {
        if (HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method) || HttpMethods.IsOptions(request.Method))
            return false;
        if ((Read(request) ?? ReadVisit(request)) is not { } secret)
            return true;

        var shown = request.Headers[CsrfHeader].ToString();
        if (shown.Length == 0)
            shown = await FormBody.FieldAsync(request, FormField);
        return !CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(shown), Encoding.UTF8.GetBytes(CsrfToken(secret)));
    }

    /// <summary>What a form on a page of this server carries. A browser without a session gets a cookie for it.</summary>
    public static string FormToken(HttpContext context, bool isSecure)
    {
        if ((Read(context.Request) ?? ReadVisit(context.Request) ?? context.Items[Visit]) is string known)
            return CsrfToken(known);

        var secret = NewSecret();
        context.Items[Visit] = secret;
        context.Response.Cookies.Append(Visit, secret, Options(null, httpOnly: true, isSecure));
        context.Response.Cookies.Append(Csrf, CsrfToken(secret), Options(null, httpOnly: false, isSecure));
        return CsrfToken(secret);
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
