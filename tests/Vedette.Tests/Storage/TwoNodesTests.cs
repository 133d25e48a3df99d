using System.Data.Common;
using Npgsql;
using Vedette.Storage;
using Vedette.Tests.Harness;
using Xunit;

namespace Vedette.Tests.Storage;

/// <summary>What only PostgreSQL can show: two nodes on one database, and a server that goes away.</summary>
public sealed class TwoNodesTests
{
    private static readonly CancellationToken None = CancellationToken.None;

    public static bool PostgresIsThere => PostgresServer.IsThere;

    [Fact(Skip = PostgresServer.WhyNot, SkipUnless = nameof(PostgresIsThere))]
    public async Task A_key_that_another_node_inserts_meanwhile_is_found_on_the_second_look()
    {
        await using var database = await TestDatabase.WithNotesAsync(DatabaseKind.Postgres);
        var other = database.AddNode();
        var inserted = new TaskCompletionSource();
        var looked = new TaskCompletionSource();

        var first = database.Node.WriteAsync(
            async transaction =>
            {
                await transaction.NoteAsync(7, "first");
                inserted.TrySetResult();
                await looked.Task;
            },
            None);
        await inserted.Task;
        var runs = 0;
        var second = other.WriteAsync(
            async transaction =>
            {
                runs++;
                var known = await transaction.FirstAsync<string>("select text from note where id = 7");
                looked.TrySetResult();
                if (known is null)
                    await transaction.NoteAsync(7, "second");
                return known;
            },
            None);

        await first;
        Assert.Equal("first", await second);
        Assert.InRange(runs, 2, 3);
    }

    [Fact(Skip = PostgresServer.WhyNot, SkipUnless = nameof(PostgresIsThere))]
    public async Task A_deadlock_between_two_nodes_is_run_again()
    {
        await using var database = await TestDatabase.WithNotesAsync(DatabaseKind.Postgres);
        var other = database.AddNode();
        await database.Node.WriteNoteAsync(1);
        await database.Node.WriteNoteAsync(2);
        using var bothHoldOne = new Barrier(2);
        var meet = 2;

        Task Cross(Database node, long from, long to) => node.WriteAsync(
            async transaction =>
            {
                await transaction.ExecuteAsync("update note set text = text || 'x' where id = @from", new { from });
                if (Interlocked.Decrement(ref meet) >= 0)
                    await Task.Run(() => bothHoldOne.SignalAndWait(TimeSpan.FromSeconds(10)));
                await transaction.ExecuteAsync("update note set text = text || 'x' where id = @to", new { to });
            },
            None);
        await Task.WhenAll(Cross(database.Node, 1, 2), Cross(other, 2, 1));

        var texts = await other.ReadAsync(session => session.ListAsync<string>("select text from note"), None);
        Assert.Equal(["xx", "xx"], texts);
    }

    [Fact(Skip = PostgresServer.WhyNot, SkipUnless = nameof(PostgresIsThere))]
    public async Task A_row_that_another_node_deletes_meanwhile_is_not_found_on_the_second_look()
    {
        await using var database = await TestDatabase.WithNotesAsync(DatabaseKind.Postgres);
        await database.Node.WriteAsync(transaction => transaction.ExecuteAsync("create table remark (note_id bigint not null references note (id) on delete cascade)"), None);
        await database.Node.WriteNoteAsync(7);
        var other = database.AddNode();
        var looked = new TaskCompletionSource();
        var deleted = new TaskCompletionSource();

        var remark = database.Node.WriteAsync(
            async transaction =>
            {
                var known = await transaction.FirstAsync<string>("select text from note where id = 7");
                looked.TrySetResult();
                await deleted.Task;
                if (known is not null)
                    await transaction.ExecuteAsync("insert into remark (note_id) values (7)");
                return known is not null;
            },
            None);
        await looked.Task;
        await other.WriteAsync(transaction => transaction.ExecuteAsync("delete from note where id = 7"), None);
        deleted.SetResult();

        Assert.False(await remark);
    }

    [Fact(Skip = PostgresServer.WhyNot, SkipUnless = nameof(PostgresIsThere))]
    public async Task A_key_that_is_really_taken_comes_out_as_an_error_at_last()
    {
        await using var database = await TestDatabase.WithNotesAsync(DatabaseKind.Postgres);
        await database.Node.WriteNoteAsync(1);

        var taken = await Assert.ThrowsAsync<PostgresException>(() => database.Node.WriteNoteAsync(1));

        Assert.Equal(PostgresErrorCodes.UniqueViolation, taken.SqlState);
    }

    [Fact(Skip = PostgresServer.WhyNot, SkipUnless = nameof(PostgresIsThere))]
    public async Task A_connection_that_breaks_in_a_unit_fails_its_callers_and_is_replaced()
    {
        await using var database = await TestDatabase.WithNotesAsync(DatabaseKind.Postgres);

        var broken = database.Node.WriteAsync(
            async transaction =>
            {
                await transaction.NoteAsync(1);
                await TerminateAllAsync(database);
                await transaction.NoteAsync(2);
            },
            None);

        await Assert.ThrowsAnyAsync<DbException>(() => broken);
        await database.Node.WriteNoteAsync(3);
        NpgsqlConnection.ClearAllPools();
        Assert.Equal([3], await database.AddNode().NotesAsync());
    }

    [Fact(Skip = PostgresServer.WhyNot, SkipUnless = nameof(PostgresIsThere))]
    public async Task A_connection_that_broke_while_it_rested_costs_nobody_anything()
    {
        await using var database = await TestDatabase.WithNotesAsync(DatabaseKind.Postgres);
        await Task.WhenAll(Enumerable.Range(1, 20).Select(id => database.Node.WriteNoteAsync(id)));
        await TerminateAllAsync(database);

        await Task.WhenAll(Enumerable.Range(21, 20).Select(id => database.Node.WriteNoteAsync(id)));

        Assert.Equal(40, (await database.AddNode().NotesAsync()).Count);
    }

    /// <summary>Ends every connection to the database but the one that asks.</summary>
    private static async Task TerminateAllAsync(TestDatabase database)
    {
        await using var source = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(database.Postgres) { Pooling = false });
        await using var command = source.CreateCommand(
            "select count(pg_terminate_backend(pid, 5000)) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()");
        await command.ExecuteScalarAsync();
    }
}
