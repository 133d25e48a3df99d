using Vedette.Engine.Subscriptions;

namespace Vedette.Server.Apps;

/// <summary>An integration, as its table holds it.</summary>
internal sealed record App
{
    public long Id { get; init; }

    public required string Uuid { get; init; }

    public required string Slug { get; init; }

    public required long OrganizationId { get; init; }

    public required string OrganizationSlug { get; init; }

    public required string Name { get; init; }

    public required string Author { get; init; }

    public required string Status { get; init; }

    public bool IsInternal => Status == "internal";

    /// <summary>Expanded and sorted.</summary>
    public required IReadOnlyList<string> Scopes { get; init; }

    /// <summary>Single events, sorted.</summary>
    public required IReadOnlyList<string> Events { get; init; }

    public required string? WebhookUrl { get; init; }

    public required string? RedirectUrl { get; init; }

    public required string? Overview { get; init; }

    public required bool IsAlertable { get; init; }

    public required bool VerifyInstall { get; init; }

    public required IReadOnlyList<string> AllowedOrigins { get; init; }

    public required AppDelivery Delivery { get; init; }

    /// <summary>Its webhooks are held.</summary>
    public required bool IsDisabled { get; init; }

    public required string ClientId { get; init; }

    /// <summary>Sealed.</summary>
    public required byte[] ClientSecret { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }
}

/// <summary>How webhooks of an app are sent: the <c>delivery</c> member that Vedette adds to Sentry's object.</summary>
internal sealed record AppDelivery(int TimeoutMs, int Concurrency, BodyEncoding Encoding, bool Ordered)
{
    public static AppDelivery Default { get; } = new(1000, 8, BodyEncoding.JavaScript, Ordered: false);
}
