using System.Globalization;
using Vedette.Server.Authorization;
using Vedette.Tests.Harness;
using Vedette.Wire.Json;
using Xunit;

namespace Vedette.Tests.Server.Projects;

/// <summary>Organizations, projects and their keys.</summary>
public sealed class ProjectTests
{
    [Theory, EachDatabase]
    public async Task Organizations_are_shown_by_slug_and_by_id(DatabaseKind database)
    {
        await using var app = await VedetteApp.StartAsync(database, new FakeClock());
        await app.AddOrganizationAsync("other");

        var listed = (JsonMap)(await app.GetAsync("/api/0/organizations/")).List.Single()!;
        var byId = await app.GetAsync($"/api/0/organizations/{listed.Text("id")}/");

        Assert.Equal(("default", "default", "2026-03-01T12:00:00.000000Z"), (listed.Text("slug"), listed.Text("name"), listed.Text("dateCreated")));
        Assert.Equal("default", byId.Map.Text("slug"));
        Assert.Equal("active", byId.Map.Map("status")!.Text("id"));
    }

    [Fact]
    public async Task Projects_are_listed_in_the_order_in_which_they_were_made_and_paged()
    {
        await using var app = await VedetteApp.StartAsync();
        await app.AddProjectAsync("default", "web");
        await app.AddProjectAsync("default", "shop");

        var all = await app.GetAsync("/api/0/organizations/default/projects/");
        var second = await app.GetAsync($"/api/0/organizations/default/projects/?per_page=1&cursor={app.ProjectId}:0:0");

        Assert.Equal(["default", "web", "shop"], all.List.Select(project => ((JsonMap)project!).Text("slug")));
        Assert.Equal(["web"], second.List.Select(project => ((JsonMap)project!).Text("slug")));
    }

    [Fact]
    public async Task A_project_is_shown_by_slug_and_by_id_with_its_organization()
    {
        await using var app = await VedetteApp.StartAsync();

        var bySlug = await app.GetAsync("/api/0/projects/default/default/");
        var byId = await app.GetAsync($"/api/0/projects/default/{app.ProjectId}/");

        Assert.Equal(app.ProjectId.ToString(CultureInfo.InvariantCulture), bySlug.Map.Text("id"));
        Assert.Equal(bySlug.Map.Text("id"), byId.Map.Text("id"));
        Assert.Equal("default", bySlug.Map.Map("organization")!.Text("slug"));
        Assert.Equal(404, (await app.GetAsync("/api/0/projects/default/nonsense/")).Status);
    }

    [Fact]
    public async Task A_key_holds_the_dsn_that_the_first_start_showed()
    {
        await using var app = await VedetteApp.StartAsync();

        var key = (JsonMap)(await app.GetAsync("/api/0/projects/default/default/keys/")).List.Single()!;
        var shown = await app.GetAsync($"/api/0/projects/default/default/keys/{key.Text("id")}/");

        Assert.Equal((app.PublicKey, app.PublicKey, "Default", true), (key.Text("id"), key.Text("public"), key.Text("label"), key["isActive"]));
        Assert.Equal(app.FirstStart.Dsn, key.Map("dsn")!.Text("public"));
        Assert.Equal(app.FirstStart.Dsn.Replace("@", $":{key.Text("secret")}@", StringComparison.Ordinal), key.Map("dsn")!.Text("secret"));
        Assert.Equal(app.PublicKey, shown.Map.Text("public"));
        Assert.Equal(404, (await app.GetAsync("/api/0/projects/default/default/keys/00000000000000000000000000000000/")).Status);
    }

    [Fact]
    public async Task A_key_of_another_project_is_not_there()
    {
        await using var app = await VedetteApp.StartAsync();
        var (_, key) = await app.AddProjectAsync("default", "web");

        Assert.Equal(404, (await app.GetAsync($"/api/0/projects/default/default/keys/{key}/")).Status);
        Assert.Equal(200, (await app.GetAsync($"/api/0/projects/default/web/keys/{key}/")).Status);
    }

    [Fact]
    public async Task A_person_sees_the_organizations_that_they_belong_to()
    {
        await using var app = await VedetteApp.StartAsync();
        await app.AddOrganizationAsync("other");
        var token = await app.AddPersonAsync("p@other.example", "other", MemberRole.Member);

        var listed = await app.GetAsync("/api/0/organizations/", token);

        Assert.Equal(["other"], listed.List.Select(organization => ((JsonMap)organization!).Text("slug")));
    }
}
