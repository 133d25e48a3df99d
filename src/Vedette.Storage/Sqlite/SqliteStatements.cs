using System.Data;
using System.Data.Common;
using Dapper;
using Microsoft.Data.Sqlite;

namespace Vedette.Storage.Sqlite;

/// <summary>
/// Keeps statements prepared, because for short ones SQLite spends more on parsing than on running. SQLite does its work
/// on the calling thread, so nothing here is asynchronous but the signatures.
/// </summary>
internal sealed class SqliteStatements(SqliteConnection connection) : StorageConnection
{
    /// <summary>Texts are few, but lists may be spelt out in them; past this number all are prepared anew.</summary>
    private const int MostPrepared = 300;

    private readonly Dictionary<string, SqliteCommand> prepared = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Sql, Type? Args), SqliteStatement> statements = [];
    private readonly Dictionary<(string Sql, Type Row, int Columns), Func<DbDataReader, object>> parsers = [];

    public override bool IsOpen => connection.State == ConnectionState.Open;

    /// <summary>Without arguments the text may hold several statements, as migrations do.</summary>
    public override Task<int> ExecuteAsync(string sql, object? args = null) =>
        Task.FromResult(args is null ? Prepare(sql, null).ExecuteNonQuery() : StatementOf(sql, args).Run(args));

    public override Task<IReadOnlyList<T>> ListAsync<T>(string sql, object? args, int most = int.MaxValue)
    {
        if (args is not null && SqliteStatement.IsScalar(typeof(T)))
            return Task.FromResult(StatementOf(sql, args).Column<T>(args, most));

        var rows = new List<T>();
        using var reader = Prepare(sql, args).ExecuteReader();
        while (rows.Count < most && reader.Read())
            rows.Add((T)ParserOf(sql, typeof(T), reader)(reader)!);
        return Task.FromResult<IReadOnlyList<T>>(rows);
    }

    public override Task<IReadOnlyList<int>> ExecuteEachAsync<T>(string sql, IReadOnlyList<T> rows)
    {
        var counts = new int[rows.Count];
        if (rows.Count == 0)
            return Task.FromResult<IReadOnlyList<int>>(counts);

        var statement = StatementOf(sql, rows[0]);
        for (var i = 0; i < counts.Length; i++)
            counts[i] = statement.Run(rows[i]);
        return Task.FromResult<IReadOnlyList<int>>(counts);
    }

    public override async Task<IReadOnlyList<IReadOnlyList<T>>> ListEachAsync<T>(string sql, IReadOnlyList<object> rows)
    {
        var lists = new IReadOnlyList<T>[rows.Count];
        for (var i = 0; i < lists.Length; i++)
            lists[i] = await ListAsync<T>(sql, rows[i]);
        return lists;
    }

    public override async ValueTask DisposeAsync()
    {
        Forget();
        await connection.DisposeAsync();
    }

    private SqliteStatement StatementOf(string sql, object args)
    {
        if (statements.TryGetValue((sql, args.GetType()), out var statement))
            return statement;
        if (statements.Count >= MostPrepared)
            Forget();
        statement = new SqliteStatement(connection, sql, Arguments.Of(sql, args).List);
        statements.Add((sql, args.GetType()), statement);
        return statement;
    }

    private SqliteCommand Prepare(string sql, object? args)
    {
        if (!prepared.TryGetValue(sql, out var command))
        {
            if (prepared.Count >= MostPrepared)
                Forget();
            command = connection.CreateCommand();
            command.CommandText = sql;
            prepared.Add(sql, command);
        }

        if (args is null)
            return command;

        // A statement may be called with objects of several types, as long as they have the members that it names.
        var arguments = Arguments.Of(sql, args).List;
        if (command.Parameters.Count == 0)
        {
            foreach (var argument in arguments)
                command.Parameters.Add(new SqliteParameter { ParameterName = $"@{argument.Name}", DbType = argument.Type });
        }

        for (var i = 0; i < arguments.Count; i++)
            command.Parameters[i].Value = arguments[i].ValueIn(args);
        return command;
    }

    /// <summary>SQLite's columns have no types, its values do, so two rows of one answer may need different parsers.</summary>
    private Func<DbDataReader, object> ParserOf(string sql, Type row, SqliteDataReader reader)
    {
        var columns = new HashCode();
        for (var i = 0; i < reader.FieldCount; i++)
            columns.Add(reader.GetFieldType(i));
        var key = (sql, row, columns.ToHashCode());
        if (!parsers.TryGetValue(key, out var parser))
            parsers.Add(key, parser = reader.GetRowParser(row));
        return parser;
    }

    private void Forget()
    {
        foreach (var command in prepared.Values)
            command.Dispose();
        foreach (var statement in statements.Values)
            statement.Dispose();
        prepared.Clear();
        statements.Clear();
        parsers.Clear();
    }
}
