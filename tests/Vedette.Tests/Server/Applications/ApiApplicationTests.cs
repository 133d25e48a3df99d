using Vedette.Server.Authorization;
using Vedette.Tests.Harness;
using Vedette.Wire.Json;
using Xunit;

namespace Vedette.Tests.Server.Applications;

public sealed class ApiApplicationTests
{
    private const string List = "/api/0/api-applications/";

    [Theory, EachDatabase]
    public async Task It_is_made_of_nothing_changed_and_deleted(DatabaseKind database)
    {
        var clock = new FakeClock();
        await using var app = await VedetteApp.StartAsync(database, clock);
        using var browser = await LoggedIn.AsAsync(app);

        var made = await browser.ApiAsync(HttpMethod.Post, List);
        Assert.Equal(201, made.Status);
        Assert.Equal(
            ["id", "clientID", "clientSecret", "name", "homepageUrl", "privacyUrl", "termsUrl", "allowedOrigins", "redirectUris", "scopes", "requiresOrgLevelAccess", "isPublic", "dateCreated"],
            made.Map.Members.Select(member => member.Key));
        Assert.Equal(made.Map.Text("clientID"), made.Map.Text("id"));
        Assert.Matches("^[A-Z][a-z]+ [A-Z][a-z]+$", made.Map.Text("name"));
        Assert.Matches("^[0-9a-f]{64}$", made.Map.Text("clientSecret"));

        var path = $"{List}{made.Map.Text("id")}/";
        var changed = await browser.ApiAsync(HttpMethod.Put, path, """
            {"name":"Bridge","redirectUris":["https://a.example/cb"],"allowedOrigins":["a.example"],"homepageUrl":"https://a.example/",
             "privacyUrl":"https://a.example/p","termsUrl":"https://a.example/t","scopes":["event:write"],"requiresOrgLevelAccess":true}
            """);
        Assert.Equal((200, "Bridge"), (changed.Status, changed.Map.Text("name")));
        Assert.Equal(["event:read", "event:write"], changed.Map.List("scopes")!);
        Assert.Equal(changed.Map.JsonText(), (await browser.GetAsync(path)).Map.JsonText());

        // Its secret can be read for five minutes.
        clock.Advance(TimeSpan.FromMinutes(5));
        Assert.Null((await browser.GetAsync(path)).Map["clientSecret"]);
        Assert.Null(((JsonMap)Assert.Single((await browser.GetAsync(List)).List)!)["clientSecret"]);
        var rotated = (await browser.ApiAsync(HttpMethod.Post, $"{path}rotate-secret/")).Map.Text("clientSecret");
        Assert.NotEqual(made.Map.Text("clientSecret"), rotated);
        Assert.Equal(rotated, (await browser.GetAsync(path)).Map.Text("clientSecret"));

        Assert.Equal(204, (await browser.ApiAsync(HttpMethod.Delete, path)).Status);
        Assert.Equal(404, (await browser.ApiAsync(HttpMethod.Delete, path)).Status);
        Assert.Empty((await browser.GetAsync(List)).List);
    }

    [Fact]
    public async Task A_public_client_has_no_secret()
    {
        await using var app = await VedetteApp.StartAsync();
        using var browser = await LoggedIn.AsAsync(app);

        var made = await app.CreateApplicationAsync(""","isPublic":true""", browser);

        Assert.Equal((null, true), (made["clientSecret"], made["isPublic"]));
        var rotation = await browser.ApiAsync(HttpMethod.Post, $"{List}{made.Text("id")}/rotate-secret/");
        Assert.Equal((400, """{"detail":"A public client has no secret."}"""), (rotation.Status, rotation.Json.JsonText()));
    }

    [Fact]
    public async Task Others_and_tokens_find_nothing()
    {
        await using var app = await VedetteApp.StartAsync();
        var made = await app.CreateApplicationAsync();
        await app.AddPersonAsync("ada@example.org", "default", MemberRole.Owner);
        using var other = await LoggedIn.AsAsync(app, "ada@example.org", "a password");
        var path = $"{List}{made.Text("id")}/";

        Assert.Empty((await other.GetAsync(List)).List);
        Assert.Equal(404, (await other.GetAsync(path)).Status);
        Assert.Equal(404, (await other.ApiAsync(HttpMethod.Put, path, """{"name":"Mine"}""")).Status);
        Assert.Equal(404, (await other.ApiAsync(HttpMethod.Delete, path)).Status);
        Assert.Equal(404, (await other.ApiAsync(HttpMethod.Post, $"{path}rotate-secret/")).Status);
        Assert.Equal(403, (await app.GetAsync(List)).Status);
        Assert.Equal(404, (await other.GetAsync($"{List}vedette-cli/")).Status);
    }

    [Theory]
    [InlineData("""{"name":""}""", """{"name":["This field may not be blank."]}""")]
    [InlineData("""{"name":null}""", """{"name":["This field may not be null."]}""")]
    [InlineData("""{"name":7}""", """{"name":["Not a valid string."]}""")]
    [InlineData("""{"name":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"}""", """{"name":["Ensure this field has no more than 64 characters."]}""")]
    [InlineData("""{"homepageUrl":"javascript:alert(1)"}""", """{"homepageUrl":["Enter a valid URL."]}""")]
    [InlineData("""{"privacyUrl":7}""", """{"privacyUrl":["Not a valid string."]}""")]
    [InlineData("""{"redirectUris":"https://a.example"}""", """{"redirectUris":["Expected a list of strings."]}""")]
    [InlineData("""{"redirectUris":["javascript:alert(1)"]}""", """{"redirectUris":["Enter a valid URL."]}""")]
    [InlineData("""{"redirectUris":["https://a.example/#x"]}""", """{"redirectUris":["A redirect URI has no fragment."]}""")]
    [InlineData("""{"allowedOrigins":["*"]}""", """{"allowedOrigins":["'*' not allowed in origin"]}""")]
    [InlineData("""{"scopes":["nonsense"]}""", """{"scopes":["nonsense not a valid scope"]}""")]
    [InlineData("""{"requiresOrgLevelAccess":"yes"}""", """{"requiresOrgLevelAccess":["Must be a valid boolean."]}""")]
    public async Task Wrong_fields_are_named(string body, string refusal)
    {
        await using var app = await VedetteApp.StartAsync();
        using var browser = await LoggedIn.AsAsync(app);
        var made = await app.CreateApplicationAsync(browser: browser);

        var answer = await browser.ApiAsync(HttpMethod.Put, $"{List}{made.Text("id")}/", body);

        Assert.Equal((400, refusal), (answer.Status, answer.Json.JsonText()));
    }
}
