using System.Text;
using Vedette.Storage;
using Vedette.Tracker.Issues;
using Vedette.Tracker.Projects;
using Vedette.Wire.Json;

namespace Vedette.Tracker.Alerts;

/// <param name="At">When the rule would have fired for the issue last. Unix microseconds.</param>
public sealed record PreviewedIssue(Issue Issue, long At);

/// <param name="Next">Where the next page begins; <c>null</c> when there is none.</param>
public sealed record AlertPreviewPage(IReadOnlyList<PreviewedIssue> Found, (long LastSeen, long Id)? Next);

/// <summary>
/// For which issues a rule would have fired in the last two weeks, had it been there. Of each issue the newest events are looked
/// at, and a page looks at so many issues, whether or not it is full then: what it costs has an end.
/// </summary>
public sealed class AlertPreview(Database database, TimeProvider time)
{
    public const int MostIssues = 100;
    public const int MostEvents = 20;

    private static readonly TimeSpan Span = TimeSpan.FromDays(14);

    /// <summary>By when the issues were last seen, latest first.</summary>
    /// <param name="place">The page begins after the issue there; <c>null</c> for the first page.</param>
    public Task<AlertPreviewPage> PageAsync(Project project, AlertRuleDraft draft, (long LastSeen, long Id)? place, int most, CancellationToken ct) =>
        database.ReadAsync(async session =>
        {
            var since = UnixMicroseconds.From(time.GetUtcNow() - Span);
            var branches = draft.Groups.Select(group => new AlertBranch(RuleOf(project, draft), group, OnlyErrors: false)).ToList();
            var issues = await session.ListAsync<Issue>(
                $"""
                {IssueStore.Select}
                where i.project_id = @Id and {IssueStore.Visible} and i.last_seen >= @since {(place is null ? "" : "and (i.last_seen, i.id) < (@seen, @issue)")}
                order by i.last_seen desc, i.id desc
                limit {MostIssues}
                """,
                new { project.Id, since, seen = place?.LastSeen ?? 0, issue = place?.Id ?? 0 });
            var found = new List<PreviewedIssue>();
            foreach (var issue in issues)
            {
                if (await FiresAtAsync(session, project, issue, branches, since) is { } at)
                    found.Add(new PreviewedIssue(issue, at));
                if (found.Count == most)
                    return new AlertPreviewPage(found, (issue.LastSeen, issue.Id));
            }

            return new AlertPreviewPage(found, issues is [.., var last] && issues.Count == MostIssues ? (last.LastSeen, last.Id) : null);
        }, ct);

    private static async Task<long?> FiresAtAsync(Session session, Project project, Issue issue, IReadOnlyList<AlertBranch> branches, long since)
    {
        var turns = await TurnsAsync(session, issue, since);
        var firstIn = await FirstInAsync(session, issue, branches);
        foreach (var stored in await IssueStore.NewestEventsAsync(session, issue.Id, since, MostEvents))
        {
            var turn = stored.OccurredAt == firstIn ? IssueTurn.New : turns.GetValueOrDefault(stored.EventId, IssueTurn.Seen);
            var subject = new AlertSubject(project, issue, stored, EventJson.Parse(stored), turn);
            foreach (var branch in branches.Where(branch => branch.IsAbout(subject, stored.OccurredAt)))
            {
                if (await DecideAsync(session, branch, subject) == true)
                    return stored.OccurredAt;
            }
        }

        return null;
    }

    private static async Task<bool?> DecideAsync(Session session, AlertBranch branch, AlertSubject subject)
    {
        var at = UnixMicroseconds.ToInstant(subject.Event.OccurredAt);
        var facts = new List<bool?>();
        foreach (var condition in branch.Conditions)
        {
            facts.Add(await AlertConditions.HoldsAsync(session, subject, condition, branch.Rule.Draft.Environment, at)
                ?? await AlertWindows.HoldsAsync(session, subject.Issue.Id, condition, branch.Rule.Draft.Environment, at));
        }

        return branch.Decide([.. facts]);
    }

    /// <summary>When the first event came that the rule sees.</summary>
    private static async Task<long> FirstInAsync(Session session, Issue issue, IReadOnlyList<AlertBranch> branches) =>
        branches is [{ Rule.Draft.Environment: { } environment }, ..]
            ? await session.FirstAsync<long>("select first_seen from issue_tag where issue_id = @Id and key = 'environment' and value = @environment", new { issue.Id, environment })
            : issue.FirstSeen;

    /// <summary>By event ids, as the activities of the issue tell.</summary>
    private static async Task<Dictionary<string, IssueTurn>> TurnsAsync(Session session, Issue issue, long since)
    {
        var turns = new Dictionary<string, IssueTurn>(StringComparer.Ordinal);
        foreach (var activity in await session.ListAsync<Activity>(
            $"""
            select id, type, user_id, data, created_at from activity
            where issue_id = @Id and created_at >= @since and type in ('set_regression', 'set_escalating')
            order by created_at desc limit {MostEvents}
            """,
            new { issue.Id, since }))
        {
            if (LenientJson.TryParse(Encoding.UTF8.GetBytes(activity.Data), out var data, out _) && (data as JsonMap)?.Text("event_id") is { } eventId)
                turns[eventId] = activity.Type == "set_regression" ? IssueTurn.Regressed : IssueTurn.Reappeared;
        }

        return turns;
    }

    private static AlertRule RuleOf(Project project, AlertRuleDraft draft) =>
        new() { Id = 0, OrganizationId = project.OrganizationId, Draft = draft, CreatedBy = null, CreatedAt = 0, UpdatedAt = 0 };
}
