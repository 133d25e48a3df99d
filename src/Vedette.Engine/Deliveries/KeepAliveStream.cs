using System.Runtime.CompilerServices;

namespace Vedette.Engine.Deliveries;

/// <summary>
/// A kept-alive connection was closed by the receiver before it answered anything to the request that was written last.
/// Receivers close idle connections, and now and then one does so just as the next request is on its way: the request was
/// most likely never read, and says nothing about the receiver.
/// </summary>
internal sealed class StaleConnectionException() : IOException("the receiver closed a kept-alive connection instead of answering");

/// <summary>
/// Watches one connection for that race: it has answered before, then something was written, and the end came without a
/// byte in between, or just before, when HttpClient had already chosen the connection. HttpClient itself does not send a
/// body a second time, so <see cref="WebhookSender"/> does, once.
/// </summary>
internal sealed class KeepAliveStream(Stream inner) : Stream
{
    private bool answeredBefore;

    // One side reads while the other writes: each first says what it does, and then looks what the other one did.
    private volatile bool waitsForAnswer;
    private volatile bool ended;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        int read;
        try
        {
            read = await inner.ReadAsync(buffer, cancellationToken);
        }
        catch (IOException)
        {
            if (EndsUnanswered())
                throw new StaleConnectionException();
            throw;
        }

        // HttpClient asks with an empty buffer whether there is anything at all.
        if (buffer.IsEmpty)
            return read;
        if (read == 0 && EndsUnanswered())
            throw new StaleConnectionException();

        if (read > 0)
            (answeredBefore, waitsForAnswer) = (true, false);
        return read;
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        waitsForAnswer = true;
        Interlocked.MemoryBarrier();
        if (ended && answeredBefore)
            throw new StaleConnectionException();

        try
        {
            await inner.WriteAsync(buffer, cancellationToken);
        }
        catch (IOException) when (answeredBefore)
        {
            throw new StaleConnectionException();
        }
    }

    public override Task FlushAsync(CancellationToken cancellationToken) => inner.FlushAsync(cancellationToken);

    public override void Flush() => inner.Flush();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    private bool EndsUnanswered()
    {
        ended = true;
        Interlocked.MemoryBarrier();
        return answeredBefore && waitsForAnswer;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            inner.Dispose();
        base.Dispose(disposing);
    }
}
