using System.Security.Cryptography;
using Npgsql;

namespace Vedette.Tests.Harness;

/// <summary>The PostgreSQL server that <c>./test</c> starts. Each app under test gets a database of its own in it.</summary>
internal static class PostgresServer
{
    public const string WhyNot = "no PostgreSQL: run ./test, or set VEDETTE_TEST_POSTGRES to the connection string of a superuser";

    private static readonly string? Server = Environment.GetEnvironmentVariable("VEDETTE_TEST_POSTGRES");

    public static bool IsThere => !string.IsNullOrEmpty(Server);

    /// <returns>The connection string of a new, empty database.</returns>
    public static Task<string> CreateDatabaseAsync() => CreateAsync("");

    /// <returns>The connection string of a new database with this build's schema and nothing in it.</returns>
    public static async Task<string> CreateMigratedAsync() => await CreateAsync($"template {await MigratedDatabase.PostgresAsync()}");

    public static string NameOf(string connectionString) => new NpgsqlConnectionStringBuilder(connectionString).Database!;

    public static async Task DropDatabaseAsync(string connectionString)
    {
        await ExecuteAsync($"drop database if exists {NameOf(connectionString)} with (force)");
    }

    /// <summary>Whoever is connected to the database is no more.</summary>
    public static Task DisconnectAsync(string connectionString) =>
        ExecuteAsync($"select pg_terminate_backend(pid, 5000) from pg_stat_activity where datname = '{NameOf(connectionString)}'");

    private static async Task<string> CreateAsync(string like)
    {
        var name = $"vedette_{RandomNumberGenerator.GetHexString(16, lowercase: true)}";
        await ExecuteAsync($"create database {name} {like}");
        return new NpgsqlConnectionStringBuilder(Server) { Database = name, MaxPoolSize = 20 }.ToString();
    }

    private static async Task ExecuteAsync(string sql)
    {
        await using var source = NpgsqlDataSource.Create(Server!);
        await using var command = source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }
}
