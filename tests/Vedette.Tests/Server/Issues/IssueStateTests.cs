using Vedette.Server.Authorization;
using Vedette.Tests.Harness;
using Vedette.Wire.Json;
using Xunit;

namespace Vedette.Tests.Server.Issues;

/// <summary>The table of <c>spec/domain.md</c> 2.5, as far as people and events move it: state, activity, webhook and actor of each row.</summary>
public sealed class IssueStateTests
{
    private const string Platform = """{"type":"application","id":"sentry","name":"Sentry"}""";
    private const string Owner = """{"type":"user","id":1,"name":"admin@localhost"}""";

    [Theory, EachDatabase]
    public async Task The_first_event_makes_a_new_issue(DatabaseKind database)
    {
        await using var life = await IssueLife.BeginAsync(database, seen: false);

        await life.SeeAsync();

        Assert.Equal("unresolved/new", await life.StateAsync());
        Assert.Equal([("first_seen", """{"priority":"high"}""")], await life.ActivitiesAsync());
        var told = await life.ToldAsync("issue.created");
        Assert.Equal(Platform, told["actor"].JsonText());
        Assert.Equal(("unresolved", "new"), (Issue(told).Text("status"), Issue(told).Text("substatus")));
    }

    [Theory, EachDatabase]
    public async Task A_new_issue_does_not_escalate_by_itself(DatabaseKind database)
    {
        await using var life = await IssueLife.BeginAsync(database);

        for (var i = 0; i < 30; i++)
            await life.SeeAsync();
        await life.PassAsync(TimeSpan.FromMinutes(5));

        Assert.Equal("unresolved/new", await life.StateAsync());
        await life.ToldNothingAsync();
    }

    [Theory]
    [InlineData("""{"status":"resolved"}""", "now", "set_resolved", "{}", "{}")]
    [InlineData("""{"status":"resolved","statusDetails":{"inRelease":"shop@1.1"}}""", "in_release", "set_resolved_in_release", """{"version":"shop@1.1"}""", """{"inRelease":"shop@1.1","actor":A}""")]
    [InlineData("""{"status":"resolved","statusDetails":{"inRelease":"latest"}}""", "in_release", "set_resolved_in_release", """{"version":"shop@1.2"}""", """{"inRelease":"shop@1.2","actor":A}""")]
    [InlineData("""{"status":"resolved","statusDetails":{"inNextRelease":true}}""", "in_next_release", "set_resolved_in_release", """{"version":"","current_release_version":"shop@1.2"}""", """{"inNextRelease":true,"actor":A}""")]
    [InlineData("""{"status":"resolvedInNextRelease"}""", "in_next_release", "set_resolved_in_release", """{"version":"","current_release_version":"shop@1.2"}""", """{"inNextRelease":true,"actor":A}""")]
    [InlineData("""{"status":"resolved","statusDetails":{"inUpcomingRelease":true}}""", "in_upcoming_release", "set_resolved_in_release", """{"version":""}""", """{"inUpcomingRelease":true,"actor":A}""")]
    [InlineData("""{"status":"resolved","statusDetails":{"inCommit":{"commit":"c0ffee","repository":"acme/shop"}}}""", "in_commit", "set_resolved_in_commit", """{"commit":"c0ffee","repository":"acme/shop"}""", """{"inCommit":{"id":"c0ffee","commit":"c0ffee","repository":"acme/shop"},"actor":A}""")]
    public async Task Somebody_resolves(string change, string type, string activity, string noted, string details)
    {
        await using var life = await IssueLife.BeginAsync(DatabaseKind.Sqlite);
        foreach (var version in new[] { "shop@1.1", "shop@1.2" })
            await life.SeeAsync($",\"release\":\"{version}\"");

        var issue = await life.ChangedAsync(change);
        var told = await life.ToldAsync("issue.resolved");
        await life.ChangedAsync(change);

        Assert.Equal("resolved/none", IssueLife.State(issue));
        Assert.Equal(details.Replace("A", Person, StringComparison.Ordinal), issue["statusDetails"].JsonText());
        Assert.Equal([(activity, noted), ("first_seen", """{"priority":"high"}""")], await life.ActivitiesAsync());
        Assert.Equal((type, Owner), (told.Map("data")!.Text("resolution_type"), told["actor"].JsonText()));
        Assert.Equal(["resolution_type", "issue"], told.Map("data")!.Members.Select(member => member.Key));
        Assert.Equal(issue["statusDetails"].JsonText(), Issue(told)["statusDetails"].JsonText());
        await life.ToldNothingAsync();
    }

    [Theory, EachDatabase]
    public async Task An_archived_issue_is_resolved_as_well_and_forgets_its_snooze(DatabaseKind database)
    {
        await using var life = await IssueLife.BeginAsync(database);
        await life.ChangedAsync("""{"status":"ignored","statusDetails":{"ignoreCount":2}}""");
        await life.TellsAsync();

        await life.ChangedAsync("""{"status":"resolved"}""");

        Assert.Equal("resolved/none", await life.StateAsync());
        await life.ToldAsync("issue.resolved");
        Assert.Equal(0, await life.App.CountAsync("issue_snooze"));
    }

    [Theory, EachDatabase]
    public async Task What_is_resolved_can_be_resolved_in_another_release(DatabaseKind database)
    {
        await using var life = await IssueLife.BeginAsync(database);
        await life.SeeAsync(""","release":"1.0" """);
        await life.ChangedAsync("""{"status":"resolved"}""");
        await life.TellsAsync();

        await life.ChangedAsync("""{"status":"resolved","statusDetails":{"inRelease":"1.0"}}""");
        var told = await life.ToldAsync("issue.resolved");
        await life.ChangedAsync("""{"status":"resolved"}""");

        Assert.Equal("in_release", told.Map("data")!.Text("resolution_type"));
        Assert.Equal("1.0", (await life.IssueAsync()).Map("statusDetails")!.Text("inRelease"));
        await life.ToldNothingAsync();
    }

    [Theory, EachDatabase]
    public async Task Somebody_unresolves(DatabaseKind database)
    {
        await using var life = await IssueLife.BeginAsync(database);
        await life.SeeAsync(""","release":"1.0" """);
        await life.ChangedAsync("""{"status":"resolved","statusDetails":{"inNextRelease":true}}""");
        await life.TellsAsync();

        var issue = await life.ChangedAsync("""{"status":"unresolved"}""");
        var told = await life.ToldAsync("issue.unresolved");
        await life.ChangedAsync("""{"status":"unresolved"}""");

        Assert.Equal(("unresolved/regressed", "{}"), (IssueLife.State(issue), issue["statusDetails"].JsonText()));
        Assert.Equal(("set_unresolved", "{}"), (await life.ActivitiesAsync())[0]);
        Assert.Equal((Owner, "regressed"), (told["actor"].JsonText(), Issue(told).Text("substatus")));
        await life.ToldNothingAsync();
        Assert.Equal(0, await life.App.CountAsync("issue_resolution"));
    }

    [Theory, EachDatabase]
    public async Task Somebody_takes_an_archiving_back_and_no_webhook_speaks_of_it(DatabaseKind database)
    {
        await using var life = await IssueLife.BeginAsync(database);
        await life.ChangedAsync("""{"status":"ignored"}""");
        await life.TellsAsync();

        await life.ChangedAsync("""{"status":"unresolved"}""");
        Assert.Equal("unresolved/new", await life.StateAsync());
        await life.ChangedAsync("""{"status":"ignored"}""");
        await life.ToldAsync("issue.ignored");
        life.Clock.Advance(TimeSpan.FromDays(7));
        await life.ChangedAsync("""{"status":"unresolved"}""");

        Assert.Equal("unresolved/ongoing", await life.StateAsync());
        Assert.Equal(["set_unresolved", "set_ignored", "set_unresolved", "set_ignored", "first_seen"], (await life.ActivitiesAsync()).Select(activity => activity.Type));
        await life.ToldNothingAsync();
    }

    [Theory]
    [InlineData("""{"status":"ignored"}""", "archived_forever", "{}")]
    [InlineData("""{"status":"muted"}""", "archived_forever", "{}")]
    [InlineData("""{"status":"muted","snoozeDuration":null}""", "archived_forever", "{}")]
    [InlineData("""{"status":"ignored","statusDetails":{},"substatus":"archived_until_escalating"}""", "archived_until_escalating", "{}")]
    [InlineData("""{"substatus":"archived_forever"}""", "archived_forever", "{}")]
    [InlineData("""{"status":"ignored","statusDetails":{"ignoreUntilEscalating":true}}""", "archived_until_escalating", "{}")]
    [InlineData("""{"status":"ignored","ignoreUntilEscalating":true}""", "archived_until_escalating", "{}")]
    [InlineData("""{"status":"ignored","snoozeDuration":30}""", "archived_until_condition_met", """{"ignoreCount":null,"ignoreUntil":"2026-03-01T12:30:01.000000Z","ignoreUserCount":null,"ignoreUserWindow":null,"ignoreWindow":null,"actor":A}""")]
    [InlineData("""{"status":"ignored","ignoreDuration":"30"}""", "archived_until_condition_met", """{"ignoreCount":null,"ignoreUntil":"2026-03-01T12:30:01.000000Z","ignoreUserCount":null,"ignoreUserWindow":null,"ignoreWindow":null,"actor":A}""")]
    [InlineData("""{"status":"ignored","statusDetails":{"ignoreUntil":"2026-03-02T00:00:00+01:00"}}""", "archived_until_condition_met", """{"ignoreCount":null,"ignoreUntil":"2026-03-01T23:00:00.000000Z","ignoreUserCount":null,"ignoreUserWindow":null,"ignoreWindow":null,"actor":A}""")]
    [InlineData("""{"status":"ignored","statusDetails":{"ignoreCount":10,"ignoreWindow":60}}""", "archived_until_condition_met", """{"ignoreCount":10,"ignoreUntil":null,"ignoreUserCount":null,"ignoreUserWindow":null,"ignoreWindow":60,"actor":A}""")]
    [InlineData("""{"status":"ignored","ignoreUserCount":5,"ignoreUserWindow":10}""", "archived_until_condition_met", """{"ignoreCount":null,"ignoreUntil":null,"ignoreUserCount":5,"ignoreUserWindow":10,"ignoreWindow":null,"actor":A}""")]
    public async Task Somebody_archives(string change, string substatus, string details)
    {
        await using var life = await IssueLife.BeginAsync(DatabaseKind.Sqlite);

        var issue = await life.ChangedAsync(change);
        var told = await life.ToldAsync("issue.ignored");

        Assert.Equal($"ignored/{substatus}", IssueLife.State(issue));
        Assert.Equal(details.Replace("A", Person, StringComparison.Ordinal), issue["statusDetails"].JsonText());
        Assert.Equal(["set_ignored", "first_seen"], (await life.ActivitiesAsync()).Select(activity => activity.Type));
        Assert.Equal((Owner, substatus), (told["actor"].JsonText(), Issue(told).Text("substatus")));
        Assert.Equal(["issue"], told.Map("data")!.Members.Select(member => member.Key));
    }

    [Theory, EachDatabase]
    public async Task Archiving_again_is_told_only_when_it_is_for_another_time(DatabaseKind database)
    {
        await using var life = await IssueLife.BeginAsync(database);

        foreach (var (change, isTold) in new[]
        {
            ("""{"status":"ignored","ignoreCount":5}""", true), ("""{"status":"ignored","ignoreCount":5}""", false), ("""{"status":"ignored","ignoreCount":6}""", true),
            ("""{"status":"ignored"}""", true), ("""{"status":"ignored"}""", false), ("""{"substatus":"archived_until_escalating"}""", true),
            ("""{"substatus":"archived_until_escalating"}""", false), ("""{"status":"resolved"}""", true), ("""{"status":"ignored"}""", true),
        })
        {
            await life.ChangedAsync(change);
            Assert.Equal((change, isTold), (change, (await life.TellsAsync()).Count == 1));
        }
    }

    [Fact]
    public async Task An_app_that_knows_only_the_older_name_is_told_of_archiving_by_it()
    {
        await using var life = await IssueLife.BeginAsync(DatabaseKind.Sqlite, seen: false, events: """["issue.archived"]""");
        await life.SeeAsync();

        await life.ChangedAsync("""{"status":"ignored"}""");

        await life.ToldAsync("issue.archived");
    }

    [Theory, EachDatabase]
    public async Task Assigning_is_told_when_it_is_somebody_else(DatabaseKind database)
    {
        await using var life = await IssueLife.BeginAsync(database);
        await life.App.AddPersonAsync("ada@example.org", "default", MemberRole.Member);

        var issue = await life.ChangedAsync("""{"assignedTo":"ada@example.org"}""");
        var told = await life.ToldAsync("issue.assigned");
        await life.ChangedAsync("""{"assignedTo":"user:3"}""");
        await life.ToldNothingAsync();
        await life.ChangedAsync("""{"assignedTo":"team:default"}""");
        var team = await life.ToldAsync("issue.assigned");

        const string Ada = """{"type":"user","id":"3","name":"ada@example.org","email":"ada@example.org"}""";
        Assert.Equal((Ada, "unresolved/new"), (issue["assignedTo"].JsonText(), IssueLife.State(issue)));
        Assert.Equal(["assignee", "issue"], told.Map("data")!.Members.Select(member => member.Key));
        Assert.Equal("""{"type":"user","name":"ada@example.org","id":3,"email":"ada@example.org"}""", told.Map("data")!["assignee"].JsonText());
        Assert.Equal((Ada, Owner), (Issue(told)["assignedTo"].JsonText(), told["actor"].JsonText()));
        Assert.Equal("""{"type":"team","name":"default","id":1}""", team.Map("data")!["assignee"].JsonText());
        Assert.Equal(
            [
                ("assigned", """{"assignee":"1","assigneeEmail":null,"assigneeName":"default","assigneeType":"team"}"""),
                ("assigned", """{"assignee":"3","assigneeEmail":"ada@example.org","assigneeName":"ada@example.org","assigneeType":"user"}"""),
                ("first_seen", """{"priority":"high"}"""),
            ],
            await life.ActivitiesAsync());
    }

    [Theory]
    [InlineData("""{"assignedTo":""}""")]
    [InlineData("""{"assignedTo":null}""")]
    public async Task Taking_an_issue_from_somebody_is_an_activity_and_no_webhook(string change)
    {
        await using var life = await IssueLife.BeginAsync(DatabaseKind.Sqlite);
        await life.ChangedAsync("""{"assignedTo":"me"}""");
        await life.TellsAsync();

        var issue = await life.ChangedAsync(change);
        await life.ChangedAsync(change);

        Assert.Null(issue["assignedTo"]);
        Assert.Equal(["unassigned", "assigned", "first_seen"], (await life.ActivitiesAsync()).Select(activity => activity.Type));
        await life.ToldNothingAsync();
    }

    [Theory, EachDatabase]
    public async Task What_an_app_does_is_done_in_its_name(DatabaseKind database)
    {
        await using var life = await IssueLife.BeginAsync(database);
        var made = await life.App.ApiAsync(
            HttpMethod.Post, "/api/0/sentry-apps/", """{"name":"Bot","organization":"default","isInternal":true,"scopes":["event:admin"]}""");
        using var owner = await LoggedIn.AsAsync(life.App);
        var token = (await owner.ApiAsync(HttpMethod.Post, $"/api/0/sentry-apps/{made.Map.Text("slug")}/api-tokens/")).Map.Text("token");

        await life.ChangedAsync("""{"status":"resolved"}""", token);

        var told = await life.ToldAsync("issue.resolved");
        Assert.Equal($$"""{"type":"application","id":"{{made.Map.Text("uuid")}}","name":"Bot"}""", told["actor"].JsonText());
        var activity = (JsonMap)(await life.IssueAsync()).List("activity")![0]!;
        Assert.Equal(("set_resolved", "Bot"), (activity.Text("type"), activity.Map("sentry_app")!.Text("name")));
    }

    [Fact]
    public async Task A_token_of_an_organization_is_nobody_in_particular()
    {
        await using var life = await IssueLife.BeginAsync(DatabaseKind.Sqlite);
        using var owner = await LoggedIn.AsAsync(life.App);
        var made = await life.App.ApiAsync(HttpMethod.Post, "/api/0/organizations/default/org-auth-tokens/", """{"name":"ci"}""");
        await life.App.ExecuteAsync("update organization_token set scopes = 'event:admin event:read event:write org:ci'");

        await life.ChangedAsync("""{"status":"resolved","hasSeen":true,"isSubscribed":true}""", made.Map.Text("token"));

        Assert.Equal(Platform, (await life.ToldAsync("issue.resolved"))["actor"].JsonText());
        Assert.Null(((JsonMap)(await life.IssueAsync()).List("activity")![0]!)["user"]);
    }

    private const string Person = """{"id":"1","name":"admin@localhost","username":"admin@localhost","email":"admin@localhost"}""";

    private static JsonMap Issue(JsonMap told) => told.Map("data")!.Map("issue")!;
}
