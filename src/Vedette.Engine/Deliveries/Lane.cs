using Vedette.Storage;

namespace Vedette.Engine.Deliveries;

/// <summary>One destination's queue in memory. It holds up nobody but itself; all access is under the dispatcher's lock.</summary>
internal sealed class Lane
{
    private static readonly TimeSpan ProvenFor = TimeSpan.FromHours(1);

    public Lane(long destinationId, LanePace pace)
    {
        (DestinationId, Pace) = (destinationId, pace);
        Turn = new LinkedListNode<Lane>(this);
    }

    public long DestinationId { get; }

    public LanePace Pace { get; }

    public Queue<LeasedDelivery> Queue { get; } = new();

    /// <summary>Promised to transactions that have not been committed yet.</summary>
    public int Reserved { get; set; }

    public int InFlight { get; set; }

    public int Cap { get; private set; } = 8;

    /// <summary>How long an attempt may take, which a lease has to outlast.</summary>
    public TimeSpan LongestExchange { get; private set; } = WebhookSender.LongestExchange(TimeSpan.Zero);

    /// <summary>When the table is known to hold something due for it; <c>null</c> when it is not known to.</summary>
    public DateTimeOffset? NextDue { get; set; }

    /// <summary>The look at the table before which the rest that it keeps was written there; <c>null</c> while it may not be.</summary>
    public long? RestStoredBefore { get; set; }

    /// <summary>Its place in a round of lanes that have work and a free slot; in no list when it has none.</summary>
    public LinkedListNode<Lane> Turn { get; }

    /// <summary>Its last attempt went well.</summary>
    public bool IsProven { get; set; }

    public DateTimeOffset LastSuccess { get; set; }

    public bool Claiming { get; set; }

    /// <summary>Takes over what its owner decided; what is under way goes on as it began.</summary>
    public void Adopt(int cap, TimeSpan timeout) => (Cap, LongestExchange) = (cap, WebhookSender.LongestExchange(timeout));

    public bool HasTurn(DateTimeOffset now) => Queue.Count > 0 && InFlight < Pace.Limit(Cap, now);

    /// <summary>Newly accepted deliveries may take half of the lane's memory, so that the backlog in the table gets the rest.</summary>
    public bool HasRoomForNew(DateTimeOffset now) => Queue.Count + Reserved < Pace.Limit(Cap, now) * 4;

    public int RoomForBacklog(DateTimeOffset now) => (Pace.Limit(Cap, now) * 8) - Queue.Count - Reserved;

    public bool WantsBacklog(DateTimeOffset now) =>
        NextDue <= now && !Claiming && Queue.Count <= Pace.Limit(Cap, now) * 2 && RoomForBacklog(now) > 0;

    /// <summary>When it might next want something from the table; <c>null</c> when it is not known to want anything.</summary>
    public DateTimeOffset? NextWish => NextDue is { } due && Pace.RestsUntil is { } rest && rest > due ? rest : NextDue;

    /// <summary>When what it holds in memory may go out after a rest; <c>null</c> when nothing waits for that.</summary>
    public DateTimeOffset? NextTurn => Queue.Count > 0 ? Pace.RestsUntil : null;

    /// <summary>Nothing is lost by forgetting it. That it was well some time ago says little.</summary>
    public bool IsIdle(DateTimeOffset now) =>
        Queue.Count == 0 && Reserved == 0 && InFlight == 0 && NextDue is null && !Claiming && Pace.IsFresh && now - LastSuccess >= ProvenFor;
}

/// <param name="Most">How many deliveries it has room for.</param>
/// <param name="AfterRest">It is the first since a rest.</param>
internal sealed record LaneWish(Lane Lane, DeliveryLease Lease, int Most, bool AfterRest)
{
    public long DestinationId => Lane.DestinationId;

    public long Token => Lease.Token;

    public long Until => UnixMicroseconds.From(Lease.Until);
}
