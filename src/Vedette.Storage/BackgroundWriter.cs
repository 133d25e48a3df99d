namespace Vedette.Storage;

/// <summary>Writes units of work as <see cref="Database"/> does, in a queue of their own. Units of two queues are in no order.</summary>
public sealed class BackgroundWriter
{
    private readonly GroupCommit commits;

    internal BackgroundWriter(GroupCommit commits) => this.commits = commits;

    /// <inheritdoc cref="Database.WriteAsync{T}"/>
    public Task<T> WriteAsync<T>(Func<Transaction, Task<T>> unit, CancellationToken ct) => commits.EnqueueAsync(unit, ct);

    /// <inheritdoc cref="Database.WriteAsync{T}"/>
    public Task WriteAsync(Func<Transaction, Task> unit, CancellationToken ct) => commits.EnqueueAsync(unit, ct);
}
