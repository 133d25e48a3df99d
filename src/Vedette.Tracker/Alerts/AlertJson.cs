using System.Globalization;
using Vedette.Storage;
using Vedette.Tracker.Issues;
using Vedette.Wire;
using Vedette.Wire.Json;

namespace Vedette.Tracker.Alerts;

/// <summary><c>data</c> of what apps are told when a rule fires (<c>spec/webhooks.md</c> 2.4, 2.10).</summary>
public sealed class AlertJson(Links links, EventJson eventJson, IssueJson issueJson)
{
    private const long TestId = -1;

    /// <summary>Of <c>event_alert.triggered</c>.</summary>
    /// <param name="appId">The app whose form the action's settings are from; <c>null</c> leaves <c>issue_alert</c> out.</param>
    public byte[] EventAlert(AlertCall call, long? appId)
    {
        var json = new StableJsonWriter();
        json.StartObject();
        json.Name("event"u8);
        eventJson.WriteHookObject(json, call.Subject.Project, call.Subject.Issue.Id, call.Subject.Event.EventId, call.Subject.Body);
        json.Name("triggered_rule"u8);
        json.Value(Title(call));
        if (appId is { } app)
        {
            json.Name("issue_alert"u8);
            json.StartObject();
            WriteRule(json, call, app);
            WriteSettings(json, call);
            json.EndObject();
        }

        json.EndObject();
        return json.ToArray();
    }

    /// <summary>Of <c>activity_alert.triggered</c>.</summary>
    public byte[] ActivityAlert(AlertCall call, AlertActivity activity, long appId) => issueJson.HookData(call.Subject.Issue, after: json =>
    {
        json.Name("activity"u8);
        json.StartObject();
        json.Name("type"u8);
        json.Value(activity.Type);
        json.Name("details"u8);
        json.StartObject();
        if (activity.By.Hook is HookActor.User user)
        {
            json.Name("user"u8);
            json.StartObject();
            json.Name("id"u8);
            json.Value(user.Id);
            json.Name("name"u8);
            json.Value(user.Name);
            json.Name("username"u8);
            json.Value(activity.By.Email);
            json.EndObject();
        }

        json.EndObject();
        json.EndObject();
        json.Name("alert"u8);
        json.StartObject();
        WriteRule(json, call, appId);
        json.Name("url"u8);
        json.Value(links.WorkflowApi(call.Subject.Project.OrganizationSlug, call.Rule.Id));
        json.Name("web_url"u8);
        json.Value(links.WorkflowWeb(call.Subject.Project.OrganizationSlug, call.Rule.Id));
        if (call.Action.Data.Contains("settings"))
            WriteSettings(json, call);
        json.EndObject();
    });

    /// <summary>What a firing is called where only a name is shown.</summary>
    public static string Title(AlertCall call) => call.IsTest ? $"[Test] {call.Rule.Draft.Name}" : call.Rule.Draft.Name;

    /// <summary>What became of an action, as the list of firings and the answer to a test show it.</summary>
    public static void WriteOutcome(StableJsonWriter json, AlertAction action, AlertOutcome outcome)
    {
        json.StartObject();
        json.Name("id"u8);
        json.Value(action.Id.ToString(CultureInfo.InvariantCulture));
        json.Name("type"u8);
        json.Value(StoredName.Of(action.Kind));
        json.Name("outcome"u8);
        json.Value(StoredName.Of(outcome));
        json.EndObject();
    }

    private static void WriteRule(StableJsonWriter json, AlertCall call, long appId)
    {
        json.Name("id"u8);
        json.Value(call.IsTest ? TestId : call.Rule.Id);
        json.Name("title"u8);
        json.Value(Title(call));
        json.Name("sentry_app_id"u8);
        json.Value(appId);
    }

    private static void WriteSettings(StableJsonWriter json, AlertCall call)
    {
        json.Name("settings"u8);
        json.Value(call.Action.Data.List("settings") ?? []);
    }
}
