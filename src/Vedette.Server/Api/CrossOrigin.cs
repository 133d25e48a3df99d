namespace Vedette.Server.Api;

/// <summary>
/// Lets pages of other sites call the API with tokens (<c>spec/platform-api.md</c> 6). Credentials of browsers are never
/// allowed along, so an origin gains nothing by being echoed; tokens of apps are checked where they are read.
/// </summary>
internal sealed class CrossOrigin(RequestDelegate next)
{
    private const string AllowedHeaders =
        "X-Sentry-Auth, X-Requested-With, Origin, Accept, Content-Type, Authentication, Authorization, Content-Encoding, sentry-trace, baggage, X-CSRFToken";

    private const string ExposedHeaders = "X-Sentry-Error, X-Sentry-Direct-Hit, X-Hits, X-Max-Hits, Endpoint, Retry-After, Link";

    public Task InvokeAsync(HttpContext context)
    {
        if (!context.Request.Path.StartsWithSegments("/api/0", StringComparison.Ordinal))
            return next(context);

        var headers = context.Response.Headers;
        var origin = context.Request.Headers.Origin.ToString();
        if (origin is not ("" or "null") && origin.All(c => c is > ' ' and <= '~'))
        {
            headers.AccessControlAllowOrigin = origin;
            headers.AccessControlExposeHeaders = ExposedHeaders;
            headers.Vary = "Origin";
        }

        if (!HttpMethods.IsOptions(context.Request.Method))
            return next(context);

        headers.AccessControlMaxAge = "3600";
        headers.AccessControlAllowHeaders = AllowedHeaders;
        headers.AccessControlAllowMethods = headers.Allow = "GET, POST, PUT, DELETE, OPTIONS";
        context.Response.StatusCode = StatusCodes.Status200OK;
        context.Response.ContentLength = 0;
        return Task.CompletedTask;
    }
}
