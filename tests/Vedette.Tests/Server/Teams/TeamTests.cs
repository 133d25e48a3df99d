using Vedette.Server.Authorization;
using Vedette.Tests.Harness;
using Vedette.Wire.Json;
using Xunit;

namespace Vedette.Tests.Server.Teams;

/// <summary>Teams, who is in them, and what they work on.</summary>
public sealed class TeamTests
{
    private const string Teams = "/api/0/organizations/default/teams/";
    private const string Team = "/api/0/teams/default/";
    private const string Members = "/api/0/organizations/default/members/";
    private const string Projects = "/api/0/projects/default/default/";

    [Theory, EachDatabase]
    public async Task A_team_is_made_shown_renamed_and_deleted(DatabaseKind database)
    {
        await using var app = await VedetteApp.StartAsync(database, new FakeClock());

        var made = await app.ApiAsync(HttpMethod.Post, Teams, """{"name":"Web People"}""");
        Assert.Equal((201, "web-people", "Web People", true, 1.0), (made.Status, made.Map.Text("slug"), made.Map.Text("name"), made.Map["isMember"], made.Map["memberCount"]));
        Assert.Equal(["default", "web-people"], await SlugsAsync(app, Teams));

        var shown = await app.GetAsync($"{Team}web-people/");
        Assert.Equal((made.Map.Text("id"), "default", "2026-03-01T12:00:00.000000Z"), (shown.Map.Text("id"), shown.Map.Map("organization")!.Text("slug"), shown.Map.Text("dateCreated")));
        Assert.Equal("web-people", (await app.GetAsync($"{Team}{made.Map.Text("id")}/")).Map.Text("slug"));

        var changed = await app.ApiAsync(HttpMethod.Put, $"{Team}web-people/", """{"name":"Web","slug":"web"}""");
        Assert.Equal((200, "web", "Web"), (changed.Status, changed.Map.Text("slug"), changed.Map.Text("name")));
        Assert.Equal(404, (await app.GetAsync($"{Team}web-people/")).Status);

        Assert.Equal((204, ""), await app.AskAsync(HttpMethod.Delete, $"{Team}web/", $"Bearer {app.FirstStart.Token}"));
        Assert.Equal(404, (await app.GetAsync($"{Team}web/")).Status);
        Assert.Equal(404, (await app.ApiAsync(HttpMethod.Delete, $"{Team}web/")).Status);
        Assert.Equal(["team.remove", "team.edit", "member.join-team", "team.create"], await app.AuditedAsync());
    }

    [Theory]
    [InlineData("{}", 400, """{"non_field_errors":["Name or slug is required"]}""")]
    [InlineData("""{"name":""}""", 400, """{"name":["This field may not be blank."]}""")]
    [InlineData("""{"slug":"No Slug"}""", 400, """{"slug":["Enter a valid slug consisting of lowercase letters, numbers, underscores or hyphens. It cannot be entirely numeric."]}""")]
    [InlineData("""{"slug":"default"}""", 409, """{"non_field_errors":["A team with this slug already exists."],"detail":"A team with this slug already exists."}""")]
    public async Task A_wrong_team_is_not_made(string body, int status, string answer)
    {
        await using var app = await VedetteApp.StartAsync();

        Assert.Equal((status, answer), await app.AskAsync(HttpMethod.Post, Teams, $"Bearer {app.FirstStart.Token}", body));
        Assert.Single((await app.GetAsync(Teams)).List);
    }

    [Fact]
    public async Task A_slug_alone_is_enough_and_one_that_is_taken_is_not_given_twice()
    {
        await using var app = await VedetteApp.StartAsync();
        Assert.Equal("web", (await app.ApiAsync(HttpMethod.Post, Teams, """{"slug":"web"}""")).Map.Text("name"));

        Assert.Equal(
            (400, """{"slug":["The slug \"web\" is already in use."]}"""),
            await app.AskAsync(HttpMethod.Put, $"{Team}default/", $"Bearer {app.FirstStart.Token}", """{"slug":"web"}"""));
        Assert.Equal(
            (400, """{"isPending":["Cannot be changed in this version."]}"""),
            await app.AskAsync(HttpMethod.Put, $"{Team}default/", $"Bearer {app.FirstStart.Token}", """{"isPending":true}"""));
    }

    [Theory, EachDatabase]
    public async Task Members_join_and_leave_and_are_counted(DatabaseKind database)
    {
        await using var app = await VedetteApp.StartAsync(database);
        var ada = await app.AddPersonAsync("ada@example.org", "default", MemberRole.Member);
        var adaId = (await app.GetAsync($"{Members}me/", ada)).Map.Text("id");
        await app.AddPersonAsync("eve@example.org", "default", MemberRole.Member);
        var eveId = ((JsonMap)(await app.GetAsync(Members)).List[2]!).Text("id");

        var joined = await app.ApiAsync(HttpMethod.Post, $"{Members}me/teams/default/", token: ada);
        Assert.Equal((201, 2.0, true), (joined.Status, joined.Map["memberCount"], joined.Map["isMember"]));
        Assert.Equal(204, (await app.ApiAsync(HttpMethod.Post, $"{Members}{adaId}/teams/default/", token: ada)).Status);
        Assert.Equal(["default"], (await app.GetAsync($"{Members}{adaId}/")).Map.List("teams")!);
        Assert.Equal(
            ["admin@localhost", "ada@example.org"], (await app.GetAsync($"{Team}default/members/")).List.Select(each => ((JsonMap)each!).Text("email")));

        // Others are moved by whoever may.
        Assert.Equal(
            (400, """{"detail":"You do not have permission to edit that user's membership."}"""),
            await app.AskAsync(HttpMethod.Post, $"{Members}{eveId}/teams/default/", $"Bearer {ada}"));
        Assert.Equal(201, (await app.ApiAsync(HttpMethod.Post, $"{Members}{eveId}/teams/default/")).Status);
        Assert.Equal(400, (await app.ApiAsync(HttpMethod.Delete, $"{Members}{eveId}/teams/default/", token: ada)).Status);

        var left = await app.ApiAsync(HttpMethod.Delete, $"{Members}me/teams/default/", token: ada);
        Assert.Equal((200, 2.0, false), (left.Status, left.Map["memberCount"], left.Map["isMember"]));
        Assert.Equal(200, (await app.ApiAsync(HttpMethod.Delete, $"{Members}me/teams/default/", token: ada)).Status);
        Assert.Equal(404, (await app.ApiAsync(HttpMethod.Post, $"{Members}me/teams/nonsense/", token: ada)).Status);
        Assert.Equal(404, (await app.ApiAsync(HttpMethod.Post, $"{Members}999/teams/default/", token: ada)).Status);
        Assert.Equal(["member.leave-team", "member.join-team", "member.join-team"], await app.AuditedAsync());
    }

    [Theory, EachDatabase]
    public async Task A_project_is_made_in_a_team_and_takes_events(DatabaseKind database)
    {
        await using var app = await VedetteApp.StartAsync(database);

        var made = await app.ApiAsync(HttpMethod.Post, $"{Team}default/projects/", """{"name":"Shop","platform":"node"}""");

        Assert.Equal((201, "shop", "Shop", "node", 0.0), (made.Status, made.Map.Text("slug"), made.Map.Text("name"), made.Map.Text("platform"), made.Map["resolveAge"]));
        Assert.Equal("default", made.Map.Map("team")!.Text("slug"));
        Assert.Equal("default", ((JsonMap)Assert.Single(made.Map.List("teams")!)!).Text("name"));
        Assert.Equal(["default", "shop"], await SlugsAsync(app, $"{Team}default/projects/"));
        var key = (JsonMap)Assert.Single((await app.GetAsync("/api/0/projects/default/shop/keys/")).List)!;
        Assert.Equal("Default", key.Text("label"));
        using var sent = await app.Client.PostAsync(
            new Uri($"/api/{made.Map.Text("id")}/envelope/?sentry_key={key.Text("public")}", UriKind.Relative), new StringContent("{}\n{\"type\":\"event\"}\n{\"message\":\"one\"}"));
        Assert.Equal(200, (int)sent.StatusCode);
        Assert.Equal(["project.create"], await app.AuditedAsync());
        Assert.Equal(
            (409, """{"detail":"A project with this slug already exists."}"""),
            await app.AskAsync(HttpMethod.Post, $"{Team}default/projects/", $"Bearer {app.FirstStart.Token}", """{"name":"Other","slug":"shop"}"""));
        Assert.StartsWith("shop-", (await app.ApiAsync(HttpMethod.Post, $"{Team}default/projects/", """{"name":"Shop"}""")).Map.Text("slug"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{}", """{"name":["This field is required."]}""")]
    [InlineData("""{"name":"123456789012345678901234567890123456789012345678901"}""", """{"name":["Ensure this field has no more than 50 characters."]}""")]
    [InlineData("""{"name":"Shop","platform":7}""", """{"platform":["Not a valid string."]}""")]
    [InlineData("""{"name":"Shop","slug":"settings"}""", """{"slug":["The slug \"settings\" is reserved and not allowed."]}""")]
    public async Task A_wrong_project_is_not_made(string body, string answer)
    {
        await using var app = await VedetteApp.StartAsync();

        Assert.Equal((400, answer), await app.AskAsync(HttpMethod.Post, $"{Team}default/projects/", $"Bearer {app.FirstStart.Token}", body));
    }

    [Theory, EachDatabase]
    public async Task A_team_is_given_a_project_and_loses_it(DatabaseKind database)
    {
        await using var app = await VedetteApp.StartAsync(database);
        await app.ApiAsync(HttpMethod.Post, Teams, """{"slug":"web"}""");

        var given = await app.ApiAsync(HttpMethod.Post, $"{Projects}teams/web/");
        Assert.Equal(201, given.Status);
        Assert.Equal(["default", "web"], given.Map.List("teams")!.Select(team => ((JsonMap)team!).Text("slug")));
        Assert.Equal(201, (await app.ApiAsync(HttpMethod.Post, $"{Projects}teams/web/")).Status);

        var taken = await app.ApiAsync(HttpMethod.Delete, $"{Projects}teams/default/");
        Assert.Equal((200, "web"), (taken.Status, taken.Map.Map("team")!.Text("slug")));
        Assert.Null((await app.ApiAsync(HttpMethod.Delete, $"{Projects}teams/web/")).Map["team"]);
        Assert.Equal(
            (404, """{"detail":"Team does not exist."}"""), await app.AskAsync(HttpMethod.Post, $"{Projects}teams/nonsense/", $"Bearer {app.FirstStart.Token}"));
        Assert.Equal(["project-team.remove", "project-team.remove", "project-team.add"], (await app.AuditedAsync())[..3]);
    }

    [Fact]
    public async Task Teams_of_another_organization_are_not_there()
    {
        await using var app = await VedetteApp.StartAsync();
        await app.AddOrganizationAsync("other");
        var stranger = await app.AddPersonAsync("stranger@other.example", "other", MemberRole.Owner);
        var theirs = (await app.ApiAsync(HttpMethod.Post, "/api/0/organizations/other/teams/", """{"slug":"theirs"}""", stranger)).Map.Text("id");

        foreach (var team in new[] { "theirs", theirs })
        {
            Assert.Equal(404, (await app.GetAsync($"{Team}{team}/")).Status);
            Assert.Equal(404, (await app.ApiAsync(HttpMethod.Put, $"{Team}{team}/", "{}")).Status);
            Assert.Equal(404, (await app.ApiAsync(HttpMethod.Delete, $"{Team}{team}/")).Status);
            Assert.Equal(404, (await app.GetAsync($"{Team}{team}/projects/")).Status);
            Assert.Equal(404, (await app.GetAsync($"{Team}{team}/members/")).Status);
            Assert.Equal(404, (await app.ApiAsync(HttpMethod.Post, $"{Team}{team}/projects/", """{"name":"x"}""")).Status);
            Assert.Equal(404, (await app.ApiAsync(HttpMethod.Post, $"{Projects}teams/{team}/")).Status);
            Assert.Equal(404, (await app.ApiAsync(HttpMethod.Post, $"{Members}me/teams/{team}/")).Status);
        }
    }

    private static async Task<List<string?>> SlugsAsync(VedetteApp app, string path) => [.. (await app.GetAsync(path)).List.Select(each => ((JsonMap)each!).Text("slug"))];
}
