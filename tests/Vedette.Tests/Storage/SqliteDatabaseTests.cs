using Microsoft.Data.Sqlite;
using Vedette.Storage;
using Vedette.Tests.Harness;
using Xunit;

namespace Vedette.Tests.Storage;

public sealed class SqliteDatabaseTests
{
    private static readonly CancellationToken None = CancellationToken.None;

    [Fact]
    public async Task Every_commit_is_on_disk_and_references_are_checked()
    {
        await using var database = await TestDatabase.WithNotesAsync(DatabaseKind.Sqlite);

        var settings = await database.Node.WriteAsync(
            async transaction => (
                Journal: await transaction.SingleAsync<string>("pragma journal_mode"),
                Synchronous: await transaction.SingleAsync<long>("pragma synchronous"),
                ForeignKeys: await transaction.SingleAsync<long>("pragma foreign_keys")),
            None);

        Assert.Equal(("wal", 2, 1), settings);
    }

    [Fact]
    public async Task A_reader_cannot_write()
    {
        await using var database = await TestDatabase.WithNotesAsync(DatabaseKind.Sqlite);

        await Assert.ThrowsAsync<SqliteException>(() => database.Node.ReadAsync(
            session => session.ListAsync<long>("insert into note (id, text) values (1, '') returning id"), None));

        Assert.Empty(await database.Node.NotesAsync());
    }

    [Fact]
    public async Task More_readers_than_connections_take_turns()
    {
        await using var database = await TestDatabase.WithNotesAsync(DatabaseKind.Sqlite);

        var counts = await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => database.Node.NotesAsync()));

        Assert.All(counts, Assert.Empty);
    }

    [Fact]
    public async Task A_reader_that_is_cancelled_while_it_waits_takes_no_turn()
    {
        await using var database = await TestDatabase.WithNotesAsync(DatabaseKind.Sqlite);
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();

        for (var i = 0; i < 20; i++)
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => database.Node.ReadAsync(_ => Task.FromResult(1), cancelled.Token));
        for (var i = 0; i < 20; i++)
            await Assert.ThrowsAsync<InvalidOperationException>(() => database.Node.ReadAsync<int>(_ => throw new InvalidOperationException(), None));

        Assert.Empty(await database.Node.NotesAsync());
    }
}
