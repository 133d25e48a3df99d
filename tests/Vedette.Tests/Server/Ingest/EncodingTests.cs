using System.IO.Compression;
using System.Net;
using System.Text;
using Vedette.Tests.Harness;
using Xunit;

namespace Vedette.Tests.Server.Ingest;

/// <summary>How SDKs pack and send the same envelope.</summary>
public sealed class EncodingTests(IngestServer server) : IClassFixture<IngestServer>
{
    private static readonly byte[] Envelope = Encoding.UTF8.GetBytes("{\"event_id\":\"" + IngestCalls.Id + "\"}\n{\"type\":\"client_report\"}\n{}");

    private readonly VedetteApp app = server.App;

    [Theory]
    [InlineData("gzip")]
    [InlineData("x-gzip")]
    [InlineData("GZip")]
    [InlineData("deflate")]
    [InlineData("br")]
    [InlineData("zstd")]
    [InlineData("identity")]
    [InlineData("")]
    [InlineData("tomorrow")]
    public async Task Every_encoding_is_unpacked_and_an_unknown_one_is_none(string encoding)
    {
        var whole = await app.PostAsync(app.EnvelopePath, Pack(encoding), ("Content-Encoding", encoding));
        var chunked = await app.PostAsync(app.EnvelopePath, Chunked(Pack(encoding)), ("Content-Encoding", encoding));

        IngestCalls.AssertTaken(whole, IngestCalls.Id);
        IngestCalls.AssertTaken(chunked, IngestCalls.Id);
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("deflate")]
    [InlineData("br")]
    [InlineData("zstd")]
    public async Task A_body_that_is_not_what_its_encoding_says_is_400(string encoding)
    {
        byte[][] corrupt = [Envelope, [0, 0, 0, 0, 0, 0, 0, 0, 0, 0], [.. Pack(encoding).Reverse()], [255]];

        foreach (var body in corrupt)
        {
            var answer = await app.PostAsync(app.EnvelopePath, body, ("Content-Encoding", encoding));
            IngestCalls.AssertRefused(answer, HttpStatusCode.BadRequest, "bad request payload", "the body is not what its Content-Encoding and Transfer-Encoding say");
        }
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("deflate")]
    [InlineData("br")]
    [InlineData("zstd")]
    public async Task A_body_that_is_cut_off_anywhere_is_400(string encoding)
    {
        var packed = Pack(encoding);

        for (var length = 0; length < packed.Length; length++)
        {
            var answer = await app.PostAsync(app.EnvelopePath, packed[..length], ("Content-Encoding", encoding));
            Assert.True(answer.Status == 400, $"{encoding} cut to {length} of {packed.Length} bytes: {answer.Status}");
            IngestCalls.AssertRefused(answer, HttpStatusCode.BadRequest);
        }
    }

    [Theory]
    [InlineData(null)]
    [InlineData("text/plain;charset=UTF-8")]
    [InlineData("application/x-sentry-envelope")]
    [InlineData("application/json")]
    [InlineData("application/x-www-form-urlencoded")]
    [InlineData("multipart/form-data")]
    [InlineData("nonsense")]
    public async Task No_content_type_is_refused(string? contentType)
    {
        (string, string)[] headers = contentType is null ? [] : [("Content-Type", contentType)];

        var answer = await app.PostAsync(app.EnvelopePath, Envelope, headers);

        IngestCalls.AssertTaken(answer, IngestCalls.Id);
    }

    private static StreamContent Chunked(byte[] body) => new(new OneByteAtATime(body));

    private static byte[] Pack(string encoding)
    {
        var packed = new MemoryStream();
        switch (encoding.ToLowerInvariant())
        {
            case "zstd":
                return ZstdFrames.ClientReport;
            case "gzip" or "x-gzip":
                using (var gzip = new GZipStream(packed, CompressionLevel.Optimal, leaveOpen: true))
                    gzip.Write(Envelope);
                break;
            case "deflate":
                using (var zlib = new ZLibStream(packed, CompressionLevel.Optimal, leaveOpen: true))
                    zlib.Write(Envelope);
                break;
            case "br":
                using (var brotli = new BrotliStream(packed, CompressionLevel.Optimal, leaveOpen: true))
                    brotli.Write(Envelope);
                break;
            default:
                return Envelope;
        }

        return packed.ToArray();
    }
}

/// <summary>Hands out its bytes one a read and does not say how many there are, as a slow network does.</summary>
internal sealed class OneByteAtATime(byte[] bytes) : MemoryStream(bytes)
{
    public override bool CanSeek => false;

    public override int Read(Span<byte> buffer) => base.Read(buffer[..Math.Min(1, buffer.Length)]);

    public override int Read(byte[] buffer, int offset, int count) => base.Read(buffer, offset, Math.Min(1, count));

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => new(Read(buffer.Span));
}
