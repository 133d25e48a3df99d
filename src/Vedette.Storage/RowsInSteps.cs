namespace Vedette.Storage;

/// <summary>
/// Deletes many rows a few at a time, each few in a unit of its own, so that others write in between. The rows are found
/// outside of the unit. Two nodes that do this at once delete the same rows.
/// </summary>
public static class RowsInSteps
{
    /// <param name="find">Finds the next few, at most as many as one unit should delete: columns that <typeparamref name="T"/> has.</param>
    /// <param name="delete">Run in order for each row that was found. After the last of them <paramref name="find"/> does not find the row again.</param>
    public static async Task DeleteAsync<T>(Database database, string find, object args, IReadOnlyList<string> delete, CancellationToken ct)
        where T : notnull
    {
        while (await database.ReadAsync(session => session.ListAsync<T>(find, args), ct) is { Count: > 0 } rows)
        {
            await database.WriteAsync(async transaction =>
            {
                foreach (var statement in delete)
                    await transaction.ExecuteEachAsync(statement, rows);
            }, ct);
        }
    }

    /// <summary>The same for a table whose key is <c>id</c>, of which <paramref name="find"/> finds the ids.</summary>
    /// <param name="table">Ours, never a stranger's text.</param>
    public static Task DeleteAsync(Database database, string table, string find, object args, CancellationToken ct) =>
        DeleteAsync<RowId>(database, find, args, [$"delete from {table} where id = @Id"], ct);

    private sealed record RowId
    {
        public long Id { get; init; }
    }
}
