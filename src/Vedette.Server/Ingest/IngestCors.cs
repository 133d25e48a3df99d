namespace Vedette.Server.Ingest;

/// <summary>Browsers report from everywhere, so ingest is open to every origin; it takes no cookies (<c>spec/domain.md</c> 1.3).</summary>
internal static class IngestCors
{
    private const string Methods = "POST, OPTIONS";

    private const string RequestHeaders =
        "x-sentry-auth, x-requested-with, x-forwarded-for, origin, referer, accept, content-type, authentication, authorization, content-encoding, transfer-encoding";

    private const string ResponseHeaders = "x-sentry-error, x-sentry-rate-limits, retry-after";

    public static ValueTask<object?> AddAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        // At the last moment, so that an answer to a failure, which begins by clearing the headers, has them too.
        context.HttpContext.Response.OnStarting(
            static response =>
            {
                var headers = ((HttpResponse)response).Headers;
                headers.AccessControlAllowOrigin = "*";
                headers.AccessControlExposeHeaders = ResponseHeaders;
                return Task.CompletedTask;
            },
            context.HttpContext.Response);
        return next(context);
    }

    public static IResult Preflight(HttpContext context)
    {
        var headers = context.Response.Headers;
        headers.AccessControlAllowMethods = Methods;
        headers.AccessControlAllowHeaders = RequestHeaders;
        headers.AccessControlMaxAge = "3600";
        return Results.Ok();
    }
}
