using System.Net;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Vedette.Engine;
using Vedette.Engine.Deliveries;
using Vedette.Engine.Egress;
using Vedette.Engine.Subscriptions;
using Vedette.Storage;
using Vedette.Wire;

namespace Vedette.Tests.Engine.Deliveries;

/// <summary>The engine without a server around it, for what the server does not let a test choose; several may share a database.</summary>
internal sealed class EngineNode : IAsyncDisposable
{
    private readonly WebhookSender sender;
    private readonly TimeProvider time;

    public EngineNode(Database database, TimeProvider time, EngineOptions? options = null, DestinationNotices? notices = null)
    {
        Database = database;
        this.time = time;
        var chosen = (options ?? new EngineOptions()) with { Egress = new EgressPolicy([IPNetwork.Parse("127.0.0.0/8")]) };
        sender = new WebhookSender(new EgressConnector(new EgressResolver(chosen.Egress)), Box, time);
        Destinations = new DestinationStore(time);
        var metrics = new EngineMetrics();
        Dispatcher = new Dispatcher(database, Destinations, notices ?? new DestinationNotices(), sender, chosen, metrics, time, Random.Shared, NullLogger<Dispatcher>.Instance);
        Intake = new EventIntake(Dispatcher, metrics, time);
    }

    public Database Database { get; }

    public DestinationStore Destinations { get; }

    public Dispatcher Dispatcher { get; }

    public EventIntake Intake { get; }

    private static SecretBox Box { get; } = new(Encoding.UTF8.GetBytes, Encoding.UTF8.GetString);

    /// <summary>One that wants <c>error.created</c>.</summary>
    public Task<long> AddDestinationAsync(string url, TimeSpan? timeout = null, long organizationId = 1) =>
        Database.WriteAsync(
            transaction => Destinations.AddAsync(
                transaction,
                new Destination
                {
                    Kind = DestinationKind.App,
                    PublicId = Guid.CreateVersion7().ToString(),
                    OrganizationId = organizationId,
                    Url = url,
                    Secret = Box.Seal("secret"),
                    Timeout = timeout ?? TimeSpan.FromSeconds(1),
                },
                ["error.created"]),
            CancellationToken.None);

    public async Task AcceptAsync(int events, long organizationId = 1)
    {
        for (var i = 0; i < events; i++)
            await Database.WriteAsync(transaction => AcceptAsync(transaction, organizationId), CancellationToken.None);
    }

    public Task AcceptAsync(Transaction transaction, long organizationId = 1) =>
        Intake.AcceptAsync(
            transaction,
            new HookEvent { OrganizationId = organizationId, Resource = "error", Action = "created", Actor = HookActor.Platform, Data = () => "{}"u8.ToArray() });

    /// <summary>A lifecycle notice.</summary>
    public Task NotifyAsync(Transaction transaction, long destinationId) =>
        Intake.AcceptForAsync(
            transaction,
            new HookEvent { OrganizationId = 1, Resource = "installation", Action = "deleted", Actor = HookActor.Platform, Data = () => "{}"u8.ToArray() },
            destinationId);

    public Task StartAsync() => Dispatcher.StartAsync(CancellationToken.None);

    public Task<IReadOnlyList<DestinationDay>> DaysAsync() =>
        Database.ReadAsync(session => session.ListAsync<DestinationDay>("select day, successes, errors, timeouts from destination_day order by day"), CancellationToken.None);

    public Task<long> CountAsync(string sql) => Database.ReadAsync(session => session.SingleAsync<long>(sql), CancellationToken.None);

    public long Today => time.GetUtcNow().ToUnixTimeSeconds() / 86400;

    public async ValueTask DisposeAsync()
    {
        await Dispatcher.StopAsync(CancellationToken.None);
        Dispatcher.Dispose();
        sender.Dispose();
    }
}
