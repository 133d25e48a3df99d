using Vedette.Storage;

namespace Vedette.Engine.Subscriptions;

/// <summary>
/// What the engine tells whoever owns a destination, in the transaction in which it found out. The engine knows neither
/// apps nor owners, so the host says here what is to be done; without a host nothing is.
/// </summary>
public sealed record DestinationNotices
{
    /// <summary>The receiver answered 410, and the destination has ended.</summary>
    public Func<Transaction, long, Task> OnGone { get; init; } = (_, _) => Task.CompletedTask;

    /// <summary>The receiver counts as broken. Called with every failure until the host disables it or its counters are cleared.</summary>
    public Func<Transaction, long, Task> OnBroken { get; init; } = (_, _) => Task.CompletedTask;
}
