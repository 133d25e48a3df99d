using System.Globalization;
using Vedette.Server.Alerts;
using Vedette.Server.Api;
using Vedette.Server.Issues;
using Vedette.Storage;
using Vedette.Tracker.Alerts;
using Vedette.Tracker.MetricAlerts;
using Vedette.Wire.Json;

namespace Vedette.Server.MetricAlerts;

/// <summary>Answers about metric alerts and incidents, with the names of apps that their actions are about.</summary>
internal sealed class MetricAlertViews(MetricAlertJson json, AlertNameStore nameStore, IssuePeople people)
{
    public async Task<IResult> ShowAsync(int status, MetricRule rule, Incident? newest, CancellationToken ct)
    {
        var shown = Rule(rule, newest, Describe(await nameStore.AppsAsync(rule.OrganizationId, ct)));
        return ApiResults.Json(status, writer => writer.Value(shown));
    }

    public async Task<IResult> ListAsync(IReadOnlyList<MetricRule> page, IReadOnlyList<Incident?> newest, CancellationToken ct)
    {
        var describe = page.Count == 0 ? static _ => "" : Describe(await nameStore.AppsAsync(page[0].OrganizationId, ct));
        return Listed(page.Zip(newest, (rule, incident) => Rule(rule, incident, describe)));
    }

    public JsonMap Rule(MetricRule rule, IReadOnlyList<AlertApp> apps) => json.Rule(rule, Describe(apps));

    public async Task<IResult> IncidentsAsync(IReadOnlyList<Incident> page, IReadOnlyDictionary<long, MetricRule> rules, CancellationToken ct)
    {
        var describe = page.Count == 0 ? static _ => "" : Describe(await nameStore.AppsAsync(page[0].OrganizationId, ct));
        return Listed(page.Where(incident => rules.ContainsKey(incident.RuleId)).Select(incident => json.Incident(rules[incident.RuleId], incident, describe)));
    }

    public async Task<IResult> IncidentAsync(int status, MetricRule rule, Incident incident, IReadOnlyList<IncidentActivity> activities, CancellationToken ct)
    {
        var shown = json.Incident(rule, incident, Describe(await nameStore.AppsAsync(rule.OrganizationId, ct)));
        shown["activities"] = await ActivitiesAsync(incident, activities, ct);
        return ApiResults.Json(status, writer => writer.Value(shown));
    }

    public async Task<List<object?>> ActivitiesAsync(Incident incident, IReadOnlyList<IncidentActivity> activities, CancellationToken ct)
    {
        var accounts = await people.AccountsAsync(activities.Select(activity => activity.AccountId).OfType<long>(), ct);
        return
        [
            .. activities.Select(activity => MetricAlertJson.Activity(
                incident, activity, activity.AccountId is { } id && accounts.TryGetValue(id, out var who) ? Person(who) : null)),
        ];
    }

    public static IResult Listed(IEnumerable<object?> items)
    {
        List<object?> list = [.. items];
        return ApiResults.Json(StatusCodes.Status200OK, writer => writer.Value(list));
    }

    /// <summary>What became of each action of a test.</summary>
    public static IResult Tested(IReadOnlyList<(AlertAction Action, AlertOutcome Outcome)> done) => ApiResults.Json(StatusCodes.Status200OK, writer => writer.Value(new JsonMap
    {
        ["actions"] = done.Select(each => (object?)new JsonMap
        {
            ["id"] = each.Action.Id.ToString(CultureInfo.InvariantCulture),
            ["type"] = StoredName.Of(each.Action.Kind),
            ["outcome"] = StoredName.Of(each.Outcome),
        }).ToList(),
    }));

    private JsonMap Rule(MetricRule rule, Incident? newest, Func<AlertAction, string> describe)
    {
        var shown = json.Rule(rule, describe);
        if (newest is not null)
            shown["latestIncident"] = WithoutRule(json.Incident(rule, newest, describe));
        return shown;
    }

    private static JsonMap WithoutRule(JsonMap incident)
    {
        incident.Remove("alertRule");
        return incident;
    }

    private static Func<AlertAction, string> Describe(IReadOnlyList<AlertApp> apps) => action => action.Kind switch
    {
        AlertActionKind.SentryApp or AlertActionKind.Webhook =>
            $"Send a notification via {apps.FirstOrDefault(app => app.Id.ToString(CultureInfo.InvariantCulture) == action.Target)?.Name ?? "an app that is not installed"}",
        AlertActionKind.Email => $"Send a mail to {action.TargetType} {action.Target}",
        AlertActionKind.Plugin => "Send a notification to plugins",
    };

    private static JsonMap Person(IssuePerson who) => new()
    {
        ["id"] = who.Id.ToString(CultureInfo.InvariantCulture),
        ["name"] = who.Name,
        ["username"] = who.Email,
        ["email"] = who.Email,
    };
}
