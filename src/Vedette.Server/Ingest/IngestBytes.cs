using System.Buffers;

namespace Vedette.Server.Ingest;

/// <summary>A body in pooled memory: nothing may keep a slice of it beyond <see cref="Dispose"/>.</summary>
internal sealed class IngestBytes(int capacity) : IDisposable
{
    private byte[] buffer = ArrayPool<byte>.Shared.Rent(capacity);
    private SemaphoreSlim? held;

    public IngestBodyFault Fault { get; set; }

    public int Length { get; set; }

    /// <summary>Means nothing unless <see cref="Fault"/> is none.</summary>
    public ReadOnlyMemory<byte> Bytes => buffer.AsMemory(0, Length);

    public Memory<byte> Free => buffer.AsMemory(Length);

    /// <param name="holds">Released with the memory.</param>
    public void Grow(int capacity, SemaphoreSlim? holds = null)
    {
        held ??= holds;
        var larger = ArrayPool<byte>.Shared.Rent(capacity);
        Bytes.CopyTo(larger);
        ArrayPool<byte>.Shared.Return(buffer);
        buffer = larger;
    }

    public void Dispose()
    {
        if (buffer.Length == 0)
            return;

        ArrayPool<byte>.Shared.Return(buffer);
        (buffer, Length) = ([], 0);
        held?.Release();
    }
}
