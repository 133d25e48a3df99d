using System.IO.Compression;
using Microsoft.AspNetCore.Connections;

namespace Vedette.Server.Ingest;

/// <summary>
/// Reads and decompresses what an SDK sent, within both limits. Only a few bodies may be large at once, so that many
/// small packets that unpack to much cannot fill the memory; the others wait their turn, and whoever has it must hurry.
/// </summary>
internal sealed class IngestBody(TimeProvider time) : IDisposable
{
    /// <summary>As sent.</summary>
    public const int MostSent = 20 * 1024 * 1024;

    /// <summary>Decompressed. A power of two, because pooled buffers are.</summary>
    public const int MostUnpacked = 64 * 1024 * 1024;

    private const int MostLarge = 4;
    private const int Large = 2 * 1024 * 1024;
    private const int Smallest = 16 * 1024;

    private readonly SemaphoreSlim large = new(MostLarge);

    /// <summary>For what is left of a body after its turn has come; then its connection is cut.</summary>
    public static TimeSpan LongestLarge { get; } = TimeSpan.FromMinutes(1);

    /// <summary>An unknown encoding counts as none. The result holds its memory until it is disposed.</summary>
    public async Task<IngestBytes> ReadAsync(HttpRequest request, CancellationToken ct)
    {
        var bytes = new IngestBytes(Smallest);
        try
        {
            bytes.Fault = await ReadAsync(request, bytes, ct);
        }
        catch
        {
            bytes.Dispose();
            throw;
        }

        return bytes;
    }

    private async Task<IngestBodyFault> ReadAsync(HttpRequest request, IngestBytes bytes, CancellationToken ct)
    {
        if (request.ContentLength > MostSent)
            return IngestBodyFault.TooLarge;

        try
        {
            await using var body = Unpack(new CountingStream(request.Body, MostSent), request.Headers.ContentEncoding.ToString());
            if (await FillAsync(bytes, body, Large, ct))
                return IngestBodyFault.None;

            await large.WaitAsync(ct);
            bytes.Grow(MostUnpacked, holds: large);
            using var late = new CancellationTokenSource(LongestLarge, time);
            await using var cut = late.Token.Register(request.HttpContext.Abort);
            var isWhole = await FillAsync(bytes, body, MostUnpacked, ct) || await body.ReadAsync(new byte[1], ct) == 0;
            return isWhole ? IngestBodyFault.None : IngestBodyFault.TooLarge;
        }
        catch (SentTooMuchException)
        {
            return IngestBodyFault.TooLarge;
        }
        catch (Exception e) when (SaysCorrupt(e))
        {
            return IngestBodyFault.Corrupt;
        }
    }

    public void Dispose() => large.Dispose();

    /// <returns><c>false</c> when there are <paramref name="most"/> bytes and perhaps more to come.</returns>
    private static async Task<bool> FillAsync(IngestBytes bytes, Stream body, int most, CancellationToken ct)
    {
        while (bytes.Length < most)
        {
            if (bytes.Free.IsEmpty)
                bytes.Grow(Math.Min(bytes.Length * 2, most));
            var read = await body.ReadAsync(bytes.Free, ct);
            if (read == 0)
                return true;
            bytes.Length += read;
        }

        return false;
    }

    /// <summary>Each decompressor has its own way of saying that the bytes are not its own, and so has Kestrel for a chunk's size.</summary>
    private static bool SaysCorrupt(Exception e) =>
        e is InvalidDataException or InvalidOperationException
        || (e is IOException and not BadHttpRequestException and not ConnectionResetException);

    private static Stream Unpack(Stream sent, string encoding) => encoding.Trim().ToLowerInvariant() switch
    {
        "gzip" or "x-gzip" => new GZipStream(sent, CompressionMode.Decompress),
        "deflate" => new ZLibStream(sent, CompressionMode.Decompress),
        "br" => new BrotliStream(sent, CompressionMode.Decompress),
        "zstd" => new ZstdStream(sent),
        _ => sent,
    };

    /// <summary>Stops a body that is longer than it may be while it is being read, whatever its header said.</summary>
    private sealed class CountingStream(Stream inner, long most) : Stream
    {
        private long read;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => read; set => throw new NotSupportedException(); }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var count = await inner.ReadAsync(buffer, cancellationToken);
            read += count;
            return read > most ? throw new SentTooMuchException() : count;
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void Flush() => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }

    /// <summary>An exception because it has to get through a decompressor.</summary>
    private sealed class SentTooMuchException : Exception;
}

internal enum IngestBodyFault
{
    None,

    /// <summary>Sent or unpacked.</summary>
    TooLarge,

    /// <summary>Not what its encodings say.</summary>
    Corrupt,
}
