using System.Globalization;
using Vedette.Wire.Json;

namespace Vedette.Tracker.Ingest;

/// <summary>Instants as SDKs write them: seconds since 1970, or RFC 3339 where a missing zone means UTC.</summary>
public static class SdkInstant
{
    private const int LongestText = 64;
    private const int TickDigits = 7;

    private static readonly string[] Formats =
    [
        "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK",
        "yyyy-MM-dd HH:mm:ss.FFFFFFFK",
    ];

    /// <summary>Whole microseconds, UTC. <c>null</c> for anything that is not an instant of the years 1 to 9999.</summary>
    /// <param name="value">A value as <see cref="JsonMap"/> holds it.</param>
    public static DateTimeOffset? Read(object? value) => value switch
    {
        double seconds => FromSeconds(seconds),
        string { Length: <= LongestText } text => FromText(text.Trim()),
        _ => null,
    };

    /// <summary>The form in which numbers of stored events carry it.</summary>
    internal static double ToSeconds(DateTimeOffset instant) =>
        (instant.UtcTicks - DateTimeOffset.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond / 1e6;

    private static DateTimeOffset? FromSeconds(double seconds)
    {
        const double Earliest = -62_135_596_800;
        const double End = 253_402_300_800;
        if (!(seconds >= Earliest && seconds < End - 1))
            return null;

        return DateTimeOffset.UnixEpoch.AddTicks((long)Math.Round(seconds * 1e6) * TimeSpan.TicksPerMicrosecond);
    }

    private static DateTimeOffset? FromText(string text)
    {
        if (double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var seconds))
            return FromSeconds(seconds);

        const DateTimeStyles Utc = DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal;
        return DateTimeOffset.TryParseExact(WithoutNanoseconds(text.ToUpperInvariant()), Formats, CultureInfo.InvariantCulture, Utc, out var instant)
            ? instant.AddTicks(-(instant.Ticks % TimeSpan.TicksPerMicrosecond))
            : null;
    }

    /// <summary>Go and Rust write nine digits of a second, .NET reads seven.</summary>
    private static string WithoutNanoseconds(string text)
    {
        var point = text.IndexOf('.', StringComparison.Ordinal);
        if (point < 0)
            return text;

        var end = point + 1;
        while (end < text.Length && char.IsAsciiDigit(text[end]))
            end++;
        return end - point - 1 <= TickDigits ? text : text[..(point + 1 + TickDigits)] + text[end..];
    }
}
