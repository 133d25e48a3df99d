using Vedette.Server.Authorization;
using Vedette.Tests.Harness;
using Vedette.Wire.Json;
using Xunit;

namespace Vedette.Tests.Server.Issues;

/// <summary>Searches for whose issues are, what is marked and linked, and what became of merged ones.</summary>
public sealed class IssuePeopleSearchTests
{
    private const string List = "/api/0/organizations/default/issues/";

    [Theory, EachDatabase]
    public async Task Issues_are_found_by_whose_they_are(DatabaseKind database)
    {
        await using var app = await VedetteApp.StartAsync(database, new FakeClock());
        var ada = await app.AddPersonAsync("ada@example.org", "default", MemberRole.Member);
        await app.SendMessagesAsync("mine", "hers", "the team's", "nobody's");
        foreach (var (issue, to) in new[] { (1, "me"), (2, "ada@example.org"), (3, "#default") })
            Assert.Equal(200, (await app.ApiAsync(HttpMethod.Put, $"{List}{issue}/", $$"""{"assignedTo":"{{to}}"}""")).Status);

        Assert.Equal(["mine"], await SearchAsync("assigned:me"));
        Assert.Equal(["hers"], await SearchAsync("assigned:me", ada));
        Assert.Equal(["hers"], await SearchAsync("assigned:ADA@example.org"));
        Assert.Equal(["the team's"], await SearchAsync("assigned:#default"));
        Assert.Equal(["the team's"], await SearchAsync("assigned:my_teams"));
        Assert.Empty(await SearchAsync("assigned:my_teams", ada));
        Assert.Equal(["nobody's"], await SearchAsync("assigned:none"));
        Assert.Equal(["nobody's", "mine"], await SearchAsync("assigned:[me, none]"));
        Assert.Equal(["nobody's", "the team's", "hers"], await SearchAsync("!assigned:me"));
        Assert.Equal(["the team's", "hers", "mine"], await SearchAsync("is:assigned"));
        Assert.Equal(["nobody's"], await SearchAsync("is:unassigned"));
        Assert.Equal(["nobody's"], await SearchAsync("!is:assigned is:unresolved"));
        Assert.Empty(await SearchAsync("assigned:#nowhere"));
        Assert.Empty(await SearchAsync("assigned:\"' or 1 = 1 --\""));
        Assert.Equal(400, (await app.GetAsync($"{List}?query=assigned:*")).Status);

        async Task<List<string?>> SearchAsync(string query, string? token = null) => await TitlesAsync(app, query, token);
    }

    [Theory, EachDatabase]
    public async Task Issues_are_found_by_who_marked_them_and_lists_show_it(DatabaseKind database)
    {
        await using var app = await VedetteApp.StartAsync(database, new FakeClock());
        var ada = await app.AddPersonAsync("ada@example.org", "default", MemberRole.Member);
        await app.SendMessagesAsync("marked", "plain");
        Assert.Equal(200, (await app.ApiAsync(HttpMethod.Put, $"{List}1/", """{"isBookmarked":true,"hasSeen":true}""")).Status);

        Assert.Equal(["marked"], await TitlesAsync(app, "bookmarks:me"));
        Assert.Equal(["plain"], await TitlesAsync(app, "!bookmarks:me"));
        Assert.Equal(["marked"], await TitlesAsync(app, "subscribed:me"));
        Assert.Empty(await TitlesAsync(app, "bookmarks:me", ada));
        var marked = (JsonMap)(await app.GetAsync($"{List}?query=bookmarks:me")).List.Single()!;
        Assert.Equal((true, true), (marked["isBookmarked"], marked["hasSeen"]));
        Assert.Equal(false, ((JsonMap)(await app.GetAsync($"{List}?query=marked", ada)).List.Single()!)["isBookmarked"]);
        Assert.Equal(400, (await app.GetAsync($"{List}?query=bookmarks:ada")).Status);
    }

    [Theory, EachDatabase]
    public async Task Issues_are_found_by_their_links_and_by_the_latest_release(DatabaseKind database)
    {
        await using var app = await VedetteApp.StartAsync(database, new FakeClock());
        await app.CreateAppAsync("http://127.0.0.1:9/");
        await app.SendMessagesAsync("linked", "plain");
        var uuid = ((JsonMap)(await app.GetAsync("/api/0/organizations/default/sentry-app-installations/")).List.Single()!).Text("uuid");
        Assert.Equal(200, (await app.ApiAsync(
            HttpMethod.Post, $"/api/0/sentry-app-installations/{uuid}/external-issues/", """{"issueId":1,"webUrl":"https://t.example/1","project":"ops","identifier":"7"}""")).Status);
        foreach (var (message, release) in new[] { ("old", "2.0"), ("both", "2.0"), ("both", "1.9"), ("new", "1.9") })
        {
            await app.SendAsync($$"""{"message":"{{message}}","release":"{{release}}"}""");
            ((FakeClock)app.Time).Advance(TimeSpan.FromMinutes(1));
        }

        Assert.Equal(["linked"], await TitlesAsync(app, "is:linked"));
        Assert.DoesNotContain("linked", await TitlesAsync(app, "is:unlinked"));
        Assert.Equal(["new", "both"], await TitlesAsync(app, "release:latest"));
        Assert.Equal(["new", "both", "old"], await TitlesAsync(app, "release:[latest,2.0]"));
        Assert.Equal(["old"], await TitlesAsync(app, "has:release !release:latest"));
    }

    [Theory, EachDatabase]
    public async Task What_was_counted_of_merged_issues_is_added_up(DatabaseKind database)
    {
        var clock = new FakeClock();
        await using var app = await VedetteApp.StartAsync(database, clock);
        const string Event = "4c79f60c11214eb38604f4ae0781bfb2";
        for (var i = 0; i < 3; i++)
            await app.SendAsync("""{"message":"big","environment":"prod","tags":{"color":"blue"}}""");
        await app.SendAsync($$$"""{"event_id":"{{{Event}}}","message":"small","environment":"dev","tags":{"color":"blue","size":"1"}}""");
        for (var i = 0; i < 230; i++)
            await app.ExecuteAsync("insert into issue_tag (issue_id, key, value, project_id, times, first_seen, last_seen) values (2, 'number', @value, 1, 1, 1, 1)", new { value = $"{i}" });

        Assert.Equal(200, (await app.ApiAsync(HttpMethod.Put, $"{List}?id=1&id=2", """{"merge":1}""")).Status);
        Assert.Equal(["big"], await TitlesAsync(app, Event));
        await clock.AdvanceUntilAsync(TimeSpan.FromSeconds(1), async () => await app.CountAsync("issue_tag where issue_id = 2") == 0, "the counts of the merged issue to move");

        Assert.Equal(["big"], await TitlesAsync(app, "size:1 number:7"));
        Assert.Equal(["big"], await TitlesAsync(app, "issue:[DEFAULT-2]"));
        Assert.Equal(["big"], await TitlesAsync(app, "issue.id:2"));
        Assert.Equal("4", ((JsonMap)(await app.GetAsync($"{List}?query=color:blue")).List.Single()!).Map("filtered")!.Text("count"));
        Assert.Equal("1", ((JsonMap)(await app.GetAsync($"{List}?environment=dev")).List.Single()!).Text("count"));
        Assert.Equal(0, await app.CountAsync("event_bucket where issue_id = 2"));
    }

    private static async Task<List<string?>> TitlesAsync(VedetteApp app, string query, string? token = null)
    {
        var answer = await app.GetAsync($"{List}?query={Uri.EscapeDataString(query)}", token);
        Assert.True(answer.Status == 200, $"{query}: {answer.Status} {(answer.Json as JsonMap)?.Text("detail")}");
        return [.. answer.List.Select(issue => ((JsonMap)issue!).Text("title"))];
    }
}
