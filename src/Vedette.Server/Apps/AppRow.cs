using System.Globalization;
using System.Text;
using Vedette.Server.Components;
using Vedette.Storage;
using Vedette.Wire.Json;

namespace Vedette.Server.Apps;

/// <summary>An app as its table has it.</summary>
internal sealed record AppRow
{
    public const string Select =
        """
        select a.id, a.uuid, a.slug, a.organization_id, o.slug as organization_slug, a.name, a.author, a.status, a.scopes, a.events, a.webhook_url,
            a.webhook_headers, a.redirect_url, a.overview, a.is_alertable, a.verify_install, a.allowed_origins, a.schema, a.popularity, a.features, a.metadata,
            a.delivery, a.is_disabled, a.client_id, a.client_secret, a.previous_secret, a.previous_secret_until, a.proxy_account_id, a.created_at, a.published_at
        from app a
        join organization o on o.id = a.organization_id
        """;

    public long Id { get; init; }

    public string Uuid { get; init; } = "";

    public string Slug { get; init; } = "";

    public long OrganizationId { get; init; }

    public string OrganizationSlug { get; init; } = "";

    public string Name { get; init; } = "";

    public string Author { get; init; } = "";

    public string Status { get; init; } = "";

    public string Scopes { get; init; } = "";

    public string Events { get; init; } = "";

    public string? WebhookUrl { get; init; }

    public byte[]? WebhookHeaders { get; init; }

    public string? RedirectUrl { get; init; }

    public string? Overview { get; init; }

    public bool IsAlertable { get; init; }

    public bool VerifyInstall { get; init; }

    public string AllowedOrigins { get; init; } = "";

    public string Schema { get; init; } = "";

    public long Popularity { get; init; }

    public string Features { get; init; } = "";

    public string Metadata { get; init; } = "";

    public string Delivery { get; init; } = "";

    public bool IsDisabled { get; init; }

    public string ClientId { get; init; } = "";

    public byte[] ClientSecret { get; init; } = [];

    public byte[]? PreviousSecret { get; init; }

    public long? PreviousSecretUntil { get; init; }

    public long ProxyAccountId { get; init; }

    public long CreatedAt { get; init; }

    public long? PublishedAt { get; init; }

    public App ToApp(SecretBox box, ILookup<long, AppAvatar> avatars) => new()
    {
        Id = Id,
        Uuid = Uuid,
        Slug = Slug,
        OrganizationId = OrganizationId,
        OrganizationSlug = OrganizationSlug,
        Name = Name,
        Author = Author,
        Status = StoredName.Parse<AppStatus>(Status),
        Scopes = Scopes.Split(' ', StringSplitOptions.RemoveEmptyEntries),
        Events = Events.Split(' ', StringSplitOptions.RemoveEmptyEntries),
        WebhookUrl = WebhookUrl,
        WebhookHeaders = WebhookHeaders is null ? [] : box.Open(WebhookHeaders).Split('\n'),
        RedirectUrl = RedirectUrl,
        Overview = Overview,
        IsAlertable = IsAlertable,
        VerifyInstall = VerifyInstall,
        AllowedOrigins = AllowedOrigins.Split('\n', StringSplitOptions.RemoveEmptyEntries),
        Schema = ComponentStore.Parse(Schema),
        Popularity = (int)Popularity,
        Features = [.. Features.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(id => int.Parse(id, CultureInfo.InvariantCulture))],
        Delivery = AppJson.ParseDelivery(Delivery),
        IsDisabled = IsDisabled,
        IsRestricted = IsTrue(Metadata, "partnership_restricted"),
        ClientId = ClientId,
        ClientSecret = ClientSecret,
        PreviousSecret = PreviousSecret,
        PreviousSecretUntil = PreviousSecretUntil is { } until ? UnixMicroseconds.ToInstant(until) : null,
        ProxyAccountId = ProxyAccountId,
        Avatars = [.. avatars[Id]],
        CreatedAt = UnixMicroseconds.ToInstant(CreatedAt),
        PublishedAt = PublishedAt is { } published ? UnixMicroseconds.ToInstant(published) : null,
    };

    /// <summary>
    /// Holds the app until the end of the transaction, on both databases, by an update that changes nothing. Whatever makes
    /// something of an app, or ends something that its app keeps up, does this first: so they come one after the other.
    /// </summary>
    public static Task HoldAsync(Transaction transaction, long id) =>
        transaction.ExecuteAsync("update app set popularity = popularity where id = @id", new { id });

    /// <summary>Holds the app and reads it, because what was read before may have changed.</summary>
    /// <returns><c>null</c> when it is deleted.</returns>
    public static async Task<App?> HeldAsync(Transaction transaction, long id, SecretBox box)
    {
        await HoldAsync(transaction, id);
        var row = await transaction.FirstAsync<AppRow>($"{Select} where a.id = @id and a.deleted_at is null", new { id });
        return row?.ToApp(box, await AvatarStore.OfAsync(transaction, [id]));
    }

    private static bool IsTrue(string metadata, string name) =>
        LenientJson.TryParse(Encoding.UTF8.GetBytes(metadata), out var tree, out _) && tree is JsonMap map && map[name] is true;
}
