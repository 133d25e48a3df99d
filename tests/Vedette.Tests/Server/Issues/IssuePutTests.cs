using Vedette.Server.Authorization;
using Vedette.Tests.Harness;
using Vedette.Wire.Json;
using Xunit;

namespace Vedette.Tests.Server.Issues;

/// <summary>The body of a change, and what answers it (<c>spec/domain.md</c> 3.2 and 3.4).</summary>
public sealed class IssuePutTests
{
    [Theory]
    [InlineData("""{"statusDetails":5}""", """{"statusDetails":["Invalid data. Expected a dictionary."]}""")]
    [InlineData("""{"substatus":"young"}""", """{"substatus":["\"young\" is not a valid choice."]}""")]
    [InlineData("""{"status":"resolved","substatus":"ongoing"}""", """{"substatus":["The substatus ongoing does not go with the status resolved."]}""")]
    [InlineData("""{"status":"unresolved","substatus":"archived_forever"}""", """{"substatus":["The substatus archived_forever does not go with the status unresolved."]}""")]
    [InlineData("""{"status":"ignored","substatus":"new"}""", """{"substatus":["The substatus new does not go with the status ignored."]}""")]
    [InlineData("""{"status":"ignored","ignoreCount":"many"}""", """{"ignoreCount":["A valid integer is required."]}""")]
    [InlineData("""{"status":"ignored","statusDetails":{"ignoreCount":-1}}""", """{"statusDetails":{"ignoreCount":["Ensure this value is greater than or equal to 1."]}}""")]
    [InlineData("""{"status":"ignored","statusDetails":{"ignoreWindow":10081}}""", """{"statusDetails":{"ignoreWindow":["Ensure this value is less than or equal to 10080."]}}""")]
    [InlineData("""{"status":"ignored","ignoreDuration":1e300}""", """{"ignoreDuration":["Ensure this value is less than or equal to 52704000."]}""")]
    [InlineData("""{"status":"ignored","ignoreUntil":"tomorrow"}""", """{"ignoreUntil":["Datetime has wrong format. Use ISO 8601, for example 2026-03-01T12:00:00Z."]}""")]
    [InlineData("""{"status":"ignored","ignoreUntilEscalating":"maybe"}""", """{"ignoreUntilEscalating":["Must be a valid boolean."]}""")]
    [InlineData("""{"status":"resolved","statusDetails":{"inNextRelease":true}}""", """{"statusDetails":{"inNextRelease":["No release data present in the system to form a basis for 'Next Release'"]}}""")]
    [InlineData("""{"status":"resolved","statusDetails":{"inUpcomingRelease":true}}""", """{"statusDetails":{"inUpcomingRelease":["No release data present in the system to form a basis for 'Next Release'"]}}""")]
    [InlineData("""{"status":"resolved","statusDetails":{"inRelease":"latest"}}""", """{"statusDetails":{"inRelease":["No release data present in the system to form a basis for 'Next Release'"]}}""")]
    [InlineData("""{"status":"resolved","statusDetails":{"inRelease":"9.9"}}""", """{"statusDetails":{"inRelease":["Unable to find a release with the given version."]}}""")]
    [InlineData("""{"status":"resolved","statusDetails":{"inRelease":9}}""", """{"statusDetails":{"inRelease":["Not a valid string."]}}""")]
    [InlineData("""{"status":"resolved","statusDetails":{"inCommit":{"repository":"acme"}}}""", """{"statusDetails":{"inCommit":["A commit and its repository are required."]}}""")]
    [InlineData("""{"status":"resolved","priority":"urgent"}""", """{"priority":["\"urgent\" is not a valid choice."]}""")]
    [InlineData("""{"status":"resolved","hasSeen":"yes"}""", """{"hasSeen":["Must be a valid boolean."]}""")]
    [InlineData("""{"status":"resolved","assignedTo":{"id":1}}""", """{"assignedTo":["Not a valid string."]}""")]
    [InlineData("""{"status":"resolved","assignedTo":"nobody@example.org"}""", """{"assignedTo":["Cannot assign to non-team member"]}""")]
    [InlineData("""{"status":"resolved","assignedTo":"user:99"}""", """{"assignedTo":["Cannot assign to non-team member"]}""")]
    [InlineData("""{"status":"resolved","assignedTo":"team:none"}""", """{"assignedTo":["Cannot assign to non-team member"]}""")]
    public async Task What_is_wrong_is_said_where_it_stands_and_nothing_is_done(string body, string answer)
    {
        await using var life = await IssueLife.BeginAsync(DatabaseKind.Sqlite);

        Assert.Equal((400, answer), await life.App.AskAsync(HttpMethod.Put, $"{IssueLife.Issues}1/", $"Bearer {life.App.FirstStart.Token}", body));

        Assert.Equal("unresolved/new", await life.StateAsync());
        await life.ToldNothingAsync();
    }

    /// <summary>As sentry-cli, the web client of Sentry and others send them.</summary>
    [Theory]
    [InlineData("""{}""", "unresolved/new")]
    [InlineData("""{"status":"resolved","snoozeDuration":null,"statusDetails":{},"substatus":null,"assignedBy":"suggested","unheardOf":[1]}""", "resolved/none")]
    [InlineData("""{"status":"ignored","ignoreDuration":0,"ignoreCount":"","ignoreUntil":null}""", "ignored/archived_forever")]
    [InlineData("""{"status":"resolved","statusDetails":{"ignoreCount":5}}""", "resolved/none")]
    [InlineData("""{"status":"ignored","statusDetails":{"inNextRelease":true}}""", "ignored/archived_forever")]
    [InlineData("""{"inbox":false,"hasSeen":true}""", "unresolved/new")]
    [InlineData("""{"status":"resolvedInNextRelease","snoozeDuration":null}""", "resolved/none")]
    public async Task Members_that_say_nothing_do_not_matter(string body, string state)
    {
        await using var life = await IssueLife.BeginAsync(DatabaseKind.Sqlite);

        Assert.Equal(state, IssueLife.State(await life.ChangedAsync(body)));
    }

    [Theory, EachDatabase]
    public async Task The_next_release_of_a_project_without_any_is_the_first_one(DatabaseKind database)
    {
        await using var life = await IssueLife.BeginAsync(database);

        var issue = await life.ChangedAsync("""{"status":"resolvedInNextRelease"}""");

        Assert.Equal(true, issue.Map("statusDetails")!["inNextRelease"]);
        Assert.Equal("in_next_release", (await life.ToldAsync("issue.resolved")).Map("data")!.Text("resolution_type"));
    }

    [Theory, EachDatabase]
    public async Task A_chosen_priority_is_kept_and_told_to_nobody(DatabaseKind database)
    {
        await using var life = await IssueLife.BeginAsync(database);

        await life.ChangedAsync("""{"priority":"high"}""");
        var issue = await life.ChangedAsync("""{"priority":"low"}""");

        Assert.Equal(("low", "2026-03-01T12:00:02.000000Z"), (issue.Text("priority"), issue.Text("priorityLockedAt")));
        Assert.Equal([("set_priority", """{"priority":"low"}"""), ("first_seen", """{"priority":"low"}""")], await life.ActivitiesAsync());
        await life.ToldNothingAsync();
    }

    [Theory, EachDatabase]
    public async Task What_an_issue_is_to_somebody_is_seen_by_them(DatabaseKind database)
    {
        await using var life = await IssueLife.BeginAsync(database);
        var ada = await life.App.AddPersonAsync("ada@example.org", "default", MemberRole.Member);

        var issue = await life.ChangedAsync("""{"hasSeen":true,"isBookmarked":true,"isSubscribed":true}""", ada);
        var other = await life.IssueAsync();

        Assert.Equal((true, true, true, """{"reason":"bookmark"}"""), (issue["hasSeen"], issue["isBookmarked"], issue["isSubscribed"], issue["subscriptionDetails"].JsonText()));
        Assert.Equal((false, false, false, "null"), (other["hasSeen"], other["isBookmarked"], other["isSubscribed"], other["subscriptionDetails"].JsonText()));
        Assert.Equal(
            """[{"id":"3","name":"ada@example.org","username":"ada@example.org","email":"ada@example.org","lastSeen":"2026-03-01T12:00:01.000000Z"}]""", other["seenBy"].JsonText());
        Assert.Equal("""[{"id":"3","name":"ada@example.org","username":"ada@example.org","email":"ada@example.org"}]""", other["participants"].JsonText());

        issue = await life.ChangedAsync("""{"hasSeen":false,"isBookmarked":false,"isSubscribed":false}""", ada);
        Assert.Equal((false, false, false), (issue["hasSeen"], issue["isBookmarked"], issue["isSubscribed"]));
        issue = await life.ChangedAsync("""{"status":"resolved"}""", ada);
        Assert.Equal(false, issue["isSubscribed"]);
        Assert.Equal(["set_resolved", "first_seen"], (await life.ActivitiesAsync()).Select(activity => activity.Type));
        Assert.Equal("ada@example.org", ((JsonMap)issue.List("activity")![0]!).Map("user")!.Text("email"));
    }

    [Theory, EachDatabase]
    public async Task A_public_issue_has_an_id_to_share(DatabaseKind database)
    {
        await using var life = await IssueLife.BeginAsync(database);

        var shared = await life.ChangedAsync("""{"isPublic":true}""");
        var again = await life.ChangedAsync("""{"isPublic":true}""");
        var hidden = await life.ChangedAsync("""{"isPublic":false}""");

        Assert.Matches("^[0-9a-f]{32}$", shared.Text("shareId"));
        Assert.Equal((true, shared.Text("shareId")), (again["isPublic"], again.Text("shareId")));
        Assert.Equal((false, null), (hidden["isPublic"], hidden["shareId"]));
        Assert.Equal(["set_private", "set_public", "first_seen"], (await life.ActivitiesAsync()).Select(activity => activity.Type));
    }

    [Theory]
    [InlineData("admin@localhost")]
    [InlineData("ADMIN@localhost")]
    [InlineData("1")]
    [InlineData("user:1")]
    [InlineData("me")]
    [InlineData("team:1")]
    [InlineData("team:default")]
    [InlineData("#default")]
    public async Task Whoever_is_meant_is_found(string assignee)
    {
        await using var life = await IssueLife.BeginAsync(DatabaseKind.Sqlite);

        var issue = await life.ChangedAsync($$"""{"assignedTo":"{{assignee}}"}""");

        Assert.Equal("1", issue.Map("assignedTo")!.Text("id"));
    }

    [Theory, EachDatabase]
    public async Task A_team_is_renamed_where_it_is_assigned_and_gone_with_its_end(DatabaseKind database)
    {
        await using var life = await IssueLife.BeginAsync(database);
        await life.App.ApiAsync(HttpMethod.Post, "/api/0/organizations/default/teams/", """{"slug":"web"}""");
        await life.ChangedAsync("""{"assignedTo":"team:web"}""");

        await life.App.ApiAsync(HttpMethod.Put, "/api/0/teams/default/web/", """{"slug":"shop"}""");
        Assert.Equal("shop", (await life.IssueAsync()).Map("assignedTo")!.Text("name"));
        await life.App.ApiAsync(HttpMethod.Delete, "/api/0/teams/default/shop/");

        Assert.Null((await life.IssueAsync())["assignedTo"]);
    }

    [Theory, EachDatabase]
    public async Task A_deleted_issue_is_gone_and_the_next_event_makes_a_new_one(DatabaseKind database)
    {
        await using var life = await IssueLife.BeginAsync(database);
        await life.SeeAsync(""","user":{"id":"7"}""");

        var deleted = await life.App.ApiAsync(HttpMethod.Delete, $"{IssueLife.Issues}DEFAULT-1/");
        Assert.Equal((202, 404, 404), (deleted.Status, (await life.App.GetAsync($"{IssueLife.Issues}1/")).Status, (await life.App.ApiAsync(HttpMethod.Delete, $"{IssueLife.Issues}1/")).Status));
        Assert.Empty((await life.App.GetAsync($"{IssueLife.Issues}?query=")).List);
        await life.SeeAsync();
        var issue = (JsonMap)(await life.App.GetAsync(IssueLife.Issues)).List.Single()!;

        Assert.Equal(("DEFAULT-2", "1"), (issue.Text("shortId"), issue.Text("count")));
        Assert.NotEqual("1", issue.Text("id"));
        await life.Clock.AdvanceUntilAsync(TimeSpan.FromSeconds(1), async () => await life.App.CountAsync("issue") == 1, "the end of the first issue");
        Assert.Equal((1, 1), (await life.App.CountAsync("event"), await life.App.CountAsync("issue_hash")));
    }

    [Theory, EachDatabase]
    public async Task A_discarded_issue_is_gone_and_so_is_what_is_like_it(DatabaseKind database)
    {
        await using var life = await IssueLife.BeginAsync(database);

        Assert.Equal(204, (await life.ChangeAsync("""{"discard":true}""")).Status);
        await life.SeeAsync();

        Assert.Empty((await life.App.GetAsync($"{IssueLife.Issues}?query=")).List);
        Assert.Equal(1, await life.App.CountAsync("dropped_item where item_type = 'discarded'"));
    }

    [Fact]
    public async Task The_older_form_of_the_path_does_the_same()
    {
        await using var life = await IssueLife.BeginAsync(DatabaseKind.Sqlite);
        await life.App.AddOrganizationAsync("other");
        var stranger = await life.App.AddPersonAsync("other@other.example", "other", MemberRole.Owner);
        const string Path = "/api/0/issues/1/";

        Assert.Equal(200, (await life.App.ApiAsync(HttpMethod.Put, Path, """{"status":"resolved"}""")).Status);
        Assert.Equal((200, "resolved"), (await life.App.GetAsync(Path)) is var shown ? (shown.Status, shown.Map.Text("status")) : default);
        Assert.Equal((404, 404), ((await life.App.GetAsync(Path, stranger)).Status, (await life.App.ApiAsync(HttpMethod.Put, Path, """{"status":"unresolved"}""", stranger)).Status));
        Assert.Equal((404, 404), ((await life.App.GetAsync("/api/0/issues/99/")).Status, (await life.App.GetAsync("/api/0/issues/DEFAULT-1/")).Status));
        Assert.Equal(202, (await life.App.ApiAsync(HttpMethod.Delete, Path)).Status);
    }
}
