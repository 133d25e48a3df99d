using Vedette.Storage;
using Vedette.Wire.Json;

namespace Vedette.Tracker.Issues;

/// <summary>
/// What issues do as time passes. It is read beside everything else and written in small units; of two nodes that do this at
/// once, one changes an issue and the other does nothing.
/// </summary>
public sealed class IssueTimers(Database database, IssueTransitions transitions, TimeProvider time)
{
    private const int AtOnce = 50;

    /// <summary>Fewer are no reason to speak of growth.</summary>
    private const int FewEvents = 10;

    private const int HoursOfWeek = 168;
    private const long MinuteUs = 60_000_000;
    private const long HourUs = 60 * MinuteUs;
    private const long WeekUs = HoursOfWeek * HourUs;

    /// <summary>Nobody waits for these changes, so ingest does not wait for them either.</summary>
    private readonly BackgroundWriter writer = database.NewBackgroundWriter();

    /// <returns>How many issues were changed.</returns>
    public async Task<int> PassAsync(CancellationToken ct) =>
        await WakeAsync(ct) + await CheckAsync(Windowed, IsOverAsync, ct) + await CheckAsync(Growing, HasGrownAsync, ct) + await GoOnAsync(ct) + await ResolveOldAsync(ct);

    /// <summary>The time for which an issue was archived is over.</summary>
    private Task<int> WakeAsync(CancellationToken ct) =>
        ChangeAllAsync($"{IssueStore.Select} where i.status = 'ignored' and s.ignore_until <= @at order by s.ignore_until limit {AtOnce}", new { at = Now() }, transitions.WakeAsync, ct);

    /// <summary>A week has passed since an issue was new, came back or grew.</summary>
    private Task<int> GoOnAsync(CancellationToken ct) =>
        ChangeAllAsync(
            $"""
            {IssueStore.Select}
            where i.status = 'unresolved' and i.substatus in ('new', 'regressed', 'escalating') and i.state_at <= @at
            order by i.state_at limit {AtOnce}
            """,
            new { at = Now() - (long)Issue.Youth.TotalMicroseconds },
            transitions.GoOnAsync,
            ct);

    /// <summary>Nobody has seen or touched an issue for as many hours as its project says.</summary>
    private async Task<int> ResolveOldAsync(CancellationToken ct)
    {
        var projects = await database.ReadAsync(
            session => session.ListAsync<AgingProject>("select id, resolve_age from project where resolve_age > 0 and status = 'active' order by id"), ct);
        var changed = 0;
        foreach (var project in projects)
        {
            var before = Now() - (project.ResolveAge * HourUs);
            changed += await ChangeAllAsync(
                $"""
                {IssueStore.Select}
                where i.project_id = @Id and i.last_seen < @before and i.state_at < @before and i.status = 'unresolved' and i.category = 'error'
                order by i.last_seen limit {AtOnce}
                """,
                new { project.Id, before },
                (transaction, issue) => transitions.ResolveOldAsync(transaction, issue.Id, before, project.ResolveAge),
                ct);
        }

        return changed;
    }

    private const string Windowed =
        $"{IssueStore.Select} where i.status = 'ignored' and (s.ignore_window is not null or s.ignore_user_window is not null) and i.id > @after order by i.id";

    /// <summary>So many events or people in so many minutes, counted from the archiving on.</summary>
    /// <returns>What the activity says of it, or <c>null</c> when the condition is not met.</returns>
    private async Task<JsonMap?> IsOverAsync(Session session, Issue issue)
    {
        var events = issue is { IgnoreWindow: { } window, IgnoreCount: { } count }
            && await CountAsync(session, Events, issue, Since(window), count) >= count;
        var people = issue is { IgnoreUserWindow: { } userWindow, IgnoreUserCount: { } userCount }
            && await CountAsync(session, People, issue, Since(userWindow), userCount) >= userCount;
        return events || people ? new JsonMap { ["expired_snooze"] = issue.Snooze.AsExpired() } : null;

        long Since(long minutes) => Math.Max(issue.StateAt, Now() - (minutes * MinuteUs));
    }

    private const string Growing =
        $"{IssueStore.Select} where i.status = 'ignored' and i.substatus = 'archived_until_escalating' and i.id > @after order by i.id";

    /// <summary>The last hour holds more than ten events and more than twice the hourly average of the week before the archiving.</summary>
    /// <inheritdoc cref="IsOverAsync"/>
    private async Task<JsonMap?> HasGrownAsync(Session session, Issue issue)
    {
        var recent = await CountAsync(session, Events, issue, Math.Max(issue.StateAt, Now() - HourUs), int.MaxValue);
        if (recent <= FewEvents)
            return null;

        // More of them would not change the answer.
        var most = recent * HoursOfWeek / 2;
        var before = await session.SingleAsync<long>(
            "select count(*) from (select 1 from event where issue_id = @Id and occurred_at > @since and occurred_at <= @StateAt limit @most) x",
            new { issue.Id, since = issue.StateAt - WeekUs, issue.StateAt, most });
        return before < most ? new JsonMap { ["forecast"] = (double)Math.Max(FewEvents, before * 2 / HoursOfWeek) } : null;
    }

    private const string Events = "select 1 from event where issue_id = @Id and occurred_at > @since limit @most";
    private const string People = "select distinct user_tag from event where issue_id = @Id and occurred_at > @since and user_tag is not null limit @most";

    private static Task<long> CountAsync(Session session, string rows, Issue issue, long since, long most) =>
        issue.LastSeen <= since ? Task.FromResult(0L) : session.SingleAsync<long>($"select count(*) from ({rows}) x", new { issue.Id, since, most });

    /// <param name="find">At most a few of those that are due.</param>
    private async Task<int> ChangeAllAsync(string find, object args, Func<Transaction, Issue, Task<bool>> change, CancellationToken ct)
    {
        for (var all = 0; ;)
        {
            var due = await database.ReadAsync(session => session.ListAsync<Issue>(find, args), ct);
            var changed = due.Count == 0 ? 0 : await writer.WriteAsync(async transaction =>
            {
                var times = 0;
                foreach (var issue in due)
                    times += await change(transaction, issue) ? 1 : 0;
                return times;
            }, ct);
            all += changed;

            // When none was changed, another node is at it.
            if (due.Count < AtOnce || changed == 0)
                return all;
        }
    }

    /// <param name="candidates">In the order of their numbers, after the given one.</param>
    /// <param name="whether">What the activity says of it; <c>null</c> leaves the issue archived.</param>
    private async Task<int> CheckAsync(string candidates, Func<Session, Issue, Task<JsonMap?>> whether, CancellationToken ct)
    {
        var all = 0;
        for (var after = 0L; ;)
        {
            var (issues, due) = await database.ReadAsync(async session =>
            {
                var some = await session.ListAsync<Issue>($"{candidates} limit {AtOnce}", new { after });
                var found = new List<(Issue Issue, JsonMap Noted)>();
                foreach (var issue in some)
                {
                    if (await whether(session, issue) is { } noted)
                        found.Add((issue, noted));
                }

                return (some, found);
            }, ct);
            all += due.Count == 0 ? 0 : await writer.WriteAsync(async transaction =>
            {
                var times = 0;
                foreach (var (issue, noted) in due)
                    times += await transitions.EscalateAsync(transaction, issue, noted) ? 1 : 0;
                return times;
            }, ct);
            if (issues.Count < AtOnce)
                return all;
            after = issues[^1].Id;
        }
    }

    private long Now() => UnixMicroseconds.From(time.GetUtcNow());

    private sealed record AgingProject
    {
        public long Id { get; init; }

        public long ResolveAge { get; init; }
    }
}
