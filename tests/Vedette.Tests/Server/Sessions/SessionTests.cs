using Vedette.Server.Authorization;
using Vedette.Tests.Harness;
using Xunit;

namespace Vedette.Tests.Server.Sessions;

public sealed class SessionTests
{
    private const string Auth = "/api/0/auth/";

    [Theory, EachDatabase]
    public async Task A_password_begins_a_session_and_deleting_it_ends_it(DatabaseKind database)
    {
        await using var app = await VedetteApp.StartAsync(database);
        Assert.Equal(401, (await app.GetAsync(Auth, token: "")).Status);

        using var browser = await LoggedIn.AsAsync(app);
        var shown = await browser.GetAsync(Auth);
        Assert.Equal((200, app.FirstStart.Email), (shown.Status, shown.Map.Text("email")));
        Assert.Equal(200, (await browser.GetAsync("/api/0/organizations/default/")).Status);

        var cookies = browser.Cookies.GetAllCookies();
        Assert.True(cookies["sentrysid"]!.HttpOnly);
        Assert.False(cookies["sc"]!.HttpOnly);
        var secret = cookies["sentrysid"]!.Value;
        Assert.Equal(204, (await browser.ApiAsync(HttpMethod.Delete, Auth)).Status);
        using var replay = new HttpRequestMessage(HttpMethod.Get, Auth);
        replay.Headers.Add("Cookie", $"sentrysid={secret}");
        Assert.Equal(401, (int)(await app.Client.SendAsync(replay)).StatusCode);
    }

    [Fact]
    public async Task A_session_ends_after_two_weeks()
    {
        var clock = new FakeClock();
        await using var app = await VedetteApp.StartAsync(time: clock);
        using var browser = await LoggedIn.AsAsync(app);
        var secret = browser.Cookies.GetAllCookies()["sentrysid"]!.Value;

        await app.ExecuteAsync("update login_session set expires_at = @at", new { at = clock.GetUtcNow().AddSeconds(1).ToUnixTimeMilliseconds() * 1000 });
        Assert.Equal(200, await StatusAsync());
        clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(401, await StatusAsync());

        async Task<int> StatusAsync()
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, Auth);
            request.Headers.Add("Cookie", $"sentrysid={secret}");
            return (int)(await app.Client.SendAsync(request)).StatusCode;
        }
    }

    [Theory]
    [InlineData("http://vedette.example", false)]
    [InlineData("https://vedette.example", true)]
    public async Task Where_people_come_by_https_cookies_go_by_nothing_else(string url, bool secure)
    {
        await using var app = await VedetteApp.StartAsync(settings: [("VEDETTE_URL", url)]);
        using var request = new HttpRequestMessage(HttpMethod.Post, Auth);
        request.Headers.Authorization = LoggedIn.Basic(app.FirstStart.Email, app.FirstStart.Password);

        using var answer = await app.Client.SendAsync(request);

        Assert.All(answer.Headers.GetValues("Set-Cookie"), cookie => Assert.Equal(secure, cookie.Contains("; secure", StringComparison.OrdinalIgnoreCase)));
        Assert.All(answer.Headers.GetValues("Set-Cookie"), cookie => Assert.Contains("samesite=lax", cookie, StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public async Task A_change_needs_the_token_that_only_our_pages_can_read()
    {
        const string Path = "/api/0/organizations/default/org-auth-tokens/";
        await using var app = await VedetteApp.StartAsync();
        using var browser = await LoggedIn.AsAsync(app);
        using var other = await LoggedIn.AsAsync(app);

        foreach (var forged in new[] { "", "nonsense", other.CsrfToken })
        {
            var answer = await browser.ApiAsync(HttpMethod.Post, Path, """{"name":"ci"}""", forged);
            Assert.Equal((403, "CSRF Failed: CSRF token missing or incorrect."), (answer.Status, answer.Map.Text("detail")));
            Assert.Equal(403, (await browser.ApiAsync(HttpMethod.Delete, Auth, csrf: forged)).Status);
        }

        Assert.Equal(201, (await browser.ApiAsync(HttpMethod.Post, Path, """{"name":"ci"}""")).Status);
    }

    [Fact]
    public async Task Who_fails_too_often_waits_and_good_logins_are_never_counted()
    {
        var clock = new FakeClock();
        await using var app = await VedetteApp.StartAsync(time: clock);
        for (var i = 0; i < 15; i++)
            Assert.Equal(200, await LoginAsync(app.FirstStart.Password));
        for (var i = 0; i < 10; i++)
            Assert.Equal(401, await LoginAsync("wrong"));

        Assert.Equal(429, await LoginAsync("wrong"));
        Assert.Equal(429, await LoginAsync(app.FirstStart.Password));

        clock.Advance(TimeSpan.FromMinutes(5));
        Assert.Equal(200, await LoginAsync(app.FirstStart.Password));

        async Task<int> LoginAsync(string password)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, Auth);
            request.Headers.Authorization = LoggedIn.Basic(app.FirstStart.Email.ToUpperInvariant(), password);
            using var response = await app.Client.SendAsync(request);
            if (response.StatusCode == System.Net.HttpStatusCode.TooManyRequests)
                Assert.Equal(TimeSpan.FromMinutes(5), response.Headers.RetryAfter!.Delta);
            return (int)response.StatusCode;
        }
    }

    [Theory]
    [InlineData(null)]
    [InlineData("Basic")]
    [InlineData("Basic !!!")]
    [InlineData("Basic bm9jb2xvbg==")]
    [InlineData("Basic OnNlY3JldA==")]
    [InlineData("Bearer x")]
    public async Task What_is_no_login_is_answered_401(string? header)
    {
        await using var app = await VedetteApp.StartAsync();

        Assert.Equal((401, """{"detail":"Authentication credentials were not provided."}"""), await app.AskAsync(HttpMethod.Post, Auth, header));
    }

    [Fact]
    public async Task Nobody_logs_in_to_the_account_of_an_app_or_to_an_inactive_one()
    {
        await using var app = await VedetteApp.StartAsync();
        await app.CreateAppAsync("https://bridge.example/hook");
        await app.AddPersonAsync("gone@example.org", "default", MemberRole.Owner);
        await app.ExecuteAsync("update account set is_active = 0 where email = 'gone@example.org'");
        var proxy = await app.Database.ReadAsync(session => session.SingleAsync<string>("select email from account where kind = 'app'"), CancellationToken.None);

        foreach (var (email, password) in new[] { (proxy, ""), (proxy, "a password"), ("gone@example.org", "a password"), ("nobody@example.org", "nobody") })
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, Auth);
            request.Headers.Authorization = LoggedIn.Basic(email, password);
            Assert.Equal(401, (int)(await app.Client.SendAsync(request)).StatusCode);
        }
    }
}
