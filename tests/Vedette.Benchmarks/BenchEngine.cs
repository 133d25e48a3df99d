using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Vedette.Engine;
using Vedette.Engine.Deliveries;
using Vedette.Engine.Egress;
using Vedette.Engine.Subscriptions;
using Vedette.Storage;

namespace Vedette.Benchmarks;

/// <summary>The engine as the server puts it together, without HTTP in front of it.</summary>
internal sealed class BenchEngine : IAsyncDisposable
{
    public const string Secret = "4a6bb2295218226bca4e1e302f96315f85216e7bcec5cdf7820054b3fd1a1ab8";

    private readonly WebhookSender sender;
    private readonly EngineMetrics metrics = new();
    private bool started;

    public BenchEngine(Database database)
    {
        Database = database;
        var options = new EngineOptions { Egress = new EgressPolicy([System.Net.IPNetwork.Parse("127.0.0.0/8")]) };
        sender = new WebhookSender(new EgressConnector(new EgressResolver(options.Egress)), Box, TimeProvider.System);
        Destinations = new DestinationStore(TimeProvider.System);
        Dispatcher = new Dispatcher(
            database, Destinations, new DestinationNotices(), sender, options, metrics, TimeProvider.System, Random.Shared, NullLogger<Dispatcher>.Instance);
        Intake = new EventIntake(Dispatcher, metrics, TimeProvider.System);
    }

    public Database Database { get; }

    public DestinationStore Destinations { get; }

    public Dispatcher Dispatcher { get; }

    public EventIntake Intake { get; }

    /// <summary>Encryption is not what is measured, and is done once a destination anyway.</summary>
    private static SecretBox Box { get; } = new(Encoding.UTF8.GetBytes, Encoding.UTF8.GetString);

    /// <summary>Destinations of one organization that want <c>error.created</c>.</summary>
    /// <param name="from">Number of the first; numbers are used once.</param>
    public async Task<IReadOnlyList<long>> AddDestinationsAsync(int from, int count, string url, int concurrency = 8)
    {
        var ids = new List<long>();
        for (var i = from; i < from + count; i++)
            ids.Add(await AddDestinationAsync(i, organizationId: 1, url, concurrency));
        return ids;
    }

    public Task<long> AddDestinationAsync(int number, long organizationId, string url, int concurrency = 8) =>
        Database.WriteAsync(
            transaction => Destinations.AddAsync(transaction, new Destination
            {
                Kind = DestinationKind.App,
                PublicId = $"00000000-0000-4000-8000-{number:x12}",
                OrganizationId = organizationId,
                Url = url,
                Secret = Box.Seal(Secret),
                Concurrency = concurrency,
            }, ["error.created"]),
            CancellationToken.None);

    public async Task StartAsync()
    {
        await Dispatcher.StartAsync(CancellationToken.None);
        started = true;
    }

    public async ValueTask DisposeAsync()
    {
        if (started)
            await Dispatcher.StopAsync(CancellationToken.None);
        Dispatcher.Dispose();
        sender.Dispose();
        metrics.Dispose();
    }
}
