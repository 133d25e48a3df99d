namespace Vedette.Engine.Subscriptions;

/// <summary>Attempts of one day, UTC, at one destination.</summary>
internal sealed record DestinationDay
{
    /// <summary>Days since the epoch.</summary>
    public long Day { get; init; }

    public long Successes { get; init; }

    public long Errors { get; init; }

    public long Timeouts { get; init; }
}

/// <param name="Counts">What is to be added to a day of the destination.</param>
internal sealed record DestinationCounts(long DestinationId, DestinationDay Counts);

/// <summary>When a receiver counts as broken for good (<c>spec/webhooks.md</c> 5.1).</summary>
public sealed record BrokenRule
{
    /// <summary>Timeouts on one day.</summary>
    public int Timeouts { get; init; } = 1000;

    /// <summary>Days in a row, today among them, on each of which there were errors and no success.</summary>
    public int Days { get; init; } = 7;

    /// <param name="days">At most one row a day, in any order; a missing day breaks the run.</param>
    /// <param name="today">Days since the epoch.</param>
    internal bool IsBroken(IReadOnlyList<DestinationDay> days, long today) =>
        days.Any(day => day.Day == today && day.Timeouts >= Timeouts)
        || Enumerable.Range(0, Days).All(back => days.Any(day => day.Day == today - back && day.Errors > 0 && day.Successes == 0));
}
