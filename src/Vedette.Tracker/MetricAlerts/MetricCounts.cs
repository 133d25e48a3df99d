using Vedette.Storage;
using Vedette.Tracker.Ingest;

namespace Vedette.Tracker.MetricAlerts;

/// <summary>
/// Counts the events that fit the query of a metric alert while they are stored, so that no evaluation looks at events. Events
/// that share a commit are added up before they are written.
/// </summary>
public sealed class MetricCounts
{
    /// <summary>A rule counts what is received so long after it was written: until then not every node knows of it.</summary>
    public const long KnownAfterUs = 2_000_000;

    private readonly SharedWrite<Counted> counts = new(WriteAsync);

    /// <summary>In the transaction that stores the event; the counts are there with its commit.</summary>
    /// <param name="counters">Of the event's project.</param>
    internal void Add(Transaction transaction, IReadOnlyList<MetricCounter> counters, TrackedEvent trackedEvent)
    {
        if (counters.Count == 0)
            return;

        var queried = QueriedEvent.Of(trackedEvent);
        var received = UnixMicroseconds.From(trackedEvent.Received);
        foreach (var counter in counters)
        {
            if (received >= counter.Rule.CountedFrom && counter.Fits(queried))
                transaction.PutOffTo(counts, Counted.Of(counter.Rule, trackedEvent.Timestamp, trackedEvent.UserTag));
        }
    }

    /// <summary>In the order of their keys, so that two nodes that count the same wait for each other instead of locking each other out.</summary>
    internal static async Task WriteAsync(Transaction transaction, IReadOnlyList<Counted> counted)
    {
        await transaction.ExecuteEachAsync(
            """
            insert into metric_count (counter, start, times) values (@Counter, @Start, @Times)
            on conflict (counter, start) do update set times = metric_count.times + excluded.times
            """,
            [
                .. counted.Where(each => each.Person is null).GroupBy(each => (each.Counter, each.Start)).OrderBy(group => group.Key)
                    .Select(group => new { group.Key.Counter, group.Key.Start, Times = group.Sum(each => each.Times) }),
            ]);
        await transaction.ExecuteEachAsync(
            "insert into metric_person (counter, start, user_tag) values (@Counter, @Start, @Person) on conflict do nothing",
            [
                .. counted.Where(each => each.Person is { Length: > 0 }).DistinctBy(each => (each.Counter, each.Start, each.Person))
                    .OrderBy(each => each.Counter).ThenBy(each => each.Start).ThenBy(each => each.Person, StringComparer.Ordinal),
            ]);
    }
}

/// <summary>What is added to a counter.</summary>
/// <param name="Person">Who had the event, where people are counted: empty for nobody. <c>null</c> where events are.</param>
internal sealed record Counted(long Counter, long Start, long Times, string? Person)
{
    public static Counted Of(MetricRule rule, DateTimeOffset at, string? userTag)
    {
        var second = at.ToUnixTimeSeconds();
        return new Counted(rule.Counter, second - (second % rule.StepSeconds), 1, rule.Draft.Aggregate switch
        {
            MetricAggregate.Count => null,
            MetricAggregate.CountUniqueUser => userTag ?? "",
        });
    }
}
