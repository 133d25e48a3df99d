using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Vedette.Server.Mail;
using Vedette.Tests.Harness;
using Xunit;

namespace Vedette.Tests.Server.Mail;

/// <summary>Mail that waits, and what becomes of it, with a mail server that nobody here wrote.</summary>
public sealed class MailTests
{
    private const string Login = """{"user":"us@er:1","password":"pa/ss %","methods":["PLAIN"]}""";
    private const string GoodLogin = "us%40er%3A1:pa%2Fss%20%25";

    [Theory]
    [InlineData("""["PLAIN"]""", "none")]
    [InlineData("""["LOGIN"]""", "none")]
    [InlineData("""["PLAIN","LOGIN"]""", "offered")]
    public async Task It_logs_in_under_tls_where_the_server_can(string methods, string tls)
    {
        var clock = new FakeClock();
        await using var smtp = await SmtpProcess.StartAsync($$"""{"user":"us@er:1","password":"pa/ss %","methods":{{methods}},"tls":"{{tls}}"}""");
        await using var app = await VedetteApp.StartAsync(time: clock, settings: [("VEDETTE_SMTP", $"smtp://{GoodLogin}@127.0.0.1:{smtp.Port}")]);
        await app.QueueMailAsync();

        await app.SendMailAsync(clock);

        var mail = Assert.Single(await smtp.WaitForAsync(1));
        Assert.Equal((1.0, tls == "offered", "[127.0.0.1]"), (mail["logins"], mail["secure"], mail.Text("greeting")));
        Assert.Equal(("sent", null), ((await app.MailAsync()).State, (await app.MailAsync()).LastError));
    }

    [Fact]
    public async Task A_login_that_is_not_taken_delays_the_mail_and_its_words_are_not_kept()
    {
        var clock = new FakeClock();
        await using var smtp = await SmtpProcess.StartAsync(Login);
        await using var app = await VedetteApp.StartAsync(time: clock, settings: [("VEDETTE_SMTP", $"smtp://us%40er%3A1:very-secret@127.0.0.1:{smtp.Port}")]);
        await app.QueueMailAsync();

        await app.SendMailAsync(clock);

        Assert.Equal(("waiting", $"{smtp.Url}: it does not take the login (535)"), ((await app.MailAsync()).State, (await app.MailAsync()).LastError));
        Assert.Empty(smtp.Mails);
    }

    [Theory, EachDatabase]
    public async Task A_refusal_for_good_is_final_and_keeps_its_reason(DatabaseKind database)
    {
        foreach (var stage in new[] { "mail", "rcpt", "data" })
        {
            var clock = new FakeClock();
            await using var smtp = await SmtpProcess.StartAsync($$$"""{"refuse":{"at":"{{{stage}}}","code":550,"times":1}}""");
            await using var app = await VedetteApp.StartAsync(database, clock, ("VEDETTE_SMTP", smtp.Url));
            await app.QueueMailAsync();

            await app.SendMailAsync(clock);

            var row = await app.MailAsync();
            Assert.Equal(("failed", 1, $"{smtp.Url}: 550 not today"), (row.State, row.Attempts, row.LastError));
            Assert.Empty(smtp.Mails);
        }
    }

    [Theory, EachDatabase]
    public async Task A_refusal_for_now_is_tried_again_after_a_minute(DatabaseKind database)
    {
        var clock = new FakeClock();
        await using var smtp = await SmtpProcess.StartAsync("""{"refuse":{"at":"rcpt","code":450,"times":1}}""");
        await using var app = await VedetteApp.StartAsync(database, clock, ("VEDETTE_SMTP", smtp.Url));
        await app.QueueMailAsync();

        await app.SendMailAsync(clock);
        var delayed = await app.MailAsync();
        Assert.Equal(("waiting", $"{smtp.Url}: 450 not today"), (delayed.State, delayed.LastError));
        Assert.InRange(delayed.DueAt - (clock.GetUtcNow().ToUnixTimeMilliseconds() * 1000), 50_000_000, 60_000_000);
        await app.SendMailAsync(clock, TimeSpan.FromMinutes(1));

        Assert.Single(await smtp.WaitForAsync(1));
        Assert.Equal(("sent", 2), ((await app.MailAsync()).State, (await app.MailAsync()).Attempts));
    }

    [Fact]
    public async Task A_server_that_is_away_is_tried_for_a_day_and_a_half()
    {
        var clock = new FakeClock();
        await using var app = await VedetteApp.StartAsync(time: clock, settings: [("VEDETTE_SMTP", $"smtp://127.0.0.1:{FreePort.Find()}")]);
        await app.QueueMailAsync();
        var waits = new List<double>();

        while ((await app.MailAsync()).State == "waiting")
        {
            var due = (await app.MailAsync()).DueAt;
            var wait = TimeSpan.FromMicroseconds(due - (clock.GetUtcNow().ToUnixTimeMilliseconds() * 1000));
            waits.Add(Math.Round(wait.TotalMinutes));
            await app.SendMailAsync(clock, wait);
        }

        Assert.Equal([0, 1, 5, 30, 120, 360, 1440], waits);
        var row = await app.MailAsync();
        Assert.Equal(("failed", 7), (row.State, row.Attempts));
        Assert.Contains("refused", row.LastError, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_comes_back_gets_the_mail()
    {
        var clock = new FakeClock();
        var port = FreePort.Find();
        await using var app = await VedetteApp.StartAsync(time: clock, settings: [("VEDETTE_SMTP", $"smtp://127.0.0.1:{port}")]);
        await app.QueueMailAsync();
        await app.SendMailAsync(clock);
        Assert.Equal("waiting", (await app.MailAsync()).State);
        await using var smtp = await SmtpProcess.StartAsync($$"""{"port":{{port}}}""");

        await app.SendMailAsync(clock, TimeSpan.FromMinutes(1));

        Assert.Single(await smtp.WaitForAsync(1));
        Assert.Equal("sent", (await app.MailAsync()).State);
    }

    [Theory]
    [InlineData("Naïve 日本語 😀 integration", "Grüße\n.\n.dot\n..two\n\nend 😀")]
    [InlineData("A subject\r\nBcc: thief@example.org\r\n\r\nbody", "one\r\ntwo\rthree\n.\nQUIT\n.four")]
    [InlineData("=?utf-8?B?SGk=?=", ".")]
    [InlineData("", "")]
    public async Task What_was_written_is_what_arrives(string subject, string body)
    {
        var clock = new FakeClock();
        await using var smtp = await SmtpProcess.StartAsync();
        await using var app = await VedetteApp.StartAsync(time: clock, settings: [("VEDETTE_SMTP", smtp.Url)]);
        var many = string.Concat(Enumerable.Repeat(subject, 5));
        await app.QueueMailAsync(many, body);

        await app.SendMailAsync(clock);

        var mail = Assert.Single(await smtp.WaitForAsync(1));
        Assert.Equal(many.Replace("\r", " ", StringComparison.Ordinal).Replace("\n", " ", StringComparison.Ordinal), mail.Text("subject") ?? "");
        Assert.Equal(body.ReplaceLineEndings("\n"), mail.Text("text")!.TrimEnd('\n'));
        Assert.Equal("vedette@[127.0.0.1]", mail.Text("from"));
        Assert.Equal("2026-03-01T12:00:00.000Z", mail.Text("date"));
        Assert.Equal("admin@localhost", mail.List("to")!.Single());
        var raw = mail.Text("raw")!;
        Assert.All(raw, c => Assert.InRange(c, '\t', '~'));
        Assert.All(raw.Split("\r\n"), line => Assert.InRange(line.Length, 0, 998));
        Assert.DoesNotContain(raw.Split("\r\n"), line => line.StartsWith("Bcc:", StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_address_that_could_be_a_command_is_never_sent()
    {
        var clock = new FakeClock();
        await using var smtp = await SmtpProcess.StartAsync();
        await using var app = await VedetteApp.StartAsync(time: clock, settings: [("VEDETTE_SMTP", smtp.Url)]);
        await app.ExecuteAsync("update account set email = @email", new { email = "a@b>\r\nRCPT TO:<thief@example.org" });
        await app.QueueMailAsync();

        await app.SendMailAsync(clock);

        Assert.Equal(("failed", "the address is not one that mail can be sent to"), ((await app.MailAsync()).State, (await app.MailAsync()).LastError));
        Assert.Empty(smtp.Mails);
    }

    [Fact]
    public async Task The_egress_policy_holds_for_the_mail_server_too()
    {
        var clock = new FakeClock();
        await using var smtp = await SmtpProcess.StartAsync();
        await using var app = await VedetteApp.StartAsync(time: clock, settings: [("VEDETTE_SMTP", smtp.Url), ("VEDETTE_EGRESS_ALLOW", "10.0.0.0/8")]);
        await app.QueueMailAsync();

        await app.SendMailAsync(clock);

        Assert.Equal(
            ("waiting", $"{smtp.Url}: blocked: 127.0.0.1 is in 127.0.0.0/8 (loopback) (VEDETTE_EGRESS_ALLOW allows it)"),
            ((await app.MailAsync()).State, (await app.MailAsync()).LastError));
        Assert.Empty(smtp.Mails);
    }

    [Fact]
    public async Task Tls_from_the_start_asks_for_a_certificate_that_is_valid()
    {
        var clock = new FakeClock();
        await using var smtp = await SmtpProcess.StartAsync("""{"tls":"from the start"}""");
        await using var app = await VedetteApp.StartAsync(time: clock, settings: [("VEDETTE_SMTP", $"smtps://127.0.0.1:{smtp.Port}")]);
        await app.QueueMailAsync();

        await app.SendMailAsync(clock);

        Assert.StartsWith($"smtps://127.0.0.1:{smtp.Port}: TLS failed: ", (await app.MailAsync()).LastError, StringComparison.Ordinal);
        Assert.Empty(smtp.Mails);
    }

    /// <summary>On the way to another machine somebody might listen, or pass himself off as the server.</summary>
    [Theory]
    [InlineData("none", "it offers no TLS, and a password is not sent without")]
    [InlineData("offered", "TLS failed: ")]
    public async Task Over_a_network_a_login_needs_tls_with_a_certificate_that_is_valid(string tls, string reason)
    {
        var address = NetworkInterface.GetAllNetworkInterfaces()
            .SelectMany(each => each.GetIPProperties().UnicastAddresses)
            .Select(each => each.Address)
            .FirstOrDefault(each => each.AddressFamily == AddressFamily.InterNetwork && !IPAddress.IsLoopback(each));
        if (address is null)
            Assert.Skip("this machine has no address but the loopback one");

        var clock = new FakeClock();
        await using var smtp = await SmtpProcess.StartAsync($$"""{"user":"vedette","password":"very-secret","tls":"{{tls}}","host":"{{address}}"}""");
        await using var app = await VedetteApp.StartAsync(
            time: clock, settings: [("VEDETTE_SMTP", $"smtp://vedette:very-secret@{address}:{smtp.Port}"), ("VEDETTE_EGRESS_ALLOW", $"{address}")]);
        await app.QueueMailAsync();

        await app.SendMailAsync(clock);

        Assert.StartsWith($"smtp://{address}:{smtp.Port}: {reason}", (await app.MailAsync()).LastError, StringComparison.Ordinal);
        Assert.Empty(smtp.Mails);
    }

    [Theory, EachDatabase]
    public async Task Who_dies_while_it_sends_leaves_the_mail_to_the_next(DatabaseKind database)
    {
        var clock = new FakeClock();
        await using var smtp = await SmtpProcess.StartAsync();
        await using var app = await VedetteApp.StartAsync(database, clock, ("VEDETTE_SMTP", smtp.Url), ("VEDETTE_ROLE", "web"));
        await app.QueueMailAsync();
        var outbox = app.Services.GetRequiredService<MailOutbox>();
        var dead = await outbox.ClaimAsync(CancellationToken.None);
        Assert.Null(await outbox.ClaimAsync(CancellationToken.None));

        clock.Advance(TimeSpan.FromMinutes(10));
        var next = await outbox.ClaimAsync(CancellationToken.None);
        var late = await outbox.RecordAsync(dead!, MailResult.Refused("too late"), CancellationToken.None);
        var recorded = await outbox.RecordAsync(next!, MailResult.Sent, CancellationToken.None);

        Assert.Equal((null, MailState.Sent), (late, recorded));
        Assert.Equal(
            Encoding.ASCII.GetString(MailText.Of(dead!, "vedette@example.org", "example.org")), Encoding.ASCII.GetString(MailText.Of(next!, "vedette@example.org", "example.org")));
        Assert.Contains($"\r\nMessage-ID: <{dead!.MessageId}@example.org>\r\n", Encoding.ASCII.GetString(MailText.Of(next!, "vedette@example.org", "example.org")), StringComparison.Ordinal);
        Assert.Equal("sent", (await app.MailAsync()).State);
    }

    [Fact]
    public async Task With_sqlite_the_next_start_does_not_wait_for_the_claim_of_the_dead()
    {
        var clock = new FakeClock();
        await using var app = await VedetteApp.StartAsync(time: clock);
        await app.QueueMailAsync();
        Assert.NotNull(await app.Services.GetRequiredService<MailOutbox>().ClaimAsync(CancellationToken.None));
        var died = clock.GetUtcNow();

        await app.RestartAsync();
        await clock.AdvanceUntilAsync(TimeSpan.FromSeconds(1), async () => (await app.MailAsync()).State == "filed", "the file");

        Assert.InRange(clock.GetUtcNow() - died, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(9));
    }

    [Fact]
    public async Task A_web_node_sends_none_and_workers_send_each_once()
    {
        if (!PostgresServer.IsThere)
            Assert.Skip(PostgresServer.WhyNot);

        await using var smtp = await SmtpProcess.StartAsync();
        await using var other = await SmtpProcess.StartAsync();
        await using var web = await VedetteApp.StartAsync(DatabaseKind.Postgres, settings: [("VEDETTE_ROLE", "web"), ("VEDETTE_SMTP", other.Url)]);
        (string, string)[] worker = [("VEDETTE_ROLE", "worker"), ("VEDETTE_SMTP", smtp.Url), ("VEDETTE_DATABASE", web.Postgres!)];
        for (var i = 0; i < 30; i++)
            await web.QueueMailAsync($"Mail {i}");
        await using (var one = await VedetteApp.StartAsync(settings: worker))
        await using (var two = await VedetteApp.StartAsync(settings: worker))
            await Poll.UntilAsync(async () => await WaitingAsync(web) == 0, "the end of the mails");

        Assert.Equal(30, (await smtp.WaitForAsync(30)).Select(mail => mail.Text("messageId")).Distinct().Count());
        Assert.Equal((30, 0), (smtp.Mails.Count, other.Mails.Count));
    }

    [Theory, EachDatabase]
    public async Task Without_a_mail_server_it_becomes_a_file_that_only_the_owner_can_read(DatabaseKind database)
    {
        var clock = new FakeClock();
        await using var app = await VedetteApp.StartAsync(database, clock, ("VEDETTE_URL", "https://errors.example.org/base"));
        await app.QueueMailAsync("Über\r\nBcc: thief@example.org", "A body\n.\n");

        await app.SendMailAsync(clock);

        var file = Assert.Single(Directory.GetFiles(Path.Combine(app.DataFolder, "mail")));
        var text = await File.ReadAllTextAsync(file);
        Assert.Equal("filed", (await app.MailAsync()).State);
        Assert.EndsWith(".eml", file, StringComparison.Ordinal);
        Assert.StartsWith("From: Vedette <vedette@errors.example.org>\r\nTo: <admin@localhost>\r\nSubject: =?utf-8?B?", text, StringComparison.Ordinal);
        Assert.EndsWith("\r\n\r\nA body\r\n.\r\n", text, StringComparison.Ordinal);
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(Path.GetDirectoryName(file)!));
        }
    }

    private static Task<long> WaitingAsync(VedetteApp app) =>
        app.Database.ReadAsync(session => session.SingleAsync<long>("select count(*) from mail where state = 'waiting'"), CancellationToken.None);
}
