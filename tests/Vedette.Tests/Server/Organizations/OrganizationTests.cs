using Vedette.Server.Authorization;
using Vedette.Tests.Harness;
using Vedette.Wire.Json;
using Xunit;

namespace Vedette.Tests.Server.Organizations;

/// <summary>Organizations that people make, rename and delete.</summary>
public sealed class OrganizationTests
{
    private const string Organizations = "/api/0/organizations/";

    [Theory, EachDatabase]
    public async Task Whoever_makes_an_organization_owns_it(DatabaseKind database)
    {
        await using var app = await VedetteApp.StartAsync(database, new FakeClock());
        var member = await app.AddPersonAsync("ada@example.org", "default", MemberRole.Member);

        var made = await app.ApiAsync(HttpMethod.Post, Organizations, """{"name":"Ada's Äpfel & Co"}""", member);

        Assert.Equal(201, made.Status);
        Assert.Equal(("Ada's Äpfel & Co", "active", "2026-03-01T12:00:00.000000Z"), (made.Map.Text("name"), made.Map.Map("status")!.Text("id"), made.Map.Text("dateCreated")));
        var slug = made.Map.Text("slug");
        Assert.Equal("ada-s-pfel-co", slug);
        Assert.Equal(["default", slug], (await app.GetAsync(Organizations, member)).List.Select(each => ((JsonMap)each!).Text("slug")));
        Assert.Equal("owner", (await app.GetAsync($"{Organizations}{slug}/members/me/", member)).Map.Text("role"));
        Assert.Empty((await app.GetAsync($"{Organizations}{slug}/teams/", member)).List);
        Assert.Equal(404, (await app.GetAsync($"{Organizations}{slug}/")).Status);
        var entry = (JsonMap)Assert.Single((await app.GetAsync($"{Organizations}{slug}/audit-logs/", member)).Map.List("rows")!)!;
        Assert.Equal(("org.create", "127.0.0.1", "ada@example.org"), (entry.Text("event"), entry.Text("ipAddress"), entry.Map("actor")!.Text("name")));
    }

    [Theory]
    [InlineData("{}", 400, """{"name":["This field is required."]}""")]
    [InlineData("""{"name":null}""", 400, """{"name":["This field may not be null."]}""")]
    [InlineData("""{"name":"  "}""", 400, """{"name":["This field may not be blank."]}""")]
    [InlineData("""{"name":7}""", 400, """{"name":["Not a valid string."]}""")]
    [InlineData("""{"name":"12345678901234567890123456789012345678901234567890123456789012345"}""", 400, """{"name":["Ensure this field has no more than 64 characters."]}""")]
    [InlineData("""{"name":"Acme","slug":"Ac me"}""", 400, """{"slug":["Enter a valid slug consisting of lowercase letters, numbers, underscores or hyphens. It cannot be entirely numeric."]}""")]
    [InlineData("""{"name":"Acme","slug":"42"}""", 400, """{"slug":["Enter a valid slug consisting of lowercase letters, numbers, underscores or hyphens. It cannot be entirely numeric."]}""")]
    [InlineData("""{"name":"Acme","slug":"api"}""", 400, """{"slug":["The slug \"api\" is reserved and not allowed."]}""")]
    [InlineData("""{"name":"Acme","slug":"default"}""", 409, """{"detail":"An organization with this slug already exists."}""")]
    public async Task A_wrong_organization_is_not_made(string body, int status, string answer)
    {
        await using var app = await VedetteApp.StartAsync();

        Assert.Equal((status, answer), await app.AskAsync(HttpMethod.Post, Organizations, $"Bearer {app.FirstStart.Token}", body));
        Assert.Single((await app.GetAsync(Organizations)).List);
    }

    [Fact]
    public async Task A_name_whose_slug_is_taken_or_reserved_gets_another()
    {
        await using var app = await VedetteApp.StartAsync();

        foreach (var (name, start) in new[] { ("Default", "default-"), ("API", "api-"), ("2026", "2026-"), ("???", "") })
        {
            var made = await app.ApiAsync(HttpMethod.Post, Organizations, $$"""{"name":"{{name}}"}""");
            Assert.Equal(201, made.Status);
            Assert.StartsWith(start, made.Map.Text("slug"), StringComparison.Ordinal);
            Assert.Matches("[a-z]{6}$", made.Map.Text("slug"));
        }
    }

    [Theory, EachDatabase]
    public async Task An_organization_is_renamed_and_found_by_its_new_slug(DatabaseKind database)
    {
        await using var app = await VedetteApp.StartAsync(database);
        await app.AddOrganizationAsync("other");
        var shown = (await app.GetAsync($"{Organizations}default/")).Map;

        var changed = await app.ApiAsync(HttpMethod.Put, $"{Organizations}default/", $$"""{"id":"{{shown.Text("id")}}","name":"Acme","slug":"acme"}""");

        Assert.Equal((200, "Acme", "acme"), (changed.Status, changed.Map.Text("name"), changed.Map.Text("slug")));
        Assert.Equal(404, (await app.GetAsync($"{Organizations}default/")).Status);
        Assert.Equal("Acme", (await app.GetAsync($"{Organizations}acme/")).Map.Text("name"));
        Assert.Equal(
            (400, """{"slug":["The slug \"other\" is already in use."]}"""),
            await app.AskAsync(HttpMethod.Put, $"{Organizations}acme/", $"Bearer {app.FirstStart.Token}", """{"slug":"other"}"""));
        Assert.Equal(
            (400, """{"require2FA":["Cannot be changed in this version."]}"""),
            await app.AskAsync(HttpMethod.Put, $"{Organizations}acme/", $"Bearer {app.FirstStart.Token}", """{"require2FA":true}"""));
        Assert.Equal(["org.edit"], await app.AuditedAsync("acme"));
    }

    [Theory, EachDatabase]
    public async Task Two_who_want_the_same_slug_at_once_do_not_both_get_it(DatabaseKind database)
    {
        await using var app = await VedetteApp.StartAsync(database);

        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => app.ApiAsync(HttpMethod.Post, Organizations, """{"name":"Acme","slug":"acme"}""")));

        Assert.Equal([201, 409, 409, 409, 409, 409, 409, 409], answers.Select(answer => answer.Status).Order());
    }

    [Theory, EachDatabase]
    public async Task A_deleted_organization_is_gone_for_everybody_at_once(DatabaseKind database)
    {
        await using var app = await VedetteApp.StartAsync(database, new FakeClock());
        var made = await app.CreateAppAsync("http://127.0.0.1:9/");
        var shown = (await app.GetAsync($"{Organizations}default/")).Map;
        var member = await app.AddPersonAsync("ada@example.org", "default", MemberRole.Member);

        var (status, body) = await app.AskAsync(HttpMethod.Delete, $"{Organizations}default/", $"Bearer {app.FirstStart.Token}");

        Assert.Equal(202, status);
        Assert.Contains("\"status\":{\"id\":\"pending_deletion\",\"name\":\"pending deletion\"}", body, StringComparison.Ordinal);
        foreach (var token in new[] { app.FirstStart.Token, member })
        {
            Assert.Equal(404, (await app.GetAsync($"{Organizations}default/", token)).Status);
            Assert.Equal(404, (await app.GetAsync($"{Organizations}{shown.Text("id")}/", token)).Status);
            Assert.Empty((await app.GetAsync(Organizations, token)).List);
            Assert.Equal(404, (await app.GetAsync($"/api/0/sentry-apps/{made.Text("slug")}/", token)).Status);
        }

        Assert.Equal(403, (await app.SendEventAsync("""{"message":"too late"}""")).Status);
        Assert.Equal(201, (await app.ApiAsync(HttpMethod.Post, Organizations, """{"name":"Default","slug":"default"}""")).Status);
    }

    [Fact]
    public async Task The_next_start_of_a_server_whose_organizations_are_all_deleted_makes_none()
    {
        var clock = new FakeClock();
        await using var app = await VedetteApp.StartAsync(time: clock);
        await app.ApiAsync(HttpMethod.Delete, $"{Organizations}default/");
        await clock.AdvanceUntilAsync(
            TimeSpan.FromSeconds(1), async () => await app.CountAsync("organization") == 0, "the end of the organization");

        await app.RestartAsync();

        Assert.Equal(201, (await app.ApiAsync(HttpMethod.Post, Organizations, """{"name":"Again"}""")).Status);
        Assert.Equal(1, await app.CountAsync("account"));
    }
}
