using System.Text.RegularExpressions;
using Vedette.Tests.Harness;
using Vedette.Wire.Json;
using Xunit;

namespace Vedette.Tests.Server.Issues;

public sealed partial class IssueListTests
{
    private const string List = "/api/0/organizations/default/issues/";

    [Theory, EachDatabase]
    public async Task Unresolved_issues_are_listed_unless_a_query_says_otherwise(DatabaseKind database)
    {
        await using var app = await VedetteApp.StartAsync(database);
        await app.SendMessagesAsync("one", "two");
        await app.ApiAsync(HttpMethod.Put, $"{List}1/", """{"status":"resolved"}""");

        Assert.Equal(["two"], await TitlesAsync(app, List));
        Assert.Equal(["two", "one"], await TitlesAsync(app, $"{List}?query="));
        Assert.Equal(["one"], await TitlesAsync(app, $"{List}?query=is:resolved"));
        Assert.Equal(["two"], await TitlesAsync(app, $"{List}?query=is:unresolved"));
        Assert.Empty(await TitlesAsync(app, $"{List}?query=is:ignored"));
        Assert.Empty(await TitlesAsync(app, $"{List}?query=is:archived%20two"));
    }

    [Theory, EachDatabase]
    public async Task Words_are_searched_as_they_stand_in_any_case(DatabaseKind database)
    {
        await using var app = await VedetteApp.StartAsync(database);
        await app.SendMessagesAsync("100% of disk_full", "1000 of diskXfull", "Über die Maße", "a \"quoted\" word", @"back\slash", "key: value");

        Assert.Equal(["100% of disk_full"], await SearchAsync(app, "100%"));
        Assert.Equal(["100% of disk_full"], await SearchAsync(app, "disk_full"));
        Assert.Equal(["100% of disk_full"], await SearchAsync(app, "OF DISK_"));
        Assert.Equal(["Über die Maße"], await SearchAsync(app, "Über"));
        Assert.Equal([@"back\slash"], await SearchAsync(app, @"k\s"));
        Assert.Equal(["1000 of diskXfull"], await SearchAsync(app, "is:unresolved 1000 of"));
        Assert.Equal(["key: value"], await SearchAsync(app, "\"key: value\""));
        Assert.Equal(["a \"quoted\" word"], await SearchAsync(app, "\"a \\\"quoted\\\"\""));
        Assert.Equal(["100% of disk_full"], await SearchAsync(app, "\"100% of\" is:unresolved"));
        Assert.Empty(await SearchAsync(app, "'; drop table issue; --"));
        Assert.Empty(await SearchAsync(app, "nowhere"));
    }

    [Theory]
    [InlineData("level:loud")]
    [InlineData("is:nonsense")]
    [InlineData("\"not closed")]
    [InlineData("a OR b")]
    public async Task A_query_that_is_not_understood_is_refused(string query)
    {
        await using var app = await VedetteApp.StartAsync();

        var answer = await app.GetAsync($"{List}?query={Uri.EscapeDataString(query)}");

        Assert.Equal(400, answer.Status);
        Assert.StartsWith("Error parsing search query", answer.Map.Text("detail"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_list_can_be_of_some_projects()
    {
        await using var app = await VedetteApp.StartAsync();
        var (id, _) = await app.AddProjectAsync("default", "web");
        await app.AddOrganizationAsync("other");
        await app.AddProjectAsync("other", "foreign");
        await app.SendMessagesAsync("one");

        foreach (var query in new[] { "", "?project=default", $"?project={app.ProjectId}", "?project=-1", "?project=web&project=default", "?project=" })
            Assert.Equal(["one"], await TitlesAsync(app, List + query));
        Assert.Empty(await TitlesAsync(app, $"{List}?project=web"));
        Assert.Empty(await TitlesAsync(app, $"{List}?project={id}"));
        Assert.Equal(["one"], await TitlesAsync(app, "/api/0/projects/default/default/issues/"));
        Assert.Empty(await TitlesAsync(app, "/api/0/projects/default/web/issues/"));
        foreach (var path in new[] { $"{List}?project=foreign", $"{List}?project=99", "/api/0/projects/default/foreign/issues/" })
            Assert.Equal(404, (await app.GetAsync(path)).Status);
    }

    [Theory, EachDatabase]
    public async Task Pages_follow_each_other_both_ways_while_issues_arrive(DatabaseKind database)
    {
        await using var app = await VedetteApp.StartAsync(database, new FakeClock());
        await app.SendMessagesAsync([.. Enumerable.Range(1, 7).Select(i => $"issue {(char)('a' + i)}")]);

        var first = await PageAsync(app, $"{List}?per_page=3");
        var second = await PageAsync(app, first.Next);
        var third = await PageAsync(app, second.Next);
        await app.SendMessagesAsync("new y", "new z");
        var back = await PageAsync(app, third.Previous);
        var start = await PageAsync(app, back.Previous);
        var newest = await PageAsync(app, start.Previous);

        Assert.Equal(["issue h", "issue g", "issue f", "issue e", "issue d", "issue c", "issue b"], [.. first.Titles, .. second.Titles, .. third.Titles]);
        Assert.Equal([(false, true), (true, true), (true, false)], [first.More, second.More, third.More]);
        Assert.Equal(second.Titles, back.Titles);
        Assert.Equal(first.Titles, start.Titles);
        Assert.Equal(["new z", "new y"], newest.Titles);
        Assert.Equal((false, true), newest.More);
    }

    /// <summary>Clients poll for what is new with the previous cursor of the first page.</summary>
    [Theory, EachDatabase]
    public async Task An_empty_page_keeps_the_place(DatabaseKind database)
    {
        await using var app = await VedetteApp.StartAsync(database, new FakeClock());
        await app.SendMessagesAsync("a", "b");

        var first = await PageAsync(app, List);
        var nothing = await PageAsync(app, first.Previous);
        var still = await PageAsync(app, nothing.Previous);
        await app.SendMessagesAsync("c");
        var found = await PageAsync(app, still.Previous);
        var beyond = await PageAsync(app, first.Next);

        Assert.Empty(nothing.Titles);
        Assert.Empty(still.Titles);
        Assert.Equal(["c"], found.Titles);
        Assert.Equal(["c", "b", "a"], (await PageAsync(app, nothing.Next)).Titles);
        Assert.Empty(beyond.Titles);
        Assert.Equal(["c", "b", "a"], (await PageAsync(app, beyond.Previous)).Titles);
    }

    [Fact]
    public async Task An_empty_list_has_both_links()
    {
        await using var app = await VedetteApp.StartAsync();

        var page = await PageAsync(app, List);
        await app.SendMessagesAsync("a");

        Assert.Equal((false, false), page.More);
        Assert.Equal(["a"], (await PageAsync(app, page.Previous)).Titles);
    }

    [Theory]
    [InlineData("per_page=0", "Invalid per_page value. Must be between 1 and 100.")]
    [InlineData("per_page=101", "Invalid per_page value. Must be between 1 and 100.")]
    [InlineData("limit=-1", "Invalid per_page value. Must be between 1 and 100.")]
    [InlineData("per_page=ten", "Invalid per_page value. Must be between 1 and 100.")]
    [InlineData("per_page=99999999999", "Invalid per_page value. Must be between 1 and 100.")]
    [InlineData("cursor=1", "Invalid cursor parameter.")]
    [InlineData("cursor=a:0:0", "Invalid cursor parameter.")]
    [InlineData("cursor=0:0:2", "Invalid cursor parameter.")]
    [InlineData("cursor=0:99999999999999999999:0", "Invalid cursor parameter.")]
    public async Task A_bad_page_is_refused(string query, string detail)
    {
        await using var app = await VedetteApp.StartAsync();

        Assert.Equal((400, detail), ((await app.GetAsync($"{List}?{query}")) is var answer ? (answer.Status, answer.Map.Text("detail")) : default));
    }

    [Theory]
    [InlineData("per_page=100")]
    [InlineData("limit=1")]
    [InlineData("per_page=")]
    [InlineData("cursor=")]
    [InlineData("cursor=9223372036854775807:9223372036854775807:1")]
    [InlineData("cursor=-9223372036854775808:-9223372036854775808:0")]
    public async Task A_page_at_the_edge_is_answered(string query)
    {
        await using var app = await VedetteApp.StartAsync();
        await app.SendMessagesAsync("a");

        Assert.Equal(200, (await app.GetAsync($"{List}?{query}")).Status);
    }

    private static Task<List<string>> SearchAsync(VedetteApp app, string query) => TitlesAsync(app, $"{List}?query={Uri.EscapeDataString(query)}");

    private static async Task<List<string>> TitlesAsync(VedetteApp app, string path) => (await PageAsync(app, path)).Titles;

    private static async Task<Page> PageAsync(VedetteApp app, string path)
    {
        var answer = await app.GetAsync(path);
        Assert.True(answer.Status == 200, $"{path}: {answer.Status} {(answer.Json as JsonMap)?.Text("detail")}");
        var links = LinkForm.Matches(answer.Headers.GetValues("Link").Single());
        Assert.Equal(["previous", "next"], links.Select(link => link.Groups["rel"].Value));
        return new Page(
            [.. answer.List.Select(issue => ((JsonMap)issue!).Text("title")!)],
            links[0].Groups["url"].Value,
            links[1].Groups["url"].Value,
            (links[0].Groups["results"].Value == "true", links[1].Groups["results"].Value == "true"));
    }

    [GeneratedRegex("<(?<url>[^>]+)>; rel=\"(?<rel>\\w+)\"; results=\"(?<results>true|false)\"; cursor=\"[-0-9:]+\"", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex LinkForm { get; }

    private sealed record Page(List<string> Titles, string Previous, string Next, (bool Previous, bool Next) More);
}
