using Vedette.Tracker.Projects;

namespace Vedette.Server.Ingest;

/// <summary>
/// How many events each limited key has sent in the window that runs. Each process counts for itself, and anew after a
/// restart. Safe for concurrent use.
/// </summary>
internal sealed class KeyRates
{
    private readonly Lock gate = new();
    private readonly Dictionary<long, (long Window, long Taken)> keys = [];

    /// <summary>Takes all of them or none. A single request with more events than a whole window allows is taken at the window's beginning.</summary>
    /// <returns><c>null</c> when they are taken, else how long until the next window.</returns>
    public TimeSpan? TryTake(long keyId, RateLimit limit, int events, DateTimeOffset now)
    {
        if (events == 0)
            return null;

        var window = now.ToUnixTimeSeconds() / limit.WindowSeconds;
        lock (gate)
        {
            var taken = keys.TryGetValue(keyId, out var known) && known.Window == window ? known.Taken : 0;
            if (taken >= limit.Count || (taken > 0 && taken + events > limit.Count))
                return DateTimeOffset.FromUnixTimeSeconds((window + 1) * limit.WindowSeconds) - now;

            keys[keyId] = (window, taken + events);
            return null;
        }
    }
}
