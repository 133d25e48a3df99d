using System.Text.RegularExpressions;
using Vedette.Server.Authorization;
using Vedette.Tests.Harness;
using Vedette.Wire;
using Vedette.Wire.Json;
using Xunit;

namespace Vedette.Tests.Server.Apps;

public sealed class AppTests
{
    private const string Path = "/api/0/sentry-apps/";
    private const string Url = "https://bridge.example/hook";
    private const string Mask = "****************************************************************";

    [Theory, EachDatabase]
    public async Task The_object_has_these_members(DatabaseKind database)
    {
        await using var app = await VedetteApp.StartAsync(database);

        var made = await app.CreateAppAsync(Url, """["issue","error.created"]""", ""","overview":"o","redirectUrl":"https://bridge.example/","allowedOrigins":["a.example","https://b.example"],"isAlertable":true,"delivery":{"timeoutMs":2500}""");
        var shown = await app.GetAsync($"{Path}{made.Text("slug")}/");

        Assert.Equal(
            [
                "allowedOrigins", "author", "avatars", "events", "webhookEvents", "webhookHeaders", "featureData", "isAlertable", "isDisabled", "metadata", "name",
                "overview", "popularity", "redirectUrl", "schema", "scopes", "slug", "status", "uuid", "verifyInstall", "webhookUrl", "delivery", "clientId",
                "clientSecret", "owner",
            ],
            made.Members.Select(member => member.Key));
        Assert.Equal(Text(made), Text(shown.Json));
        Assert.Equal(["error", "issue"], made.List("events")!);
        Assert.Equal(
            ["error.created", "issue.assigned", "issue.created", "issue.ignored", "issue.resolved", "issue.unresolved"], made.List("webhookEvents")!);
        Assert.Equal(["a.example", "https://b.example"], made.List("allowedOrigins")!);
        Assert.Equal("""{"timeoutMs":2500,"concurrency":8,"encoding":"javascript","standardWebhooks":false,"ordered":false}""", Text(made.Map("delivery")));
        Assert.Equal(("Bridge", "default", "internal", Url), (made.Text("name"), made.Text("author"), made.Text("status"), made.Text("webhookUrl")));
        Assert.Equal((true, false, false, 1.0), (made["isAlertable"], made["verifyInstall"], made["isDisabled"], made["popularity"]));
        Assert.Matches("^bridge-[0-9a-f]{6}$", made.Text("slug"));
        Assert.Matches("^[0-9a-f]{64}$", made.Text("clientId"));
        Assert.Matches("^[0-9a-f]{64}$", made.Text("clientSecret"));
        Assert.Matches("^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$", made.Text("uuid"));
        Assert.Equal("default", made.Map("owner")!.Text("slug"));
        Assert.IsType<double>(made.Map("owner")!["id"]);
    }

    [Fact]
    public async Task The_secret_is_shown_for_a_day()
    {
        var clock = new FakeClock();
        await using var app = await VedetteApp.StartAsync(time: clock);
        var made = await app.CreateAppAsync(Url);
        var path = $"{Path}{made.Text("slug")}/";
        var member = await app.AddPersonAsync("member@acme.example", "default", MemberRole.Member);
        var narrow = await app.AddPersonAsync("narrow@acme.example", "default", MemberRole.Owner, "org:write");

        clock.Advance(TimeSpan.FromHours(24) - TimeSpan.FromSeconds(1));
        Assert.Equal(made.Text("clientSecret"), (await app.GetAsync(path)).Map.Text("clientSecret"));
        Assert.Equal(Mask, (await app.GetAsync(path, member)).Map.Text("clientSecret"));
        Assert.Equal(Mask, (await app.GetAsync(path, narrow)).Map.Text("clientSecret"));

        clock.Advance(TimeSpan.FromSeconds(1));
        foreach (var token in new[] { null, member, narrow })
        {
            var late = await app.GetAsync(path, token);
            Assert.True(late.Map.Contains("clientSecret"));
            Assert.Null(late.Map["clientSecret"]);
        }
    }

    [Fact]
    public async Task An_app_is_found_by_slug_and_by_id()
    {
        await using var app = await VedetteApp.StartAsync();
        var made = await app.CreateAppAsync(Url);
        var installation = (JsonMap)(await app.GetAsync("/api/0/organizations/default/sentry-app-installations/")).List.Single()!;

        var byId = await app.GetAsync($"{Path}{installation.Map("app")!["sentryAppId"]}/");

        Assert.Equal(made.Text("uuid"), byId.Map.Text("uuid"));
    }

    [Fact]
    public async Task Outsiders_are_told_which_organizations_they_have()
    {
        await using var app = await VedetteApp.StartAsync();
        var made = await app.CreateAppAsync(Url);
        await app.AddOrganizationAsync("other");
        var outsider = await app.AddPersonAsync("outsider@other.example", "other", MemberRole.Owner);

        Assert.Equal(
            (403, """{"detail":"User must be in the app owner's organization for unpublished apps","context":{"user_organizations":["other"]}}"""),
            await app.AskAsync(HttpMethod.Get, $"{Path}{made.Text("slug")}/", $"Bearer {outsider}"));
        Assert.Equal(
            (404, """{"detail":"Could not find the requested sentry app"}"""),
            await app.AskAsync(HttpMethod.Get, $"{Path}nonsense/", $"Bearer {outsider}"));
        Assert.Equal(404, (await app.GetAsync($"{Path}99999999999999999999/", outsider)).Status);
    }

    [Fact]
    public async Task The_list_is_paged_newest_first()
    {
        await using var app = await VedetteApp.StartAsync();
        var slugs = new List<string>();
        for (var i = 0; i < 5; i++)
            slugs.Insert(0, (await app.CreateAppAsync(Url)).Text("slug")!);
        const string List = "/api/0/organizations/default/sentry-apps/";

        var pages = new List<string>();
        var path = $"{List}?per_page=2";
        var first = await app.GetAsync(path);
        for (var page = first; ; page = await app.GetAsync(path))
        {
            pages.AddRange(page.List.Select(item => ((JsonMap)item!).Text("slug")!));
            var links = page.Headers.GetValues("Link").Single();
            if (!links.Contains("rel=\"next\"; results=\"true\"", StringComparison.Ordinal))
                break;
            path = links[(links.LastIndexOf('<') + 1 + app.Url.Length)..links.LastIndexOf('>')];
        }

        Assert.Equal(slugs, pages);
        Assert.Matches(
            $"^<{Regex.Escape($"{app.Url}{List}?per_page=2&cursor=")}[0-9]+:0:1>; rel=\"previous\"; results=\"false\"; cursor=\"[0-9]+:0:1\", "
            + $"<{Regex.Escape($"{app.Url}{List}?per_page=2&cursor=")}[0-9]+:0:0>; rel=\"next\"; results=\"true\"; cursor=\"[0-9]+:0:0\"$",
            first.Headers.GetValues("Link").Single());
        Assert.Equal(5, (await app.GetAsync($"{List}?status=internal")).List.Count);
        Assert.Empty((await app.GetAsync($"{List}?status=published")).List);
        Assert.Empty((await app.GetAsync($"{List}?cursor=0:0:0")).List);
    }

    [Theory, EachDatabase]
    public async Task An_internal_app_is_installed_at_once(DatabaseKind database)
    {
        await using var app = await VedetteApp.StartAsync(database);
        var made = await app.CreateAppAsync(Url);

        var installation = (JsonMap)(await app.GetAsync("/api/0/organizations/default/sentry-app-installations/")).List.Single()!;

        Assert.Equal("installed", installation.Text("status"));
        Assert.Equal((made.Text("uuid"), made.Text("slug")), (installation.Map("app")!.Text("uuid"), installation.Map("app")!.Text("slug")));
        Assert.Equal("default", installation.Map("organization")!.Text("slug"));
        Assert.Equal(1, await CountAsync(app, "destination"));
    }

    [Fact]
    public async Task Without_a_url_there_is_nothing_to_deliver_to()
    {
        await using var app = await VedetteApp.StartAsync();

        var answer = await app.ApiAsync(HttpMethod.Post, Path, """{"name":"Quiet","organization":"default","isInternal":true}""");

        Assert.Equal(201, answer.Status);
        Assert.Null(answer.Map["webhookUrl"]);
        Assert.Equal(1, await CountAsync(app, "app_installation"));
        Assert.Equal(0, await CountAsync(app, "destination"));
    }

    [Theory, EachDatabase]
    public async Task An_app_receives_only_what_it_subscribed_to(DatabaseKind database)
    {
        await using var receiver = new TestReceiver();
        await using var other = new TestReceiver();
        await using var app = await VedetteApp.StartAsync(database);
        await app.CreateAppAsync(receiver.Url, """["comment","issue.resolved"]""");
        await app.CreateAppAsync(other.Url, """["error"]""");

        await app.SendEventAsync("""{"exception":{"values":[{"type":"E","value":"v"}]}}""");
        await other.WaitForAsync(1);

        Assert.Equal(1, await CountAsync(app, "delivery"));
        Assert.Empty(receiver.Requests);
    }

    [Fact]
    public async Task Ascii_bodies_are_ascii_and_verify()
    {
        await using var receiver = new TestReceiver();
        await using var app = await VedetteApp.StartAsync();
        var made = await app.CreateAppAsync(receiver.Url, """["error"]""", ""","delivery":{"encoding":"ascii"}""");

        await app.SendEventAsync("""{"exception":{"values":[{"type":"E","value":"naïve 日本 😀"}]}}""");
        var request = (await receiver.WaitForAsync(1))[0];

        Assert.All(request.Body, b => Assert.InRange(b, 0x20, 0x7e));
        Assert.Contains("\\ud83d\\ude00", request.Text, StringComparison.Ordinal);
        Assert.True(HookSignature.Verify(made.Text("clientSecret")!, request.Body, request.Header("Sentry-Hook-Signature")));
    }

    [Fact]
    public async Task A_receiver_has_as_long_as_the_app_says()
    {
        var clock = new FakeClock();
        await using var receiver = new TestReceiver { Behaviour = TestReceiver.Hang };
        await using var app = await VedetteApp.StartAsync(time: clock);
        await app.CreateAppAsync(receiver.Url, """["error"]""", ""","delivery":{"timeoutMs":7000}""");
        await app.SendEventAsync("""{"exception":{"values":[{"type":"E","value":"v"}]}}""");
        await receiver.WaitForAsync(1);

        await clock.AdvanceUntilAsync(TimeSpan.FromMilliseconds(250), async () => await CountAsync(app, "attempt") == 1, "the end of the attempt");

        var duration = await app.Database.ReadAsync(session => session.SingleAsync<long>("select duration_us from attempt"), CancellationToken.None);
        Assert.InRange(duration, 7_000_000, 7_500_000);
    }

    private static Task<long> CountAsync(VedetteApp app, string table) =>
        app.Database.ReadAsync(session => session.SingleAsync<long>($"select count(*) from {table}"), CancellationToken.None);

    private static string Text(object? json)
    {
        var writer = new StableJsonWriter();
        writer.Value(json);
        return System.Text.Encoding.UTF8.GetString(writer.WrittenSpan);
    }
}
