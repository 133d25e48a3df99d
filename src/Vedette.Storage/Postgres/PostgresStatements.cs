using System.Collections.Concurrent;
using System.Data;
using Dapper;
using Npgsql;

namespace Vedette.Storage.Postgres;

/// <summary>Npgsql keeps statements prepared by itself; what counts here is how often the network is crossed.</summary>
internal sealed class PostgresStatements(NpgsqlConnection connection) : StorageConnection
{
    /// <summary>Statements that are sent before an answer is awaited.</summary>
    private const int MostAtOnce = 500;

    private static readonly ConcurrentDictionary<(string Sql, Type Row), PostgresBulk?> Bulks = new();

    public override bool IsOpen => connection.State == ConnectionState.Open;

    public override Task<int> ExecuteAsync(string sql, object? args = null) => connection.ExecuteAsync(sql, args);

    public override async Task<IReadOnlyList<T>> ListAsync<T>(string sql, object? args, int most = int.MaxValue)
    {
        if (most != 1)
            return (await connection.QueryAsync<T>(sql, args)).AsList();

        var row = await connection.QueryAsync<T>(new CommandDefinition(sql, args));
        return [.. row.Take(1)];
    }

    public override async Task<IReadOnlyList<int>> ExecuteEachAsync<T>(string sql, IReadOnlyList<T> rows)
    {
        var arguments = Arguments.Of(sql, typeof(T));
        if (Bulks.GetOrAdd((sql, typeof(T)), static (key, arguments) => PostgresBulk.Of(key.Sql, arguments), arguments) is { } bulk)
            return await bulk.RunAsync(connection, rows);

        var counts = new int[rows.Count];
        for (var from = 0; from < counts.Length; from += MostAtOnce)
        {
            await using var batch = new NpgsqlBatch(connection);
            var until = Math.Min(from + MostAtOnce, counts.Length);
            for (var i = from; i < until; i++)
                batch.BatchCommands.Add(Command(arguments, rows[i]));
            await batch.ExecuteNonQueryAsync();
            for (var i = from; i < until; i++)
                counts[i] = (int)batch.BatchCommands[i - from].RecordsAffected;
        }

        return counts;
    }

    public override async Task<IReadOnlyList<IReadOnlyList<T>>> ListEachAsync<T>(string sql, IReadOnlyList<object> rows)
    {
        if (rows.Count == 0)
            return [];

        var arguments = Arguments.Of(sql, rows[0]);
        var lists = new List<IReadOnlyList<T>>(rows.Count);
        foreach (var some in rows.Chunk(MostAtOnce))
        {
            await using var batch = new NpgsqlBatch(connection);
            foreach (var row in some)
                batch.BatchCommands.Add(Command(arguments, row));
            await using var reader = await batch.ExecuteReaderAsync();
            foreach (var _ in some)
            {
                var parse = reader.GetRowParser<T>();
                var list = new List<T>();
                while (await reader.ReadAsync())
                    list.Add(parse(reader));
                lists.Add(list);
                await reader.NextResultAsync();
            }
        }

        return lists;
    }

    public override ValueTask DisposeAsync() => connection.DisposeAsync();

    private static NpgsqlBatchCommand Command(Arguments arguments, object row)
    {
        var command = new NpgsqlBatchCommand(arguments.Positional);
        foreach (var argument in arguments.List)
            command.Parameters.Add(new NpgsqlParameter { DbType = argument.Type, Value = argument.ValueIn(row) });
        return command;
    }
}
