using System.Globalization;
using Vedette.Server.Authorization;
using Vedette.Tests.Harness;
using Vedette.Wire.Json;
using Xunit;

namespace Vedette.Tests.Server.Issues;

public sealed class EventListTests
{
    private const string OfIssue = "/api/0/organizations/default/issues/1/";
    private const string OfProject = "/api/0/projects/default/default/events/";
    private static readonly string[] ListMembers =
        ["id", "event.type", "groupID", "eventID", "projectID", "message", "title", "location", "culprit", "user", "tags", "platform", "dateCreated", "crashFile", "metadata"];

    [Theory, EachDatabase]
    public async Task Events_of_an_issue_and_of_a_project_are_listed_newest_first(DatabaseKind database)
    {
        var clock = new FakeClock();
        await using var app = await VedetteApp.StartAsync(database, clock);
        var now = clock.GetUtcNow();
        await app.SendAsync(Event(2, "boom", TestEvents.At(now.AddSeconds(-20))));
        await app.SendAsync(Event(3, "boom", TestEvents.At(now.AddSeconds(-10))));
        await app.SendAsync(Event(1, "boom", TestEvents.At(now.AddSeconds(-30))));
        await app.SendAsync(Event(4, "other", TestEvents.At(now.AddSeconds(-15)), "other"));

        Assert.Equal("3 2 1", await ListAsync(app, $"{OfIssue}events/"));
        Assert.Equal("3 2 1", await ListAsync(app, "/api/0/organizations/default/issues/DEFAULT-1/events/"));
        Assert.Equal("3 2 1", await ListAsync(app, "/api/0/issues/1/events/"));
        Assert.Equal("3 4 2 1", await ListAsync(app, OfProject));
        Assert.Equal("", await ListAsync(app, $"{OfIssue}events/?statsPeriod=5s"));
    }

    [Fact]
    public async Task A_list_shows_little_of_an_event_unless_all_of_it_is_asked_for()
    {
        await using var app = await VedetteApp.StartAsync();
        await app.SendAsync(
            """{"event_id":"11111111111111111111111111111111","platform":"node","exception":{"type":"E","value":"boom"},"user":{"id":"5","plan":"gold"},"tags":{"color":"blue"}}""");

        foreach (var path in new[] { $"{OfIssue}events/", OfProject })
        {
            var little = (JsonMap)(await app.GetAsync(path)).List.Single()!;
            var full = (JsonMap)(await app.GetAsync($"{path}?full=1")).List.Single()!;

            Assert.Equal(ListMembers.Order(StringComparer.Ordinal), little.Members.Select(member => member.Key).Order(StringComparer.Ordinal));
            Assert.Equal(("error", "1", "E: boom", "node"), (little.Text("event.type"), little.Text("groupID"), little.Text("title"), little.Text("platform")));
            Assert.Equal(["id", "email", "username", "ip_address", "name", "geo", "data"], little.Map("user")!.Members.Select(member => member.Key));
            Assert.Equal(("5", null, "gold"), (little.Map("user")!.Text("id"), little.Map("user")!.Text("email"), little.Map("user")!.Map("data")!.Text("plan")));
            Assert.Contains(little.List("tags")!, tag => ((JsonMap)tag!).Text("value") == "blue");
            foreach (var (name, value) in (await app.GetAsync($"{OfIssue}events/latest/")).Map.Members)
                Assert.True(full.Contains(name) && Same(full[name], value), name);
        }
    }

    [Theory, EachDatabase]
    public async Task The_newest_and_the_oldest_event_are_those_of_the_environments_that_are_named(DatabaseKind database)
    {
        var clock = new FakeClock();
        await using var app = await VedetteApp.StartAsync(database, clock);
        foreach (var (number, environment) in new[] { (1, "prod"), (2, "stage"), (3, "prod"), (4, "dev") })
            await app.SendAsync(Event(number, "boom", $",\"environment\":\"{environment}\"{TestEvents.At(clock.GetUtcNow().AddSeconds(number - 10))}"));

        foreach (var (path, shown) in new[]
        {
            ("latest/", 4), ("latest/?environment=prod", 3), ("recommended/?environment=stage", 2), ("latest/?environment=prod&environment=stage", 3),
            ("oldest/", 1), ("oldest/?environment=dev&environment=stage", 2),
        })
        {
            Assert.Equal(Id(shown), (await app.GetAsync($"{OfIssue}events/{path}")).Map.Text("eventID"));
        }

        Assert.Equal(404, (await app.GetAsync($"{OfIssue}events/latest/?environment=nowhere")).Status);
    }

    [Theory, EachDatabase]
    public async Task A_list_is_read_page_by_page_in_both_directions(DatabaseKind database)
    {
        var clock = new FakeClock();
        await using var app = await VedetteApp.StartAsync(database, clock);

        // Some at the same time: then the number of the row decides.
        for (var i = 1; i <= 7; i++)
            await app.SendAsync(Event(i, "boom", TestEvents.At(clock.GetUtcNow().AddSeconds(-10 + (i / 3)))));

        foreach (var path in new[] { $"{OfIssue}events/", OfProject })
        {
            var (forth, next) = await PageAsync($"{path}?per_page=3", "next");
            var (second, third) = await PageAsync(next, "next");
            var (last, back) = await PageAsync(third, "previous");
            var (again, _) = await PageAsync(back, "previous");
            Assert.Equal(("7 6 5", "4 3 2", "1", "4 3 2"), (forth, second, last, again));
        }

        async Task<(string Ids, string Link)> PageAsync(string path, string rel)
        {
            var answer = await app.GetAsync(path);
            var link = answer.Headers.GetValues("Link").Single().Split(", ").Single(each => each.Contains($"rel=\"{rel}\"", StringComparison.Ordinal));
            return (Ids(answer), link.Split('<', '>')[1]);
        }
    }

    [Theory, EachDatabase]
    public async Task A_list_can_be_of_a_time_of_environments_and_of_what_is_searched(DatabaseKind database)
    {
        var clock = new FakeClock();
        await using var app = await VedetteApp.StartAsync(database, clock);
        var now = clock.GetUtcNow();
        await app.SendAsync(Event(1, "cart is empty", $$""","level":"fatal","release":"shop@1.0","environment":"prod","user":{"id":"7"}{{TestEvents.At(now.AddHours(-30))}}"""));
        await app.SendAsync(Event(2, "cart is full", $$""","level":"error","release":"shop@1.1","environment":"dev"{{TestEvents.At(now.AddHours(-3))}}"""));
        await app.SendAsync(Event(3, "100% of it", $$""","level":"error","platform":"php","user":{"email":"ada@example.org"}{{TestEvents.At(now.AddHours(-1))}}"""));

        foreach (var (query, ids) in new[]
        {
            ("statsPeriod=24h", "3 2"), ("statsPeriod=90m", "3"), ("statsPeriod=14d", "3 2 1"), ($"start={At(-31)}&end={At(-3)}", "1"), ($"start={At(-3)}&end={At(0)}", "3 2"),
            ("environment=prod", "1"), ("environment=prod&environment=dev", "2 1"), ("environment=nowhere", ""), ("environment=", "3 2 1"),
            ("query=cart", "2 1"), ("query=CART%20is:x", "400"), ("query=%22cart%20is%20f%22", "2"), ("query=!message:cart*", "3"), ("query=%25", "3"),
            ("query=level:fatal", "1"), ("query=!level:fatal", "3 2"), ("query=release:shop@1.*", "2 1"), ("query=release:%22%22", "3"), ("query=platform:php", "3"),
            ("query=user.id:7", "1"), ("query=user:%22email:ada@example.org%22", "3"), ("query=event.type:default", "3 2 1"), ("query=environment:[dev,prod]", "2 1"),
            ($"query=id:{Id(2)}", "2"), ("query=id:22222222-2222-2222-2222-222222222222", "2"), ("query=title:*full", "2"),
            ("query=color:blue", "400"), ("query=level:", "400"), ("statsPeriod=later", "400"), ("per_page=0", "400"), ("cursor=x", "400"),
        })
        {
            Assert.Equal((query, ids), (query, await ListAsync(app, $"{OfIssue}events/?{query}")));
            Assert.Equal((query, ids), (query, await ListAsync(app, $"{OfProject}?{query}")));
        }

        string At(int hours) => Uri.EscapeDataString(now.AddHours(hours).ToString("yyyy-MM-dd'T'HH:mm:ss", CultureInfo.InvariantCulture));
    }

    [Theory, EachDatabase]
    public async Task A_hash_is_shown_with_its_newest_event(DatabaseKind database)
    {
        var clock = new FakeClock();
        await using var app = await VedetteApp.StartAsync(database, clock);
        foreach (var (id, group) in new[] { (1, "a"), (2, "a"), (3, "b"), (4, "a") })
        {
            clock.Advance(TimeSpan.FromSeconds(1));
            await app.SendAsync(Event(id, group, group: group));
        }

        await app.ApiAsync(HttpMethod.Put, "/api/0/organizations/default/issues/?id=1&id=2", """{"merge":1}""");
        await clock.AdvanceUntilAsync(TimeSpan.FromSeconds(1), async () => await app.CountAsync("event where issue_id = 1") == 4, "the events' move");

        var hashes = (await app.GetAsync($"{OfIssue}hashes/")).List.Cast<JsonMap>().ToList();
        var fingerprint = ((JsonMap)(await app.GetAsync($"{OfIssue}events/?full=1&query=id:{Id(3)}")).List.Single()!).List("fingerprints")!.Single();
        Assert.All(hashes, hash => Assert.Equal(["id", "latestEvent", "mergedBySeer"], hash.Members.Select(member => member.Key)));
        Assert.Equal(Id(3), hashes.Single(hash => hash.Text("id") == (string?)fingerprint).Map("latestEvent")!.Text("eventID"));
        Assert.Equal(Id(4), hashes.Single(hash => hash.Text("id") != (string?)fingerprint).Map("latestEvent")!.Text("eventID"));
        Assert.All(hashes, hash => Assert.True(hash.Map("latestEvent")!.Contains("entries")));

        var little = (await app.GetAsync("/api/0/issues/1/hashes/?full=0&per_page=1"));
        Assert.False(((JsonMap)little.List.Single()!).Map("latestEvent")!.Contains("entries"));
        Assert.Equal(hashes[1].Text("id"), ((JsonMap)(await app.GetAsync(little.Headers.GetValues("Link").Single().Split('<', '>')[3])).List.Single()!).Text("id"));
    }

    [Theory, EachDatabase]
    public async Task An_organization_knows_whose_an_event_and_a_short_id_are(DatabaseKind database)
    {
        await using var app = await VedetteApp.StartAsync(database);
        await app.SendAsync(Event(1, "boom"));
        await app.SendAsync(Event(2, "boom"));

        var byEvent = await app.GetAsync($"/api/0/organizations/default/eventids/{Id(2)}/");
        var byShortId = await app.GetAsync("/api/0/organizations/default/shortids/default-1/");

        Assert.Equal(["organizationSlug", "projectSlug", "groupId", "eventId", "event"], byEvent.Map.Members.Select(member => member.Key));
        Assert.Equal(("default", "default", "1", Id(2)), (byEvent.Map.Text("organizationSlug"), byEvent.Map.Text("projectSlug"), byEvent.Map.Text("groupId"), byEvent.Map.Text("eventId")));
        Assert.True(Same(byEvent.Map["event"], (await app.GetAsync($"{OfIssue}events/{Id(2)}/")).Json));
        Assert.Equal(Id(1), byEvent.Map.Map("event")!.Text("previousEventID"));
        Assert.Equal(["organizationSlug", "projectSlug", "groupId", "group", "shortId"], byShortId.Map.Members.Select(member => member.Key));
        Assert.Equal(("1", "DEFAULT-1", "DEFAULT-1"), (byShortId.Map.Text("groupId"), byShortId.Map.Text("shortId"), byShortId.Map.Map("group")!.Text("shortId")));
        Assert.Equal(200, (await app.GetAsync("/api/0/organizations/default/eventids/11111111-1111-1111-1111-111111111111/")).Status);
        Assert.Equal(404, (await app.GetAsync($"/api/0/organizations/default/eventids/{Id(3)}/")).Status);
        Assert.Equal(400, (await app.GetAsync("/api/0/organizations/default/eventids/1/")).Status);
        foreach (var nobody in new[] { "DEFAULT-2", "OTHER-1", "1", "%20" })
            Assert.Equal(404, (await app.GetAsync($"/api/0/organizations/default/shortids/{nobody}/")).Status);
    }

    [Fact]
    public async Task The_older_routes_answer_as_those_of_the_organization_do()
    {
        await using var app = await VedetteApp.StartAsync(time: new FakeClock());
        await app.SendAsync(Event(1, "boom"));
        await app.ApiAsync(HttpMethod.Post, $"{OfIssue}comments/", """{"text":"seen"}""");

        foreach (var child in new[]
        {
            "", "events/", "events/?full=1", "events/latest/", "events/oldest/", "events/recommended/", $"events/{Id(1)}/", "hashes/", "tags/", "tags/level/",
            "tags/level/values/", "comments/", "notes/", "activities/", "external-issues/", "autofix/",
        })
        {
            var (older, scoped) = (await app.GetAsync($"/api/0/issues/1/{child}"), await app.GetAsync(OfIssue + child));
            Assert.Equal((child, 200, 200), (child, older.Status, scoped.Status));
            Assert.True(Same(older.Json, scoped.Json), child);
        }

        Assert.Equal("resolved", (await app.ApiAsync(HttpMethod.Put, "/api/0/issues/1/", """{"status":"resolved"}""")).Map.Text("status"));
        Assert.Equal(202, (await app.ApiAsync(HttpMethod.Delete, "/api/0/issues/1/")).Status);
    }

    [Fact]
    public async Task What_belongs_to_another_organization_is_not_there()
    {
        await using var app = await VedetteApp.StartAsync();
        await app.AddOrganizationAsync("other");
        await app.AddProjectAsync("other", "default");
        var stranger = await app.AddPersonAsync("stranger@other.example", "other", MemberRole.Owner);
        await app.SendAsync(Event(1, "boom"));

        foreach (var child in new[] { "events/", "events/latest/", "events/oldest/", $"events/{Id(1)}/", "hashes/", "tags/", "tags/level/", "tags/level/values/", "external-issues/" })
        {
            Assert.Equal((child, 200), (child, (await app.GetAsync($"/api/0/issues/1/{child}")).Status));
            foreach (var path in new[] { $"/api/0/issues/1/{child}", $"/api/0/organizations/other/issues/1/{child}", $"/api/0/organizations/other/issues/DEFAULT-1/{child}", $"{OfIssue}{child}" })
                Assert.Equal((path, 404), (path, (await app.GetAsync(path, stranger)).Status));
        }

        foreach (var path in new[] { $"other/eventids/{Id(1)}/", "other/shortids/DEFAULT-1/", $"default/eventids/{Id(1)}/", "default/shortids/DEFAULT-1/" })
            Assert.Equal((path, 404), (path, (await app.GetAsync($"/api/0/organizations/{path}", stranger)).Status));
        Assert.Equal(404, (await app.GetAsync($"/api/0/projects/other/default/events/{Id(1)}/", stranger)).Status);
        Assert.Equal(404, (await app.GetAsync(OfProject, stranger)).Status);
        Assert.Equal("", Ids(await app.GetAsync("/api/0/projects/other/default/events/", stranger)));
        Assert.Equal(404, (await app.GetAsync("/api/0/projects/default/nonsense/events/")).Status);
    }

    private static string Id(int number) => new(number.ToString(CultureInfo.InvariantCulture)[0], 32);

    private static string Event(int number, string message, string more = "", string group = "boom") =>
        $$"""{"event_id":"{{Id(number)}}","message":"{{message}}","fingerprint":["{{group}}"]{{more}}}""";

    private static string Ids(ApiAnswer answer) => string.Join(' ', answer.List.Select(shown => ((JsonMap)shown!).Text("eventID")![..1]));

    /// <returns>The first digits of the ids, or the status of a refusal.</returns>
    private static async Task<string> ListAsync(VedetteApp app, string path) =>
        await app.GetAsync(path) is { Status: 200 } answer ? Ids(answer) : (await app.GetAsync(path)).Status.ToString(CultureInfo.InvariantCulture);

    private static bool Same(object? one, object? other)
    {
        var (first, second) = (new StableJsonWriter(), new StableJsonWriter());
        first.Value(one);
        second.Value(other);
        return first.WrittenSpan.SequenceEqual(second.WrittenSpan);
    }
}
