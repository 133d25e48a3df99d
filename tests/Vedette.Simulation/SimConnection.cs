using Vedette.Storage;

namespace Vedette.Simulation;

/// <summary>A connection on which every statement is an await at which the seed may strike.</summary>
internal sealed class SimConnection(SimDatabase database, StorageConnection inner) : StorageConnection
{
    private readonly Process process = database.Process;
    private bool changedDeliveries;
    private bool broken;

    public override bool IsOpen => !broken;

    public override async Task<int> ExecuteAsync(string sql, object? args = null)
    {
        if (sql == "begin immediate")
            return await BeginAsync(sql);
        if (sql.EndsWith("; commit", StringComparison.Ordinal))
            return await CommitAsync(sql);

        await BeforeAsync(sql);
        if (sql == "rollback")
            return await RollbackAsync(sql);

        process.Oracle.BeforeFreeing(process, sql);
        Touch(sql);
        return await AfterAsync(sql, await inner.ExecuteAsync(process.Mutation.Rewrite(sql), args));
    }

    public override async Task<IReadOnlyList<T>> ListAsync<T>(string sql, object? args, int most = int.MaxValue)
    {
        await BeforeAsync(sql);
        Touch(sql);
        return await AfterAsync(sql, await inner.ListAsync<T>(process.Mutation.Rewrite(sql), args, most));
    }

    public override async Task<IReadOnlyList<int>> ExecuteEachAsync<T>(string sql, IReadOnlyList<T> rows)
    {
        await BeforeAsync(sql);
        Touch(sql);
        var fenced = rows.Count > 0 ? await LeasesBeforeAsync(sql, rows) : null;
        var counts = await inner.ExecuteEachAsync(process.Mutation.Rewrite(sql), rows);
        for (var i = 0; fenced is not null && i < counts.Count; i++)
        {
            if (counts[i] > 0 && fenced[i].Mine != fenced[i].Row)
                process.Oracle.RecordedWithoutLease(process, fenced[i].Id, fenced[i].Mine, fenced[i].Row);
        }

        return await AfterAsync(sql, counts);
    }

    public override async Task<IReadOnlyList<IReadOnlyList<T>>> ListEachAsync<T>(string sql, IReadOnlyList<object> rows)
    {
        await BeforeAsync(sql);
        Touch(sql);
        return await AfterAsync(sql, await inner.ListEachAsync<T>(process.Mutation.Rewrite(sql), rows));
    }

    public override ValueTask DisposeAsync()
    {
        Break();
        return ValueTask.CompletedTask;
    }

    /// <summary>What was not committed is rolled back.</summary>
    public void Break()
    {
        if (broken)
            return;

        broken = true;
        database.Forget(this);
        inner.DisposeAsync().AsTask().GetAwaiter().GetResult();
        database.WriteLock.Release(this);
    }

    private async Task<int> BeginAsync(string sql)
    {
        await BeforeAsync(sql);
        await database.WriteLock.TakeAsync(this);
        if (broken)
            throw new DatabaseFault("the connection broke while it waited");
        changedDeliveries = false;
        return await inner.ExecuteAsync(sql);
    }

    private async Task<int> CommitAsync(string sql)
    {
        await BeforeAsync(sql);
        switch (process.FateOfCommit())
        {
            case CommitFate.Succeeds:
                await CommitInnerAsync(sql);
                await process.TurnAsync("after the commit");
                return 0;
            case CommitFate.FailsAfterwards:
                await CommitInnerAsync(sql);
                Break();
                throw new DatabaseFault("the connection broke during the commit, which was made");
            case CommitFate.Fails when process.Mutation == Mutation.AnswersBeforeCommit:
                await inner.ExecuteAsync("rollback");
                database.WriteLock.Release(this);
                return 0;
            case CommitFate.Fails:
                Break();
                throw new DatabaseFault("the connection broke before the commit");
            default:
                throw new InvalidOperationException("no such fate");
        }
    }

    private async Task CommitInnerAsync(string sql)
    {
        await inner.ExecuteAsync(sql);
        if (changedDeliveries)
            process.Oracle.Committed(process);
        database.WriteLock.Release(this);
    }

    private async Task<int> RollbackAsync(string sql)
    {
        var count = await inner.ExecuteAsync(sql);
        database.WriteLock.Release(this);
        return count;
    }

    private async Task BeforeAsync(string sql)
    {
        await process.TurnAsync(sql);
        if (process.IsDatabaseAway)
            Break();
        if (broken)
            throw new DatabaseFault("the connection is broken");
        if (sql != "rollback" && process.StatementFails())
            throw new DatabaseFault("the statement failed");
    }

    private async Task<T> AfterAsync<T>(string sql, T result)
    {
        await process.TurnAsync(sql);
        return broken ? throw new DatabaseFault("the connection is broken") : result;
    }

    private void Touch(string sql) => changedDeliveries |= !sql.StartsWith("select", StringComparison.Ordinal) && sql.Contains("delivery", StringComparison.Ordinal);

    /// <summary>For statements that are to be fenced: which lease each caller holds, and which the row says.</summary>
    private async Task<IReadOnlyList<(long Id, long Mine, long? Row)>?> LeasesBeforeAsync<T>(string sql, IReadOnlyList<T> rows)
        where T : notnull
    {
        if (!sql.Contains("@Lease", StringComparison.Ordinal) || !sql.StartsWith("update delivery", StringComparison.Ordinal))
            return null;

        var type = rows[0].GetType();
        var (id, lease) = (type.GetProperty("Id")!, type.GetProperty("Lease")!);
        var result = new List<(long, long, long?)>();
        foreach (var row in rows)
        {
            var deliveryId = (long)id.GetValue(row)!;
            var stored = await inner.ListAsync<LeaseRow>("select lease from delivery where id = @deliveryId", new { deliveryId });
            result.Add((deliveryId, (long)lease.GetValue(row)!, stored[0].Lease));
        }

        process.Oracle.FencedStatements++;
        return result;
    }

    private sealed record LeaseRow
    {
        public long? Lease { get; init; }
    }
}

internal enum CommitFate
{
    Succeeds,
    Fails,
    FailsAfterwards,
}
