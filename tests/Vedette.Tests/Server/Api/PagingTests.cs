using FsCheck;
using FsCheck.Fluent;
using Microsoft.AspNetCore.Http;
using Vedette.Server.Api;
using Vedette.Tests.Harness;
using Vedette.Wire.Json;
using Xunit;

namespace Vedette.Tests.Server.Api;

/// <summary>Rows come and go while a list is walked. Of those that were there all the time none is missed and none comes twice.</summary>
public sealed class PagingTests
{
    /// <summary>What happens between two pages: a row is added, or the row at a place is deleted.</summary>
    private static readonly Gen<(bool IsAdded, int Place)[][]> Changes =
        (from isAdded in Gen.Elements(true, false)
         from place in Gen.Choose(0, 100)
         select (isAdded, place)).ArrayOf().Resize(4).ArrayOf().Resize(12);

    private static readonly Gen<(int Rows, int PerPage, (bool IsAdded, int Place)[][] Changes)> Walks =
        from rows in Gen.Choose(0, 20)
        from perPage in Gen.Choose(1, 6)
        from changes in Changes
        select (rows, perPage, changes);

    [Theory]
    [InlineData(nameof(ListOrder.OldestFirst), true)]
    [InlineData(nameof(ListOrder.OldestFirst), false)]
    [InlineData(nameof(ListOrder.NewestFirst), true)]
    [InlineData(nameof(ListOrder.NewestFirst), false)]
    public void No_row_is_missed_or_repeated_in_either_direction(string order, bool isReadWhole) =>
        Prop.ForAll(Walks.ToArbitrary(), walk =>
        {
            var table = new Table(walk.Rows);
            var pages = new Pages(table, walk.PerPage, Enum.Parse<ListOrder>(order), isReadWhole);
            return WalkAsync(pages.AskAsync, table, walk.Changes).GetAwaiter().GetResult();
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(1000));

    /// <summary>The same through the door, on teams: one list of those that the database pages.</summary>
    [Theory, EachDatabase]
    public async Task No_row_of_a_real_list_is_missed_or_repeated(DatabaseKind database)
    {
        await using var app = await VedetteApp.StartAsync(database);
        await app.ExecuteAsync("delete from team");
        foreach (var (rows, perPage, changes) in Walks.Sample(25, 25))
        {
            await app.ExecuteAsync("delete from team");
            var table = new Table(rows, firstId: 1_000_000 * (perPage + 1));
            foreach (var id in table.Ids)
                await AddAsync(app, id);

            Assert.True(await WalkAsync(AskAsync, table, changes));

            async Task<PageAnswer> AskAsync(string? cursor)
            {
                foreach (var id in table.TakeChanges())
                    await (table.Ids.Contains(id) ? AddAsync(app, id) : app.ExecuteAsync("delete from team where id = @id", new { id }));

                var answer = await app.GetAsync($"/api/0/organizations/default/teams/?per_page={perPage}{(cursor is null ? "" : $"&cursor={cursor}")}");
                return new PageAnswer(
                    [.. answer.List.Select(team => long.Parse(((JsonMap)team!).Text("id")!))], answer.Headers.GetValues("Link").Single());
            }
        }
    }

    /// <returns><c>false</c> when a row that was there from the first page to the last was missed or repeated, on the way there or on the way back.</returns>
    private static async Task<bool> WalkAsync(Func<string?, Task<PageAnswer>> ask, Table table, (bool IsAdded, int Place)[][] changes)
    {
        var next = new Queue<(bool IsAdded, int Place)[]>(changes);
        var began = table.Ids.ToHashSet();
        var there = new List<long>();
        var page = await ask(null);
        there.AddRange(page.Ids);
        while (page.HasNext)
        {
            Change();
            page = await ask(page.Next);
            there.AddRange(page.Ids);
        }

        // On the way back the last page is not asked for again.
        var stayed = began.Intersect(table.Ids).ToList();
        var isRight = stayed.All(id => there.Count(each => each == id) == 1) && there.Count == there.Distinct().Count();
        began = [.. table.Ids];
        var back = new List<long>(page.Ids);
        while (page.HasPrevious)
        {
            Change();
            page = await ask(page.Previous);
            back.InsertRange(0, page.Ids);
        }

        var stayedAgain = began.Intersect(table.Ids).ToList();
        return isRight && stayedAgain.All(id => back.Count(each => each == id) == 1) && back.Count == back.Distinct().Count();

        void Change()
        {
            if (next.TryDequeue(out var some))
                table.Change(some);
        }
    }

    private sealed record PageAnswer(IReadOnlyList<long> Ids, string Link)
    {
        public bool HasNext => Link.Contains("rel=\"next\"; results=\"true\"", StringComparison.Ordinal);

        public bool HasPrevious => Link.Contains("rel=\"previous\"; results=\"true\"", StringComparison.Ordinal);

        public string Previous => Link.Split("cursor=\"")[1].Split('"')[0];

        public string Next => Link.Split("cursor=\"")[2].Split('"')[0];
    }

    /// <summary>Rows with rising ids, as both databases give them.</summary>
    private sealed class Table
    {
        private readonly List<long> changed = [];
        private long last;

        public Table(int rows, long firstId = 1)
        {
            last = firstId - 1;
            for (var i = 0; i < rows; i++)
                Ids.Add(++last);
        }

        public List<long> Ids { get; } = [];

        public void Change((bool IsAdded, int Place)[] changes)
        {
            foreach (var (isAdded, place) in changes)
            {
                if (isAdded)
                {
                    Ids.Add(++last);
                    changed.Add(last);
                }
                else if (Ids.Count > 0)
                {
                    changed.Add(Ids[place % Ids.Count]);
                    Ids.RemoveAt(place % Ids.Count);
                }
            }
        }

        public IReadOnlyList<long> TakeChanges()
        {
            List<long> taken = [.. changed.Distinct()];
            changed.Clear();
            return taken;
        }
    }

    /// <summary>A list in memory, read whole or as a store reads it.</summary>
    private sealed class Pages(Table table, int perPage, ListOrder order, bool isReadWhole)
    {
        public Task<PageAnswer> AskAsync(string? text)
        {
            var cursor = text is not null && Cursor.TryParse(text, out var parsed) ? parsed : null;
            var paging = new Paging(perPage, cursor);
            var context = new DefaultHttpContext();
            var page = isReadWhole
                ? paging.PageOf(context, "http://vedette", table.Ids, id => id, order)
                : paging.Page(context, "http://vedette", Found(cursor), id => (id, 0), order);
            return Task.FromResult(new PageAnswer(page, context.Response.Headers.Link.ToString()));
        }

        private IReadOnlyList<long> Found(Cursor? cursor)
        {
            var isRising = order == ListOrder.OldestFirst != (cursor?.IsPrevious == true);
            var rest = table.Ids.Where(id => cursor is null || (isRising ? id > cursor.Value : id < cursor.Value));
            return [.. (isRising ? rest.Order() : rest.OrderDescending()).Take(perPage + 1)];
        }
    }

    private static Task AddAsync(VedetteApp app, long id) =>
        app.ExecuteAsync("insert into team (id, organization_id, slug, name, created_at) values (@id, 1, @slug, 'x', 1)", new { id, slug = $"t{id}" });
}
