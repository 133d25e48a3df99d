using System.Globalization;
using Vedette.Benchmarks;

switch (args)
{
    case ["receiver"]:
        await BenchReceiver.ServeAsync();
        return 0;
    case ["drain", var count, var rounds]:
        await DrainAsync(int.Parse(count, CultureInfo.InvariantCulture), int.Parse(rounds, CultureInfo.InvariantCulture));
        return 0;
    default:
        Console.Error.WriteLine("usage: ./bench drain DELIVERIES ROUNDS");
        return 2;
}

static async Task DrainAsync(int deliveries, int rounds)
{
    await using var receiver = await BenchReceiver.StartAsync();
    await DrainBenchmark.CeilingAsync(receiver, 5_000);
    Console.WriteLine(Row.Header);
    foreach (var (kind, bar) in new[] { (BenchKind.Sqlite, "0.60"), (BenchKind.Postgres, "0.40") })
    {
        if (kind == BenchKind.Postgres && BenchDatabase.PostgresServer is null)
            continue;

        var measured = new List<Round>();
        for (var round = 0; round < rounds; round++)
            measured.Add(await DrainBenchmark.RunAsync(kind, receiver, deliveries));
        Console.WriteLine(new Row($"drain of {deliveries:N0} deliveries, {kind}", "/s", bar, measured));
    }
}
