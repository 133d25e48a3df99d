using Vedette.Tests.Harness;
using Vedette.Wire.Json;
using Xunit;
using static Vedette.Tests.Server.Issues.TestEvents;

namespace Vedette.Tests.Server.Issues;

/// <summary>The life of an issue, as the API and a subscribed app see it.</summary>
public sealed class IssueChangeTests
{
    private const string Issue = "/api/0/organizations/default/issues/1/";
    private const string Resolve = """{"status":"resolved"}""";

    [Theory, EachDatabase]
    public async Task Resolving_is_told_once_with_who_and_how(DatabaseKind database)
    {
        await using var receiver = new TestReceiver();
        await using var app = await VedetteApp.StartAsync(database);
        await app.CreateAppAsync(receiver.Url, """["issue"]""");
        await app.SendAsync(Boom());

        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => app.ApiAsync(HttpMethod.Put, Issue, Resolve)));
        await app.ApiAsync(HttpMethod.Put, Issue, """{"status":"unresolved"}""");
        var requests = await receiver.WaitForAsync(3);

        Assert.All(answers, answer => Assert.Equal((200, "resolved", null), (answer.Status, answer.Map.Text("status"), answer.Map["substatus"])));
        Assert.Equal(["issue.created", "issue.resolved", "issue.unresolved"], requests.Select(r => r.Event).Order());
        Assert.Equal(3, await CountAsync(app, "delivery"));
        var told = requests.Single(r => r.Event == "issue.resolved").Json;
        Assert.Equal("now", told.Map("data")!.Text("resolution_type"));
        Assert.Equal("resolved", told.Map("data")!.Map("issue")!.Text("status"));
        Assert.Equal(("user", "admin@localhost"), (told.Map("actor")!.Text("type"), told.Map("actor")!.Text("name")));
    }

    [Theory, EachDatabase]
    public async Task An_issue_that_comes_back_regresses_once(DatabaseKind database)
    {
        var clock = new FakeClock();
        await using var receiver = new TestReceiver();
        await using var app = await VedetteApp.StartAsync(database, clock);
        await app.CreateAppAsync(receiver.Url, """["issue.unresolved"]""");
        await app.SendAsync(Boom());
        await app.ApiAsync(HttpMethod.Put, Issue, Resolve);
        clock.Advance(TimeSpan.FromSeconds(1));

        await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => app.SendAsync(Boom())));
        var told = (await receiver.WaitForAsync(1))[0].Json.Map("data")!.Map("issue")!;
        var issue = (await app.GetAsync(Issue)).Map;

        Assert.Equal(("unresolved", "regressed"), (told.Text("status"), told.Text("substatus")));
        Assert.Equal(("unresolved", "regressed", "21"), (issue.Text("status"), issue.Text("substatus"), issue.Text("count")));
        Assert.Equal(["set_regression", "set_resolved", "first_seen"], Activities(issue).Select(activity => activity.Text("type")));
        Assert.Matches("^[0-9a-f]{32}$", Activities(issue)[0].Map("data")!.Text("event_id"));
        Assert.Equal(1, await CountAsync(app, "delivery"));
    }

    [Theory, EachDatabase]
    public async Task An_event_that_was_received_before_the_resolution_changes_nothing(DatabaseKind database)
    {
        var clock = new FakeClock();
        await using var app = await VedetteApp.StartAsync(database, clock);
        await app.SendAsync(Boom());
        await app.ApiAsync(HttpMethod.Put, Issue, Resolve);

        // Received at the very instant; and, from a later instant on, whatever the event says of itself.
        await app.SendAsync(Boom());
        Assert.Equal(("resolved", "2"), await StateAsync(app));
        clock.Advance(TimeSpan.FromSeconds(1));
        await app.SendAsync(Boom(At(clock.GetUtcNow().AddHours(-1))));
        Assert.Equal(("unresolved", "3"), await StateAsync(app));
    }

    [Fact]
    public async Task Who_reopens_is_told_and_twice_is_once()
    {
        await using var receiver = new TestReceiver();
        await using var app = await VedetteApp.StartAsync();
        await app.CreateAppAsync(receiver.Url, """["issue.unresolved"]""");
        await app.SendAsync(Boom());
        await app.ApiAsync(HttpMethod.Put, Issue, Resolve);

        await app.ApiAsync(HttpMethod.Put, Issue, """{"status":"unresolved"}""");
        var again = await app.ApiAsync(HttpMethod.Put, Issue, """{"status":"unresolved"}""");
        var told = (await receiver.WaitForAsync(1))[0].Json;

        Assert.Equal(("unresolved", "regressed"), (again.Map.Text("status"), again.Map.Text("substatus")));
        Assert.Equal("user", told.Map("actor")!.Text("type"));
        Assert.Equal(1, await CountAsync(app, "delivery"));
        Assert.Equal(["set_unresolved", "set_resolved", "first_seen"], Activities(again.Map).Select(activity => activity.Text("type")));
    }

    [Theory]
    [InlineData("""{"status":"burnt"}""", """{"status":["\"burnt\" is not a valid choice."]}""")]
    [InlineData("""{"status":5}""", """{"status":["\"5\" is not a valid choice."]}""")]
    [InlineData("[]", """{"detail":"JSON parse error - the body is not an object"}""")]
    public async Task What_cannot_be_changed_is_refused_and_nothing_else_done(string body, string answer)
    {
        await using var app = await VedetteApp.StartAsync();
        await app.SendAsync(Boom());

        Assert.Equal((400, answer), await app.AskAsync(HttpMethod.Put, Issue, $"Bearer {app.FirstStart.Token}", body));
        Assert.Equal(("unresolved", "1"), await StateAsync(app));
    }

    /// <summary>As sentry-cli and the web client of Sentry send it.</summary>
    [Theory]
    [InlineData("""{"status":"resolved","statusDetails":{},"substatus":null}""")]
    [InlineData("""{"status":"resolved","snoozeDuration":null}""")]
    public async Task Members_that_say_nothing_do_not_matter(string body)
    {
        await using var app = await VedetteApp.StartAsync();
        await app.SendAsync(Boom());

        Assert.Equal(200, (await app.ApiAsync(HttpMethod.Put, Issue, body)).Status);
        Assert.Equal(("resolved", "1"), await StateAsync(app));
    }

    [Theory, EachDatabase]
    public async Task Counters_count_events_and_people(DatabaseKind database)
    {
        var clock = new FakeClock();
        await using var app = await VedetteApp.StartAsync(database, clock);
        var began = clock.GetUtcNow();
        foreach (var user in new[] { "1", "2", "1", "3", "2" })
            await app.SendAsync(Boom($$$""","user":{"id":"{{{user}}}"}"""));
        clock.Advance(TimeSpan.FromMinutes(1));
        await app.SendAsync(Boom(At(began.AddHours(-2))));
        await app.SendAsync(Boom());

        var issue = (await app.GetAsync(Issue)).Map;

        Assert.Equal(("7", 3.0), (issue.Text("count"), issue["userCount"]));
        Assert.Equal(("2026-03-01T10:00:00.000000Z", "2026-03-01T12:01:00.000000Z"), (issue.Text("firstSeen"), issue.Text("lastSeen")));
        Assert.Equal(7, Sum(issue, "24h"));
        Assert.Equal(7, Sum(issue, "30d"));
        Assert.Equal((24, 30), (issue.Map("stats")!.List("24h")!.Count, issue.Map("stats")!.List("30d")!.Count));
        Assert.Equal(6, Last(issue, "24h"));
    }

    [Theory, EachDatabase]
    public async Task Many_events_at_once_are_one_issue_and_all_counted(DatabaseKind database)
    {
        await using var app = await VedetteApp.StartAsync(database);

        await Task.WhenAll(Enumerable.Range(0, 60).Select(i => app.SendAsync(Boom($$$""","user":{"id":"{{{i % 7}}}"}"""))));

        var issue = (JsonMap)(await app.GetAsync("/api/0/organizations/default/issues/")).List.Single()!;
        Assert.Equal(("60", 7.0), (issue.Text("count"), issue["userCount"]));
    }

    [Fact]
    public async Task The_newest_title_is_shown_but_no_placeholder_takes_its_place()
    {
        await using var app = await VedetteApp.StartAsync();
        const string Same = "\"fingerprint\":[\"same\"]";

        await app.SendAsync($$"""{"message":"first",{{Same}}}""");
        await app.SendAsync($$"""{"message":"<div> is not closed",{{Same}}}""");
        Assert.Equal("<div> is not closed", await TitleAsync());
        await app.SendAsync($$"""{"message":"",{{Same}}}""");
        Assert.Equal("<div> is not closed", await TitleAsync());

        async Task<string?> TitleAsync() => (await app.GetAsync(Issue)).Map.Text("title");
    }

    private static List<JsonMap> Activities(JsonMap issue) => [.. issue.List("activity")!.Cast<JsonMap>()];

    private static double Sum(JsonMap issue, string period) => issue.Map("stats")!.List(period)!.Cast<List<object?>>().Sum(point => (double)point[1]!);

    private static double Last(JsonMap issue, string period) => (double)((List<object?>)issue.Map("stats")!.List(period)![^1]!)[1]!;

    private static async Task<(string?, string?)> StateAsync(VedetteApp app) =>
        (await app.GetAsync(Issue)).Map is var issue ? (issue.Text("status"), issue.Text("count")) : default;

    private static Task<long> CountAsync(VedetteApp app, string table) =>
        app.Database.ReadAsync(session => session.SingleAsync<long>($"select count(*) from {table}"), CancellationToken.None);
}
