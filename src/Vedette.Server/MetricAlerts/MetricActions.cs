using System.Globalization;
using Vedette.Engine;
using Vedette.Server.Alerts;
using Vedette.Server.Mail;
using Vedette.Storage;
using Vedette.Tracker;
using Vedette.Tracker.Alerts;
using Vedette.Tracker.MetricAlerts;
using Vedette.Wire;

namespace Vedette.Server.MetricAlerts;

/// <summary>What the actions of metric alerts do, in the transaction in which the incident changes. What cannot be done is left out.</summary>
internal sealed class MetricActions(EventIntake intake, AlertTargets targets, MailOutbox outbox, MetricAlertJson json, Links links)
{
    public MetricOutlets Outlets => new(RunAsync);

    private Task<AlertOutcome> RunAsync(Transaction transaction, MetricCall call) => call.Action.Kind switch
    {
        AlertActionKind.SentryApp or AlertActionKind.Webhook => TellAsync(transaction, call),
        AlertActionKind.Email => MailAsync(transaction, call),
        AlertActionKind.Plugin => Task.FromResult(AlertOutcome.NoPlugin),
    };

    private async Task<AlertOutcome> TellAsync(Transaction transaction, MetricCall call)
    {
        var target = await targets.FindAsync(transaction, call.Rule.OrganizationId, call.Action);
        if (target.DestinationId is not { } destination)
            return target.Outcome;

        await intake.AcceptForAsync(
            transaction,
            new HookEvent
            {
                OrganizationId = call.Rule.OrganizationId,
                ProjectId = call.Rule.ProjectId,
                Resource = "metric_alert",
                Action = Incident.LabelOf(call.Incident.Status).ToLowerInvariant(),
                Subject = new HookSubject("alert_rule", call.Rule.Id.ToString(CultureInfo.InvariantCulture)),
                Actor = HookActor.Platform,
                Data = () => json.HookData(call, action => action.Target == call.Action.Target ? $"Send a notification via {target.AppName}" : $"Send a notification via {action.Kind}"),
            },
            destination);
        return AlertOutcome.Sent;
    }

    /// <summary>As text: nothing in it is markup.</summary>
    private async Task<AlertOutcome> MailAsync(Transaction transaction, MetricCall call)
    {
        var recipients = await targets.RecipientsAsync(
            transaction, call.Rule.OrganizationId, call.Action.TargetType!, long.Parse(call.Action.Target!, CultureInfo.InvariantCulture), "metric_rule_snooze", call.Rule.Id);
        if (recipients.Count == 0)
            return AlertOutcome.NoRecipients;

        var title = MetricAlertText.Title(call);
        await outbox.AddAsync(
            transaction,
            recipients,
            title,
            $"""
            {title}

            {MetricAlertText.Description(call.Rule, call.Value)}

            Project: {call.Rule.ProjectSlug}
            {links.IncidentWeb(call.Rule.OrganizationSlug, call.Rule.Id, call.Incident.Identifier, MetricAlertJson.DetectionOf(call.Rule))}

            You get this mail because of a metric alert of {call.Rule.OrganizationSlug}.
            """);
        return AlertOutcome.Sent;
    }
}
