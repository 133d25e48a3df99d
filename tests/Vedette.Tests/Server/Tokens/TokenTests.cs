using System.Text;
using Vedette.Server.Authorization;
using Vedette.Tests.Harness;
using Vedette.Wire.Json;
using Xunit;

namespace Vedette.Tests.Server.Tokens;

public sealed class TokenTests
{
    private const string Mine = "/api/0/api-tokens/";
    private const string Ours = "/api/0/organizations/default/org-auth-tokens/";

    [Theory, EachDatabase]
    public async Task A_person_makes_names_lists_and_removes_tokens(DatabaseKind database)
    {
        await using var app = await VedetteApp.StartAsync(database);
        using var browser = await LoggedIn.AsAsync(app);

        var made = await browser.ApiAsync(HttpMethod.Post, Mine, """{"name":"script","scopes":["org:write"]}""");
        Assert.Equal(201, made.Status);
        Assert.Matches("^sntryu_[0-9a-f]{64}$", made.Map.Text("token"));
        Assert.Equal(["org:read", "org:write"], made.Map.List("scopes")!);
        Assert.Equal(200, (await app.GetAsync("/api/0/organizations/default/", made.Map.Text("token"))).Status);
        Assert.Equal(403, (await app.GetAsync("/api/0/organizations/default/issues/", made.Map.Text("token"))).Status);

        var path = $"{Mine}{made.Map.Text("id")}/";
        Assert.Equal(204, (await browser.ApiAsync(HttpMethod.Put, path, """{"name":"other"}""")).Status);
        var listed = (JsonMap)(await browser.GetAsync(Mine)).List[0]!;
        Assert.Equal(("other", false), (listed.Text("name"), listed.Contains("token")));
        Assert.Equal(made.Map.Text("token")![^4..], listed.Text("tokenLastCharacters"));

        Assert.Equal(204, (await browser.ApiAsync(HttpMethod.Delete, path)).Status);
        Assert.Equal(404, (await browser.ApiAsync(HttpMethod.Delete, path)).Status);
        Assert.Equal(401, (await app.GetAsync("/api/0/organizations/default/", made.Map.Text("token"))).Status);
    }

    [Fact]
    public async Task A_token_makes_no_tokens_and_nobody_sees_those_of_others()
    {
        await using var app = await VedetteApp.StartAsync();
        await app.AddPersonAsync("other@example.org", "default", MemberRole.Owner);
        using var owner = await LoggedIn.AsAsync(app);
        using var other = await LoggedIn.AsAsync(app, "other@example.org", "a password");
        var path = $"{Mine}{(await owner.ApiAsync(HttpMethod.Post, Mine, """{"scopes":["org:read"]}""")).Map.Text("id")}/";

        Assert.Equal(403, (await app.GetAsync(Mine)).Status);
        Assert.Equal(403, (await app.ApiAsync(HttpMethod.Post, Mine, """{"scopes":["org:read"]}""")).Status);
        Assert.Equal(404, (await other.ApiAsync(HttpMethod.Delete, path)).Status);
        Assert.Equal(404, (await other.ApiAsync(HttpMethod.Put, path, """{"name":"mine"}""")).Status);
        Assert.Single((await other.GetAsync(Mine)).List);
    }

    [Theory]
    [InlineData("{}", """{"scopes":["This field is required."]}""")]
    [InlineData("""{"scopes":[]}""", """{"scopes":["Expected a list of one scope at least."]}""")]
    [InlineData("""{"scopes":["org:eat"]}""", """{"scopes":["\"org:eat\" is not a valid choice."]}""")]
    [InlineData("""{"scopes":["org:read"],"name":7}""", """{"name":["Not a valid string."]}""")]
    public async Task A_wrong_field_is_named(string body, string refusal)
    {
        await using var app = await VedetteApp.StartAsync();
        using var browser = await LoggedIn.AsAsync(app);

        var answer = await browser.ApiAsync(HttpMethod.Post, Mine, body);

        Assert.Equal((400, refusal), (answer.Status, Text(answer.Json)));
    }

    [Theory, EachDatabase]
    public async Task A_token_of_the_organization_says_where_it_is_for_and_can_do_nothing_else(DatabaseKind database)
    {
        await using var app = await VedetteApp.StartAsync(database);

        var made = await app.ApiAsync(HttpMethod.Post, Ours, """{"name":"ci"}""");
        Assert.Equal(201, made.Status);
        var token = made.Map.Text("token")!;
        Assert.Matches("^sntrys_[A-Za-z0-9+/=]+_[A-Za-z0-9+/]{43}$", token);
        Assert.True(LenientJson.TryParse(Convert.FromBase64String(token.Split('_')[1]), out var about, out _));
        Assert.Equal(("default", app.Url), (((JsonMap)about!).Text("org"), ((JsonMap)about).Text("url")));

        var index = await app.GetAsync("/api/0/", token);
        Assert.Equal(["org:ci"], index.Map.Map("auth")!.List("scopes")!);
        Assert.Null(index.Map["user"]);
        Assert.Equal(403, (await app.GetAsync("/api/0/users/me/", token)).Status);
        Assert.Equal(403, (await app.GetAsync("/api/0/organizations/default/issues/", token)).Status);
        Assert.Equal((401, """{"detail":"Invalid org token"}"""), await app.AskAsync(HttpMethod.Get, "/api/0/", "Bearer sntrys_x_y"));

        var path = $"{Ours}{made.Map.Text("id")}/";
        Assert.Equal(204, (await app.ApiAsync(HttpMethod.Put, path, """{"name":"build"}""")).Status);
        Assert.Equal("build", ((JsonMap)(await app.GetAsync(Ours)).List.Single()!).Text("name"));
        Assert.Equal(204, (await app.ApiAsync(HttpMethod.Delete, path)).Status);
        Assert.Equal(401, (await app.GetAsync("/api/0/", token)).Status);
    }

    private static string Text(object? value)
    {
        var json = new StableJsonWriter();
        json.Value(value);
        return Encoding.UTF8.GetString(json.WrittenSpan);
    }
}
