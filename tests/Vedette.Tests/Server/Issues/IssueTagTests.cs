using Vedette.Tests.Harness;
using Vedette.Wire.Json;
using Xunit;

namespace Vedette.Tests.Server.Issues;

public sealed class IssueTagTests
{
    private const string Issue = "/api/0/organizations/default/issues/1/";

    [Theory, EachDatabase]
    public async Task An_issue_says_which_tags_its_events_have_and_how_often(DatabaseKind database)
    {
        await using var app = await StartAsync(database);

        var tags = (await app.GetAsync($"{Issue}tags/")).List.Cast<JsonMap>().ToList();
        var color = (await app.GetAsync($"{Issue}tags/color/")).Map;

        Assert.Equal(["color", "environment", "level", "server_name", "user"], tags.Select(tag => tag.Text("key")).Where(key => key is not ("handled" or "mechanism")));
        Assert.Equal(["key", "name", "uniqueValues", "totalValues", "topValues"], color.Members.Select(member => member.Key));
        Assert.Equal(("Color", 3.0, 5.0), (color.Text("name"), color["uniqueValues"], color["totalValues"]));
        Assert.Equal(["blue 3", "100% 1", "red 1"], Values(color.List("topValues")!));
        Assert.Equal(["key", "name", "value", "count", "firstSeen", "lastSeen"], ((JsonMap)color.List("topValues")![0]!).Members.Select(member => member.Key));
        Assert.Equal("Server", (await app.GetAsync($"{Issue}tags/server_name/")).Map.Text("name"));
        Assert.Equal(["color", "level"], (await app.GetAsync($"{Issue}tags/?key=color&key=level&key=nothing")).List.Select(tag => ((JsonMap)tag!).Text("key")));
        Assert.Equal(
            [("color", "Color", 5.0)],
            (await app.GetAsync(Issue)).Map.List("tags")!.Cast<JsonMap>().Where(tag => tag.Text("key") == "color").Select(tag => (tag.Text("key"), tag.Text("name"), (double)tag["totalValues"]!)));

        // What is counted to be searched for and is no tag.
        foreach (var nothing in new[] { "nothing", "@user.email", "%40error.type" })
        {
            Assert.Equal((nothing, 404), (nothing, (await app.GetAsync($"{Issue}tags/{nothing}/")).Status));
            Assert.Equal((nothing, 404), (nothing, (await app.GetAsync($"{Issue}tags/{nothing}/values/")).Status));
        }
    }

    [Theory, EachDatabase]
    public async Task Values_of_a_tag_are_listed_in_three_orders_and_can_be_searched(DatabaseKind database)
    {
        await using var app = await StartAsync(database);

        Assert.Equal(["100% 1", "blue 3", "red 1"], await ValuesAsync(""));
        Assert.Equal(["100% 1", "blue 3", "red 1"], await ValuesAsync("?sort=date"));
        Assert.Equal(["100% 1", "red 1", "blue 3"], await ValuesAsync("?sort=-age"));
        Assert.Equal(["blue 3", "100% 1", "red 1"], await ValuesAsync("?sort=count"));
        Assert.Equal(["blue 3"], await ValuesAsync("?query=LU"));
        Assert.Equal(["100% 1"], await ValuesAsync("?query=%25"));
        Assert.Empty(await ValuesAsync("?query=_"));
        Assert.Equal(400, (await app.GetAsync($"{Issue}tags/color/values/?sort=color")).Status);
        Assert.Equal(400, (await app.GetAsync($"{Issue}tags/color/values/?per_page=1000")).Status);

        var value = (JsonMap)(await app.GetAsync($"{Issue}tags/color/values/?query=blue")).List.Single()!;
        Assert.Equal(("2026-03-01T12:00:00.000000Z", "2026-03-01T12:00:03.000000Z"), (value.Text("firstSeen"), value.Text("lastSeen")));

        async Task<List<string>> ValuesAsync(string query) => Values((await app.GetAsync($"{Issue}tags/color/values/{query}")).List);
    }

    [Theory, EachDatabase]
    public async Task Values_are_read_page_by_page_in_both_directions(DatabaseKind database)
    {
        await using var app = await StartAsync(database);
        foreach (var sort in new[] { "date", "count", "age" })
        {
            var path = $"{Issue}tags/color/values/?sort={sort}";
            var all = Values((await app.GetAsync(path)).List);

            var first = await app.GetAsync($"{path}&per_page=2");
            var second = await app.GetAsync(Link(first, "next"));
            var back = await app.GetAsync(Link(second, "previous"));

            Assert.Equal(all, [.. Values(first.List), .. Values(second.List)]);
            Assert.Equal(all[..2], Values(back.List));
            Assert.Contains("rel=\"next\"; results=\"false\"", second.Headers.GetValues("Link").Single(), StringComparison.Ordinal);
        }

        static string Link(ApiAnswer answer, string rel) =>
            answer.Headers.GetValues("Link").Single().Split(", ").Single(link => link.Contains($"rel=\"{rel}\"", StringComparison.Ordinal)).Split('<', '>')[1];
    }

    private static async Task<VedetteApp> StartAsync(DatabaseKind database)
    {
        var clock = new FakeClock();
        var app = await VedetteApp.StartAsync(database, clock);
        foreach (var color in new[] { "blue", "blue", "red", "blue", "100%", null })
        {
            var tag = color is null ? "" : $$$""","tags":{"color":"{{{color}}}"}""";
            await app.SendAsync($$"""{"message":"boom","environment":"prod","server_name":"web-1","user":{"id":"7","email":"a@example.org"}{{tag}}}""");
            clock.Advance(TimeSpan.FromSeconds(1));
        }

        return app;
    }

    private static List<string> Values(List<object?> values) => [.. values.Cast<JsonMap>().Select(value => $"{value.Text("value")} {value["count"]}")];
}
