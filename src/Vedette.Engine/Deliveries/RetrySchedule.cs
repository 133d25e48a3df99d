using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Vedette.Engine.Deliveries;

/// <summary>Waits between attempts: the first is after the first failure. One more attempt is made than there are waits.</summary>
public sealed record RetrySchedule(IReadOnlyList<TimeSpan> Waits)
{
    public const string DefaultText = "5s,30s,2m,10m,1h,3h,6h,12h,24h";

    public static RetrySchedule Default { get; } = TryParse(DefaultText, out var schedule, out _) ? schedule : throw new InvalidOperationException(DefaultText);

    /// <summary>
    /// Each wait with up to 20 % more or less, so that receivers do not see thundering herds.
    /// </summary>
    /// <param name="attempts">How many were made, at least one.</param>
    /// <param name="dice">From 0 to 1.</param>
    /// <returns><c>null</c> when the schedule is used up.</returns>
    public TimeSpan? WaitAfter(int attempts, double dice) =>
        attempts <= Waits.Count ? Waits[attempts - 1] * (0.8 + (0.4 * dice)) : null;

    /// <param name="text">Comma-separated, each a whole number with <c>ms</c>, <c>s</c>, <c>m</c>, <c>h</c> or <c>d</c>.</param>
    public static bool TryParse(string text, [NotNullWhen(true)] out RetrySchedule? schedule, [NotNullWhen(false)] out string? error)
    {
        (schedule, error) = (null, null);
        var waits = new List<TimeSpan>();
        foreach (var part in text.Split(',', StringSplitOptions.TrimEntries))
        {
            if (!TryParseDuration(part, out var wait))
            {
                error = $"'{part}' is not a duration like 30s, 10m or 24h";
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

    public bool Equals(RetrySchedule? other) => other is not null && Waits.SequenceEqual(other.Waits);

    public override int GetHashCode() => Waits.Count;
}
