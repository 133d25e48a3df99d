using System.Diagnostics;
using System.Globalization;
using Vedette.Benchmarks;

string[] known = ["drain", "outbox", "ingest", "latency", "neighbour", "half", "backlog", "start", "lists", "alerts"];
switch (args)
{
    case ["receiver"]:
        await BenchReceiver.ServeAsync();
        return 0;
    case ["help" or "--help" or "-h"]:
        Console.WriteLine($"""
            usage: ./bench [--rounds N] [--on sqlite|postgres] [{string.Join(" | ", known)}] ...
            Without names, everything, on both databases. Five rounds unless said otherwise.
            """);
        return 0;
}

// A row of a longer table, printed by the process that asked for it.
var isPart = args is ["part", ..];
if (isPart)
    args = args[1..];

var rounds = 5;
if (args is ["--rounds", var text, ..])
{
    rounds = int.Parse(text, CultureInfo.InvariantCulture);
    args = args[2..];
}

BenchKind[] kinds = Enum.GetValues<BenchKind>();
if (args is ["--on", var on, ..])
{
    if (!Enum.TryParse<BenchKind>(on, ignoreCase: true, out var only))
    {
        Console.Error.WriteLine($"bench: '{on}' is no database: --on takes sqlite or postgres");
        return 2;
    }

    kinds = [only];
    args = args[2..];
}

if (args.FirstOrDefault(name => !known.Contains(name, StringComparer.Ordinal)) is { } unknown)
{
    Console.Error.WriteLine($"bench: '{unknown}' is no benchmark: it takes {string.Join(", ", known)}");
    return 2;
}

// Each in a process of its own: what one leaves in memory is not the next one's.
if (!isPart)
    Console.WriteLine(Row.Header);
if (args.Length != 1)
{
    foreach (var name in args.Length == 0 ? known : args)
    {
        string[] only = kinds.Length == 1 ? ["--on", kinds[0].ToString()] : [];
        using var child = Process.Start(Environment.ProcessPath!, ["part", "--rounds", rounds.ToString(CultureInfo.InvariantCulture), .. only, name])!;
        await child.WaitForExitAsync();
        if (child.ExitCode != 0)
            return child.ExitCode;
    }

    return 0;
}

await using var receiver = await BenchReceiver.StartAsync();
await DrainBenchmark.CeilingAsync(receiver, 20_000);
foreach (var kind in kinds)
{
    if (kind == BenchKind.Postgres && BenchDatabase.PostgresServer is null)
        continue;
    foreach (var row in await MeasureAsync(args[0], kind))
        Console.WriteLine(row);
}

return 0;

async Task<IReadOnlyList<Row>> MeasureAsync(string name, BenchKind kind)
{
    switch (name)
    {
        case "drain":
            return [new Row($"drain of 100 000 deliveries, {kind}", "/s", kind == BenchKind.Sqlite ? "0.60" : "0.40", await RepeatAsync(() => DrainBenchmark.RunAsync(kind, receiver, 100_000)))];
        case "outbox":
            return [new Row($"drain beside an outbox that works row by row, {kind}", "/s", "4", await RepeatAsync(() => OutboxBenchmark.RunAsync(kind, receiver, 3000, 30_000)))];
        case "ingest":
            return [new Row($"ingest of error envelopes, {kind}", "/s", "0.20", await RepeatAsync(() => IngestBenchmark.RunAsync(kind, receiver, 10_000)))];
        case "latency":
            var latencies = await RepeatAsync(() => LatencyBenchmark.RunAsync(kind, 1000));
            return
            [
                new Row($"event sent to webhook received, p50, {kind}", "ms", "at most 5", [.. latencies.Select(l => l.P50)]),
                new Row($"event sent to webhook received, p99, {kind}", "ms", "at most 15", [.. latencies.Select(l => l.P99)]),
                new Row($"one write of 4 KB with fsync, p50, {kind}", "ms", "for comparison", [.. latencies.Select(l => l.Fsync)]),
            ];
        case "neighbour":
            await NeighbourBenchmark.WarmUpAsync(kind, receiver);
            return [new Row($"p99 of 800 healthy of 1000 destinations, {kind}", "ms", "at most 1.5", await RepeatAsync(() => NeighbourBenchmark.RunAsync(kind, receiver, 15)))];
        case "half":
            await NeighbourBenchmark.WarmUpAsync(kind, receiver);
            return [new Row($"p99 of 999 while one that hangs gets half of all events, {kind}", "ms", "at most 1.5", await RepeatAsync(() => NeighbourBenchmark.RunHalfAsync(kind, receiver, 15)))];
        case "backlog":
            var backlogs = await RepeatAsync(() => BacklogBenchmark.RunAsync(kind, receiver, 1_000_000, 40_000));
            return
            [
                new Row($"throughput with 1 000 000 waiting, {kind}", "/s", "0.8", [.. backlogs.Select(b => b.Throughput)]),
                new Row($"memory with 1 000 000 waiting, {kind}, beside 400 MB", "MB", "at most 1", [.. backlogs.Select(b => new Round(b.Megabytes, 400))]),
            ];
        case "alerts":
            return [new Row($"ingest with 10 000 alert rules beside ingest without, {kind}", "/s", "0.77", await RepeatAsync(() => AlertBenchmark.RunAsync(kind, 10_000)))];
        case "lists":
            await using (var lists = await ListBenchmark.FillAsync(kind))
            {
                var measured = (await RepeatAsync(lists.RunAsync)).SelectMany(each => each).ToLookup(each => each.What, each => each.Round);
                return [.. measured.Select(each => new Row($"100 of 1 000 000 issues: {each.Key}, {kind}, beside 50 ms", "ms", "at most 1", [.. each]))];
            }

        default:
            var starts = await RepeatAsync(() => StartBenchmark.RunAsync(kind));
            return
            [
                new Row($"start to first accepted event, {kind}, beside 2 s", "s", "at most 1", [.. starts.Select(s => new Round(s.Seconds, 2))]),
                new Row($"memory idle, {kind}, beside 150 MB", "MB", "at most 1", [.. starts.Select(s => new Round(s.Megabytes, 150))]),
            ];
    }
}

async Task<IReadOnlyList<T>> RepeatAsync<T>(Func<Task<T>> measure)
{
    var measured = new List<T>();
    for (var round = 0; round < rounds; round++)
        measured.Add(await measure());
    return measured;
}
