using System.Buffers.Binary;
using Vedette.Server.Authorization;
using Vedette.Tests.Harness;
using Vedette.Wire.Json;
using Xunit;

namespace Vedette.Tests.Server.Apps;

public sealed class PublicAppTests
{
    private const string Apps = "/api/0/sentry-apps/";
    private const string Url = "https://bridge.example/hook";

    [Theory, EachDatabase]
    public async Task A_public_app_has_the_slug_of_its_name_and_is_not_installed(DatabaseKind database)
    {
        await using var app = await VedetteApp.StartAsync(database);

        var made = await app.CreatePublicAppAsync(Url, more: ""","features":[1],"popularity":5,"webhookHeaders":["X-Key: secret value"]""");

        Assert.Equal(("ticket-bridge", "unpublished", true, "Acme"), (made.Text("slug"), made.Text("status"), made["verifyInstall"], made.Text("author")));
        Assert.Equal(1.0, made["popularity"]);
        Assert.Equal(["integrations-api"], made.List("featureData")!.Select(feature => ((JsonMap)feature!).Text("featureGate")));
        Assert.Equal(["X-Key: secret value"], made.List("webhookHeaders")!);
        Assert.False(made.Contains("datePublished"));
        Assert.Empty((await app.GetAsync("/api/0/organizations/default/sentry-app-installations/")).List);

        // Also when the app that had it is deleted.
        const string Taken = """{"name":["Name Ticket Bridge is already taken, please use another."]}""";
        Assert.Equal(Taken, await CreateAgainAsync());
        Assert.Equal(204, (await app.ApiAsync(HttpMethod.Delete, $"{Apps}ticket-bridge/")).Status);
        Assert.Equal(404, (await app.GetAsync($"{Apps}ticket-bridge/")).Status);
        Assert.Equal(Taken, await CreateAgainAsync());

        async Task<string> CreateAgainAsync() => (await app.ApiAsync(
            HttpMethod.Post, Apps, $$"""{"name":"Ticket Bridge","organization":"default","author":"A","webhookUrl":"{{Url}}"}""")).Json.JsonText();
    }

    [Theory]
    [InlineData("12345", "^12345-[a-z]{3}$")]
    [InlineData("日本", "^integration$")]
    [InlineData("  A  B! ", "^a-b$")]
    public async Task A_slug_is_never_a_number(string name, string slug)
    {
        await using var app = await VedetteApp.StartAsync();

        Assert.Matches(slug, (await app.CreatePublicAppAsync(Url, name)).Text("slug"));
    }

    [Fact]
    public async Task Everybody_may_see_a_published_app_but_not_its_secrets()
    {
        await using var app = await VedetteApp.StartAsync();
        var made = await app.CreatePublicAppAsync(Url, more: ""","webhookHeaders":["X-Key: hidden"]""");
        var path = $"{Apps}{made.Text("slug")}/";
        await app.AddOrganizationAsync("other");
        var stranger = await app.AddPersonAsync("stranger@other.example", "other", MemberRole.Member);
        Assert.Equal(403, (await app.GetAsync(path, stranger)).Status);
        Assert.Empty((await app.GetAsync(Apps, stranger)).List);

        await app.PublishAsync(made);

        var shown = (await app.GetAsync(path, stranger)).Map;
        Assert.Equal(("published", true), (shown.Text("status"), shown.Contains("datePublished")));
        Assert.False(shown.Contains("clientId") || shown.Contains("clientSecret") || shown.Contains("owner"));
        Assert.Equal(["X-Key: ********"], shown.List("webhookHeaders")!);
        Assert.Equal(200, (await app.GetAsync($"{path}features/", stranger)).Status);
        Assert.Equal(403, (await app.GetAsync($"{path}stats/", stranger)).Status);
        Assert.Equal(403, (await app.ApiAsync(HttpMethod.Put, path, "{}", stranger)).Status);
        Assert.Single((await app.GetAsync(Apps, stranger)).List);
    }

    [Fact]
    public async Task The_collection_shows_unpublished_ones_to_their_organization_alone()
    {
        await using var app = await VedetteApp.StartAsync();
        await app.AddOrganizationAsync("other");
        var stranger = await app.AddPersonAsync("stranger@other.example", "other", MemberRole.Owner);
        await app.CreatePublicAppAsync(Url, "One");
        await app.CreateAppAsync(Url);
        await app.PublishAsync(await app.CreatePublicAppAsync(Url, "Two"));

        Assert.Equal("two", await SlugsAsync("", null));
        Assert.Equal("two", await SlugsAsync("?status=published", stranger));
        Assert.Equal("two", await SlugsAsync("?status=nonsense", stranger));
        Assert.Equal("one", await SlugsAsync("?status=unpublished", null));
        Assert.StartsWith("bridge-", await SlugsAsync("?status=internal", null), StringComparison.Ordinal);
        Assert.Equal("", await SlugsAsync("?status=unpublished", stranger));
        Assert.Equal("", await SlugsAsync("?status=internal", stranger));

        await app.ExecuteAsync("update account set is_superuser = 1 where email = 'stranger@other.example'");
        Assert.Equal("one", await SlugsAsync("?status=unpublished", stranger));
        Assert.Equal(3, (await app.GetAsync(Apps, stranger)).List.Count);

        async Task<string> SlugsAsync(string query, string? token) =>
            string.Join(' ', (await app.GetAsync($"{Apps}{query}", token)).List.Select(item => ((JsonMap)item!).Text("slug")));
    }

    [Fact]
    public async Task A_change_is_partial_and_scopes_go_on_to_tokens()
    {
        await using var app = await VedetteApp.StartAsync();
        var made = await app.CreateAppAsync(Url, more: ""","allowedOrigins":["a.example"],"overview":"o" """);
        var path = $"{Apps}{made.Text("slug")}/";
        using var browser = await LoggedIn.AsAsync(app);
        var token = (await browser.ApiAsync(HttpMethod.Post, $"{path}api-tokens/")).Map.Text("token");
        Assert.Equal(403, (await app.GetAsync("/api/0/organizations/default/", token)).Status);

        var changed = (await app.ApiAsync(
            HttpMethod.Put, path, """{"name":"New name","scopes":["event:write","org:read"],"events":["error.created","comment"],"allowedOrigins":[],"delivery":{"ordered":true}}""")).Map;

        Assert.Equal(("New name", made.Text("slug"), "o", Url), (changed.Text("name"), changed.Text("slug"), changed.Text("overview"), changed.Text("webhookUrl")));
        Assert.Equal(["event:read", "event:write", "org:read"], changed.List("scopes")!);
        Assert.Equal(["comment", "error"], changed.List("events")!);
        Assert.Equal(["comment.created", "comment.deleted", "comment.updated", "error.created"], changed.List("webhookEvents")!);
        Assert.Empty(changed.List("allowedOrigins")!);
        Assert.Equal("""{"timeoutMs":1000,"concurrency":8,"encoding":"javascript","standardWebhooks":false,"ordered":true}""", changed.Map("delivery").JsonText());
        Assert.Equal(200, (await app.GetAsync("/api/0/organizations/default/", token)).Status);
        Assert.Equal(
            ["comment.created", "comment.deleted", "comment.updated", "error.created"],
            await app.Database.ReadAsync(session => session.ListAsync<string>("select event from subscription order by event"), CancellationToken.None));
    }

    [Fact]
    public async Task An_app_that_may_not_read_events_any_more_receives_none()
    {
        await using var receiver = new TestReceiver();
        await using var app = await VedetteApp.StartAsync();
        var made = await app.CreateAppAsync(receiver.Url, """["error"]""");
        var other = await app.CreateAppAsync(receiver.Url, """["error"]""");

        Assert.Equal(200, (await app.ApiAsync(HttpMethod.Put, $"{Apps}{made.Text("slug")}/", """{"scopes":[]}""")).Status);
        await app.SendEventAsync("""{"message":"there","exception":{"values":[{"type":"E"}]}}""");
        await app.WaitForDeliveriesAsync(1);

        Assert.Single(receiver.Requests);
        Assert.Equal(other.Text("clientId"), (await app.GetAsync($"{Apps}{other.Text("slug")}/")).Map.Text("clientId"));
    }

    [Fact]
    public async Task Only_a_superuser_publishes_by_the_api()
    {
        await using var app = await VedetteApp.StartAsync();
        var made = await app.CreatePublicAppAsync(Url);
        var path = $"{Apps}{made.Text("slug")}/";

        var ignored = await app.ApiAsync(HttpMethod.Put, path, """{"status":"published","popularity":9}""");
        Assert.Equal((200, "unpublished", 1.0), (ignored.Status, ignored.Map.Text("status"), ignored.Map["popularity"]));

        await app.ExecuteAsync("update account set is_superuser = 1 where email = @Email", new { app.FirstStart.Email });
        var published = await app.ApiAsync(HttpMethod.Put, path, """{"status":"published","popularity":9}""");
        Assert.Equal((200, "published", 9.0), (published.Status, published.Map.Text("status"), published.Map["popularity"]));

        await app.ExecuteAsync("update account set is_superuser = 0");
        Assert.Equal(
            (400, """{"detail":"Cannot update permissions on a published integration."}"""),
            await AskAsync(HttpMethod.Put, path, """{"scopes":["event:read"]}"""));
        Assert.Equal(
            (400, """{"detail":"Cannot update features on a published integration."}"""),
            await AskAsync(HttpMethod.Put, path, """{"features":[1]}"""));
        Assert.Equal(200, (await app.ApiAsync(HttpMethod.Put, path, """{"scopes":["event:read","org:read"],"overview":"same scopes"}""")).Status);
        Assert.Equal((403, """{"detail":["Published apps cannot be removed."]}"""), await AskAsync(HttpMethod.Delete, path, null));

        Task<(int, string)> AskAsync(HttpMethod method, string where, string? body) => app.AskAsync(method, where, $"Bearer {app.FirstStart.Token}", body);
    }

    [Fact]
    public async Task A_request_to_publish_may_come_with_a_change()
    {
        await using var app = await VedetteApp.StartAsync();
        var path = $"{Apps}{(await app.CreatePublicAppAsync(Url)).Text("slug")}/";

        Assert.Equal("publish_request_inprogress", (await app.ApiAsync(HttpMethod.Put, path, """{"status":"publish_request_inprogress"}""")).Map.Text("status"));
    }

    [Fact]
    public async Task Scopes_that_the_app_has_are_not_looked_at_again()
    {
        await using var app = await VedetteApp.StartAsync();
        var path = $"{Apps}{(await app.CreateAppAsync(Url, more: ""","scopes":["event:read","org:admin"]""")).Text("slug")}/";
        var manager = await app.AddPersonAsync("manager@example.org", "default", MemberRole.Manager);

        Assert.Equal(200, (await app.ApiAsync(HttpMethod.Put, path, """{"scopes":["event:read","org:admin","org:read"]}""", manager)).Status);
        Assert.Equal(200, (await app.ApiAsync(HttpMethod.Put, path, """{"scopes":["event:read"]}""", manager)).Status);
        Assert.Equal(
            (400, """{"scopes":["Requested permission of org:admin exceeds requester's permission. Please contact an administrator to make the requested change."]}"""),
            await app.AskAsync(HttpMethod.Put, path, $"Bearer {manager}", """{"scopes":["event:read","org:admin"]}"""));
    }

    [Fact]
    public async Task A_superuser_is_told_what_is_wrong_with_the_organization()
    {
        await using var app = await VedetteApp.StartAsync();
        await app.AddOrganizationAsync("other");
        var superuser = await app.AddPersonAsync("root@other.example", "other", MemberRole.Owner);
        await app.ExecuteAsync("update account set is_superuser = 1 where email = 'root@other.example'");

        Assert.Equal(
            (404, """{"detail":"Organization 'nonsense' does not exist."}"""),
            await app.AskAsync(HttpMethod.Post, Apps, $"Bearer {superuser}", """{"name":"A","organization":"nonsense"}"""));
        Assert.Equal(
            (401, """{"detail":"User must be a part of the Org they're trying to create the app in"}"""),
            await app.AskAsync(HttpMethod.Post, Apps, $"Bearer {superuser}", """{"name":"A","organization":"default"}"""));
        var made = await app.ApiAsync(
            HttpMethod.Post, Apps, """{"name":"A","organization":"other","isInternal":true,"popularity":7}""", superuser);
        Assert.Equal((201, 7.0), (made.Status, made.Map["popularity"]));
    }

    [Fact]
    public async Task Error_events_can_be_switched_off()
    {
        const string Refusal = """{"non_field_errors":["Your organization does not have access to the 'error' resource subscription."]}""";
        await using var app = await VedetteApp.StartAsync(settings: [("VEDETTE_FEATURES_OFF", "organizations:integrations-event-hooks")]);

        Assert.Equal(
            (403, Refusal), await app.AskAsync(HttpMethod.Post, Apps, $"Bearer {app.FirstStart.Token}", """{"organization":"default","name":7,"events":["error"]}"""));
        var made = await app.CreateAppAsync(Url, """["issue"]""");
        Assert.Equal(
            (403, Refusal), await app.AskAsync(HttpMethod.Put, $"{Apps}{made.Text("slug")}/", $"Bearer {app.FirstStart.Token}", """{"events":["error.created"]}"""));
    }

    [Fact]
    public async Task What_a_partner_manages_is_changed_by_nobody()
    {
        const string Refusal = """{"detail":"This integration is managed by an active partnership and cannot be modified until the end of the partnership."}""";
        await using var app = await VedetteApp.StartAsync();
        var made = await app.CreateAppAsync(Url);
        await app.ExecuteAsync("""update app set metadata = '{"partnership_restricted":true}'""");
        var path = $"{Apps}{made.Text("slug")}/";
        using var browser = await LoggedIn.AsAsync(app);

        Assert.Equal((403, Refusal), await app.AskAsync(HttpMethod.Put, path, $"Bearer {app.FirstStart.Token}", "{}"));
        Assert.Equal((403, Refusal), await app.AskAsync(HttpMethod.Delete, path, $"Bearer {app.FirstStart.Token}"));
        Assert.Equal(Refusal, (await browser.ApiAsync(HttpMethod.Post, $"{path}api-tokens/")).Json.JsonText());
        Assert.Equal(Refusal, (await browser.ApiAsync(HttpMethod.Delete, $"{path}api-tokens/1/")).Json.JsonText());
        Assert.Equal("""{"partnership_restricted":true}""", (await app.GetAsync(path)).Map.Map("metadata").JsonText());
    }

    [Fact]
    public async Task Publication_is_asked_for_once_and_with_a_logo()
    {
        await using var app = await VedetteApp.StartAsync();
        var made = await app.CreatePublicAppAsync(Url);
        var internalApp = await app.CreateAppAsync(Url);
        var path = $"{Apps}{made.Text("slug")}/publish-request/";
        const string Body = """{"questionnaire":[{"question":"Why?","answer":"Because."}]}""";

        Assert.Equal("Cannot publish internal integration.", await DetailAsync($"{Apps}{internalApp.Text("slug")}/publish-request/"));
        Assert.Equal("Must upload a logo for the integration.", await DetailAsync(path));
        Assert.Equal(200, (await PutAvatarAsync(app, made, Png(512, 512), isLogo: true)).Status);
        Assert.Equal((201, ""), await app.AskAsync(HttpMethod.Post, path, $"Bearer {app.FirstStart.Token}", Body));
        Assert.Equal("Publish request in progress.", await DetailAsync(path));
        Assert.Equal(
            (403, """{"detail":["Published apps cannot be removed."]}"""),
            await app.AskAsync(HttpMethod.Delete, $"{Apps}{made.Text("slug")}/", $"Bearer {app.FirstStart.Token}"));
        await app.PublishAsync(made);
        Assert.Equal("Cannot publish already published integration.", await DetailAsync(path));

        async Task<string?> DetailAsync(string where)
        {
            var answer = await app.ApiAsync(HttpMethod.Post, where, Body);
            Assert.Equal(400, answer.Status);
            return answer.Map.Text("detail");
        }
    }

    [Theory, EachDatabase]
    public async Task A_picture_is_kept_and_shown(DatabaseKind database)
    {
        await using var app = await VedetteApp.StartAsync(database);
        var made = await app.CreateAppAsync(Url);
        var png = Png(256, 256);

        var changed = (await PutAvatarAsync(app, made, png, isLogo: false)).Map;

        var avatar = (JsonMap)changed.List("avatars")!.Single()!;
        Assert.Equal(("upload", false, "icon"), (avatar.Text("avatarType"), avatar["color"], avatar.Text("photoType")));
        using var picture = await app.Client.GetAsync(new Uri(avatar.Text("avatarUrl")!));
        Assert.Equal((200, "image/png"), ((int)picture.StatusCode, picture.Content.Headers.ContentType!.ToString()));
        Assert.Equal("nosniff", picture.Headers.GetValues("X-Content-Type-Options").Single());
        Assert.Equal(png, await picture.Content.ReadAsByteArrayAsync());
        Assert.Equal(404, (int)(await app.Client.GetAsync("/sentry-app-avatar/nonsense/")).StatusCode);

        var removed = await app.ApiAsync(HttpMethod.Put, $"{Apps}{made.Text("slug")}/avatar/", """{"avatar_type":"default","color":false}""");
        Assert.Empty(removed.Map.List("avatars")!);
    }

    [Theory]
    [InlineData("{}", """{"avatar_type":["Must be default or upload."]}""")]
    [InlineData("""{"avatar_type":"upload"}""", """{"avatar_photo":["This field is required."]}""")]
    [InlineData("""{"avatar_type":"upload","avatar_photo":"!"}""", """{"avatar_photo":["Unable to decode the image: it is not base64."]}""")]
    [InlineData("""{"avatar_type":"upload","avatar_photo":"PHN2Zz4="}""", """{"avatar_photo":["The image must be a PNG."]}""")]
    [InlineData("255x255", """{"avatar_photo":["The image must be 256 to 1024 pixels wide."]}""")]
    [InlineData("1025x1025", """{"avatar_photo":["The image must be 256 to 1024 pixels wide."]}""")]
    [InlineData("512x256", """{"avatar_photo":["The image must be square."]}""")]
    public async Task What_is_no_picture_is_refused(string body, string refusal)
    {
        await using var app = await VedetteApp.StartAsync();
        var made = await app.CreateAppAsync(Url);
        if (body.Split('x') is [var width, var height] && uint.TryParse(width, out var w) && uint.TryParse(height, out var h))
            body = $$"""{"avatar_type":"upload","avatar_photo":"{{Convert.ToBase64String(Png(w, h))}}"}""";

        Assert.Equal((400, refusal), await app.AskAsync(HttpMethod.Put, $"{Apps}{made.Text("slug")}/avatar/", $"Bearer {app.FirstStart.Token}", body));
    }

    [Theory, EachDatabase]
    public async Task A_rotated_secret_signs_at_once_and_the_old_one_beside_it_for_a_while(DatabaseKind database)
    {
        await using var receiver = new TestReceiver();
        await using var app = await VedetteApp.StartAsync(database);
        var made = await app.CreateAppAsync(receiver.Url, """["error"]""", ""","delivery":{"standardWebhooks":true}""");
        var path = $"{Apps}{made.Text("slug")}/rotate-secret/";

        var rotated = await app.ApiAsync(HttpMethod.Post, path, """{"overlapHours":24}""");
        var secret = rotated.Map.Text("clientSecret")!;
        Assert.Matches("^[0-9a-f]{64}$", secret);
        Assert.NotEqual(made.Text("clientSecret"), secret);
        await app.SendEventAsync("""{"exception":{"values":[{"type":"E"}]}}""");
        var both = (await receiver.WaitForAsync(1))[0];
        Assert.Equal(HookSignatureOf(secret, both.Body), both.Header("Sentry-Hook-Signature"));
        Assert.Equal(2, both.Header("webhook-signature")!.Split(' ').Length);

        // Without a body the old secret ends at once.
        Assert.Equal(200, (await app.ApiAsync(HttpMethod.Post, path)).Status);
        await app.SendEventAsync("""{"exception":{"values":[{"type":"F"}]}}""");
        Assert.Single((await receiver.WaitForAsync(2))[1].Header("webhook-signature")!.Split(' '));
    }

    [Theory]
    [InlineData("""{"overlapHours":169}""")]
    [InlineData("""{"overlapHours":-1}""")]
    [InlineData("""{"overlapHours":"a day"}""")]
    [InlineData("""{"overlapHours":null}""")]
    public async Task An_overlap_is_a_week_at_most(string body)
    {
        await using var app = await VedetteApp.StartAsync();
        var made = await app.CreateAppAsync(Url);

        Assert.Equal(
            (400, """{"overlapHours":["Must be a number from 0 to 168."]}"""),
            await app.AskAsync(HttpMethod.Post, $"{Apps}{made.Text("slug")}/rotate-secret/", $"Bearer {app.FirstStart.Token}", body));
    }

    [Fact]
    public async Task Nobody_rotates_the_secret_of_an_app_that_may_do_more_than_they()
    {
        await using var app = await VedetteApp.StartAsync();
        var made = await app.CreateAppAsync(Url, more: ""","scopes":["event:read","org:admin"]""");
        var manager = await app.AddPersonAsync("manager@example.org", "default", MemberRole.Manager);

        Assert.Equal(
            (403, """{"detail":"Requested permission of org:admin exceeds requester's permission. Please contact an owner to make the requested change."}"""),
            await app.AskAsync(HttpMethod.Post, $"{Apps}{made.Text("slug")}/rotate-secret/", $"Bearer {manager}"));
    }

    [Fact]
    public async Task Custom_headers_are_sent_and_ours_win()
    {
        await using var receiver = new TestReceiver();
        await using var app = await VedetteApp.StartAsync();
        await app.CreateAppAsync(receiver.Url, """["error"]""", ""","webhookHeaders":["X-Key:  k:1 ","sentry-hook-resource: mine","Idempotency-Key: mine"]""");

        await app.SendEventAsync("""{"exception":{"values":[{"type":"E"}]}}""");

        var request = (await receiver.WaitForAsync(1))[0];
        Assert.Equal(("k:1", "error"), (request.Header("X-Key"), request.Header("Sentry-Hook-Resource")));
        Assert.Matches("^[0-9a-f]{32}$", request.Header("Idempotency-Key"));
    }

    [Fact]
    public async Task Use_is_counted_by_the_hour()
    {
        var clock = new FakeClock();
        await using var app = await VedetteApp.StartAsync(time: clock);
        var made = await app.CreatePublicAppAsync(Url);
        var path = $"{Apps}{made.Text("slug")}/";
        using var browser = await LoggedIn.AsAsync(app);
        var installation = await app.InstallAsync(made);
        Assert.Equal(201, (await browser.ApiAsync(HttpMethod.Post, $"{path}interaction/", """{"tsdbField":"sentry_app_viewed"}""")).Status);
        Assert.Equal(201, (await browser.ApiAsync(HttpMethod.Post, $"{path}interaction/", """{"tsdbField":"sentry_app_component_interacted","componentType":"issue-link"}""")).Status);
        Assert.Equal(204, (await app.ApiAsync(HttpMethod.Delete, $"/api/0/sentry-app-installations/{installation.Text("uuid")}/")).Status);

        var stats = (await app.GetAsync($"{path}stats/?resolution=1h")).Map;
        Assert.Equal((1.0, 1.0), (stats["totalInstalls"], stats["totalUninstalls"]));
        Assert.Equal(25, stats.List("installStats")!.Count);
        var uses = (await app.GetAsync($"{path}interaction/")).Map;
        Assert.Equal(1.0, ((List<object?>)uses.List("views")![^1]!)[1]);
        Assert.Equal(1.0, ((List<object?>)uses.Map("componentInteractions")!.List("issue-link")![^1]!)[1]);

        Assert.Equal(403, (await app.ApiAsync(HttpMethod.Post, $"{path}interaction/", """{"tsdbField":"sentry_app_viewed"}""")).Status);
        Assert.Equal(
            """{"detail":"The tsdbField must be one of: sentry_app_viewed, sentry_app_component_interacted"}""",
            (await browser.ApiAsync(HttpMethod.Post, $"{path}interaction/", "{}")).Json.JsonText());
        Assert.Equal(
            """{"detail":"The field componentType is required and must be one of ['stacktrace-link', 'issue-link']"}""",
            (await browser.ApiAsync(HttpMethod.Post, $"{path}interaction/", """{"tsdbField":"sentry_app_component_interacted"}""")).Json.JsonText());
    }

    [Theory]
    [InlineData("resolution=5m", "Invalid resolution")]
    [InlineData("until=now", "until must be a numeric timestamp.")]
    [InlineData("since=then", "since must be a numeric timestamp")]
    [InlineData("since=2000&until=1000", "start must be before or equal to end")]
    [InlineData("since=0&until=253402300799", "Invalid resolution")]
    public async Task A_wrong_window_is_refused(string query, string detail)
    {
        await using var app = await VedetteApp.StartAsync();
        var made = await app.CreateAppAsync(Url);

        Assert.Equal(
            (400, $$"""{"detail":"{{detail}}"}"""), await app.AskAsync(HttpMethod.Get, $"{Apps}{made.Text("slug")}/stats/?{query}", $"Bearer {app.FirstStart.Token}"));
    }

    private static string HookSignatureOf(string secret, byte[] body) => Vedette.Wire.HookSignature.Sign(secret, body);

    private static Task<ApiAnswer> PutAvatarAsync(VedetteApp app, JsonMap made, byte[] png, bool isLogo) =>
        app.ApiAsync(
            HttpMethod.Put,
            $"{Apps}{made.Text("slug")}/avatar/",
            $$"""{"avatar_type":"upload","avatar_photo":"{{Convert.ToBase64String(png)}}","color":{{(isLogo ? "true" : "false")}}}""");

    /// <summary>The head of a picture; the rest is not looked at.</summary>
    private static byte[] Png(uint width, uint height)
    {
        var png = new byte[64];
        ((ReadOnlySpan<byte>)[0x89, (byte)'P', (byte)'N', (byte)'G', 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 13]).CopyTo(png);
        "IHDR"u8.CopyTo(png.AsSpan(12));
        BinaryPrimitives.WriteUInt32BigEndian(png.AsSpan(16), width);
        BinaryPrimitives.WriteUInt32BigEndian(png.AsSpan(20), height);
        return png;
    }
}
