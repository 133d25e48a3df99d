using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Vedette.Engine.Deliveries;

/// <summary>Waits between attempts: the first is after the first failure. One more attempt is made than there are waits.</summary>
public sealed record RetrySchedule(IReadOnlyList<TimeSpan> Waits)
{
    public const string DefaultText = "5s,30s,2m,10m,1h,3h,6h,12h,24h";

    private const string SentryText = "sentry";

    public static RetrySchedule Default { get; } = new([
        TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(30), TimeSpan.FromMinutes(2), TimeSpan.FromMinutes(10), TimeSpan.FromHours(1),
        TimeSpan.FromHours(3), TimeSpan.FromHours(6), TimeSpan.FromHours(12), TimeSpan.FromHours(24),
    ]);

    /// <summary>Sentry's own: three attempts 300 s apart, for published integrations only, and none after a 4xx (<c>spec/webhooks.md</c> 4.3).</summary>
    public static RetrySchedule Sentry { get; } = new([TimeSpan.FromSeconds(300), TimeSpan.FromSeconds(300)])
    {
        OnlyPublished = true,
        GivesUpOnClientErrors = true,
        Jitter = 0,
    };

    public bool OnlyPublished { get; private init; }

    public bool GivesUpOnClientErrors { get; private init; }

    /// <summary>By how much of itself a wait may be longer or shorter, so that receivers do not see thundering herds.</summary>
    public double Jitter { get; private init; } = 0.2;

    /// <param name="attempts">How many were made, at least one.</param>
    /// <param name="dice">From 0 to 1.</param>
    /// <returns><c>null</c> when the schedule is used up.</returns>
    public TimeSpan? WaitAfter(int attempts, double dice) =>
        attempts <= Waits.Count ? Waits[attempts - 1] * (1 - Jitter + (2 * Jitter * dice)) : null;

    /// <param name="text">The word <c>sentry</c>, or durations, comma-separated, each a whole number with <c>ms</c>, <c>s</c>, <c>m</c>, <c>h</c> or <c>d</c>.</param>
    public static bool TryParse(string text, [NotNullWhen(true)] out RetrySchedule? schedule, [NotNullWhen(false)] out string? error)
    {
        (schedule, error) = (null, null);
        if (text == SentryText)
        {
            schedule = Sentry;
            return true;
        }

        var waits = new List<TimeSpan>();
        foreach (var part in text.Split(',', StringSplitOptions.TrimEntries))
        {
            if (!TryParseDuration(part, out var wait))
            {
                error = $"'{part}' is not a duration like 30s, 10m or 24h, and the whole is not the word sentry";
                return false;
            }

            waits.Add(wait);
        }

        schedule = new RetrySchedule(waits);
        return true;
    }

    /// <summary>At most 366 days.</summary>
    public static bool TryParseDuration(string text, out TimeSpan duration)
    {
        var digits = text.TrimEnd('m', 's', 'h', 'd');
        var unit = text[digits.Length..] switch
        {
            "ms" => TimeSpan.FromMilliseconds(1),
            "s" => TimeSpan.FromSeconds(1),
            "m" => TimeSpan.FromMinutes(1),
            "h" => TimeSpan.FromHours(1),
            "d" => TimeSpan.FromDays(1),
            _ => TimeSpan.Zero,
        };
        duration = default;
        if (unit == TimeSpan.Zero || !int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var count))
            return false;

        duration = unit * count;
        return duration <= TimeSpan.FromDays(366);
    }

    public bool Equals(RetrySchedule? other) =>
        other is not null && Waits.SequenceEqual(other.Waits) && OnlyPublished == other.OnlyPublished && GivesUpOnClientErrors == other.GivesUpOnClientErrors;

    public override int GetHashCode() => Waits.Count;
}
