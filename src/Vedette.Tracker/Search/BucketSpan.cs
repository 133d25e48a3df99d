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
    private static readonly TimeSpan Longest = TimeSpan.FromDays(365);

    public int Count => (int)((Until - From) / Step);

    /// <summary>So many, of which the last holds the present.</summary>
    public static BucketSpan Last(int count, long step, DateTimeOffset now)
    {
        var end = Floor(now.ToUnixTimeSeconds(), step) + step;
        return new(step, end - (count * step), end);
    }

    /// <summary>Those of a window, up to the one that holds the present; of a window that is longer than a year, the last year.</summary>
    public static BucketSpan Within(TimeWindow window, DateTimeOffset now)
    {
        var until = window.From < now && now < window.Until ? now + TimeSpan.FromMicroseconds(1) : window.Until;
        return Of(until - window.From > Longest ? until - Longest : window.From, until);
    }

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

    private static long Floor(long second, long step) => second - (second % step);
}
