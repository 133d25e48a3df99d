using Vedette.Tracker.Issues;

namespace Vedette.Tracker.Search;

/// <summary>A row of buckets, one after the other. Unix seconds.</summary>
/// <param name="Step">Seconds of each: a minute, an hour or a day.</param>
/// <param name="From">Where the first one starts.</param>
/// <param name="Until">Where the first one that is no longer meant would start.</param>
public sealed record BucketSpan(long Step, long From, long Until)
{
    private const long LongestInMinutes = 2 * IssueCounts.HourSeconds;
    private const long LongestInHours = 7 * IssueCounts.DaySeconds;

    public long Count => (Until - From) / Step;

    /// <summary>So many, of which the last holds the present.</summary>
    public static BucketSpan Last(int count, long step, DateTimeOffset now)
    {
        var end = Floor(now.ToUnixTimeSeconds(), step) + step;
        return new(step, end - (count * step), end);
    }

    /// <summary>Those of a window, up to the one that holds the present.</summary>
    /// <param name="until"><c>null</c> for the present.</param>
    public static BucketSpan Within(DateTimeOffset from, DateTimeOffset? until, DateTimeOffset now) =>
        Of(from, until is { } given && (given < now || from >= now) ? given : now + TimeSpan.FromMicroseconds(1));

    /// <summary>All that the span of time touches: minutes, or hours when it is longer than two hours, or days when it is longer than a week.</summary>
    /// <param name="until">No longer in it.</param>
    public static BucketSpan Of(DateTimeOffset from, DateTimeOffset until)
    {
        var step = (until - from).TotalSeconds switch
        {
            <= LongestInMinutes => IssueCounts.MinuteSeconds,
            <= LongestInHours => IssueCounts.HourSeconds,
            _ => IssueCounts.DaySeconds,
        };
        return new(step, Floor(from.ToUnixTimeSeconds(), step), Floor((until - TimeSpan.FromMicroseconds(1)).ToUnixTimeSeconds(), step) + step);
    }

    /// <summary>No more than so many, the last ones.</summary>
    public BucketSpan Latest(int most) => Count <= most ? this : this with { From = Until - (most * Step) };

    private static long Floor(long second, long step) => second - (second % step);
}
