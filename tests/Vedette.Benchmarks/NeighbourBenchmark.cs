using System.Diagnostics;
using Vedette.Engine;
using Vedette.Wire;

namespace Vedette.Benchmarks;

/// <summary>
/// A thousand destinations under a steady load, a fifth of which hang until they time out: how long the healthy ones wait
/// from commit to the end of their attempt, against the same load without hanging ones.
/// </summary>
internal static class NeighbourBenchmark
{
    private const int Destinations = 1000;
    private const int EventsPerSecond = 500;

    /// <returns>p99 of the healthy destinations in milliseconds, beside that of the quiet run.</returns>
    public static async Task<Round> RunAsync(BenchKind kind, BenchReceiver receiver, int seconds)
    {
        var quiet = await P99Async(kind, receiver, seconds, Spread, _ => false);
        var noisy = await P99Async(kind, receiver, seconds, Spread, i => i % 5 == 0);
        return new Round(noisy, quiet);
    }

    /// <summary>As <see cref="RunAsync"/>, but every second event goes to one destination, and that one hangs.</summary>
    public static async Task<Round> RunHalfAsync(BenchKind kind, BenchReceiver receiver, int seconds)
    {
        var quiet = await P99Async(kind, receiver, seconds, HalfToTheFirst, _ => false);
        var noisy = await P99Async(kind, receiver, seconds, HalfToTheFirst, i => i == 0);
        return new Round(noisy, quiet);
    }

    /// <summary>Both loads once, so that no round pays for code that was never run before.</summary>
    public static async Task WarmUpAsync(BenchKind kind, BenchReceiver receiver)
    {
        _ = await RunAsync(kind, receiver, seconds: 3);
        _ = await RunHalfAsync(kind, receiver, seconds: 3);
    }

    /// <summary>The destination of an event.</summary>
    private static int Spread(int number) => number * 7919 % Destinations;

    private static int HalfToTheFirst(int number) => number % 2 == 0 ? 0 : Spread(number);

    private static async Task<double> P99Async(BenchKind kind, BenchReceiver receiver, int seconds, Func<int, int> destinationOf, Func<int, bool> hangs)
    {
        await using var bench = await BenchDatabase.CreateAsync(kind);
        await using var engine = new BenchEngine(bench.Database);

        // An organization each, so that an event goes to exactly one of them.
        for (var i = 0; i < Destinations; i++)
            await engine.AddDestinationAsync(i, organizationId: i + 1, hangs(i) ? $"{receiver.Url}/hang" : $"{receiver.Url}/ok");
        await engine.StartAsync();

        var events = EventsPerSecond * seconds;
        var began = Stopwatch.GetTimestamp();
        var accepting = new List<Task>();
        for (var i = 0; i < events; i++)
        {
            var due = TimeSpan.FromSeconds((double)i / EventsPerSecond) - Stopwatch.GetElapsedTime(began);
            if (due > TimeSpan.FromMilliseconds(1))
                await Task.Delay(due, TimeProvider.System);
            accepting.Add(AcceptAsync(engine, destinationOf(i) + 1));
        }

        await Task.WhenAll(accepting);
        var healthy = Enumerable.Range(0, events).Count(i => !hangs(destinationOf(i)));
        while (await CountAsync(engine) < healthy)
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System);

        var waits = await bench.Database.ReadAsync(session => session.ListAsync<long>(
            """
            select a.started_at + a.duration_us - e.created_at
            from attempt a
            join delivery y on y.id = a.delivery_id
            join hook_event e on e.id = y.hook_event_id
            where a.outcome = 'delivered' and e.organization_id > 1
            """), CancellationToken.None);
        return waits.Order().ElementAt(waits.Count * 99 / 100) / 1000.0;
    }

    private static Task<long> CountAsync(BenchEngine engine) =>
        engine.Database.ReadAsync(
            session => session.SingleAsync<long>("select count(*) from attempt where outcome = 'delivered'"), CancellationToken.None);

    private static Task AcceptAsync(BenchEngine engine, long organization) =>
        engine.Database.WriteAsync(
            transaction => engine.Intake.AcceptAsync(transaction, new HookEvent
            {
                OrganizationId = organization,
                Resource = "error",
                Action = "created",
                Actor = HookActor.Platform,
                Data = () => Payload.Data,
            }),
            CancellationToken.None);
}
