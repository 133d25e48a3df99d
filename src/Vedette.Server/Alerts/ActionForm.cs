using System.Globalization;
using System.Text;
using Vedette.Tracker.Alerts;
using Vedette.Wire.Json;

namespace Vedette.Server.Alerts;

/// <summary>
/// What a rule does, as a request wants it, in either shape. Settings of an app's form are checked against the form here; the
/// app itself is asked when all else is well (<see cref="AlertSaving"/>).
/// </summary>
internal static class ActionForm
{
    public const string SentryApp = "sentry.rules.actions.notify_event_sentry_app.NotifyEventSentryAppAction";
    public const string Service = "sentry.rules.actions.notify_event_service.NotifyEventServiceAction";
    public const string Plugins = "sentry.rules.actions.notify_event.NotifyEventAction";
    public const string Mail = "sentry.mail.actions.NotifyEmailAction";

    private const int MostSettings = 100;
    private const int LongestSetting = 8192;
    private static readonly string[] Fallthroughs = ["ActiveMembers", "AllMembers", "NoOne"];

    /// <param name="apps">Those of the organization.</param>
    /// <returns>The action, or what is wrong with it.</returns>
    public static (AlertAction? Action, string? Wrong) ReadLegacy(object? given, IReadOnlyList<AlertApp> apps)
    {
        if (given is not JsonMap map || map.Text("id") is not { } id)
            return (null, "Each action needs an id.");

        switch (id)
        {
            case SentryApp:
                if (map.Text("sentryAppInstallationUuid") is not { Length: > 0 } uuid)
                    return (null, "Missing attribute 'sentryAppInstallationUuid'");
                if (apps.FirstOrDefault(each => each.InstallationUuid.Equals(uuid, StringComparison.OrdinalIgnoreCase)) is not { } app)
                    return (null, "Could not identify Installation from the installation UUID.");
                if (app.Form is null)
                    return (null, $"{app.Name} has no alert-rule-action component.");
                return WhyNotSettings(app, map["settings"]) is { } wrong ? (null, wrong) : (Of(app, Settings(map["settings"], asTexts: false)), null);

            case Service:
                return map.Text("service") is not { Length: > 0 } service
                    ? (null, "Missing attribute 'service'")
                    : apps.Any(each => each.Slug == service && each.IsAlertable)
                        ? (new AlertAction(0, AlertActionKind.Webhook, null, service, new JsonMap()), null)
                        : (null, $"Select a valid choice. {service} is not one of the available choices.");

            case Plugins:
                return (new AlertAction(0, AlertActionKind.Plugin, null, null, new JsonMap()), null);

            case Mail:
                return ReadMail(
                    map.Text("targetType") switch { null or "" or "IssueOwners" => "issue_owners", "Team" => "team", "Member" => "user", _ => null },
                    map["targetIdentifier"],
                    map["fallthroughType"] ?? map["fallthrough_type"]);

            default:
                return (null, $"Unknown or unavailable action: {id}");
        }
    }

    /// <inheritdoc cref="ReadLegacy"/>
    public static (AlertAction? Action, string? Wrong) ReadWorkflow(object? given, IReadOnlyList<AlertApp> apps)
    {
        if (given is not JsonMap map || map.Text("type") is not { } type)
            return (null, "Each action needs a type.");

        var config = map.Map("config") ?? new JsonMap();
        var data = map.Map("data") ?? new JsonMap();
        var target = Text(config["targetIdentifier"] ?? config["target_identifier"]);
        var (action, wrong) = type switch
        {
            "sentry_app" => ReadApp(config.Text("sentryAppIdentifier") ?? config.Text("sentry_app_identifier"), target, data, apps),
            "webhook" => target is { Length: > 0 } && apps.Any(each => each.Slug == target && each.IsAlertable)
                ? (new AlertAction(0, AlertActionKind.Webhook, null, target, new JsonMap()), null)
                : (null, $"No service with the slug {target} is available."),
            "email" => ReadMail(config.Text("targetType") ?? config.Text("target_type") ?? "issue_owners", target, data["fallthroughType"] ?? data["fallthrough_type"]),
            "plugin" => (new AlertAction(0, AlertActionKind.Plugin, null, null, new JsonMap()), null),
            _ => (null, $"Actions of the type {type} are not available: there is no such integration."),
        };
        return (action is null ? null : action with { Id = Number(map["id"]) }, wrong);
    }

    /// <summary>Of a metric alert, which names an app by its installation, its number or its slug.</summary>
    /// <inheritdoc cref="ReadLegacy"/>
    public static (AlertAction? Action, string? Wrong) ReadMetric(JsonMap given, IReadOnlyList<AlertApp> apps)
    {
        var named = Text(given["sentryAppInstallationUuid"] ?? given["sentryAppId"] ?? given["targetIdentifier"]);
        if (apps.FirstOrDefault(each => named is not null && (each.InstallationUuid.Equals(named, StringComparison.OrdinalIgnoreCase) || Is(each, named))) is not { } app)
            return (null, "Sentry app installation not found.");
        if (app.Form is null)
            return given["settings"] is null or List<object?> { Count: 0 } ? (Of(app, null), null) : (null, $"{app.Name} takes no settings.");

        return WhyNotSettings(app, given["settings"]) is { } wrong ? (null, wrong) : (Of(app, Settings(given["settings"], asTexts: false)), null);

        static bool Is(AlertApp app, string named) => app.Slug == named || app.Id.ToString(CultureInfo.InvariantCulture) == named;
    }

    /// <returns>0 for what is no number of a part.</returns>
    public static long Number(object? id) => Text(id) is { } text && long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;

    private static (AlertAction? Action, string? Wrong) ReadApp(string? identifier, string? target, JsonMap data, IReadOnlyList<AlertApp> apps)
    {
        var app = identifier switch
        {
            "sentry_app_id" => apps.FirstOrDefault(each => each.Id.ToString(CultureInfo.InvariantCulture) == target),
            "sentry_app_installation_uuid" => apps.FirstOrDefault(each => each.InstallationUuid.Equals(target, StringComparison.OrdinalIgnoreCase)),
            "sentry_app_slug" => apps.FirstOrDefault(each => each.Slug == target),
            _ => null,
        };
        if (app is null)
            return (null, identifier is null ? "'sentry_app_identifier' is a required property" : "Sentry app installation not found.");
        if (data.Members.FirstOrDefault(member => member.Key != "settings").Key is { } other)
            return (null, $"Additional properties are not allowed ('{other}' was unexpected)");
        if (app.Form is null)
            return data.List("settings") is null or { Count: 0 } ? (Of(app, null), null) : (null, $"{app.Name} takes no settings.");
        if (!data.Contains("settings"))
            return (null, "'settings' is a required property");

        return WhyNotSettings(app, data["settings"]) is { } wrong ? (null, wrong) : (Of(app, Settings(data["settings"], asTexts: true)), null);
    }

    private static (AlertAction? Action, string? Wrong) ReadMail(string? targetType, object? target, object? fallthrough)
    {
        var fallsTo = fallthrough switch { null => "ActiveMembers", string text when Fallthroughs.Contains(text, StringComparer.Ordinal) => text, _ => null };
        if (fallsTo is null)
            return (null, $"fallthroughType must be one of {string.Join(", ", Fallthroughs)}.");

        return targetType switch
        {
            "issue_owners" => (new AlertAction(0, AlertActionKind.Email, targetType, null, new JsonMap { ["fallthroughType"] = fallsTo }), null),
            "team" or "user" => Number(target) is var id and > 0
                ? (new AlertAction(0, AlertActionKind.Email, targetType, id.ToString(CultureInfo.InvariantCulture), new JsonMap()), null)
                : (null, "targetIdentifier must be the id of a team or a member."),
            _ => (null, "Unknown targetType."),
        };
    }

    private static AlertAction Of(AlertApp app, List<object?>? settings) => new(
        0, AlertActionKind.SentryApp, null, app.Id.ToString(CultureInfo.InvariantCulture), settings is null ? new JsonMap() : new JsonMap { ["settings"] = settings });

    /// <summary>Only its form is looked at: what must be there is there, nothing else is, and a choice is one of those that the form names itself.</summary>
    private static string? WhyNotSettings(AlertApp app, object? given)
    {
        if (given is not List<object?> { Count: > 0 } settings)
            return $"{app.Name} requires settings to configure alert rules.";
        if (settings.Count > MostSettings || settings.Exists(setting => setting is not JsonMap map || map.Text("name") is null || !map.Contains("value")))
            return $"settings must be a list of at most {MostSettings} objects with name and value.";

        var values = settings.Cast<JsonMap>().ToLookup(setting => setting.Text("name")!, setting => setting["value"], StringComparer.Ordinal);
        if (values.SelectMany(each => each).Any(value => Json(value).Length > LongestSetting))
            return $"A setting has more than {LongestSetting} characters.";

        List<JsonMap> required = [.. Fields("required_fields")], optional = [.. Fields("optional_fields")];
        if (required.Find(field => !values[field.Text("name")!].Any(value => value is not (null or ""))) is { } missing)
            return $"{app.Name} is missing required settings field: '{missing.Text("name")}'";
        var known = required.Concat(optional).ToLookup(field => field.Text("name")!, StringComparer.Ordinal);
        List<string> extra = [.. values.Select(each => each.Key).Where(name => !known.Contains(name))];
        if (extra.Count > 0)
            return $"Unexpected setting(s) configured for {app.Name}: {string.Join(", ", extra)}";

        return values.FirstOrDefault(each => each.Any(value => !Fits(known[each.Key].First(), value))) is { } wrong
            ? $"{app.Name} was given an invalid choice for the field '{wrong.Key}'."
            : null;

        IEnumerable<JsonMap> Fields(string name) => (app.Form!.List(name) ?? []).OfType<JsonMap>();
    }

    /// <summary>A field whose choices come from the app takes anything here.</summary>
    private static bool Fits(JsonMap field, object? value) =>
        field.List("options") is not { } options || value is null or "" || options.OfType<List<object?>>().Any(option => option is [var choice, ..] && Json(choice) == Json(value));

    /// <param name="asTexts">Values that are no text become their JSON.</param>
    private static List<object?> Settings(object? given, bool asTexts) =>
        [.. ((List<object?>)given!).Cast<JsonMap>().Select(setting => new JsonMap
        {
            ["name"] = setting.Text("name"),
            ["value"] = asTexts && setting["value"] is not (string or null) ? Json(setting["value"]) : setting["value"],
        })];

    private static string? Text(object? value) => value switch
    {
        string text => text.Trim(),
        double number => number.ToString("R", CultureInfo.InvariantCulture),
        _ => null,
    };

    private static string Json(object? value)
    {
        var json = new StableJsonWriter();
        json.Value(value);
        return Encoding.UTF8.GetString(json.WrittenSpan);
    }
}
