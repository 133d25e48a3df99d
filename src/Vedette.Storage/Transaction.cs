namespace Vedette.Storage;

/// <summary>A unit of work that is being written. Its changes are visible to others only after the commit that it may share.</summary>
public sealed class Transaction : Session
{
    private readonly List<(SharedWrite To, object Row)> putOff = [];
    private readonly List<Action> afterCommit = [];
    private readonly List<Action> afterRollback = [];

    internal Transaction(StorageConnection connection)
        : base(connection)
    {
    }

    /// <returns>How many rows were changed: what a guarded update is judged by.</returns>
    public Task<int> ExecuteAsync(string sql, object? args = null) => Connection.ExecuteAsync(sql, args);

    /// <summary>Runs the statement once a row, in order.</summary>
    /// <returns>How many rows each run changed.</returns>
    public Task<IReadOnlyList<int>> ExecuteEachAsync<T>(string sql, IReadOnlyList<T> rows)
        where T : notnull => Connection.ExecuteEachAsync(sql, rows);

    /// <summary>Written before the commit, with what other units that share it put off. This unit does not see it.</summary>
    public void PutOffTo<T>(SharedWrite<T> write, T row)
        where T : class => putOff.Add((write, row));

    /// <summary>Runs once the commit is on disk, before the writer's caller goes on. Not run when the unit or the commit fails. Must be quick and must not throw.</summary>
    public void AfterCommit(Action action) => afterCommit.Add(action);

    /// <summary>Runs when this run of the unit came to nothing, also when the unit is about to run again. Must be quick and must not throw.</summary>
    public void AfterRollback(Action action) => afterRollback.Add(action);

    internal IReadOnlyList<(SharedWrite To, object Row)> PutOff => putOff;

    internal void Committed() => afterCommit.ForEach(action => action());

    internal void RolledBack() => afterRollback.ForEach(action => action());
}
