using System.Data.Common;
using Vedette.Storage;
using Vedette.Storage.Sqlite;

namespace Vedette.Simulation;

/// <summary>The real SQLite file, seen by one process. Any call may find the database away, take long, or be the process's last.</summary>
internal sealed class SimDatabase(Process process, SqliteDatabase file, WriteLock writeLock, TaskScheduler scheduler)
    : Database(writers: 1, beginSql: "begin immediate", scheduler, process.Clock)
{
    private readonly List<SimConnection> connections = [];

    public Process Process { get; } = process;

    public WriteLock WriteLock { get; } = writeLock;

    public override string IdentityColumn => file.IdentityColumn;

    public override string KeptByKey => file.KeptByKey;

    public override string SkipLocked => file.SkipLocked;

    /// <summary>Two nodes share the file as they would share a PostgreSQL, so a start must not free the other's leases.</summary>
    public override bool IsSingleNode => Process.Plan.IsSingleNode;

    public override string Description => "the simulation's file";

    internal override string StartupLockSql => "";

    /// <summary>The process is gone: its connections break, and with them what was not committed.</summary>
    public void BreakAll()
    {
        foreach (var connection in connections.ToList())
            connection.Break();
    }

    internal override async Task<StorageConnection> OpenWriterAsync(CancellationToken ct)
    {
        await Process.TurnAsync("open");
        if (Process.IsDatabaseAway)
            throw new DatabaseFault("the database is away");

        var connection = new SimConnection(this, await file.OpenWriterAsync(ct));
        connections.Add(connection);
        return connection;
    }

    internal void Forget(SimConnection connection) => connections.Remove(connection);

    private protected override Task<StorageConnection> TakeReaderAsync(CancellationToken ct) => OpenWriterAsync(ct);

    private protected override ValueTask ReturnReaderAsync(StorageConnection connection, bool usable) => connection.DisposeAsync();

    private protected override ValueTask CloseAsync() => ValueTask.CompletedTask;

    private protected override bool IsTransient(Exception exception) => false;
}

/// <summary>What a driver would throw.</summary>
internal sealed class DatabaseFault(string message) : DbException(message);

/// <summary>SQLite has one writer. Waiting for it has to be a virtual wait, because one thread plays all processes.</summary>
internal sealed class WriteLock
{
    private readonly Queue<(SimConnection Connection, TaskCompletionSource Granted)> waiting = new();
    private SimConnection? holder;

    public Task TakeAsync(SimConnection connection)
    {
        if (holder is null)
        {
            holder = connection;
            return Task.CompletedTask;
        }

        var granted = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        waiting.Enqueue((connection, granted));
        return granted.Task;
    }

    public void Release(SimConnection connection)
    {
        if (holder != connection)
            return;

        holder = null;
        while (holder is null && waiting.TryDequeue(out var next))
        {
            if (next.Connection.IsOpen)
                holder = next.Connection;
            next.Granted.SetResult();
        }
    }
}
