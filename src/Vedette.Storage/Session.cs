namespace Vedette.Storage;

/// <summary>
/// A connection to ask questions on. Parameters are the members of an anonymous object; columns are mapped to properties
/// by name, without underscores. Not safe for concurrent use; valid only inside the delegate that received it.
/// </summary>
public class Session
{
    internal Session(StorageConnection connection) => Connection = connection;

    internal StorageConnection Connection { get; }

    public Task<IReadOnlyList<T>> ListAsync<T>(string sql, object? args = null) => Connection.ListAsync<T>(sql, args);

    /// <summary>The first row, or <c>default</c> when there is none.</summary>
    public async Task<T?> FirstAsync<T>(string sql, object? args = null) =>
        await Connection.ListAsync<T>(sql, args, most: 1) is [var row, ..] ? row : default;

    /// <summary>Runs the query once a row, in order, and crosses to the database once for many. The rows are of one type.</summary>
    /// <returns>What each run found.</returns>
    public Task<IReadOnlyList<IReadOnlyList<T>>> ListEachAsync<T>(string sql, IReadOnlyList<object> rows) => Connection.ListEachAsync<T>(sql, rows);

    /// <exception cref="InvalidOperationException">Not exactly one row: a bug.</exception>
    public async Task<T> SingleAsync<T>(string sql, object? args = null) => (await Connection.ListAsync<T>(sql, args, most: 2)).Single();
}
