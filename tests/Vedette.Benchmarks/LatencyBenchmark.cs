using System.Diagnostics;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;

namespace Vedette.Benchmarks;

/// <summary>
/// From sending an event to having its webhook, one at a time, against one signed POST to the same receiver and back.
/// </summary>
internal static class LatencyBenchmark
{
    private const int WarmUp = 3000;

    /// <returns>Milliseconds: p50 and p99, each beside its ceiling, and one durable write to this disk beside the ceiling's p50.</returns>
    public static async Task<(Round P50, Round P99, Round Fsync)> RunAsync(BenchKind kind, int events)
    {
        var arrived = new SemaphoreSlim(0);
        await using var receiver = Receive(arrived);
        await receiver.StartAsync();
        var hook = $"{receiver.Urls.First()}/hook";
        await using var server = await ServerUnderTest.StartAsync(kind);
        await server.FirstEventAsync(IngestBenchmark.Envelope());
        await server.AddAppAsync(hook, "error");

        using var client = new HttpMessageInvoker(new SocketsHttpHandler { UseProxy = false, ActivityHeadersPropagator = null });
        var measured = await TimesAsync(events, async () =>
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, server.EnvelopeUrl) { Content = new ByteArrayContent(IngestBenchmark.Envelope()) };
            using var answer = await client.SendAsync(request, CancellationToken.None);
            answer.EnsureSuccessStatusCode();
            await arrived.WaitAsync();
        });
        var ceiling = await TimesAsync(events, async () =>
        {
            await DrainBenchmark.PostAsync(client, hook);
            await arrived.WaitAsync();
        });
        var fsync = await FsyncAsync(events);
        return (new Round(measured.P50, ceiling.P50), new Round(measured.P99, ceiling.P99), new Round(fsync, ceiling.P50));
    }

    /// <summary>What no answer after a commit can be quicker than: 4 KB appended and on disk, p50.</summary>
    private static async Task<double> FsyncAsync(int times)
    {
        var path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        await using var file = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, 0, FileOptions.DeleteOnClose);
        var page = new byte[4096];
        var (p50, _) = await TimesAsync(times, () =>
        {
            file.Write(page);
            file.Flush(flushToDisk: true);
            return Task.CompletedTask;
        });
        return p50;
    }

    private static async Task<(double P50, double P99)> TimesAsync(int events, Func<Task> once)
    {
        var times = new List<double>();
        for (var i = 0; i < WarmUp + events; i++)
        {
            var began = Stopwatch.GetTimestamp();
            await once();
            if (i >= WarmUp)
                times.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
        }

        times.Sort();
        return (times[times.Count / 2], times[times.Count * 99 / 100]);
    }

    private static WebApplication Receive(SemaphoreSlim arrived)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(System.Net.IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http1));
        builder.Services.AddRoutingCore();
        var app = builder.Build();
        app.Run(async context =>
        {
            await context.Request.Body.CopyToAsync(Stream.Null);
            context.Response.ContentLength = 0;
            arrived.Release();
        });
        return app;
    }
}
