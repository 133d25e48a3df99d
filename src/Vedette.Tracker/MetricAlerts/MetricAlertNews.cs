using Vedette.Storage;
using Vedette.Tracker.Alerts;

namespace Vedette.Tracker.MetricAlerts;

/// <summary>One action that is done because an incident changed.</summary>
/// <param name="Incident">As it is now.</param>
/// <param name="Value">Of the evaluation; <c>null</c> when somebody changed it.</param>
/// <param name="IsTest">Somebody tries the rule; whoever is told can see that.</param>
public sealed record MetricCall(MetricRule Rule, AlertAction Action, Incident Incident, double? Value, bool IsTest);

/// <summary>
/// What metric alerts do. The tracker knows neither apps nor mail, so the host says here how an action is done, in the transaction
/// in which the incident changes.
/// </summary>
public sealed record MetricOutlets(Func<Transaction, MetricCall, Task<AlertOutcome>> RunAsync);

/// <summary>Tells of an incident's change whom the rule's triggers name, and the workflows that listen to it (<c>spec/domain.md</c> 5.3).</summary>
public sealed class MetricAlertNews(MetricOutlets outlets, TimeProvider time)
{
    /// <summary>As workflows write a priority.</summary>
    private const double HighPriority = 75;
    private const double MediumPriority = 50;

    /// <summary>Nothing is told of a rule that is silent for everyone.</summary>
    /// <param name="incident">As it is now.</param>
    public async Task TellAsync(Transaction transaction, MetricRule rule, Incident incident, double? value)
    {
        var now = UnixMicroseconds.From(time.GetUtcNow());
        if (rule.IsSilent(now))
            return;

        foreach (var action in OnceEach([.. OfTriggers(rule, incident), .. await OfWorkflowsAsync(transaction, rule, incident, now)]))
            await outlets.RunAsync(transaction, new MetricCall(rule, action, incident, value, IsTest: false));
    }

    /// <summary>Does all that the rule would do if it were critical now, for an incident that there is not.</summary>
    /// <returns>What became of each action.</returns>
    public async Task<IReadOnlyList<(AlertAction Action, AlertOutcome Outcome)>> TestAsync(Transaction transaction, MetricRule rule, Incident sample, double value)
    {
        var done = new List<(AlertAction, AlertOutcome)>();
        foreach (var action in OnceEach(OfTriggers(rule, sample)))
            done.Add((action, await outlets.RunAsync(transaction, new MetricCall(rule, action, sample, value, IsTest: true))));
        return done;
    }

    /// <summary>The warning's first, because of two that tell the same to the same its one is kept.</summary>
    private static IReadOnlyList<AlertAction> OfTriggers(MetricRule rule, Incident incident) =>
    [
        .. rule.Triggers.Where(trigger => incident.ToldAll || trigger.Label == TriggerLabel.Warning)
            .OrderBy(trigger => trigger.Label == TriggerLabel.Warning ? 0 : 1).SelectMany(trigger => trigger.Actions),
    ];

    private static async Task<IReadOnlyList<AlertAction>> OfWorkflowsAsync(Transaction transaction, MetricRule rule, Incident incident, long now)
    {
        var actions = new List<AlertAction>();
        foreach (var id in rule.RuleIds)
        {
            if (await AlertRuleStore.FindAsync(transaction, rule.OrganizationId, id) is not { Draft.Enabled: true } workflow
                || workflow.Snoozes.Any(snooze => snooze.AccountId == 0 && !snooze.IsOver(now)))
            {
                continue;
            }

            actions.AddRange(workflow.Draft.Groups.Where(group => Holds(group, incident)).SelectMany(group => group.Actions));
        }

        return actions;
    }

    /// <summary>Of an incident only its priority can be asked. What asks for anything else asks about an issue, and an incident is none.</summary>
    private static bool Holds(AlertGroup group, Incident incident)
    {
        bool?[] facts = [.. group.Conditions.Select(condition => (bool?)(condition.Kind switch
        {
            ConditionKind.IssuePriorityGreaterOrEqual => PriorityOf(incident) >= (condition.Comparison["value"] as double? ?? double.MaxValue),
            ConditionKind.IssuePriorityDeescalating => incident.Status is IncidentStatus.Closed || (incident.Status is IncidentStatus.Warning && incident.ToldAll),
            _ => false,
        }))];
        return AlertLogics.Decide(group.Logic, facts) == true;
    }

    /// <summary>Of one that is closed the highest that it had, so that whoever was told of its beginning is told of its end.</summary>
    private static double PriorityOf(Incident incident) => incident.Status switch
    {
        IncidentStatus.Open or IncidentStatus.Critical => HighPriority,
        IncidentStatus.Warning => MediumPriority,
        IncidentStatus.Closed => incident.ToldAll ? HighPriority : MediumPriority,
    };

    private static IEnumerable<AlertAction> OnceEach(IEnumerable<AlertAction> actions) => actions.DistinctBy(action => (action.Kind, action.TargetType, action.Target));
}
