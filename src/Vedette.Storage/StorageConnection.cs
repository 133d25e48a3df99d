namespace Vedette.Storage;

/// <summary>A connection and the way in which its database likes to be asked. One statement at a time.</summary>
internal abstract class StorageConnection : IAsyncDisposable
{
    /// <summary><c>false</c> once it broke; it is of no use then.</summary>
    public abstract bool IsOpen { get; }

    /// <returns>How many rows were changed.</returns>
    public abstract Task<int> ExecuteAsync(string sql, object? args = null);

    /// <param name="most">Further rows are not read.</param>
    public abstract Task<IReadOnlyList<T>> ListAsync<T>(string sql, object? args, int most = int.MaxValue);

    /// <summary>Runs the statement once a row, in order.</summary>
    /// <returns>How many rows each run changed.</returns>
    public abstract Task<IReadOnlyList<int>> ExecuteEachAsync<T>(string sql, IReadOnlyList<T> rows)
        where T : notnull;

    /// <summary>Runs the query once a row, in order; the rows are of one type.</summary>
    /// <returns>What each run found.</returns>
    public abstract Task<IReadOnlyList<IReadOnlyList<T>>> ListEachAsync<T>(string sql, IReadOnlyList<object> rows);

    public abstract ValueTask DisposeAsync();
}
