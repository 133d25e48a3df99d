using Vedette.Server.Authorization;
using Vedette.Tests.Harness;
using Vedette.Wire.Json;
using Xunit;

namespace Vedette.Tests.Server.Issues;

public sealed class IssueDetailTests
{
    private const string Issues = "/api/0/organizations/default/issues/";
    private const string Id1 = "11111111111111111111111111111111";
    private const string Id2 = "22222222222222222222222222222222";
    private const string Id3 = "33333333333333333333333333333333";

    /// <summary><c>spec/domain.md</c> 3.4.</summary>
    private static readonly string[] Base =
    [
        "id", "shareId", "shortId", "title", "culprit", "permalink", "logger", "level", "status", "statusDetails", "substatus", "isPublic", "platform", "project", "type",
        "metadata", "numComments", "assignedTo", "isBookmarked", "isSubscribed", "subscriptionDetails", "hasSeen", "annotations", "issueType", "issueCategory", "priority",
        "priorityLockedAt", "seerFixabilityScore", "seerAutofixLastTriggered", "seerExplorerAutofixLastTriggered", "isUnhandled", "count", "userCount", "firstSeen", "lastSeen",
    ];

    private static readonly string[] OfDetail =
        ["activity", "seenBy", "participants", "userReportCount", "pluginActions", "pluginIssues", "pluginContexts", "firstRelease", "lastRelease", "tags", "stats"];

    private static readonly string[] OfList = ["stats", "lifetime", "filtered"];

    [Theory, EachDatabase]
    public async Task An_issue_is_found_by_number_and_by_short_id(DatabaseKind database)
    {
        await using var app = await VedetteApp.StartAsync(database);
        await app.SendMessagesAsync("boom");
        var id = ((JsonMap)(await app.GetAsync(Issues)).List.Single()!).Text("id");

        foreach (var name in new[] { id, "DEFAULT-1", "default-1", "Default-L", "default_i" })
            Assert.Equal((200, "boom", "DEFAULT-1"), (await app.GetAsync($"{Issues}{name}/")) is var a ? (a.Status, a.Map.Text("title"), a.Map.Text("shortId")) : default);
        foreach (var name in new[] { "99", "DEFAULT-2", "OTHER-1", "DEFAULT-U", "-1", "DEFAULT-", "99999999999999999999", "DEFAULT-ZZZZZZZZZZZZZZZZ" })
            Assert.Equal(404, (await app.GetAsync($"{Issues}{name}/")).Status);
    }

    [Fact]
    public async Task Another_organizations_issue_is_not_there()
    {
        await using var app = await VedetteApp.StartAsync();
        await app.AddOrganizationAsync("other");
        await app.AddProjectAsync("other", "default");
        var other = await app.AddPersonAsync("other@other.example", "other", MemberRole.Owner);
        await app.SendAsync($$"""{"event_id":"{{Id1}}","message":"boom"}""");

        foreach (var path in new[] { "issues/1/", "issues/DEFAULT-1/", "issues/1/events/latest/" })
        {
            Assert.Equal(404, (await app.GetAsync($"/api/0/organizations/other/{path}", other)).Status);
            Assert.Equal(200, (await app.GetAsync($"/api/0/organizations/default/{path}")).Status);
        }

        Assert.Equal(404, (await app.GetAsync($"/api/0/projects/other/default/events/{Id1}/", other)).Status);
        Assert.Equal(404, (await app.ApiAsync(HttpMethod.Put, "/api/0/organizations/other/issues/1/", """{"status":"resolved"}""", other)).Status);
        Assert.Equal("unresolved", (await app.GetAsync($"{Issues}1/")).Map.Text("status"));
    }

    [Theory, EachDatabase]
    public async Task Events_are_shown_with_their_neighbours_in_the_order_in_which_they_happened(DatabaseKind database)
    {
        var clock = new FakeClock();
        await using var app = await VedetteApp.StartAsync(database, clock);
        var now = clock.GetUtcNow();
        await SendAsync(Id2, -20);
        await SendAsync(Id3, -10);
        await SendAsync(Id1, -30);
        await app.SendMessagesAsync("another issue");

        Assert.Equal((Id3, Id2, null), await EventAsync("latest"));
        Assert.Equal((Id3, Id2, null), await EventAsync("recommended"));
        Assert.Equal((Id1, null, Id2), await EventAsync("oldest"));
        Assert.Equal((Id2, Id1, Id3), await EventAsync(Id2));
        Assert.Equal((Id2, Id1, Id3), await EventAsync("22222222-2222-2222-2222-222222222222"));
        Assert.Equal(404, (await app.GetAsync($"{Issues}1/events/44444444444444444444444444444444/")).Status);
        Assert.Equal(404, (await app.GetAsync($"{Issues}2/events/{Id2}/")).Status);
        Assert.Equal(Id2, (await app.GetAsync($"/api/0/projects/default/default/events/{Id2}/")).Map.Text("eventID"));

        Task SendAsync(string id, int seconds) =>
            app.SendAsync($$"""{"event_id":"{{id}}","message":"boom","fingerprint":["boom"]{{TestEvents.At(now.AddSeconds(seconds))}}}""");

        async Task<(string?, string?, string?)> EventAsync(string which) =>
            (await app.GetAsync($"{Issues}1/events/{which}/")).Map is var e ? (e.Text("eventID"), e.Text("previousEventID"), e.Text("nextEventID")) : default;
    }

    [Fact]
    public async Task An_event_of_an_SDK_is_shown_in_camel_case_entries()
    {
        await using var app = await VedetteApp.StartAsync();
        await app.SendAsync($$$"""
            {"event_id":"{{{Id1}}}","platform":"node","level":"error","release":"shop@1.2","dist":"7","environment":"prod","server_name":"web-1",
            "sdk":{"name":"sentry.javascript.node","version":"10.0.0"},"tags":{"color":"blue"},"user":{"id":"5","email":"u@example.com"},
            "extra":{"cart":17},"modules":{"left-pad":"1.0.0"},"contexts":{"runtime":{"name":"node","version":"v22"}},
            "request":{"method":"GET","url":"https://shop.example/cart"},
            "breadcrumbs":[{"category":"http","message":"GET /","timestamp":1770000000}],
            "exception":{"values":[{"type":"TypeError","value":"x is not a function","module":"shop","thread_id":3,"mechanism":{"type":"onerror","handled":false},
            "stacktrace":{"frames":[{"filename":"lib.js","function":"run","in_app":false,"lineno":1},
            {"filename":"cart.js","abs_path":"/app/cart.js","function":"total","module":"cart","in_app":true,"lineno":41,"colno":9,
            "pre_context":["a","b"],"context_line":"  x()","post_context":["c"],"vars":{"n":1}}]}}]}}
            """);

        var shown = (await app.GetAsync($"{Issues}1/events/latest/")).Map;

        foreach (var name in new[] { "id", "groupID", "eventID", "projectID", "size", "entries", "dist", "message", "title", "location", "user", "contexts", "sdk", "context", "packages", "type", "metadata", "tags", "platform", "dateCreated", "dateReceived", "errors", "occurrence", "_meta", "crashFile", "culprit", "fingerprints", "groupingConfig", "release", "userReport", "sdkUpdates", "resolvedWith", "nextEventID", "previousEventID" })
            Assert.True(shown.Contains(name), name);
        Assert.Equal(("1", "error", "TypeError: x is not a function", "7"), (shown.Text("groupID"), shown.Text("type"), shown.Text("title"), shown.Text("dist")));
        Assert.Equal(["exception", "breadcrumbs", "request"], shown.List("entries")!.Select(entry => ((JsonMap)entry!).Text("type")));
        Assert.Equal(17.0, shown.Map("context")!["cart"]);
        Assert.Equal("1.0.0", shown.Map("packages")!.Text("left-pad"));
        Assert.Contains(shown.List("tags")!, tag => ((JsonMap)tag!) is var map && (map.Text("key"), map.Text("value")) == ("color", "blue"));

        var exception = (JsonMap)((JsonMap)shown.List("entries")![0]!).Map("data")!.List("values")!.Single()!;
        var frame = (JsonMap)exception.Map("stacktrace")!.List("frames")![1]!;
        Assert.Equal(3.0, exception["threadId"]);
        Assert.Equal(("/app/cart.js", 41.0, 9.0, true), (frame.Text("absPath"), frame["lineNo"], frame["colNo"], frame["inApp"]));
        Assert.Equal(
            [(39.0, "a"), (40.0, "b"), (41.0, "  x()"), (42.0, "c")],
            frame.List("context")!.Cast<List<object?>>().Select(line => ((double)line[0]!, (string)line[1]!)));
        Assert.Equal(true, exception.Map("stacktrace")!["hasSystemFrames"]);
    }

    [Fact]
    public async Task An_issue_has_the_members_that_clients_read()
    {
        await using var app = await VedetteApp.StartAsync();
        await app.SendAsync(TestEvents.Boom());

        var issue = (await app.GetAsync($"{Issues}1/")).Map;

        var listed = (JsonMap)(await app.GetAsync(Issues)).List.Single()!;
        Assert.Equal(Sorted([.. Base, .. OfDetail]), Sorted(issue.Members.Select(member => member.Key)));
        Assert.Equal(Sorted([.. Base, .. OfList]), Sorted(listed.Members.Select(member => member.Key)));
        Assert.Equal(["count", "userCount", "firstSeen", "lastSeen", "stats"], listed.Map("lifetime")!.Members.Select(member => member.Key));
        Assert.Equal($"{app.Url}/organizations/default/issues/1/", issue.Text("permalink"));
        Assert.Equal(("1", "1", "E: boom", "high"), (issue.Text("id"), issue.Text("count"), issue.Text("title"), issue.Text("priority")));
        Assert.Equal(app.ProjectId.ToString(System.Globalization.CultureInfo.InvariantCulture), issue.Map("project")!.Text("id"));

        static IEnumerable<string> Sorted(IEnumerable<string> names) => names.Order(StringComparer.Ordinal);
    }
}
