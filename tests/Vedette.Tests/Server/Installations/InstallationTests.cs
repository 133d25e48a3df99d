using Vedette.Server.Authorization;
using Vedette.Tests.Harness;
using Vedette.Wire.Json;
using Xunit;

namespace Vedette.Tests.Server.Installations;

public sealed class InstallationTests
{
    private const string List = "/api/0/organizations/default/sentry-app-installations/";
    private const string Error = """{"exception":{"values":[{"type":"E"}]}}""";

    [Theory, EachDatabase]
    public async Task Installing_tells_the_app_and_gives_it_a_code_for_ten_minutes(DatabaseKind database)
    {
        var clock = new FakeClock();
        await using var receiver = new TestReceiver();
        await using var app = await VedetteApp.StartAsync(database, clock);
        var made = await app.CreatePublicAppAsync(receiver.Url);
        var member = await app.AddPersonAsync("member@example.org", "default", MemberRole.Member);

        var installed = await app.InstallAsync(made);

        Assert.Equal(["app", "organization", "uuid", "status", "code"], installed.Members.Select(each => each.Key));
        Assert.Equal(("pending", "ticket-bridge", "default"), (installed.Text("status"), installed.Map("app")!.Text("slug"), installed.Map("organization")!.Text("slug")));
        Assert.Matches("^[0-9a-f]{32}$", installed.Text("code"));
        var told = (await receiver.WaitForAsync(1))[0];
        Assert.Equal("installation.created", told.Event);
        Assert.Equal(installed.Text("uuid"), told.Json.Map("installation")!.Text("uuid"));
        Assert.Equal(installed.JsonText(), told.Json.Map("data")!.Map("installation").JsonText());
        Assert.Equal(("user", app.FirstStart.Email), (told.Json.Map("actor")!.Text("type"), told.Json.Map("actor")!.Text("name")));
        await app.WaitForDeliveriesAsync(1);

        // A second time it is there, and nobody is told.
        Assert.Equal(installed.JsonText(), (await app.InstallAsync(made)).JsonText());
        Assert.False(((JsonMap)(await app.GetAsync(List, member)).List.Single()!).Contains("code"));
        clock.Advance(TimeSpan.FromMinutes(10));
        Assert.False(((JsonMap)(await app.GetAsync(List)).List.Single()!).Contains("code"));
        Assert.Single(receiver.Requests);
    }

    [Theory, EachDatabase]
    public async Task Uninstalling_ends_tokens_cancels_what_waits_and_tells_the_app(DatabaseKind database)
    {
        await using var receiver = new TestReceiver { Behaviour = TestReceiver.Status(500) };
        await using var app = await VedetteApp.StartAsync(database, new FakeClock());
        var made = await app.CreatePublicAppAsync(receiver.Url, more: ""","events":["error"]""");
        var installed = await app.InstallAsync(made);
        await app.SendEventAsync(Error);
        await app.WaitForAttemptsAsync(2);
        receiver.Behaviour = TestReceiver.Status(200);

        Assert.Equal(204, (await app.ApiAsync(HttpMethod.Delete, $"/api/0/sentry-app-installations/{installed.Text("uuid")}/")).Status);

        await app.WaitForDeliveriesAsync(1);
        var told = receiver.Requests[^1];
        Assert.Equal("installation.deleted", told.Event);
        Assert.False(told.Json.Map("data")!.Map("installation")!.Contains("code"));
        Assert.Equal(
            ["cancelled uninstalled", "cancelled uninstalled", "delivered delivered"],
            await app.Database.ReadAsync(session => session.ListAsync<string>("select state || ' ' || reason from delivery order by id"), CancellationToken.None));
        Assert.Empty((await app.GetAsync(List)).List);
        await app.SendEventAsync(Error);
        Assert.Equal(3, (await app.GetAsync("/api/vedette/organizations/default/deliveries/")).List.Count);
        Assert.Equal(404, (await app.GetAsync($"/api/0/sentry-app-installations/{installed.Text("uuid")}/")).Status);

        // And it may be installed again.
        Assert.NotEqual(installed.Text("uuid"), (await app.InstallAsync(made)).Text("uuid"));
    }

    [Fact]
    public async Task The_token_of_an_internal_app_that_is_uninstalled_is_none()
    {
        await using var app = await VedetteApp.StartAsync();
        var made = await app.CreateAppAsync("https://bridge.example/hook");
        using var browser = await LoggedIn.AsAsync(app);
        var token = (await browser.ApiAsync(HttpMethod.Post, $"/api/0/sentry-apps/{made.Text("slug")}/api-tokens/")).Map.Text("token");
        var uuid = ((JsonMap)(await app.GetAsync(List)).List.Single()!).Text("uuid");

        Assert.Equal(204, (await app.ApiAsync(HttpMethod.Delete, $"/api/0/sentry-app-installations/{uuid}/")).Status);

        Assert.Equal(401, (await app.GetAsync("/api/0/", token)).Status);
    }

    [Fact]
    public async Task Notices_go_out_also_while_the_app_is_disabled()
    {
        await using var receiver = new TestReceiver();
        await using var app = await VedetteApp.StartAsync();
        var made = await app.CreatePublicAppAsync(receiver.Url, more: ""","events":["error"]""");
        Assert.Equal(200, (await app.ApiAsync(HttpMethod.Put, $"/api/0/sentry-apps/{made.Text("slug")}/", """{"isDisabled":true}""")).Status);

        var installed = await app.InstallAsync(made);
        await app.SendEventAsync(Error);
        await app.ApiAsync(HttpMethod.Delete, $"/api/0/sentry-app-installations/{installed.Text("uuid")}/");

        Assert.Equal(["installation.created", "installation.deleted"], (await receiver.WaitForAsync(2)).Select(request => request.Event).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("{}", """{"slug":["This field is required."]}""")]
    [InlineData("""{"slug":7}""", """{"slug":["Not a valid string."]}""")]
    [InlineData("""{"slug":"123"}""", """{"slug":["Enter a valid slug consisting of lowercase letters, numbers, underscores or hyphens. It cannot be entirely numeric."]}""")]
    public async Task A_wrong_slug_is_refused(string body, string refusal)
    {
        await using var app = await VedetteApp.StartAsync();

        Assert.Equal((400, refusal), await app.AskAsync(HttpMethod.Post, List, $"Bearer {app.FirstStart.Token}", body));
    }

    [Fact]
    public async Task Others_install_what_is_published_only()
    {
        await using var receiver = new TestReceiver();
        await using var app = await VedetteApp.StartAsync();
        var made = await app.CreatePublicAppAsync(receiver.Url);
        await app.AddOrganizationAsync("other");
        var stranger = await app.AddPersonAsync("stranger@other.example", "other", MemberRole.Owner);
        const string Theirs = "/api/0/organizations/other/sentry-app-installations/";

        foreach (var slug in new[] { "ticket-bridge", "nonsense" })
            Assert.Equal((404, ""), await app.AskAsync(HttpMethod.Post, Theirs, $"Bearer {stranger}", $$"""{"slug":"{{slug}}"}"""));

        await app.PublishAsync(made);
        var installed = await app.InstallAsync(made, stranger, "other");
        var path = $"/api/0/sentry-app-installations/{installed.Text("uuid")}/";
        Assert.Equal(200, (await app.GetAsync(path, stranger)).Status);
        Assert.Equal((404, """{"detail":"Given organization is not valid"}"""), await app.AskAsync(HttpMethod.Get, path, $"Bearer {app.FirstStart.Token}"));
        Assert.Equal(
            (404, """{"detail":"Could not find given sentry app installation"}"""),
            await app.AskAsync(HttpMethod.Get, "/api/0/sentry-app-installations/nonsense/", $"Bearer {stranger}"));
    }

    [Fact]
    public async Task Only_the_app_itself_says_that_it_is_ready()
    {
        await using var app = await VedetteApp.StartAsync();
        var made = await app.CreatePublicAppAsync("https://bridge.example/hook");
        var other = await app.CreatePublicAppAsync("https://bridge.example/hook", "Other");
        var path = $"/api/0/sentry-app-installations/{(await app.InstallAsync(made)).Text("uuid")}/";
        await app.InstallAsync(other);
        var (token, foreign) = (await TokenOfAsync(app, "ticket-bridge"), await TokenOfAsync(app, "other"));

        Assert.Equal(401, (await app.ApiAsync(HttpMethod.Put, path, """{"status":"installed"}""", token: "")).Status);
        Assert.Equal(403, (await app.ApiAsync(HttpMethod.Put, path, """{"status":"installed"}""")).Status);
        Assert.Equal(403, (await app.ApiAsync(HttpMethod.Put, path, """{"status":"installed"}""", foreign)).Status);
        Assert.Equal(
            (400, """{"status":["Invalid value 'pending' for status. Valid values: 'installed'"]}"""),
            await app.AskAsync(HttpMethod.Put, path, $"Bearer {token}", """{"status":"pending"}"""));

        var confirmed = await app.ApiAsync(HttpMethod.Put, path, """{"status":"installed"}""", token);
        Assert.Equal((200, "installed"), (confirmed.Status, confirmed.Map.Text("status")));
        Assert.Equal(200, (await app.GetAsync(path, token)).Status);
    }

    [Theory, EachDatabase]
    public async Task An_installation_may_hear_of_new_issues_of_some_projects_only(DatabaseKind database)
    {
        await using var receiver = new TestReceiver();
        await using var app = await VedetteApp.StartAsync(database);
        await app.CreateAppAsync(receiver.Url, """["error.created","issue.resolved"]""");
        var (other, _) = await app.AddProjectAsync("default", "elsewhere");
        var path = $"/api/0/sentry-app-installations/{((JsonMap)(await app.GetAsync(List)).List.Single()!).Text("uuid")}/service-hook-projects/";
        Assert.Equal("[]", (await app.GetAsync(path)).Json.JsonText());

        var limited = await app.ApiAsync(HttpMethod.Post, path, """{"projects":["elsewhere"]}""");
        Assert.Equal((200, $$"""[{"id":"{{other}}","project_id":"{{other}}"}]"""), (limited.Status, limited.Json.JsonText()));
        await app.SendEventAsync(Error);
        Assert.Equal(200, (await app.ApiAsync(HttpMethod.Put, "/api/0/organizations/default/issues/1/", """{"status":"resolved"}""")).Status);
        Assert.Equal(["issue.resolved"], (await receiver.WaitForAsync(1)).Select(request => request.Event));

        Assert.Equal(204, (await app.ApiAsync(HttpMethod.Delete, path)).Status);
        await app.SendEventAsync("""{"exception":{"values":[{"type":"F"}]}}""");
        Assert.Equal("error.created", (await receiver.WaitForAsync(2))[1].Event);
        Assert.Equal(200, (await app.ApiAsync(HttpMethod.Post, path, $$"""{"projects":[{{app.ProjectId}},{{other}}]}""")).Status);
        Assert.Equal(2, (await app.GetAsync(path)).List.Count);
    }

    [Theory, EachDatabase]
    public async Task A_limit_stays_one_when_its_last_project_is_deleted(DatabaseKind database)
    {
        var clock = new FakeClock();
        await using var receiver = new TestReceiver();
        await using var app = await VedetteApp.StartAsync(database, clock);
        var made = await app.CreateAppAsync(receiver.Url, """["error.created","issue.resolved"]""");
        await app.AddProjectAsync("default", "elsewhere");
        var path = $"/api/0/sentry-app-installations/{((JsonMap)(await app.GetAsync(List)).List.Single()!).Text("uuid")}/service-hook-projects/";
        await app.ApiAsync(HttpMethod.Post, path, """{"projects":["elsewhere"]}""");

        Assert.Equal(204, (await app.ApiAsync(HttpMethod.Delete, "/api/0/projects/default/elsewhere/")).Status);
        await clock.AdvanceUntilAsync(
            TimeSpan.FromSeconds(1),
            async () => await app.Database.ReadAsync(session => session.SingleAsync<long>("select count(*) from project"), CancellationToken.None) == 1,
            "the deletion");
        Assert.Equal(200, (await app.ApiAsync(HttpMethod.Put, $"/api/0/sentry-apps/{made.Text("slug")}/", """{"overview":"changed"}""")).Status);
        await app.SendEventAsync(Error);
        await app.ApiAsync(HttpMethod.Put, "/api/0/organizations/default/issues/1/", """{"status":"resolved"}""");
        await app.WaitForDeliveriesAsync(1);

        Assert.Equal(["issue.resolved"], receiver.Requests.Select(request => request.Event));
    }

    [Theory, EachDatabase]
    public async Task An_app_whose_URL_was_removed_may_get_another(DatabaseKind database)
    {
        await using var receiver = new TestReceiver();
        await using var app = await VedetteApp.StartAsync(database, new FakeClock());
        var made = await app.CreateAppAsync("http://127.0.0.1:9/", """["error"]""");

        await ChangeAsync("""{"webhookUrl":null,"events":[]}""");
        await app.SendEventAsync(Error);
        await ChangeAsync($$"""{"webhookUrl":"{{receiver.Url}}","events":["error"]}""");
        await app.SendEventAsync(Error);
        await app.WaitForDeliveriesAsync(1);

        Assert.Single(receiver.Requests);

        async Task ChangeAsync(string change) =>
            Assert.Equal(200, (await app.ApiAsync(HttpMethod.Put, $"/api/0/sentry-apps/{made.Text("slug")}/", change)).Status);
    }

    [Theory]
    [InlineData("{}", """{"projects":["This field is required."]}""")]
    [InlineData("""{"projects":"all"}""", """{"projects":["Expected a list of projects."]}""")]
    [InlineData("""{"projects":[]}""", """{"projects":["Projects list cannot be empty"]}""")]
    [InlineData("""{"projects":["default",1]}""", """{"projects":["Mixed types detected. All project identifiers must be of the same type (either all strings/slugs or all integers/IDs)"]}""")]
    [InlineData("""{"projects":[null]}""", """{"projects":["Project identifiers must be either all strings (slugs) or all integers (IDs)"]}""")]
    [InlineData("""{"projects":["default","nonsense"]}""", """{"error":"Project 'nonsense' does not exist or is not accessible"}""")]
    [InlineData("""{"projects":[99999]}""", """{"error":"Some projects are not accessible"}""")]
    public async Task Wrong_projects_are_refused(string body, string refusal)
    {
        await using var app = await VedetteApp.StartAsync();
        await app.CreateAppAsync("https://bridge.example/hook");
        var uuid = ((JsonMap)(await app.GetAsync(List)).List.Single()!).Text("uuid");

        Assert.Equal(
            (400, refusal), await app.AskAsync(HttpMethod.Post, $"/api/0/sentry-app-installations/{uuid}/service-hook-projects/", $"Bearer {app.FirstStart.Token}", body));
    }

    [Theory, EachDatabase]
    public async Task Deleting_an_app_uninstalls_it_everywhere(DatabaseKind database)
    {
        await using var receiver = new TestReceiver();
        await using var app = await VedetteApp.StartAsync(database);
        var made = await app.CreatePublicAppAsync(receiver.Url, more: ""","events":["error"]""");
        await app.PublishAsync(made);
        await app.AddOrganizationAsync("other");
        var stranger = await app.AddPersonAsync("stranger@other.example", "other", MemberRole.Owner);
        await app.InstallAsync(made);
        await app.InstallAsync(made, stranger, "other");
        await app.ExecuteAsync("update app set status = 'unpublished'");

        Assert.Equal(204, (await app.ApiAsync(HttpMethod.Delete, $"/api/0/sentry-apps/{made.Text("slug")}/")).Status);

        Assert.Equal(2, (await receiver.WaitForAsync(4)).Count(request => request.Event == "installation.deleted"));
        foreach (var table in new[] { "app_installation", "subscription", "api_token where app_installation_id is not null", "app_count", "external_issue" })
            Assert.Equal(0, await app.Database.ReadAsync(session => session.SingleAsync<long>($"select count(*) from {table}"), CancellationToken.None));
        Assert.Empty((await app.GetAsync("/api/0/organizations/default/sentry-apps/")).List);
    }

    [Theory, EachDatabase]
    public async Task An_issue_has_one_link_an_app(DatabaseKind database)
    {
        await using var app = await VedetteApp.StartAsync(database);
        await app.CreateAppAsync("https://bridge.example/hook");
        await app.SendEventAsync(Error);
        var uuid = ((JsonMap)(await app.GetAsync(List)).List.Single()!).Text("uuid");
        var path = $"/api/0/sentry-app-installations/{uuid}/external-issues/";

        var linked = await app.ApiAsync(HttpMethod.Post, path, """{"issueId":1,"webUrl":"https://t.example/1","project":"<b>ops</b>","identifier":"7"}""");
        Assert.Equal(200, linked.Status);
        Assert.Equal(["id", "issueId", "serviceType", "displayName", "webUrl"], linked.Map.Members.Select(each => each.Key));
        Assert.Equal("&lt;b&gt;ops&lt;/b&gt;#7", linked.Map.Text("displayName"));
        var again = await app.ApiAsync(HttpMethod.Post, path, """{"issueId":1,"webUrl":"https://t.example/2","project":"ops","identifier":"8"}""");
        Assert.Equal((linked.Map.Text("id"), "ops#8"), (again.Map.Text("id"), again.Map.Text("displayName")));
        Assert.Single((await app.GetAsync("/api/0/organizations/default/issues/1/external-issues/")).List);

        Assert.Equal(
            (404, ""), await app.AskAsync(HttpMethod.Delete, $"/api/0/organizations/default/issues/2/external-issues/{again.Map.Text("id")}/", $"Bearer {app.FirstStart.Token}"));
        Assert.Equal(204, (await app.ApiAsync(HttpMethod.Delete, $"/api/0/organizations/default/issues/1/external-issues/{again.Map.Text("id")}/")).Status);
        again = await app.ApiAsync(HttpMethod.Post, path, """{"issueId":1,"webUrl":"https://t.example/2","project":"ops","identifier":"8"}""");
        Assert.Equal(204, (await app.ApiAsync(HttpMethod.Delete, $"{path}{again.Map.Text("id")}/")).Status);
        Assert.Equal(
            (404, """{"detail":"Could not find the corresponding external issue from given external_issue_id"}"""),
            await app.AskAsync(HttpMethod.Delete, $"{path}{again.Map.Text("id")}/", $"Bearer {app.FirstStart.Token}"));
        Assert.Equal(
            (404, """{"detail":"Could not find the corresponding issue for the given issueId"}"""),
            await app.AskAsync(HttpMethod.Post, path, $"Bearer {app.FirstStart.Token}", """{"issueId":99,"webUrl":"https://t.example/1","project":"ops","identifier":"7"}"""));
    }

    [Theory]
    [InlineData("issueId", "\"one\"", """{"issueId":["A valid integer is required."]}""")]
    [InlineData("issueId", "1e300", """{"issueId":["A valid integer is required."]}""")]
    [InlineData("webUrl", "\"javascript:alert(1)\"", """{"webUrl":["URL must start with http[s]://"]}""")]
    [InlineData("webUrl", "null", """{"webUrl":["This field may not be null."]}""")]
    [InlineData("project", "7", """{"project":["Not a valid string."]}""")]
    [InlineData("identifier", "\"\"", """{"identifier":["This field may not be blank."]}""")]
    public async Task A_wrong_link_is_refused(string field, string value, string refusal)
    {
        await using var app = await VedetteApp.StartAsync();
        await app.CreateAppAsync("https://bridge.example/hook");
        var uuid = ((JsonMap)(await app.GetAsync(List)).List.Single()!).Text("uuid");

        Assert.Equal(
            (400, refusal),
            await app.AskAsync(
                HttpMethod.Post,
                $"/api/0/sentry-app-installations/{uuid}/external-issues/",
                $"Bearer {app.FirstStart.Token}",
                $$"""{"issueId":1,"webUrl":"https://t.example/1","project":"ops","identifier":"7","{{field}}":{{value}}}"""));
    }

    /// <summary>As the app would get it in exchange for its code.</summary>
    private static async Task<string> TokenOfAsync(VedetteApp app, string slug)
    {
        var token = new string(slug[0], 64);
        await app.ExecuteAsync(
            """
            insert into api_token (account_id, name, token_hash, last_characters, scopes, created_at, app_installation_id)
            select a.proxy_account_id, '', @hash, 'xxxx', a.scopes, 0, i.id from app a join app_installation i on i.app_id = a.id where a.slug = @slug
            """,
            new { slug, hash = HolderStore.Hash(token) });
        return token;
    }
}
