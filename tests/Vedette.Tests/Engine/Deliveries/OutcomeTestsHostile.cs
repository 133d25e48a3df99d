using System.IO.Compression;
using System.Text;
using Vedette.Engine.Deliveries;
using Vedette.Tests.Harness;
using Xunit;

namespace Vedette.Tests.Engine.Deliveries;

[CollectionDefinition(nameof(AloneInTheProcess), DisableParallelization = true)]
public sealed class AloneInTheProcess;

/// <summary>Receivers that try to wear the sender down. What an attempt allocates is bounded, whatever they do; so nothing may run beside it.</summary>
[Collection(nameof(AloneInTheProcess))]
public sealed class OutcomeTestsHostile
{
    private const string Endless = "HTTP/1.1 500 Oops\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n";
    private static readonly byte[] Junk = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("X-Junk: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n", 1024)));
    private static readonly byte[] OneLine = Encoding.ASCII.GetBytes(new string('a', 65536));
    private static readonly byte[] Chunk = Encoding.ASCII.GetBytes($"10000\r\n{new string('b', 65536)}\r\n");
    private static readonly byte[] Hints = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n", 500)));

    [Theory]
    [InlineData("a flood of headers")]
    [InlineData("one endless header")]
    [InlineData("an endless status line")]
    [InlineData("endless hints")]
    public async Task Headers_without_end_are_cut_off(string kind)
    {
        using var sending = new Sending();
        await using var receiver = new TestReceiver
        {
            Behaviour = kind switch
            {
                "a flood of headers" => Repeats("HTTP/1.1 200 OK\r\n", Junk),
                "one endless header" => Repeats("HTTP/1.1 200 OK\r\nX-Long: ", OneLine),
                "an endless status line" => Repeats("HTTP/1.1 200 ", OneLine),
                _ => Repeats("", Hints),
            },
        };

        var (result, allocated) = await MeasureAsync(() => sending.SendAndWaitAsync(receiver.Url));

        Assert.Contains(result.Outcome, new[] { AttemptOutcome.ConnectionFailed, AttemptOutcome.Timeout });
        Assert.Null(result.StatusCode);
        Assert.InRange(allocated, 0, 8 << 20);
    }

    [Fact]
    public async Task Headers_that_drip_past_their_clock_are_a_timeout()
    {
        using var sending = new Sending();
        await using var receiver = new TestReceiver
        {
            Behaviour = async (_, stream, ct) =>
            {
                await stream.WriteAsync("HTTP/1.1 200 OK\r\nX-Drip: "u8.ToArray(), ct);
                await DripAsync(stream, sending.Clock, ct);
                return false;
            },
        };

        var result = await sending.SendAndWaitAsync(receiver.Url);

        Assert.Equal((AttemptOutcome.Timeout, TimeSpan.FromSeconds(1)), (result.Outcome, result.Duration));
    }

    [Theory]
    [InlineData(200, AttemptOutcome.Delivered)]
    [InlineData(500, AttemptOutcome.ServerError)]
    public async Task A_body_that_drips_past_five_seconds_changes_nothing(int status, AttemptOutcome outcome)
    {
        using var sending = new Sending();
        await using var receiver = new TestReceiver
        {
            Behaviour = async (_, stream, ct) =>
            {
                await stream.WriteAsync(Encoding.ASCII.GetBytes($"HTTP/1.1 {status} Drip\r\nContent-Length: 100000\r\n\r\n"), ct);
                await DripAsync(stream, sending.Clock, ct);
                return false;
            },
        };
        var began = sending.Clock.GetUtcNow();

        var result = await sending.SendAndWaitAsync(receiver.Url);

        Assert.Equal((outcome, status), (result.Outcome, result.StatusCode));
        Assert.InRange(result.Duration, TimeSpan.Zero, TimeSpan.FromSeconds(1));
        Assert.InRange(sending.Clock.GetUtcNow() - began, TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(5.1));
        if (status == 500)
            Assert.InRange(result.ResponseBody!.Length, 1, 200);
    }

    [Theory]
    [InlineData("chunks")]
    [InlineData("until the end")]
    public async Task Of_an_endless_body_16_KiB_are_kept_and_little_more_is_read(string kind)
    {
        var written = 0L;
        using var sending = new Sending();
        await using var receiver = new TestReceiver
        {
            Behaviour = kind == "chunks" ? Repeats(Endless, Chunk, n => written = n) : Repeats("HTTP/1.1 500 Oops\r\n\r\n", OneLine, n => written = n),
        };

        var (result, allocated) = await MeasureAsync(() => sending.SendAsync(receiver.Url));

        Assert.Equal((AttemptOutcome.ServerError, WebhookSender.KeptBody), (result.Outcome, result.ResponseBody!.Length));
        Assert.InRange(allocated, 0, 2 << 20);

        // More than was read is what the operating system's buffers take in.
        Assert.InRange(written, 1, 32 << 20);
    }

    [Fact]
    public async Task A_compressed_body_is_kept_as_it_came()
    {
        using var bomb = new MemoryStream();
        await using (var gzip = new GZipStream(bomb, CompressionLevel.SmallestSize, leaveOpen: true))
        {
            for (var i = 0; i < 128; i++)
                await gzip.WriteAsync(new byte[65536]);
        }

        var sent = bomb.ToArray();
        using var sending = new Sending();
        await using var receiver = new TestReceiver
        {
            Behaviour = async (_, stream, ct) =>
            {
                await stream.WriteAsync(Encoding.ASCII.GetBytes($"HTTP/1.1 500 Bomb\r\nContent-Encoding: gzip\r\nContent-Length: {sent.Length}\r\n\r\n"), ct);
                await stream.WriteAsync(sent, ct);
                return true;
            },
        };

        var (result, allocated) = await MeasureAsync(() => sending.SendAsync(receiver.Url));

        Assert.Equal(sent, result.ResponseBody);
        Assert.InRange(allocated, 0, 2 << 20);
        Assert.Null(receiver.Requests[0].Header("Accept-Encoding"));
    }

    [Theory]
    [InlineData("Content-Length: 100\r\n\r\nshort", "short")]
    [InlineData("Content-Length: 2\r\n\r\nlonger", "lo")]
    [InlineData("Content-Length: 0\r\n\r\nsomething", "")]
    [InlineData("Transfer-Encoding: chunked\r\n\r\n5\r\nfirst\r\nzzz\r\n", "")]
    [InlineData("Transfer-Encoding: chunked\r\n\r\n5\r\nfirst\r\nFFFFFFFFFFFFFFFF\r\n", "first")]
    [InlineData("Transfer-Encoding: chunked\r\n\r\n-5\r\nfirst\r\n", "")]
    [InlineData("Transfer-Encoding: chunked\r\n\r\n5\r\nfirst\r\n0\r\nbad trailer\r\n\r\n", "")]
    public async Task A_body_that_lies_about_itself_only_shortens_the_log(string rest, string kept)
    {
        using var sending = new Sending();
        await using var receiver = new TestReceiver();
        foreach (var status in new[] { 200, 500 })
        {
            receiver.Behaviour = OutcomeTests.Writes($"HTTP/1.1 {status} Lie\r\n{rest}", close: true);

            var result = await sending.SendAsync(receiver.Url);

            Assert.Equal(status, result.StatusCode);
            Assert.Equal(status == 200 ? AttemptOutcome.Delivered : AttemptOutcome.ServerError, result.Outcome);
            if (status == 500)
                Assert.Equal(kept, Encoding.UTF8.GetString(result.ResponseBody!));
        }
    }

    [Theory]
    [InlineData("Content-Length: -1")]
    [InlineData("Content-Length: 99999999999999999999999")]
    [InlineData("Content-Length: many")]
    [InlineData("Content-Length: 2\r\nContent-Length: 3")]
    [InlineData("Transfer-Encoding: gzip, chunked")]
    [InlineData("Sentry-Hook-Error: \u0001\r\nSentry-Hook-Project: 99999999999999999999")]
    [InlineData("Date: yesterday\r\nRetry-After: tomorrow\r\nAge: -7\r\nSet-Cookie: ;;;")]
    public async Task Headers_that_make_no_sense_never_throw(string headers)
    {
        using var sending = new Sending();
        await using var receiver = new TestReceiver { Behaviour = OutcomeTests.Writes($"HTTP/1.1 500 Odd\r\n{headers}\r\n\r\nbody", close: true) };

        var result = await sending.SendAsync(receiver.Url);

        Assert.Contains(result.Outcome, new[] { AttemptOutcome.ServerError, AttemptOutcome.ConnectionFailed });
        Assert.Null(result.ErrorProject);
    }

    [Fact]
    public async Task An_answer_that_comes_while_the_process_stands_still_counts()
    {
        var time = new StandingStill();
        using var sending = new Sending(time) { Timeout = TimeSpan.FromSeconds(5) };
        await using var receiver = new TestReceiver
        {
            Behaviour = async (request, stream, ct) =>
            {
                time.Passed = TimeSpan.FromSeconds(6);
                return await TestReceiver.Status(500)(request, stream, ct);
            },
        };

        var result = await sending.SendAsync(receiver.Url);

        Assert.Equal((AttemptOutcome.ServerError, 500, TimeSpan.FromSeconds(6)), (result.Outcome, result.StatusCode, result.Duration));
    }

    private static async Task<(AttemptResult Result, long Allocated)> MeasureAsync(Func<Task<AttemptResult>> send)
    {
        var before = GC.GetTotalAllocatedBytes(precise: true);
        var result = await send();
        return (result, GC.GetTotalAllocatedBytes(precise: true) - before);
    }

    /// <summary>Writes the same bytes until the other side has had enough.</summary>
    private static TestReceiver.Answer Repeats(string first, byte[] again, Action<long>? written = null) => async (_, stream, ct) =>
    {
        await stream.WriteAsync(Encoding.ASCII.GetBytes(first), ct);
        for (var sum = (long)again.Length; ; sum += again.Length)
        {
            await stream.WriteAsync(again, ct);
            written?.Invoke(sum);
        }
    };

    private static async Task DripAsync(Stream stream, TimeProvider time, CancellationToken ct)
    {
        while (true)
        {
            await stream.WriteAsync("d"u8.ToArray(), ct);
            await Task.Delay(TimeSpan.FromMilliseconds(100), time, ct);
        }
    }

    /// <summary>Time passes, and no timer gets to run: a process that was stopped, or a machine that is too busy.</summary>
    private sealed class StandingStill : TimeProvider
    {
        public TimeSpan Passed { get; set; }

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => Passed.Ticks;

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            base.CreateTimer(callback, state, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }
}
