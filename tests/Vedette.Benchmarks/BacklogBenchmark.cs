using System.Diagnostics;
using Vedette.Engine;
using Vedette.Wire;

namespace Vedette.Benchmarks;

/// <summary>
/// Throughput of new events while a million older deliveries wait for a destination that is down, against the same load
/// on an empty queue; and the memory that it takes.
/// </summary>
internal static class BacklogBenchmark
{
    public static async Task<(Round Throughput, double Megabytes)> RunAsync(BenchKind kind, BenchReceiver receiver, int backlog, int events)
    {
        var (empty, _) = await ThroughputAsync(kind, receiver, 0, events);
        var (full, megabytes) = await ThroughputAsync(kind, receiver, backlog, events);
        return (new Round(full, empty), megabytes);
    }

    private static async Task<(double PerSecond, double Megabytes)> ThroughputAsync(BenchKind kind, BenchReceiver receiver, int backlog, int events)
    {
        await using var bench = await BenchDatabase.CreateAsync(kind);
        await using var engine = new BenchEngine(bench.Database);
        var down = await engine.AddDestinationAsync(0, organizationId: 2, $"{receiver.Url}/hang");
        await engine.AddDestinationsAsync(1, 8, $"{receiver.Url}/ok");
        if (backlog > 0)
            await DrainBenchmark.FillAsync(bench.Database, [down], backlog);
        await engine.StartAsync();

        var answered = await receiver.AnsweredAsync(0);
        var next = 0;
        var began = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, 64).Select(_ => Task.Run(async () =>
        {
            while (Interlocked.Increment(ref next) <= events / 8)
                await AcceptAsync(engine);
        })));
        await receiver.AnsweredAsync(answered + (events / 8 * 8));
        var perSecond = events / Stopwatch.GetElapsedTime(began).TotalSeconds;
        using var process = Process.GetCurrentProcess();
        return (perSecond, process.WorkingSet64 / 1e6);
    }

    private static Task AcceptAsync(BenchEngine engine) =>
        engine.Database.WriteAsync(
            transaction => engine.Intake.AcceptAsync(transaction, new HookEvent
            {
                OrganizationId = 1,
                Resource = "error",
                Action = "created",
                Actor = HookActor.Platform,
                Data = () => Payload.Data,
            }),
            CancellationToken.None);
}
