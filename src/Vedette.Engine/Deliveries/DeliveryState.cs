namespace Vedette.Engine.Deliveries;

/// <summary>Where a delivery stands. What may follow what is in <see cref="DeliveryTransitions"/>.</summary>
public enum DeliveryState
{
    /// <summary>Will be attempted when it is due, or is being attempted under a lease.</summary>
    Pending,

    /// <summary>The receiver answered 2xx.</summary>
    Delivered,

    /// <summary>The last attempt of the schedule failed.</summary>
    Exhausted,

    /// <summary>The receiver answered 410: it does not want to be called again.</summary>
    Gone,

    /// <summary>The destination is disabled.</summary>
    Held,

    /// <summary>Somebody decided against it.</summary>
    Cancelled,
}
