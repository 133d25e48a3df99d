using System.Text;
using Vedette.Server.Api;
using Vedette.Tracker.Ingest;

namespace Vedette.Server.Ingest;

/// <summary>
/// Where SDKs send events, authenticated by the DSN's public key and open to every origin. Here requests become
/// envelopes; <see cref="IngestRoad"/> takes them from there.
/// </summary>
internal static class IngestEndpoints
{
    /// <summary>The smallest GIF there is: one transparent pixel.</summary>
    private static readonly byte[] Pixel = Convert.FromBase64String("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7");

    extension(IEndpointRouteBuilder routes)
    {
        public void MapIngest()
        {
            var ingest = routes.MapGroup("/api/{projectId}")
                .WithMetadata(new ErrorShape((status, detail) => IngestResults.Error(status, detail)))
                .AddEndpointFilter(IngestCors.AddAsync);
            ingest.MapPost("/envelope/", TakeEnvelopeAsync);
            ingest.MapPost("/store/", TakeStoreAsync);
            ingest.MapGet("/store/", TakeStoreQueryAsync);
            foreach (var path in (ReadOnlySpan<string>)["/envelope/", "/store/"])
            {
                ingest.MapMethods(path, [HttpMethods.Options], IngestCors.Preflight);
                ingest.Map(path, RefuseMethod);
            }
        }
    }

    private static async Task<IResult> TakeEnvelopeAsync(
        string projectId, HttpRequest request, IngestRoad road, IngestBody bodies, TimeProvider time, CancellationToken ct)
    {
        if (!IngestSender.TryRead(request, projectId, time.GetUtcNow(), out var sender, out var refusal))
            return refusal;

        using var body = await bodies.ReadAsync(request, ct);
        if (body.Fault is not IngestBodyFault.None)
            return IngestResults.Fault(body.Fault);
        if (!Envelope.TryParse(body.Bytes, out var envelope, out var fault))
            return IngestResults.Fault(fault);

        return Answer(await road.TakeAsync(envelope, sender, ct));
    }

    /// <summary>The deprecated endpoint: one event, or an envelope when the content type says so.</summary>
    private static async Task<IResult> TakeStoreAsync(
        string projectId, HttpRequest request, IngestRoad road, IngestBody bodies, TimeProvider time, CancellationToken ct)
    {
        if (request.ContentType?.StartsWith("application/x-sentry-envelope", StringComparison.OrdinalIgnoreCase) == true)
            return await TakeEnvelopeAsync(projectId, request, road, bodies, time, ct);
        if (!IngestSender.TryRead(request, projectId, time.GetUtcNow(), out var sender, out var refusal))
            return refusal;

        using var body = await bodies.ReadAsync(request, ct);
        if (body.Fault is not IngestBodyFault.None)
            return IngestResults.Fault(body.Fault);

        return Answer(await road.TakeAsync(StoreBody.ToEnvelope(body.Bytes), sender, ct));
    }

    /// <summary>The deprecated endpoint as the address of an image, for pages that may not post.</summary>
    private static async Task<IResult> TakeStoreQueryAsync(
        string projectId, HttpRequest request, IngestRoad road, TimeProvider time, CancellationToken ct)
    {
        if (!IngestSender.TryRead(request, projectId, time.GetUtcNow(), out var sender, out var refusal))
            return refusal;

        var data = Encoding.UTF8.GetBytes(request.Query["sentry_data"].FirstOrDefault() ?? "");
        var answer = await road.TakeAsync(StoreBody.ToEnvelope(data), sender, ct);
        return answer.Refusal ?? Results.Bytes(Pixel, "image/gif");
    }

    private static IResult RefuseMethod(HttpRequest request)
    {
        var allowed = request.Path.Value!.TrimEnd('/').EndsWith("/store", StringComparison.Ordinal) ? "GET, POST, OPTIONS" : "POST, OPTIONS";
        request.HttpContext.Response.Headers.Allow = allowed;
        return IngestResults.Error(StatusCodes.Status405MethodNotAllowed, "method not allowed", $"{allowed} are");
    }

    private static IResult Answer(IngestAnswer answer) => answer.Refusal ?? IngestResults.Accepted(answer.EventId);
}
