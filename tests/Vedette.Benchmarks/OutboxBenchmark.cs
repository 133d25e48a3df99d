using System.Data;
using System.Data.Common;
using System.Diagnostics;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace Vedette.Benchmarks;

/// <summary>
/// The outbox that is usually written by hand, on the same database and the same tables: each worker takes the oldest due
/// row in a transaction of its own, posts, and records the outcome in another. What the engine delivers is compared with it.
/// </summary>
internal static class OutboxBenchmark
{
    private const int Workers = 64;

    /// <returns>Deliveries a second of the engine, beside those of the outbox.</returns>
    public static async Task<Round> RunAsync(BenchKind kind, BenchReceiver receiver, int deliveries, int ours)
    {
        var outbox = await DrainAsync(kind, receiver, deliveries);
        var engine = await DrainBenchmark.RunAsync(kind, receiver, ours);
        return new Round(engine.Value, outbox);
    }

    private static async Task<double> DrainAsync(BenchKind kind, BenchReceiver receiver, int deliveries)
    {
        await using var bench = await BenchDatabase.CreateAsync(kind);
        await using (var engine = new BenchEngine(bench.Database))
            await DrainBenchmark.FillAsync(bench.Database, await engine.AddDestinationsAsync(0, 8, $"{receiver.Url}/ok"), deliveries);

        using var client = new HttpMessageInvoker(new SocketsHttpHandler { UseProxy = false, UseCookies = false, AllowAutoRedirect = false, ActivityHeadersPropagator = null });
        var began = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, Workers).Select(_ => Task.Run(() => WorkAsync(bench, client, $"{receiver.Url}/ok"))));
        return deliveries / Stopwatch.GetElapsedTime(began).TotalSeconds;
    }

    private static async Task WorkAsync(BenchDatabase bench, HttpMessageInvoker client, string url)
    {
        await using var connection = bench.Connect();
        await connection.OpenAsync();
        if (connection is SqliteConnection)
            await ExecuteAsync(connection, null, "pragma synchronous = full; pragma busy_timeout = 60000");

        while (await ClaimAsync(connection, bench.Database.SkipLocked) is { } id)
        {
            await DrainBenchmark.PostAsync(client, url);
            await using var transaction = await connection.BeginTransactionAsync(IsolationLevel.Unspecified);
            await ExecuteAsync(connection, transaction, $"update delivery set state = 'delivered', reason = 'HTTP 200', attempts = 1, lease = null where id = {id}");
            await ExecuteAsync(connection, transaction, $"""
                insert into attempt (delivery_id, destination_id, number, request_id, url, started_at, duration_us, outcome, reason, status_code)
                values ({id}, 1, 1, 'request', '{url}', 0, 0, 'delivered', 'HTTP 200', 200)
                """);
            await transaction.CommitAsync();
        }
    }

    private static async Task<long?> ClaimAsync(DbConnection connection, string skipLocked)
    {
        await using var transaction = await connection.BeginTransactionAsync(IsolationLevel.Unspecified);
        var id = await ExecuteAsync(connection, transaction, $"""
            update delivery set lease = 1, due_at = 9000000000000000 where id = (
                select id from delivery where state = 'pending' and due_at <= 1 order by id limit 1 {skipLocked})
            returning id
            """);
        await transaction.CommitAsync();
        return (long?)id;
    }

    private static async Task<object?> ExecuteAsync(DbConnection connection, DbTransaction? transaction, string sql)
    {
        await using var command = connection.CreateCommand();
        (command.CommandText, command.Transaction) = (sql, transaction);
        return await command.ExecuteScalarAsync();
    }
}
