using System.IO.Compression;
using Microsoft.AspNetCore.Connections;

namespace Vedette.Server.Ingest;

/// <summary>
/// Reads and decompresses what an SDK sent, within both limits. Only a few bodies may be large at once, so that many
/// small packets that unpack to much cannot fill the memory; the others wait their turn.
/// </summary>
internal sealed class IngestBody : IDisposable
{
    /// <summary>As sent.</summary>
    public const long MostSent = 20 * 1024 * 1024;

    /// <summary>Decompressed.</summary>
    public const long MostUnpacked = 64 * 1024 * 1024;

    private const long Large = 2 * 1024 * 1024;

    private readonly SemaphoreSlim large = new(4);

    /// <summary>An unknown encoding counts as none. The result holds its memory until it is disposed.</summary>
    public async Task<IngestBytes> ReadAsync(HttpRequest request, CancellationToken ct)
    {
        if (request.ContentLength > MostSent)
            return new IngestBytes(IngestBodyFault.TooLarge, default, null);

        var sent = new CountingStream(request.Body, MostSent);
        await using var unpacked = Unpack(sent, request.Headers.ContentEncoding.ToString());
        var buffer = new MemoryStream((int)Math.Min(request.ContentLength ?? 4096, 1024 * 1024));
        var holdsLarge = false;
        var fault = IngestBodyFault.None;
        try
        {
            var chunk = new byte[16 * 1024];
            int read;
            while ((read = await unpacked.ReadAsync(chunk, ct)) > 0)
            {
                buffer.Write(chunk, 0, read);
                if (buffer.Length > MostUnpacked)
                {
                    fault = IngestBodyFault.TooLarge;
                    break;
                }

                if (!holdsLarge && buffer.Length > Large)
                {
                    await large.WaitAsync(ct);
                    holdsLarge = true;
                }
            }
        }
        catch (SentTooMuchException)
        {
            fault = IngestBodyFault.TooLarge;
        }
        catch (Exception e) when (IsDecompressorsWord(e))
        {
            fault = IngestBodyFault.Corrupt;
        }
        catch
        {
            if (holdsLarge)
                large.Release();
            throw;
        }

        if (fault != IngestBodyFault.None)
            buffer = new MemoryStream();
        return new IngestBytes(fault, buffer.GetBuffer().AsMemory(0, (int)buffer.Length), holdsLarge ? large : null);
    }

    /// <summary>Each decompressor has its own way of saying that the bytes are not its own.</summary>
    internal static bool IsDecompressorsWord(Exception e) =>
        e is InvalidDataException or InvalidOperationException
        || (e is IOException and not BadHttpRequestException and not ConnectionResetException);

    public void Dispose() => large.Dispose();

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

    /// <summary>Not what its encoding says.</summary>
    Corrupt,
}

/// <param name="Bytes">Empty unless <paramref name="Fault"/> is none.</param>
internal sealed record IngestBytes(IngestBodyFault Fault, ReadOnlyMemory<byte> Bytes, SemaphoreSlim? Held) : IDisposable
{
    public void Dispose() => Held?.Release();
}
