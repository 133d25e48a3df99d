using Vedette.Storage;
using Vedette.Tracker.Issues;

namespace Vedette.Tracker.Retention;

/// <summary>Ends the life of what was counted of events that are no longer kept. How often an issue was seen in all is never forgotten.</summary>
public sealed class CountRetention(Database database, TimeProvider time)
{
    /// <summary>Minutes are asked for windows of hours and days; for longer ones there are the hours and days.</summary>
    private static readonly TimeSpan MinutesKept = TimeSpan.FromDays(8);

    /// <param name="age">Since the bucket started.</param>
    public async Task DeleteBucketsAsync(TimeSpan age, CancellationToken ct)
    {
        var projects = await database.ReadAsync(session => session.ListAsync<long>("select id from project order by id"), ct);
        foreach (var project in projects)
        {
            foreach (var (step, kept) in new[] { (IssueCounts.MinuteSeconds, age < MinutesKept ? age : MinutesKept), (IssueCounts.HourSeconds, age), (IssueCounts.DaySeconds, age) })
            {
                await RowsInSteps.DeleteAsync<BucketKey>(
                    database,
                    $"select {BucketKey.Columns} from event_bucket where project_id = @project and step = @step and start < @before limit 500",
                    new { project, step, before = (time.GetUtcNow() - kept).ToUnixTimeSeconds() - step },
                    [BucketKey.Delete],
                    ct);
            }
        }
    }

    /// <summary>Values that no event of the issue had since then. Only an issue that is older can have such.</summary>
    /// <param name="age">Since the value was last seen.</param>
    public async Task DeleteTagsAsync(TimeSpan age, CancellationToken ct)
    {
        var before = UnixMicroseconds.From(time.GetUtcNow() - age);
        await foreach (var (after, until) in IssueWindows.AllAsync(database, ct))
        {
            await RowsInSteps.DeleteAsync<IssueTagKey>(
                database,
                $"""
                select {IssueTagKey.Columns} from issue i
                join issue_tag t on t.issue_id = i.id
                where i.id > @after and i.id <= @until and i.first_seen < @before and t.last_seen < @before
                limit 500
                """,
                new { after, until, before },
                [IssueTagKey.Delete],
                ct);
        }
    }
}
