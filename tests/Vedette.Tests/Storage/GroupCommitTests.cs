using System.Data.Common;
using Vedette.Storage;
using Vedette.Tests.Harness;
using Xunit;

namespace Vedette.Tests.Storage;

public sealed class GroupCommitTests
{
    private const int Many = 200;
    private static readonly CancellationToken None = CancellationToken.None;

    [Theory, EachDatabase]
    public async Task Units_that_wait_together_share_commits(DatabaseKind kind)
    {
        await using var database = await TestDatabase.WithNotesAsync(kind);
        await using var busy = await BusyWriters.OccupyAsync(database.Node);
        var before = database.Node.Commits;

        var writes = Enumerable.Range(1, Many).Select(id => database.Node.WriteNoteAsync(id)).ToList();
        await busy.ReleaseAsync();
        await Task.WhenAll(writes);

        Assert.InRange(database.Node.Commits - before, 1, Many / 4);
        Assert.Equal(Many, (await database.Node.NotesAsync()).Count);
    }

    [Theory, EachDatabase]
    public async Task A_unit_alone_is_a_commit_alone(DatabaseKind kind)
    {
        await using var database = await TestDatabase.WithNotesAsync(kind);
        var before = database.Node.Commits;

        for (var id = 1; id <= 5; id++)
            await database.Node.WriteNoteAsync(id);

        Assert.Equal(5, database.Node.Commits - before);
    }

    [Theory, EachDatabase]
    public async Task A_failing_unit_harms_no_neighbour_and_only_its_caller_hears_of_it(DatabaseKind kind)
    {
        await using var database = await TestDatabase.WithNotesAsync(kind);
        await using var busy = await BusyWriters.OccupyAsync(database.Node);

        var good = Enumerable.Range(1, 20).Select(id => database.Node.WriteNoteAsync(id)).ToList();
        var bug = database.Node.WriteAsync(
            async transaction =>
            {
                await transaction.NoteAsync(100);
                throw new InvalidOperationException("a bug");
            },
            None);
        var refused = database.Node.WriteAsync(transaction => transaction.ExecuteAsync("insert into note (id, text) values (101, null)"), None);
        good.AddRange(Enumerable.Range(21, 20).Select(id => database.Node.WriteNoteAsync(id)));
        await busy.ReleaseAsync();
        await Task.WhenAll(good);

        Assert.Equal("a bug", (await Assert.ThrowsAsync<InvalidOperationException>(() => bug)).Message);
        await Assert.ThrowsAnyAsync<DbException>(() => refused);
        Assert.Equal(Enumerable.Range(1, 40).Select(id => (long)id), await database.Node.NotesAsync());
    }

    [Theory, EachDatabase]
    public async Task The_changes_of_a_unit_are_all_or_nothing(DatabaseKind kind)
    {
        await using var database = await TestDatabase.WithNotesAsync(kind);
        await database.Node.WriteNoteAsync(1);

        await Assert.ThrowsAnyAsync<DbException>(() => database.Node.WriteAsync(
            async transaction =>
            {
                await transaction.NoteAsync(2);
                await transaction.ExecuteAsync("update note set text = 'changed'");
                await transaction.NoteAsync(1);
            },
            None));

        Assert.Equal([1], await database.Node.NotesAsync());
        Assert.Equal("", await database.Node.ReadAsync(session => session.SingleAsync<string>("select text from note"), None));
    }

    /// <summary>PostgreSQL answers a commit after a failed statement with a rollback and no error.</summary>
    [Theory, EachDatabase]
    public async Task A_unit_that_hides_an_error_loses_nothing_silently(DatabaseKind kind)
    {
        await using var database = await TestDatabase.WithNotesAsync(kind);
        await database.Node.WriteNoteAsync(1);

        var told = await Record.ExceptionAsync(() => database.Node.WriteAsync(
            async transaction =>
            {
                await transaction.NoteAsync(2);
                await Record.ExceptionAsync(() => transaction.NoteAsync(1));
            },
            None));

        Assert.Equal(told is null, (await database.Node.NotesAsync()).Contains(2));
    }

    [Theory, EachDatabase]
    public async Task What_is_to_happen_after_the_commit_happens_after_it_and_once(DatabaseKind kind)
    {
        await using var database = await TestDatabase.WithNotesAsync(kind);
        await using var busy = await BusyWriters.OccupyAsync(database.Node);
        var (runs, committed, rolledBack, seen) = (0, 0, 0, -1);

        var write = database.Node.WriteAsync(
            transaction =>
            {
                runs++;
                transaction.AfterCommit(() =>
                {
                    committed++;
                    seen = database.Node.NotesAsync().GetAwaiter().GetResult().Count;
                });
                transaction.AfterRollback(() => rolledBack++);
                return transaction.NoteAsync(1);
            },
            None);
        var failing = database.Node.WriteAsync<bool>(
            transaction =>
            {
                transaction.AfterCommit(() => committed += 100);
                transaction.AfterRollback(() => rolledBack += 100);
                throw new InvalidOperationException("a bug");
            },
            None);
        await busy.ReleaseAsync();
        await write;
        await Assert.ThrowsAsync<InvalidOperationException>(() => failing);

        // With two writers the two may or may not have met in one batch.
        Assert.Equal(1, committed);
        Assert.Equal(1, seen);
        Assert.Equal(runs - 1, rolledBack % 100);
        Assert.Equal(2, rolledBack / 100);
    }

    [Theory, EachDatabase]
    public async Task A_unit_that_is_cancelled_while_it_waits_does_not_run(DatabaseKind kind)
    {
        await using var database = await TestDatabase.WithNotesAsync(kind);
        await using var busy = await BusyWriters.OccupyAsync(database.Node);
        using var cancel = new CancellationTokenSource();

        var cancelled = database.Node.WriteNoteAsync(1, cancel.Token);
        var other = database.Node.WriteNoteAsync(2);
        await cancel.CancelAsync();
        await busy.ReleaseAsync();
        await other;

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled);
        Assert.Equal([2], await database.Node.NotesAsync());
    }

    [Theory, EachDatabase]
    public async Task Who_is_answered_can_be_read_by_another_node(DatabaseKind kind)
    {
        await using var database = await TestDatabase.WithNotesAsync(kind);
        var other = database.AddNode();

        await Task.WhenAll(Enumerable.Range(1, 8).Select(async lane =>
        {
            for (var i = 0; i < 10; i++)
            {
                var id = (lane * 100) + i;
                await database.Node.WriteNoteAsync(id);
                Assert.Contains(id, await other.NotesAsync());
            }
        }));
    }

    [Theory, EachDatabase]
    public async Task Readers_are_not_kept_waiting_by_the_writer_nor_it_by_them(DatabaseKind kind)
    {
        await using var database = await TestDatabase.WithNotesAsync(kind);
        await database.Node.WriteNoteAsync(1);

        // Each of these would wait for the other for ever if one blocked the other.
        var read = await database.Node.ReadAsync(
            async session =>
            {
                var before = await session.ListAsync<long>("select id from note");
                await database.Node.WriteAsync(
                    async transaction =>
                    {
                        await transaction.NoteAsync(2);
                        Assert.Equal([1], await database.Node.NotesAsync());
                    },
                    None);
                return (before.Count, After: (await session.ListAsync<long>("select id from note")).Count);
            },
            None);

        Assert.Equal((1, 2), read);
    }

    [Theory, EachDatabase]
    public async Task What_is_queued_is_written_before_the_database_is_closed(DatabaseKind kind)
    {
        await using var database = await TestDatabase.WithNotesAsync(kind);
        var node = database.AddNode();
        await using var busy = await BusyWriters.OccupyAsync(node);

        var writes = Enumerable.Range(1, 50).Select(id => node.WriteNoteAsync(id)).ToList();
        var closing = node.DisposeAsync().AsTask();
        await busy.ReleaseAsync();
        await closing;
        await Task.WhenAll(writes);

        Assert.Equal(50, (await database.Node.NotesAsync()).Count);
    }

    [Theory, EachDatabase]
    public async Task A_database_that_is_closed_takes_no_more(DatabaseKind kind)
    {
        await using var database = await TestDatabase.WithNotesAsync(kind);
        var node = database.AddNode();
        await node.DisposeAsync();

        await Assert.ThrowsAsync<ObjectDisposedException>(() => node.WriteNoteAsync(1));
    }

    /// <summary>Keeps every writer of a database in a unit, so that what comes meanwhile has to queue.</summary>
    private sealed class BusyWriters(TaskCompletionSource gate, IReadOnlyList<Task> units) : IAsyncDisposable
    {
        public static async Task<BusyWriters> OccupyAsync(Database database)
        {
            var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            var occupied = 0;
            var units = new List<Task>();
            for (var i = 0; i < database.Writers; i++)
            {
                units.Add(database.WriteAsync(
                    _ =>
                    {
                        Interlocked.Increment(ref occupied);
                        return gate.Task;
                    },
                    None));
            }

            await Poll.UntilAsync(() => Volatile.Read(ref occupied) == database.Writers, "the writers to be busy");
            return new BusyWriters(gate, units);
        }

        public Task ReleaseAsync()
        {
            gate.TrySetResult();
            return Task.WhenAll(units);
        }

        public async ValueTask DisposeAsync() => await ReleaseAsync();
    }
}
