using System.Data.Common;
using Dapper;

namespace Vedette.Storage;

/// <summary>
/// A connection to ask questions on. Parameters are the members of an anonymous object; columns are mapped to properties
/// by name, without underscores. Not safe for concurrent use; valid only inside the delegate that received it.
/// </summary>
public class Session
{
    internal Session(DbConnection connection) => Connection = connection;

    internal DbConnection Connection { get; }

    public async Task<IReadOnlyList<T>> ListAsync<T>(string sql, object? args = null) =>
        (await Connection.QueryAsync<T>(sql, args)).AsList();

    /// <summary>The first row, or <c>default</c> when there is none.</summary>
    public Task<T?> FirstAsync<T>(string sql, object? args = null) => Connection.QueryFirstOrDefaultAsync<T>(sql, args);

    /// <exception cref="InvalidOperationException">Not exactly one row: a bug.</exception>
    public Task<T> SingleAsync<T>(string sql, object? args = null) => Connection.QuerySingleAsync<T>(sql, args);
}
