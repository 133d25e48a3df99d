namespace Vedette.Tracker;

/// <summary>What the host decides for the tracker.</summary>
public sealed record TrackerOptions
{
    /// <summary>Service hooks are told of events. Without, they keep their subscriptions and nothing comes.</summary>
    public bool FiresServiceHooks { get; init; } = true;
}
