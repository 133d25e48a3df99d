using Vedette.Server.Authorization;
using Vedette.Tests.Harness;
using Vedette.Wire.Json;
using Xunit;

namespace Vedette.Tests.Server.Apps;

/// <summary>PUT on an app: disabling and enabling it, and where its webhooks go.</summary>
public sealed class AppChangeTests
{
    private const string Error = """{"exception":{"values":[{"type":"E","value":"v"}]}}""";

    [Theory, EachDatabase]
    public async Task What_was_held_is_sent_when_the_app_is_enabled(DatabaseKind database)
    {
        await using var receiver = new TestReceiver();
        await using var app = await VedetteApp.StartAsync(database);
        var path = await HoldTwoAsync(app, receiver);

        var enabled = await app.ApiAsync(HttpMethod.Put, path, """{"isDisabled":false}""");
        await app.WaitForDeliveriesAsync(2);

        Assert.Equal((200, false), (enabled.Status, enabled.Map["isDisabled"]));
        Assert.Equal(2, receiver.Requests.Count);
    }

    [Theory, EachDatabase]
    public async Task What_was_held_can_be_dropped_instead(DatabaseKind database)
    {
        await using var receiver = new TestReceiver();
        await using var app = await VedetteApp.StartAsync(database);
        var path = await HoldTwoAsync(app, receiver);

        var enabled = await app.ApiAsync(HttpMethod.Put, path, """{"isDisabled":false,"heldDeliveries":"drop"}""");
        await app.WaitForDeliveriesAsync(2, "cancelled");
        await app.SendEventAsync(Error);
        await app.WaitForDeliveriesAsync(1);

        Assert.Equal((200, false), (enabled.Status, enabled.Map["isDisabled"]));
        Assert.Single(receiver.Requests);
    }

    /// <summary>Broken, enabled, and then judged anew: the old failures do not count.</summary>
    [Fact]
    public async Task A_broken_app_that_is_enabled_begins_with_clean_counters()
    {
        var clock = new FakeClock();
        await using var receiver = new TestReceiver { Behaviour = TestReceiver.Hang };
        await using var app = await VedetteApp.StartAsync(time: clock, settings: [("VEDETTE_RETRY_SCHEDULE", "9d"), ("VEDETTE_BROKEN_TIMEOUTS", "2")]);
        var made = await app.CreateAppAsync(receiver.Url, """["error"]""");
        var path = $"/api/0/sentry-apps/{made.Text("slug")}/";
        await app.SendEventAsync(Error);
        await app.SendEventAsync(Error);
        await receiver.WaitForAsync(2);
        clock.Advance(TimeSpan.FromSeconds(1));
        await app.WaitForDeliveriesAsync(2, "held");
        receiver.Behaviour = TestReceiver.Status(200);

        var enabled = await app.ApiAsync(HttpMethod.Put, path, """{"isDisabled":false}""");
        await clock.AdvanceUntilAsync(TimeSpan.FromMilliseconds(100), () => receiver.Requests.Count == 4, "the release");
        await app.WaitForDeliveriesAsync(2);

        Assert.Equal(false, enabled.Map["isDisabled"]);
        Assert.Equal(0, await app.Database.ReadAsync(session => session.SingleAsync<long>("select sum(timeouts + errors) from destination_day"), CancellationToken.None));
    }

    [Fact]
    public async Task Enabling_and_disabling_twice_does_nothing_more()
    {
        await using var receiver = new TestReceiver();
        await using var app = await VedetteApp.StartAsync();
        var path = await HoldTwoAsync(app, receiver);

        foreach (var (json, disabled) in new[] { ("""{"isDisabled":true}""", true), ("{}", true), ("""{"isDisabled":false}""", false), ("""{"isDisabled":false}""", false) })
        {
            var answer = await app.ApiAsync(HttpMethod.Put, path, json);
            Assert.Equal((200, disabled), (answer.Status, answer.Map["isDisabled"]));
        }

        await app.WaitForDeliveriesAsync(2);
        Assert.Equal(2, receiver.Requests.Count);
        Assert.Equal(0, await app.Database.ReadAsync(session => session.SingleAsync<long>("select count(*) from mail"), CancellationToken.None));
    }

    [Theory]
    [InlineData("""{"isDisabled":false}""")]
    [InlineData("""{"webhookUrl":"<url>"}""")]
    public async Task After_a_410_both_enabling_and_saving_the_url_make_it_called_again(string json)
    {
        await using var receiver = new TestReceiver { Behaviour = TestReceiver.Status(410) };
        await using var app = await VedetteApp.StartAsync();
        var made = await app.CreateAppAsync(receiver.Url, """["error"]""");
        await app.SendEventAsync(Error);
        await app.WaitForDeliveriesAsync(1, "gone");
        receiver.Behaviour = TestReceiver.Status(200);
        await app.SendEventAsync(Error);
        await app.WaitForDeliveriesAsync(2, "gone");

        var answer = await app.ApiAsync(HttpMethod.Put, $"/api/0/sentry-apps/{made.Text("slug")}/", json.Replace("<url>", receiver.Url, StringComparison.Ordinal));
        await app.SendEventAsync(Error);
        await app.WaitForDeliveriesAsync(1);

        Assert.Equal(200, answer.Status);
        Assert.Equal(2, receiver.Requests.Count);
    }

    [Fact]
    public async Task Saving_a_url_does_not_enable_an_app_that_is_disabled()
    {
        await using var receiver = new TestReceiver { Behaviour = TestReceiver.Status(410) };
        await using var app = await VedetteApp.StartAsync();
        var made = await app.CreateAppAsync(receiver.Url, """["error"]""");
        var path = $"/api/0/sentry-apps/{made.Text("slug")}/";
        await app.SendEventAsync(Error);
        await app.WaitForDeliveriesAsync(1, "gone");
        await app.ApiAsync(HttpMethod.Put, path, """{"isDisabled":true}""");

        var saved = await app.ApiAsync(HttpMethod.Put, path, $$"""{"webhookUrl":"{{receiver.Url}}"}""");
        await app.SendEventAsync(Error);
        await app.WaitForDeliveriesAsync(1, "held");

        Assert.Equal((200, true), (saved.Status, saved.Map["isDisabled"]));
        Assert.Single(receiver.Requests);
    }

    [Theory, EachDatabase]
    public async Task Webhooks_go_to_the_new_url(DatabaseKind database)
    {
        await using var old = new TestReceiver();
        await using var receiver = new TestReceiver();
        await using var app = await VedetteApp.StartAsync(database);
        var made = await app.CreateAppAsync(old.Url, """["error"]""");
        var path = $"/api/0/sentry-apps/{made.Text("slug")}/";

        var moved = await app.ApiAsync(HttpMethod.Put, path, $$"""{"webhookUrl":"{{receiver.Url}}"}""");
        await app.SendEventAsync(Error);
        await app.WaitForDeliveriesAsync(1);

        Assert.Equal((200, receiver.Url), (moved.Status, moved.Map.Text("webhookUrl")));
        Assert.Single(receiver.Requests);
        Assert.Empty(old.Requests);
    }

    [Fact]
    public async Task A_410_of_the_old_url_does_not_end_the_new_one()
    {
        var moved = new TaskCompletionSource();
        await using var old = new TestReceiver
        {
            Behaviour = async (request, stream, ct) =>
            {
                await moved.Task;
                return await TestReceiver.Status(410)(request, stream, ct);
            },
        };
        await using var receiver = new TestReceiver();
        await using var app = await VedetteApp.StartAsync();
        var made = await app.CreateAppAsync(old.Url, """["error"]""", ""","delivery":{"timeoutMs":30000}""");
        await app.SendEventAsync(Error);
        await old.WaitForAsync(1);

        await app.ApiAsync(HttpMethod.Put, $"/api/0/sentry-apps/{made.Text("slug")}/", $$"""{"webhookUrl":"{{receiver.Url}}"}""");
        moved.SetResult();
        await app.WaitForDeliveriesAsync(1, "gone");
        await app.SendEventAsync(Error);
        await app.WaitForDeliveriesAsync(1);

        Assert.Single(receiver.Requests);
    }

    [Fact]
    public async Task An_app_without_a_url_may_get_one()
    {
        await using var app = await VedetteApp.StartAsync();
        var made = await app.ApiAsync(HttpMethod.Post, "/api/0/sentry-apps/", """{"name":"Quiet","organization":"default","isInternal":true}""");

        var answer = await app.ApiAsync(HttpMethod.Put, $"/api/0/sentry-apps/{made.Map.Text("slug")}/", """{"webhookUrl":"https://bridge.example/hook","isDisabled":true}""");

        Assert.Equal(200, answer.Status);
        Assert.Equal(
            ["https://bridge.example/hook disabled"],
            await app.Database.ReadAsync(
                session => session.ListAsync<string>("select d.url || ' ' || d.state from app_installation i join destination d on d.id = i.destination_id"), CancellationToken.None));
    }

    [Theory]
    [InlineData("""{"isDisabled":"yes"}""", """{"isDisabled":["Must be a valid boolean."]}""")]
    [InlineData("""{"isDisabled":null}""", """{"isDisabled":["Must be a valid boolean."]}""")]
    [InlineData("""{"heldDeliveries":"keep"}""", """{"heldDeliveries":["Must be release or drop."]}""")]
    [InlineData("""{"webhookUrl":"ftp://bridge.example"}""", """{"webhookUrl":["URL must start with http[s]://"]}""")]
    [InlineData("""{"webhookUrl":7}""", """{"webhookUrl":["Not a valid string."]}""")]
    [InlineData("""{"webhookUrl":""}""", """{"webhookUrl":["webhookUrl required if webhook events are enabled"]}""")]
    [InlineData("""{"webhookUrl":null}""", """{"webhookUrl":["webhookUrl required if webhook events are enabled"]}""")]
    [InlineData("""{"isDisabled":true,"name":null}""", """{"name":["This field may not be null."]}""")]
    [InlineData("""{"isDisabled":true,"name":"0123456789012345678901234567890123456789012345678901234567"}""", """{"name":["Cannot exceed 57 characters"]}""")]
    [InlineData("""{"scopes":["event:eat"]}""", """{"scopes":["event:eat not a valid scope"]}""")]
    [InlineData("""{"events":["project"]}""", """{"events":["Invalid event subscription: project"]}""")]
    [InlineData("""{"events":["preprod_artifact"]}""", """{"detail":"preprod_artifact webhooks require the project:read permission."}""")]
    [InlineData("""{"scopes":["event:read"],"events":["preprod_artifact"]}""", """{"events":["preprod_artifact webhooks require the project:read permission."]}""")]
    [InlineData("""{"verifyInstall":true}""", """{"detail":"Internal integrations cannot have verify_install=True."}""")]
    [InlineData("""{"allowedOrigins":["*"]}""", """{"allowedOrigins":["'*' not allowed in origin"]}""")]
    [InlineData("""{"webhookHeaders":["nonsense"]}""", """{"webhookHeaders":["Each header must have the form Header-Name: value."]}""")]
    [InlineData("""{"delivery":{"concurrency":0}}""", """{"delivery":["concurrency must be a whole number from 1 to 256."]}""")]
    [InlineData("""{"status":"nonsense"}""", """{"status":["\"nonsense\" is not a valid choice."]}""")]
    [InlineData("[]", """{"detail":"JSON parse error - the body is not an object"}""")]
    public async Task What_cannot_be_done_is_refused_and_nothing_is_changed(string json, string refusal)
    {
        await using var app = await VedetteApp.StartAsync();
        var made = await app.CreateAppAsync("https://bridge.example/hook");
        var path = $"/api/0/sentry-apps/{made.Text("slug")}/";
        var before = Text((await app.GetAsync(path)).Json);

        Assert.Equal((400, refusal), await app.AskAsync(HttpMethod.Put, path, $"Bearer {app.FirstStart.Token}", json));

        Assert.Equal(before, Text((await app.GetAsync(path)).Json));
    }

    [Fact]
    public async Task The_object_may_be_sent_back_whole()
    {
        await using var app = await VedetteApp.StartAsync();
        var made = await app.CreateAppAsync("https://bridge.example/hook", more: ""","allowedOrigins":["a.example"],"delivery":{"timeoutMs":2500}""");
        var path = $"/api/0/sentry-apps/{made.Text("slug")}/";
        var shown = (await app.GetAsync(path)).Map;
        shown["isDisabled"] = true;

        var answer = await app.ApiAsync(HttpMethod.Put, path, Text(shown));

        Assert.Equal((200, Text(shown)), (answer.Status, Text(answer.Json)));
    }

    [Fact]
    public async Task Managers_and_owners_may_and_nobody_else()
    {
        const string Change = """{"isDisabled":true}""";
        await using var app = await VedetteApp.StartAsync();
        var made = await app.CreateAppAsync("https://bridge.example/hook");
        var path = $"/api/0/sentry-apps/{made.Text("slug")}/";
        await app.AddOrganizationAsync("other");

        foreach (var (status, role, scopes) in new (int, MemberRole, string[])[]
        {
            (403, MemberRole.Member, []), (403, MemberRole.Admin, []), (403, MemberRole.Owner, ["org:read", "org:integrations"]),
            (200, MemberRole.Manager, []), (200, MemberRole.Owner, []), (200, MemberRole.Owner, ["org:write"]), (200, MemberRole.Manager, ["org:admin"]),
        })
        {
            var token = await app.AddPersonAsync($"{role}-{scopes.Length}-{status}-{string.Concat(scopes)}@acme.example", "default", role, scopes);
            Assert.Equal((role, scopes, status), (role, scopes, (await app.ApiAsync(HttpMethod.Put, path, Change, token)).Status));
        }

        var outsider = await app.AddPersonAsync("outsider@other.example", "other", MemberRole.Owner);
        Assert.Equal(
            (403, """{"detail":"User must be in the app owner's organization for unpublished apps","context":{"user_organizations":["other"]}}"""),
            await app.AskAsync(HttpMethod.Put, path, $"Bearer {outsider}", Change));
        Assert.Equal(
            (404, """{"detail":"Could not find the requested sentry app"}"""),
            await app.AskAsync(HttpMethod.Put, "/api/0/sentry-apps/nonsense/", $"Bearer {app.FirstStart.Token}", Change));
        Assert.Equal(401, (await app.ApiAsync(HttpMethod.Put, path, Change, token: "")).Status);
    }

    /// <summary>An app that was disabled before two events came.</summary>
    /// <returns>Its path.</returns>
    private static async Task<string> HoldTwoAsync(VedetteApp app, TestReceiver receiver)
    {
        var made = await app.CreateAppAsync(receiver.Url, """["error"]""");
        var path = $"/api/0/sentry-apps/{made.Text("slug")}/";
        var disabled = await app.ApiAsync(HttpMethod.Put, path, """{"isDisabled":true}""");
        Assert.Equal((200, true), (disabled.Status, disabled.Map["isDisabled"]));
        await app.SendEventAsync(Error);
        await app.SendEventAsync(Error);
        await app.WaitForDeliveriesAsync(2, "held");
        Assert.Empty(receiver.Requests);
        return path;
    }

    private static string Text(object? json)
    {
        var writer = new StableJsonWriter();
        writer.Value(json);
        return System.Text.Encoding.UTF8.GetString(writer.WrittenSpan);
    }
}
