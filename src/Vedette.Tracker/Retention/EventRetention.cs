using Vedette.Storage;

namespace Vedette.Tracker.Retention;

/// <summary>Ends the life of old SDK events, and of issues that nothing is left of.</summary>
public sealed class EventRetention(Database database, TimeProvider time)
{
    private const int IssuesAtOnce = 100;

    /// <param name="age">Since the event was received.</param>
    /// <returns>How many were deleted.</returns>
    public Task<long> DeleteEventsAsync(TimeSpan age, CancellationToken ct) =>
        OldRows.DeleteAsync(
            database, "event", "received_at", time.GetUtcNow() - age, window: 500,
            ["delete from event where id > @after and id <= @until and received_at < @before"],
            ct);

    /// <summary>Issues without an event, with their hashes, users and activities. The next such event opens a new issue.</summary>
    /// <param name="age">Since the issue was last seen.</param>
    /// <returns>How many were deleted.</returns>
    public async Task<long> DeleteIssuesAsync(TimeSpan age, CancellationToken ct)
    {
        var before = UnixMicroseconds.From(time.GetUtcNow() - age);
        var deleted = 0L;
        await foreach (var (after, until) in IssueWindows.AllAsync(database, ct))
        {
            IReadOnlyList<int> changed;
            do
            {
                changed = await database.WriteAsync(transaction => DeleteIssuesAsync(transaction, after, until, before), ct);
                deleted += changed.Sum();
            }
            while (changed.Count == IssuesAtOnce && changed.Sum() > 0);
        }

        return deleted;
    }

    /// <param name="age">Since the day of the count.</param>
    public Task<int> DeleteDroppedCountsAsync(TimeSpan age, CancellationToken ct) =>
        database.WriteAsync(
            transaction => transaction.ExecuteAsync(
                "delete from dropped_item where day < @before", new { before = (time.GetUtcNow() - age).ToUnixTimeSeconds() / 86400 }),
            ct);

    /// <summary>An event that another node is just adding has changed the count by which the issue is guarded, so the issue stays.</summary>
    private static async Task<IReadOnlyList<int>> DeleteIssuesAsync(Transaction transaction, long after, long until, long before)
    {
        var old = await transaction.ListAsync<OldIssue>(
            $"""
            select id, times_seen from issue i
            where id > @after and id <= @until and last_seen < @before and not exists (select 1 from event e where e.issue_id = i.id)
                and id < (select max(id) from issue)
            order by id limit {IssuesAtOnce}
            """,
            new { after, until, before });
        return old.Count == 0 ? [] : await transaction.ExecuteEachAsync("delete from issue where id = @Id and times_seen = @TimesSeen", old);
    }

    private sealed record OldIssue
    {
        public long Id { get; init; }

        public long TimesSeen { get; init; }
    }
}
