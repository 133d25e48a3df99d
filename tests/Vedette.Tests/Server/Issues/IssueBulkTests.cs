using Vedette.Server.Authorization;
using Vedette.Tests.Harness;
using Vedette.Wire.Json;
using Xunit;

namespace Vedette.Tests.Server.Issues;

/// <summary>Many issues are changed or deleted at once.</summary>
public sealed class IssueBulkTests
{
    private const string List = "/api/0/organizations/default/issues/";
    private const string OfProject = "/api/0/projects/default/default/issues/";
    private const string Resolved = """{"status":"resolved"}""";

    [Theory, EachDatabase]
    public async Task Issues_are_named_by_number_or_short_id(DatabaseKind database)
    {
        await using var app = await VedetteApp.StartAsync(database, new FakeClock());
        await app.SendMessagesAsync("a", "b", "c", "d");

        var answer = await app.ApiAsync(HttpMethod.Put, $"{List}?id=1&id=DEFAULT-3&id=3&id=99&id=nonsense", Resolved);

        Assert.Equal((200, "resolved", null), (answer.Status, answer.Map.Text("status"), answer.Map["substatus"]));
        Assert.Equal(["status", "statusDetails", "substatus", "inbox"], answer.Map.Members.Select(member => member.Key));
        Assert.Equal(["c", "a"], await TitlesAsync(app, "is:resolved"));
    }

    [Theory, EachDatabase]
    public async Task Without_names_a_search_says_which(DatabaseKind database)
    {
        await using var app = await VedetteApp.StartAsync(database, new FakeClock());
        await app.SendMessagesAsync("red one", "red two", "blue");

        Assert.Equal(200, (await app.ApiAsync(HttpMethod.Put, $"{List}?query=red", Resolved)).Status);
        Assert.Equal(["red two", "red one"], await TitlesAsync(app, "is:resolved"));
        Assert.Equal(200, (await app.ApiAsync(HttpMethod.Put, $"{OfProject}?status=resolved", """{"status":"ignored","substatus":"archived_forever"}""")).Status);
        Assert.Equal(["red two", "red one"], await TitlesAsync(app, "is:ignored"));
        Assert.Equal(200, (await app.ApiAsync(HttpMethod.Put, List, Resolved)).Status);
        Assert.Equal(["blue"], await TitlesAsync(app, "is:resolved"));
        Assert.Equal(200, (await app.ApiAsync(HttpMethod.Put, $"{OfProject}?", """{"status":"unresolved"}""")).Status);
        Assert.Equal(3, (await TitlesAsync(app, "is:unresolved")).Count);
    }

    [Fact]
    public async Task Where_nothing_is_meant_nothing_is_answered()
    {
        await using var app = await VedetteApp.StartAsync();
        var (web, _) = await app.AddProjectAsync("default", "web");
        await app.SendMessagesAsync("a");

        foreach (var path in new[] { $"{List}?id=99", $"{List}?query=nothing", "/api/0/projects/default/web/issues/?id=1", $"{List}?project={web}&id=1", $"{List}?status=resolved" })
        {
            Assert.Equal((204, ""), await app.AskAsync(HttpMethod.Put, path, $"Bearer {app.FirstStart.Token}", Resolved));
            Assert.Equal((204, ""), await app.AskAsync(HttpMethod.Delete, path, $"Bearer {app.FirstStart.Token}"));
        }

        Assert.Equal(["a"], await TitlesAsync(app, "is:unresolved"));
    }

    [Theory]
    [InlineData("?id=1", """{"status":"burnt"}""")]
    [InlineData("?id=1", "[]")]
    [InlineData("?query=is:nothing", """{"status":"resolved"}""")]
    [InlineData("?status=burnt", """{"status":"resolved"}""")]
    [InlineData("?id=1", """{"assignedTo":"nobody@nowhere.example"}""")]
    public async Task A_wrong_request_changes_nothing(string query, string body)
    {
        await using var app = await VedetteApp.StartAsync();
        await app.SendMessagesAsync("a");

        Assert.Equal(400, (await app.ApiAsync(HttpMethod.Put, List + query, body)).Status);
        Assert.Equal(["a"], await TitlesAsync(app, "is:unresolved is:unassigned"));
    }

    [Theory, EachDatabase]
    public async Task Only_what_was_changed_is_answered(DatabaseKind database)
    {
        await using var app = await VedetteApp.StartAsync(database, new FakeClock());
        await app.SendMessagesAsync("a", "b");

        var answer = (await app.ApiAsync(
            HttpMethod.Put, $"{List}?id=1&id=2", """{"assignedTo":"me","priority":"low","hasSeen":true,"isBookmarked":false,"isSubscribed":true,"isPublic":true}""")).Map;
        var snoozed = (await app.ApiAsync(HttpMethod.Put, $"{List}?id=1", """{"status":"ignored","statusDetails":{"ignoreCount":5}}""")).Map;

        Assert.Equal(["assignedTo", "priority", "hasSeen", "isBookmarked", "isSubscribed", "isPublic"], answer.Members.Select(member => member.Key));
        Assert.Equal(("user", "low", true, false), (answer.Map("assignedTo")!.Text("type"), answer.Text("priority"), answer["hasSeen"], answer["isBookmarked"]));
        Assert.Equal(5.0, snoozed.Map("statusDetails")!["ignoreCount"]);
        Assert.Equal("archived_until_condition_met", snoozed.Text("substatus"));
        Assert.Equal(["b", "a"], await TitlesAsync(app, "assigned:me issue.priority:low"));
    }

    [Theory, EachDatabase]
    public async Task Merged_issues_are_named(DatabaseKind database)
    {
        await using var app = await VedetteApp.StartAsync(database, new FakeClock());
        await app.SendMessagesAsync("small", "big", "big", "other");

        var answer = await app.ApiAsync(HttpMethod.Put, $"{List}?id=1&id=2", """{"merge":1}""");

        Assert.Equal("2", answer.Map.Map("merge")!.Text("parent"));
        Assert.Equal(["1"], answer.Map.Map("merge")!.List("children")!);
        Assert.Equal(["other", "big"], await TitlesAsync(app, ""));
    }

    [Theory, EachDatabase]
    public async Task Deleted_and_discarded_issues_are_gone(DatabaseKind database)
    {
        var clock = new FakeClock();
        await using var app = await VedetteApp.StartAsync(database, clock);
        await app.SendMessagesAsync("a", "b", "c", "d");

        Assert.Equal(204, (await app.ApiAsync(HttpMethod.Delete, $"{List}?id=1&id=2")).Status);
        Assert.Equal(204, (await app.ApiAsync(HttpMethod.Put, $"{List}?id=3", """{"discard":true}""")).Status);
        Assert.Equal(["d"], await TitlesAsync(app, ""));
        await app.SendMessagesAsync("a", "c");
        Assert.Equal(["a", "d"], await TitlesAsync(app, ""));
        Assert.Equal(204, (await app.ApiAsync(HttpMethod.Delete, $"{OfProject}?query=")).Status);
        Assert.Empty(await TitlesAsync(app, ""));

        // The row with the highest number stays until there is a higher one.
        await clock.AdvanceUntilAsync(TimeSpan.FromSeconds(1), async () => await app.CountAsync("issue_tag") == 0, "the end of their counts");
        Assert.Equal((0, 0), (await app.CountAsync("event"), await app.CountAsync("event_bucket")));
    }

    [Fact]
    public async Task No_more_than_a_thousand_are_changed_at_once()
    {
        await using var app = await VedetteApp.StartAsync();
        await app.ExecuteAsync(
            """
            insert into issue (
                project_id, organization_id, short_id, category, type, level, title, culprit, metadata, platform, status, substatus, priority, first_seen, last_seen,
                times_seen, user_count, num_comments, is_unhandled)
            with recursive number(n) as (select 1 union all select n + 1 from number where n < 1003)
            select 1, 1, n, 'error', 'error', 'error', 'many', '', '{}', 'other', 'unresolved', 'new', 'high', n, n, 1, 1, 0, 0 from number
            """);

        Assert.Equal(200, (await app.ApiAsync(HttpMethod.Put, List, """{"status":"ignored"}""")).Status);
        Assert.Equal((1000, 3), (await app.CountAsync("issue where status = 'ignored'"), await app.CountAsync("issue where status = 'unresolved' and last_seen <= 3")));
        Assert.Equal(204, (await app.ApiAsync(HttpMethod.Delete, $"{List}?query=is:ignored")).Status);
        Assert.Equal(0, await app.CountAsync("issue where status = 'ignored'"));
    }

    [Fact]
    public async Task Other_organizations_issues_are_not_touched()
    {
        await using var app = await VedetteApp.StartAsync();
        await app.AddOrganizationAsync("other");
        await app.AddProjectAsync("other", "default");
        var stranger = await app.AddPersonAsync("stranger@other.example", "other", MemberRole.Owner);
        await app.SendMessagesAsync("a");

        foreach (var query in new[] { "id=1", "id=DEFAULT-1", "query=", "query=issue:1" })
        {
            Assert.Equal(204, (await app.ApiAsync(HttpMethod.Put, $"/api/0/organizations/other/issues/?{query}", Resolved, stranger)).Status);
            Assert.Equal(204, (await app.ApiAsync(HttpMethod.Delete, $"/api/0/organizations/other/issues/?{query}", token: stranger)).Status);
            Assert.Equal(404, (await app.ApiAsync(HttpMethod.Put, $"{List}?{query}", Resolved, stranger)).Status);
        }

        Assert.Equal(["a"], await TitlesAsync(app, "is:unresolved"));
    }

    [Theory, EachDatabase]
    public async Task Each_of_many_is_told_of_once(DatabaseKind database)
    {
        await using var receiver = new TestReceiver();
        await using var app = await VedetteApp.StartAsync(database);
        await app.CreateAppAsync(receiver.Url, """["issue.resolved"]""");
        await app.SendMessagesAsync("a", "b", "c");

        var answers = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => app.ApiAsync(HttpMethod.Put, $"{List}?query=", Resolved)));
        var told = await receiver.WaitForAsync(3);

        Assert.All(answers, answer => Assert.Equal(200, answer.Status));
        Assert.Equal(["a", "b", "c"], told.Select(request => request.Json.Map("data")!.Map("issue")!.Text("title")).Order(StringComparer.Ordinal));
        Assert.Equal(3, await app.CountAsync("delivery"));
    }

    private static async Task<List<string?>> TitlesAsync(VedetteApp app, string query) =>
        [.. (await app.GetAsync($"{List}?query={Uri.EscapeDataString(query)}")).List.Select(issue => ((JsonMap)issue!).Text("title"))];
}
