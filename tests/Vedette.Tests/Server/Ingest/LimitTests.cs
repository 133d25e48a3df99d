using System.IO.Compression;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Vedette.Tests.Harness;
using Xunit;

namespace Vedette.Tests.Server.Ingest;

/// <summary>These measure the memory of the whole process, so nothing runs beside them.</summary>
[CollectionDefinition(nameof(LimitTests), DisableParallelization = true)]
public sealed class LimitTestsRunAlone;

[Collection(nameof(LimitTests))]
public sealed class LimitTests
{
    private const int MiB = 1024 * 1024;

    private static readonly string[] BodyTooLarge = ["at most 20971520 bytes as sent and 67108864 bytes decompressed are taken"];

    [Fact]
    public async Task An_event_of_exactly_1_MiB_is_taken_and_one_byte_more_is_413()
    {
        await using var app = await VedetteApp.StartAsync();

        var exact = await app.PostAsync(app.EnvelopePath, IngestCalls.EventEnvelope(EventOf(MiB)));
        var over = await app.PostAsync(app.EnvelopePath, IngestCalls.EventEnvelope(EventOf(MiB + 1)));

        IngestCalls.AssertTaken(exact);
        IngestCalls.AssertRefused(over, HttpStatusCode.RequestEntityTooLarge, "the event is too large", "event: at most 1048576 bytes of JSON are taken");
        Assert.Equal(1, await app.CountAsync("event"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_body_of_exactly_20_MiB_as_sent_is_taken_and_one_byte_more_is_413(bool chunked)
    {
        await using var app = await VedetteApp.StartAsync();

        var exact = await app.PostAsync(app.EnvelopePath, Body(20 * MiB));
        var over = await app.PostAsync(app.EnvelopePath, Body((20 * MiB) + 1));

        Assert.Equal(200, exact.Status);
        IngestCalls.AssertRefused(over, HttpStatusCode.RequestEntityTooLarge, "the body is too large", BodyTooLarge);

        HttpContent Body(int length) => chunked ? new StreamContent(new NoLength(AttachmentOf(length))) : new ByteArrayContent(AttachmentOf(length));
    }

    [Fact]
    public async Task A_length_that_is_too_large_is_413_before_the_body_is_sent()
    {
        await using var app = await VedetteApp.StartAsync();

        using var client = await ConnectAsync(app);
        await WriteHeadAsync(client, app, (20 * MiB) + 1);

        Assert.StartsWith("HTTP/1.1 413 ", await FirstLineAsync(client.GetStream()), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("deflate")]
    [InlineData("br")]
    public async Task A_body_of_exactly_64_MiB_unpacked_is_taken_and_one_byte_more_is_413(string encoding)
    {
        await using var app = await VedetteApp.StartAsync();

        var exact = await app.PostAsync(app.EnvelopePath, Pack(encoding, AttachmentOf(64 * MiB)), ("Content-Encoding", encoding));
        var over = await app.PostAsync(app.EnvelopePath, Pack(encoding, AttachmentOf((64 * MiB) + 1)), ("Content-Encoding", encoding));

        Assert.Equal(200, exact.Status);
        IngestCalls.AssertRefused(over, HttpStatusCode.RequestEntityTooLarge, "the body is too large", BodyTooLarge);
    }

    [Fact]
    public async Task Many_bombs_at_once_take_a_bounded_amount_of_memory()
    {
        await using var app = await VedetteApp.StartAsync();
        var bomb = Pack("gzip", new byte[200 * MiB]);
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var most = before;

        var answers = Task.WhenAll(Enumerable.Range(0, 24).Select(_ => app.PostAsync(app.EnvelopePath, bomb, ("Content-Encoding", "gzip"))));
        await Poll.UntilAsync(
            () =>
            {
                // What is garbage by now is not held by anybody, however late it is collected.
                GC.Collect();
                most = Math.Max(most, GC.GetTotalMemory(forceFullCollection: false));
                return answers.IsCompleted;
            },
            "the end of the bombs");

        Assert.All(await answers, answer => IngestCalls.AssertRefused(answer, HttpStatusCode.RequestEntityTooLarge));
        Assert.True(most - before < 512L * MiB, $"grew by {(most - before) / MiB} MiB");
        Assert.Equal(200, (await app.PostAsync(app.EnvelopePath, AttachmentOf(3 * MiB))).Status);
    }

    [Fact]
    public async Task A_header_line_that_would_blow_up_in_memory_is_refused()
    {
        await using var app = await VedetteApp.StartAsync();
        var lists = string.Join(',', Enumerable.Repeat("[]", 2 * MiB));

        var header = await app.PostAsync(app.EnvelopePath, $"{{\"a\":[{lists}]}}\n");
        var item = await app.PostAsync(app.EnvelopePath, $"{{}}\n{{\"type\":\"session\",\"a\":[{lists}]}}\n{{}}");

        IngestCalls.AssertRefused(header, HttpStatusCode.BadRequest, "malformed envelope", "envelope header: more than 4194304 bytes of headers");
        IngestCalls.AssertRefused(item, HttpStatusCode.BadRequest, "malformed envelope", "item 1 at byte 3: more than 4194304 bytes of headers");
    }

    [Fact]
    public async Task Aborted_uploads_leave_nothing_behind()
    {
        await using var app = await VedetteApp.StartAsync();
        var part = AttachmentOf(3 * MiB);

        for (var i = 0; i < 12; i++)
        {
            using var client = await ConnectAsync(app);
            await WriteHeadAsync(client, app, 10 * MiB);
            await client.GetStream().WriteAsync(part);
            if (i % 2 == 0)
                client.LingerState = new LingerOption(true, 0);
        }

        var answer = await app.PostAsync(app.EnvelopePath, [.. part, .. Encoding.UTF8.GetBytes($"\n{{\"type\":\"event\"}}\n{IngestCalls.Event()}")]);

        IngestCalls.AssertTaken(answer);
        Assert.Equal(1, await app.CountAsync("event"));
    }

    [Fact]
    public async Task A_body_that_ends_early_is_not_stored()
    {
        await using var app = await VedetteApp.StartAsync();
        var envelope = Encoding.UTF8.GetBytes(IngestCalls.EventEnvelope(IngestCalls.Event()));

        using (var client = await ConnectAsync(app))
        {
            await WriteHeadAsync(client, app, envelope.Length + 1);
            var stream = client.GetStream();
            await stream.WriteAsync(envelope);
            client.Client.Shutdown(SocketShutdown.Send);
            Assert.Equal("", await FirstLineAsync(stream));
        }

        // The control: the same connection and body with its true length is stored.
        using (var client = await ConnectAsync(app))
        {
            await WriteHeadAsync(client, app, envelope.Length);
            await client.GetStream().WriteAsync(envelope);
            Assert.StartsWith("HTTP/1.1 200 ", await FirstLineAsync(client.GetStream()), StringComparison.Ordinal);
        }

        Assert.Equal(1, await app.CountAsync("event"));
    }

    [Theory]
    [InlineData("xyz\r\n")]
    [InlineData("5\r\nab\r\n0\r\n\r\n")]
    [InlineData("FFFFFFFFFFFFFFFFF\r\n")]
    public async Task Chunks_that_are_none_are_400_in_the_words_of_ingest(string chunks)
    {
        await using var app = await VedetteApp.StartAsync();

        using var client = await ConnectAsync(app);
        var stream = client.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes(
            $"POST {app.EnvelopePath} HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n{chunks}"));
        using var reader = new StreamReader(stream, Encoding.ASCII);
        var answer = await reader.ReadToEndAsync();

        Assert.StartsWith("HTTP/1.1 400 ", answer, StringComparison.Ordinal);
        Assert.Contains("Access-Control-Allow-Origin: *", answer, StringComparison.Ordinal);
        Assert.Contains("\"causes\":[", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Large_uploads_that_stall_do_not_lock_the_others_out()
    {
        var clock = new FakeClock();
        await using var app = await VedetteApp.StartAsync(DatabaseKind.Sqlite, clock);
        var stalled = new List<TcpClient>();
        for (var i = 0; i < 8; i++)
        {
            var client = await ConnectAsync(app);
            stalled.Add(client);
            await WriteHeadAsync(client, app, 10 * MiB);
            await client.GetStream().WriteAsync(AttachmentOf(3 * MiB));
        }

        var small = await app.PostAsync(app.EnvelopePath, IngestCalls.EventEnvelope(IngestCalls.Event()));
        var large = app.PostAsync(app.EnvelopePath, AttachmentOf(3 * MiB));
        var late = Task.WhenAll(stalled.Select(client => FirstLineAsync(client.GetStream())));
        await clock.AdvanceUntilAsync(
            TimeSpan.FromSeconds(10), () => large.IsCompleted && late.IsCompleted, "the answers to a large body and the stalled ones before it");

        IngestCalls.AssertTaken(small);
        Assert.Equal(200, (await large).Status);
        Assert.All(await late, line => Assert.Equal("", line));
        stalled.ForEach(client => client.Dispose());
    }

    private static string EventOf(int length)
    {
        const string Start = "{\"message\":\"large\",\"future\":\"";
        return $"{Start}{new string('x', length - Start.Length - 2)}\"}}";
    }

    /// <summary>An envelope of so many bytes that holds one attachment, which is dropped.</summary>
    private static byte[] AttachmentOf(int length)
    {
        var header = Header(length - Header(0).Length);
        var body = new byte[length];
        header.CopyTo(body, 0);
        return body;

        static byte[] Header(int payload) => Encoding.UTF8.GetBytes($"{{}}\n{{\"type\":\"attachment\",\"length\":{payload,12}}}\n");
    }

    private static byte[] Pack(string encoding, byte[] body)
    {
        var packed = new MemoryStream();
        using (Stream packer = encoding switch
        {
            "gzip" => new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true),
            "br" => new BrotliStream(packed, CompressionLevel.Fastest, leaveOpen: true),
            _ => new ZLibStream(packed, CompressionLevel.Fastest, leaveOpen: true),
        })
        {
            packer.Write(body);
        }

        return packed.ToArray();
    }

    private static async Task<TcpClient> ConnectAsync(VedetteApp app)
    {
        var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, new Uri(app.Url).Port);
        return client;
    }

    private static Task WriteHeadAsync(TcpClient client, VedetteApp app, int length) =>
        client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(
            $"POST {app.EnvelopePath} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {length}\r\n\r\n")).AsTask();

    /// <summary>Empty when the server closes without a word.</summary>
    private static async Task<string> FirstLineAsync(NetworkStream stream)
    {
        try
        {
            using var reader = new StreamReader(stream, Encoding.ASCII, leaveOpen: true);
            return await reader.ReadLineAsync() ?? "";
        }
        catch (IOException)
        {
            return "";
        }
    }

    private sealed class NoLength(byte[] bytes) : MemoryStream(bytes)
    {
        public override bool CanSeek => false;
    }
}
