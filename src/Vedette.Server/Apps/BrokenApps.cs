using System.Globalization;
using Vedette.Engine.Subscriptions;
using Vedette.Server.Audit;
using Vedette.Server.Configuration;
using Vedette.Server.Mail;
using Vedette.Server.ServiceHooks;
using Vedette.Storage;
using Vedette.Tracker;
using Vedette.Wire.Json;

namespace Vedette.Server.Apps;

/// <summary>
/// What the server does when the engine finds a receiver broken or gone, in the engine's own transaction
/// (<c>spec/webhooks.md</c> 5.1). A service hook belongs to no app: it is never disabled, and only its end is told.
/// </summary>
internal sealed partial class BrokenApps(
    DestinationStore destinations, MailOutbox outbox, AuditLog audit, GoneHooks hooks, Links links, VedetteOptions options, ILogger<BrokenApps> logger)
{
    public DestinationNotices Notices => new() { OnBroken = DisableAsync, OnGone = MailGoneAsync };

    /// <summary>Disables the app of the destination, if the configuration wants that. Of two at once, and of several calls, one does it.</summary>
    private async Task DisableAsync(Transaction transaction, long destinationId)
    {
        if (await FindAsync(transaction, destinationId) is not { } app || !IsWanted(app.Status))
            return;

        var changed = await transaction.ExecuteAsync("update app set is_disabled = 1 where id = @Id and is_disabled = 0", new { app.Id });
        if (changed == 0)
            return;

        var all = await transaction.ListAsync<long>(
            "select destination_id from app_installation where app_id = @Id and destination_id is not null order by destination_id", new { app.Id });
        foreach (var id in all)
        {
            await destinations.DisableAsync(transaction, id, "broken");
            await destinations.ClearDaysAsync(transaction, id);
        }

        await outbox.AddToOwnersAsync(transaction, app.OrganizationId, $"Action required: Fix your {app.Name} integration", DisabledText(app));
        await audit.AddAsync(transaction, new AuditEntry
        {
            OrganizationId = app.OrganizationId,
            Event = AuditEvents.InternalIntegrationDisabled,
            Actor = AuditActor.System,
            TargetId = app.OrganizationId,
            Data = new JsonMap { ["name"] = app.Name },
        });
        transaction.AfterCommit(() => Disabled(logger, app.Slug, destinationId));
    }

    private async Task MailGoneAsync(Transaction transaction, long destinationId)
    {
        if (await FindAsync(transaction, destinationId) is not { } app)
        {
            await hooks.MailAsync(transaction, destinationId);
            return;
        }

        await outbox.AddToOwnersAsync(transaction, app.OrganizationId, $"Your {app.Name} integration receives no more webhooks", GoneText(app));
        transaction.AfterCommit(() => Gone(logger, app.Slug, destinationId));
    }

    private bool IsWanted(string status) => options.DisableBroken switch
    {
        DisableBroken.Internal => status == "internal",
        DisableBroken.All => true,
        DisableBroken.None => false,
    };

    private string DisabledText(AppRow app) => string.Create(CultureInfo.InvariantCulture, $$"""
        Webhooks to your {{app.Name}} integration in {{app.OrganizationName}} failed too often, so it has been disabled.

        They were sent to {{app.Url}}
        What failed, and how: {{links.AppSettingsWeb(app.OrganizationSlug, app.Slug)}}dashboard/?referrer=disabled-sentry-app/

        An integration is disabled after {{options.Broken.Timeouts}} timeouts in a day, or after errors and no success on each of {{options.Broken.Days}} days in a row.
        Its webhooks are held until it is enabled again; nothing is lost meanwhile.

        Please fix the receiver, and then enable the integration again: {{links.AppSettingsWeb(app.OrganizationSlug, app.Slug)}}?referrer=disabled-sentry-app
        {{HowToEnable(app)}}
        """);

    private string GoneText(AppRow app) => string.Create(CultureInfo.InvariantCulture, $$"""
        The receiver of your {{app.Name}} integration in {{app.OrganizationName}} answered a webhook with 410 Gone: it asks not to be called again. So it is called no more.

        It is {{app.Url}}
        Webhooks that were waiting for it are not sent. They are kept, and can be replayed.

        If it should receive webhooks again, save its URL, or enable the integration: {{links.AppSettingsWeb(app.OrganizationSlug, app.Slug)}}
        {{HowToEnable(app)}}
        """);

    private string HowToEnable(AppRow app) =>
        $$"""Or by the API: PUT {{links.BaseUrl}}/api/0/sentry-apps/{{app.Slug}}/ with {"isDisabled": false}""";

    private static Task<AppRow?> FindAsync(Transaction transaction, long destinationId) =>
        transaction.FirstAsync<AppRow>(
            """
            select a.id, a.slug, a.name, a.status, a.organization_id, o.slug as organization_slug, o.name as organization_name, d.url
            from app_installation i
            join app a on a.id = i.app_id
            join organization o on o.id = a.organization_id
            join destination d on d.id = i.destination_id
            where i.destination_id = @destinationId
            """,
            new { destinationId });

    private sealed record AppRow
    {
        public long Id { get; init; }

        public string Slug { get; init; } = "";

        public string Name { get; init; } = "";

        public string Status { get; init; } = "";

        public long OrganizationId { get; init; }

        public string OrganizationSlug { get; init; } = "";

        public string OrganizationName { get; init; } = "";

        public string Url { get; init; } = "";
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "sentryapp.disabled: the receiver of {App} (destination {Destination}) is broken; its webhooks are held")]
    private static partial void Disabled(ILogger logger, string app, long destination);

    [LoggerMessage(Level = LogLevel.Warning, Message = "sentryapp.gone: the receiver of {App} (destination {Destination}) answered 410 and is not called again")]
    private static partial void Gone(ILogger logger, string app, long destination);
}
