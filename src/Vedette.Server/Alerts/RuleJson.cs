using System.Globalization;
using Vedette.Storage;
using Vedette.Tracker.Alerts;
using Vedette.Wire.Json;

namespace Vedette.Server.Alerts;

/// <summary>A rule as <c>rules/</c> shows it (<c>spec/domain.md</c> 4.2). Of a workflow with several groups of filters it is the first, and says so.</summary>
internal static class RuleJson
{
    /// <param name="accountId">Who looks at it.</param>
    /// <param name="now">Unix microseconds.</param>
    /// <param name="type">Shown in lists that hold alerts of other types, too.</param>
    public static void Write(StableJsonWriter json, AlertRule rule, AlertNames names, long accountId, long now, string? type = null)
    {
        var draft = rule.Draft;
        var group = draft.Groups is [var first, ..] ? first : AlertGroup.Empty;
        var shape = LegacyShape.Of(draft.Triggers, group);
        json.StartObject();
        json.Name("id"u8);
        json.Value(Text(rule.Id));
        if (type is not null)
        {
            json.Name("type"u8);
            json.Value(type);
        }

        WriteAll("conditions", shape.Conditions);
        WriteAll("filters", shape.Filters);
        json.Name("actions"u8);
        json.StartArray();
        foreach (var action in group.Actions)
            Write(json, action, names);
        json.EndArray();
        json.Name("actionMatch"u8);
        json.Value(AlertLogics.WireName(shape.ActionMatch));
        json.Name("filterMatch"u8);
        json.Value(AlertLogics.WireName(shape.FilterMatch));
        json.Name("frequency"u8);
        json.Value(draft.Frequency);
        json.Name("name"u8);
        json.Value(draft.Name);
        json.Name("dateCreated"u8);
        json.Instant(UnixMicroseconds.ToInstant(rule.CreatedAt));
        json.Name("owner"u8);
        json.Value(draft.Owner);
        json.Name("createdBy"u8);
        WritePerson(json, rule.CreatedBy, names);
        json.Name("environment"u8);
        json.Value(draft.Environment);
        json.Name("projects"u8);
        json.StartArray();
        foreach (var slug in draft.DetectorIds.Select(id => names.Projects.GetValueOrDefault(id)).OfType<string>().Distinct(StringComparer.Ordinal))
            json.Value(slug);
        json.EndArray();
        json.Name("status"u8);
        json.Value(draft.Enabled ? "active" : "disabled");
        json.Name("lastTriggered"u8);
        WriteInstant(json, rule.LastFiredAt);
        WriteSnooze(json, rule, names, accountId, now);
        if (draft.Groups.Count > 1)
        {
            json.Name("errors"u8);
            json.StartArray();
            json.StartObject();
            json.Name("detail"u8);
            json.Value($"This rule has {draft.Groups.Count} groups of filters, of which this is the first. Look at it and change it as a workflow.");
            json.EndObject();
            json.EndArray();
        }

        json.EndObject();

        void WriteAll(string name, IReadOnlyList<AlertCondition> conditions)
        {
            json.Name(name);
            json.StartArray();
            foreach (var condition in conditions)
                LegacyConditions.Write(json, condition);
            json.EndArray();
        }
    }

    public static void WriteInstant(StableJsonWriter json, long? at)
    {
        if (at is { } instant)
            json.Instant(UnixMicroseconds.ToInstant(instant));
        else
            json.Null();
    }

    private static void WritePerson(StableJsonWriter json, long? accountId, AlertNames names)
    {
        if (accountId is not { } id || !names.People.TryGetValue(id, out var person))
        {
            json.Null();
            return;
        }

        json.StartObject();
        json.Name("id"u8);
        json.Value(id);
        json.Name("name"u8);
        json.Value(person.Name);
        json.Name("email"u8);
        json.Value(person.Email);
        json.EndObject();
    }

    private static void WriteSnooze(StableJsonWriter json, AlertRule rule, AlertNames names, long accountId, long now)
    {
        var snooze = rule.Snoozes.Where(each => !each.IsOver(now) && (each.AccountId == 0 || each.AccountId == accountId)).MinBy(each => each.AccountId);
        json.Name("snooze"u8);
        json.Value(snooze is not null);
        if (snooze is null)
            return;

        json.Name("snoozeCreatedBy"u8);
        json.Value(snooze.OwnerId == accountId ? "You" : names.People.GetValueOrDefault(snooze.OwnerId)?.Name);
        json.Name("snoozeForEveryone"u8);
        json.Value(snooze.AccountId == 0);
    }

    private static void Write(StableJsonWriter json, AlertAction action, AlertNames names)
    {
        var app = action.Kind == AlertActionKind.SentryApp ? names.App(action.Target) : null;
        json.StartObject();
        json.Name("id"u8);
        switch (action.Kind)
        {
            case AlertActionKind.SentryApp when action.Data.Contains("settings"):
                json.Value(ActionForm.SentryApp);
                json.Name("sentryAppInstallationUuid"u8);
                json.Value(app?.InstallationUuid);
                json.Name("settings"u8);
                json.Value(action.Data["settings"]);
                json.Name("hasSchemaFormConfig"u8);
                json.Value(true);
                break;
            case AlertActionKind.SentryApp or AlertActionKind.Webhook:
                json.Value(ActionForm.Service);
                json.Name("service"u8);
                json.Value(app?.Slug ?? (action.Kind == AlertActionKind.Webhook ? action.Target : null));
                break;
            case AlertActionKind.Email:
                json.Value(ActionForm.Mail);
                json.Name("targetType"u8);
                json.Value(action.TargetType switch { "team" => "Team", "user" => "Member", _ => "IssueOwners" });
                json.Name("targetIdentifier"u8);
                json.Value(action.Target);
                if (action.Data.Text("fallthroughType") is { } fallsTo)
                {
                    json.Name("fallthroughType"u8);
                    json.Value(fallsTo);
                }

                break;
            case AlertActionKind.Plugin:
                json.Value(ActionForm.Plugins);
                break;
        }

        json.Name("name"u8);
        json.Value(NameOf(action, app));
        json.EndObject();
    }

    private static string NameOf(AlertAction action, AlertApp? app) => action.Kind switch
    {
        AlertActionKind.SentryApp => $"Send a notification via {app?.Name ?? "an app that is no longer installed"}",
        AlertActionKind.Webhook => $"Send a notification via {action.Target}",
        AlertActionKind.Email => action.TargetType switch
        {
            "team" => $"Send a notification to team {action.Target}",
            "user" => $"Send a notification to member {action.Target}",
            _ => "Send a notification to whom the issue is assigned",
        },
        AlertActionKind.Plugin => "Send a notification (for all legacy integrations)",
    };

    public static string Text(long id) => id.ToString(CultureInfo.InvariantCulture);
}
