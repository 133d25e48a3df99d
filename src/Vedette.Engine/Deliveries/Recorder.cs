using System.Data.Common;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;

namespace Vedette.Engine.Deliveries;

/// <summary>
/// Writes attempts and what follows from them, many in one commit. While the database is away it waits and tries again,
/// and those who want to hand in more wait with it, so no attempt is forgotten and none is made that could not be recorded.
/// </summary>
internal sealed partial class Recorder(DeliveryStore store, Action<FinishedAttempt> onRecorded, TimeProvider time, ILogger logger)
{
    private const int MostInBatch = 1000;
    private static readonly TimeSpan RetryPause = TimeSpan.FromSeconds(1);

    private readonly Channel<FinishedAttempt> queue = Channel.CreateBounded<FinishedAttempt>(new BoundedChannelOptions(4096) { SingleReader = true });

    public ValueTask HandInAsync(FinishedAttempt finished, CancellationToken ct) => queue.Writer.WriteAsync(finished, ct);

    public void NoMore() => queue.Writer.TryComplete();

    /// <summary>Runs until <see cref="NoMore"/> and everything handed in is written, or until <paramref name="abandon"/>.</summary>
    public async Task RunAsync(CancellationToken abandon)
    {
        var batch = new List<FinishedAttempt>();
        while (await queue.Reader.WaitToReadAsync(abandon))
        {
            batch.Clear();
            while (batch.Count < MostInBatch && queue.Reader.TryRead(out var finished))
                batch.Add(finished);
            await WriteAsync(batch, abandon);
            batch.ForEach(onRecorded);
        }
    }

    private async Task WriteAsync(List<FinishedAttempt> batch, CancellationToken abandon)
    {
        while (true)
        {
            try
            {
                await store.RecordAsync(batch, time.GetUtcNow(), abandon);
                return;
            }
            catch (DbException e)
            {
                DatabaseAway(logger, batch.Count, e);
                await Task.Delay(RetryPause, time, abandon);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Cannot record {Attempts} attempts yet, trying again: the database is away")]
    private static partial void DatabaseAway(ILogger logger, int attempts, Exception exception);
}
