using System.Buffers;
using System.Buffers.Text;
using System.IO.Compression;
using Vedette.Tracker.Ingest;
using Vedette.Wire.Json;

namespace Vedette.Server.Ingest;

/// <summary>What the deprecated endpoint takes: one event as JSON, or base64 of zlib of it (<c>spec/domain.md</c> 1.2).</summary>
internal static class StoreBody
{
    /// <summary>An envelope of one event, not yet parsed. It may share the memory of <paramref name="body"/>.</summary>
    public static Envelope ToEnvelope(ReadOnlyMemory<byte> body) =>
        new(new JsonMap(), [new EnvelopeItem("event", new JsonMap(), Unwrap(body))]);

    /// <summary>Whatever is not base64 of zlib stays as it is; the parser then says what is wrong with it.</summary>
    private static ReadOnlyMemory<byte> Unwrap(ReadOnlyMemory<byte> body)
    {
        if (body.IsEmpty || body.Span[0] == (byte)'{')
            return body;

        var compressed = new byte[Base64.GetMaxDecodedFromUtf8Length(body.Length)];
        if (Base64.DecodeFromUtf8(body.Span, compressed, out _, out var length) != OperationStatus.Done)
            return body;

        // One byte more than is taken is enough to be refused.
        using var zlib = new ZLibStream(new MemoryStream(compressed, 0, length), CompressionMode.Decompress);
        var json = new byte[EnvelopeEvents.LargestEvent + 1];
        try
        {
            return json.AsMemory(0, zlib.ReadAtLeast(json, json.Length, throwOnEndOfStream: false));
        }
        catch (InvalidDataException)
        {
            return body;
        }
    }
}
