using System.Text;
using Vedette.Engine;
using Vedette.Storage;
using Vedette.Tracker.Issues;
using Vedette.Wire;
using Vedette.Wire.Json;

namespace Vedette.Tracker.Alerts;

/// <summary>A rule fires: once for an issue in its minutes, whoever finds out first, with its history and all that it causes in one transaction.</summary>
public sealed class AlertFirings(EventIntake intake, AlertOutlets outlets, ServiceHookJson hookJson, TrackerOptions options, TimeProvider time)
{
    private const long MinuteUs = 60_000_000;

    private readonly SharedWrite<LeftOpen> leftOpen = new(LeaveOpenAsync);

    /// <returns><c>false</c> when it has fired for the issue lately, or is not there or enabled any more.</returns>
    internal async Task<bool> FireAsync(Transaction transaction, AlertBranch branch, AlertSubject subject, AlertActivity? activity = null)
    {
        var now = Now();
        var isFirst = await transaction.ExecuteAsync(
            """
            insert into alert_rule_state (group_id, issue_id, rule_id, fired_at)
            select @GroupId, @IssueId, r.id, @now from alert_rule r where r.id = @RuleId and r.enabled = 1
            on conflict (group_id, issue_id) do update set fired_at = excluded.fired_at where alert_rule_state.fired_at <= @before
            """,
            new { GroupId = branch.Group.Id, IssueId = subject.Issue.Id, RuleId = branch.Rule.Id, now, before = Before(branch) }) == 1;
        if (isFirst)
            await RunAsync(transaction, branch.Rule, branch.Group.Actions, subject, activity, isTest: false);
        return isFirst;
    }

    /// <summary>Does all that the rule would do, whatever its conditions say and however often it fired.</summary>
    /// <returns>What became of each action.</returns>
    public Task<IReadOnlyList<(AlertAction Action, AlertOutcome Outcome)>> TestAsync(Transaction transaction, AlertRule rule, AlertSubject subject) =>
        RunAsync(transaction, rule, [.. rule.Draft.Groups.SelectMany(group => group.Actions)], subject, null, isTest: true);

    /// <summary>Leaves it to the tick whether the branch fires, unless it has fired for the issue lately. Events that share a commit leave it open once.</summary>
    /// <param name="facts">Of each condition.</param>
    internal void LeaveOpen(Transaction transaction, AlertBranch branch, long issueId, IReadOnlyList<bool?> facts) =>
        transaction.PutOffTo(leftOpen, new LeftOpen(
            branch.Group.Id,
            issueId,
            string.Concat(facts.Select(fact => fact switch { true => '1', false => '0', null => '?' })),
            branch.Rule.Id,
            branch.Rule.UpdatedAt,
            Before(branch)));

    /// <summary>Service hooks that list <c>event.alert</c> are told once of an event, and not of one that they are told of as <c>event.created</c>.</summary>
    /// <param name="rules">Names of those that fired.</param>
    internal Task AnnounceAsync(Transaction transaction, AlertSubject subject, IReadOnlyList<string> rules) =>
        rules.Count == 0 || !options.FiresServiceHooks
            ? Task.CompletedTask
            : intake.AcceptUnlessAsync(
                transaction,
                new HookEvent
                {
                    OrganizationId = subject.Project.OrganizationId,
                    ProjectId = subject.Project.Id,
                    IssueId = subject.Issue.Id,
                    Resource = "event",
                    Action = "alert",
                    Subject = new HookSubject("event", subject.Event.EventId),
                    Actor = HookActor.Platform,
                    Data = () => hookJson.Nested(subject.Project, subject.Issue, subject.Event, subject.Body),
                    FlatData = () => hookJson.Flat(subject.Project, subject.Issue, subject.Event, subject.Body, rules),
                },
                "event.created");

    /// <summary>In the order of their keys, so that two nodes wait for each other instead of locking each other out.</summary>
    private static async Task LeaveOpenAsync(Transaction transaction, IReadOnlyList<LeftOpen> left) =>
        await transaction.ExecuteEachAsync(
            """
            insert into alert_open (group_id, issue_id, facts, rule_id, updated_at, times)
            select @GroupId, @IssueId, @Facts, r.id, r.updated_at, @Times from alert_rule r
            where r.id = @RuleId and r.updated_at = @UpdatedAt
                and not exists (select 1 from alert_rule_state s where s.group_id = @GroupId and s.issue_id = @IssueId and s.fired_at > @Before)
            on conflict (group_id, issue_id, facts) do update set times = alert_open.times + excluded.times, updated_at = excluded.updated_at
            """,
            [
                .. left.GroupBy(each => (each.GroupId, each.IssueId, each.Facts, each.RuleId, each.UpdatedAt)).OrderBy(group => group.Key.GroupId).ThenBy(group => group.Key.IssueId)
                    .ThenBy(group => group.Key.Facts, StringComparer.Ordinal).ThenBy(group => group.Key.UpdatedAt)
                    .Select(group => new
                    {
                        group.Key.GroupId,
                        group.Key.IssueId,
                        group.Key.Facts,
                        group.Key.RuleId,
                        group.Key.UpdatedAt,
                        Before = group.Max(each => each.Before),
                        Times = group.LongCount(),
                    }),
            ]);

    private async Task<IReadOnlyList<(AlertAction Action, AlertOutcome Outcome)>> RunAsync(
        Transaction transaction, AlertRule rule, IReadOnlyList<AlertAction> actions, AlertSubject subject, AlertActivity? activity, bool isTest)
    {
        var done = new List<(AlertAction Action, AlertOutcome Outcome)>();
        foreach (var action in actions)
            done.Add((action, await outlets.RunAsync(transaction, new AlertCall(rule, action, subject, activity, isTest))));
        if (!isTest)
            await KeepAsync(transaction, rule, subject, done);
        return done;
    }

    private Task KeepAsync(Transaction transaction, AlertRule rule, AlertSubject subject, IReadOnlyList<(AlertAction Action, AlertOutcome Outcome)> done)
    {
        var json = new StableJsonWriter();
        json.StartArray();
        foreach (var (action, outcome) in done)
            AlertJson.WriteOutcome(json, action, outcome);

        json.EndArray();
        return transaction.ExecuteAsync(
            "insert into alert_firing (rule_id, issue_id, event_id, fired_at, actions) values (@RuleId, @IssueId, @EventId, @now, @actions)",
            new { RuleId = rule.Id, IssueId = subject.Issue.Id, subject.Event.EventId, now = Now(), actions = Encoding.UTF8.GetString(json.WrittenSpan) });
    }

    private long Before(AlertBranch branch) => Now() - (branch.Rule.Draft.Frequency * MinuteUs);

    private long Now() => UnixMicroseconds.From(time.GetUtcNow());

    /// <summary>What the tick is to decide.</summary>
    /// <param name="Before">Who fired later fired lately.</param>
    private sealed record LeftOpen(long GroupId, long IssueId, string Facts, long RuleId, long UpdatedAt, long Before);
}
