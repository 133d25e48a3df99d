using Vedette.Server;
using Vedette.Storage;
using Vedette.Storage.Migrations;
using Vedette.Storage.Postgres;
using Vedette.Storage.Sqlite;

namespace Vedette.Tests.Harness;

/// <summary>
/// One database of each kind with this build's schema, which apps under test begin as a copy of: a thousand of them need not
/// migrate each for itself. How a database comes to this schema is what other tests try.
/// </summary>
internal static class MigratedDatabase
{
    private static readonly Lazy<Task<byte[]>> SqliteFile = new(async () =>
    {
        using var folder = new TemporaryFolder();
        var path = Path.Combine(folder.Path, "vedette.db");
        await using (var database = new SqliteDatabase(path))
            await MigrateAsync(database);
        return await File.ReadAllBytesAsync(path);
    });

    private static readonly Lazy<Task<string>> PostgresName = new(async () =>
    {
        var connection = await PostgresServer.CreateDatabaseAsync();
        await using (var database = new PostgresDatabase(connection))
            await MigrateAsync(database);

        // The server may still hear of connections that we have closed, and copies nothing that somebody is connected to.
        await PostgresServer.DisconnectAsync(connection);
        return PostgresServer.NameOf(connection);
    });

    /// <summary>The file's bytes.</summary>
    public static Task<byte[]> SqliteAsync() => SqliteFile.Value;

    /// <summary>The name of a database that nobody is connected to.</summary>
    public static Task<string> PostgresAsync() => PostgresName.Value;

    private static async Task MigrateAsync(Database database)
    {
        if (await Migrator.ApplyAsync(database, ServerMigrations.All, TimeProvider.System, CancellationToken.None) is { } refusal)
            throw new InvalidOperationException(refusal);
    }
}
