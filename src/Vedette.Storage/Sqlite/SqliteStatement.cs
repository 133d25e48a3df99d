using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Vedette.Storage.Sqlite;

/// <summary>
/// One prepared statement that returns no rows, bound by position and stepped directly: for the short statements that are
/// run thousands of times a second, a command object and its reader cost more than SQLite itself.
/// </summary>
internal sealed class SqliteStatement : IDisposable
{
    private readonly sqlite3 database;
    private readonly sqlite3_stmt statement;
    private readonly IReadOnlyList<Argument> arguments;
    private readonly int[] places;

    public SqliteStatement(SqliteConnection connection, string sql, IReadOnlyList<Argument> arguments)
    {
        database = connection.Handle!;
        this.arguments = arguments;
        SqliteException.ThrowExceptionForRC(raw.sqlite3_prepare_v2(database, sql, out statement, out string tail), database);
        if (!string.IsNullOrWhiteSpace(tail))
            throw new InvalidOperationException($"more than one statement: {sql}");
        places = [.. arguments.Select(argument => raw.sqlite3_bind_parameter_index(statement, $"@{argument.Name}"))];
    }

    /// <returns>How many rows were changed.</returns>
    public int Run(object? args)
    {
        try
        {
            for (var i = 0; i < places.Length; i++)
                Bind(places[i], arguments[i].ValueIn(args!));

            // What comes after is a row of `returning`, which nobody asked for; the work is done with the first step.
            var result = raw.sqlite3_step(statement);
            if (result is not (raw.SQLITE_DONE or raw.SQLITE_ROW))
                SqliteException.ThrowExceptionForRC(result, database);
            return raw.sqlite3_changes(database);
        }
        finally
        {
            _ = raw.sqlite3_reset(statement);
        }
    }

    /// <summary>The first column of each row, of the types that <see cref="IsScalar"/> names.</summary>
    /// <param name="most">Further rows are not read.</param>
    public IReadOnlyList<T> Column<T>(object? args, int most)
    {
        var values = new List<T>(1);
        try
        {
            for (var i = 0; i < places.Length; i++)
                Bind(places[i], arguments[i].ValueIn(args!));

            int result;
            while ((result = raw.sqlite3_step(statement)) == raw.SQLITE_ROW && values.Count < most)
                values.Add((T)Value()!);
            if (result is not (raw.SQLITE_DONE or raw.SQLITE_ROW))
                SqliteException.ThrowExceptionForRC(result, database);
            return values;
        }
        finally
        {
            _ = raw.sqlite3_reset(statement);
        }
    }

    public static bool IsScalar(Type type) => type == typeof(long) || type == typeof(long?) || type == typeof(string);

    public void Dispose() => statement.Dispose();

    private object? Value() => raw.sqlite3_column_type(statement, 0) switch
    {
        raw.SQLITE_NULL => null,
        raw.SQLITE_INTEGER => raw.sqlite3_column_int64(statement, 0),
        _ => raw.sqlite3_column_text(statement, 0).utf8_to_string(),
    };

    private void Bind(int place, object value)
    {
        var result = value switch
        {
            long number => raw.sqlite3_bind_int64(statement, place, number),
            int number => raw.sqlite3_bind_int64(statement, place, number),
            string text => raw.sqlite3_bind_text(statement, place, text),
            byte[] bytes => raw.sqlite3_bind_blob(statement, place, bytes),
            DBNull => raw.sqlite3_bind_null(statement, place),
            _ => throw new ArgumentException($"{value.GetType()} is nothing that a column holds", nameof(value)),
        };
        if (result != raw.SQLITE_OK)
            SqliteException.ThrowExceptionForRC(result, database);
    }
}
