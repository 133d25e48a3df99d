using System.Net.Http.Headers;
using System.Text;
using Vedette.Server.Authorization;
using Vedette.Tests.Harness;
using Vedette.Wire.Json;
using Xunit;
using static Vedette.Tests.Harness.OAuthApps;

namespace Vedette.Tests.Server.OAuth;

public sealed class TokenEndpointTests
{
    [Theory]
    [InlineData("client_id=ID&client_secret=SECRET", 400, "invalid_request")] // no grant type
    [InlineData("grant_type=nonsense&client_id=ID", 400, "unsupported_grant_type")] // before the credentials
    [InlineData("grant_type=client_credentials&client_id=ID&client_secret=SECRET", 400, "unsupported_grant_type")]
    [InlineData("grant_type=authorization_code&code=x", 401, "invalid_client")]
    [InlineData("grant_type=authorization_code&code=x&client_id=nonsense&client_secret=SECRET", 401, "invalid_client")]
    [InlineData("grant_type=authorization_code&code=x&client_id=ID", 401, "invalid_client")]
    [InlineData("grant_type=authorization_code&code=x&client_id=ID&client_secret=wrong", 401, "invalid_client")]
    [InlineData("grant_type=authorization_code&code=x&client_id=ID&client_secret=", 401, "invalid_client")]
    [InlineData("grant_type=authorization_code&code=x&client_id=PUBLIC&client_secret=SECRET", 401, "invalid_client")]
    [InlineData("grant_type=authorization_code&client_id=ID&client_secret=SECRET", 400, "invalid_request")]
    [InlineData("grant_type=authorization_code&code=wrong&client_id=ID&client_secret=SECRET", 400, "invalid_grant")]
    [InlineData("grant_type=authorization_code&code=wrong&client_id=PUBLIC", 400, "invalid_grant")]
    [InlineData("grant_type=authorization_code&grant_type=authorization_code&code=x&client_id=ID&client_secret=SECRET", 400, "invalid_request")]
    [InlineData("grant_type=authorization_code&code=%00&client_id=%00&client_secret=SECRET", 400, "invalid_request")]
    [InlineData("grant_type=refresh_token&client_id=ID&client_secret=SECRET", 400, "invalid_request")]
    [InlineData("grant_type=refresh_token&refresh_token=wrong&client_id=ID&client_secret=SECRET", 400, "invalid_grant")]
    [InlineData("grant_type=refresh_token&refresh_token=wrong&scope=event:read&client_id=ID&client_secret=SECRET", 400, "invalid_request")]
    [InlineData("grant_type=urn:ietf:params:oauth:grant-type:device_code&client_id=PUBLIC", 400, "invalid_request")]
    [InlineData("grant_type=urn:ietf:params:oauth:grant-type:device_code&device_code=wrong&client_id=PUBLIC", 400, "invalid_grant")]
    [InlineData("grant_type=urn:ietf:params:oauth:grant-type:device_code&device_code=wrong&client_id=ID", 401, "invalid_client")]
    public async Task Errors_say_their_code_and_nothing_else(string form, int status, string error)
    {
        await using var app = await VedetteApp.StartAsync();
        var (application, open) = (await app.CreateApplicationAsync(), await app.CreateApplicationAsync(""","isPublic":true"""));
        form = form.Replace("SECRET", application.Text("clientSecret"), StringComparison.Ordinal)
            .Replace("PUBLIC", open.Text("clientID"), StringComparison.Ordinal).Replace("=ID", $"={application.Text("clientID")}", StringComparison.Ordinal);

        using var content = new StringContent(form, Encoding.ASCII, "application/x-www-form-urlencoded");
        using var response = await app.Client.PostAsync("/oauth/token/", content);

        Assert.Equal((status, $$"""{"error":"{{error}}"}"""), ((int)response.StatusCode, await response.Content.ReadAsStringAsync()));
        Assert.True(response.Headers.CacheControl!.NoStore);
        Assert.Equal(status == 401 ? "Basic realm=\"oauth\"" : "", response.Headers.WwwAuthenticate.ToString());
    }

    [Theory]
    [InlineData("application/json", """{"grant_type":"authorization_code"}""")]
    [InlineData("text/plain", "grant_type=authorization_code")]
    [InlineData("multipart/form-data; boundary=x", "nonsense")]
    public async Task What_is_no_form_is_an_invalid_request(string type, string body)
    {
        await using var app = await VedetteApp.StartAsync();
        using var content = new StringContent(body);
        content.Headers.ContentType = MediaTypeHeaderValue.Parse(type);

        using var response = await app.Client.PostAsync("/oauth/token/", content);

        Assert.Equal((400, """{"error":"invalid_request"}"""), ((int)response.StatusCode, await response.Content.ReadAsStringAsync()));
        Assert.Equal(405, (int)(await app.Client.GetAsync("/oauth/token/")).StatusCode);
    }

    [Fact]
    public async Task Credentials_may_stand_in_the_header_and_nowhere_else_then()
    {
        await using var app = await VedetteApp.StartAsync();
        var application = await app.CreateApplicationAsync();
        var (id, secret) = (application.Text("clientID")!, application.Text("clientSecret")!);
        using var visitor = await PageVisitor.LoggedInAsync(app);
        var code = await visitor.CodeAsync(AuthorizePath(application));

        Assert.Equal((400, "invalid_request"), await AskAsync(LoggedIn.Basic(id, secret), ("client_id", id)));
        Assert.Equal((401, "invalid_client"), await AskAsync(LoggedIn.Basic(id, "wrong")));
        Assert.Equal((401, "invalid_client"), await AskAsync(new AuthenticationHeaderValue("Basic", "%%%")));
        Assert.Equal((401, "invalid_client"), await AskAsync(new AuthenticationHeaderValue("Basic", Convert.ToBase64String(new byte[4000]))));
        Assert.Equal((401, "invalid_client"), await AskAsync(LoggedIn.Basic("%00", "x")));
        Assert.Equal((200, null), await AskAsync(LoggedIn.Basic($"%{(int)id[0]:x2}{id[1..]}", secret))); // form-encoded, RFC 6749 2.3.1

        async Task<(int, string?)> AskAsync(AuthenticationHeaderValue authorization, params (string, string?)[] more)
        {
            var answer = await app.FormAsync("/oauth/token/", [("grant_type", "authorization_code"), ("code", code), ("redirect_uri", Callback), .. more], authorization);
            return (answer.Status, answer.Map.Text("error"));
        }
    }

    [Theory]
    [InlineData(null, Verifier)] // missing counts as another
    [InlineData("https://client.example/callback/", Verifier)]
    [InlineData(Callback, null)]
    [InlineData(Callback, "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXl")]
    [InlineData(Callback, "short")]
    public async Task A_wrong_address_or_proof_uses_the_code_up(string? redirectUri, string? verifier)
    {
        await using var app = await VedetteApp.StartAsync();
        var application = await app.CreateApplicationAsync();
        using var visitor = await PageVisitor.LoggedInAsync(app);
        var code = await visitor.CodeAsync(AuthorizeWithProof(application));

        var wrong = await app.TokenAsync(application, ("grant_type", "authorization_code"), ("code", code), ("redirect_uri", redirectUri), ("code_verifier", verifier));

        Assert.Equal((400, "invalid_grant"), (wrong.Status, wrong.Map.Text("error")));
        Assert.Equal(400, (await app.ByCodeAsync(application, code, ("code_verifier", Verifier))).Status);
    }

    [Fact]
    public async Task A_proof_for_a_code_that_was_asked_for_without_one_is_refused()
    {
        await using var app = await VedetteApp.StartAsync();
        var application = await app.CreateApplicationAsync();
        using var visitor = await PageVisitor.LoggedInAsync(app);

        Assert.Equal(400, (await app.ByCodeAsync(application, await visitor.CodeAsync(AuthorizePath(application)), ("code_verifier", Verifier))).Status);
    }

    [Fact]
    public async Task Codes_and_tokens_of_another_client_are_of_no_use_and_stay_good()
    {
        await using var app = await VedetteApp.StartAsync();
        var (mine, theirs) = (await app.CreateApplicationAsync(), await app.CreateApplicationAsync());
        using var visitor = await PageVisitor.LoggedInAsync(app);
        var code = await visitor.CodeAsync(AuthorizeWithProof(mine));

        Assert.Equal((400, "invalid_grant"), Read(await app.ByCodeAsync(theirs, code, ("code_verifier", Verifier))));
        var token = (await app.ByCodeAsync(mine, code, ("code_verifier", Verifier))).Map;
        Assert.Equal((400, "invalid_grant"), Read(await app.ByRefreshTokenAsync(theirs, token.Text("refresh_token")!)));
        await app.FormAsync("/oauth/revoke/", Revocation(theirs, token.Text("access_token")!));
        Assert.Equal(200, (await app.GetAsync("/api/0/organizations/default/issues/", token.Text("access_token"))).Status);
        Assert.Equal(200, (await app.ByRefreshTokenAsync(mine, token.Text("refresh_token")!)).Status);
    }

    [Fact]
    public async Task Everything_ends_in_time()
    {
        var clock = new FakeClock();
        await using var app = await VedetteApp.StartAsync(time: clock);
        var application = await app.CreateApplicationAsync();
        using var visitor = await PageVisitor.LoggedInAsync(app);
        var late = await visitor.CodeAsync(AuthorizePath(application));
        clock.Advance(TimeSpan.FromMinutes(10));
        Assert.Equal((400, "invalid_grant"), Read(await app.ByCodeAsync(application, late)));

        var token = (await app.ByCodeAsync(application, await visitor.CodeAsync(AuthorizePath(application, "&scope=event:read&force_prompt=1")))).Map;
        clock.Advance(TimeSpan.FromDays(30));
        var expired = await app.AskAsync(HttpMethod.Get, "/api/0/organizations/default/issues/", $"Bearer {token.Text("access_token")}");
        Assert.Equal((401, """{"detail":"Token expired"}"""), expired);
        Assert.Equal(200, (await app.ByRefreshTokenAsync(application, token.Text("refresh_token")!)).Status);
    }

    [Theory, EachDatabase]
    public async Task Of_fifty_that_redeem_at_once_one_wins(DatabaseKind database)
    {
        await using var app = await VedetteApp.StartAsync(database);
        var application = await app.CreateApplicationAsync();
        using var visitor = await PageVisitor.LoggedInAsync(app);
        var code = await visitor.CodeAsync(AuthorizeWithProof(application));

        var byCode = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => app.ByCodeAsync(application, code, ("code_verifier", Verifier))));
        Assert.Equal((1, 49), (byCode.Count(each => each.Status == 200), byCode.Count(each => Read(each) == (400, "invalid_grant"))));
        var refresh = byCode.Single(each => each.Status == 200).Map.Text("refresh_token")!;
        var byToken = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => app.ByRefreshTokenAsync(application, refresh)));
        Assert.Equal((1, 49), (byToken.Count(each => each.Status == 200), byToken.Count(each => Read(each) == (400, "invalid_grant"))));
        Assert.Equal(1, await app.CountAsync("api_token where authorization_id is not null"));
    }

    [Theory, EachDatabase]
    public async Task A_refresh_token_replaces_both(DatabaseKind database)
    {
        await using var app = await VedetteApp.StartAsync(database);
        var application = await app.CreateApplicationAsync();
        using var visitor = await PageVisitor.LoggedInAsync(app);
        var first = await app.ConnectAsync(visitor, application);

        var second = (await app.ByRefreshTokenAsync(application, first.Text("refresh_token")!)).Map;

        Assert.Equal(401, (await app.GetAsync("/api/0/organizations/default/issues/", first.Text("access_token"))).Status);
        Assert.Equal(200, (await app.GetAsync("/api/0/organizations/default/issues/", second.Text("access_token"))).Status);
        Assert.Equal((400, "invalid_grant"), Read(await app.ByRefreshTokenAsync(application, first.Text("refresh_token")!)));
        Assert.Equal(200, (await app.ByRefreshTokenAsync(application, second.Text("refresh_token")!)).Status);
    }

    [Theory, EachDatabase]
    public async Task A_refresh_token_of_a_public_client_that_is_shown_again_ends_all_that_came_of_it(DatabaseKind database)
    {
        await using var app = await VedetteApp.StartAsync(database);
        var application = await app.CreateApplicationAsync(""","isPublic":true""");
        using var visitor = await PageVisitor.LoggedInAsync(app);
        var stolen = await app.ConnectAsync(visitor, application);
        var untouched = await app.ConnectAsync(visitor, application);
        var second = (await app.ByRefreshTokenAsync(application, stolen.Text("refresh_token")!)).Map;
        var third = (await app.ByRefreshTokenAsync(application, second.Text("refresh_token")!)).Map;

        Assert.Equal((400, "invalid_grant"), Read(await app.ByRefreshTokenAsync(application, stolen.Text("refresh_token")!)));

        Assert.Equal(401, (await app.GetAsync("/api/0/organizations/default/issues/", third.Text("access_token"))).Status);
        Assert.Equal((400, "invalid_grant"), Read(await app.ByRefreshTokenAsync(application, third.Text("refresh_token")!)));
        Assert.Equal(200, (await app.ByRefreshTokenAsync(application, untouched.Text("refresh_token")!)).Status);
    }

    [Fact]
    public async Task A_deleted_application_and_an_inactive_person_get_nothing()
    {
        await using var app = await VedetteApp.StartAsync();
        using var browser = await LoggedIn.AsAsync(app);
        var application = await app.CreateApplicationAsync(browser: browser);
        await app.AddPersonAsync("ada@example.org", "default", MemberRole.Member);
        using var ada = await PageVisitor.LoggedInAsync(app, "ada@example.org", "a password");
        var token = await app.ConnectAsync(ada, application);
        var code = await ada.CodeAsync(AuthorizePath(application, "&force_prompt=1"));
        await app.ExecuteAsync("update account set is_active = 0 where email = 'ada@example.org'");

        Assert.Equal((400, "invalid_grant"), Read(await app.ByCodeAsync(application, code)));
        Assert.Equal((400, "invalid_grant"), Read(await app.ByRefreshTokenAsync(application, token.Text("refresh_token")!)));
        Assert.Equal(401, (await app.GetAsync("/api/0/organizations/default/issues/", token.Text("access_token"))).Status);

        await app.ExecuteAsync("update account set is_active = 1");
        await browser.ApiAsync(HttpMethod.Delete, $"/api/0/api-applications/{application.Text("id")}/");
        Assert.Equal((401, "invalid_client"), Read(await app.ByRefreshTokenAsync(application, token.Text("refresh_token")!)));
        Assert.Equal(401, (await app.GetAsync("/api/0/organizations/default/issues/", token.Text("access_token"))).Status);
    }

    [Theory, EachDatabase]
    public async Task A_client_gives_up_its_tokens_by_either_of_them(DatabaseKind database)
    {
        await using var app = await VedetteApp.StartAsync(database);
        var application = await app.CreateApplicationAsync();
        using var visitor = await PageVisitor.LoggedInAsync(app);

        foreach (var which in new[] { "access_token", "refresh_token" })
        {
            var token = await app.ConnectAsync(visitor, application);
            foreach (var _ in new[] { 1, 2 }) // the second time there is nothing left, and that is no error
                Assert.Equal(200, (await app.FormAsync("/oauth/revoke/", Revocation(application, token.Text(which)!))).Status);
            Assert.Equal(401, (await app.GetAsync("/api/0/organizations/default/issues/", token.Text("access_token"))).Status);
            Assert.Equal(400, (await app.ByRefreshTokenAsync(application, token.Text("refresh_token")!)).Status);
        }

        Assert.Equal(2, (await app.AuditedAsync()).Count(name => name == "oauth-application.revoke"));
        Assert.Equal((400, "invalid_request"), Read(await app.FormAsync("/oauth/revoke/", Revocation(application, ""))));
        Assert.Equal((401, "invalid_client"), Read(await app.FormAsync("/oauth/revoke/", [("client_id", "nonsense"), ("token", "x")])));
    }

    [Fact]
    public async Task Pages_use_a_token_where_its_application_says_so()
    {
        await using var app = await VedetteApp.StartAsync();
        var application = await app.CreateApplicationAsync(""","isPublic":true,"allowedOrigins":["pages.example"]""");
        using var visitor = await PageVisitor.LoggedInAsync(app);
        var token = await app.ConnectAsync(visitor, application);

        Assert.Equal(200, await FromAsync("https://pages.example"));
        Assert.Equal(400, await FromAsync("https://evil.example"));

        async Task<int> FromAsync(string origin)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/api/0/organizations/default/issues/");
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token.Text("access_token"));
            request.Headers.Add("Origin", origin);
            using var answer = await app.Client.SendAsync(request);

            using var renewal = new HttpRequestMessage(HttpMethod.Post, "/oauth/token/")
            {
                Content = new FormUrlEncodedContent([new("grant_type", "refresh_token"), new("refresh_token", "wrong"), new("client_id", application.Text("clientID")!)]),
            };
            renewal.Headers.Add("Origin", origin);
            using var renewed = await app.Client.SendAsync(renewal);
            Assert.Equal(answer.IsSuccessStatusCode, renewed.Headers.Contains("Access-Control-Allow-Origin"));
            return (int)answer.StatusCode;
        }
    }

    [Fact]
    public async Task Its_person_does_not_find_it_among_the_tokens_that_they_made()
    {
        await using var app = await VedetteApp.StartAsync();
        var application = await app.CreateApplicationAsync();
        using var visitor = await PageVisitor.LoggedInAsync(app);
        using var browser = await LoggedIn.AsAsync(app);
        var before = (await browser.GetAsync("/api/0/api-tokens/")).List.Count;

        await app.ConnectAsync(visitor, application);

        Assert.Equal(before, (await browser.GetAsync("/api/0/api-tokens/")).List.Count);
    }

    private static (string, string?)[] Revocation(JsonMap application, string token) =>
        [("client_id", application.Text("clientID")), ("client_secret", application.Text("clientSecret")), ("token", token)];

    private static (int, string?) Read(ApiAnswer answer) => (answer.Status, answer.Map.Text("error"));
}
