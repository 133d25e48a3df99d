using Microsoft.Extensions.DependencyInjection;
using Vedette.Engine.Subscriptions;
using Vedette.Server.Authorization;
using Vedette.Tests.Harness;
using Xunit;

namespace Vedette.Tests.Server.Apps;

/// <summary>What follows when a receiver is broken, or asks not to be called again.</summary>
public sealed class BrokenAppTests
{
    private const string Error = """{"exception":{"values":[{"type":"E","value":"v"}]}}""";
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);
    private static readonly (string, string) Seldom = ("VEDETTE_RETRY_SCHEDULE", "9d");

    [Theory, EachDatabase]
    public async Task A_receiver_that_hangs_is_disabled_and_every_owner_is_mailed_once(DatabaseKind database)
    {
        var clock = new FakeClock();
        await using var smtp = await SmtpProcess.StartAsync();
        await using var receiver = new TestReceiver { Behaviour = TestReceiver.Hang };
        await using var app = await VedetteApp.StartAsync(
            database, clock, Seldom, ("VEDETTE_BROKEN_TIMEOUTS", "3"), ("VEDETTE_SMTP", smtp.Url), ("VEDETTE_MAIL_FROM", "vedette@example.org"));
        await app.AddPersonAsync("second@acme.example", "default", MemberRole.Owner);
        await app.AddPersonAsync("manager@acme.example", "default", MemberRole.Manager);
        await app.AddPersonAsync("gone@acme.example", "default", MemberRole.Owner);
        await app.ExecuteAsync("update account set is_active = 0 where email = 'gone@acme.example'");
        var made = await app.CreateAppAsync(receiver.Url, """["error"]""");
        var slug = made.Text("slug");

        await FailAsync(app, receiver, clock, 2);
        Assert.Equal(false, await IsDisabledAsync(app, slug));
        await FailAsync(app, receiver, clock, 1);
        await app.WaitForDeliveriesAsync(3, "held");
        await app.SendEventAsync(Error);
        await app.WaitForDeliveriesAsync(4, "held");
        await app.SendMailAsync(clock);
        var mails = await smtp.WaitForAsync(2);

        Assert.Equal(true, await IsDisabledAsync(app, slug));
        Assert.Equal(3, receiver.Requests.Count);
        Assert.Equal(["admin@localhost", "second@acme.example"], mails.Select(mail => (string)mail.List("to")!.Single()!).Order(StringComparer.Ordinal));
        Assert.All(mails, mail =>
        {
            var text = mail.Text("text")!;
            Assert.Equal("Action required: Fix your Bridge integration", mail.Text("subject"));
            Assert.Equal("vedette@example.org", mail.Text("from"));
            Assert.Contains($" {app.Url}/settings/default/developer-settings/{slug}/?referrer=disabled-sentry-app\n", text, StringComparison.Ordinal);
            Assert.Contains($" {app.Url}/settings/default/developer-settings/{slug}/dashboard/?referrer=disabled-sentry-app/\n", text, StringComparison.Ordinal);
            Assert.Contains($" {receiver.Url}\n", text, StringComparison.Ordinal);
            Assert.Contains(" 3 timeouts in a day", text, StringComparison.Ordinal);
        });
        Assert.Equal(0, await CountAsync(app, "destination_day"));
        Assert.Equal(
            [("INTERNAL_INTEGRATION_DISABLED", "system", 1L, 1L, """{"name":"Bridge"}""")],
            (await app.Database.ReadAsync(
                session => session.ListAsync<AuditRow>(
                    """
                    select event, actor_kind, organization_id, target_id, data from audit_log_entry
                    where actor_id is null and ip is null and actor_label = 'Sentry'
                    """),
                CancellationToken.None)).Select(row => (row.Event, row.ActorKind, row.OrganizationId, row.TargetId, row.Data)));
    }

    [Theory, EachDatabase]
    public async Task A_week_of_errors_is_enough(DatabaseKind database)
    {
        var clock = new FakeClock();
        await using var receiver = new TestReceiver { Behaviour = TestReceiver.Status(500) };
        await using var app = await VedetteApp.StartAsync(database, clock, Seldom);
        var made = await app.CreateAppAsync(receiver.Url, """["error"]""");

        for (var day = 1; day <= 7; day++)
        {
            Assert.Equal(false, await IsDisabledAsync(app, made.Text("slug")));
            if (day > 1)
                clock.Advance(TimeSpan.FromDays(1));
            await app.SendEventAsync(Error);
            await app.WaitForAttemptsAsync(day);
        }

        Assert.Equal(true, await IsDisabledAsync(app, made.Text("slug")));
        Assert.Equal((1, 1), (await CountAsync(app, "mail"), await CountAsync(app, "audit_log_entry where event = 'INTERNAL_INTEGRATION_DISABLED'")));
    }

    [Theory]
    [InlineData("internal", "internal", true)]
    [InlineData("internal", "published", false)]
    [InlineData("internal", "unpublished", false)]
    [InlineData("all", "internal", true)]
    [InlineData("all", "published", true)]
    [InlineData("none", "internal", false)]
    [InlineData("none", "published", false)]
    public async Task The_configuration_says_which_apps_are_disabled(string configured, string status, bool disabled)
    {
        await using var receiver = new TestReceiver { Behaviour = TestReceiver.Status(500) };
        await using var app = await VedetteApp.StartAsync(
            time: new FakeClock(), settings: [Seldom, ("VEDETTE_BROKEN_DAYS", "1"), ("VEDETTE_DISABLE_BROKEN", configured)]);
        var made = await app.CreateAppAsync(receiver.Url, """["error"]""");
        await app.ExecuteAsync("update app set status = @status", new { status });

        await app.SendEventAsync(Error);
        await app.WaitForAttemptsAsync(1);

        Assert.Equal(disabled, await IsDisabledAsync(app, made.Text("slug")));
        Assert.Equal(disabled ? 1 : 0, await CountAsync(app, "delivery where state = 'held'"));
        Assert.Equal(disabled ? (1, 1) : (0, 0), (await CountAsync(app, "mail"), await CountAsync(app, "audit_log_entry where event = 'INTERNAL_INTEGRATION_DISABLED'")));
    }

    [Fact]
    public async Task A_service_hook_is_left_alone()
    {
        await using var receiver = new TestReceiver { Behaviour = TestReceiver.Status(500) };
        await using var app = await VedetteApp.StartAsync(
            time: new FakeClock(), settings: [Seldom, ("VEDETTE_BROKEN_DAYS", "1"), ("VEDETTE_DISABLE_BROKEN", "all")]);
        var made = await app.CreateAppAsync(receiver.Url, """["error"]""");

        // As the row of a service hook: no installation knows it.
        await app.ExecuteAsync("update app_installation set destination_id = null");
        await app.SendEventAsync(Error);
        await app.WaitForAttemptsAsync(1);

        Assert.Equal(1, await CountAsync(app, "destination where state = 'active'"));
        Assert.Equal((0, 0), (await CountAsync(app, "mail"), await CountAsync(app, "audit_log_entry where event = 'INTERNAL_INTEGRATION_DISABLED'")));
        Assert.Equal(false, await IsDisabledAsync(app, made.Text("slug")));
    }

    /// <summary>The engine calls with every failure until it is heard, and two nodes may find out at the same moment.</summary>
    [Theory, EachDatabase]
    public async Task Told_often_and_by_two_nodes_it_disables_once(DatabaseKind database)
    {
        var clock = new FakeClock();
        await using var one = await VedetteApp.StartAsync(database, clock);
        await one.CreateAppAsync("https://bridge.example/hook");
        var nodes = new List<VedetteApp> { one, one };
        await using var two = one.Postgres is { } shared ? await VedetteApp.StartAsync(time: clock, settings: [("VEDETTE_DATABASE", shared)]) : null;
        if (two is not null)
            nodes.Add(two);
        var destination = await one.Database.ReadAsync(session => session.SingleAsync<long>("select id from destination"), CancellationToken.None);

        await Task.WhenAll(nodes.SelectMany(node => Enumerable.Range(0, 8).Select(_ => node.Database.WriteAsync(
            transaction => node.Services.GetRequiredService<DestinationNotices>().OnBroken(transaction, destination), CancellationToken.None))));

        Assert.Equal((1, 1, 1), (
            await CountAsync(one, "mail"), await CountAsync(one, "audit_log_entry where event = 'INTERNAL_INTEGRATION_DISABLED'"), await CountAsync(one, "destination where state = 'disabled'")));
    }

    [Theory, EachDatabase]
    public async Task Who_answers_410_is_not_called_again_and_every_owner_is_mailed(DatabaseKind database)
    {
        var clock = new FakeClock();
        await using var smtp = await SmtpProcess.StartAsync();
        await using var receiver = new TestReceiver { Behaviour = TestReceiver.Status(410) };
        await using var app = await VedetteApp.StartAsync(database, clock, ("VEDETTE_SMTP", smtp.Url), ("VEDETTE_DISABLE_BROKEN", "none"));
        var made = await app.CreateAppAsync(receiver.Url, """["error"]""");

        await app.SendEventAsync(Error);
        await app.WaitForDeliveriesAsync(1, "gone");
        await app.SendEventAsync(Error);
        await app.WaitForDeliveriesAsync(2, "gone");
        await app.SendMailAsync(clock);
        var mail = Assert.Single(await smtp.WaitForAsync(1));

        Assert.Equal("Your Bridge integration receives no more webhooks", mail.Text("subject"));
        Assert.Contains($" {receiver.Url}\n", mail.Text("text"), StringComparison.Ordinal);
        Assert.Contains($"PUT {app.Url}/api/0/sentry-apps/{made.Text("slug")}/ with {{\"isDisabled\": false}}", mail.Text("text"), StringComparison.Ordinal);
        Assert.Single(receiver.Requests);
        Assert.Equal((1, 0), (await CountAsync(app, "mail"), await CountAsync(app, "audit_log_entry where event = 'INTERNAL_INTEGRATION_DISABLED'")));
        Assert.Equal(false, await IsDisabledAsync(app, made.Text("slug")));
    }

    /// <summary>Sends events that time out, and waits until that is recorded.</summary>
    private static async Task FailAsync(VedetteApp app, TestReceiver receiver, FakeClock clock, int times)
    {
        var before = receiver.Requests.Count;
        for (var i = 0; i < times; i++)
            await app.SendEventAsync(Error);
        await receiver.WaitForAsync(before + times);
        clock.Advance(Second);
        await Poll.UntilAsync(
            async () => await CountAsync(app, "delivery where attempts = 1 or state = 'held'") >= before + times && await CountAsync(app, "attempt") == before + times,
            "the records of the timeouts");
    }

    private static async Task<object?> IsDisabledAsync(VedetteApp app, string? slug) => (await app.GetAsync($"/api/0/sentry-apps/{slug}/")).Map["isDisabled"];

    private static async Task<int> CountAsync(VedetteApp app, string from) =>
        (int)await app.Database.ReadAsync(session => session.SingleAsync<long>($"select count(*) from {from}"), CancellationToken.None);

    private sealed record AuditRow
    {
        public string Event { get; init; } = "";

        public string ActorKind { get; init; } = "";

        public long OrganizationId { get; init; }

        public long TargetId { get; init; }

        public string Data { get; init; } = "";
    }
}
