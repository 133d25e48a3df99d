using System.Globalization;
using System.Text;
using Vedette.Storage;
using Vedette.Tracker.Alerts;
using Vedette.Tracker.Ingest;
using Vedette.Wire.Json;

namespace Vedette.Tracker.MetricAlerts;

/// <summary>
/// Metric alerts and incidents as Sentry's older API shows them (<c>spec/domain.md</c> 5.1), and as webhooks carry the same: with
/// names in snake_case (<c>spec/webhooks.md</c> 2.5).
/// </summary>
public sealed class MetricAlertJson(Links links, TimeProvider time)
{
    /// <summary>What Sentry calls an incident that a rule opened.</summary>
    private const double AlertTriggered = 2;

    /// <summary>As clients write them.</summary>
    public static string NameOf(MetricAggregate aggregate) => aggregate switch
    {
        MetricAggregate.Count => "count()",
        MetricAggregate.CountUniqueUser => "count_unique(user)",
    };

    public static string DetectionOf(MetricRule rule) => rule.Draft.DeltaMinutes is null ? "static" : "percent";

    /// <summary><c>data</c> of <c>metric_alert.*</c>.</summary>
    /// <param name="describe">Says of an action in a few words what it does.</param>
    public byte[] HookData(MetricCall call, Func<AlertAction, string> describe)
    {
        var json = new StableJsonWriter();
        json.Value(new JsonMap
        {
            ["metric_alert"] = Snake(Incident(call.Rule, call.Incident, describe)),
            ["description_text"] = MetricAlertText.Description(call.Rule, call.Value),
            ["description_title"] = MetricAlertText.Title(call),
            ["web_url"] = links.IncidentWeb(call.Rule.OrganizationSlug, call.Rule.Id, call.Incident.Identifier, DetectionOf(call.Rule)),
        });
        return json.ToArray();
    }

    /// <param name="describe">Says of an action in a few words what it does.</param>
    public JsonMap Incident(MetricRule rule, Incident incident, Func<AlertAction, string> describe) => new()
    {
        ["id"] = Id(incident.Id),
        ["identifier"] = Id(incident.Identifier),
        ["organizationId"] = Id(incident.OrganizationId),
        ["projects"] = new List<object?> { rule.ProjectSlug },
        ["alertRule"] = Rule(rule, describe),
        ["activities"] = null,
        ["status"] = (double)MetricAlerts.Incident.NumberOf(incident.Status),
        ["statusMethod"] = (double)MetricAlerts.Incident.NumberOf(incident.StatusMethod),
        ["type"] = AlertTriggered,
        ["title"] = incident.Title,
        ["dateStarted"] = Instant(incident.StartedAt),
        ["dateDetected"] = Instant(incident.DetectedAt),
        ["dateCreated"] = Instant(incident.CreatedAt),
        ["dateClosed"] = incident.ClosedAt is { } closed ? Instant(closed) : null,
    };

    public static JsonMap Activity(Incident incident, IncidentActivity activity, JsonMap? user) => new()
    {
        ["id"] = Id(activity.Id),
        ["incidentIdentifier"] = Id(incident.Identifier),
        ["user"] = user,
        ["type"] = (double)MetricAlerts.Incident.NumberOf(activity.Type),
        ["value"] = activity.Value is { } value ? Id(MetricAlerts.Incident.NumberOf(value)) : null,
        ["previousValue"] = activity.Previous is { } previous ? Id(MetricAlerts.Incident.NumberOf(previous)) : null,
        ["comment"] = null,
        ["dateCreated"] = Instant(activity.CreatedAt),
    };

    /// <param name="describe">Says of an action in a few words what it does.</param>
    public JsonMap Rule(MetricRule rule, Func<AlertAction, string> describe)
    {
        var draft = rule.Draft;
        return new()
        {
            ["id"] = Id(rule.Id),
            ["name"] = draft.Name,
            ["organizationId"] = Id(rule.OrganizationId),
            ["status"] = draft.Enabled ? 0d : 4d,
            ["queryType"] = 0d,
            ["dataset"] = "events",
            ["query"] = draft.Query,
            ["aggregate"] = NameOf(draft.Aggregate),
            ["thresholdType"] = ThresholdType(draft),
            ["resolveThreshold"] = draft.ResolveAt,
            ["timeWindow"] = (double)draft.WindowMinutes,
            ["environment"] = draft.Environment,
            ["resolution"] = (double)rule.Resolution,
            ["thresholdPeriod"] = (double)draft.Period,
            ["triggers"] = rule.Triggers.Select(trigger => (object?)Trigger(rule, trigger, describe)).ToList(),
            ["projects"] = new List<object?> { rule.ProjectSlug },
            ["owner"] = draft.Owner,
            ["originalAlertRuleId"] = null,
            ["comparisonDelta"] = draft.DeltaMinutes is { } delta ? (double)delta : null,
            ["dateModified"] = Instant(rule.UpdatedAt),
            ["dateCreated"] = Instant(rule.CreatedAt),
            ["createdBy"] = rule.CreatedBy is { } author ? new JsonMap { ["id"] = (double)author.Id, ["name"] = author.Name, ["email"] = author.Email } : null,
            ["description"] = draft.Description,
            ["sensitivity"] = null,
            ["seasonality"] = null,
            ["detectionType"] = DetectionOf(rule),
            ["eventTypes"] = draft.EventTypes.Select(type => (object?)StoredName.Of(type)).ToList(),
            ["snooze"] = rule.IsSilent(UnixMicroseconds.From(time.GetUtcNow())),
        };
    }

    /// <summary>An action of a metric alert as its trigger shows it.</summary>
    public static JsonMap Action(MetricTrigger trigger, AlertAction action, string described)
    {
        var map = new JsonMap
        {
            ["id"] = Id(action.Id),
            ["alertRuleTriggerId"] = Id(trigger.Id),
            ["type"] = StoredName.Of(action.Kind),
            ["targetType"] = action.Kind == AlertActionKind.SentryApp ? "sentry_app" : action.TargetType,
            ["targetIdentifier"] = action.Target,
            ["inputChannelId"] = null,
            ["integrationId"] = null,
            ["sentryAppId"] = action.Kind == AlertActionKind.SentryApp ? double.Parse(action.Target!, CultureInfo.InvariantCulture) : null,
            ["dateCreated"] = Instant(trigger.CreatedAt),
            ["desc"] = described,
            ["priority"] = null,
        };
        if (action.Data.List("settings") is { } settings)
            map["settings"] = settings;
        return map;
    }

    private static JsonMap Trigger(MetricRule rule, MetricTrigger trigger, Func<AlertAction, string> describe) => new()
    {
        ["id"] = Id(trigger.Id),
        ["alertRuleId"] = Id(rule.Id),
        ["label"] = StoredName.Of(trigger.Label),
        ["thresholdType"] = ThresholdType(rule.Draft),
        ["alertThreshold"] = trigger.Threshold,
        ["resolveThreshold"] = rule.Draft.ResolveAt,
        ["dateCreated"] = Instant(trigger.CreatedAt),
        ["actions"] = trigger.Actions.Select(action => (object?)Action(trigger, action, describe(action))).ToList(),
    };

    private static object ThresholdType(MetricRuleDraft draft) => draft.Direction switch
    {
        MetricDirection.Above => 0d,
        MetricDirection.Below => 1d,
    };

    /// <summary>Names only; <c>settings</c> are the app's own, whose names are values.</summary>
    private static object? Snake(object? value) => value switch
    {
        JsonMap map => map.Members.Aggregate(new JsonMap(), (snake, member) =>
        {
            snake[Snake(member.Key)] = member.Key == "settings" ? member.Value : Snake(member.Value);
            return snake;
        }),
        List<object?> list => list.Select(Snake).ToList(),
        _ => value,
    };

    private static string Snake(string name)
    {
        var snake = new StringBuilder();
        foreach (var c in name)
        {
            if (char.IsAsciiLetterUpper(c))
                snake.Append('_');
            snake.Append(char.ToLowerInvariant(c));
        }

        return snake.ToString();
    }

    private static string Id(long id) => id.ToString(CultureInfo.InvariantCulture);

    private static string Instant(long at) => StableJsonWriter.InstantText(UnixMicroseconds.ToInstant(at));
}
