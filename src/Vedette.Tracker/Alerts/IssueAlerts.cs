using Vedette.Storage;
using Vedette.Tracker.Ingest;
using Vedette.Tracker.Issues;
using Vedette.Tracker.Projects;

namespace Vedette.Tracker.Alerts;

/// <summary>Which rules fire for what happens to an issue, in the transaction in which it happens (<c>spec/domain.md</c> 4.5).</summary>
public sealed class IssueAlerts(AlertRuleCache cache, AlertFirings firings, TimeProvider time)
{
    /// <summary>Those that the next events of the project are looked at with. Asked for before the transaction.</summary>
    /// <param name="project">As its DSN led to it.</param>
    public ValueTask<ProjectAlerts> RulesAsync(Project project, CancellationToken ct) => cache.OfAsync(project, ct);

    /// <summary>An event was stored. What conditions on the event and the issue decide is done at once; what depends on how often something happened waits for the tick.</summary>
    /// <param name="issue">As the event left it.</param>
    public async Task SeenAsync(
        Transaction transaction, ProjectAlerts alerts, Project project, Issue issue, TrackedEvent trackedEvent, byte[] body, IssueTurn turn)
    {
        if (alerts.IsEmpty)
            return;

        var subject = new AlertSubject(project, issue, StoredEvent.Of(project.Id, issue.Id, trackedEvent, body), trackedEvent.Body, turn);
        await AlertWindows.SeeAsync(transaction, subject, alerts.Scopes, trackedEvent.UserTag, time.GetUtcNow());
        if (issue.Status != "unresolved")
            return;

        // A project may have a thousand of these, and this is in the one writer's way.
        var fired = new List<string>();
        var now = time.GetUtcNow();
        foreach (var branch in alerts.Branches)
        {
            if (!branch.IsAbout(subject, UnixMicroseconds.From(now)))
                continue;

            var facts = await FactsAsync(transaction, branch, subject, now);
            if (branch.Decide(facts) is not { } holds)
                firings.LeaveOpen(transaction, branch, issue.Id, facts);
            else if (holds && await firings.FireAsync(transaction, branch, subject))
                fired.Add(branch.Rule.Draft.Name);
        }

        await firings.AnnounceAsync(transaction, subject, fired);
    }

    /// <summary>The issue was resolved. Conditions on events are asked of its newest one; without one nothing fires.</summary>
    /// <param name="activity">The type of the activity that tells of it, <c>set_resolved</c> and the like.</param>
    public async Task ResolvedAsync(Transaction transaction, Issue issue, string activity, IssueActor by)
    {
        var alerts = await cache.OfAsync(transaction, issue.ProjectId);
        if (!alerts.Branches.Any(branch => branch.Conditions.Any(condition => condition.Kind == ConditionKind.IssueResolvedTrigger))
            || await IssueStore.NewestEventAsync(transaction, issue.Id) is not { } newest)
        {
            return;
        }

        var subject = AlertSubject.Of(issue, newest, IssueTurn.Resolved);
        var status = activity.Replace("set_", "status_", StringComparison.Ordinal);
        var now = time.GetUtcNow();
        foreach (var branch in alerts.Branches.Where(branch => branch.IsAbout(subject, UnixMicroseconds.From(now)) && ListensToResolution(branch)))
        {
            var facts = await FactsAsync(transaction, branch, subject, now);
            if ((branch.Decide(facts) ?? branch.Decide(await CountedAsync(transaction, branch, issue.Id, facts))) == true)
                await firings.FireAsync(transaction, branch, subject, new AlertActivity(status, by));
        }
    }

    /// <summary>Fills in what is still open.</summary>
    internal async Task<bool?[]> CountedAsync(Session session, AlertBranch branch, long issueId, IReadOnlyList<bool?> facts)
    {
        bool?[] known = [.. facts];
        for (var i = 0; i < known.Length; i++)
            known[i] ??= await AlertWindows.HoldsAsync(session, issueId, branch.Conditions[i], branch.Rule.Draft.Environment, time.GetUtcNow());
        return known;
    }

    /// <summary>A rule without triggers listens to events.</summary>
    private static bool ListensToResolution(AlertBranch branch) =>
        branch.Rule.Draft.Triggers.Conditions.Any(condition => condition.Kind == ConditionKind.IssueResolvedTrigger);

    /// <returns>Of each condition, as far as it takes to decide: those that do not matter any more stay open, like those on how often.</returns>
    private static async ValueTask<bool?[]> FactsAsync(Session session, AlertBranch branch, AlertSubject subject, DateTimeOffset now)
    {
        var facts = new bool?[branch.Conditions.Count];
        for (var i = 0; i < facts.Length && branch.Decide(facts) is null; i++)
            facts[i] = await AlertConditions.HoldsAsync(session, subject, branch.Conditions[i], branch.Rule.Draft.Environment, now);
        return facts;
    }
}
