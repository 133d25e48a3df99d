using System.Data.Common;
using System.Security.Cryptography;
using Microsoft.Data.Sqlite;
using Npgsql;
using Vedette.Engine;
using Vedette.Storage;
using Vedette.Storage.Migrations;
using Vedette.Storage.Postgres;
using Vedette.Storage.Sqlite;

namespace Vedette.Benchmarks;

internal enum BenchKind
{
    Sqlite,
    Postgres,
}

/// <summary>An empty database for one round, on the disk that the machine has, with fsync on.</summary>
internal sealed class BenchDatabase : IAsyncDisposable
{
    private readonly string? folder;
    private readonly string? postgres;

    private BenchDatabase(string? folder, string? postgres)
    {
        this.folder = folder;
        this.postgres = postgres;
        Database = postgres is null ? new SqliteDatabase(Path.Combine(folder!, "bench.db")) : new PostgresDatabase(postgres);
    }

    public Database Database { get; }

    /// <summary>Connection string of a superuser; <c>null</c> when there is no PostgreSQL.</summary>
    public static string? PostgresServer { get; } = Environment.GetEnvironmentVariable("VEDETTE_TEST_POSTGRES");

    /// <summary>A connection past the engine's, not open yet.</summary>
    public DbConnection Connect() =>
        postgres is null ? new SqliteConnection($"Data Source={Path.Combine(folder!, "bench.db")}") : new NpgsqlConnection(postgres);

    public static async Task<BenchDatabase> CreateAsync(BenchKind kind)
    {
        BenchDatabase created;
        if (kind == BenchKind.Sqlite)
        {
            created = new BenchDatabase(Directory.CreateTempSubdirectory("vedette-bench-").FullName, null);
        }
        else
        {
            var name = $"bench_{RandomNumberGenerator.GetHexString(12, lowercase: true)}";
            await ExecuteAsync($"create database {name}");
            created = new BenchDatabase(null, new NpgsqlConnectionStringBuilder(PostgresServer) { Database = name }.ToString());
        }

        if (await Migrator.ApplyAsync(created.Database, [EngineMigrations.Set], TimeProvider.System, CancellationToken.None) is { } refusal)
            throw new InvalidOperationException(refusal);
        return created;
    }

    public async ValueTask DisposeAsync()
    {
        await Database.DisposeAsync();
        if (folder is not null)
            Directory.Delete(folder, recursive: true);
        if (postgres is not null)
            await ExecuteAsync($"drop database {new NpgsqlConnectionStringBuilder(postgres).Database} with (force)");
    }

    private static async Task ExecuteAsync(string sql)
    {
        await using var source = NpgsqlDataSource.Create(PostgresServer!);
        await using var command = source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }
}
