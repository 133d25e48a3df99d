using Vedette.Server.Components;
using Vedette.Storage;

namespace Vedette.Server.Apps;

/// <summary>What a form says, in the columns of the app's table; and, for a new app, what it is known by.</summary>
internal sealed class AppValues(AppForm form, SecretBox box)
{
    public long Id { get; init; }

    public string Uuid { get; init; } = "";

    public string Slug { get; init; } = "";

    public long OrganizationId { get; init; }

    public string ClientId { get; init; } = "";

    /// <summary>Sealed.</summary>
    public byte[] ClientSecret { get; init; } = [];

    public long CreatedAt { get; init; }

    public long? PublishedAt { get; init; }

    public string Name => form.Name;

    public string Author => form.Author;

    public string Status => StoredName.Of(form.Status);

    public string Scopes => string.Join(' ', form.Scopes);

    public string Events => string.Join(' ', form.Events);

    public string? WebhookUrl => form.WebhookUrl;

    public byte[]? WebhookHeaders { get; } = form.WebhookHeaders.Count == 0 ? null : box.Seal(string.Join('\n', form.WebhookHeaders));

    public string? RedirectUrl => form.RedirectUrl;

    public string? Overview => form.Overview;

    public int IsAlertable => form.IsAlertable ? 1 : 0;

    public int VerifyInstall => form.VerifyInstall ? 1 : 0;

    public string AllowedOrigins => string.Join('\n', form.AllowedOrigins);

    public string Schema => ComponentStore.Text(form.Schema);

    public int Popularity => form.Popularity;

    public string Features => string.Join(' ', form.Features);

    public string Delivery => AppJson.Text(form.Delivery);

    public int IsDisabled => form.IsDisabled ? 1 : 0;
}
