using System.Globalization;
using Vedette.Storage;
using Vedette.Wire.Json;

namespace Vedette.Tracker.Issues;

/// <summary>
/// How issues end: merged into another one, deleted, or discarded with all that will come. What new events ask for, their
/// hashes, goes in the caller's transaction; the rows of the old ones follow in small steps (<c>LeavingIssues</c>).
/// </summary>
public sealed class IssueMerge(IssueJournal journal)
{
    private const string IsThere = "status in ('unresolved', 'resolved', 'ignored')";

    /// <summary>
    /// Joins issues of one project to the one with the most events: their hashes, counters and activities at once, their
    /// events and people soon. Those that are not there any more are passed by.
    /// </summary>
    /// <returns>The one that is left and those that went into it, by number; <c>null</c> when there are not two.</returns>
    public async Task<(long Parent, IReadOnlyList<long> Children)?> MergeAsync(Transaction transaction, IReadOnlyList<long> issueIds, IssueActor by)
    {
        // All are held, in one order for everybody, before anything is read of them.
        var held = await transaction.ExecuteEachAsync(
            $"update issue set state_at = state_at where id = @id and {IsThere}", [.. issueIds.Distinct().Order().Select(id => new { id })]);
        var there = issueIds.Distinct().Order().Where((_, i) => held[i] == 1).ToList();
        if (there.Count < 2)
            return null;

        var issues = new List<Issue>();
        foreach (var id in there)
            issues.Add(await ReadAsync(transaction, id));
        var parent = issues.OrderByDescending(issue => issue.TimesSeen).ThenBy(issue => issue.Id).First();
        var children = issues.Where(issue => issue.Id != parent.Id).ToList();
        foreach (var child in children)
            await JoinAsync(transaction, parent, child);

        await journal.NoteAsync(transaction, parent, "merge", by, new JsonMap
        {
            ["issues"] = children.Select(child => (object?)new JsonMap { ["id"] = child.Id.ToString(CultureInfo.InvariantCulture) }).ToList(),
        });
        return (parent.Id, [.. children.Select(child => child.Id)]);
    }

    /// <summary>From now on its events make a new issue.</summary>
    public static async Task<bool> DeleteAsync(Transaction transaction, long issueId)
    {
        var changed = await transaction.ExecuteAsync(
            $"update issue set status = 'pending_deletion', substatus = null where id = @issueId and {IsThere}", new { issueId });
        if (changed == 0)
            return false;

        await transaction.ExecuteAsync("delete from issue_hash where issue_id = @issueId", new { issueId });

        // What was merged into it and is on its way ends with it.
        await transaction.ExecuteAsync(
            "update issue set status = 'pending_deletion', merged_into = null where status = 'pending_merge' and merged_into = @issueId", new { issueId });
        return true;
    }

    /// <summary>As <see cref="DeleteAsync"/>, and events like its own are dropped from now on.</summary>
    public static async Task<bool> DiscardAsync(Transaction transaction, long issueId)
    {
        await transaction.ExecuteAsync(
            $"""
            insert into discarded_hash (project_id, hash)
            select h.project_id, h.hash from issue_hash h
            join issue i on i.id = h.issue_id
            where h.issue_id = @issueId and i.{IsThere}
            on conflict do nothing
            """,
            new { issueId });
        return await DeleteAsync(transaction, issueId);
    }

    private static async Task JoinAsync(Transaction transaction, Issue parent, Issue child)
    {
        var args = new { Parent = parent.Id, Child = child.Id, parent.ProjectId, child.ShortId };
        await transaction.ExecuteAsync(
            "update issue set status = 'pending_merge', substatus = null, merged_into = @Parent where id = @Child or (status = 'pending_merge' and merged_into = @Child)",
            args);
        await transaction.ExecuteAsync("update issue_redirect set issue_id = @Parent where issue_id = @Child", args);
        await transaction.ExecuteAsync(
            """
            insert into issue_redirect (old_issue_id, project_id, old_short_id, issue_id) values (@Child, @ProjectId, @ShortId, @Parent)
            on conflict (old_issue_id) do update set project_id = excluded.project_id, old_short_id = excluded.old_short_id, issue_id = excluded.issue_id
            """,
            args);
        await transaction.ExecuteAsync("update issue_hash set issue_id = @Parent where issue_id = @Child", args);
        await transaction.ExecuteAsync("update activity set issue_id = @Parent where issue_id = @Child", args);
        await transaction.ExecuteAsync("update seer_run set issue_id = @Parent where issue_id = @Child", args);

        // The parent's people are counted as they come.
        await transaction.ExecuteAsync(
            """
            update issue set
                times_seen = times_seen + @TimesSeen,
                num_comments = num_comments + @NumComments,
                first_release = case when @FirstSeen < first_seen then @FirstRelease else first_release end,
                last_release = case when @LastSeen > last_seen then @LastRelease else last_release end,
                first_seen = case when @FirstSeen < first_seen then @FirstSeen else first_seen end,
                last_seen = case when @LastSeen > last_seen then @LastSeen else last_seen end
            where id = @Parent
            """,
            new { Parent = parent.Id, child.TimesSeen, child.NumComments, child.FirstSeen, child.LastSeen, child.FirstRelease, child.LastRelease });
    }

    private static Task<Issue> ReadAsync(Transaction transaction, long issueId) =>
        transaction.SingleAsync<Issue>($"{IssueStore.Select} where i.id = @issueId", new { issueId });
}
