using System.Data.Common;
using Vedette.Storage;
using Vedette.Tests.Harness;
using Xunit;

namespace Vedette.Tests.Storage;

/// <summary>What units put off is written once for all that share a commit, and is as much a part of each as its other changes.</summary>
public sealed class SharedWriteTests
{
    private static readonly CancellationToken None = CancellationToken.None;

    [Theory, EachDatabase]
    public async Task Units_that_share_a_commit_share_the_write(DatabaseKind kind)
    {
        await using var database = await TestDatabase.WithNotesAsync(kind);
        var runs = new List<int>();
        var notes = Writing(runs);

        await TogetherAsync(database.Node, Enumerable.Range(1, 50).Select(id => (Func<Transaction, Task>)(transaction =>
        {
            transaction.PutOffTo(notes, new Note(id));
            return Task.CompletedTask;
        })));

        Assert.Equal(Enumerable.Range(1, 50).Select(id => (long)id), await database.Node.NotesAsync());
        Assert.Equal(50, runs.Sum());
        Assert.InRange(runs.Count, 1, 10);
    }

    [Theory, EachDatabase]
    public async Task It_is_there_when_the_unit_is_answered(DatabaseKind kind)
    {
        await using var database = await TestDatabase.WithNotesAsync(kind);
        var notes = Writing([]);

        await database.Node.WriteAsync(
            async transaction =>
            {
                transaction.PutOffTo(notes, new Note(1));
                Assert.Empty(await transaction.ListAsync<long>("select id from note"));
            },
            None);

        Assert.Equal([1], await database.Node.NotesAsync());
    }

    [Theory, EachDatabase]
    public async Task What_a_failing_unit_put_off_is_not_written_and_its_neighbours_is(DatabaseKind kind)
    {
        await using var database = await TestDatabase.WithNotesAsync(kind);
        var notes = Writing([]);

        var failures = await TogetherAsync(database.Node, Enumerable.Range(1, 6).Select(id => (Func<Transaction, Task>)(transaction =>
        {
            transaction.PutOffTo(notes, new Note(id));
            return id == 3 ? throw new InvalidOperationException("a bug") : Task.CompletedTask;
        })));

        Assert.Equal("a bug", Assert.Single(failures).Message);
        Assert.Equal([1, 2, 4, 5, 6], await database.Node.NotesAsync());
    }

    [Theory, EachDatabase]
    public async Task A_row_that_cannot_be_written_fails_its_own_unit_and_no_other(DatabaseKind kind)
    {
        await using var database = await TestDatabase.WithNotesAsync(kind);
        await database.Node.WriteNoteAsync(3);
        var notes = Writing([]);

        var failures = await TogetherAsync(database.Node, Enumerable.Range(1, 6).Select(id => (Func<Transaction, Task>)(async transaction =>
        {
            await transaction.NoteAsync(100 + id);
            transaction.PutOffTo(notes, new Note(id));
        })));

        Assert.IsAssignableFrom<DbException>(Assert.Single(failures));
        Assert.Equal([1, 2, 3, 4, 5, 6, 101, 102, 104, 105, 106], await database.Node.NotesAsync());
    }

    [Theory, EachDatabase]
    public async Task Start_up_work_writes_it_too(DatabaseKind kind)
    {
        await using var database = await TestDatabase.WithNotesAsync(kind);
        var notes = Writing([]);

        await database.Node.StartupAsync(
            transaction =>
            {
                transaction.PutOffTo(notes, new Note(1));
                return Task.CompletedTask;
            },
            None);

        Assert.Equal([1], await database.Node.NotesAsync());
    }

    /// <param name="runs">How many rows each run was given.</param>
    private static SharedWrite<Note> Writing(List<int> runs) => new((transaction, rows) =>
    {
        runs.Add(rows.Count);
        return transaction.ExecuteEachAsync("insert into note (id, text) values (@Id, 'put off')", rows);
    });

    /// <summary>Queues all units behind one that waits, so that they are written together.</summary>
    /// <returns>What went wrong with them.</returns>
    private static async Task<IReadOnlyList<Exception>> TogetherAsync(Database database, IEnumerable<Func<Transaction, Task>> units)
    {
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var waiting = database.WriteAsync(
            _ =>
            {
                begun.TrySetResult();
                return gate.Task;
            },
            None);
        await begun.Task;
        var writes = units.Select(unit => Record.ExceptionAsync(() => database.WriteAsync(unit, None))).ToList();
        gate.SetResult();
        await waiting;
        return [.. (await Task.WhenAll(writes.Select(write => write.AsTask()))).OfType<Exception>()];
    }

    private sealed record Note(long Id);
}
