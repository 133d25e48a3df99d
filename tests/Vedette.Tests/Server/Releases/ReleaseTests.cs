using Vedette.Server.Authorization;
using Vedette.Tests.Harness;
using Vedette.Tests.Server.Issues;
using Vedette.Wire.Json;
using Xunit;

namespace Vedette.Tests.Server.Releases;

public sealed class ReleaseTests
{
    private const string Releases = "/api/0/organizations/default/releases/";
    private const string OfProject = "/api/0/projects/default/default/releases/";

    [Theory, EachDatabase]
    public async Task A_release_is_made_once_and_shown_with_all_its_members(DatabaseKind database)
    {
        await using var app = await VedetteApp.StartAsync(database, new FakeClock());
        const string Body = """
            {"version":"shop@1.4.0-rc.1+77","projects":["default"],"ref":"main","url":"https://ci.example/77","dateReleased":"2026-03-01T11:00:00+01:00",
             "commits":[{"id":"c2","repository":"acme/shop","author_name":"Ada","author_email":"ada@example.org","timestamp":"2026-02-28T10:00:00Z","message":"Mend the cart"},
                        {"id":"c1"}],"refs":[],"owner":null}
            """;

        var made = await app.ApiAsync(HttpMethod.Post, Releases, Body);
        var again = await app.ApiAsync(HttpMethod.Post, Releases, """{"version":"shop@1.4.0-rc.1+77","projects":["default"]}""");
        var shown = await app.GetAsync($"{Releases}shop%401.4.0-rc.1%2B77/");

        Assert.Equal((201, 208, 200), (made.Status, again.Status, shown.Status));
        Assert.Equal(
            """
            {"id":1,"version":"shop@1.4.0-rc.1+77","shortVersion":"1.4.0-rc.1+77","status":"open","versionInfo":{"package":"shop",
            "version":{"raw":"1.4.0-rc.1+77","major":1,"minor":4,"patch":0,"revision":0,"pre":"rc.1","buildCode":"77"},"description":"1.4.0-rc.1+77","buildHash":null},
            "ref":"main","url":"https://ci.example/77","dateStarted":null,"dateReleased":"2026-03-01T10:00:00.000000Z","dateCreated":"2026-03-01T12:00:00.000000Z",
            "data":{},"newGroups":0,"owner":null,"commitCount":2,"lastCommit":{"id":"c2","message":"Mend the cart","dateCreated":"2026-02-28T10:00:00.000000Z",
            "author":{"name":"Ada","email":"ada@example.org"},"repository":{"name":"acme/shop"}},"deployCount":0,"lastDeploy":null,"authors":[],
            "projects":[{"id":1,"slug":"default","name":"default","platform":null,"newGroups":0,"hasHealthData":false}],"firstEvent":null,"lastEvent":null}
            """.ReplaceLineEndings(""),
            shown.Json.JsonText());
        Assert.Equal(made.Json.JsonText(), shown.Json.JsonText());
        Assert.Equal(["c2", "c1"], (await app.GetAsync($"{Releases}shop@1.4.0-rc.1+77/commits/")).List.Select(Id));
    }

    [Theory, EachDatabase]
    public async Task An_event_of_an_unknown_release_makes_it_from_the_events_time_on(DatabaseKind database)
    {
        var clock = new FakeClock();
        await using var app = await VedetteApp.StartAsync(database, clock);
        var began = clock.GetUtcNow();

        await app.SendAsync(TestEvents.Boom($",\"release\":\"shop@1.0.0\"{TestEvents.At(began.AddHours(-2))}"));
        await app.SendAsync($$"""{"message":"another issue","release":"shop@1.0.0"}""");
        clock.Advance(TimeSpan.FromMinutes(3));
        await app.SendAsync(TestEvents.Boom(""","release":"shop@1.0.0" """));
        await app.SendAsync(TestEvents.Boom(""","release":"builds/77" """));

        var release = (await app.GetAsync($"{Releases}shop@1.0.0/")).Map;
        Assert.Equal(("2026-03-01T10:00:00.000000Z", "2026-03-01T10:00:00.000000Z", "2026-03-01T12:03:00.000000Z", 2.0), (
            release.Text("dateCreated"), release.Text("firstEvent"), release.Text("lastEvent"), release["newGroups"]));
        Assert.Equal((200, 0.0), (await app.GetAsync($"{Releases}builds%2F77/")) is var other ? (other.Status, other.Map["newGroups"]) : default);
        var issue = (await app.GetAsync("/api/0/organizations/default/issues/1/")).Map;
        Assert.Equal(("shop@1.0.0", "builds/77"), (issue.Map("firstRelease")!.Text("version"), issue.Map("lastRelease")!.Text("version")));
    }

    [Theory, EachDatabase]
    public async Task Events_of_one_new_release_at_once_are_one_release(DatabaseKind database)
    {
        await using var app = await VedetteApp.StartAsync(database);

        await Task.WhenAll(Enumerable.Range(0, 60).Select(i => app.SendAsync(
            $$"""{"message":"m{{i % 5}}","fingerprint":["{{i % 5}}"],"release":"shop@{{i % 3}}.0"}""")));

        Assert.Equal((3, 3), (await app.CountAsync("release"), await app.CountAsync("release_project")));
        var releases = (await app.GetAsync(Releases)).List.Cast<JsonMap>().ToList();
        Assert.Equal(5.0, releases.Sum(release => (double)release["newGroups"]!));
    }

    [Fact]
    public async Task A_release_that_was_deleted_is_made_again_by_the_next_event()
    {
        await using var app = await VedetteApp.StartAsync();
        await app.SendAsync(TestEvents.Boom(""","release":"one" """));
        await app.SendAsync(TestEvents.Boom(""","release":"two" """));

        var first = await app.ApiAsync(HttpMethod.Delete, $"{Releases}one/");
        var second = await app.ApiAsync(HttpMethod.Delete, $"{Releases}two/");
        var gone = await app.GetAsync($"{Releases}two/");
        await app.SendAsync(TestEvents.Boom(""","release":"two" """));

        Assert.Equal((400, """{"detail":"This release is referenced by active issues and cannot be removed."}"""), (first.Status, first.Json.JsonText()));
        Assert.Equal((204, 404, 200), (second.Status, gone.Status, (await app.GetAsync($"{Releases}two/")).Status));
    }

    [Theory, EachDatabase]
    public async Task Releases_are_listed_newest_first_by_project_text_and_status_over_pages(DatabaseKind database)
    {
        var clock = new FakeClock();
        await using var app = await VedetteApp.StartAsync(database, clock);
        await app.AddProjectAsync("default", "cart");
        for (var i = 0; i < 5; i++)
        {
            await app.ApiAsync(HttpMethod.Post, Releases, $$"""{"version":"shop@1.{{i}}_x","projects":["default"{{(i == 3 ? ",\"cart\"" : "")}}]}""");
            clock.Advance(TimeSpan.FromSeconds(1));
        }

        await app.ApiAsync(HttpMethod.Put, $"{Releases}shop@1.1_x/", """{"status":"archived"}""");
        var first = await app.GetAsync($"{Releases}?per_page=2");
        var next = await app.GetAsync($"{Releases}?per_page=2&cursor={Cursor(first, "next")}");
        var back = await app.GetAsync($"{Releases}?per_page=2&cursor={Cursor(next, "previous")}");

        Assert.Equal(["shop@1.4_x", "shop@1.3_x"], Versions(first));
        Assert.Equal(["shop@1.2_x", "shop@1.1_x"], Versions(next));
        Assert.Equal(["shop@1.4_x", "shop@1.3_x"], Versions(back));
        Assert.Equal(["shop@1.3_x"], Versions(await app.GetAsync($"{Releases}?project=cart")));
        Assert.Equal(["shop@1.3_x"], Versions(await app.GetAsync("/api/0/projects/default/cart/releases/")));
        Assert.Equal(["shop@1.2_x"], Versions(await app.GetAsync($"{Releases}?query=SHOP@1.2_")));
        Assert.Empty(Versions(await app.GetAsync($"{Releases}?query=shop%25x")));
        Assert.Equal(["shop@1.1_x"], Versions(await app.GetAsync($"{Releases}?status=archived")));
        Assert.Equal((400, 404), ((await app.GetAsync($"{Releases}?status=new")).Status, (await app.GetAsync($"{Releases}?project=none")).Status));
    }

    [Fact]
    public async Task A_projects_releases_are_those_that_it_takes_part_in()
    {
        await using var app = await VedetteApp.StartAsync();
        await app.AddProjectAsync("default", "cart");
        await app.ApiAsync(HttpMethod.Post, Releases, """{"version":"only-cart","projects":["cart"]}""");

        var hidden = await app.GetAsync($"{OfProject}only-cart/");
        var joined = await app.ApiAsync(HttpMethod.Post, OfProject, """{"version":"only-cart"}""");
        var shown = await app.GetAsync($"{OfProject}only-cart/");
        await app.SendAsync(TestEvents.Boom(""","release":"only-cart" """));

        Assert.Equal((404, 201, 200), (hidden.Status, joined.Status, shown.Status));
        Assert.Equal(1.0, (await app.GetAsync($"{OfProject}only-cart/")).Map["newGroups"]);
        Assert.Equal(0.0, (await app.GetAsync("/api/0/projects/default/cart/releases/only-cart/")).Map["newGroups"]);
    }

    [Theory]
    [InlineData("{}", """{"version":["This field is required."]}""")]
    [InlineData("""{"version":"a/b","projects":["default"]}""", """{"version":["Release with name a/b is not allowed"]}""")]
    [InlineData("""{"version":"Latest","projects":["default"]}""", """{"version":["Release with name Latest is not allowed"]}""")]
    [InlineData("""{"version":"1"}""", """{"projects":["This field is required."]}""")]
    [InlineData("""{"version":"1","projects":[]}""", """{"projects":["This list may not be empty."]}""")]
    [InlineData("""{"version":"1","projects":"default"}""", """{"projects":["Expected a list of items."]}""")]
    [InlineData("""{"version":"1","projects":["none"]}""", """{"projects":["Invalid project ids or slugs"]}""")]
    [InlineData("""{"version":"1","projects":["default"],"dateReleased":"soon"}""", """{"dateReleased":["Datetime has wrong format. Use ISO 8601, for example 2026-03-01T12:00:00Z."]}""")]
    [InlineData("""{"version":"1","projects":["default"],"status":"gone"}""", """{"status":["Must be one of: open, archived."]}""")]
    [InlineData("""{"version":"1","projects":["default"],"commits":[{}]}""", """{"id":["This field is required."]}""")]
    [InlineData("""{"version":"1","projects":["default"],"commits":["c1"]}""", """{"commits":["Expected a list of items."]}""")]
    public async Task What_is_wrong_is_said_and_nothing_made(string body, string answer)
    {
        await using var app = await VedetteApp.StartAsync();

        Assert.Equal((400, answer), await app.AskAsync(HttpMethod.Post, Releases, $"Bearer {app.FirstStart.Token}", body));
        Assert.Equal(0, await app.CountAsync("release"));
    }

    [Theory, EachDatabase]
    public async Task Deploys_are_kept_newest_first(DatabaseKind database)
    {
        await using var app = await VedetteApp.StartAsync(database, new FakeClock());
        await app.ApiAsync(HttpMethod.Post, Releases, """{"version":"1.0","projects":["default"]}""");
        await app.ApiAsync(HttpMethod.Post, $"{Releases}1.0/deploys/", """{"environment":"staging"}""");

        var made = await app.ApiAsync(
            HttpMethod.Post, $"{Releases}1.0/deploys/",
            """{"environment":"production","name":"blue","url":"https://ci.example","dateStarted":"2026-03-01T10:00:00Z","dateFinished":"2026-03-01T10:05:00Z"}""");
        var wrong = await app.ApiAsync(HttpMethod.Post, $"{Releases}1.0/deploys/", """{"environment":"a/b"}""");
        var listed = await app.GetAsync($"{Releases}1.0/deploys/");
        var release = (await app.GetAsync($"{Releases}1.0/")).Map;

        Assert.Equal((201, 400), (made.Status, wrong.Status));
        Assert.Equal(
            """{"id":"2","environment":"production","name":"blue","url":"https://ci.example","dateStarted":"2026-03-01T10:00:00.000000Z","dateFinished":"2026-03-01T10:05:00.000000Z"}""",
            made.Json.JsonText());
        Assert.Equal(["2", "1"], listed.List.Select(Id));
        Assert.Equal((2.0, "production"), (release["deployCount"], release.Map("lastDeploy")!.Text("environment")));
        Assert.Equal(404, (await app.GetAsync($"{Releases}2.0/deploys/")).Status);
    }

    [Fact]
    public async Task Another_organizations_releases_are_not_there()
    {
        await using var app = await VedetteApp.StartAsync();
        await app.AddOrganizationAsync("other");
        await app.AddProjectAsync("other", "default");
        var other = await app.AddPersonAsync("other@other.example", "other", MemberRole.Owner);
        await app.ApiAsync(HttpMethod.Post, Releases, """{"version":"1.0","projects":["default"]}""");

        Assert.Equal(404, (await app.GetAsync("/api/0/organizations/other/releases/1.0/", other)).Status);
        Assert.Equal(404, (await app.GetAsync($"{Releases}1.0/", other)).Status);
        Assert.Empty((await app.GetAsync("/api/0/organizations/other/releases/", other)).List);
    }

    [Fact]
    public async Task The_release_before_with_commits_is_found()
    {
        var clock = new FakeClock();
        await using var app = await VedetteApp.StartAsync(time: clock);
        foreach (var (version, commits) in new[] { ("1.0", """[{"id":"a"}]"""), ("1.1", "[]"), ("1.2", """[{"id":"b"}]""") })
        {
            await app.ApiAsync(HttpMethod.Post, Releases, $$"""{"version":"{{version}}","projects":["default"],"commits":{{commits}}}""");
            clock.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.Equal("1.0", (await app.GetAsync($"{Releases}1.2/previous-with-commits/")).Map.Text("version"));
        Assert.Equal("{}", (await app.GetAsync($"{Releases}1.0/previous-with-commits/")).Json.JsonText());
    }

    private static IEnumerable<string?> Versions(ApiAnswer answer) => answer.List.Select(release => ((JsonMap)release!).Text("version"));

    private static string? Id(object? item) => ((JsonMap)item!).Text("id");

    private static string Cursor(ApiAnswer answer, string rel)
    {
        var link = answer.Headers.GetValues("Link").Single().Split(", ").Single(part => part.Contains($"rel=\"{rel}\"", StringComparison.Ordinal));
        return link.Split("cursor=\"")[1].TrimEnd('"');
    }
}
