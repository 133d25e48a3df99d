using System.Globalization;
using Vedette.Server.Authorization;
using Vedette.Tests.Harness;
using Vedette.Wire.Json;
using Xunit;

namespace Vedette.Tests.Server.Issues;

/// <summary>What a list says of its issues, and the parameters that change it.</summary>
public sealed class IssueListAnswerTests
{
    private const string List = "/api/0/organizations/default/issues/";
    private const string OfProject = "/api/0/projects/default/default/issues/";

    [Theory, EachDatabase]
    public async Task A_list_counts_events_by_hour_and_by_day(DatabaseKind database)
    {
        var clock = new FakeClock();
        await using var app = await VedetteApp.StartAsync(database, clock);
        var now = clock.GetUtcNow();
        foreach (var hours in new[] { 0, 0, 1, 23, 24, 24 * 13, 24 * 20 })
            await app.SendAsync(TestEvents.Boom(TestEvents.At(now.AddHours(-hours))));

        var hour = await SeriesAsync(app, List, "24h");
        var day = await SeriesAsync(app, $"{List}?groupStatsPeriod=14d", "14d");

        Assert.Equal((24, 4.0, 2.0, 1.0), (hour.Count, hour.Sum(point => point.Times), hour[^1].Times, hour[^2].Times));
        Assert.Equal((14, 6.0, 3.0, 1.0), (day.Count, day.Sum(point => point.Times), day[^1].Times, day[0].Times));
        Assert.Equal((now.ToUnixTimeSeconds(), 3600.0), (hour[^1].At, hour[^1].At - hour[^2].At));
        Assert.Equal(hour, await SeriesAsync(app, OfProject, "24h"));
        Assert.Equal(day, await SeriesAsync(app, $"{OfProject}?statsPeriod=14d", "14d"));
        Assert.Equal(7, (await SeriesAsync(app, $"{List}?groupStatsPeriod=auto&statsPeriod=30d", "auto")).Sum(point => point.Times));
        Assert.Equal(3, (await SeriesAsync(app, $"{List}?groupStatsPeriod=auto&statsPeriod=90m", "auto")).Sum(point => point.Times));
        Assert.False((await OneAsync(app, $"{List}?groupStatsPeriod=")).Contains("stats"));
        Assert.False((await OneAsync(app, $"{OfProject}?statsPeriod=")).Contains("stats"));
    }

    [Theory, EachDatabase]
    public async Task A_period_leaves_out_issues_without_an_event_in_it_and_counts_those_that_are(DatabaseKind database)
    {
        var clock = new FakeClock();
        await using var app = await VedetteApp.StartAsync(database, clock);
        var now = clock.GetUtcNow();
        await SendAsync("gone", -100);
        await SendAsync("both", -100);
        await SendAsync("both", -2);
        await SendAsync("young", -1);

        Assert.Equal(["young 1 of 1", "both 1 of 2"], await CountsAsync("?statsPeriod=24h"));
        Assert.Equal(["young 1 of 1", "both 2 of 2", "gone 1 of 1"], await CountsAsync("?statsPeriod=14d"));
        Assert.Equal(["both 1 of 2", "gone 1 of 1"], await CountsAsync($"?start={At(-101)}&end={At(-99)}"));
        Assert.Empty(await CountsAsync($"?start={At(-50)}&end={At(-40)}"));
        Assert.Equal(["young 1 of 1", "both 2 of 2", "gone 1 of 1"], await CountsAsync(""));

        Task SendAsync(string message, int hours) => app.SendAsync($$"""{"message":"{{message}}"{{TestEvents.At(now.AddHours(hours))}}}""");
        string At(int hours) => Uri.EscapeDataString(now.AddHours(hours).ToString("yyyy-MM-dd'T'HH:mm:ss", CultureInfo.InvariantCulture));
        async Task<List<string>> CountsAsync(string query) =>
            [.. (await app.GetAsync(List + query)).List.Cast<JsonMap>().Select(issue => $"{issue.Text("title")} {issue.Text("count")} of {issue.Map("lifetime")!.Text("count")}")];
    }

    [Theory, EachDatabase]
    public async Task An_environment_shows_what_happened_in_it(DatabaseKind database)
    {
        var clock = new FakeClock();
        await using var app = await VedetteApp.StartAsync(database, clock);
        var now = clock.GetUtcNow();
        await SendAsync("a", "prod", -5);
        await SendAsync("a", "dev", -3);
        await SendAsync("a", "dev", -1);
        await SendAsync("b", "dev", -2);
        await SendAsync("c", "", -2);

        var prod = await OneAsync(app, $"{List}?environment=prod");
        var dev = (await app.GetAsync($"{List}?environment=dev&sort=new")).List.Cast<JsonMap>().ToList();

        Assert.Equal(("a", "1", "2026-03-01T07:00:00.000000Z", "2026-03-01T07:00:00.000000Z"), (prod.Text("title"), prod.Text("count"), prod.Text("firstSeen"), prod.Text("lastSeen")));
        Assert.Equal(1, Points(prod, "24h").Sum(point => point.Times));
        Assert.Equal(["b 1", "a 2"], dev.Select(issue => $"{issue.Text("title")} {issue.Text("count")}"));
        Assert.Equal(2, (await app.GetAsync($"{List}?environment=prod&environment=dev&statsPeriod=24h")).List.Count);
        Assert.Equal("3", ((JsonMap)(await app.GetAsync($"{List}?environment=prod&environment=dev")).List[0]!).Text("count"));
        Assert.Equal(3, (await app.GetAsync($"{List}?environment=")).List.Count);
        Assert.Empty((await app.GetAsync($"{List}?environment=nowhere")).List);

        Task SendAsync(string message, string environment, int hours) =>
            app.SendAsync($$"""{"message":"{{message}}","environment":"{{environment}}"{{TestEvents.At(now.AddHours(hours))}}}""");
    }

    [Theory, EachDatabase]
    public async Task What_a_query_for_tags_filtered_stands_beside_the_whole(DatabaseKind database)
    {
        await using var app = await VedetteApp.StartAsync(database);
        foreach (var color in new[] { "red", "blue", "blue" })
            await app.SendAsync(TestEvents.Boom($$$""","tags":{"color":"{{{color}}}","size":"1"}"""));

        Assert.Null((await OneAsync(app, List))["filtered"]);
        Assert.Null((await OneAsync(app, $"{List}?query=boom"))["filtered"]);
        Assert.Equal("2", (await OneAsync(app, $"{List}?query=color:blue")).Map("filtered")!.Text("count"));
        Assert.Equal("2", (await OneAsync(app, $"{List}?query=color:bl*%20size:1")).Map("filtered")!.Text("count"));
        Assert.Equal("3", (await OneAsync(app, $"{List}?query=color:[red,blue]")).Map("filtered")!.Text("count"));
        Assert.Equal("3", (await OneAsync(app, $"{List}?query=color:blue")).Text("count"));
    }

    [Theory, EachDatabase]
    public async Task An_order_can_be_chosen(DatabaseKind database)
    {
        var clock = new FakeClock();
        await using var app = await VedetteApp.StartAsync(database, clock);
        foreach (var (message, user) in new[] { ("many", 1), ("users", 2), ("users", 3), ("new", 4), ("many", 1), ("many", 1), ("late", 1), ("users", 5), ("late", 1) })
        {
            await app.SendAsync($$$"""{"message":"{{{message}}}","user":{"id":"{{{user}}}"}}""");
            clock.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.Equal(["late", "users", "many", "new"], await TitlesAsync("date"));
        Assert.Equal(["late", "new", "users", "many"], await TitlesAsync("new"));
        Assert.Equal(["users", "many", "late", "new"], await TitlesAsync("freq"));
        Assert.Equal(["users", "late", "new", "many"], await TitlesAsync("user"));
        foreach (var sort in new[] { "inbox", "trends", "recommended", "" })
            Assert.Equal(4, (await TitlesAsync(sort)).Count);
        Assert.Equal((400, "Invalid sort parameter. Must be one of: date, new, freq, user, inbox, trends, recommended."), await WrongAsync(app, $"{List}?sort=color"));

        // The same order in pages of one.
        var (paged, path) = (new List<string?>(), $"{List}?sort=user&limit=1");
        for (var page = 0; page < 5; page++)
        {
            var answer = await app.GetAsync(path);
            paged.AddRange(answer.List.Select(issue => ((JsonMap)issue!).Text("title")));
            path = answer.Headers.GetValues("Link").Single().Split("<")[2].Split(">")[0];
        }

        Assert.Equal(await TitlesAsync("user"), paged);

        async Task<List<string?>> TitlesAsync(string sort) => [.. (await app.GetAsync($"{List}?sort={sort}")).List.Select(issue => ((JsonMap)issue!).Text("title"))];
    }

    [Theory, EachDatabase]
    public async Task Events_and_short_ids_lead_to_their_issue(DatabaseKind database)
    {
        const string Event = "4c79f60c11214eb38604f4ae0781bfb2";
        await using var app = await VedetteApp.StartAsync(database);
        await app.AddProjectAsync("default", "web");
        await app.SendAsync(TestEvents.Boom($$""","event_id":"{{Event}}" """));
        await app.SendMessagesAsync($"about {Event}", "about default-1");
        await app.ApiAsync(HttpMethod.Put, $"{List}1/", """{"status":"resolved"}""");

        Assert.Equal(("E: boom", true), await HitAsync($"{List}?query={Event}"));
        Assert.Equal(("E: boom", true), await HitAsync($"{OfProject}?query={Event}"));
        Assert.Equal(("E: boom", true), await HitAsync($"{List}?query=DEFAULT-1&shortIdLookup=1"));
        Assert.Equal(("about default-1", false), await HitAsync($"{List}?query=DEFAULT-1"));
        Assert.Equal(("about default-1", false), await HitAsync($"{List}?query=default-1&shortIdLookup=0"));
        Assert.Equal((null, false), await HitAsync($"/api/0/projects/default/web/issues/?query={Event}"));
        Assert.Equal((null, false), await HitAsync($"{List}?project=web&query=DEFAULT-1&shortIdLookup=1"));
        Assert.Equal((null, false), await HitAsync($"{List}?query=5c79f60c11214eb38604f4ae0781bfb2"));

        async Task<(string? Title, bool IsHit)> HitAsync(string path)
        {
            var answer = await app.GetAsync(path);
            return (answer.List.Cast<JsonMap>().SingleOrDefault()?.Text("title"), answer.Headers.Contains("X-Sentry-Direct-Hit"));
        }
    }

    [Fact]
    public async Task Hits_are_counted_to_a_thousand()
    {
        await using var app = await VedetteApp.StartAsync();
        await app.SendMessagesAsync("one");
        await app.ExecuteAsync(
            """
            insert into issue (
                project_id, organization_id, short_id, category, type, level, title, culprit, metadata, platform, status, priority, first_seen, last_seen, times_seen,
                user_count, num_comments, is_unhandled)
            with recursive number(n) as (select 2 union all select n + 1 from number where n < 1200)
            select 1, 1, n, 'error', 'error', 'error', 'many', '', '{}', 'other', case when n < 500 then 'resolved' else 'unresolved' end, 'high', n, n, 1, 1, 0, 0 from number
            """);

        Assert.Equal(("702", "1000"), await HitsAsync("is:unresolved"));
        Assert.Equal(("702", "1000"), await HitsAsync("is:unresolved&limit=3"));
        Assert.Equal(("1000", "1000"), await HitsAsync(""));
        Assert.Equal(("1", "1000"), await HitsAsync("one"));
        Assert.Equal(("0", "1000"), await HitsAsync("is:resolved%20is:ignored"));

        async Task<(string, string)> HitsAsync(string query) => (await app.GetAsync($"{List}?query={query}")).Headers is var headers
            ? (headers.GetValues("X-Hits").Single(), headers.GetValues("X-Max-Hits").Single())
            : default;
    }

    [Fact]
    public async Task What_is_not_wanted_can_be_left_out()
    {
        await using var app = await VedetteApp.StartAsync();
        await app.SendAsync(TestEvents.Boom());

        var whole = await OneAsync(app, $"{List}?expand=owners&expand=inbox");
        var bare = await OneAsync(app, $"{List}?collapse=stats&collapse=lifetime&collapse=filtered&collapse=base");

        foreach (var name in new[] { "id", "shortId", "stats", "lifetime", "filtered", "owners", "inbox" })
            Assert.True(whole.Contains(name), name);
        Assert.Equal(["id"], bare.Members.Select(member => member.Key));
    }

    [Fact]
    public async Task Feedback_is_listed_when_it_is_asked_for()
    {
        await using var app = await VedetteApp.StartAsync();
        await app.SendAsync(TestEvents.Boom());
        Assert.Equal(200, (await app.SendEnvelopeAsync("{}\n{\"type\":\"feedback\"}\n{\"contexts\":{\"feedback\":{\"message\":\"slow\"}}}\n"u8.ToArray())).Status);

        Assert.Equal("E: boom", (await OneAsync(app, List)).Text("title"));
        Assert.Equal("User Feedback", (await OneAsync(app, $"{List}?query=issue.category:feedback")).Text("title"));
        Assert.Equal(2, (await app.GetAsync($"{List}?query=issue.category:[error,feedback]")).List.Count);
    }

    [Fact]
    public async Task Other_organizations_issues_are_in_no_list()
    {
        await using var app = await VedetteApp.StartAsync();
        await app.AddOrganizationAsync("other");
        await app.AddProjectAsync("other", "default");
        var stranger = await app.AddPersonAsync("stranger@other.example", "other", MemberRole.Owner);
        await app.SendAsync(TestEvents.Boom(""","event_id":"4c79f60c11214eb38604f4ae0781bfb2","tags":{"color":"red"}"""));

        foreach (var query in new[] { "", "query=", "query=issue:1", "query=issue:DEFAULT-1", "query=color:red", "query=has:color", "query=4c79f60c11214eb38604f4ae0781bfb2", "query=DEFAULT-1&shortIdLookup=1" })
        {
            Assert.Empty((await app.GetAsync($"/api/0/organizations/other/issues/?{query}", stranger)).List);
            Assert.Single((await app.GetAsync($"{List}?{query}")).List);
        }
    }

    [Theory]
    [InlineData("statsPeriod=tomorrow", "Invalid statsPeriod: 'tomorrow'")]
    [InlineData("statsPeriod=0h", "Invalid statsPeriod: '0h'")]
    [InlineData("start=2026-03-01T00:00:00", "start and end are both required, as instants such as 2026-03-01T12:00:00Z")]
    [InlineData("start=now&end=2026-03-01T00:00:00", "start and end are both required, as instants such as 2026-03-01T12:00:00Z")]
    [InlineData("start=2026-03-02T00:00:00&end=2026-03-01T00:00:00", "start must be before end")]
    [InlineData("groupStatsPeriod=7d", "Invalid stats_period. Valid choices are '', '24h', and '14d'")]
    [InlineData("query=is:nothing%20x", "Error parsing search query: is: takes")]
    public async Task A_wrong_question_is_refused_with_what_is_wrong(string query, string detail)
    {
        await using var app = await VedetteApp.StartAsync();

        var (status, text) = await WrongAsync(app, $"{List}?{query}");

        Assert.Equal(400, status);
        Assert.StartsWith(detail, text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("start=0001-01-01T00:00:00&end=9999-12-31T23:59:59")]
    [InlineData("statsPeriod=99999d&groupStatsPeriod=auto")]
    [InlineData("statsPeriod=36524d&groupStatsPeriod=auto")]
    [InlineData("start=9998-01-01T00:00:00&end=9999-01-01T00:00:00&groupStatsPeriod=auto")]
    [InlineData("start=0001-01-01T00:00:00&end=0001-01-02T00:00:00&groupStatsPeriod=auto")]
    [InlineData("start=0001-01-01T00:00:00&end=9999-12-31T00:00:00&groupStatsPeriod=auto")]
    public async Task A_period_as_long_as_the_calendar_makes_no_server_fail(string query)
    {
        await using var app = await VedetteApp.StartAsync();
        await app.SendAsync(TestEvents.Boom());

        var answer = await app.GetAsync($"{List}?{query}");

        Assert.InRange(answer.Status, 200, 400);
        Assert.All(answer.Json is List<object?> list ? list : [], issue => Assert.InRange(((JsonMap)issue!).Map("stats")!.Members.Sum(member => ((List<object?>)member.Value!).Count), 0, 366));
    }

    private static async Task<(int, string?)> WrongAsync(VedetteApp app, string path) => await app.GetAsync(path) is var answer ? (answer.Status, answer.Map.Text("detail")) : default;

    private static async Task<JsonMap> OneAsync(VedetteApp app, string path) => (JsonMap)Assert.Single((await app.GetAsync(path)).List)!;

    private static async Task<List<(double At, double Times)>> SeriesAsync(VedetteApp app, string path, string period) => Points(await OneAsync(app, path), period);

    private static List<(double At, double Times)> Points(JsonMap issue, string period) =>
        [.. issue.Map("stats")!.List(period)!.Cast<List<object?>>().Select(point => ((double)point[0]!, (double)point[1]!))];
}
