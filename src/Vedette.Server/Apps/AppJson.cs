using System.Text;
using Vedette.Engine.Subscriptions;
using Vedette.Wire;
using Vedette.Wire.Json;

namespace Vedette.Server.Apps;

/// <summary>The JSON of apps and installations (<c>spec/platform-api.md</c> 1.8 and 2.1).</summary>
internal static class AppJson
{
    /// <param name="owner">Adds what only members of the owning organization see; <paramref name="clientSecret"/> may still be null or masked.</param>
    public static void Write(StableJsonWriter json, App app, bool owner, string? clientSecret)
    {
        json.StartObject();
        json.Name("allowedOrigins"u8);
        WriteTexts(json, app.AllowedOrigins);
        json.Name("author"u8);
        json.Value(app.Author);
        json.Name("avatars"u8);
        WriteTexts(json, []);
        json.Name("events"u8);
        WriteTexts(json, EventCatalogue.RollUp(app.Events));
        json.Name("webhookEvents"u8);
        WriteTexts(json, app.Events);
        json.Name("webhookHeaders"u8);
        WriteTexts(json, []);
        json.Name("featureData"u8);
        WriteTexts(json, []);
        json.Name("isAlertable"u8);
        json.Value(app.IsAlertable);
        json.Name("isDisabled"u8);
        json.Value(app.IsDisabled);
        json.Name("metadata"u8);
        json.StartObject();
        json.EndObject();
        json.Name("name"u8);
        json.Value(app.Name);
        json.Name("overview"u8);
        json.Value(app.Overview);
        json.Name("popularity"u8);
        json.Value(1);
        json.Name("redirectUrl"u8);
        json.Value(app.RedirectUrl);
        json.Name("schema"u8);
        json.StartObject();
        json.EndObject();
        json.Name("scopes"u8);
        WriteTexts(json, app.Scopes);
        json.Name("slug"u8);
        json.Value(app.Slug);
        json.Name("status"u8);
        json.Value(app.Status);
        json.Name("uuid"u8);
        json.Value(app.Uuid);
        json.Name("verifyInstall"u8);
        json.Value(app.VerifyInstall);
        json.Name("webhookUrl"u8);
        json.Value(app.WebhookUrl);
        json.Name("delivery"u8);
        WriteDelivery(json, app.Delivery);
        if (owner)
        {
            json.Name("clientId"u8);
            json.Value(app.ClientId);
            json.Name("clientSecret"u8);
            json.Value(clientSecret);
            json.Name("owner"u8);
            json.StartObject();
            json.Name("id"u8);
            json.Value(app.OrganizationId);
            json.Name("slug"u8);
            json.Value(app.OrganizationSlug);
            json.EndObject();
        }

        json.EndObject();
    }

    /// <summary>What <see cref="Write(StableJsonWriter, App, bool, string?)"/> shows its owners.</summary>
    public static JsonMap Tree(App app, string? clientSecret)
    {
        var json = new StableJsonWriter();
        Write(json, app, owner: true, clientSecret);
        return LenientJson.TryParse(json.WrittenSpan, out var value, out var error) ? (JsonMap)value! : throw new InvalidOperationException(error);
    }

    public static void Write(StableJsonWriter json, AppInstallation installation)
    {
        json.StartObject();
        json.Name("app"u8);
        json.StartObject();
        json.Name("uuid"u8);
        json.Value(installation.AppUuid);
        json.Name("slug"u8);
        json.Value(installation.AppSlug);
        json.Name("sentryAppId"u8);
        json.Value(installation.AppId);
        json.EndObject();
        json.Name("organization"u8);
        json.StartObject();
        json.Name("slug"u8);
        json.Value(installation.OrganizationSlug);
        json.Name("id"u8);
        json.Value(installation.OrganizationId);
        json.EndObject();
        json.Name("uuid"u8);
        json.Value(installation.Uuid);
        json.Name("status"u8);
        json.Value(installation.Status);
        json.EndObject();
    }

    /// <summary>As it is stored.</summary>
    public static string Text(AppDelivery delivery)
    {
        var json = new StableJsonWriter();
        WriteDelivery(json, delivery);
        return Encoding.UTF8.GetString(json.WrittenSpan);
    }

    public static AppDelivery ParseDelivery(string text)
    {
        if (!LenientJson.TryParse(Encoding.UTF8.GetBytes(text), out var value, out var error) || value is not JsonMap map)
            throw new InvalidOperationException($"an app's delivery settings are no JSON object: {error}");

        return new AppDelivery(
            map.TryGet<double>("timeoutMs", out var timeout) ? (int)timeout : AppDelivery.Default.TimeoutMs,
            map.TryGet<double>("concurrency", out var concurrency) ? (int)concurrency : AppDelivery.Default.Concurrency,
            map.Text("encoding") == "ascii" ? BodyEncoding.Ascii : BodyEncoding.JavaScript,
            map["ordered"] is true);
    }

    private static void WriteDelivery(StableJsonWriter json, AppDelivery delivery)
    {
        json.StartObject();
        json.Name("timeoutMs"u8);
        json.Value(delivery.TimeoutMs);
        json.Name("concurrency"u8);
        json.Value(delivery.Concurrency);
        json.Name("encoding"u8);
        json.Value(delivery.Encoding switch
        {
            BodyEncoding.JavaScript => "javascript",
            BodyEncoding.Ascii => "ascii",
        });
        json.Name("standardWebhooks"u8);
        json.Value(false);
        json.Name("ordered"u8);
        json.Value(delivery.Ordered);
        json.EndObject();
    }

    private static void WriteTexts(StableJsonWriter json, IReadOnlyList<string> texts)
    {
        json.StartArray();
        foreach (var text in texts)
            json.Value(text);
        json.EndArray();
    }
}
