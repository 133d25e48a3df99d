using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Vedette.Wire.Json;

namespace Vedette.Tests.Harness;

/// <summary>One request as it came off the socket.</summary>
internal sealed record ReceivedRequest(string Line, IReadOnlyList<KeyValuePair<string, string>> Headers, byte[] Body)
{
    public string? Header(string name) =>
        Headers.Where(header => header.Key.Equals(name, StringComparison.OrdinalIgnoreCase)).Select(header => header.Value).SingleOrDefault();

    public string Text => Encoding.UTF8.GetString(Body);

    /// <summary>Path and query, as they were sent.</summary>
    public string Target => Line.Split(' ')[1];

    public string Path => Target.Split('?')[0];

    /// <summary><c>issue.created</c> and the like, of an app webhook.</summary>
    public string Event => $"{Header("Sentry-Hook-Resource")}.{Json.Text("action")}";

    public JsonMap Json => LenientJson.TryParse(Body, out var value, out var error) ? (JsonMap)value! : throw new FormatException(error);
}

/// <summary>
/// A webhook receiver on a real socket of 127.0.0.1. It answers 200 unless a test teaches it otherwise; because it writes
/// the bytes of its answers itself, it can also drip, lie, hang and die.
/// </summary>
internal sealed class TestReceiver : IAsyncDisposable
{
    /// <summary>Writes an answer. Returning <c>false</c> closes the connection.</summary>
    public delegate Task<bool> Answer(ReceivedRequest request, NetworkStream stream, CancellationToken ct);

    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource stop = new();
    private readonly ConcurrentQueue<ReceivedRequest> requests = new();
    private readonly Task accepting;

    public TestReceiver()
    {
        listener.Start();
        accepting = AcceptAsync();
    }

    public Answer Behaviour { get; set; } = Status(200);

    public string Url => $"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}/hook";

    public IReadOnlyList<ReceivedRequest> Requests => [.. requests];

    public static Answer Status(int status, params string[] headers) => async (_, stream, ct) =>
    {
        var extra = string.Concat(headers.Select(header => $"{header}\r\n"));
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"HTTP/1.1 {status} Test\r\nContent-Length: 2\r\n{extra}\r\nok"), ct);
        return true;
    };

    public static Answer Body(int status, string body, params string[] headers) => async (_, stream, ct) =>
    {
        var bytes = Encoding.UTF8.GetBytes(body);
        var extra = string.Concat(headers.Select(header => $"{header}\r\n"));
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"HTTP/1.1 {status} Test\r\nContent-Length: {bytes.Length}\r\n{extra}\r\n"), ct);
        await stream.WriteAsync(bytes, ct);
        return true;
    };

    /// <summary>Says that so many bytes will come, and closes after the first.</summary>
    public static Answer Torn(int promised) => async (_, stream, ct) =>
    {
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"HTTP/1.1 200 Test\r\nContent-Length: {promised}\r\n\r\n["), ct);
        return false;
    };

    /// <summary>Closes without a word.</summary>
    public static Answer Close { get; } = (_, _, _) => Task.FromResult(false);

    /// <summary>Reads the request and never says a word.</summary>
    public static Answer Hang { get; } = async (_, _, ct) =>
    {
        await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, ct);
        return false;
    };

    /// <summary>Waits until so many requests have come, and returns all.</summary>
    public async Task<IReadOnlyList<ReceivedRequest>> WaitForAsync(int count, TimeSpan? patience = null)
    {
        await Poll.UntilAsync(() => requests.Count >= count, $"{count} requests", patience);
        return Requests;
    }

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        listener.Stop();
        await accepting;
        stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        var connections = new List<Task>();
        try
        {
            while (true)
            {
                var client = await listener.AcceptTcpClientAsync(stop.Token);
                connections.Add(ServeAsync(client));
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or InvalidOperationException)
        {
            await Task.WhenAll(connections);
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        try
        {
            using (client)
            {
                await using var stream = client.GetStream();
                while (await ReadAsync(stream) is { } request)
                {
                    requests.Enqueue(request);
                    if (!await Behaviour(request, stream, stop.Token))
                        return;
                }
            }
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The other side, or the end of the test, closed it.
        }
    }

    private async Task<ReceivedRequest?> ReadAsync(NetworkStream stream)
    {
        var head = new List<byte>();
        var one = new byte[1];
        while (head.Count < 4 || head[^1] != '\n' || head[^2] != '\r' || head[^3] != '\n')
        {
            if (await stream.ReadAsync(one, stop.Token) == 0)
                return null;
            head.Add(one[0]);
        }

        var lines = Encoding.Latin1.GetString([.. head]).Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        var headers = lines.Skip(1).Select(line =>
        {
            var colon = line.IndexOf(':', StringComparison.Ordinal);
            return KeyValuePair.Create(line[..colon], line[(colon + 1)..].Trim());
        }).ToList();
        var length = headers.Where(h => h.Key.Equals("Content-Length", StringComparison.OrdinalIgnoreCase))
            .Select(h => int.Parse(h.Value, CultureInfo.InvariantCulture)).SingleOrDefault();
        var body = new byte[length];
        await stream.ReadExactlyAsync(body, stop.Token);
        return new ReceivedRequest(lines[0], headers, body);
    }
}
