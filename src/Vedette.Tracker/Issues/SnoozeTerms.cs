using Vedette.Storage;
using Vedette.Wire.Json;

namespace Vedette.Tracker.Issues;

/// <summary>Under which conditions an archived issue comes back: whichever is met first. Windows are minutes.</summary>
public sealed record SnoozeTerms
{
    public static SnoozeTerms None { get; } = new();

    /// <summary>Unix microseconds.</summary>
    public long? Until { get; init; }

    /// <summary>So many more events; within the window, if there is one.</summary>
    public long? Count { get; init; }

    public long? Window { get; init; }

    /// <summary>So many more people; within the window, if there is one.</summary>
    public long? UserCount { get; init; }

    public long? UserWindow { get; init; }

    public bool IsEmpty => Until is null && Count is null && UserCount is null;

    /// <summary>As requests name them, for an activity.</summary>
    public JsonMap AsRequested() => Map("ignoreUntil", "ignoreCount", "ignoreWindow", "ignoreUserCount", "ignoreUserWindow");

    /// <summary>As Sentry's activities name those that have ended.</summary>
    public JsonMap AsExpired() => Map("until", "count", "window", "user_count", "user_window");

    private JsonMap Map(string until, string count, string window, string userCount, string userWindow) => new()
    {
        [until] = Until is { } at ? StableJsonWriter.InstantText(UnixMicroseconds.ToInstant(at)) : null,
        [count] = (double?)Count,
        [window] = (double?)Window,
        [userCount] = (double?)UserCount,
        [userWindow] = (double?)UserWindow,
    };
}
