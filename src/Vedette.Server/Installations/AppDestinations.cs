using System.Text;
using Vedette.Engine.Deliveries;
using Vedette.Engine.Subscriptions;
using Vedette.Server.Api;
using Vedette.Server.Apps;
using Vedette.Storage;
using Vedette.Wire.Json;

namespace Vedette.Server.Installations;

/// <summary>Keeps the destination of an installation in step with its app: an installation of an app with a webhook URL has one.</summary>
internal sealed class AppDestinations(DestinationStore destinations, SecretBox box)
{
    /// <param name="change">What the request that causes it says about the URL and about what is held.</param>
    public async Task FollowAsync(Transaction transaction, App app, AppInstallation installation, AppForm change)
    {
        if (app.WebhookUrl is not { } url)
        {
            if (installation.DestinationId is { } unused)
            {
                await destinations.RetireAsync(transaction, unused, CancelReason.UrlRemoved);
                await SetAsync(transaction, installation.Id, null);
            }

            return;
        }

        var wanted = DestinationOf(app, installation, url);
        if (installation.DestinationId is { } id)
        {
            await destinations.ChangeAsync(transaction, wanted with { Id = id }, change.NamesUrl);
        }
        else
        {
            id = await destinations.AddAsync(transaction, wanted, []);
            await SetAsync(transaction, installation.Id, id);
        }

        await SubscribeAsync(transaction, app, installation, id);
        if (app.IsDisabled)
            await destinations.DisableAsync(transaction, id, "app_disabled");
        else if (change.Enables)
            await destinations.EnableAsync(transaction, id, change.ReleaseHeld);
    }

    /// <summary>Of its events, those that its scopes let it read.</summary>
    public async Task SubscribeAsync(Transaction transaction, App app, AppInstallation installation, long destination)
    {
        var projects = await transaction.ListAsync<long>(
            "select project_id from app_installation_project where app_installation_id = @Id order by project_id", new { installation.Id });
        var events = app.Events.Where(name => AppRules.WhatLacksItsScope([name], app.Scopes) is null).ToList();
        await destinations.SubscribeAsync(transaction, destination, installation.OrganizationId, events, installation.IsLimited ? projects : null);
    }

    private Destination DestinationOf(App app, AppInstallation installation, string url) => new()
    {
        Kind = DestinationKind.App,
        PublicId = installation.Uuid,
        OrganizationId = installation.OrganizationId,
        Url = url,
        Secret = app.ClientSecret,
        PreviousSecret = app.PreviousSecret,
        PreviousSecretUntil = app.PreviousSecretUntil,
        Headers = app.WebhookHeaders.Count == 0 ? null : box.Seal(ListOf(app.WebhookHeaders)),
        Timeout = TimeSpan.FromMilliseconds(app.Delivery.TimeoutMs),
        Concurrency = app.Delivery.Concurrency,
        Encoding = app.Delivery.Encoding,
        StandardWebhooks = app.Delivery.StandardWebhooks,
        Ordered = app.Delivery.Ordered,
        IsPublished = app.Status == AppStatus.Published,
    };

    private static string ListOf(IReadOnlyList<string> headers)
    {
        var json = new StableJsonWriter();
        json.Texts(headers);
        return Encoding.UTF8.GetString(json.WrittenSpan);
    }

    private static Task SetAsync(Transaction transaction, long installation, long? destination) =>
        transaction.ExecuteAsync("update app_installation set destination_id = @destination where id = @installation", new { installation, destination });
}
