using System.Collections.Concurrent;

namespace Vedette.Tests.MainRoad;

/// <summary>Several clients that send events one after the other, whether the server is there or not, and remember which it took.</summary>
internal sealed class EventLoad : IAsyncDisposable
{
    private readonly CancellationTokenSource stop = new();
    private readonly ConcurrentQueue<string> taken = new();
    private readonly ConcurrentDictionary<int, int> answers = new();
    private readonly List<Task> clients;
    private int last;

    /// <param name="envelopeUrl">With the key in its query.</param>
    /// <param name="pause">Of each client after each event.</param>
    public EventLoad(string envelopeUrl, int clients, TimeSpan pause) =>
        this.clients = [.. Enumerable.Range(0, clients).Select(_ => Task.Run(() => SendAsync(new Uri(envelopeUrl), pause)))];

    /// <summary>The marks of those that were answered 200.</summary>
    public IReadOnlyCollection<string> Taken => taken;

    /// <summary>How often each status was answered; 0 stands for no answer at all.</summary>
    public IReadOnlyDictionary<int, int> Answers => answers;

    public async Task StopAsync()
    {
        await stop.CancelAsync();
        await Task.WhenAll(clients);
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        stop.Dispose();
    }

    private async Task SendAsync(Uri url, TimeSpan pause)
    {
        using var client = new HttpClient();
        while (!stop.IsCancellationRequested)
        {
            var mark = CountingReceiver.Mark(Interlocked.Increment(ref last));
            using var envelope = new StringContent($"{{}}\n{{\"type\":\"event\"}}\n{{\"exception\":{{\"values\":[{{\"type\":\"{mark}\"}}]}},\"fingerprint\":[\"load\"]}}\n");
            var status = 0;
            try
            {
                using var answer = await client.PostAsync(url, envelope, CancellationToken.None);
                status = (int)answer.StatusCode;
            }
            catch (HttpRequestException)
            {
                // It is dead at the moment.
            }

            answers.AddOrUpdate(status, 1, (_, count) => count + 1);
            if (status == 200)
                taken.Enqueue(mark);
            await Task.Delay(pause, TimeProvider.System, CancellationToken.None);
        }
    }
}
