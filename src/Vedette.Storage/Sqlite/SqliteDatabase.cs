using System.Collections.Concurrent;
using Microsoft.Data.Sqlite;

namespace Vedette.Storage.Sqlite;

/// <summary>One file, one writer, a pool of readers. Every commit is on disk before it is answered (WAL, <c>synchronous=FULL</c>).</summary>
public sealed class SqliteDatabase : Database
{
    private const int MostReaders = 8;

    private readonly string path;
    private readonly ConcurrentBag<StorageConnection> idleReaders = [];
    private readonly SemaphoreSlim readers = new(MostReaders);

    static SqliteDatabase() => SqliteLibrary.Load();

    /// <param name="path">Created when it is not there; its folder must exist.</param>
    public SqliteDatabase(string path)
        : base(writers: 1, beginSql: "begin immediate") => this.path = path;

    public override string IdentityColumn => "integer primary key";

    public override string KeptByKey => "without rowid";

    public override string SkipLocked => "";

    public override bool IsSingleNode => true;

    public override string Description => $"SQLite file {path}";

    internal override string StartupLockSql => "";

    internal override async Task<StorageConnection> OpenWriterAsync(CancellationToken ct) =>
        await OpenAsync("pragma journal_mode = wal; pragma synchronous = full; pragma foreign_keys = on; pragma wal_autocheckpoint = 4000", ct);

    private protected override async Task<StorageConnection> TakeReaderAsync(CancellationToken ct)
    {
        await readers.WaitAsync(ct);
        try
        {
            return idleReaders.TryTake(out var idle) ? idle : await OpenAsync("pragma query_only = on", ct);
        }
        catch
        {
            readers.Release();
            throw;
        }
    }

    private protected override async ValueTask ReturnReaderAsync(StorageConnection connection, bool usable)
    {
        if (usable)
            idleReaders.Add(connection);
        else
            await connection.DisposeAsync();
        readers.Release();
    }

    private protected override async ValueTask CloseAsync()
    {
        while (idleReaders.TryTake(out var connection))
            await connection.DisposeAsync();
    }

    /// <summary>Nothing is: the one writer waits for its lock, and `vedette admin` holds it only for moments.</summary>
    private protected override bool IsTransient(Exception exception) => false;

    private async Task<StorageConnection> OpenAsync(string pragmas, CancellationToken ct)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false, DefaultTimeout = 30 }.ToString());
        try
        {
            await connection.OpenAsync(ct);
            var statements = new SqliteStatements(connection);
            await statements.ExecuteAsync($"pragma busy_timeout = 10000; pragma cache_size = -32000; {pragmas}");
            return statements;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }
}
