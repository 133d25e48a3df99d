using System.Text;
using Vedette.Server.Authorization;
using Vedette.Tests.Documents;
using Vedette.Tests.Harness;
using Vedette.Wire.Json;
using Xunit;

namespace Vedette.Tests.Server.ServiceHooks;

/// <summary>Adding, showing, changing and deleting of service hooks.</summary>
public sealed class ServiceHookTests
{
    private const string NotFound = """{"detail":"The requested resource does not exist"}""";

    [Theory, EachDatabase]
    public async Task A_hook_is_added_changed_and_deleted(DatabaseKind database)
    {
        await using var app = await VedetteApp.StartAsync(database, new FakeClock());

        var added = await app.AddHookAsync("https://receiver.example/a", """["event.created","event.alert","event.created"]""");
        Assert.Equal(["id", "url", "secret", "status", "events", "dateCreated", "version"], added.Members.Select(member => member.Key));
        Assert.Matches("^[0-9a-f]{32}$", added.Text("id"));
        Assert.Matches("^[0-9a-f]{64}$", added.Text("secret"));
        Assert.Equal(
            """{"url":"https://receiver.example/a","status":"active","events":["event.alert","event.created"],"dateCreated":"2026-03-01T12:00:00.000000Z","version":0}""",
            Without(added, "id", "secret"));
        Assert.Equal(Json(added), Json((await app.GetAsync($"{TestHooks.Path}{added.Text("id")}/")).Json));

        Assert.Equal(Json(added), Json(await app.ChangeHookAsync(added, "{}")));
        Assert.Equal(Json(added), Json(await app.ChangeHookAsync(added, """{"url":""}""")));
        var changed = await app.ChangeHookAsync(added, """{"url":" https://receiver.example/b ","version":1,"isActive":false}""");
        Assert.Equal(
            """{"url":"https://receiver.example/b","status":"disabled","events":["event.alert","event.created"],"dateCreated":"2026-03-01T12:00:00.000000Z","version":1}""",
            Without(changed, "id", "secret"));
        Assert.Equal(added.Text("secret"), changed.Text("secret"));
        var cleared = await app.ChangeHookAsync(added, """{"events":[],"isActive":true,"version":0}""");
        Assert.Equal(("active", 0), (cleared.Text("status"), cleared.List("events")!.Count));

        await app.DeleteHookAsync(added);
        var token = $"Bearer {app.FirstStart.Token}";
        foreach (var method in new[] { HttpMethod.Get, HttpMethod.Put, HttpMethod.Delete })
            Assert.Equal((404, NotFound), await app.AskAsync(method, $"{TestHooks.Path}{added.Text("id")}/", token, "{}"));
        Assert.Empty((await app.GetAsync(TestHooks.Path)).List);

        var audited = (await app.GetAsync("/api/0/organizations/default/audit-logs/")).Map.List("rows")!.Cast<JsonMap>().ToList();
        Assert.Equal(
            ["servicehook.remove", "servicehook.edit", "servicehook.edit", "servicehook.edit", "servicehook.edit", "servicehook.add"],
            audited.Select(row => row.Text("event")));
        Assert.Equal("""{"url":"https://receiver.example/b"}""", Json(audited[0].Map("data")));
        Assert.Equal("removed the service hook to https://receiver.example/b", audited[0].Text("note"));
        Assert.Equal("added a service hook to https://receiver.example/a", audited[^1].Text("note"));
        Assert.Equal("admin@localhost", audited[^1].Map("actor")!.Text("name"));
    }

    [Fact]
    public async Task The_command_of_the_documentation_works_as_printed()
    {
        await using var app = await VedetteApp.StartAsync();
        using var folder = new TemporaryFolder();
        await using var terminal = new Terminal(folder.Path, new Dictionary<string, string>());

        var printed = await terminal.RunAsync($$"""
            curl -s {{app.Url}}/api/0/projects/default/default/hooks/ \
              -H "Authorization: Bearer {{app.FirstStart.Token}}" \
              -H "Content-Type: application/json" \
              -d '{
                "url": "https://example.com/sentry-hook",
                "events": ["event.alert", "event.created"]
              }'
            """);

        foreach (var member in new[] { "id", "dateCreated", "url", "events", "secret", "status" })
            Assert.Contains($"\"{member}\":", printed, StringComparison.Ordinal);
        Assert.Contains("\"events\":[\"event.alert\",\"event.created\"]", printed, StringComparison.Ordinal);
        Assert.Contains("\"status\":\"active\"", printed, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ids_and_slugs_name_the_project()
    {
        await using var app = await VedetteApp.StartAsync();
        await app.AddHookAsync("https://receiver.example/");

        Assert.Single((await app.GetAsync($"/api/0/projects/1/{app.ProjectId}/hooks/")).List);
    }

    [Theory]
    [InlineData("""{}""", """{"url":["This field is required."]}""")]
    [InlineData("""{"url":null}""", """{"url":["This field may not be null."]}""")]
    [InlineData("""{"url":" "}""", """{"url":["This field may not be blank."]}""")]
    [InlineData("""{"url":7}""", """{"url":["Not a valid string."]}""")]
    [InlineData("""{"url":"receiver.example"}""", """{"url":["Enter a valid URL."]}""")]
    [InlineData("""{"url":"ftp://receiver.example/"}""", """{"url":["Enter a valid URL."]}""")]
    [InlineData("""{"url":"http:receiver.example"}""", """{"url":["Enter a valid URL."]}""")]
    [InlineData("""{"url":"https://"}""", """{"url":["Enter a valid URL."]}""")]
    [InlineData("""{"url":"https://receiver.example/a b"}""", """{"url":["Enter a valid URL."]}""")]
    [InlineData("""{"url":"https://receiver.example/\u0001"}""", """{"url":["Enter a valid URL."]}""")]
    [InlineData("""{"url":"https://receiver.example/","events":["event.created","issue.created"]}""", """{"events":["Invalid event name: issue.created"]}""")]
    [InlineData("""{"url":"https://receiver.example/","events":"event.created"}""", """{"events":["Expected a list of strings."]}""")]
    [InlineData("""{"url":"https://receiver.example/","events":null}""", """{"events":["Expected a list of strings."]}""")]
    [InlineData("""{"url":"https://receiver.example/","events":[1]}""", """{"events":["Expected a list of strings."]}""")]
    [InlineData("""{"url":"https://receiver.example/","version":2}""", """{"version":["Must be 0 or 1."]}""")]
    [InlineData("""{"url":"https://receiver.example/","version":true}""", """{"version":["Must be 0 or 1."]}""")]
    [InlineData("""{"url":"https://receiver.example/","isActive":"yes"}""", """{"isActive":["Must be a valid boolean."]}""")]
    [InlineData("""{"url":"no","events":["no"],"version":"no"}""", """{"url":["Enter a valid URL."],"events":["Invalid event name: no"],"version":["Must be 0 or 1."]}""")]
    [InlineData("""["https://receiver.example/"]""", """{"detail":"JSON parse error - the body is not an object"}""")]
    public async Task What_is_wrong_with_a_new_hook_is_said_field_by_field(string body, string answer)
    {
        await using var app = await VedetteApp.StartAsync();

        Assert.Equal((400, answer), await app.AskAsync(HttpMethod.Post, TestHooks.Path, $"Bearer {app.FirstStart.Token}", body));
        Assert.Empty((await app.GetAsync(TestHooks.Path)).List);
    }

    [Theory]
    [InlineData("""{"url":null}""", """{"url":["This field may not be null."]}""")]
    [InlineData("""{"url":"no","events":[]}""", """{"url":["Enter a valid URL."]}""")]
    [InlineData("""{"events":["event.alert","no"]}""", """{"events":["Invalid event name: no"]}""")]
    [InlineData("""{"version":1.5}""", """{"version":["Must be 0 or 1."]}""")]
    [InlineData("""{"isActive":null}""", """{"isActive":["Must be a valid boolean."]}""")]
    public async Task A_wrong_change_changes_nothing(string body, string answer)
    {
        await using var app = await VedetteApp.StartAsync();
        var hook = await app.AddHookAsync("https://receiver.example/");

        Assert.Equal((400, answer), await app.AskAsync(HttpMethod.Put, $"{TestHooks.Path}{hook.Text("id")}/", $"Bearer {app.FirstStart.Token}", body));
        Assert.Equal(Json(hook), Json((await app.GetAsync($"{TestHooks.Path}{hook.Text("id")}/")).Json));
    }

    [Fact]
    public async Task A_url_may_have_512_characters()
    {
        await using var app = await VedetteApp.StartAsync();
        var url = $"https://receiver.example/{new string('a', 512 - 25)}";

        var hook = await app.AddHookAsync(url);
        var longer = await app.AskAsync(HttpMethod.Post, TestHooks.Path, $"Bearer {app.FirstStart.Token}", $$"""{"url":"{{url}}a"}""");

        Assert.Equal(512, hook.Text("url")!.Length);
        Assert.Equal((400, """{"url":["Ensure this field has no more than 512 characters."]}"""), longer);
    }

    [Fact]
    public async Task A_new_hook_is_on_whatever_it_asks_for()
    {
        await using var app = await VedetteApp.StartAsync();

        var hook = await app.AddHookAsync("https://receiver.example/", more: ""","isActive":false,"version":1""");

        Assert.Equal(("active", 1.0), (hook.Text("status"), (double)hook["version"]!));
    }

    [Theory, EachDatabase]
    public async Task Hooks_are_listed_newest_first_by_status_and_page(DatabaseKind database)
    {
        await using var app = await VedetteApp.StartAsync(database);
        var hooks = new List<JsonMap>();
        for (var i = 0; i < 3; i++)
            hooks.Add(await app.AddHookAsync($"https://receiver.example/{i}"));
        await app.ChangeHookAsync(hooks[1], """{"isActive":false}""");

        Assert.Equal(["2", "1", "0"], await NamesAsync(app, ""));
        Assert.Equal(["2", "1", "0"], await NamesAsync(app, "?status="));
        Assert.Equal(["2", "0"], await NamesAsync(app, "?status=active"));
        Assert.Equal(["1"], await NamesAsync(app, "?status=disabled"));
        Assert.Empty(await NamesAsync(app, "?status=deleted"));

        var first = await app.GetAsync($"{TestHooks.Path}?per_page=2&status=");
        var link = first.Headers.GetValues("Link").Single();
        Assert.Equal(2, first.List.Count);
        Assert.Matches("rel=\"previous\"; results=\"false\".*rel=\"next\"; results=\"true\"", link);
        Assert.Equal(["0"], await NamesAsync(app, link[(link.LastIndexOf('?'))..link.LastIndexOf('>')]));
        Assert.Equal(400, (await app.GetAsync($"{TestHooks.Path}?per_page=0")).Status);
    }

    [Theory, EachDatabase]
    public async Task Hooks_of_other_projects_and_organizations_are_not_there(DatabaseKind database)
    {
        await using var app = await VedetteApp.StartAsync(database);
        await app.AddProjectAsync("default", "another");
        await app.AddOrganizationAsync("other");
        await app.AddProjectAsync("other", "theirs");
        var stranger = $"Bearer {await app.AddPersonAsync("stranger@other.example", "other", MemberRole.Owner)}";
        var mine = $"Bearer {app.FirstStart.Token}";
        var hook = await app.AddHookAsync("https://receiver.example/");

        foreach (var (path, token) in new[]
        {
            ($"/api/0/projects/default/another/hooks/{hook.Text("id")}/", mine),
            ($"/api/0/projects/default/nowhere/hooks/{hook.Text("id")}/", mine),
            ($"{TestHooks.Path}{new string('0', 32)}/", mine),
            ($"{TestHooks.Path}{hook.Text("id")}/", stranger),
            ($"/api/0/projects/other/theirs/hooks/{hook.Text("id")}/", stranger),
            ($"/api/0/projects/other/theirs/hooks/{hook.Text("id")}/", mine),
        })
        {
            Assert.Equal((404, NotFound), await app.AskAsync(HttpMethod.Get, path, token));
            Assert.Equal((404, NotFound), await app.AskAsync(HttpMethod.Get, $"{path}stats/", token));
            Assert.Equal((404, NotFound), await app.AskAsync(HttpMethod.Put, path, token, """{"isActive":false}"""));
            Assert.Equal((404, NotFound), await app.AskAsync(HttpMethod.Delete, path, token));
        }

        Assert.Equal((404, NotFound), await app.AskAsync(HttpMethod.Get, "/api/0/projects/default/nowhere/hooks/", mine));
        Assert.Equal((404, NotFound), await app.AskAsync(HttpMethod.Post, "/api/0/projects/default/nowhere/hooks/", mine, """{"url":"https://receiver.example/"}"""));
        Assert.Empty((await app.GetAsync("/api/0/projects/default/another/hooks/")).List);
        Assert.Equal(Json(hook), Json((await app.GetAsync($"{TestHooks.Path}{hook.Text("id")}/")).Json));
    }

    [Fact]
    public async Task Who_may_only_write_cannot_delete_and_who_may_only_read_cannot_write()
    {
        await using var app = await VedetteApp.StartAsync();
        var hook = await app.AddHookAsync("https://receiver.example/");
        var path = $"{TestHooks.Path}{hook.Text("id")}/";
        var reader = $"Bearer {await app.AddPersonAsync("reader@example.org", "default", MemberRole.Owner, "project:read")}";
        var writer = $"Bearer {await app.AddPersonAsync("writer@example.org", "default", MemberRole.Owner, "project:write")}";
        var forbidden = (403, """{"detail":"You do not have permission to perform this action."}""");

        Assert.Equal(200, (await app.AskAsync(HttpMethod.Get, path, reader)).Status);
        Assert.Equal(forbidden, await app.AskAsync(HttpMethod.Put, path, reader, "{}"));
        Assert.Equal(forbidden, await app.AskAsync(HttpMethod.Post, TestHooks.Path, reader, "{}"));
        Assert.Equal(200, (await app.AskAsync(HttpMethod.Put, path, writer, "{}")).Status);
        Assert.Equal(forbidden, await app.AskAsync(HttpMethod.Delete, path, writer));
        Assert.Equal(401, (await app.AskAsync(HttpMethod.Post, TestHooks.Path, body: "{}")).Status);
    }

    [Theory, EachDatabase]
    public async Task A_project_has_at_most_a_hundred(DatabaseKind database)
    {
        await using var app = await VedetteApp.StartAsync(database);
        await app.AddProjectAsync("default", "another");
        for (var i = 0; i < 100; i++)
            await app.AddHookAsync("https://receiver.example/");

        var refused = await app.AskAsync(HttpMethod.Post, TestHooks.Path, $"Bearer {app.FirstStart.Token}", """{"url":"https://receiver.example/"}""");

        Assert.Equal((400, """{"detail":"A project has at most 100 service hooks."}"""), refused);
        await app.AddHookAsync("https://receiver.example/", path: "/api/0/projects/default/another/hooks/");
        await app.DeleteHookAsync((JsonMap)(await app.GetAsync(TestHooks.Path)).List[0]!);
        await app.AddHookAsync("https://receiver.example/");
    }

    [Fact]
    public async Task Without_the_feature_nothing_is_listed_or_added()
    {
        await using var app = await VedetteApp.StartAsync(DatabaseKind.Sqlite, new FakeClock(), ("VEDETTE_FEATURES_OFF", "projects:servicehooks"));
        var token = $"Bearer {app.FirstStart.Token}";
        var unavailable = (403, """{"error_type":"unavailable_feature","detail":["You do not have that feature enabled"]}""");

        Assert.Equal(unavailable, await app.AskAsync(HttpMethod.Get, TestHooks.Path, token));
        Assert.Equal(unavailable, await app.AskAsync(HttpMethod.Post, TestHooks.Path, token, """{"url":"https://receiver.example/"}"""));
        Assert.Equal((404, NotFound), await app.AskAsync(HttpMethod.Get, $"{TestHooks.Path}{new string('0', 32)}/", token));
    }

    [Theory, EachDatabase]
    public async Task The_secret_is_stored_sealed(DatabaseKind database)
    {
        await using var app = await VedetteApp.StartAsync(database);

        var hook = await app.AddHookAsync("https://receiver.example/");
        var stored = await app.Database.ReadAsync(session => session.SingleAsync<byte[]>("select secret from destination"), CancellationToken.None);

        Assert.DoesNotContain(hook.Text("secret")!, Encoding.Latin1.GetString(stored), StringComparison.Ordinal);
    }

    private static async Task<IEnumerable<string>> NamesAsync(VedetteApp app, string query) =>
        (await app.GetAsync($"{TestHooks.Path}{query}")).List.Select(hook => ((JsonMap)hook!).Text("url")![^1..]);

    private static string Without(JsonMap hook, params string[] names)
    {
        var rest = new JsonMap();
        foreach (var (name, value) in hook.Members.Where(member => !names.Contains(member.Key)))
            rest[name] = value;
        return Json(rest);
    }

    private static string Json(object? value)
    {
        var json = new StableJsonWriter();
        json.Value(value);
        return Encoding.UTF8.GetString(json.WrittenSpan);
    }
}
