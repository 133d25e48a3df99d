using Vedette.Storage;

namespace Vedette.Engine.Subscriptions;

/// <summary>Destinations and what they subscribe to. Changes take part in the caller's transaction.</summary>
public sealed class DestinationStore(TimeProvider time)
{
    /// <summary>Columns of <see cref="Row"/>, for queries that join destinations as <c>d</c>.</summary>
    internal const string Columns =
        "d.id as destination_id, d.kind, d.public_id, d.organization_id, d.url, d.secret, d.timeout_ms, d.concurrency, d.encoding, d.state as destination_state";

    /// <summary>Events that were accepted before are not sent to it.</summary>
    /// <param name="events">Names from <see cref="Wire.EventCatalogue"/>.</param>
    /// <returns>The id of the new destination.</returns>
    public async Task<long> AddAsync(Transaction transaction, Destination destination, IReadOnlyList<string> events)
    {
        var id = await transaction.SingleAsync<long>(
            """
            insert into destination (kind, public_id, organization_id, url, secret, timeout_ms, concurrency, encoding, state, created_at)
            values (@Kind, @PublicId, @OrganizationId, @Url, @Secret, @TimeoutMs, @Concurrency, @Encoding, @State, @CreatedAt)
            returning id
            """,
            new
            {
                Kind = StoredName.Of(destination.Kind),
                destination.PublicId,
                destination.OrganizationId,
                destination.Url,
                destination.Secret,
                TimeoutMs = (long)destination.Timeout.TotalMilliseconds,
                Concurrency = (long)destination.Concurrency,
                Encoding = StoredName.Of(destination.Encoding),
                State = StoredName.Of(destination.State),
                CreatedAt = UnixMicroseconds.From(time.GetUtcNow()),
            });

        await transaction.ExecuteEachAsync(
            "insert into subscription (destination_id, organization_id, event, project_id) values (@Id, @OrganizationId, @Event, 0)",
            [.. events.Select(name => new { Id = id, destination.OrganizationId, Event = name })]);
        return id;
    }

    /// <summary>The base of every row that carries a destination.</summary>
    internal record Row
    {
        public long DestinationId { get; init; }

        public string Kind { get; init; } = "";

        public string PublicId { get; init; } = "";

        public long OrganizationId { get; init; }

        public string Url { get; init; } = "";

        public byte[] Secret { get; init; } = [];

        public long TimeoutMs { get; init; }

        public long Concurrency { get; init; }

        public string Encoding { get; init; } = "";

        public string DestinationState { get; init; } = "";

        public Destination ToDestination() => new()
        {
            Id = DestinationId,
            Kind = StoredName.Parse<DestinationKind>(Kind),
            PublicId = PublicId,
            OrganizationId = OrganizationId,
            Url = Url,
            Secret = Secret,
            Timeout = TimeSpan.FromMilliseconds(TimeoutMs),
            Concurrency = (int)Concurrency,
            Encoding = StoredName.Parse<BodyEncoding>(Encoding),
            State = StoredName.Parse<DestinationState>(DestinationState),
        };
    }
}
