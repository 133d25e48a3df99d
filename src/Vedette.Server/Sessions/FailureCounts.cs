namespace Vedette.Server.Sessions;

/// <summary>
/// How often something failed since the first time within a window, by key, in this process. Memory is bounded: when it is
/// full, whatever failed longest ago is forgotten.
/// </summary>
internal sealed class FailureCounts(TimeProvider time, TimeSpan window)
{
    private const int MostRemembered = 10_000;

    private readonly Lock gate = new();
    private readonly Dictionary<string, (int Times, DateTimeOffset Since)> failures = new(StringComparer.Ordinal);

    /// <returns>How long to wait before another try; <c>null</c> when one may be made.</returns>
    public TimeSpan? WaitFor(string key, int most)
    {
        lock (gate)
            return failures.TryGetValue(key, out var found) && found.Times >= most && found.Since + window - time.GetUtcNow() is { Ticks: > 0 } wait ? wait : null;
    }

    public void Add(string key)
    {
        lock (gate)
        {
            var now = time.GetUtcNow();
            if (failures.TryGetValue(key, out var found) && found.Since + window > now)
            {
                failures[key] = (found.Times + 1, found.Since);
                return;
            }

            if (failures.Count >= MostRemembered)
                failures.Remove(failures.MinBy(each => each.Value.Since).Key);
            failures[key] = (1, now);
        }
    }
}
