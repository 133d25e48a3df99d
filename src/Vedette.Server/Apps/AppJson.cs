using System.Text;
using Vedette.Engine.Subscriptions;
using Vedette.Server.Api;
using Vedette.Server.Components;
using Vedette.Storage;
using Vedette.Tracker;
using Vedette.Wire;
using Vedette.Wire.Json;

namespace Vedette.Server.Apps;

/// <summary>What of an app's object depends on who looks.</summary>
/// <param name="IsOwner">A member of the owning organization.</param>
/// <param name="ClientSecret">As they may see it: itself, masked or <c>null</c>.</param>
internal sealed record AppView(bool IsOwner, string? ClientSecret);

/// <summary>The JSON of apps (<c>spec/platform-api.md</c> 1.8).</summary>
internal static class AppJson
{
    private const string Mask = "********";

    public static void Write(StableJsonWriter json, App app, AppView view, Links links)
    {
        json.StartObject();
        json.Name("allowedOrigins"u8);
        json.Texts(app.AllowedOrigins);
        json.Name("author"u8);
        json.Value(app.Author);
        json.Name("avatars"u8);
        WriteAvatars(json, app, links);
        json.Name("events"u8);
        json.Texts(EventCatalogue.RollUp(app.Events));
        json.Name("webhookEvents"u8);
        json.Texts(app.Events);
        json.Name("webhookHeaders"u8);
        json.Texts(view.IsOwner ? app.WebhookHeaders : [.. app.WebhookHeaders.Select(Masked)]);
        json.Name("featureData"u8);
        json.StartArray();
        foreach (var feature in FeaturesOf(app))
            Write(json, feature);
        json.EndArray();
        json.Name("isAlertable"u8);
        json.Value(app.IsAlertable);
        json.Name("isDisabled"u8);
        json.Value(app.IsDisabled);
        json.Name("metadata"u8);
        json.StartObject();
        if (app.IsRestricted)
        {
            json.Name("partnership_restricted"u8);
            json.Value(true);
        }

        json.EndObject();
        json.Name("name"u8);
        json.Value(app.Name);
        json.Name("overview"u8);
        json.Value(app.Overview);
        json.Name("popularity"u8);
        json.Value(app.Popularity);
        json.Name("redirectUrl"u8);
        json.Value(app.RedirectUrl);
        json.Name("schema"u8);
        json.Value(app.Schema);
        json.Name("scopes"u8);
        json.Texts(app.Scopes);
        json.Name("slug"u8);
        json.Value(app.Slug);
        json.Name("status"u8);
        json.Value(StoredName.Of(app.Status));
        json.Name("uuid"u8);
        json.Value(app.Uuid);
        json.Name("verifyInstall"u8);
        json.Value(app.VerifyInstall);
        json.Name("webhookUrl"u8);
        json.Value(app.WebhookUrl);
        if (app.PublishedAt is { } published)
        {
            json.Name("datePublished"u8);
            json.Instant(published);
        }

        json.Name("delivery"u8);
        Write(json, app.Delivery);
        if (view.IsOwner)
        {
            json.Name("clientId"u8);
            json.Value(app.ClientId);
            json.Name("clientSecret"u8);
            json.Value(view.ClientSecret);
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

    /// <summary>None for internal apps, whatever they have.</summary>
    public static IReadOnlyList<AppFeature> FeaturesOf(App app) =>
        app.IsInternal ? [] : [.. AppFeature.All.Where(feature => app.Features.Contains(feature.Id))];

    public static void Write(StableJsonWriter json, AppFeature feature)
    {
        json.StartObject();
        json.Name("featureId"u8);
        json.Value(feature.Id);
        json.Name("featureGate"u8);
        json.Value(feature.Gate);
        json.Name("description"u8);
        json.Value(feature.Description);
        json.EndObject();
    }

    /// <summary>As it is stored.</summary>
    public static string Text(AppDelivery delivery)
    {
        var json = new StableJsonWriter();
        Write(json, delivery);
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
            map["standardWebhooks"] is true,
            map["ordered"] is true);
    }

    private static void Write(StableJsonWriter json, AppDelivery delivery)
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
        json.Value(delivery.StandardWebhooks);
        json.Name("ordered"u8);
        json.Value(delivery.Ordered);
        json.EndObject();
    }

    /// <summary>As pages get it, before anything of it is asked of the app.</summary>
    /// <param name="failure">Why it cannot be shown; <c>null</c> when it can.</param>
    public static void Write(StableJsonWriter json, App app, Component component, AppFailure? failure, Links links)
    {
        json.StartObject();
        json.Name("uuid"u8);
        json.Value(component.Uuid);
        json.Name("type"u8);
        json.Value(component.Type);
        json.Name("schema"u8);
        json.Value(component.Schema);
        json.Name("error"u8);
        if (failure is null)
            json.Value("");
        else
            failure.Write(json);
        json.Name("sentryApp"u8);
        json.StartObject();
        json.Name("uuid"u8);
        json.Value(app.Uuid);
        json.Name("slug"u8);
        json.Value(app.Slug);
        json.Name("name"u8);
        json.Value(app.Name);
        json.Name("avatars"u8);
        WriteAvatars(json, app, links);
        json.EndObject();
        json.EndObject();
    }

    private static void WriteAvatars(StableJsonWriter json, App app, Links links)
    {
        json.StartArray();
        foreach (var avatar in app.Avatars)
        {
            json.StartObject();
            json.Name("avatarType"u8);
            json.Value("upload");
            json.Name("avatarUuid"u8);
            json.Value(avatar.Uuid);
            json.Name("avatarUrl"u8);
            json.Value($"{links.BaseUrl}/sentry-app-avatar/{avatar.Uuid}/");
            json.Name("color"u8);
            json.Value(avatar.Kind == "logo");
            json.Name("photoType"u8);
            json.Value(avatar.Kind);
            json.EndObject();
        }

        json.EndArray();
    }

    private static string Masked(string header) => $"{header[..(header.IndexOf(':', StringComparison.Ordinal) + 1)]} {Mask}";
}
