namespace Vedette.Storage;

/// <summary>
/// A write that units of work put off to the end of the transaction, where it is done once for all units that share the
/// commit: a hundred units that count something cost one statement instead of a hundred.
/// </summary>
/// <param name="write">
/// Is given the rows of all units in the order in which they were handed in, and does nothing but database work. When it
/// fails, each unit's rows are written alone, and only the unit whose rows fail is undone.
/// </param>
public sealed class SharedWrite<T>(Func<Transaction, IReadOnlyList<T>, Task> write) : SharedWrite
    where T : class
{
    internal override Task RunAsync(Transaction transaction, IEnumerable<object> rows) => write(transaction, [.. rows.Cast<T>()]);
}

/// <inheritdoc cref="SharedWrite{T}"/>
public abstract class SharedWrite
{
    private protected SharedWrite()
    {
    }

    internal abstract Task RunAsync(Transaction transaction, IEnumerable<object> rows);

    /// <summary>Writes what the transactions, all of one connection, have put off.</summary>
    internal static async Task RunAllAsync(StorageConnection connection, IEnumerable<Transaction> transactions)
    {
        foreach (var rows in transactions.SelectMany(transaction => transaction.PutOff).GroupBy(each => each.To, each => each.Row))
            await rows.Key.RunAsync(new Transaction(connection), rows);
    }
}
