using Vedette.Server.Authorization;
using Vedette.Tests.Harness;
using Vedette.Wire.Json;
using Xunit;
using static Vedette.Tests.Harness.OAuthApps;

namespace Vedette.Tests.Server.OAuth;

public sealed class AuthorizeTests
{
    private const string Lost = "We were unable to complete your request. Please re-initiate the authorization flow.";

    [Theory, EachDatabase]
    public async Task Approved_it_leads_back_with_a_code_for_a_token(DatabaseKind database)
    {
        await using var app = await VedetteApp.StartAsync(database);
        var application = await app.CreateApplicationAsync();
        using var visitor = await PageVisitor.LoggedInAsync(app);

        var page = await visitor.GetAsync(AuthorizeWithProof(application, "&scope=event:write%20org:read&state=a%20b%26c"));
        foreach (var text in new[] { "Ticket Bridge", app.FirstStart.Email, "Change, assign and comment on issues", "See your organizations", "default", "client.example" })
            Assert.Contains(text, page.Text, StringComparison.Ordinal);
        Assert.Contains("https://client.example:443", page.Response.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
        var answer = await visitor.PostAsync("/oauth/authorize/", ("op", "approve"), ("request", RequestOf(page)));

        Assert.Equal(302, answer.Status);
        Assert.StartsWith($"{Callback}?code=", answer.Location, StringComparison.Ordinal);
        Assert.Equal("a b&c", Parameter(answer.Location!, "state"));
        var token = await app.ByCodeAsync(application, Parameter(answer.Location!, "code")!, ("code_verifier", Verifier));
        Assert.Equal(200, token.Status);
        Assert.Equal(
            ["access_token", "refresh_token", "expires_in", "expires_at", "token_type", "scope", "user"], token.Map.Members.Select(member => member.Key));
        Assert.Equal(("Bearer", "event:read event:write org:read", 2592000d), (token.Map.Text("token_type"), token.Map.Text("scope"), token.Map["expires_in"]));
        Assert.Equal(app.FirstStart.Email, token.Map.Map("user")!.Text("email"));
        Assert.Equal(200, (await app.GetAsync("/api/0/organizations/default/", token.Map.Text("access_token"))).Status);
        Assert.Equal(403, (await app.GetAsync("/api/0/organizations/default/members/", token.Map.Text("access_token"))).Status);
        Assert.Contains("oauth-application.allow", await app.AuditedAsync());
    }

    [Theory]
    [InlineData("", "client_id")]
    [InlineData("?client_id=nonsense&response_type=code", "client_id")]
    [InlineData("?client_id=ID", "client_id")]
    [InlineData("?client_id=ID&response_type=nonsense", "client_id")]
    [InlineData("?client_id=ID&client_id=ID&response_type=code", "client_id")]
    [InlineData("?client_id=ID&response_type=code&redirect_uri=https://evil.example/", "redirect_uri")]
    [InlineData("?client_id=ID&response_type=code&redirect_uri=", "redirect_uri")]
    [InlineData("?client_id=ID&response_type=code&redirect_uri=https://client.example/callback/x", "redirect_uri")]
    [InlineData("?client_id=ID&response_type=code&redirect_uri=https://client.example/callback&redirect_uri=https://client.example/callback", "redirect_uri")]
    public async Task Nobody_is_sent_anywhere_for_a_client_or_an_address_that_is_not_known(string query, string parameter)
    {
        await using var app = await VedetteApp.StartAsync();
        var application = await app.CreateApplicationAsync();
        using var stranger = new PageVisitor(app);

        var page = await stranger.GetAsync($"/oauth/authorize/{query.Replace("ID", application.Text("clientID"), StringComparison.Ordinal)}");

        Assert.Equal((400, null), (page.Status, page.Location));
        Assert.Contains($"Missing or invalid {parameter} parameter.", page.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("&scope=nonsense", "invalid_scope")]
    [InlineData("&scope=event:write", "invalid_scope")] // more than the application may ask for
    [InlineData("&code_challenge=CHALLENGE", "invalid_request")] // no method
    [InlineData("&code_challenge=CHALLENGE&code_challenge_method=plain", "invalid_request")]
    [InlineData("&code_challenge=short&code_challenge_method=S256", "invalid_request")]
    [InlineData("&code_challenge=&code_challenge_method=S256", "invalid_request")]
    [InlineData("&scope=event:read&scope=event:read", "invalid_request")]
    public async Task What_is_wrong_is_told_to_the_application(string more, string error)
    {
        await using var app = await VedetteApp.StartAsync();
        var application = await app.CreateApplicationAsync(""","scopes":["event:read"]""");
        using var stranger = new PageVisitor(app);

        var answer = await stranger.GetAsync(AuthorizePath(application, $"&state=s1{more.Replace("CHALLENGE", Challenge, StringComparison.Ordinal)}"));

        Assert.Equal((302, $"{Callback}?error={error}&state=s1"), (answer.Status, answer.Location));
    }

    [Fact]
    public async Task A_public_client_has_to_bring_a_proof_and_gets_no_token_in_a_fragment()
    {
        await using var app = await VedetteApp.StartAsync();
        var application = await app.CreateApplicationAsync(""","isPublic":true""");
        using var visitor = await PageVisitor.LoggedInAsync(app);

        Assert.Equal($"{Callback}?error=invalid_request&state=s1", (await visitor.GetAsync(AuthorizePath(application))).Location);
        Assert.Equal(
            $"{Callback}?error=unauthorized_client",
            (await visitor.GetAsync($"/oauth/authorize/?response_type=token&client_id={application.Text("clientID")}")).Location);
        Assert.Equal(200, (await visitor.GetAsync(AuthorizeWithProof(application))).Status);
    }

    [Fact]
    public async Task Denied_and_without_an_answer()
    {
        await using var app = await VedetteApp.StartAsync();
        var application = await app.CreateApplicationAsync();
        using var visitor = await PageVisitor.LoggedInAsync(app);

        Assert.Equal($"{Callback}?error=access_denied&state=s1", (await visitor.AnswerAsync(AuthorizePath(application), "deny")).Location);
        Assert.Equal((400, "There was no answer"), await ReadAsync(visitor.AnswerAsync(AuthorizePath(application), "nonsense")));
        Assert.Equal(0, await app.CountAsync("api_authorization"));

        static async Task<(int, string)> ReadAsync(Task<PageAnswer> answer) => ((await answer).Status, (await answer).Title);
    }

    [Fact]
    public async Task Strangers_log_in_first_and_come_back()
    {
        await using var app = await VedetteApp.StartAsync();
        var path = AuthorizeWithProof(await app.CreateApplicationAsync(), $"&scope=event:read&state={new string('s', 1500)}");
        using var visitor = new PageVisitor(app);

        var login = await visitor.GetAsync(path);
        Assert.StartsWith("/auth/login/?next=%2Foauth%2Fauthorize%2F%3F", login.Location, StringComparison.Ordinal);
        await visitor.GetAsync(login.Location!);
        var back = await visitor.PostAsync(login.Location!, ("email", app.FirstStart.Email), ("password", app.FirstStart.Password));

        Assert.Equal("Let an application in?", (await visitor.GetAsync(back.Location!)).Title);
    }

    [Fact]
    public async Task What_was_allowed_before_is_not_asked_again_unless_it_is_more_or_asked_for()
    {
        await using var app = await VedetteApp.StartAsync();
        var application = await app.CreateApplicationAsync();
        using var visitor = await PageVisitor.LoggedInAsync(app);
        await visitor.CodeAsync(AuthorizePath(application, "&scope=event:write"));

        Assert.NotNull(Parameter((await visitor.GetAsync(AuthorizePath(application, "&scope=event:read"))).Location!, "code"));
        Assert.Equal(200, (await visitor.GetAsync(AuthorizePath(application, "&scope=event:read&force_prompt=1"))).Status);
        Assert.Equal(200, (await visitor.GetAsync(AuthorizePath(application, "&scope=event:read%20org:read"))).Status);
    }

    [Theory, EachDatabase]
    public async Task An_application_of_organizations_works_in_the_one_that_was_chosen(DatabaseKind database)
    {
        await using var app = await VedetteApp.StartAsync(database);
        var application = await app.CreateApplicationAsync(""","requiresOrgLevelAccess":true,"scopes":["org:read"]""");
        var other = await app.AddOrganizationAsync("other");
        await app.ExecuteAsync("insert into organization_member (organization_id, account_id, role, created_at) values (@other, 1, 'owner', 0)", new { other });
        await app.AddOrganizationAsync("foreign");
        using var visitor = await PageVisitor.LoggedInAsync(app);
        var path = AuthorizePath(application, "&scope=org:read");

        Assert.Equal($"{Callback}?error=invalid_request", (await visitor.AnswerAsync(path)).Location);
        foreach (var wrong in new[] { "99", "x", "3" })
            Assert.Equal($"{Callback}?error=unauthorized_client", (await visitor.AnswerAsync(path, "approve", ("selected_organization_id", wrong))).Location);
        var token = await app.ByCodeAsync(application, await visitor.CodeAsync(path, ("selected_organization_id", $"{other}")));

        Assert.Equal($"{other}", token.Map.Text("organization_id"));
        var secret = token.Map.Text("access_token");
        Assert.Equal(200, (await app.GetAsync("/api/0/organizations/other/", secret)).Status);
        Assert.Equal(404, (await app.GetAsync("/api/0/organizations/default/", secret)).Status);
        Assert.Single((await app.GetAsync("/api/0/organizations/", secret)).List);
        Assert.Equal(200, (await visitor.GetAsync(path)).Status); // asked every time

        // Out of the organization, the token is of no use there.
        await app.ExecuteAsync("delete from organization_member where organization_id = @other", new { other });
        Assert.Equal(404, (await app.GetAsync("/api/0/organizations/other/", secret)).Status);
    }

    [Fact]
    public async Task Who_belongs_to_no_organization_cannot_choose_one()
    {
        await using var app = await VedetteApp.StartAsync();
        var application = await app.CreateApplicationAsync(""","requiresOrgLevelAccess":true""");
        await app.ExecuteAsync("delete from organization_member");
        using var visitor = await PageVisitor.LoggedInAsync(app);

        Assert.Equal((400, "You belong to no organization"), ((await visitor.GetAsync(AuthorizePath(application))).Status, (await visitor.GetAsync(AuthorizePath(application))).Title));
    }

    [Theory, EachDatabase]
    public async Task What_is_approved_in_a_window_is_what_was_shown_there_and_once(DatabaseKind database)
    {
        await using var app = await VedetteApp.StartAsync(database);
        var (first, second) = (await app.CreateApplicationAsync(), await app.CreateApplicationAsync());
        using var visitor = await PageVisitor.LoggedInAsync(app);
        var one = RequestOf(await visitor.GetAsync(AuthorizePath(first)));
        var two = RequestOf(await visitor.GetAsync(AuthorizePath(second)));

        // Two questions, and an answer that names none: it cannot be told which is meant.
        Assert.Contains(Lost, (await visitor.PostAsync("/oauth/authorize/", ("op", "approve"))).Text, StringComparison.Ordinal);
        var code = Parameter((await visitor.PostAsync("/oauth/authorize/", ("op", "approve"), ("request", one))).Location!, "code")!;
        Assert.Contains(Lost, (await visitor.PostAsync("/oauth/authorize/", ("op", "approve"), ("request", one))).Text, StringComparison.Ordinal);
        Assert.Equal(400, (await app.ByCodeAsync(second, code)).Status);
        Assert.Equal(200, (await app.ByCodeAsync(first, code)).Status);

        // Of the one that is left it can.
        Assert.NotNull(Parameter((await visitor.PostAsync("/oauth/authorize/", ("op", "approve"))).Location!, "code"));
        Assert.Contains(Lost, (await visitor.PostAsync("/oauth/authorize/", ("op", "approve"), ("request", two))).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_question_belongs_to_the_login_that_was_asked_and_is_over_after_an_hour()
    {
        var clock = new FakeClock();
        await using var app = await VedetteApp.StartAsync(time: clock);
        var application = await app.CreateApplicationAsync();
        await app.AddPersonAsync("ada@example.org", "default", MemberRole.Member);
        using var visitor = await PageVisitor.LoggedInAsync(app);
        using var other = await PageVisitor.LoggedInAsync(app, "ada@example.org", "a password");
        var request = RequestOf(await visitor.GetAsync(AuthorizePath(application)));
        await other.GetAsync("/settings/account/");

        Assert.Contains(Lost, (await other.PostAsync("/oauth/authorize/", ("op", "approve"), ("request", request))).Text, StringComparison.Ordinal);
        clock.Advance(TimeSpan.FromHours(1));
        var late = await visitor.PostAsync("/oauth/authorize/", ("op", "approve"), ("request", request));
        Assert.Equal(200, late.Status);
        Assert.Contains(Lost, late.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_form_of_another_site_is_refused()
    {
        await using var app = await VedetteApp.StartAsync();
        var application = await app.CreateApplicationAsync();
        using var visitor = await PageVisitor.LoggedInAsync(app);
        var request = RequestOf(await visitor.GetAsync(AuthorizePath(application)));

        var forged = await visitor.PostAsync("/oauth/authorize/", ("op", "approve"), ("request", request), ("csrfmiddlewaretoken", "0000"));

        Assert.Equal((403, 0), (forged.Status, await app.CountAsync("api_authorization")));
    }

    [Fact]
    public async Task Old_clients_with_a_secret_get_their_token_in_the_fragment()
    {
        await using var app = await VedetteApp.StartAsync();
        var application = await app.CreateApplicationAsync();
        using var visitor = await PageVisitor.LoggedInAsync(app);

        var answer = await visitor.AnswerAsync($"/oauth/authorize/?response_type=token&client_id={application.Text("clientID")}&scope=org:read&state=s1");

        Assert.StartsWith($"{Callback}#access_token=", answer.Location, StringComparison.Ordinal);
        var fragment = System.Web.HttpUtility.ParseQueryString(new Uri(answer.Location!).Fragment[1..]);
        Assert.Equal("access_token expires_in expires_at token_type scope state", string.Join(' ', fragment.AllKeys));
        Assert.Equal(("Bearer", "org:read", "s1"), (fragment["token_type"], fragment["scope"], fragment["state"]));
        Assert.Equal(200, (await app.GetAsync("/api/0/organizations/default/", fragment["access_token"])).Status);
    }

    [Fact]
    public async Task The_query_of_the_registered_address_is_kept_and_the_names_of_others_are_text()
    {
        await using var app = await VedetteApp.StartAsync();
        using var browser = await LoggedIn.AsAsync(app);
        var application = (await browser.ApiAsync(HttpMethod.Post, "/api/0/api-applications/", """
            {"name":"<script>alert(1)</script>","redirectUris":["https://client.example/cb?tenant=7"]}
            """)).Map;
        using var visitor = await PageVisitor.LoggedInAsync(app);
        var path = $"/oauth/authorize/?response_type=code&client_id={application.Text("clientID")}&state=%3Cb%3E";

        var page = await visitor.GetAsync(path);

        Assert.DoesNotContain("<script", page.Body, StringComparison.Ordinal);
        Assert.Contains("&lt;script&gt;alert(1)&lt;/script&gt;", page.Body, StringComparison.Ordinal);
        var denied = await visitor.PostAsync("/oauth/authorize/", ("op", "deny"), ("request", RequestOf(page)));
        Assert.Equal("https://client.example/cb?tenant=7&error=access_denied&state=%3Cb%3E", denied.Location);
    }
}
