using Vedette.Server.Authorization;
using Vedette.Tests.Harness;
using Vedette.Wire.Json;
using Xunit;
using static Vedette.Tests.Harness.OAuthApps;

namespace Vedette.Tests.Server.OAuth;

public sealed class AuthorizationTests
{
    private const string Page = "/settings/account/authorizations/";

    [Theory, EachDatabase]
    public async Task Who_let_an_application_in_sees_it_and_shuts_it_out(DatabaseKind database)
    {
        await using var app = await VedetteApp.StartAsync(database);
        var application = await app.CreateApplicationAsync();
        using var visitor = await PageVisitor.LoggedInAsync(app);
        Assert.Contains("No application acts for you", (await visitor.GetAsync(Page)).Text, StringComparison.Ordinal);
        var token = await app.ConnectAsync(visitor, application, "event:write org:read");
        var code = await visitor.CodeAsync(AuthorizePath(application, "&force_prompt=1"));

        var page = await visitor.GetAsync(Page);
        foreach (var text in new[] { "Ticket Bridge", "every organization of yours", "Change, assign and comment on issues", "It holds tokens." })
            Assert.Contains(text, page.Text, StringComparison.Ordinal);
        var revoked = await visitor.PostAsync(Page, ("authorization", "1"));
        Assert.Equal((302, $"{Page}?revoked=1"), (revoked.Status, revoked.Location));

        Assert.Contains("Access was revoked", (await visitor.GetAsync(revoked.Location!)).Text, StringComparison.Ordinal);
        Assert.Equal(401, (await app.GetAsync("/api/0/organizations/default/", token.Text("access_token"))).Status);
        Assert.Equal("invalid_grant", (await app.ByRefreshTokenAsync(application, token.Text("refresh_token")!)).Map.Text("error"));
        Assert.Equal("invalid_grant", (await app.ByCodeAsync(application, code)).Map.Text("error"));
        Assert.Equal(["oauth-application.revoke", "oauth-application.allow", "oauth-application.allow"], (await app.AuditedAsync()).Where(name => name.StartsWith("oauth", StringComparison.Ordinal)));
        Assert.Equal(200, (await visitor.GetAsync(AuthorizePath(application))).Status); // and is asked again
    }

    [Fact]
    public async Task The_same_by_the_API_and_only_ones_own()
    {
        await using var app = await VedetteApp.StartAsync();
        var application = await app.CreateApplicationAsync();
        using var visitor = await PageVisitor.LoggedInAsync(app);
        await app.ConnectAsync(visitor, application);
        await app.AddPersonAsync("ada@example.org", "default", MemberRole.Owner);
        using var other = await LoggedIn.AsAsync(app, "ada@example.org", "a password");
        using var browser = await LoggedIn.AsAsync(app);
        const string Path = "/api/0/api-authorizations/";

        var listed = (JsonMap)Assert.Single((await browser.GetAsync(Path)).List)!;
        Assert.Equal(("Ticket Bridge", application.Text("id"), null), (listed.Map("application")!.Text("name"), listed.Map("application")!.Text("id"), listed["organization"]));
        Assert.Equal(["event:read"], listed.List("scopes")!);
        Assert.Empty((await other.GetAsync(Path)).List);
        Assert.Equal(404, (await other.ApiAsync(HttpMethod.Delete, Path, $$"""{"authorization":{{listed.Text("id")}}}""")).Status);
        Assert.Equal("""{"authorization":["This field is required."]}""", (await browser.ApiAsync(HttpMethod.Delete, Path, "{}")).Json.JsonText());
        Assert.Equal(204, (await browser.ApiAsync(HttpMethod.Delete, Path, $$"""{"authorization":{{listed.Text("id")}}}""")).Status);
        Assert.Equal(404, (await browser.ApiAsync(HttpMethod.Delete, Path, $$"""{"authorization":"{{listed.Text("id")}}"}""")).Status);
    }

    [Fact]
    public async Task A_token_tells_of_its_person_as_far_as_it_may()
    {
        await using var app = await VedetteApp.StartAsync();
        var application = await app.CreateApplicationAsync();
        using var visitor = await PageVisitor.LoggedInAsync(app);

        Assert.Equal(
            (400, """{"detail":{"code":"parameter-validation-error","message":"Bearer token not found in authorization header","extra":{"context":""}}}"""),
            await app.AskAsync(HttpMethod.Get, "/oauth/userinfo/"));
        Assert.Equal((404, """{"detail":"Access token not found"}"""), await app.AskAsync(HttpMethod.Get, "/oauth/userinfo/", "Bearer nonsense"));
        Assert.Equal(
            (403, """{"detail":{"code":"insufficient-scope","message":"openid scope is required for userinfo access","extra":{}}}"""),
            await WithAsync("event:read"));
        Assert.Equal((200, """{"sub":1}"""), await WithAsync("openid"));
        Assert.Equal((200, $$"""{"sub":1,"email":"{{app.FirstStart.Email}}","email_verified":true}"""), await WithAsync("openid email"));
        var (_, profile) = await WithAsync("openid profile");
        Assert.StartsWith("""{"sub":1,"name":""", profile, StringComparison.Ordinal);
        Assert.Contains("\"date_joined\":\"", profile, StringComparison.Ordinal);

        async Task<(int, string)> WithAsync(string scope) => await app.AskAsync(
            HttpMethod.Get, "/oauth/userinfo/", $"Bearer {(await app.ConnectAsync(visitor, application, scope)).Text("access_token")}");
    }

    [Fact]
    public async Task Clients_find_out_where_things_are()
    {
        await using var app = await VedetteApp.StartAsync();

        using var response = await app.Client.GetAsync("/.well-known/oauth-authorization-server");
        var found = (await VedetteApp.ReadAsync(response)).Map;

        Assert.Equal("max-age=3600, public", string.Join(", ", response.Headers.CacheControl!.ToString().Split(", ").Order(StringComparer.Ordinal)));
        Assert.Equal(
            [
                "issuer", "authorization_endpoint", "token_endpoint", "userinfo_endpoint", "device_authorization_endpoint", "revocation_endpoint",
                "response_types_supported", "grant_types_supported", "code_challenge_methods_supported", "token_endpoint_auth_methods_supported",
                "revocation_endpoint_auth_methods_supported", "scopes_supported",
            ],
            found.Members.Select(member => member.Key));
        Assert.Equal(app.Url, found.Text("issuer"));
        Assert.Equal($"{app.Url}/oauth/authorize/", found.Text("authorization_endpoint"));
        Assert.Equal("""["S256"]""", found["code_challenge_methods_supported"].JsonText());
    }
}
