using System.Data.Common;
using Dapper;

namespace Vedette.Storage;

/// <summary>
/// One SQL text, two databases. Whatever SQLite and PostgreSQL spell differently is a member here and nowhere else:
/// numeric ids are <c>bigint</c>, instants <c>bigint</c> unix microseconds, booleans <c>integer</c>, JSON and enums text
/// or bytes.
/// </summary>
public abstract class Database : IAsyncDisposable
{
    private readonly GroupCommit commits;
    private readonly List<GroupCommit> background = [];
    private readonly bool writesInBackground;
    private readonly TaskScheduler scheduler;
    private readonly TimeProvider time;

    static Database() => DefaultTypeMap.MatchNamesWithUnderscores = true;

    /// <param name="scheduler">Where writers run; the thread pool when <c>null</c>.</param>
    /// <param name="time">The system's when <c>null</c>.</param>
    /// <param name="writesInBackground">The database can write for several at once: see <see cref="NewBackgroundWriter"/>.</param>
    private protected Database(int writers, string beginSql, TaskScheduler? scheduler = null, TimeProvider? time = null, bool writesInBackground = false)
    {
        (BeginSql, Writers, this.writesInBackground) = (beginSql, writers, writesInBackground);
        this.scheduler = scheduler ?? TaskScheduler.Default;
        this.time = time ?? TimeProvider.System;
        commits = NewGroupCommit(writers);
    }

    /// <summary>Type and key of a generated numeric id, for <c>create table</c>.</summary>
    public abstract string IdentityColumn { get; }

    /// <summary>Ends a sub-select that claims rows, so that two nodes do not wait for each other's. Empty where there is one writer.</summary>
    public abstract string SkipLocked { get; }

    /// <summary>Ends a <c>create table</c> whose rows are found by their key and hardly ever otherwise: they are kept in its order, where the database can.</summary>
    public abstract string KeptByKey { get; }

    /// <summary>Only one process can serve from this database, so whatever a former process had leased is free again at start.</summary>
    public abstract bool IsSingleNode { get; }

    /// <summary>For people: names the kind and place without credentials.</summary>
    public abstract string Description { get; }

    internal int Writers { get; }

    /// <summary>How often units of <see cref="WriteAsync{T}"/> were written together so far.</summary>
    internal long Commits => commits.Commits;

    private string BeginSql { get; }

    /// <summary>Run first in a transaction, it keeps other nodes out of start-up work until the commit.</summary>
    internal abstract string StartupLockSql { get; }

    /// <summary>
    /// Runs a unit of work in a transaction that other callers' units may share, and completes after the commit is on disk.
    /// When the unit throws, its own changes are undone, its neighbours' are kept, and the exception comes out here.
    /// </summary>
    /// <param name="unit">
    /// May run more than once, when a neighbour failed, PostgreSQL chose it to break a deadlock, or another node inserted
    /// the same key or deleted what it refers to; only the last run is committed. It does nothing but database work, because others wait behind it,
    /// and lets every exception of the database out.
    /// </param>
    /// <param name="ct">Takes the unit out of the queue; once it has begun it runs to its end.</param>
    /// <exception cref="DbException">The database could not be reached or refused. If the connection broke during the commit, the unit may be on disk nevertheless.</exception>
    public Task<T> WriteAsync<T>(Func<Transaction, Task<T>> unit, CancellationToken ct) => commits.EnqueueAsync(unit, ct);

    /// <inheritdoc cref="WriteAsync{T}"/>
    public Task WriteAsync(Func<Transaction, Task> unit, CancellationToken ct) => commits.EnqueueAsync(unit, ct);

    /// <summary>
    /// A queue of its own for units that nobody waits for: where the database has room for several writers they go beside
    /// the units of <see cref="WriteAsync{T}"/> and hold none of them up, and elsewhere among them. Ends with the database.
    /// </summary>
    public BackgroundWriter NewBackgroundWriter()
    {
        if (!writesInBackground)
            return new BackgroundWriter(commits);

        var own = NewGroupCommit(1);
        lock (background)
            background.Add(own);
        return new BackgroundWriter(own);
    }

    /// <summary>Runs queries on a connection of their own. They see what was committed when each of them began.</summary>
    public async Task<T> ReadAsync<T>(Func<Session, Task<T>> query, CancellationToken ct)
    {
        var connection = await TakeReaderAsync(ct);
        var usable = false;
        try
        {
            var result = await query(new Session(connection));
            usable = true;
            return result;
        }
        finally
        {
            await ReturnReaderAsync(connection, usable);
        }
    }

    /// <summary>As <see cref="WriteAsync{T}"/>, alone and with other nodes kept out: for migrations and the first start.</summary>
    public async Task StartupAsync(Func<Transaction, Task> work, CancellationToken ct)
    {
        await using var connection = await OpenWriterAsync(ct);
        await connection.ExecuteAsync(BeginSql);
        if (StartupLockSql.Length > 0)
            await connection.ExecuteAsync(StartupLockSql);
        var transaction = new Transaction(connection);
        try
        {
            await work(transaction);
            await SharedWrite.RunAllAsync(connection, [transaction]);
            await connection.ExecuteAsync("select 1; commit");
        }
        catch
        {
            transaction.RolledBack();
            throw;
        }

        transaction.Committed();
    }

    /// <summary>Reads and throws when the database cannot answer.</summary>
    public Task PingAsync(CancellationToken ct) =>
        ReadAsync(session => session.SingleAsync<long>("select cast(1 as bigint)"), ct);

    public async ValueTask DisposeAsync()
    {
        await commits.DisposeAsync();
        foreach (var writer in background)
            await writer.DisposeAsync();
        await CloseAsync();
        GC.SuppressFinalize(this);
    }

    internal abstract Task<StorageConnection> OpenWriterAsync(CancellationToken ct);

    private protected abstract Task<StorageConnection> TakeReaderAsync(CancellationToken ct);

    private protected abstract ValueTask ReturnReaderAsync(StorageConnection connection, bool usable);

    private protected abstract ValueTask CloseAsync();

    /// <summary>
    /// The same unit would probably succeed if it ran again: a deadlock, or a key that another node inserted or deleted
    /// between this unit's look and its write, so that the next look finds it, or finds it no more.
    /// </summary>
    private protected abstract bool IsTransient(Exception exception);

    private GroupCommit NewGroupCommit(int count) => new(OpenWriterAsync, IsTransient, BeginSql, count, scheduler, time);

    internal string Expand(string migration) => migration
        .Replace("{identity}", IdentityColumn, StringComparison.Ordinal)
        .Replace("{kept_by_key}", KeptByKey, StringComparison.Ordinal);

    public override string ToString() => Description;
}
