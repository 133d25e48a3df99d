using System.Net.Http.Headers;
using System.Text;
using Vedette.Tests.Harness;
using Xunit;

namespace Vedette.Tests.Server.Mail;

/// <summary>What the server as a process says about mail, and what it keeps to itself.</summary>
[Trait("slow", "yes")]
public sealed class MailProcessTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    /// <summary>The mail server repeats the password that it was given.</summary>
    [Fact]
    public async Task The_password_of_the_mail_server_is_nowhere_in_log_or_database()
    {
        await using var smtp = await SmtpProcess.StartAsync("""{"user":"vedette","password":"another","tls":"offered"}""");
        await using var server = await ServeAsync(("VEDETTE_SMTP", $"smtp://vedette:very-secret@127.0.0.1:{smtp.Port}"));

        await CauseMailAsync(server.Settings);
        await Poll.UntilAsync(() => server.Process.Output.Contains("does not take the login (535)", StringComparison.Ordinal), "the failure in the log");

        var said = server.Process.Output + server.Process.Errors
            + string.Concat(Directory.GetFiles(folder.Path, "vedette.db*").Select(file => Encoding.Latin1.GetString(File.ReadAllBytes(file))));
        Assert.Contains("does not take the login (535)", said, StringComparison.Ordinal);
        foreach (var secret in new[] { "very-secret", Convert.ToBase64String("\0vedette\0very-secret"u8) })
            Assert.DoesNotContain(secret, said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_mail_server_the_log_names_the_file()
    {
        await using var server = await ServeAsync();

        await CauseMailAsync(server.Settings);
        await Poll.UntilAsync(() => server.Process.Output.Contains("because VEDETTE_SMTP is not set", StringComparison.Ordinal), "the log line");

        var file = Assert.Single(Directory.GetFiles(Path.Combine(folder.Path, "mail")));
        Assert.Contains($"it is kept in {file}", server.Process.Output, StringComparison.Ordinal);
        Assert.Contains("Subject: Your Bridge integration receives no more webhooks\r\n", await File.ReadAllTextAsync(file), StringComparison.Ordinal);
    }

    private static async Task CauseMailAsync(Dictionary<string, string> settings)
    {
        await using var receiver = new TestReceiver { Behaviour = TestReceiver.Status(410) };
        var first = ServerProcess.FirstStart(settings["VEDETTE_DATA"]);
        using var client = new HttpClient { BaseAddress = new Uri(settings["VEDETTE_URL"]) };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", first.Text("token"));
        using var form = new StringContent(
            $$"""{"name":"Bridge","organization":"default","isInternal":true,"scopes":["event:read"],"events":["issue"],"webhookUrl":"{{receiver.Url}}"}""", Encoding.UTF8, "application/json");
        (await client.PostAsync("/api/0/sentry-apps/", form)).EnsureSuccessStatusCode();
        var dsn = new Uri(first.Text("dsn")!);
        using var envelope = new StringContent("{}\n{\"type\":\"event\"}\n{\"message\":\"boom\"}\n");
        (await client.PostAsync($"/api{dsn.AbsolutePath}/envelope/?sentry_key={dsn.UserInfo}", envelope)).EnsureSuccessStatusCode();
        await receiver.WaitForAsync(1);
    }

    private async Task<Running> ServeAsync(params (string Key, string Value)[] more)
    {
        var settings = new Dictionary<string, string>
        {
            ["VEDETTE_URL"] = $"http://127.0.0.1:{FreePort.Find()}",
            ["VEDETTE_DATA"] = folder.Path,
            ["VEDETTE_EGRESS_ALLOW"] = "127.0.0.0/8",
        };
        foreach (var (key, value) in more)
            settings[key] = value;
        return new(await ServerProcess.ServeAsync(settings), settings);
    }

    private sealed record Running(ServerProcess Process, Dictionary<string, string> Settings) : IAsyncDisposable
    {
        public ValueTask DisposeAsync() => Process.DisposeAsync();
    }
}
