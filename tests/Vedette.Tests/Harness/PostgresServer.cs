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
    public static async Task<string> CreateDatabaseAsync()
    {
        var name = $"vedette_{RandomNumberGenerator.GetHexString(16, lowercase: true)}";
        await ExecuteAsync($"create database {name}");
        return new NpgsqlConnectionStringBuilder(Server) { Database = name, MaxPoolSize = 20 }.ToString();
    }

    public static async Task DropDatabaseAsync(string connectionString)
    {
        var name = new NpgsqlConnectionStringBuilder(connectionString).Database;
        await ExecuteAsync($"drop database if exists {name} with (force)");
    }

    private static async Task ExecuteAsync(string sql)
    {
        await using var source = NpgsqlDataSource.Create(Server!);
        await using var command = source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }
}
