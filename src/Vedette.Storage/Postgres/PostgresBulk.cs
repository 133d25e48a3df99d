using System.Data;
using System.Text.RegularExpressions;
using Npgsql;
using NpgsqlTypes;

namespace Vedette.Storage.Postgres;

/// <summary>
/// A statement that is written for one row, as PostgreSQL runs it for many at once: the rows travel as one array a member
/// and are unfolded there, so a thousand rows cost one statement instead of a thousand.
/// </summary>
/// <remarks>
/// Three shapes are understood: <c>insert into t (...) values (...)</c>, the same with <c>on conflict (...) do update set ...</c>,
/// and <c>update t set ... where ...</c>, whole and with nothing after them. Unlike one after the other, two rows of an update
/// that meet the same row of the table change it once, and two rows of an insert that meet the same row are refused.
/// </remarks>
internal sealed partial class PostgresBulk
{
    private readonly IReadOnlyList<Argument> arguments;
    private readonly string text;
    private readonly bool counts;

    private PostgresBulk(IReadOnlyList<Argument> arguments, string text, bool counts) =>
        (this.arguments, this.text, this.counts) = (arguments, text, counts);

    /// <returns><c>null</c> when the statement has another shape.</returns>
    public static PostgresBulk? Of(string sql, Arguments arguments)
    {
        if (arguments.List.Count == 0)
            return null;

        var rows = $"unnest({string.Join(", ", arguments.List.Select((argument, i) => $"${i + 1}::{TypeOf(argument.Type).Name}[]"))})";
        var columns = string.Join(", ", arguments.List.Select((_, i) => $"v{i + 1}"));
        var positional = Positional.Replace(arguments.Positional.Trim(), "each_row.v${number}");
        if (Insert.Match(positional) is { Success: true } insert)
        {
            var all =
                $"insert into {insert.Groups["into"].Value} select {insert.Groups["values"].Value} from {rows} as each_row ({columns}) {insert.Groups["conflict"].Value}";
            return new PostgresBulk(arguments.List, all, counts: false);
        }

        if (Update.Match(positional) is { Success: true } update)
        {
            var all =
                $"update {update.Groups["set"].Value} from {rows} with ordinality as each_row ({columns}, place) "
                + $"where {update.Groups["where"].Value} returning each_row.place";
            return new PostgresBulk(arguments.List, all, counts: true);
        }

        return null;
    }

    /// <returns>How many rows of the table each row changed: 0 or 1.</returns>
    public async Task<IReadOnlyList<int>> RunAsync<T>(NpgsqlConnection connection, IReadOnlyList<T> rows)
        where T : notnull
    {
        var changed = new int[rows.Count];
        if (changed.Length == 0)
            return changed;

        await using var command = new NpgsqlCommand(text, connection);
        foreach (var argument in arguments)
            command.Parameters.Add(new NpgsqlParameter { NpgsqlDbType = NpgsqlDbType.Array | TypeOf(argument.Type).Type, Value = Column(argument, rows) });
        if (!counts)
        {
            await command.ExecuteNonQueryAsync();
            Array.Fill(changed, 1);
            return changed;
        }

        await using var places = await command.ExecuteReaderAsync();
        while (await places.ReadAsync())
            changed[places.GetInt64(0) - 1]++;
        return changed;
    }

    private static Array Column<T>(Argument argument, IReadOnlyList<T> rows)
        where T : notnull => argument.Type switch
        {
            DbType.Int64 => Fill<T, long?>(argument, rows),
            DbType.Int32 => Fill<T, int?>(argument, rows),
            DbType.Binary => Fill<T, byte[]?>(argument, rows),
            _ => Fill<T, string?>(argument, rows),
        };

    private static TValue[] Fill<T, TValue>(Argument argument, IReadOnlyList<T> rows)
        where T : notnull
    {
        var column = new TValue[rows.Count];
        for (var i = 0; i < column.Length; i++)
            column[i] = (TValue)argument.Read(rows[i])!;
        return column;
    }

    private static (string Name, NpgsqlDbType Type) TypeOf(DbType type) => type switch
    {
        DbType.Int64 => ("bigint", NpgsqlDbType.Bigint),
        DbType.Int32 => ("integer", NpgsqlDbType.Integer),
        DbType.Binary => ("bytea", NpgsqlDbType.Bytea),
        _ => ("text", NpgsqlDbType.Text),
    };

    [GeneratedRegex(@"\$(?<number>\d+)", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Positional { get; }

    [GeneratedRegex(@"^insert into (?<into>\w+ *\([^()]*\))\s*values\s*\((?<values>[^()]*)\)(?<conflict>\s*on conflict \([^()]*\) do update set [^()]*)?$", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Insert { get; }

    [GeneratedRegex(@"^update (?<set>\w+\s+set [^()]*?)\s+where (?<where>[^()]*)$", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Update { get; }
}
