using System.Globalization;
using Vedette.Engine;
using Vedette.Server.Mail;
using Vedette.Storage;
using Vedette.Tracker;
using Vedette.Tracker.Alerts;
using Vedette.Wire;

namespace Vedette.Server.Alerts;

/// <summary>
/// What the actions of rules do, in the transaction in which the rule fires. An alert goes to the one installation that the
/// organization has of an app, whatever that subscribes to; what cannot be done is left out, and the firing says why.
/// </summary>
internal sealed class AlertActions(EventIntake intake, AlertTargets targets, MailOutbox outbox, AlertJson alertJson, Links links)
{
    public AlertOutlets Outlets => new(RunAsync);

    private Task<AlertOutcome> RunAsync(Transaction transaction, AlertCall call) => call.Action.Kind switch
    {
        AlertActionKind.SentryApp or AlertActionKind.Webhook => TellAsync(transaction, call),
        AlertActionKind.Email => MailAsync(transaction, call),
        AlertActionKind.Plugin => Task.FromResult(AlertOutcome.NoPlugin),
    };

    private async Task<AlertOutcome> TellAsync(Transaction transaction, AlertCall call)
    {
        var target = await targets.FindAsync(transaction, call.Rule.OrganizationId, call.Action);
        if (target.DestinationId is not { } destination)
            return target.Outcome;

        var (project, issue) = (call.Subject.Project, call.Subject.Issue);
        var alert = new HookEvent
        {
            OrganizationId = call.Rule.OrganizationId,
            ProjectId = project.Id,
            IssueId = issue.Id,
            Resource = "event_alert",
            Action = "triggered",
            Subject = new HookSubject("event", call.Subject.Event.EventId),
            Actor = HookActor.Platform,
            Data = () => alertJson.EventAlert(call, call.Action.Data.Contains("settings") ? target.AppId : null),
        };
        await intake.AcceptForAsync(
            transaction,
            call.Activity is not { } activity
                ? alert
                : alert with
                {
                    Resource = "activity_alert",
                    Subject = new HookSubject("group", issue.Id.ToString(CultureInfo.InvariantCulture)),
                    Data = () => alertJson.ActivityAlert(call, activity, target.AppId),
                },
            destination);
        return AlertOutcome.Sent;
    }

    /// <summary>As text: nothing in it is markup.</summary>
    private async Task<AlertOutcome> MailAsync(Transaction transaction, AlertCall call)
    {
        var recipients = await RecipientsAsync(transaction, call);
        if (recipients.Count == 0)
            return AlertOutcome.NoRecipients;

        var (project, issue) = (call.Subject.Project, call.Subject.Issue);
        await outbox.AddAsync(
            transaction,
            recipients,
            $"{issue.QualifiedShortId} - {issue.Title}",
            $"""
            {AlertJson.Title(call)}

            {issue.Title}
            {issue.Culprit}

            Project: {project.Name}
            {links.IssueWeb(project.OrganizationSlug, issue.Id)}

            You get this mail because of an alert of {project.OrganizationSlug}.
            """);
        return AlertOutcome.Sent;
    }

    private Task<IReadOnlyList<string>> RecipientsAsync(Transaction transaction, AlertCall call)
    {
        var issue = call.Subject.Issue;
        var (kind, id) = (call.Action.TargetType, call.Action.Target) switch
        {
            ("team", { } team) => ("team", long.Parse(team, CultureInfo.InvariantCulture)),
            ("user", { } user) => ("user", long.Parse(user, CultureInfo.InvariantCulture)),
            _ when issue.Assignee is { } assignee => (StoredName.Of(assignee.Kind), assignee.Id),
            _ when call.Action.Data.Text("fallthroughType") == "NoOne" => ("nobody", 0L),
            _ => ("project", issue.ProjectId),
        };
        return targets.RecipientsAsync(transaction, call.Rule.OrganizationId, kind, id, "alert_rule_snooze", call.Rule.Id);
    }
}
