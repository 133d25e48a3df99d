using Vedette.Engine.Deliveries;
using Vedette.Storage;

namespace Vedette.Engine.DeliveryLog;

/// <summary>Which deliveries of an organization are meant. What is <c>null</c> does not matter.</summary>
public sealed record DeliveryFilter
{
    public required long OrganizationId { get; init; }

    public DeliveryState? State { get; init; }

    public long? DestinationId { get; init; }

    public long? EventId { get; init; }

    /// <summary>As the destination knows it: <c>issue.created</c>.</summary>
    public string? EventName { get; init; }

    public long? IssueId { get; init; }

    /// <summary>Accepted then or later.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>Accepted before then.</summary>
    public DateTimeOffset? Until { get; init; }

    /// <summary>
    /// A condition on <c>delivery y</c> and <c>hook_event e</c>. States are written out, because SQLite looks for the very
    /// words of a partial index.
    /// </summary>
    internal string Sql => string.Join(" and ", new[]
    {
        "y.organization_id = @OrganizationId",
        State is { } state ? $"y.state = '{StoredName.Of(state)}'" : null,
        State is not (null or DeliveryState.Pending or DeliveryState.Delivered) ? "y.state not in ('pending', 'delivered')" : null,
        DestinationId is null ? null : "y.destination_id = @DestinationId",
        EventId is null ? null : "y.hook_event_id = @EventId",
        EventName is null ? null : "e.resource = @Resource and y.action = @Action",
        IssueId is null ? null : "e.issue_id = @IssueId and e.issue_id is not null",
        Since is null ? null : "y.created_at >= @SinceUs",
        Until is null ? null : "y.created_at < @UntilUs",
    }.Where(part => part is not null));

    /// <summary>What <see cref="Sql"/> names, and a place to go on from.</summary>
    internal sealed record Arguments(DeliveryFilter Filter, long PlaceUs, long PlaceId, int Most)
    {
        public long OrganizationId => Filter.OrganizationId;

        public long? DestinationId => Filter.DestinationId;

        public long? EventId => Filter.EventId;

        public string? Resource => Filter.EventName?.Split('.')[0];

        public string? Action => Filter.EventName?.Split('.', 2)[^1];

        public long? IssueId => Filter.IssueId;

        public long? SinceUs => Filter.Since is { } since ? UnixMicroseconds.From(since) : null;

        public long? UntilUs => Filter.Until is { } until ? UnixMicroseconds.From(until) : null;
    }
}

/// <summary>Where a page ends: the next one begins after it.</summary>
public sealed record DeliveryPlace(long CreatedAtUs, long Id);
