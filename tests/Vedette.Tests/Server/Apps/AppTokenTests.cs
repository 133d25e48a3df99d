using Vedette.Server.Authorization;
using Vedette.Tests.Harness;
using Vedette.Wire.Json;
using Xunit;

namespace Vedette.Tests.Server.Apps;

public sealed class AppTokenTests
{
    private const string Url = "https://bridge.example/hook";
    private const string Mask = "****************************************************************";

    [Theory, EachDatabase]
    public async Task An_internal_app_has_up_to_twenty_tokens(DatabaseKind database)
    {
        await using var app = await VedetteApp.StartAsync(database);
        var path = $"/api/0/sentry-apps/{(await app.CreateAppAsync(Url)).Text("slug")}/api-tokens/";
        using var browser = await LoggedIn.AsAsync(app);

        var made = await browser.ApiAsync(HttpMethod.Post, path);
        Assert.Equal(201, made.Status);
        Assert.Equal(
            ["id", "scopes", "name", "application", "expiresAt", "dateCreated", "state", "tokenLastCharacters", "token", "refreshToken"],
            made.Map.Members.Select(member => member.Key));
        Assert.Matches("^[0-9a-f]{64}$", made.Map.Text("token"));
        Assert.Equal(200, (await app.GetAsync("/api/0/organizations/default/issues/", made.Map.Text("token"))).Status);
        Assert.Equal(403, (await app.GetAsync("/api/0/organizations/default/", made.Map.Text("token"))).Status);

        var twentyMore = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => browser.ApiAsync(HttpMethod.Post, path)));
        Assert.Equal(19, twentyMore.Count(answer => answer.Status == 201));
        Assert.Equal("Cannot generate more than 20 tokens for a single integration", twentyMore.Single(answer => answer.Status == 403).Json);

        var listed = (await browser.GetAsync(path)).List;
        Assert.Equal(20, listed.Count);
        Assert.DoesNotContain(listed, item => ((JsonMap)item!).Contains("token"));
        Assert.Equal(204, (await browser.ApiAsync(HttpMethod.Delete, $"{path}{made.Map.Text("id")}/")).Status);
        Assert.Equal(404, (await browser.ApiAsync(HttpMethod.Delete, $"{path}{made.Map.Text("id")}/")).Status);
        Assert.Equal(401, (await app.GetAsync("/api/0/organizations/default/issues/", made.Map.Text("token"))).Status);
    }

    [Fact]
    public async Task A_public_app_has_none()
    {
        await using var app = await VedetteApp.StartAsync();
        var path = $"/api/0/sentry-apps/{(await app.CreatePublicAppAsync(Url)).Text("slug")}/api-tokens/";
        using var browser = await LoggedIn.AsAsync(app);

        Assert.Empty((await browser.GetAsync(path)).List);
        var answer = await browser.ApiAsync(HttpMethod.Post, path);
        Assert.Equal((403, "This route is limited to internal integrations only"), (answer.Status, answer.Json));
    }

    [Fact]
    public async Task Who_may_do_less_than_the_app_does_not_see_its_tokens()
    {
        await using var app = await VedetteApp.StartAsync();
        var path = $"/api/0/sentry-apps/{(await app.CreateAppAsync(Url, more: ""","scopes":["event:read","org:admin"]""")).Text("slug")}/api-tokens/";
        await app.AddPersonAsync("manager@example.org", "default", MemberRole.Manager);
        using var manager = await LoggedIn.AsAsync(app, "manager@example.org", "a password");

        var made = await manager.ApiAsync(HttpMethod.Post, path);

        Assert.Equal((201, Mask, Mask), (made.Status, made.Map.Text("token"), made.Map.Text("refreshToken")));
        var listed = (JsonMap)(await manager.GetAsync(path)).List.Single()!;
        Assert.Equal((Mask, Mask), (listed.Text("token"), listed.Text("refreshToken")));
    }

    [Fact]
    public async Task A_token_of_another_app_is_not_found()
    {
        await using var app = await VedetteApp.StartAsync();
        var one = $"/api/0/sentry-apps/{(await app.CreateAppAsync(Url)).Text("slug")}/api-tokens/";
        var two = $"/api/0/sentry-apps/{(await app.CreateAppAsync(Url)).Text("slug")}/api-tokens/";
        using var browser = await LoggedIn.AsAsync(app);
        var made = await browser.ApiAsync(HttpMethod.Post, one);

        Assert.Equal(404, (await browser.ApiAsync(HttpMethod.Delete, $"{two}{made.Map.Text("id")}/")).Status);
    }

    /// <summary>Design: an app whose token holds org:write may create apps in its own organization.</summary>
    [Fact]
    public async Task An_app_that_may_creates_apps_and_is_named_as_who_acted()
    {
        await using var receiver = new TestReceiver();
        await using var app = await VedetteApp.StartAsync();
        var made = await app.CreateAppAsync(receiver.Url, """["issue.resolved"]""", ""","scopes":["event:read","event:write","org:write"]""");
        using var browser = await LoggedIn.AsAsync(app);
        var token = (await browser.ApiAsync(HttpMethod.Post, $"/api/0/sentry-apps/{made.Text("slug")}/api-tokens/")).Map.Text("token");

        var child = await app.ApiAsync(HttpMethod.Post, "/api/0/sentry-apps/", """{"name":"Child","organization":"default","isInternal":true}""", token);
        Assert.Equal(201, child.Status);
        var entry = (JsonMap)(await app.GetAsync("/api/0/organizations/default/audit-logs/?event=internal-integration.create")).Map.List("rows")![0]!;
        Assert.Equal(made.Text("slug"), entry.Map("actor")!.Text("name"));

        await app.SendEventAsync("""{"message":"there"}""");
        Assert.Equal(200, (await app.ApiAsync(HttpMethod.Put, "/api/0/organizations/default/issues/1/", """{"status":"resolved"}""", token)).Status);
        var actor = (await receiver.WaitForAsync(1))[0].Json.Map("actor")!;
        Assert.Equal(("application", made.Text("uuid"), "Bridge"), (actor.Text("type"), actor.Text("id"), actor.Text("name")));
    }
}
