using Vedette.Storage;
using Vedette.Tracker.Alerts;
using Vedette.Tracker.Issues;

namespace Vedette.Tracker.Retention;

/// <summary>
/// Moves the rows of issues that were merged and deletes those of issues that were deleted, in small units between which
/// everything else goes on. What ends early is taken up by calling again, and two nodes may do this at once.
/// </summary>
public sealed class LeavingIssues(Database database)
{
    private const int IssuesAtOnce = 100;
    private const int RowsAtOnce = 200;
    private const string IsLeaving = "status in ('pending_deletion', 'pending_merge')";

    /// <returns>How many issues were ended.</returns>
    public async Task<int> EndAsync(CancellationToken ct)
    {
        var ended = 0;
        for (var after = 0L; ;)
        {
            var leaving = await database.ReadAsync(
                session => session.ListAsync<long>($"select id from issue where {IsLeaving} and id > @after order by id limit {IssuesAtOnce}", new { after }), ct);
            foreach (var id in leaving)
            {
                while (await database.WriteAsync(transaction => StepAsync(transaction, id), ct))
                {
                    // As many units as it takes.
                }

                ended++;
            }

            if (leaving.Count < IssuesAtOnce)
                return ended;
            after = leaving[^1];
        }
    }

    /// <summary>Where the rows go is looked up with each step: that issue may itself be merged or deleted meanwhile.</summary>
    /// <returns><c>true</c> when there may be more to do.</returns>
    private static async Task<bool> StepAsync(Transaction transaction, long id)
    {
        var issue = await transaction.FirstAsync<Leaving>($"update issue set state_at = state_at where id = @id and {IsLeaving} returning id, merged_into", new { id });
        if (issue is null)
            return false;

        var events = await transaction.ListAsync<EventRow>($"select id, @MergedInto as merged_into from event where issue_id = @Id order by id limit {RowsAtOnce}", issue);
        await transaction.ExecuteEachAsync(
            issue.MergedInto is null ? "delete from event where id = @Id" : "update event set issue_id = @MergedInto where id = @Id", events);
        var people = await transaction.ListAsync<PersonRow>(
            $"select issue_id, user_tag, first_seen, @MergedInto as merged_into from issue_user where issue_id = @Id order by user_tag limit {RowsAtOnce}", issue);
        if (issue.MergedInto is not null)
            await MeetAsync(transaction, issue, people);
        await transaction.ExecuteEachAsync("delete from issue_user where issue_id = @IssueId and user_tag = @UserTag", people);
        var counts = await CountsStepAsync(transaction, issue);
        if (events.Count == RowsAtOnce || people.Count == RowsAtOnce || counts == RowsAtOnce)
            return true;

        // The highest number stays, because SQLite would give it to the next issue.
        await transaction.ExecuteAsync("delete from issue where id = @Id and id < (select max(id) from issue)", issue);
        return false;
    }

    /// <summary>Who had both issues is one person.</summary>
    private static async Task MeetAsync(Transaction transaction, Leaving issue, IReadOnlyList<PersonRow> people)
    {
        var met = await transaction.ExecuteEachAsync(
            "insert into issue_user (issue_id, user_tag, first_seen) values (@MergedInto, @UserTag, @FirstSeen) on conflict do nothing", people);
        await transaction.ExecuteAsync("update issue set user_count = user_count + @met where id = @MergedInto", new { met = (long)met.Sum(), issue.MergedInto });
    }

    /// <summary>What was counted of both issues is added up.</summary>
    /// <returns>How many rows of a kind there were, at most.</returns>
    private static async Task<int> CountsStepAsync(Transaction transaction, Leaving issue)
    {
        var tags = await transaction.ListAsync<TagCount>($"select {IssueTagKey.Columns}, t.project_id, t.times, t.first_seen from issue_tag t where t.issue_id = @Id limit {RowsAtOnce}", issue);
        var buckets = await transaction.ListAsync<BucketCount>($"select {BucketKey.Columns}, project_id, times from event_bucket where issue_id = @Id limit {RowsAtOnce}", issue);
        var seen = await transaction.ListAsync<PeopleRow>($"{PeopleRow.Select} where issue_id = @Id limit {RowsAtOnce}", issue);
        if (issue.MergedInto is { } parent)
        {
            await transaction.ExecuteEachAsync(PeopleRow.Insert, [.. seen.Select(row => row with { IssueId = parent })]);
            await IssueCounts.WriteAsync(transaction, tags.Select(tag => tag with { IssueId = parent }));
            await IssueCounts.WriteAsync(transaction, buckets.Select(bucket => bucket with { IssueId = parent }));
        }

        await transaction.ExecuteEachAsync(IssueTagKey.Delete, tags);
        await transaction.ExecuteEachAsync(BucketKey.Delete, buckets);
        await transaction.ExecuteEachAsync(PeopleRow.Delete, seen);
        return Math.Max(Math.Max(tags.Count, buckets.Count), seen.Count);
    }

    private sealed record Leaving
    {
        public long Id { get; init; }

        public long? MergedInto { get; init; }
    }

    private sealed record EventRow
    {
        public long Id { get; init; }

        public long? MergedInto { get; init; }
    }

    private sealed record PersonRow
    {
        public long IssueId { get; init; }

        public string UserTag { get; init; } = "";

        public long FirstSeen { get; init; }

        public long? MergedInto { get; init; }
    }
}
