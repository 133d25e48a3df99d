using System.Net.Sockets;
using System.Text;
using Vedette.Tests.Engine.Deliveries;
using Vedette.Tests.Harness;
using Xunit;

namespace Vedette.Tests.Server.Mail;

/// <summary>Mail servers that hang, lie and die, on a raw socket.</summary>
public sealed class HostileMailServerTests
{
    private static readonly string[] Dialogue =
        ["220 hello", "250 you", "250 sender", "250 recipient", "354 go on", "250 taken"];

    /// <summary>Wherever it falls silent: 30 seconds later the mail is put off.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(5)]
    public async Task A_server_that_falls_silent_is_given_up_after_30_seconds(int replies)
    {
        var clock = new FakeClock();
        var silent = new TaskCompletionSource();
        await using var server = new RawListener(async (client, ct) =>
        {
            await TalkAsync(client, Dialogue[..replies], ct);
            await ReadAsync(client, ct);
            silent.TrySetResult();
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, ct);
        });
        await using var app = await VedetteApp.StartAsync(time: clock, settings: [("VEDETTE_SMTP", $"smtp://127.0.0.1:{server.Port}")]);
        await app.QueueMailAsync();
        await clock.AdvanceUntilAsync(TimeSpan.FromSeconds(1), () => server.Connections == 1, "the connection");
        if (replies > 0)
            await silent.Task;

        clock.Advance(TimeSpan.FromSeconds(25));
        Assert.NotNull((await app.MailAsync()).Lease);
        await clock.AdvanceUntilAsync(TimeSpan.FromSeconds(1), async () => (await app.MailAsync()).Lease is null, "the end of the attempt");

        Assert.Equal(("waiting", $"smtp://127.0.0.1:{server.Port}: no answer within 30 s"), ((await app.MailAsync()).State, (await app.MailAsync()).LastError));
    }

    [Theory]
    [InlineData("HTTP/1.1 400 Bad Request\r\n", "it does not speak SMTP")]
    [InlineData("\r\n", "it does not speak SMTP")]
    [InlineData("220", "it closed the connection")]
    [InlineData("554 go away\u0007\u009b31m\r\n", "554 go away??31m")]
    [InlineData("421-come\r\n421 later\r\n", "421 come later")]
    public async Task What_is_no_greeting_puts_the_mail_off(string greeting, string reason)
    {
        await PutOffAsync(async (client, ct) => await client.GetStream().WriteAsync(Encoding.Latin1.GetBytes(greeting), ct), reason);
    }

    [Fact]
    public async Task An_endless_line_and_an_endless_reply_are_cut_off()
    {
        await PutOffAsync(
            async (client, ct) =>
            {
                while (true)
                    await client.GetStream().WriteAsync(new byte[4096], ct);
            },
            "its reply has a line of more than 2000 bytes");
        await PutOffAsync(
            async (client, ct) =>
            {
                while (true)
                    await client.GetStream().WriteAsync("220-and\r\n"u8.ToArray(), ct);
            },
            "its reply has more than 100 lines");
    }

    /// <summary>What somebody in between slipped in before TLS would be taken for the server's word under TLS.</summary>
    [Fact]
    public async Task What_is_said_before_tls_begins_does_not_count_as_said_under_tls()
    {
        await PutOffAsync(
            (client, ct) => TalkAsync(client, ["220 hello", "250-you\r\n250 STARTTLS", "220 begin\r\n250 AUTH PLAIN"], ct),
            "it said more before TLS began than it was asked");
    }

    [Fact]
    public async Task A_server_that_dies_after_it_took_the_mail_has_taken_it()
    {
        var clock = new FakeClock();
        await using var server = new RawListener((client, ct) => TalkAsync(client, Dialogue, ct));
        await using var app = await VedetteApp.StartAsync(time: clock, settings: [("VEDETTE_SMTP", $"smtp://127.0.0.1:{server.Port}")]);
        await app.QueueMailAsync();

        await app.SendMailAsync(clock);

        Assert.Equal(("sent", 1), ((await app.MailAsync()).State, (await app.MailAsync()).Attempts));
    }

    private static async Task PutOffAsync(Func<TcpClient, CancellationToken, Task> serve, string reason)
    {
        var clock = new FakeClock();
        await using var server = new RawListener(serve);
        await using var app = await VedetteApp.StartAsync(time: clock, settings: [("VEDETTE_SMTP", $"smtp://127.0.0.1:{server.Port}")]);
        await app.QueueMailAsync();

        await app.SendMailAsync(clock);

        Assert.Equal(("waiting", $"smtp://127.0.0.1:{server.Port}: {reason}"), ((await app.MailAsync()).State, (await app.MailAsync()).LastError));
    }

    /// <summary>Says the first thing, and each other one after it has heard something.</summary>
    private static async Task TalkAsync(TcpClient client, string[] replies, CancellationToken ct)
    {
        for (var i = 0; i < replies.Length; i++)
        {
            if (i > 0)
                await ReadAsync(client, ct);
            await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes($"{replies[i]}\r\n"), ct);
        }
    }

    private static Task<int> ReadAsync(TcpClient client, CancellationToken ct) => client.GetStream().ReadAsync(new byte[65536], ct).AsTask();
}
