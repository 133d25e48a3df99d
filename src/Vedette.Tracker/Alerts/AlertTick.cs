using Vedette.Storage;
using Vedette.Tracker.Issues;

namespace Vedette.Tracker.Alerts;

/// <summary>
/// Decides what events left open: whether something happened often enough. Of several nodes that do this at once, one fires. What
/// an event leaves open while it is being decided is looked at with the next tick.
/// </summary>
public sealed class AlertTick(Database database, AlertRuleCache cache, IssueAlerts alerts, AlertFirings firings)
{
    private const int AtOnce = 50;

    /// <summary>Nobody waits for it, so ingest does not wait for it either.</summary>
    private readonly BackgroundWriter writer = database.NewBackgroundWriter();

    /// <returns>How often a rule fired.</returns>
    public async Task<int> PassAsync(CancellationToken ct)
    {
        var fired = 0;
        for (OpenRow? after = null; ;)
        {
            var decided = await database.ReadAsync(session => DecideAsync(session, after), ct);
            if (decided.Count == 0)
                return fired;

            fired += await writer.WriteAsync(transaction => EndAsync(transaction, decided), ct);
            if (decided.Count < AtOnce)
                return fired;
            after = decided[^1].Row;
        }
    }

    /// <returns>The next few, each with the branch that is to fire, if it is.</returns>
    private async Task<IReadOnlyList<(OpenRow Row, AlertBranch? Fires)>> DecideAsync(Session session, OpenRow? after)
    {
        var rows = await session.ListAsync<OpenRow>(
            $"""
            select o.group_id, o.issue_id, o.facts, o.updated_at, o.times, i.project_id from alert_open o
            join issue i on i.id = o.issue_id
            {(after is null ? "" : "where (o.group_id, o.issue_id, o.facts) > (@GroupId, @IssueId, @Facts)")}
            order by o.group_id, o.issue_id, o.facts
            limit {AtOnce}
            """,
            after ?? new OpenRow());
        var decided = new List<(OpenRow, AlertBranch?)>();
        foreach (var row in rows)
        {
            var branch = (await cache.OfAsync(session, row.ProjectId)).Branches.FirstOrDefault(each => each.Group.Id == row.GroupId);
            var fires = branch is not null && branch.Rule.UpdatedAt == row.UpdatedAt
                && branch.Decide(await alerts.CountedAsync(session, branch, row.IssueId, row.Known)) == true;
            decided.Add((row, fires ? branch : null));
        }

        return decided;
    }

    private async Task<int> EndAsync(Transaction transaction, IReadOnlyList<(OpenRow Row, AlertBranch? Fires)> decided)
    {
        await transaction.ExecuteEachAsync(
            "delete from alert_open where group_id = @GroupId and issue_id = @IssueId and facts = @Facts and times = @Times", [.. decided.Select(each => each.Row)]);
        var fired = 0;
        foreach (var ofIssue in decided.Where(each => each.Fires is not null).GroupBy(each => each.Row.IssueId, each => each.Fires!))
        {
            // Its newest event stands for all that made it happen so often.
            if (await transaction.FirstAsync<Issue>($"{IssueStore.Select} where i.id = @Key and i.status = 'unresolved'", new { ofIssue.Key }) is not { } issue
                || await IssueStore.NewestEventAsync(transaction, issue.Id) is not { } newest)
            {
                continue;
            }

            var subject = AlertSubject.Of(issue, newest, IssueTurn.Seen);
            var names = new List<string>();
            foreach (var branch in ofIssue.DistinctBy(branch => branch.Group.Id))
            {
                if (await firings.FireAsync(transaction, branch, subject))
                    names.Add(branch.Rule.Draft.Name);
            }

            await firings.AnnounceAsync(transaction, subject, names);
            fired += names.Count;
        }

        return fired;
    }

    private sealed record OpenRow
    {
        public long GroupId { get; init; }

        public long IssueId { get; init; }

        public string Facts { get; init; } = "";

        public long UpdatedAt { get; init; }

        public long Times { get; init; }

        public long ProjectId { get; init; }

        public IReadOnlyList<bool?> Known => [.. Facts.Select(fact => fact switch { '1' => true, '0' => false, _ => (bool?)null })];
    }
}
