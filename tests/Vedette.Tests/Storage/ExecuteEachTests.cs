using System.Data.Common;
using System.Globalization;
using Vedette.Storage;
using Vedette.Tests.Harness;
using Xunit;

namespace Vedette.Tests.Storage;

/// <summary>Many rows in one call, whatever the database makes of it.</summary>
public sealed class ExecuteEachTests
{
    private const int Many = 1200;
    private const string Insert = "insert into thing (id, name, size, bytes, kind) values (@Id, @Name, @Size, @Bytes, 'thing')";

    [Theory, EachDatabase]
    public async Task Every_row_is_inserted_with_its_own_values(DatabaseKind kind)
    {
        await using var database = await WithThingsAsync(kind);
        var rows = Enumerable.Range(1, Many).Select(Thing.Numbered).ToList();

        var changed = await database.Node.WriteAsync(transaction => transaction.ExecuteEachAsync(Insert, rows), CancellationToken.None);

        Assert.Equal(Enumerable.Repeat(1, Many), changed);
        var stored = await ThingsAsync(database.Node);
        Assert.Equal(rows.Select(row => row.Shown), stored.Select(row => row.Shown));
        Assert.All(stored, row => Assert.Equal("thing", row.Kind));
    }

    [Theory, EachDatabase]
    public async Task An_update_says_of_each_row_whether_it_matched(DatabaseKind kind)
    {
        await using var database = await WithThingsAsync(kind);
        var rows = Enumerable.Range(1, Many).Select(Thing.Numbered).ToList();
        await database.Node.WriteAsync(transaction => transaction.ExecuteEachAsync(Insert, rows), CancellationToken.None);

        // Every third is guarded by a size that it does not have, and the last is not there.
        var changes = rows.Select(row => new { row.Id, Name = $"renamed {row.Id}", Size = row.Id % 3 == 0 ? -1 : row.Id * 10 })
            .Append(new { Id = 999_999L, Name = "nobody", Size = 1L }).ToList();
        var changed = await database.Node.WriteAsync(
            transaction => transaction.ExecuteEachAsync("update thing set name = @Name, kind = 'changed' where id = @Id and size = @Size", changes),
            CancellationToken.None);

        Assert.Equal(changes.Select(change => change.Size > 1 ? 1 : 0), changed);
        var stored = await ThingsAsync(database.Node);
        Assert.Equal(rows.Select(row => row.Id % 3 == 0 ? row.Name : $"renamed {row.Id}"), stored.Select(row => row.Name));
    }

    [Theory, EachDatabase]
    public async Task Rows_that_are_there_are_changed_and_the_others_inserted(DatabaseKind kind)
    {
        await using var database = await WithThingsAsync(kind);
        const string Upsert = $"{Insert} on conflict (id) do update set name = thing.name || excluded.name, size = case when excluded.size > 0 then excluded.size else thing.size end";
        var rows = Enumerable.Range(1, Many).Select(id => new Thing { Id = id, Name = "a", Size = id }).ToList();
        await database.Node.WriteAsync(transaction => transaction.ExecuteEachAsync(Upsert, rows.Where(row => row.Id % 2 == 0).ToList()), CancellationToken.None);

        var changed = await database.Node.WriteAsync(
            transaction => transaction.ExecuteEachAsync(Upsert, rows.Select(row => row with { Name = "b", Size = 0 }).ToList()), CancellationToken.None);

        Assert.Equal(Enumerable.Repeat(1, Many), changed);
        Assert.Equal(
            rows.Select(row => row.Id % 2 == 0 ? (row.Id, "ab", row.Id) : (row.Id, "b", 0)),
            (await ThingsAsync(database.Node)).Select(row => (row.Id, row.Name!, row.Size!.Value)));
    }

    [Theory, EachDatabase]
    public async Task A_statement_of_another_shape_is_run_row_by_row(DatabaseKind kind)
    {
        await using var database = await WithThingsAsync(kind);
        Thing[] rows = [Thing.Numbered(1), Thing.Numbered(2), Thing.Numbered(1)];

        var changed = await database.Node.WriteAsync(
            transaction => transaction.ExecuteEachAsync($"{Insert} on conflict do nothing", rows), CancellationToken.None);

        Assert.Equal([1, 1, 0], changed);
    }

    [Theory, EachDatabase]
    public async Task No_rows_are_no_work(DatabaseKind kind)
    {
        await using var database = await WithThingsAsync(kind);

        Assert.Empty(await database.Node.WriteAsync(transaction => transaction.ExecuteEachAsync(Insert, Array.Empty<Thing>()), CancellationToken.None));
    }

    [Theory, EachDatabase]
    public async Task One_row_that_is_refused_undoes_the_unit(DatabaseKind kind)
    {
        await using var database = await WithThingsAsync(kind);

        await Assert.ThrowsAnyAsync<DbException>(() => database.Node.WriteAsync(
            transaction => transaction.ExecuteEachAsync(Insert, new[] { Thing.Numbered(1), Thing.Numbered(2), Thing.Numbered(2) }), CancellationToken.None));

        Assert.Empty(await ThingsAsync(database.Node));
    }

    private static async Task<TestDatabase> WithThingsAsync(DatabaseKind kind)
    {
        var database = await TestDatabase.CreateAsync(kind);
        await database.Node.WriteAsync(
            transaction => transaction.ExecuteAsync("create table thing (id bigint primary key, name text, size bigint, bytes bytea, kind text not null)"),
            CancellationToken.None);
        return database;
    }

    private static Task<IReadOnlyList<Thing>> ThingsAsync(Database database) =>
        database.ReadAsync(session => session.ListAsync<Thing>("select id, name, size, bytes, kind from thing order by id"), CancellationToken.None);

    private sealed record Thing
    {
        public long Id { get; init; }

        public string? Name { get; init; }

        public long? Size { get; init; }

        public byte[]? Bytes { get; init; }

        public string Kind { get; init; } = "";

        public string Shown => string.Create(CultureInfo.InvariantCulture, $"{Id} {Name ?? "null"} {Size} {(Bytes is null ? "null" : Convert.ToHexString(Bytes))}");

        /// <summary>With something absent here and there, quotes, braces and text outside ASCII.</summary>
        public static Thing Numbered(int i) => new()
        {
            Id = i,
            Name = i % 7 == 0 ? null : $"name {i} 'ü\" {{,}} \\ 😀",
            Size = i % 5 == 0 && i % 3 == 0 ? null : i * 10,
            Bytes = i % 4 == 0 ? null : [(byte)i, 0, 255],
        };
    }
}
