using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Vedette.Engine.Deliveries;
using Vedette.Tests.Harness;
using Xunit;

namespace Vedette.Tests.Engine.Deliveries;

/// <summary>Connections that are kept alive, and those that should be encrypted.</summary>
public sealed class OutcomeTestsConnections
{
    [Fact]
    public async Task Requests_share_a_connection_while_the_receiver_keeps_it()
    {
        await using var receiver = new RawListener(async (client, ct) => await AnswerAsync(client.GetStream(), int.MaxValue, ct));
        using var sending = new Sending();

        for (var i = 0; i < 5; i++)
            Assert.Equal(AttemptOutcome.Delivered, (await sending.SendAsync(receiver.Url)).Outcome);

        Assert.Equal(1, receiver.Connections);
    }

    /// <summary>It answers the first request of each connection, takes the second, and hangs up: what a race with an idle timeout looks like.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_kept_connection_that_is_closed_instead_of_an_answer_is_no_attempt(bool reset)
    {
        var requests = 0;
        await using var receiver = new RawListener(async (client, ct) =>
        {
            var stream = client.GetStream();
            var answered = await AnswerAsync(stream, 1, ct);
            Interlocked.Add(ref requests, answered);
            if (await ReadRequestAsync(stream, ct))
                Interlocked.Increment(ref requests);
            client.LingerState = new System.Net.Sockets.LingerOption(reset, 0);
        });
        using var sending = new Sending();

        for (var i = 0; i < 5; i++)
            Assert.Equal((AttemptOutcome.Delivered, "HTTP 200"), (await SendAsync(sending, receiver.Url)));

        // The first of all needs one connection, each later one finds the former's gone.
        await Poll.UntilAsync(() => Volatile.Read(ref requests) == 9, "9 requests");
        Assert.Equal(5, receiver.Connections);
    }

    [Fact]
    public async Task A_receiver_that_was_restarted_between_two_requests_is_called_once_each()
    {
        var closed = new TaskCompletionSource();
        await using var receiver = new RawListener(async (client, ct) =>
        {
            await AnswerAsync(client.GetStream(), 1, ct);
            client.Close();
            closed.TrySetResult();
        });
        using var sending = new Sending();
        Assert.Equal(AttemptOutcome.Delivered, (await sending.SendAsync(receiver.Url)).Outcome);
        await closed.Task;

        Assert.Equal(AttemptOutcome.Delivered, (await sending.SendAsync(receiver.Url)).Outcome);
        Assert.Equal(2, receiver.Connections);
    }

    [Fact]
    public async Task The_second_connection_that_is_closed_without_an_answer_is_a_failure()
    {
        var first = true;
        await using var receiver = new RawListener(async (client, ct) =>
        {
            if (first)
                await AnswerAsync(client.GetStream(), 1, ct);
            first = false;
            await ReadRequestAsync(client.GetStream(), ct);
        });
        using var sending = new Sending();
        await sending.SendAsync(receiver.Url);

        OutcomeTests.AssertFailed(await sending.SendAsync(receiver.Url));
        Assert.Equal(2, receiver.Connections);
    }

    [Fact]
    public async Task A_certificate_that_nobody_vouches_for_is_not_accepted()
    {
        using var certificate = SelfSigned();
        var requests = 0;
        await using var receiver = new RawListener(async (client, ct) =>
        {
            await using var tls = new SslStream(client.GetStream());
            await tls.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificate = certificate }, ct);
            requests += await ReadRequestAsync(tls, ct) ? 1 : 0;
        });
        using var sending = new Sending();

        var result = await sending.SendAsync($"https://127.0.0.1:{receiver.Port}/hook");

        Assert.Equal((AttemptOutcome.TlsFailed, null, 0), (result.Outcome, result.StatusCode, requests));
        Assert.Contains("certificate", result.Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")]
    [InlineData("")]
    public async Task A_server_behind_https_that_speaks_no_TLS_is_a_TLS_failure(string says)
    {
        await using var receiver = new RawListener(async (client, ct) =>
        {
            await client.GetStream().ReadExactlyAsync(new byte[5], ct);
            await client.GetStream().WriteAsync(System.Text.Encoding.ASCII.GetBytes(says), ct);
        });
        using var sending = new Sending();

        var result = await sending.SendAsync($"https://127.0.0.1:{receiver.Port}/hook");

        Assert.Equal((AttemptOutcome.TlsFailed, null), (result.Outcome, result.StatusCode));
    }

    [Fact]
    public async Task A_handshake_that_never_ends_is_a_timeout()
    {
        await using var receiver = new RawListener((_, ct) => Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, ct));
        using var sending = new Sending();

        Assert.Equal(AttemptOutcome.Timeout, (await sending.SendAndWaitAsync($"https://127.0.0.1:{receiver.Port}/hook")).Outcome);
    }

    /// <summary>The end can be read just before the next request is written, and must not be forgotten then.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_end_that_was_read_before_the_request_was_written_is_remembered(bool reset)
    {
        var wire = new ScriptedStream(reset);
        await using var connection = new KeepAliveStream(wire);
        await connection.WriteAsync("POST"u8.ToArray(), default);
        Assert.Equal(1, await connection.ReadAsync(new byte[10], default));
        if (reset)
            await Assert.ThrowsAsync<IOException>(() => connection.ReadAsync(new byte[10], default).AsTask());
        else
            Assert.Equal(0, await connection.ReadAsync(new byte[10], default));

        await Assert.ThrowsAsync<StaleConnectionException>(async () => await connection.WriteAsync("POST"u8.ToArray(), default));
    }

    private static async Task<(AttemptOutcome Outcome, string Reason)> SendAsync(Sending sending, string url)
    {
        var result = await sending.SendAsync(url);
        return (result.Outcome, result.Reason);
    }

    private static async Task<int> AnswerAsync(Stream stream, int most, CancellationToken ct)
    {
        for (var i = 0; i < most; i++)
        {
            if (!await ReadRequestAsync(stream, ct))
                return i;
            await stream.WriteAsync("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"u8.ToArray(), ct);
        }

        return most;
    }

    /// <summary>Head and body of one request; the body's end is known by its last two braces.</summary>
    private static async Task<bool> ReadRequestAsync(Stream stream, CancellationToken ct)
    {
        var text = "";
        var buffer = new byte[4096];
        while (!text.EndsWith("\"actor\":{}}", StringComparison.Ordinal))
        {
            var read = await stream.ReadAsync(buffer, ct);
            if (read == 0)
                return false;
            text += System.Text.Encoding.Latin1.GetString(buffer, 0, read);
        }

        return true;
    }

    private static X509Certificate2 SelfSigned()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=127.0.0.1", key, HashAlgorithmName.SHA256);
        return request.CreateSelfSigned(TimeProvider.System.GetUtcNow().AddDays(-1), TimeProvider.System.GetUtcNow().AddDays(1));
    }

    /// <summary>One byte, and then the end.</summary>
    private sealed class ScriptedStream(bool reset) : MemoryStream
    {
        private int reads;

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            reads++;
            return reads > 1 && reset ? throw new IOException("reset") : new(reads > 1 ? 0 : 1);
        }
    }
}
