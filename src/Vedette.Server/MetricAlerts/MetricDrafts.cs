using System.Globalization;
using Vedette.Server.Alerts;
using Vedette.Server.Api;
using Vedette.Server.Authorization;
using Vedette.Server.Issues;
using Vedette.Storage;
using Vedette.Tracker.Alerts;
using Vedette.Tracker.Issues;
using Vedette.Tracker.MetricAlerts;
using Vedette.Tracker.Projects;
using Vedette.Wire.Json;

namespace Vedette.Server.MetricAlerts;

/// <summary>Finds what a form names: the project, the owner, and the apps and people of actions.</summary>
internal sealed class MetricDrafts(Database database, ProjectStore projects, AlertNameStore names)
{
    /// <returns>The project's number and the whole draft, or the answer that names the first thing that is not there.</returns>
    public async Task<(long ProjectId, MetricRuleDraft? Draft, IResult? Refusal)> FindAsync(MetricForm form, Access access, CancellationToken ct)
    {
        if (await projects.ProjectAsync(access.Organization!.Id, form.Project, ct) is not { } project)
            return (0, null, ApiResults.Invalid("projects", "Invalid project"));

        var apps = await names.AppsAsync(access.Organization.Id, ct);
        var (owner, triggers, refusal) = await database.ReadAsync(session => FindAsync(session, form, apps, access), ct);
        return refusal is null ? (project.Id, form.Draft with { Owner = owner, Triggers = triggers }, null) : (0, null, refusal);
    }

    private static async Task<(string? Owner, IReadOnlyList<MetricTriggerDraft> Triggers, IResult? Refusal)> FindAsync(
        Session session, MetricForm form, IReadOnlyList<AlertApp> apps, Access access)
    {
        string? owner = null;
        if (form.Owner is not (null or ""))
        {
            if (form.Owner is not string text || await AssigneeSearch.FindAsync(session, access.Organization!.Id, text, access.AccountId) is not { } found)
                return (null, [], ApiResults.Invalid("owner", "Could not resolve owner: it takes user:<id> or team:<id> of this organization."));
            owner = $"{StoredName.Of(found.Kind)}:{found.Id}";
        }

        var triggers = new List<MetricTriggerDraft>();
        foreach (var trigger in form.Triggers)
        {
            var actions = new List<AlertAction>();
            foreach (var given in trigger.Actions)
            {
                var (action, wrong) = await ActionAsync(session, given, apps, access);
                if (action is null)
                    return (null, [], ApiResults.Invalid("actions", wrong!));
                actions.Add(action);
            }

            triggers.Add(new MetricTriggerDraft(trigger.Label, trigger.Threshold, actions));
        }

        return (owner, triggers, null);
    }

    private static async Task<(AlertAction? Action, string? Wrong)> ActionAsync(Session session, JsonMap given, IReadOnlyList<AlertApp> apps, Access access)
    {
        var (action, wrong) = given.Text("type") switch
        {
            "sentry_app" => ActionForm.ReadMetric(given, apps),
            "email" => await MailAsync(session, given, access),
            null => (null, "An action's type is required."),
            var other => (null, $"There is no integration for {other} here; use sentry_app or email."),
        };
        return (action is null ? null : action with { Id = ActionForm.Number(given["id"]) }, wrong);
    }

    private static async Task<(AlertAction? Action, string? Wrong)> MailAsync(Session session, JsonMap given, Access access)
    {
        var kind = given.Text("targetType");
        if (kind is not ("user" or "team") || Identifier(given["targetIdentifier"]) is not { } target)
            return (null, "A mail goes to a targetType user or team, with its id as targetIdentifier.");

        return await AssigneeSearch.FindAsync(session, access.Organization!.Id, $"{kind}:{target}", access.AccountId) is { } found
            ? (new AlertAction(0, AlertActionKind.Email, kind, found.Id.ToString(CultureInfo.InvariantCulture), new JsonMap()), null)
            : (null, $"There is no {kind} {target} in this organization.");
    }

    private static string? Identifier(object? value) => value switch
    {
        string { Length: > 0 } text => text,
        double number => number.ToString("0", CultureInfo.InvariantCulture),
        _ => null,
    };
}
