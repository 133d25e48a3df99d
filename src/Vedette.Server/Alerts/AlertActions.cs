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
internal sealed class AlertActions(EventIntake intake, MailOutbox outbox, AlertJson alertJson, Links links, TimeProvider time)
{
    private const string SelectInstallation =
        """
        select a.id as app_id, i.status, i.destination_id from app a
        join app_installation i on i.app_id = a.id and i.organization_id = @OrganizationId
        """;

    public AlertOutlets Outlets => new(RunAsync);

    private Task<AlertOutcome> RunAsync(Transaction transaction, AlertCall call) => call.Action.Kind switch
    {
        AlertActionKind.SentryApp => TellAsync(transaction, call),
        AlertActionKind.Webhook => TellServiceAsync(transaction, call),
        AlertActionKind.Email => MailAsync(transaction, call),
        AlertActionKind.Plugin => Task.FromResult(AlertOutcome.NoPlugin),
    };

    private async Task<AlertOutcome> TellAsync(Transaction transaction, AlertCall call)
    {
        var installed = await transaction.FirstAsync<Installed>(
            $"{SelectInstallation} where a.id = @appId and a.deleted_at is null",
            new { call.Rule.OrganizationId, appId = long.Parse(call.Action.Target!, CultureInfo.InvariantCulture) });
        return await SendAsync(transaction, call, installed, AlertOutcome.MissingInstallation);
    }

    private async Task<AlertOutcome> TellServiceAsync(Transaction transaction, AlertCall call)
    {
        var installed = await transaction.FirstAsync<Installed>(
            $"{SelectInstallation} where a.slug = @Target and a.is_alertable = 1 and a.deleted_at is null", new { call.Rule.OrganizationId, call.Action.Target });
        return await SendAsync(transaction, call, installed, AlertOutcome.MissingService);
    }

    private async Task<AlertOutcome> SendAsync(Transaction transaction, AlertCall call, Installed? installed, AlertOutcome otherwise)
    {
        if (installed is null)
            return otherwise;
        if (installed.Status != "installed")
            return AlertOutcome.MissingInstallation;
        if (installed.DestinationId is not { } destination)
            return AlertOutcome.NoWebhookUrl;

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
            Data = () => alertJson.EventAlert(call, call.Action.Data.Contains("settings") ? installed.AppId : null),
        };
        await intake.AcceptForAsync(
            transaction,
            call.Activity is not { } activity
                ? alert
                : alert with
                {
                    Resource = "activity_alert",
                    Subject = new HookSubject("group", issue.Id.ToString(CultureInfo.InvariantCulture)),
                    Data = () => alertJson.ActivityAlert(call, activity, installed.AppId),
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

    /// <summary>Nobody who silenced the rule for themselves, and only active members of the organization.</summary>
    private async Task<IReadOnlyList<string>> RecipientsAsync(Transaction transaction, AlertCall call)
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
        var who = kind switch
        {
            "team" => "m.id in (select x.member_id from team_member x where x.team_id = @id)",
            "user" => "m.account_id = @id",
            "project" => "m.id in (select x.member_id from team_member x join team_project p on p.team_id = x.team_id where p.project_id = @id)",
            _ => "1 = 0",
        };
        return await transaction.ListAsync<string>(
            $"""
            select a.email from organization_member m
            join account a on a.id = m.account_id and a.is_active = 1
            where m.organization_id = @OrganizationId and {who}
                and m.account_id not in (
                    select s.account_id from alert_rule_snooze s where s.rule_id = @RuleId and (s.until_at is null or s.until_at > @now))
            order by a.id
            """,
            new { call.Rule.OrganizationId, id, RuleId = call.Rule.Id, now = UnixMicroseconds.From(time.GetUtcNow()) });
    }

    private sealed record Installed
    {
        public long AppId { get; init; }

        public string Status { get; init; } = "";

        public long? DestinationId { get; init; }
    }
}
