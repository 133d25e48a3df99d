using Vedette.Server.Authorization;
using Vedette.Tests.Harness;
using Vedette.Wire.Json;
using Xunit;

namespace Vedette.Tests.Server.Projects;

/// <summary>Projects that are renamed and deleted.</summary>
public sealed class ProjectChangeTests
{
    private const string Project = "/api/0/projects/default/default/";

    [Theory, EachDatabase]
    public async Task A_project_is_changed_and_what_is_not_named_stays(DatabaseKind database)
    {
        await using var app = await VedetteApp.StartAsync(database);

        var changed = await app.ApiAsync(HttpMethod.Put, Project, """{"name":"Shop","slug":"shop","platform":"node","resolveAge":72}""");
        Assert.Equal((200, "Shop", "shop", "node", 72.0), (changed.Status, changed.Map.Text("name"), changed.Map.Text("slug"), changed.Map.Text("platform"), changed.Map["resolveAge"]));
        Assert.Equal(404, (await app.GetAsync(Project)).Status);

        var again = await app.ApiAsync(HttpMethod.Put, "/api/0/projects/default/shop/", """{"platform":null}""");
        Assert.Equal(("Shop", null, 72.0), (again.Map.Text("name"), again.Map.Text("platform"), again.Map["resolveAge"]));
        Assert.Equal(0.0, (await app.ApiAsync(HttpMethod.Put, "/api/0/projects/default/shop/", """{"resolveAge":null}""")).Map["resolveAge"]);
        Assert.Equal(200, (await app.SendEventAsync("""{"message":"the key is the same"}""")).Status);
        Assert.StartsWith("SHOP-", ((JsonMap)Assert.Single((await app.GetAsync("/api/0/organizations/default/issues/")).List)!).Text("shortId"), StringComparison.Ordinal);
        Assert.Equal(["project.edit", "project.edit", "project.edit"], await app.AuditedAsync());
    }

    [Fact]
    public async Task What_a_client_was_shown_may_be_sent_back()
    {
        await using var app = await VedetteApp.StartAsync();
        var (_, shown) = await app.AskAsync(HttpMethod.Get, Project, $"Bearer {app.FirstStart.Token}");

        Assert.Equal((200, shown), await app.AskAsync(HttpMethod.Put, Project, $"Bearer {app.FirstStart.Token}", shown));
        Assert.Empty(await app.AuditedAsync());
    }

    [Theory]
    [InlineData("""{"name":""}""", """{"name":["This field may not be blank."]}""")]
    [InlineData("""{"slug":"API!"}""", """{"slug":["Enter a valid slug consisting of lowercase letters, numbers, underscores or hyphens. It cannot be entirely numeric."]}""")]
    [InlineData("""{"slug":"taken"}""", """{"slug":["The slug \"taken\" is already in use."]}""")]
    [InlineData("""{"resolveAge":-1}""", """{"resolveAge":["A whole number of hours from 0 to 87840 is required."]}""")]
    [InlineData("""{"resolveAge":1.5}""", """{"resolveAge":["A whole number of hours from 0 to 87840 is required."]}""")]
    [InlineData("""{"resolveAge":"1"}""", """{"resolveAge":["A whole number of hours from 0 to 87840 is required."]}""")]
    [InlineData("""{"isBookmarked":true}""", """{"isBookmarked":["Cannot be changed in this version."]}""")]
    public async Task A_wrong_field_is_named_and_nothing_changes(string body, string answer)
    {
        await using var app = await VedetteApp.StartAsync();
        await app.AddProjectAsync("default", "taken");
        var before = await app.AskAsync(HttpMethod.Get, Project, $"Bearer {app.FirstStart.Token}");

        Assert.Equal((400, answer), await app.AskAsync(HttpMethod.Put, Project, $"Bearer {app.FirstStart.Token}", body));
        Assert.Equal(before, await app.AskAsync(HttpMethod.Get, Project, $"Bearer {app.FirstStart.Token}"));
    }

    [Theory, EachDatabase]
    public async Task A_deleted_project_is_hidden_at_once_everywhere(DatabaseKind database)
    {
        await using var app = await VedetteApp.StartAsync(database, new FakeClock());
        Assert.Equal(200, (await app.SendEventAsync("""{"event_id":"4c79f60c11214eb38604f4ae0781bfb2","message":"there"}""")).Status);

        Assert.Equal((204, ""), await app.AskAsync(HttpMethod.Delete, Project, $"Bearer {app.FirstStart.Token}"));

        Assert.Equal(404, (await app.ApiAsync(HttpMethod.Delete, Project)).Status);
        Assert.Equal(404, (await app.GetAsync(Project)).Status);
        Assert.Equal(404, (await app.GetAsync($"/api/0/projects/default/{app.ProjectId}/")).Status);
        Assert.Equal(404, (await app.GetAsync($"{Project}keys/")).Status);
        Assert.Equal(404, (await app.GetAsync($"/api/0/projects/default/{app.ProjectId}/events/4c79f60c11214eb38604f4ae0781bfb2/")).Status);
        Assert.Equal(404, (await app.GetAsync("/api/0/organizations/default/issues/1/")).Status);
        Assert.Equal(404, (await app.GetAsync($"/api/0/organizations/default/issues/?project={app.ProjectId}")).Status);
        Assert.Empty((await app.GetAsync("/api/0/organizations/default/issues/")).List);
        Assert.Empty((await app.GetAsync("/api/0/organizations/default/projects/")).List);
        Assert.Empty((await app.GetAsync("/api/0/teams/default/default/projects/")).List);
        Assert.Equal(403, (await app.SendEventAsync("""{"message":"too late"}""")).Status);
        Assert.Equal(["project.remove"], await app.AuditedAsync());

        // Its slug is free for another, which has issues of its own.
        Assert.Equal(201, (await app.ApiAsync(HttpMethod.Post, "/api/0/teams/default/default/projects/", """{"name":"default","slug":"default"}""")).Status);
    }

    [Fact]
    public async Task A_project_of_another_organization_is_not_there()
    {
        await using var app = await VedetteApp.StartAsync();
        await app.AddOrganizationAsync("other");
        var (id, _) = await app.AddProjectAsync("other", "theirs");

        foreach (var project in new[] { "theirs", $"{id}" })
        {
            Assert.Equal(404, (await app.ApiAsync(HttpMethod.Put, $"/api/0/projects/default/{project}/", """{"name":"x"}""")).Status);
            Assert.Equal(404, (await app.ApiAsync(HttpMethod.Delete, $"/api/0/projects/default/{project}/")).Status);
            Assert.Equal(404, (await app.ApiAsync(HttpMethod.Delete, $"/api/0/projects/other/{project}/")).Status);
            Assert.Equal(404, (await app.ApiAsync(HttpMethod.Post, $"/api/0/projects/default/{project}/teams/default/")).Status);
        }

        var admin = await app.AddPersonAsync("admin@example.org", "default", MemberRole.Admin);
        Assert.Equal(200, (await app.ApiAsync(HttpMethod.Put, Project, """{"name":"x"}""", admin)).Status);
    }
}
