using Vedette.Storage;
using Vedette.Tracker.Alerts;
using Vedette.Wire.Json;

namespace Vedette.Server.Alerts;

/// <summary>A rule as <c>workflows/</c> shows it (<c>spec/domain.md</c> 4.8): as it is stored.</summary>
internal static class WorkflowJson
{
    public static void Write(StableJsonWriter json, AlertRule rule, AlertNames names)
    {
        var draft = rule.Draft;
        json.StartObject();
        json.Name("id"u8);
        json.Value(RuleJson.Text(rule.Id));
        json.Name("name"u8);
        json.Value(draft.Name);
        json.Name("organizationId"u8);
        json.Value(RuleJson.Text(rule.OrganizationId));
        json.Name("createdBy"u8);
        json.Value(rule.CreatedBy is { } account ? RuleJson.Text(account) : null);
        json.Name("dateCreated"u8);
        json.Instant(UnixMicroseconds.ToInstant(rule.CreatedAt));
        json.Name("dateUpdated"u8);
        json.Instant(UnixMicroseconds.ToInstant(rule.UpdatedAt));
        json.Name("triggers"u8);
        Write(json, rule, draft.Triggers, names);
        json.Name("actionFilters"u8);
        json.StartArray();
        foreach (var group in draft.Groups)
            Write(json, rule, group, names);
        json.EndArray();
        json.Name("environment"u8);
        json.Value(draft.Environment);
        json.Name("config"u8);
        json.StartObject();
        json.Name("frequency"u8);
        json.Value(draft.Frequency);
        json.EndObject();
        json.Name("detectorIds"u8);
        json.StartArray();
        foreach (var id in draft.DetectorIds)
            json.Value(RuleJson.Text(id));
        json.EndArray();
        json.Name("enabled"u8);
        json.Value(draft.Enabled);
        json.Name("lastTriggered"u8);
        RuleJson.WriteInstant(json, rule.LastFiredAt);
        json.Name("owner"u8);
        json.Value(draft.Owner);
        json.EndObject();
    }

    private static void Write(StableJsonWriter json, AlertRule rule, AlertGroup group, AlertNames names)
    {
        json.StartObject();
        json.Name("id"u8);
        json.Value(RuleJson.Text(group.Id));
        json.Name("organizationId"u8);
        json.Value(RuleJson.Text(rule.OrganizationId));
        json.Name("logicType"u8);
        json.Value(AlertLogics.WireName(group.Logic));
        json.Name("conditions"u8);
        json.StartArray();
        foreach (var condition in group.Conditions)
        {
            json.StartObject();
            json.Name("id"u8);
            json.Value(RuleJson.Text(condition.Id));
            json.Name("type"u8);
            json.Value(StoredName.Of(condition.Kind));
            json.Name("comparison"u8);
            json.Value(condition switch
            {
                { Comparison.Count: 0 } => true,
                { Kind: ConditionKind.IssuePriorityGreaterOrEqual } => condition.Comparison["value"],
                _ => condition.Comparison,
            });
            json.Name("conditionResult"u8);
            json.Value(true);
            json.EndObject();
        }

        json.EndArray();
        json.Name("actions"u8);
        json.StartArray();
        foreach (var action in group.Actions)
            Write(json, action, names);
        json.EndArray();
        json.EndObject();
    }

    private static void Write(StableJsonWriter json, AlertAction action, AlertNames names)
    {
        json.StartObject();
        json.Name("id"u8);
        json.Value(RuleJson.Text(action.Id));
        json.Name("type"u8);
        json.Value(StoredName.Of(action.Kind));
        json.Name("integrationId"u8);
        json.Null();
        json.Name("data"u8);
        json.Value(action.Data);
        json.Name("config"u8);
        json.StartObject();
        json.Name("targetType"u8);
        json.Value(action.Kind == AlertActionKind.SentryApp ? "sentry_app" : action.TargetType);
        json.Name("targetIdentifier"u8);
        json.Value(action.Target);
        json.Name("targetDisplay"u8);
        json.Value(action.Kind == AlertActionKind.SentryApp ? names.App(action.Target)?.Name : null);
        if (action.Kind == AlertActionKind.SentryApp)
        {
            json.Name("sentryAppIdentifier"u8);
            json.Value("sentry_app_id");
        }

        json.EndObject();
        json.Name("status"u8);
        json.Value("active");
        json.EndObject();
    }
}
