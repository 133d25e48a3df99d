using Vedette.Engine.Subscriptions;
using Vedette.Server.Apps;
using Vedette.Server.Installations;
using Vedette.Tracker.Alerts;
using Vedette.Tracker.Ingest;
using Vedette.Wire.Json;

namespace Vedette.Server.Components;

/// <summary>Asks apps whether they take the settings of an alert that is being saved (<c>spec/platform-api.md</c> 4.5).</summary>
internal sealed class AlertActionCalls(AppStore apps, InstallationStore installations, ComponentStore components, AppCaller caller, TimeProvider time)
{
    private const int LongestMessage = 1000;

    /// <summary>One after the other, thirty seconds in all, until one refuses; about the same settings once. Whoever saves again asks again.</summary>
    /// <returns><c>null</c> when all take them; else who does not, and why, in the app's words.</returns>
    public async Task<string?> WhyNotAsync(long organizationId, IEnumerable<AlertAction> actions, CancellationToken ct)
    {
        var started = time.GetTimestamp();
        var withForms = actions.Where(each => each.Kind == AlertActionKind.SentryApp && each.Data.Contains("settings"));
        foreach (var action in withForms.DistinctBy(each => (each.Target, ComponentStore.Text(each.Data))))
        {
            // An app that has left meanwhile is not asked; the rule says so when it fires.
            if (await apps.FindAsync(action.Target!, ct) is not { } app
                || await installations.InAsync(app.Id, organizationId, ct) is not { } installation
                || InstalledApp.Of(app, installation) is not { } installed
                || (await components.OfAppAsync(app.Id, ct)).FirstOrDefault(each => each.Type == "alert-rule-action") is not { } component)
            {
                continue;
            }

            var url = ComponentUrl.WithQueryOf(app.WebhookUrl, component.Schema.Map("settings")!.Text("uri")!);
            var call = new AppCall(AppCall.AlertActionRequested, HttpMethod.Post, url, Body(installed, action));
            var answer = await caller.CallAsync(installed, call, AppCaller.Limit - time.GetElapsedTime(started), CancellationToken.None);
            if (answer.IsFailure)
                return $"{app.Name}: {MessageOf(answer)}";
        }

        return null;
    }

    private static byte[] Body(InstalledApp app, AlertAction action)
    {
        var json = new StableJsonWriter();
        json.StartObject();
        json.Name("fields"u8);
        json.StartArray();
        foreach (var setting in action.Data.List("settings")!.Cast<JsonMap>())
        {
            json.StartObject();
            json.Name("name"u8);
            json.Value(setting["name"]);
            json.Name("value"u8);
            json.Value(setting["value"]);
            json.EndObject();
        }

        json.EndArray();
        json.Name("installationId"u8);
        json.Value(app.Installation.Uuid);
        json.EndObject();
        return app.App.Delivery.Encoding == BodyEncoding.Ascii ? AsciiJson.FromStable(json.WrittenSpan) : json.ToArray();
    }

    private static string MessageOf(AppAnswer answer)
    {
        if (!answer.TryReadJson(out var value, out _) || (value as JsonMap)?.Text("message") is not { Length: > 0 } message)
            return "Something went wrong!";

        return message.Length <= LongestMessage ? message : $"{EventLimits.Cut(message, LongestMessage)}...";
    }
}
