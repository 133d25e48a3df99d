using System.Buffers.Text;
using System.Data.Common;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using Vedette.Server.Api;
using Vedette.Tracker.Ingest;
using Vedette.Tracker.Issues;
using Vedette.Tracker.Projects;
using Vedette.Wire.Json;

namespace Vedette.Server.Ingest;

/// <summary>Where SDKs send events: steps 1 and 6 of the road. Authenticated by the DSN's public key, open to every origin.</summary>
internal static class IngestEndpoints
{
    /// <summary>The smallest GIF there is: one transparent pixel.</summary>
    private static readonly byte[] Pixel = Convert.FromBase64String("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7");

    extension(IEndpointRouteBuilder routes)
    {
        public void MapIngest()
        {
            var ingest = routes.MapGroup("/api/{projectId}").AddEndpointFilter(IngestCors.AddAsync);
            ingest.MapPost("/envelope/", TakeEnvelopeAsync);
            ingest.MapPost("/store/", TakeStoreAsync);
            ingest.MapGet("/store/", TakeStoreQueryAsync);
            ingest.MapMethods("/envelope/", [HttpMethods.Options], IngestCors.Preflight);
            ingest.MapMethods("/store/", [HttpMethods.Options], IngestCors.Preflight);
        }
    }

    private static async Task<IResult> TakeEnvelopeAsync(string projectId, HttpContext context, IngestRoad road, IngestBody bodies, CancellationToken ct)
    {
        if (road.Begin(projectId, context.Request, out var sender) is { } refusal)
            return refusal;

        using var body = await bodies.ReadAsync(context.Request, ct);
        return Refuse(body) ?? await ParseAndTakeAsync(body.Bytes, sender, road, ct);
    }

    /// <summary>The deprecated endpoint: one event as JSON, or base64 of zlib of JSON, or an envelope.</summary>
    private static async Task<IResult> TakeStoreAsync(string projectId, HttpContext context, IngestRoad road, IngestBody bodies, CancellationToken ct)
    {
        if (road.Begin(projectId, context.Request, out var sender) is { } refusal)
            return refusal;

        using var body = await bodies.ReadAsync(context.Request, ct);
        if (Refuse(body) is { } bad)
            return bad;
        return context.Request.ContentType?.StartsWith("application/x-sentry-envelope", StringComparison.OrdinalIgnoreCase) == true
            ? await ParseAndTakeAsync(body.Bytes, sender, road, ct)
            : Answer(await road.TakeAsync(StoreEvent(body.Bytes), sender, ct));
    }

    private static async Task<IResult> TakeStoreQueryAsync(string projectId, HttpContext context, IngestRoad road, CancellationToken ct)
    {
        if (road.Begin(projectId, context.Request, out var sender) is { } refusal)
            return refusal;

        var data = Encoding.UTF8.GetBytes(context.Request.Query["sentry_data"].FirstOrDefault() ?? "");
        var answer = await road.TakeAsync(StoreEvent(data), sender, ct);
        return answer is { Fault: null, Refusal: null } ? Results.Bytes(Pixel, "image/gif") : Answer(answer);
    }

    private static async Task<IResult> ParseAndTakeAsync(ReadOnlyMemory<byte> bytes, IngestSender sender, IngestRoad road, CancellationToken ct) =>
        Envelope.TryParse(bytes, out var envelope, out var fault)
            ? Answer(await road.TakeAsync(envelope, sender, ct))
            : IngestResults.Fault(fault);

    /// <summary>A body of the old endpoint as an envelope of one event.</summary>
    private static Envelope StoreEvent(ReadOnlyMemory<byte> body) =>
        new(new JsonMap(), [new EnvelopeItem("event", new JsonMap(), Unwrap(body))]);

    /// <summary>Whatever is not base64 of zlib stays as it is; the parser then says what is wrong with it.</summary>
    private static ReadOnlyMemory<byte> Unwrap(ReadOnlyMemory<byte> body)
    {
        if (body.IsEmpty || body.Span[0] == (byte)'{')
            return body;

        var compressed = new byte[Base64.GetMaxDecodedFromUtf8Length(body.Length)];
        if (Base64.DecodeFromUtf8(body.Span, compressed, out _, out var length) != System.Buffers.OperationStatus.Done)
            return body;

        using var zlib = new ZLibStream(new MemoryStream(compressed, 0, length), CompressionMode.Decompress);
        var json = new byte[IngestRoad.LargestEvent + 1];
        try
        {
            return json.AsMemory(0, zlib.ReadAtLeast(json, json.Length, throwOnEndOfStream: false));
        }
        catch (Exception e) when (IngestBody.IsDecompressorsWord(e))
        {
            return body;
        }
    }

    private static IResult? Refuse(IngestBytes body) => body.Fault switch
    {
        IngestBodyFault.None => null,
        IngestBodyFault.TooLarge => IngestResults.Error(
            StatusCodes.Status413PayloadTooLarge,
            "the body is too large",
            $"at most {IngestBody.MostSent} bytes as sent and {IngestBody.MostUnpacked} bytes decompressed are taken"),
        IngestBodyFault.Corrupt => IngestResults.Error(
            StatusCodes.Status400BadRequest, "bad request payload", "the body is not what its Content-Encoding says"),
    };

    private static IResult Answer(IngestAnswer answer) =>
        answer.Fault is { } fault ? IngestResults.Fault(fault) : answer.Refusal ?? IngestResults.Accepted(answer.EventId);
}
