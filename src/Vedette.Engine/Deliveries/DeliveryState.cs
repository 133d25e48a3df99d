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

/// <summary>Why a delivery is <see cref="DeliveryState.Cancelled"/>. The names, in snake_case, are part of the data.</summary>
public enum CancelReason
{
    /// <summary>It was held, and whoever enabled the destination again did not want it any more.</summary>
    Dropped,

    /// <summary>The app was, from the organization.</summary>
    Uninstalled,

    AppDeleted,

    /// <summary>The app is to be called no more.</summary>
    UrlRemoved,

    /// <summary>A service hook.</summary>
    HookDeleted,

    ProjectDeleted,

    /// <summary>That of the app, which may be another than the one in which the event happened.</summary>
    OrganizationDeleted,
}
