using Vedette.Storage;
using Vedette.Storage.Postgres;
using Vedette.Storage.Sqlite;
using Vedette.Tests.Harness;

namespace Vedette.Tests.Storage;

/// <summary>An empty database without a server around it, and as many nodes on it as a test wants.</summary>
internal sealed class TestDatabase : IAsyncDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly List<Database> nodes = [];
    private readonly string? postgres;

    private TestDatabase(string? postgres) => this.postgres = postgres;

    public string FilePath => Path.Combine(folder.Path, "test.db");

    public string Postgres => postgres!;

    /// <summary>The first node.</summary>
    public Database Node => nodes[0];

    public static async Task<TestDatabase> CreateAsync(DatabaseKind kind)
    {
        var created = new TestDatabase(kind == DatabaseKind.Postgres ? await PostgresServer.CreateDatabaseAsync() : null);
        created.AddNode();
        return created;
    }

    /// <summary>With the table <c>note (id bigint primary key, text text not null)</c>.</summary>
    public static async Task<TestDatabase> WithNotesAsync(DatabaseKind kind)
    {
        var created = await CreateAsync(kind);
        await created.Node.WriteAsync(
            transaction => transaction.ExecuteAsync("create table note (id bigint primary key, text text not null)"), CancellationToken.None);
        return created;
    }

    public Database AddNode()
    {
        Database node = postgres is null ? new SqliteDatabase(FilePath) : new PostgresDatabase(postgres);
        nodes.Add(node);
        return node;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var node in nodes)
            await node.DisposeAsync();
        folder.Dispose();
        if (postgres is not null)
            await PostgresServer.DropDatabaseAsync(postgres);
    }
}

internal static class NoteExtensions
{
    public static Task<int> NoteAsync(this Transaction transaction, long id, string text = "") =>
        transaction.ExecuteAsync("insert into note (id, text) values (@id, @text)", new { id, text });

    public static Task WriteNoteAsync(this Database database, long id, CancellationToken ct = default) =>
        database.WriteAsync(transaction => transaction.NoteAsync(id), ct);

    /// <summary>As another connection sees them.</summary>
    public static Task<IReadOnlyList<long>> NotesAsync(this Database database) =>
        database.ReadAsync(session => session.ListAsync<long>("select id from note order by id"), CancellationToken.None);
}
