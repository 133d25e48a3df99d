using Vedette.Storage;
using Vedette.Tests.Harness;
using Xunit;

namespace Vedette.Tests.Storage;

/// <summary>Statements whose text is put together while the program runs.</summary>
public sealed class SqlArgumentsTests
{
    [Theory, EachDatabase]
    public async Task Values_are_found_however_often_the_text_is_used(DatabaseKind kind)
    {
        await using var database = await TestDatabase.WithNotesAsync(kind);
        for (var id = 1; id <= 4; id++)
            await database.Node.WriteAsync(transaction => transaction.NoteAsync(id, $"'; drop table note; -- {id}"), CancellationToken.None);

        Assert.Equal([1, 3], await FindAsync(database.Node, [1, 3], ["x"]));
        Assert.Equal([2, 4], await FindAsync(database.Node, [2, 4], ["x"]));
        Assert.Equal([2, 3], await FindAsync(database.Node, [2], ["'; drop table note; -- 3"]));
        Assert.Empty(await FindAsync(database.Node, [], []));
        Assert.Equal([("'; drop table note; -- 2", 2)], (await NotesAsync(database.Node, 2)).Select(note => (note.Text, note.Id)));
        Assert.Equal([("'; drop table note; -- 4", 4)], (await NotesAsync(database.Node, 4)).Select(note => (note.Text, note.Id)));
    }

    /// <summary>One column, which SQLite reads in a way of its own.</summary>
    private static Task<IReadOnlyList<long>> FindAsync(Database database, long[] ids, string[] texts)
    {
        var arguments = new SqlArguments();
        return database.ReadAsync(
            session => session.ListAsync<long>($"select id from note where id in {arguments.AddList(ids)} or text in {arguments.AddList(texts)} order by id", arguments),
            CancellationToken.None);
    }

    private static Task<IReadOnlyList<Note>> NotesAsync(Database database, long id)
    {
        var arguments = new SqlArguments();
        return database.ReadAsync(session => session.ListAsync<Note>($"select id, text from note where id = {arguments.Add(id)}", arguments), CancellationToken.None);
    }

    private sealed record Note
    {
        public long Id { get; init; }

        public string Text { get; init; } = "";
    }
}
