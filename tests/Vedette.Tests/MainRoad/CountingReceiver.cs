using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Vedette.Tests.Engine.Deliveries;

namespace Vedette.Tests.MainRoad;

/// <summary>Takes many webhooks fast and remembers of each only which event it was about and under which key it came.</summary>
internal sealed partial class CountingReceiver : IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, ConcurrentQueue<string>> keys = new(StringComparer.Ordinal);
    private readonly RawListener listener;

    /// <param name="pause">How long each answer takes.</param>
    public CountingReceiver(TimeSpan pause) => listener = new RawListener(async (client, ct) =>
    {
        var stream = client.GetStream();
        var text = new StringBuilder();
        var buffer = new byte[16384];
        while (await stream.ReadAsync(buffer, ct) is var read and > 0)
        {
            text.Append(Encoding.Latin1.GetString(buffer, 0, read));
            if (!TryTake(text))
                continue;

            if (pause > TimeSpan.Zero)
                await Task.Delay(pause, TimeProvider.System, ct);
            await stream.WriteAsync("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"u8.ToArray(), ct);
        }
    });

    public string Url => listener.Url;

    /// <summary>The marks of the events that have come.</summary>
    public bool Has(string mark) => keys.ContainsKey(mark);

    public IEnumerable<IReadOnlyCollection<string>> KeysByEvent => keys.Values;

    /// <summary>A text that is found again in the webhook about the event that carries it.</summary>
    public static string Mark(int number) => $"mark-{number:d8}-mark";

    public ValueTask DisposeAsync() => listener.DisposeAsync();

    private bool TryTake(StringBuilder text)
    {
        var request = text.ToString();
        var head = request.IndexOf("\r\n\r\n", StringComparison.Ordinal);
        if (head < 0 || request.Length < head + 4 + int.Parse(Length.Match(request).Groups["value"].Value, CultureInfo.InvariantCulture))
            return false;

        keys.GetOrAdd(MarkOf.Match(request).Value, _ => []).Enqueue(Key.Match(request).Groups["value"].Value);
        text.Clear();
        return true;
    }

    [GeneratedRegex(@"Content-Length: (?<value>\d+)", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex Length { get; }

    [GeneratedRegex("Idempotency-Key: (?<value>[0-9a-f]{32})", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex Key { get; }

    [GeneratedRegex("mark-[0-9]{8}-mark", RegexOptions.NonBacktracking)]
    private static partial Regex MarkOf { get; }
}
