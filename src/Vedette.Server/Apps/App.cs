using Vedette.Engine.Subscriptions;
using Vedette.Wire.Json;

namespace Vedette.Server.Apps;

/// <summary>On the wire and in its table by these names in snake case (<c>spec/platform-api.md</c> 1.1).</summary>
internal enum AppStatus
{
    Unpublished,
    Published,
    Internal,
    PublishRequestInprogress,
    DeletionInProgress,
}

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

    public required AppStatus Status { get; init; }

    public bool IsInternal => Status == AppStatus.Internal;

    /// <summary>Expanded and sorted.</summary>
    public required IReadOnlyList<string> Scopes { get; init; }

    /// <summary>Single events, sorted.</summary>
    public required IReadOnlyList<string> Events { get; init; }

    public required string? WebhookUrl { get; init; }

    /// <summary>Sent with each webhook, each <c>Name: value</c>. May hold credentials of the receiver.</summary>
    public required IReadOnlyList<string> WebhookHeaders { get; init; }

    public required string? RedirectUrl { get; init; }

    public required string? Overview { get; init; }

    public required bool IsAlertable { get; init; }

    public required bool VerifyInstall { get; init; }

    public required IReadOnlyList<string> AllowedOrigins { get; init; }

    /// <summary>What it adds to the pages; empty for nothing.</summary>
    public required JsonMap Schema { get; init; }

    public required int Popularity { get; init; }

    /// <summary>Ids of <see cref="AppFeature"/>.</summary>
    public required IReadOnlyList<int> Features { get; init; }

    public required AppDelivery Delivery { get; init; }

    /// <summary>Its webhooks are held.</summary>
    public required bool IsDisabled { get; init; }

    /// <summary>Managed by a partner: nobody changes it here (<c>spec/platform-api.md</c> 1.7).</summary>
    public bool IsRestricted { get; init; }

    public required string ClientId { get; init; }

    /// <summary>Sealed.</summary>
    public required byte[] ClientSecret { get; init; }

    /// <summary>Sealed; the one before the last rotation, while it still counts.</summary>
    public byte[]? PreviousSecret { get; init; }

    public DateTimeOffset? PreviousSecretUntil { get; init; }

    /// <summary>Of the account that it acts through.</summary>
    public long ProxyAccountId { get; init; }

    public IReadOnlyList<AppAvatar> Avatars { get; init; } = [];

    public required DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset? PublishedAt { get; init; }
}

/// <param name="Kind"><c>logo</c> or <c>icon</c>.</param>
internal sealed record AppAvatar(string Kind, string Uuid);

/// <summary>How webhooks of an app are sent: the <c>delivery</c> member that Vedette adds to Sentry's object.</summary>
/// <param name="StandardWebhooks">The headers of that specification are sent beside Sentry's.</param>
internal sealed record AppDelivery(int TimeoutMs, int Concurrency, BodyEncoding Encoding, bool StandardWebhooks, bool Ordered)
{
    public static AppDelivery Default { get; } = new(1000, 8, BodyEncoding.JavaScript, StandardWebhooks: false, Ordered: false);
}

/// <summary>What a public integration says that it can do (<c>spec/platform-api.md</c> 1.8).</summary>
internal sealed record AppFeature(int Id, string Gate, string Description)
{
    public static IReadOnlyList<AppFeature> All { get; } =
    [
        new(0, "integrations-api", "uses the API to act on an organization's data"),
        new(1, "integrations-issue-link", "links issues to those of an issue tracker, and creates them there"),
        new(2, "integrations-stacktrace-link", "links stack traces to source code"),
        new(3, "integrations-event-hooks", "receives every error event"),
        new(4, "integrations-project-management", "manages projects"),
        new(5, "integrations-incident-management", "manages incidents"),
        new(6, "integrations-feature-flag", "manages feature flags"),
        new(7, "integrations-alert-rule", "is notified by alerts"),
        new(8, "integrations-release-management", "manages releases"),
        new(9, "integrations-visualization", "shows data in pictures"),
        new(11, "integrations-chat", "sends messages to a chat"),
        new(12, "integrations-session-replay", "uses session replays"),
    ];
}
