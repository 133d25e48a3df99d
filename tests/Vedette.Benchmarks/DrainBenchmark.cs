using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using Vedette.Storage;
using Vedette.Wire;

namespace Vedette.Benchmarks;

/// <summary>Deliveries a second out of a full table, against a bare loop that signs and posts the same body, 64 at a time.</summary>
internal static class DrainBenchmark
{
    private const int AtOnce = 64;
    private const int Lanes = 8;

    public static async Task<Round> RunAsync(BenchKind kind, BenchReceiver receiver, int deliveries)
    {
        await using var bench = await BenchDatabase.CreateAsync(kind);
        await using var engine = new BenchEngine(bench.Database);
        var ids = await engine.AddDestinationsAsync(0, Lanes, $"{receiver.Url}/ok", AtOnce / Lanes);
        await FillAsync(bench.Database, ids, deliveries);

        var before = await CeilingAsync(receiver, deliveries / 4);
        var answered = await receiver.AnsweredAsync(0);
        var began = Stopwatch.GetTimestamp();
        await engine.StartAsync();
        await receiver.AnsweredAsync(answered + deliveries);
        await DeliveredAsync(bench.Database, deliveries);
        var measured = deliveries / Stopwatch.GetElapsedTime(began).TotalSeconds;
        var after = await CeilingAsync(receiver, deliveries / 4);
        return new Round(measured, (before + after) / 2);
    }

    /// <summary>Each an event of its own, due now, spread over the destinations.</summary>
    public static async Task FillAsync(Database database, IReadOnlyList<long> destinations, int deliveries)
    {
        const int Chunk = 10_000;
        for (var from = 0; from < deliveries; from += Chunk)
        {
            var rows = Enumerable.Range(from, Math.Min(Chunk, deliveries - from))
                .Select(i => new { Id = (long)i + 1, Destination = destinations[i % destinations.Count], Seed = i.ToString("x32", CultureInfo.InvariantCulture), Payload.Data, Payload.Actor })
                .ToList();
            await database.WriteAsync(async transaction =>
            {
                await transaction.ExecuteEachAsync(
                    """
                    insert into hook_event (id, organization_id, resource, action, seed, data, actor, created_at)
                    values (@Id, 1, 'error', 'created', @Seed, @Data, @Actor, 0)
                    """,
                    rows);
                await transaction.ExecuteEachAsync(
                    """
                    insert into delivery (id, hook_event_id, destination_id, replay_of, action, state, reason, due_at, attempts, created_at)
                    values (@Id, @Id, @Destination, 0, 'created', 'pending', 'accepted', 0, 0, 0)
                    """,
                    rows);
            }, CancellationToken.None);
        }

        if (database.IsSingleNode)
            return;

        // PostgreSQL has not counted ids that were given to it, and its autovacuum comes within a minute of such a change.
        await database.WriteAsync(async transaction =>
        {
            await transaction.ExecuteAsync("select setval(pg_get_serial_sequence('hook_event', 'id'), @deliveries)", new { deliveries = (long)deliveries });
            await transaction.ExecuteAsync("select setval(pg_get_serial_sequence('delivery', 'id'), @deliveries)", new { deliveries = (long)deliveries });
            await transaction.ExecuteAsync("analyze delivery");
        }, CancellationToken.None);
    }

    /// <summary>Posts a second, 64 at a time, each signed.</summary>
    public static async Task<double> CeilingAsync(BenchReceiver receiver, int posts)
    {
        using var client = new HttpMessageInvoker(new SocketsHttpHandler { UseProxy = false, UseCookies = false, AllowAutoRedirect = false, ActivityHeadersPropagator = null });
        var next = 0;
        var began = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, AtOnce).Select(_ => Task.Run(async () =>
        {
            while (Interlocked.Increment(ref next) <= posts)
                await PostAsync(client, $"{receiver.Url}/ok");
        })));
        return posts / Stopwatch.GetElapsedTime(began).TotalSeconds;
    }

    public static async Task PostAsync(HttpMessageInvoker client, string url)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, url)
        {
            Content = new ByteArrayContent(Payload.Body) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } },
        };
        request.Headers.TryAddWithoutValidation(HookHeaders.Signature, HookSignature.Sign(BenchEngine.Secret, Payload.Body));
        using var response = await client.SendAsync(request, CancellationToken.None);
        await response.Content.CopyToAsync(Stream.Null);
    }

    private static async Task DeliveredAsync(Database database, int deliveries)
    {
        while (await database.ReadAsync(
            session => session.SingleAsync<long>("select count(*) from delivery where state = 'pending'"), CancellationToken.None) > 0)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System);
        }

        var delivered = await database.ReadAsync(
            session => session.SingleAsync<long>("select count(*) from delivery y join attempt a on a.delivery_id = y.id where y.state = 'delivered'"),
            CancellationToken.None);
        if (delivered < deliveries)
            throw new InvalidOperationException($"only {delivered} of {deliveries} were delivered and logged");
    }
}
