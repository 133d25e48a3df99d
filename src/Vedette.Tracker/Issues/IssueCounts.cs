using Vedette.Storage;
using Vedette.Tracker.Ingest;

namespace Vedette.Tracker.Issues;

/// <summary>
/// What is counted of an issue's events while they are stored, so that no list has to look at events: values of tags, and
/// events a minute, an hour and a day. Events that share a commit are added up before they are written.
/// </summary>
public sealed class IssueCounts
{
    public const long MinuteSeconds = 60;
    public const long HourSeconds = 60 * MinuteSeconds;
    public const long DaySeconds = 24 * HourSeconds;

    private static readonly long[] Steps = [MinuteSeconds, HourSeconds, DaySeconds];

    private readonly SharedWrite<CountedEvent> counts = new(WriteAsync);

    /// <summary>In the transaction that stores the event; the counts are there with its commit.</summary>
    public void Add(Transaction transaction, long projectId, long issueId, TrackedEvent trackedEvent) =>
        transaction.PutOffTo(counts, new CountedEvent(projectId, issueId, trackedEvent));

    /// <summary>In the order of their keys, so that two nodes that count the same wait for each other instead of locking each other out.</summary>
    /// <param name="tags">No two of the same value of an issue.</param>
    internal static Task WriteAsync(Transaction transaction, IEnumerable<TagCount> tags) =>
        transaction.ExecuteEachAsync(
            """
            insert into issue_tag (issue_id, key, value, project_id, times, first_seen, last_seen)
            values (@IssueId, @Key, @Value, @ProjectId, @Times, @FirstSeen, @LastSeen)
            on conflict (issue_id, key, value) do update set
                times = issue_tag.times + excluded.times,
                first_seen = case when excluded.first_seen < issue_tag.first_seen then excluded.first_seen else issue_tag.first_seen end,
                last_seen = case when excluded.last_seen > issue_tag.last_seen then excluded.last_seen else issue_tag.last_seen end
            """,
            [.. tags.OrderBy(tag => tag.IssueId).ThenBy(tag => tag.Key, StringComparer.Ordinal).ThenBy(tag => tag.Value, StringComparer.Ordinal)]);

    /// <inheritdoc cref="WriteAsync(Transaction, IEnumerable{TagCount})"/>
    /// <param name="buckets">No two of the same.</param>
    internal static Task WriteAsync(Transaction transaction, IEnumerable<BucketCount> buckets) =>
        transaction.ExecuteEachAsync(
            """
            insert into event_bucket (issue_id, step, start, environment, project_id, times)
            values (@IssueId, @Step, @Start, @Environment, @ProjectId, @Times)
            on conflict (issue_id, step, start, environment) do update set times = event_bucket.times + excluded.times
            """,
            [.. buckets.OrderBy(bucket => bucket.IssueId).ThenBy(bucket => bucket.Step).ThenBy(bucket => bucket.Start).ThenBy(bucket => bucket.Environment, StringComparer.Ordinal)]);

    private static async Task WriteAsync(Transaction transaction, IReadOnlyList<CountedEvent> events)
    {
        var tags = new Dictionary<(long, string, string), TagCount>();
        var buckets = new Dictionary<(long, long, long, string), BucketCount>();
        foreach (var (projectId, issueId, trackedEvent) in events)
        {
            var seen = UnixMicroseconds.From(trackedEvent.Timestamp);
            foreach (var (key, value) in IssueTags.Of(trackedEvent))
            {
                var tag = tags.GetValueOrDefault((issueId, key, value))
                    ?? new TagCount { IssueId = issueId, Key = key, Value = value, ProjectId = projectId, FirstSeen = seen, LastSeen = seen };
                tags[(issueId, key, value)] = tag with { Times = tag.Times + 1, FirstSeen = Math.Min(tag.FirstSeen, seen), LastSeen = Math.Max(tag.LastSeen, seen) };
            }

            var second = trackedEvent.Timestamp.ToUnixTimeSeconds();
            var environment = trackedEvent.Environment ?? "";
            foreach (var step in Steps)
            {
                var start = second - (second % step);
                var bucket = buckets.GetValueOrDefault((issueId, step, start, environment))
                    ?? new BucketCount { IssueId = issueId, Step = step, Start = start, Environment = environment, ProjectId = projectId };
                buckets[(issueId, step, start, environment)] = bucket with { Times = bucket.Times + 1 };
            }
        }

        await WriteAsync(transaction, tags.Values);
        await WriteAsync(transaction, buckets.Values);
    }

    private sealed record CountedEvent(long ProjectId, long IssueId, TrackedEvent Event);
}

/// <summary>A row of <c>issue_tag</c>, or what is to be added to it.</summary>
internal sealed record TagCount
{
    public long IssueId { get; init; }

    public string Key { get; init; } = "";

    public string Value { get; init; } = "";

    public long ProjectId { get; init; }

    public long Times { get; init; }

    public long FirstSeen { get; init; }

    public long LastSeen { get; init; }
}

/// <summary>A row of <c>event_bucket</c>, or what is to be added to it.</summary>
internal sealed record BucketCount
{
    public long IssueId { get; init; }

    public long Step { get; init; }

    public long Start { get; init; }

    public string Environment { get; init; } = "";

    public long ProjectId { get; init; }

    public long Times { get; init; }
}
