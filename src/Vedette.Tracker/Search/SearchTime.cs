using System.Globalization;
using Vedette.Storage;
using Vedette.Tracker.Ingest;

namespace Vedette.Tracker.Search;

/// <summary>A span of time as a query names it. Unix microseconds.</summary>
/// <param name="From"><c>null</c> for any before <paramref name="Until"/>.</param>
/// <param name="Until">No longer in it; <c>null</c> for any since <paramref name="From"/>.</param>
public sealed record SearchTime(long? From, long? Until)
{
    private const int MostDigits = 6;
    private const string Day = "yyyy-MM-dd";
    private static readonly TimeSpan Longest = TimeSpan.FromDays(36_525);

    /// <summary>
    /// <c>-24h</c> is the last 24 hours and <c>+7d</c> longer than 7 days ago, with the units <c>s m h d w</c>. An instant, or
    /// a day, is what it says, or with <c>&gt; &gt;= &lt; &lt;=</c> what lies after or before it.
    /// </summary>
    /// <returns><c>null</c> for any other text.</returns>
    public static SearchTime? Read(string text, DateTimeOffset now)
    {
        if (text.Length > 0 && text[0] is '-' or '+')
        {
            if (TryReadDuration(text[1..]) is not { } ago)
                return null;
            var then = UnixMicroseconds.From(now - ago);
            return text[0] == '-' ? new(then, null) : new(null, then + 1);
        }

        var (comparison, rest) = SearchNumber.Split(text);
        if (TryReadSpan(rest) is not var (from, until))
            return null;
        return comparison switch
        {
            Comparison.Equal => new(from, until),
            Comparison.Less => new(null, from),
            Comparison.LessOrEqual => new(null, until),
            Comparison.Greater => new(until, null),
            Comparison.GreaterOrEqual => new(from, null),
        };
    }

    /// <summary>A day, or the second or microsecond that an instant names.</summary>
    private static (long From, long Until)? TryReadSpan(string text)
    {
        const DateTimeStyles Utc = DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal;
        if (DateTimeOffset.TryParseExact(text, Day, CultureInfo.InvariantCulture, Utc, out var day))
            return (UnixMicroseconds.From(day), UnixMicroseconds.From(day) + (long)TimeSpan.FromDays(1).TotalMicroseconds);

        if (!text.Contains('-', StringComparison.Ordinal) || SdkInstant.Read(text) is not { } instant)
            return null;
        var from = UnixMicroseconds.From(instant);
        return (from, from + (text.Contains('.', StringComparison.Ordinal) ? 1 : (long)TimeSpan.FromSeconds(1).TotalMicroseconds));
    }

    /// <summary><c>24h</c>, with the units <c>s m h d w</c>; a hundred years at most.</summary>
    /// <returns><c>null</c> for what is none.</returns>
    public static TimeSpan? TryReadDuration(string text)
    {
        if (text.Length < 2 || !int.TryParse(text.AsSpan(0, text.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture, out var number) || text.Length > MostDigits + 1)
            return null;
        TimeSpan? span = text[^1] switch
        {
            's' => TimeSpan.FromSeconds(number),
            'm' => TimeSpan.FromMinutes(number),
            'h' => TimeSpan.FromHours(number),
            'd' => TimeSpan.FromDays(number),
            'w' => TimeSpan.FromDays(7L * number),
            _ => null,
        };
        return span < Longest ? span : null;
    }
}

/// <summary>A number as a query compares with it: <c>10</c>, <c>&gt;10</c>, <c>&lt;=10</c>.</summary>
public sealed record SearchNumber(Comparison Comparison, long Number)
{
    /// <returns><c>null</c> for any other text.</returns>
    public static SearchNumber? Read(string text)
    {
        var (comparison, rest) = Split(text);
        return long.TryParse(rest, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? new(comparison, number) : null;
    }

    internal static (Comparison Comparison, string Compared) Split(string text) => text switch
    {
        ['>', '=', .. var rest] => (Comparison.GreaterOrEqual, rest),
        ['<', '=', .. var rest] => (Comparison.LessOrEqual, rest),
        ['>', .. var rest] => (Comparison.Greater, rest),
        ['<', .. var rest] => (Comparison.Less, rest),
        _ => (Comparison.Equal, text),
    };
}
