using System.Net;
using System.Net.Sockets;
using System.Text;
using Vedette.Engine.Deliveries;
using Vedette.Tests.Harness;
using Xunit;

namespace Vedette.Tests.Engine.Deliveries;

/// <summary>Every outcome, made by the real sender at a real socket.</summary>
public sealed class OutcomeTests
{
    [Theory]
    [InlineData(200)]
    [InlineData(201)]
    [InlineData(204)]
    [InlineData(299)]
    public async Task Any_2xx_is_delivered_and_nothing_of_it_is_kept(int status)
    {
        using var sending = new Sending();
        await using var receiver = new TestReceiver { Behaviour = TestReceiver.Status(status, "Retry-After: 60", "Sentry-Hook-Error: abc", "Sentry-Hook-Project: 1") };

        var result = await sending.SendAsync(receiver.Url);

        Assert.Equal((AttemptOutcome.Delivered, $"HTTP {status}", status), (result.Outcome, result.Reason, result.StatusCode));
        Assert.Equal((null, null, null, null, null), (result.RetryAfter, result.RequestHeaders, result.ResponseBody, result.ErrorId, result.ErrorProject));
        Assert.Equal(result.RequestId, receiver.Requests.Single().Header("Request-ID"));
    }

    [Theory]
    [InlineData(300, AttemptOutcome.Redirected)]
    [InlineData(305, AttemptOutcome.Redirected)]
    [InlineData(399, AttemptOutcome.Redirected)]
    [InlineData(400, AttemptOutcome.ClientError)]
    [InlineData(401, AttemptOutcome.ClientError)]
    [InlineData(404, AttemptOutcome.ClientError)]
    [InlineData(407, AttemptOutcome.ClientError)]
    [InlineData(408, AttemptOutcome.ClientError)]
    [InlineData(418, AttemptOutcome.ClientError)]
    [InlineData(410, AttemptOutcome.Gone)]
    [InlineData(429, AttemptOutcome.TooManyRequests)]
    [InlineData(500, AttemptOutcome.ServerError)]
    [InlineData(503, AttemptOutcome.ServerError)]
    [InlineData(599, AttemptOutcome.ServerError)]
    [InlineData(600, AttemptOutcome.ServerError)]
    [InlineData(999, AttemptOutcome.ServerError)]
    public async Task Any_other_status_has_its_outcome_and_is_kept_for_the_log(int status, AttemptOutcome outcome)
    {
        using var sending = new Sending();
        await using var receiver = new TestReceiver { Behaviour = TestReceiver.Status(status, "Sentry-Hook-Error: abc", "Sentry-Hook-Project: 12") };

        var result = await sending.SendAsync(receiver.Url);

        Assert.Equal((outcome, $"HTTP {status}", status), (result.Outcome, result.Reason, result.StatusCode));
        Assert.Equal(("ok", "abc", "12"), (Encoding.UTF8.GetString(result.ResponseBody!), result.ErrorId, result.ErrorProject));
        Assert.Contains($"Request-ID: {result.RequestId}\n", result.RequestHeaders, StringComparison.Ordinal);
        Assert.Single(receiver.Requests);
    }

    [Theory]
    [InlineData(301)]
    [InlineData(302)]
    [InlineData(303)]
    [InlineData(304)]
    [InlineData(307)]
    [InlineData(308)]
    public async Task A_redirect_is_never_followed(int status)
    {
        using var sending = new Sending();
        await using var target = new RawListener((_, _) => Task.CompletedTask);
        await using var receiver = new TestReceiver { Behaviour = TestReceiver.Status(status, $"Location: {target.Url}") };

        var result = await sending.SendAsync(receiver.Url);

        Assert.Equal((AttemptOutcome.Redirected, status), (result.Outcome, result.StatusCode));
        Assert.Equal(0, target.Connections);

        // The target would have seen it.
        await sending.SendAsync(target.Url);
        Assert.Equal(1, target.Connections);
    }

    [Theory]
    [InlineData("HTTP/1.1 100 Continue\r\n\r\n")]
    [InlineData("HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n")]
    [InlineData("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 199 Odd\r\n\r\n")]
    public async Task What_comes_before_the_answer_is_not_the_answer(string before)
    {
        using var sending = new Sending();
        await using var receiver = new TestReceiver { Behaviour = Writes(before + "HTTP/1.1 500 Late\r\nContent-Length: 4\r\n\r\nlate") };

        var result = await sending.SendAsync(receiver.Url);

        Assert.Equal((AttemptOutcome.ServerError, 500, "late"), (result.Outcome, result.StatusCode, Encoding.UTF8.GetString(result.ResponseBody!)));
    }

    [Fact]
    public async Task A_connection_that_wants_to_speak_another_protocol_has_not_delivered()
    {
        using var sending = new Sending();
        await using var receiver = new TestReceiver { Behaviour = Writes("HTTP/1.1 101 Switching Protocols\r\nUpgrade: other\r\nConnection: Upgrade\r\n\r\n", close: true) };

        var result = await sending.SendAsync(receiver.Url);

        Assert.Equal((AttemptOutcome.ServerError, 101), (result.Outcome, result.StatusCode));
    }

    [Fact]
    public async Task A_refused_port_is_a_failed_connection()
    {
        using var sending = new Sending();

        var result = await sending.SendAsync($"http://127.0.0.1:{FreePort.Find()}/hook");

        Assert.Equal((AttemptOutcome.ConnectionFailed, "Connection refused", null), (result.Outcome, result.Reason, result.StatusCode));
    }

    [Theory]
    [InlineData(10)]
    [InlineData(4_000_000)]
    public async Task A_reset_before_the_request_was_read_is_a_failed_connection(int length)
    {
        using var sending = new Sending { DataLength = length };
        await using var receiver = new RawListener((client, _) => Reset(client));

        AssertFailed(await sending.SendAsync(receiver.Url));
        Assert.Equal(1, receiver.Connections);
    }

    [Theory]
    [InlineData(SocketError.TooManyOpenSockets)]
    [InlineData(SocketError.NoBufferSpaceAvailable)]
    public async Task Having_no_socket_left_is_our_fault_and_burns_no_attempt(SocketError error)
    {
        using var network = new FailingNetwork(new HttpRequestException("no", new SocketException((int)error)));
        using var sending = new Sending(network);

        var result = await sending.SendAsync("http://127.0.0.1/hook");

        Assert.Equal((AttemptOutcome.Ours, TimeSpan.FromSeconds(1)), (result.Outcome, result.RetryAfter));
    }

    [Fact]
    public async Task A_reset_after_the_request_was_read_is_a_failed_connection()
    {
        using var sending = new Sending();
        await using var receiver = new TestReceiver
        {
            Behaviour = (_, stream, _) =>
            {
                stream.Socket.LingerState = new LingerOption(true, 0);
                return Task.FromResult(false);
            },
        };

        AssertFailed(await sending.SendAsync(receiver.Url));
        Assert.Single(receiver.Requests);
    }

    [Theory]
    [InlineData("")]
    [InlineData("HTTP/1.1 100 Continue\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Le")]
    [InlineData("220 mail.example ESMTP\r\n")]
    [InlineData("HTTP/1.1 2\r\n\r\n")]
    [InlineData("HTTP/1.1 20x OK\r\n\r\n")]
    [InlineData("HTTP/1.1 -20 OK\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nno header\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\n: nameless\r\n\r\n")]
    [InlineData("HTTP/9.9 200 OK\r\n\r\n")]
    [InlineData("\0\u0001\u0002\u0003\r\n\r\n")]
    public async Task A_close_without_an_answer_and_what_is_no_HTTP_are_failed_connections_and_one_request_each(string answer)
    {
        using var sending = new Sending();
        await using var receiver = new TestReceiver { Behaviour = Writes(answer, close: true) };

        for (var attempt = 1; attempt <= 3; attempt++)
        {
            AssertFailed(await sending.SendAsync(receiver.Url));
            Assert.Equal(attempt, receiver.Requests.Count);
        }
    }

    [Fact]
    public async Task A_name_without_an_address_is_not_resolved()
    {
        using var sending = new Sending(lookUp: _ => throw new SocketException((int)SocketError.HostNotFound));

        var result = await sending.SendAsync("http://receiver.invalid/hook");

        Assert.Equal((AttemptOutcome.NameNotResolved, null), (result.Outcome, result.StatusCode));
        Assert.StartsWith("the name was not resolved: ", result.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_resolver_that_does_not_answer_is_a_timeout()
    {
        using var gate = new ManualResetEventSlim();
        using var sending = new Sending(lookUp: _ =>
        {
            gate.Wait(TimeSpan.FromSeconds(20));
            return [];
        });

        var result = await sending.SendAndWaitAsync("http://receiver.invalid/hook");
        gate.Set();

        Assert.Equal(AttemptOutcome.Timeout, result.Outcome);
    }

    [Theory]
    [InlineData("http://receiver.example/", "10.0.0.8 is in 10.0.0.0/8 (private)")]
    [InlineData("http://169.254.169.254/latest/meta-data/", "169.254.169.254 is in 169.254.0.0/16 (link-local)")]
    [InlineData("http://[::1]/", "::1 is in ::1/128 (loopback)")]
    public async Task A_forbidden_address_is_blocked(string url, string reason)
    {
        using var sending = new Sending(lookUp: _ => [IPAddress.Parse("10.0.0.8")]);

        var result = await sending.SendAsync(url);

        Assert.Equal((AttemptOutcome.Blocked, reason, null), (result.Outcome, result.Reason, result.StatusCode));
    }

    [Theory]
    [InlineData("http://user:letmein@127.0.0.1/hook")]
    [InlineData("ftp://127.0.0.1/hook")]
    [InlineData("hook")]
    public async Task A_URL_that_is_not_to_be_called_is_blocked_without_a_connection(string url)
    {
        using var sending = new Sending();

        var result = await sending.SendAsync(url);

        Assert.Equal(AttemptOutcome.Blocked, result.Outcome);
        Assert.DoesNotContain("letmein", result.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_receiver_without_a_word_is_timed_out()
    {
        using var sending = new Sending { Timeout = TimeSpan.FromSeconds(3) };
        await using var receiver = new TestReceiver { Behaviour = TestReceiver.Hang };
        var sent = sending.SendAsync(receiver.Url);
        await receiver.WaitForAsync(1);

        sending.Clock.Advance(TimeSpan.FromMilliseconds(2999));
        Assert.False(sent.IsCompleted);
        sending.Clock.Advance(TimeSpan.FromMilliseconds(1));
        var result = await sent;

        Assert.Equal((AttemptOutcome.Timeout, "no response headers within 3000 ms"), (result.Outcome, result.Reason));
        Assert.Equal((TimeSpan.FromSeconds(3), null), (result.Duration, result.StatusCode));
    }

    [Fact]
    public async Task A_shutdown_in_the_middle_is_ours()
    {
        using var sending = new Sending();
        using var stopping = new CancellationTokenSource();
        await using var receiver = new TestReceiver { Behaviour = TestReceiver.Hang };
        var sent = sending.SendAsync(receiver.Url, stopping.Token);
        await receiver.WaitForAsync(1);

        await stopping.CancelAsync();

        Assert.Equal(AttemptOutcome.Ours, (await sent).Outcome);
    }

    [Theory]
    [InlineData("120", 120)]
    [InlineData("0", 0)]
    [InlineData("Sun, 01 Mar 2026 12:02:00 GMT", 120)]
    [InlineData("Sun, 01 Mar 2026 11:00:00 GMT", 0)]
    [InlineData("Sunday, 01-Mar-26 12:02:00 GMT", 120)]
    [InlineData("-5", null)]
    [InlineData("1.5", null)]
    [InlineData("soon", null)]
    [InlineData("", null)]
    [InlineData("Sun, 99 Foo 2026", null)]
    [InlineData("2147483648", 86400)]
    [InlineData("31536000000", 86400)]
    [InlineData("99999999999999999999999999", 86400)]
    [InlineData("Fri, 01 Mar 2097 12:00:00 GMT", 86400)]
    public async Task Retry_After_is_read_in_both_forms(string value, int? seconds)
    {
        using var sending = new Sending();
        await using var receiver = new TestReceiver { Behaviour = TestReceiver.Status(503, $"Retry-After: {value}") };

        var result = await sending.SendAsync(receiver.Url);

        // Longer than a day is cut to a day by the policy; here it only must not be lost.
        Assert.Equal(seconds, (int?)(result.RetryAfter is { TotalDays: > 1 } ? TimeSpan.FromDays(1) : result.RetryAfter)?.TotalSeconds);
        Assert.Equal(seconds ?? 0, RetryPolicy.Hold(result, 0).TotalSeconds);
    }

    [Fact]
    public async Task A_date_counts_from_the_receivers_own_clock()
    {
        using var sending = new Sending();
        await using var receiver = new TestReceiver
        {
            Behaviour = TestReceiver.Status(503, "Date: Wed, 01 Jan 2020 00:00:00 GMT", "Retry-After: Wed, 01 Jan 2020 00:01:00 GMT"),
        };

        Assert.Equal(TimeSpan.FromMinutes(1), (await sending.SendAsync(receiver.Url)).RetryAfter);
    }

    [Fact]
    public async Task Two_wishes_are_one_wish()
    {
        using var sending = new Sending();
        await using var receiver = new TestReceiver { Behaviour = TestReceiver.Status(503, "Retry-After: 60", "Retry-After: 30") };

        Assert.Equal(TimeSpan.FromMinutes(1), (await sending.SendAsync(receiver.Url)).RetryAfter);
    }

    internal static TestReceiver.Answer Writes(string answer, bool close = false) => async (_, stream, ct) =>
    {
        await stream.WriteAsync(Encoding.Latin1.GetBytes(answer), ct);
        return !close;
    };

    internal static void AssertFailed(AttemptResult result)
    {
        Assert.Equal((AttemptOutcome.ConnectionFailed, null), (result.Outcome, result.StatusCode));
        Assert.NotEmpty(result.Reason);
        Assert.DoesNotContain('\n', result.Reason);
    }

    private sealed class FailingNetwork(Exception failure) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) => Task.FromException<HttpResponseMessage>(failure);
    }

    private static Task Reset(TcpClient client)
    {
        client.LingerState = new LingerOption(true, 0);
        return Task.CompletedTask;
    }
}
