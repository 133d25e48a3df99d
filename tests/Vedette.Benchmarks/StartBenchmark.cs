using System.Diagnostics;

namespace Vedette.Benchmarks;

/// <summary>From starting the process on an empty folder to the first event that it has accepted; and what it weighs then.</summary>
internal static class StartBenchmark
{
    /// <returns>Seconds, and resident megabytes a few seconds later.</returns>
    public static async Task<(double Seconds, double Megabytes)> RunAsync(BenchKind kind)
    {
        var began = Stopwatch.GetTimestamp();
        await using var server = await ServerUnderTest.StartAsync(kind);
        await server.FirstEventAsync(IngestBenchmark.Envelope());
        var seconds = Stopwatch.GetElapsedTime(began).TotalSeconds;
        await Task.Delay(TimeSpan.FromSeconds(3), TimeProvider.System);
        return (seconds, server.Memory);
    }
}
