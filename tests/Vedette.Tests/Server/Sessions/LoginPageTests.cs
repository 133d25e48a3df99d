using System.Globalization;
using Vedette.Server.Authorization;
using Vedette.Tests.Harness;
using Xunit;

namespace Vedette.Tests.Server.Sessions;

public sealed class LoginPageTests
{
    private const string Login = "/auth/login/";
    private const string OutOfDate = "This form is out of date";

    [Theory, EachDatabase]
    public async Task A_form_begins_a_session_and_another_ends_it(DatabaseKind database)
    {
        await using var app = await VedetteApp.StartAsync(database);
        using var visitor = new PageVisitor(app);
        var before = await visitor.GetAsync("/?a=1&b=%C3%A9");
        Assert.Equal((302, "/auth/login/?next=%2F%3Fa%3D1%26b%3D%25C3%25A9"), (before.Status, before.Location));

        var page = await visitor.GetAsync(before.Location!);
        Assert.Equal((200, "Log in"), (page.Status, page.Title));
        Assert.Null(visitor.Cookie("sentrysid"));
        var login = await visitor.PostAsync(before.Location!, ("email", app.FirstStart.Email.ToUpperInvariant()), ("password", app.FirstStart.Password));
        Assert.Equal((302, "/?a=1&b=%C3%A9"), (login.Status, login.Location));

        var secret = visitor.Cookie("sentrysid");
        var home = await visitor.GetAsync(login.Location!);
        Assert.Equal(200, home.Status);
        Assert.Contains(app.FirstStart.Email, home.Text, StringComparison.Ordinal);

        var logout = await visitor.PostAsync("/auth/logout/");
        Assert.Equal((302, Login, null), (logout.Status, logout.Location, visitor.Cookie("sentrysid")));
        using var replay = new HttpRequestMessage(HttpMethod.Get, "/api/0/auth/");
        replay.Headers.Add("Cookie", $"sentrysid={secret}");
        Assert.Equal(401, (int)(await app.Client.SendAsync(replay)).StatusCode);
        Assert.Equal(0, await app.CountAsync("login_session"));
    }

    [Fact]
    public async Task Every_login_has_a_session_of_its_own_and_ends_the_one_before()
    {
        await using var app = await VedetteApp.StartAsync();
        await app.AddPersonAsync("ada@example.org", "default", MemberRole.Member);
        using var visitor = await PageVisitor.LoggedInAsync(app);
        var first = visitor.Cookie("sentrysid");
        await visitor.GetAsync("/");

        var again = await visitor.PostAsync(Login, ("email", "ada@example.org"), ("password", "a password"));

        Assert.Equal((302, "/"), (again.Status, again.Location));
        Assert.NotEqual(first, visitor.Cookie("sentrysid"));
        Assert.Equal(1, await app.CountAsync("login_session"));
        Assert.Contains("ada@example.org", (await visitor.GetAsync("/")).Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/", "/")]
    [InlineData("/settings/account/?x=1#y", "/settings/account/?x=1#y")]
    [InlineData("/a//b", "/a//b")]
    [InlineData("/%2Fevil.example", "/%2Fevil.example")]
    [InlineData("", "/")]
    [InlineData("settings", "/")]
    [InlineData("//evil.example", "/")]
    [InlineData("///evil.example", "/")]
    [InlineData("/\\evil.example", "/")]
    [InlineData("\\/evil.example", "/")]
    [InlineData("\\\\evil.example", "/")]
    [InlineData("/a\\b", "/")]
    [InlineData("https://evil.example/", "/")]
    [InlineData("https:evil.example", "/")]
    [InlineData("javascript:alert(1)", "/")]
    [InlineData(" //evil.example", "/")]
    [InlineData("/\t/evil.example", "/")]
    [InlineData("\t//evil.example", "/")]
    [InlineData("/\n/evil.example", "/")]
    [InlineData("/\r\nSet-Cookie: a=b", "/")]
    [InlineData("/\u0001/evil.example", "/")]
    [InlineData("/\u007f", "/")]
    [InlineData("/caf\u00e9", "/")]
    [InlineData("%2F%2Fevil.example", "/")]
    [InlineData("%2Fsettings", "/")]
    public async Task A_login_leads_on_within_this_server_only(string next, string leadsTo)
    {
        await using var app = await VedetteApp.StartAsync();
        using var visitor = new PageVisitor(app);
        var path = $"{Login}?next={Uri.EscapeDataString(next)}";

        Assert.Equal((302, leadsTo), await AnswerAsync(visitor.LoginAsync(app.FirstStart.Email, app.FirstStart.Password, path)));
        Assert.Equal((302, leadsTo), await AnswerAsync(visitor.GetAsync(path)));

        static async Task<(int, string?)> AnswerAsync(Task<PageAnswer> asked) => await asked is var answer ? (answer.Status, answer.Location) : default;
    }

    [Fact]
    public async Task A_wrong_password_is_said_and_what_was_typed_is_text()
    {
        await using var app = await VedetteApp.StartAsync();
        using var visitor = new PageVisitor(app);

        foreach (var email in new[] { app.FirstStart.Email, "nobody@example.org", "\"><script>alert(1)</script>", "\ud800", "" })
        {
            var answer = await visitor.LoginAsync(email, "wrong", $"{Login}?next=/settings/");
            Assert.Equal((401, "Log in"), (answer.Status, answer.Title));
            Assert.Contains("E-mail or password is wrong.", answer.Text, StringComparison.Ordinal);
            Assert.Contains("action=\"/auth/login/?next=%2Fsettings%2F\"", answer.Body, StringComparison.Ordinal);
            Assert.DoesNotContain("<script", answer.Body, StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotContain("value=\"wrong\"", answer.Body, StringComparison.Ordinal);
        }

        Assert.Null(visitor.Cookie("sentrysid"));
    }

    [Fact]
    public async Task Who_fails_too_often_waits_with_forms_and_with_the_api_alike()
    {
        var clock = new FakeClock();
        await using var app = await VedetteApp.StartAsync(time: clock);
        using var visitor = new PageVisitor(app);
        for (var i = 0; i < 10; i++)
            Assert.Equal(401, (await visitor.LoginAsync(app.FirstStart.Email, "wrong")).Status);

        var limited = await visitor.LoginAsync(app.FirstStart.Email, app.FirstStart.Password);
        Assert.Equal((429, "Log in"), (limited.Status, limited.Title));
        Assert.Equal(TimeSpan.FromMinutes(5), limited.Response.Headers.RetryAfter!.Delta);
        Assert.Contains("Try again in 5 minutes", limited.Text, StringComparison.Ordinal);
        await Assert.ThrowsAsync<InvalidOperationException>(() => LoggedIn.AsAsync(app));

        clock.Advance(TimeSpan.FromMinutes(5));
        Assert.Equal(302, (await visitor.LoginAsync(app.FirstStart.Email, app.FirstStart.Password)).Status);
    }

    [Fact]
    public async Task A_login_that_another_site_sends_is_refused()
    {
        await using var app = await VedetteApp.StartAsync();
        using var other = new PageVisitor(app);
        await other.GetAsync(Login);
        (string, string)[] fields = [("email", app.FirstStart.Email), ("password", app.FirstStart.Password)];

        using var withoutCookies = new PageVisitor(app);
        AssertRefused(withoutCookies, await withoutCookies.PostAsync(Login, [.. fields, ("csrfmiddlewaretoken", other.Cookie("sc")!)]));

        using var visitor = new PageVisitor(app);
        await visitor.GetAsync(Login);
        foreach (var forged in new[] { "", "nonsense", other.Cookie("sc")! })
            AssertRefused(visitor, await visitor.PostAsync(Login, [.. fields, ("csrfmiddlewaretoken", forged)]));
        AssertRefused(visitor, await visitor.PostAsync(Login, [.. fields, ("csrfmiddlewaretoken", visitor.Cookie("sc")!), ("csrfmiddlewaretoken", visitor.Cookie("sc")!)]));

        Assert.Equal(302, (await visitor.PostAsync(Login, fields)).Status);

        static void AssertRefused(PageVisitor visitor, PageAnswer answer)
        {
            Assert.Equal((403, OutOfDate, null), (answer.Status, answer.Title, visitor.Cookie("sentrysid")));
            Assert.StartsWith("text/html", answer.Response.Content.Headers.ContentType!.ToString(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_session_is_changed_only_with_its_own_token_in_the_form_or_in_the_header()
    {
        await using var app = await VedetteApp.StartAsync();
        using var visitor = new PageVisitor(app);
        await visitor.GetAsync(Login);
        var beforeLogin = visitor.Cookie("sc")!;
        await visitor.LoginAsync(app.FirstStart.Email, app.FirstStart.Password);
        Assert.NotEqual(beforeLogin, visitor.Cookie("sc"));

        foreach (var forged in new[] { "", "nonsense", beforeLogin })
        {
            var answer = await visitor.PostAsync("/auth/logout/", ("csrfmiddlewaretoken", forged));
            Assert.Equal((403, OutOfDate), (answer.Status, answer.Title));
        }

        Assert.Equal(200, (await visitor.GetAsync("/")).Status);
        using var byHeader = new HttpRequestMessage(HttpMethod.Post, "/auth/logout/");
        byHeader.Headers.Add("X-CSRFToken", visitor.Cookie("sc"));
        Assert.Equal(302, (await visitor.SendAsync(byHeader)).Status);
        Assert.Equal(302, (await visitor.GetAsync("/")).Status);
    }

    [Fact]
    public async Task The_api_takes_the_token_of_a_form_as_well()
    {
        await using var app = await VedetteApp.StartAsync();
        using var visitor = await PageVisitor.LoggedInAsync(app);
        await visitor.GetAsync("/");

        Assert.Equal(400, (await visitor.PostAsync("/api/0/organizations/default/org-auth-tokens/")).Status); // A form is no JSON; it was let in.
        Assert.Equal(403, (await visitor.PostAsync("/api/0/organizations/default/org-auth-tokens/", ("csrfmiddlewaretoken", "nonsense"))).Status);
    }

    [Theory]
    [InlineData("update login_session set expires_at = 1")]
    [InlineData("delete from login_session")]
    [InlineData("update account set is_active = 0")]
    public async Task Whose_session_is_over_logs_in_and_comes_back(string over)
    {
        await using var app = await VedetteApp.StartAsync();
        using var visitor = await PageVisitor.LoggedInAsync(app);
        await visitor.GetAsync("/");
        await app.ExecuteAsync(over);

        Assert.Equal((302, "/auth/login/?next=%2F%3Fx%3D1"), await AnswerAsync(visitor.GetAsync("/?x=1")));
        Assert.Equal(200, (await visitor.GetAsync(Login)).Status);
        await app.ExecuteAsync("update account set is_active = 1");
        Assert.Equal((302, "/?x=1"), await AnswerAsync(visitor.LoginAsync(app.FirstStart.Email, app.FirstStart.Password, "/auth/login/?next=%2F%3Fx%3D1")));

        static async Task<(int, string?)> AnswerAsync(Task<PageAnswer> asked) => await asked is var answer ? (answer.Status, answer.Location) : default;
    }

    [Theory]
    [InlineData("http://vedette.example", false)]
    [InlineData("https://vedette.example", true)]
    public async Task Where_people_come_by_https_cookies_go_by_nothing_else(string url, bool secure)
    {
        await using var app = await VedetteApp.StartAsync(settings: [("VEDETTE_URL", url)]);

        using var page = await app.Client.GetAsync(Login);

        var cookies = page.Headers.GetValues("Set-Cookie").ToList();
        Assert.Equal(2, cookies.Count);
        Assert.All(cookies, cookie => Assert.Equal(secure, cookie.Contains("; secure", StringComparison.OrdinalIgnoreCase)));
        Assert.All(cookies, cookie => Assert.Contains("samesite=lax", cookie, StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public async Task Behind_a_proxy_that_adds_a_path_pages_and_redirects_name_it()
    {
        await using var app = await VedetteApp.StartAsync(settings: [("VEDETTE_URL", "https://vedette.example/errors")]);
        using var page = await app.Client.GetAsync(Login);
        var body = await page.Content.ReadAsStringAsync();

        Assert.Contains("action=\"/errors/auth/login/\"", body, StringComparison.Ordinal);
        Assert.DoesNotContain("=\"/_static", body, StringComparison.Ordinal);
        using var visitor = new PageVisitor(app);
        Assert.Equal("/errors/auth/login/", (await visitor.GetAsync("/")).Location);
        Assert.Equal("/errors/auth/login/?next=%2Fsettings%2Faccount%2F", (await visitor.GetAsync("/settings/account/")).Location);
    }

    [Fact]
    public async Task What_is_no_form_of_ours_is_refused_without_being_kept()
    {
        await using var app = await VedetteApp.StartAsync();
        using var visitor = new PageVisitor(app);
        await visitor.GetAsync(Login);
        var many = string.Join('&', Enumerable.Range(0, 100).Select(i => string.Create(CultureInfo.InvariantCulture, $"f{i}=1")));
        foreach (var inHeader in new[] { false, true })
        {
            Assert.Equal((400, "This request cannot be read"), await AnswerAsync($"email={new string('a', 9000)}", inHeader));
            Assert.Equal((400, "This request cannot be read"), await AnswerAsync($"{new string('a', 300)}=1", inHeader));
            Assert.Equal((400, "This request cannot be read"), await AnswerAsync(many, inHeader));
            Assert.Equal((400, "This request cannot be read"), await AnswerAsync("email=a%00b", inHeader));
        }

        Assert.Equal((403, OutOfDate), await AnswerAsync("", inHeader: false));
        Assert.Equal((401, "Log in"), await AnswerAsync("", inHeader: true));
        Assert.Equal((401, "Log in"), await AnswerAsync("%&&==&email=%zz", inHeader: true));

        async Task<(int, string)> AnswerAsync(string body, bool inHeader)
        {
            var request = new HttpRequestMessage(HttpMethod.Post, Login) { Content = new StringContent(inHeader ? body : $"{body}&csrfmiddlewaretoken=nonsense") };
            request.Content.Headers.ContentType = new("application/x-www-form-urlencoded");
            if (inHeader)
                request.Headers.Add("X-CSRFToken", visitor.Cookie("sc"));
            var answer = await visitor.SendAsync(request);
            return (answer.Status, answer.Title);
        }
    }
}
