using System.Threading.Channels;

namespace Vedette.Storage;

/// <summary>
/// Units of work that wait together share one commit: while one batch is being written to disk the next one gathers, so
/// an idle database adds no delay and a busy one pays for a commit a batch instead of a commit a unit.
/// </summary>
/// <remarks>
/// A batch first runs bare, and at its end what its units put off is written together. When anything fails, everything is
/// rolled back and the batch runs again with a savepoint a unit, so that failing ones, which are rare, cost the others one
/// more run and nothing else.
/// </remarks>
internal sealed class GroupCommit : IAsyncDisposable
{
    private const int MostUnits = 512;
    private const int MostTries = 5;
    private static readonly TimeSpan LongestBatch = TimeSpan.FromMilliseconds(20);

    private readonly Channel<Unit> queue = Channel.CreateBounded<Unit>(new BoundedChannelOptions(16 * 1024) { SingleWriter = false });
    private readonly Func<CancellationToken, Task<StorageConnection>> open;
    private readonly Func<Exception, bool> isTransient;
    private readonly string beginSql;
    private readonly TimeProvider time;
    private readonly Task[] writers;
    private long commits;

    /// <param name="scheduler">Where writers run.</param>
    /// <param name="time">Bounds how long a batch gathers.</param>
    public GroupCommit(
        Func<CancellationToken, Task<StorageConnection>> open, Func<Exception, bool> isTransient, string beginSql, int writers, TaskScheduler scheduler,
        TimeProvider time)
    {
        this.open = open;
        this.isTransient = isTransient;
        this.beginSql = beginSql;
        this.time = time;
        this.writers = [.. Enumerable.Range(0, writers).Select(_ => Task.Factory.StartNew(WriteAsync, CancellationToken.None, TaskCreationOptions.DenyChildAttach, scheduler).Unwrap())];
    }

    public long Commits => Interlocked.Read(ref commits);

    public async Task<T> EnqueueAsync<T>(Func<Transaction, Task<T>> run, CancellationToken ct)
    {
        var unit = new Unit<T>(run, ct);
        try
        {
            await queue.Writer.WriteAsync(unit, ct);
        }
        catch (ChannelClosedException e)
        {
            throw new ObjectDisposedException("The database is closed.", e);
        }

        return await unit.Result;
    }

    public Task EnqueueAsync(Func<Transaction, Task> run, CancellationToken ct) =>
        EnqueueAsync(async transaction =>
        {
            await run(transaction);
            return true;
        }, ct);

    /// <summary>Units that are queued already are still written.</summary>
    public async ValueTask DisposeAsync()
    {
        queue.Writer.TryComplete();
        await Task.WhenAll(writers);
    }

    private async Task WriteAsync()
    {
        StorageConnection? connection = null;
        var batch = new List<Unit>();
        while (await queue.Reader.WaitToReadAsync())
        {
            var rested = connection is not null;
            batch.Clear();
            try
            {
                connection ??= await open(CancellationToken.None);
                await RunBatchAsync(connection, batch);
            }
            catch (Exception) when (rested && batch.Count == 0)
            {
                // The connection broke while it rested and nothing was begun on it, so the units go on waiting for a new one.
                connection = await DiscardAsync(connection);
            }
            catch (Exception e)
            {
                // What broke is the connection or the commit, so no unit of this batch can be said to be on disk.
                if (batch.Count == 0 && queue.Reader.TryRead(out var waiting))
                    batch.Add(waiting);
                batch.ForEach(unit => unit.Fail(e));
                connection = await DiscardAsync(connection);
            }

            if (connection is { IsOpen: false })
                connection = await DiscardAsync(connection);
        }

        await DiscardAsync(connection);
    }

    private async Task RunBatchAsync(StorageConnection connection, List<Unit> batch)
    {
        if (!await RunBareAsync(connection, batch))
            await RunWithSavepointsAsync(connection, batch);
    }

    private async Task<bool> RunBareAsync(StorageConnection connection, List<Unit> batch)
    {
        // All writers wake for one unit, and the first of them takes it.
        if (!queue.Reader.TryPeek(out _))
            return true;

        var began = time.GetTimestamp();
        await connection.ExecuteAsync(beginSql);
        while (batch.Count < MostUnits && time.GetElapsedTime(began) < LongestBatch && queue.Reader.TryRead(out var unit))
        {
            if (unit.IsCancelled())
                continue;

            batch.Add(unit);
            if (!await unit.RunAsync(connection, withItsRows: false))
                return await RollBackAsync(connection, batch);
        }

        try
        {
            await SharedWrite.RunAllAsync(connection, batch.Select(unit => unit.Transaction!));
        }
        catch (Exception) when (connection.IsOpen)
        {
            // Whose rows it was shows when each unit writes its own.
            return await RollBackAsync(connection, batch);
        }

        await CommitAsync(connection, batch.Count);
        batch.ForEach(unit => unit.Succeed());
        return true;
    }

    /// <returns><c>false</c>, as the batch has come to nothing.</returns>
    private static async Task<bool> RollBackAsync(StorageConnection connection, List<Unit> batch)
    {
        await connection.ExecuteAsync("rollback");
        batch.ForEach(each => each.Undo());
        return false;
    }

    private async Task RunWithSavepointsAsync(StorageConnection connection, List<Unit> batch)
    {
        await connection.ExecuteAsync(beginSql);
        foreach (var unit in batch)
        {
            await connection.ExecuteAsync("savepoint unit");
            if (await unit.RunAsync(connection, withItsRows: true))
            {
                await connection.ExecuteAsync("release savepoint unit");
            }
            else
            {
                await connection.ExecuteAsync("rollback to savepoint unit");
                unit.Undo();
            }
        }

        await CommitAsync(connection, batch.Count);
        foreach (var unit in batch)
        {
            if (unit.Error is null)
                unit.Succeed();
            else if (!isTransient(unit.Error) || unit.Tries >= MostTries || !queue.Writer.TryWrite(unit))
                unit.Fail(unit.Error);
        }
    }

    /// <summary>
    /// PostgreSQL takes a commit after an error that a unit hid for a rollback, and says that all is well. The query before
    /// it fails then, so nobody is told that their data is on disk.
    /// </summary>
    private async Task CommitAsync(StorageConnection connection, int units)
    {
        await connection.ExecuteAsync("select 1; commit");
        if (units > 0)
            Interlocked.Increment(ref commits);
    }

    private static async Task<StorageConnection?> DiscardAsync(StorageConnection? connection)
    {
        if (connection is not null)
            await connection.DisposeAsync();
        return null;
    }

    private abstract class Unit
    {
        public Exception? Error { get; protected set; }

        public int Tries { get; protected set; }

        public abstract bool IsCancelled();

        /// <summary>Of the last run, unless it was undone.</summary>
        public Transaction? Transaction { get; protected set; }

        /// <summary><c>false</c> when the unit threw; why is then in <see cref="Error"/>.</summary>
        /// <param name="withItsRows">What it puts off is written at once.</param>
        public abstract Task<bool> RunAsync(StorageConnection connection, bool withItsRows);

        public abstract void Undo();

        public abstract void Succeed();

        public abstract void Fail(Exception error);
    }

    private sealed class Unit<T>(Func<Transaction, Task<T>> run, CancellationToken ct) : Unit
    {
        private readonly TaskCompletionSource<T> completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private T? result;

        public Task<T> Result => completion.Task;

        public override bool IsCancelled() => ct.IsCancellationRequested && completion.TrySetCanceled(ct);

        public override async Task<bool> RunAsync(StorageConnection connection, bool withItsRows)
        {
            Tries++;
            Transaction = new Transaction(connection);
            try
            {
                result = await run(Transaction);
                if (withItsRows)
                    await SharedWrite.RunAllAsync(connection, [Transaction]);
                Error = null;
                return true;
            }
            catch (Exception e)
            {
                Error = e;
                return false;
            }
        }

        public override void Undo()
        {
            Transaction?.RolledBack();
            Transaction = null;
        }

        public override void Succeed()
        {
            Transaction!.Committed();
            completion.TrySetResult(result!);
        }

        public override void Fail(Exception error)
        {
            Undo();
            completion.TrySetException(error);
        }
    }
}
