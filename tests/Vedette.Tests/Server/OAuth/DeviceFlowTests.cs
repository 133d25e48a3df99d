using Vedette.Tests.Harness;
using Vedette.Wire.Json;
using Xunit;
using static Vedette.Tests.Harness.OAuthApps;

namespace Vedette.Tests.Server.OAuth;

public sealed class DeviceFlowTests
{
    private const string Page = "/oauth/device/";
    private const string Wrong = "Invalid or expired code. Please check the code and try again.";

    [Theory, EachDatabase]
    public async Task A_device_waits_until_somebody_enters_its_code(DatabaseKind database)
    {
        var clock = new FakeClock();
        await using var app = await VedetteApp.StartAsync(database, clock);
        var started = await StartAsync(app);
        Assert.Equal(
            ["device_code", "user_code", "verification_uri", "verification_uri_complete", "expires_in", "interval"], started.Members.Select(member => member.Key));
        Assert.Matches("^[0-9a-f]{64}$", started.Text("device_code"));
        Assert.Matches("^[BCDFGHJKLMNPQRSTVWXZ]{4}-[BCDFGHJKLMNPQRSTVWXZ]{4}$", started.Text("user_code"));
        Assert.EndsWith($"/oauth/device/?user_code={started.Text("user_code")}", started.Text("verification_uri_complete"), StringComparison.Ordinal);
        Assert.Equal((600d, 5d), (started["expires_in"], started["interval"]));
        Assert.Equal((400, "authorization_pending"), await PollAsync(app, started));
        Assert.Equal((400, "slow_down"), await PollAsync(app, started));

        using var visitor = await PageVisitor.LoggedInAsync(app);
        var typed = started.Text("user_code")!.Replace("-", "", StringComparison.Ordinal).ToLowerInvariant();
        var page = await visitor.GetAsync($"{Page}?user_code={typed}");
        foreach (var text in new[] { "Vedette command line", app.FirstStart.Email, started.Text("user_code")!, "See issues and events" })
            Assert.Contains(text, page.Text, StringComparison.Ordinal);
        var approved = await visitor.PostAsync(Page, ("op", "approve"), ("user_code", typed));
        Assert.Contains(
            "Authorization approved! Your device should now be connected to Vedette command line. You can close this window.", approved.Text, StringComparison.Ordinal);

        clock.Advance(TimeSpan.FromSeconds(5));
        var token = await AskAsync(app, started);
        Assert.Equal((200, "event:read"), (token.Status, token.Map.Text("scope")));
        Assert.Equal(200, (await app.GetAsync("/api/0/organizations/default/issues/", token.Map.Text("access_token"))).Status);
        Assert.Equal((400, "invalid_grant"), await PollAsync(app, started));
        Assert.Contains("oauth-application.allow", await app.AuditedAsync());
        Assert.Contains(Wrong, (await visitor.PostAsync(Page, ("op", "approve"), ("user_code", typed))).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Denied_it_is_told_once()
    {
        var clock = new FakeClock();
        await using var app = await VedetteApp.StartAsync(time: clock);
        var started = await StartAsync(app);
        using var visitor = await PageVisitor.LoggedInAsync(app);
        await visitor.GetAsync($"{Page}?user_code={started.Text("user_code")}");

        var denied = await visitor.PostAsync(Page, ("op", "deny"), ("user_code", started.Text("user_code")!));

        Assert.Contains("Authorization denied. You can close this window.", denied.Text, StringComparison.Ordinal);
        Assert.Equal((400, "access_denied"), await PollAsync(app, started));
        Assert.Equal((400, "invalid_grant"), await PollAsync(app, started));
    }

    [Fact]
    public async Task After_ten_minutes_it_is_over()
    {
        var clock = new FakeClock();
        await using var app = await VedetteApp.StartAsync(time: clock);
        var started = await StartAsync(app);
        using var visitor = await PageVisitor.LoggedInAsync(app);
        await visitor.GetAsync("/");
        clock.Advance(TimeSpan.FromMinutes(10));

        Assert.Contains(
            "This code has expired. Please request a new code from your device.",
            (await visitor.PostAsync(Page, ("op", "approve"), ("user_code", started.Text("user_code")!))).Text, StringComparison.Ordinal);
        Assert.Equal((400, "expired_token"), await PollAsync(app, started));
        Assert.Equal((400, "invalid_grant"), await PollAsync(app, started));
    }

    [Theory, EachDatabase]
    public async Task Of_fifty_that_ask_at_once_one_gets_the_token(DatabaseKind database)
    {
        await using var app = await VedetteApp.StartAsync(database);
        var started = await StartAsync(app);
        using var visitor = await PageVisitor.LoggedInAsync(app);
        await visitor.GetAsync("/");
        await visitor.PostAsync(Page, ("op", "approve"), ("user_code", started.Text("user_code")!));

        var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => AskAsync(app, started)));

        Assert.Equal((1, 49), (answers.Count(each => each.Status == 200), answers.Count(each => each.Map.Text("error") == "invalid_grant")));
    }

    [Fact]
    public async Task Codes_cannot_be_tried_one_after_the_other()
    {
        var clock = new FakeClock();
        await using var app = await VedetteApp.StartAsync(time: clock);
        var started = await StartAsync(app);
        using var visitor = await PageVisitor.LoggedInAsync(app);
        var right = $"{Page}?user_code={started.Text("user_code")}";

        for (var i = 0; i < 20; i++)
            Assert.Equal(200, (await visitor.GetAsync(right)).Status); // good ones are not counted
        for (var i = 0; i < 10; i++)
            Assert.Contains(Wrong, (await visitor.GetAsync($"{Page}?user_code={(i % 2 == 0 ? "BBBB-BBBB" : "<script>")}")).Text, StringComparison.Ordinal);
        var limited = await visitor.GetAsync(right);
        Assert.Equal(429, limited.Status);
        Assert.Contains("Too many attempts. Please wait a minute and try again.", limited.Text, StringComparison.Ordinal);
        clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(200, (await visitor.GetAsync(right)).Status);
    }

    [Theory]
    [InlineData("", 401, """{"error":"invalid_client","error_description":"Missing required parameter: client_id"}""")]
    [InlineData("client_id=nonsense", 401, """{"error":"invalid_client","error_description":"Invalid client_id"}""")]
    [InlineData("client_id=vedette-cli&scope=org:read%20x", 400, """{"error":"invalid_scope","error_description":"Unknown scope: x"}""")]
    [InlineData("client_id=ID&scope=org:read", 400, """{"error":"invalid_scope","error_description":"Scope 'org:read' exceeds application permissions"}""")]
    public async Task A_device_that_begins_wrongly_is_told_why(string form, int status, string answer)
    {
        await using var app = await VedetteApp.StartAsync();
        var application = await app.CreateApplicationAsync(""","scopes":["event:read"]""");
        using var content = new StringContent(
            form.Replace("ID", application.Text("clientID"), StringComparison.Ordinal), System.Text.Encoding.ASCII, "application/x-www-form-urlencoded");

        using var response = await app.Client.PostAsync("/oauth/device/code/", content);

        Assert.Equal((status, answer), ((int)response.StatusCode, await response.Content.ReadAsStringAsync()));
        Assert.Equal(405, (int)(await app.Client.GetAsync("/oauth/device/code/")).StatusCode);
        using var options = new HttpRequestMessage(HttpMethod.Options, "/oauth/device/code/");
        using var preflight = await app.Client.SendAsync(options);
        Assert.Equal((200, "3600"), ((int)preflight.StatusCode, preflight.Headers.GetValues("Access-Control-Max-Age").Single()));
    }

    [Fact]
    public async Task An_application_of_organizations_is_let_into_one()
    {
        await using var app = await VedetteApp.StartAsync();
        var application = await app.CreateApplicationAsync(""","requiresOrgLevelAccess":true,"isPublic":true""");
        var started = await StartAsync(app, application.Text("clientID")!);
        using var visitor = await PageVisitor.LoggedInAsync(app);
        await visitor.GetAsync("/");

        var unchosen = await visitor.PostAsync(Page, ("op", "approve"), ("user_code", started.Text("user_code")!));
        Assert.Contains("Choose one of your organizations.", unchosen.Text, StringComparison.Ordinal);
        await visitor.PostAsync(Page, ("op", "approve"), ("user_code", started.Text("user_code")!), ("selected_organization_id", "1"));

        Assert.Equal("1", (await AskAsync(app, started, application.Text("clientID")!)).Map.Text("organization_id"));
    }

    [Fact]
    public async Task Another_client_cannot_ask_with_the_code_of_a_device()
    {
        await using var app = await VedetteApp.StartAsync();
        var other = await app.CreateApplicationAsync(""","isPublic":true""");
        var started = await StartAsync(app);

        Assert.Equal("invalid_grant", (await AskAsync(app, started, other.Text("clientID")!)).Map.Text("error"));
        Assert.Equal((400, "authorization_pending"), await PollAsync(app, started));
    }

    private static async Task<JsonMap> StartAsync(VedetteApp app, string client = "vedette-cli") =>
        (await app.FormAsync("/oauth/device/code/", [("client_id", client), ("scope", "event:read")])).Map;

    private static Task<ApiAnswer> AskAsync(VedetteApp app, JsonMap started, string client = "vedette-cli") =>
        app.FormAsync("/oauth/token/", [("grant_type", Device), ("client_id", client), ("device_code", started.Text("device_code"))]);

    private static async Task<(int, string?)> PollAsync(VedetteApp app, JsonMap started)
    {
        var answer = await AskAsync(app, started);
        return (answer.Status, answer.Map.Text("error"));
    }
}
