using System.Runtime.InteropServices;

namespace Vedette.Server.Ingest;

/// <summary>
/// Unpacks Zstandard (RFC 8878) with the system's libzstd, which Debian's own package manager needs and .NET 10 lacks.
/// Reads only; anything that is not Zstandard, or a machine without the library, is <see cref="InvalidDataException"/>.
/// </summary>
internal sealed partial class ZstdStream : Stream
{
    /// <summary>2^23 bytes: what the format says that every decoder supports. More would let a small header claim gigabytes.</summary>
    private const int LargestWindowLog = 23;

    private const int WindowLogMax = 100;

    private readonly Stream inner;
    private readonly byte[] input = new byte[16 * 1024];
    private nint context;
    private int inputStart;
    private int inputEnd;
    private bool inputEnded;
    private bool frameEnded = true;

    public ZstdStream(Stream inner)
    {
        this.inner = inner;
        try
        {
            context = CreateContext();
            _ = SetParameter(context, WindowLogMax, LargestWindowLog);
        }
        catch (DllNotFoundException e)
        {
            throw new InvalidDataException("zstd is not available on this machine", e);
        }
    }

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (true)
        {
            if (inputStart == inputEnd && !inputEnded)
            {
                (inputStart, inputEnd) = (0, await inner.ReadAsync(input, cancellationToken));
                inputEnded = inputEnd == 0;
            }

            var written = Decompress(buffer.Span);
            if (written > 0)
                return written;
            if (inputEnded && inputStart == inputEnd)
                return frameEnded ? 0 : throw new InvalidDataException("the zstd frame is cut off");
        }
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush() => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (context != 0)
            _ = FreeContext(context);
        context = 0;
        base.Dispose(disposing);
    }

    private unsafe int Decompress(Span<byte> output)
    {
        fixed (byte* source = input)
        fixed (byte* target = output)
        {
            var from = new Buffer { Data = source + inputStart, Size = (nuint)(inputEnd - inputStart) };
            var to = new Buffer { Data = target, Size = (nuint)output.Length };
            var hint = DecompressStream(context, ref to, ref from);
            if (IsError(hint) != 0)
                throw new InvalidDataException("the body is not zstd");

            if (from.Position > 0 || to.Position > 0)
                frameEnded = hint == 0;
            inputStart += (int)from.Position;
            return (int)to.Position;
        }
    }

    [StructLayout(LayoutKind.Sequential)]
    private unsafe struct Buffer
    {
        public byte* Data;
        public nuint Size;
        public nuint Position;
    }

    [LibraryImport("libzstd.so.1", EntryPoint = "ZSTD_createDCtx")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial nint CreateContext();

    [LibraryImport("libzstd.so.1", EntryPoint = "ZSTD_freeDCtx")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial nuint FreeContext(nint context);

    [LibraryImport("libzstd.so.1", EntryPoint = "ZSTD_DCtx_setParameter")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial nuint SetParameter(nint context, int parameter, int value);

    [LibraryImport("libzstd.so.1", EntryPoint = "ZSTD_decompressStream")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial nuint DecompressStream(nint context, ref Buffer output, ref Buffer input);

    [LibraryImport("libzstd.so.1", EntryPoint = "ZSTD_isError")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial uint IsError(nuint code);
}
