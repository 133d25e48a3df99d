namespace Vedette.Storage;

/// <summary>
/// Deletes what is old without reading what is young: ids grow with time, so a table is walked from its lowest id in windows
/// until one holds nothing old. No index on the instant is needed, and tables that are written thousands of times a second
/// have none. The highest id of a table always stays, because SQLite would give it to the next row.
/// </summary>
public static class OldRows
{
    /// <param name="table">Ours, never a stranger's text; its key is <c>id</c>.</param>
    /// <param name="instant">The column that says how old a row is.</param>
    /// <param name="deletes">
    /// Run in order in one unit a window. Each deletes only rows with <c>id &gt; @after and id &lt;= @until</c> that are older
    /// than <c>@before</c>; what a statement leaves is passed by. The rows of the last statement are counted.
    /// </param>
    /// <param name="window">Ids that one unit looks at: less where much hangs on each.</param>
    /// <returns>How many rows the last statement deleted in all.</returns>
    public static async Task<long> DeleteAsync(
        Database database, string table, string instant, DateTimeOffset before, int window, IReadOnlyList<string> deletes, CancellationToken ct)
    {
        var cutoff = UnixMicroseconds.From(before);
        var deleted = 0L;
        for (var after = 0L; ;)
        {
            var rows = await database.ReadAsync(
                session => session.ListAsync<Row>($"select id, {instant} as at from {table} where id > @after and id < (select max(id) from {table}) order by id limit {window}", new { after }), ct);
            if (!rows.Any(row => row.At < cutoff))
                return deleted;

            var until = rows[^1].Id;
            var args = new { after, until, before = cutoff };
            deleted += await database.WriteAsync(async transaction =>
            {
                var last = 0;
                foreach (var delete in deletes)
                    last = await transaction.ExecuteAsync(delete, args);
                return last;
            }, ct);
            after = until;
        }
    }

    private sealed record Row
    {
        public long Id { get; init; }

        public long At { get; init; }
    }
}
