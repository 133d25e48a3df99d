namespace Vedette.Engine.Subscriptions;

/// <summary>Decides headers and the shape of the body.</summary>
public enum DestinationKind
{
    /// <summary>An installation of an app: <c>Sentry-Hook-*</c> headers and the envelope of <c>spec/webhooks.md</c> 1.6.</summary>
    App,

    /// <summary>A project's service hook: <c>X-ServiceHook-*</c> headers, and the event's data is the whole body (<c>spec/webhooks.md</c> 1.3, 3.4).</summary>
    ServiceHook,
}

public enum DestinationState
{
    Active,

    /// <summary>Deliveries to it are held until it is active again.</summary>
    Disabled,

    /// <summary>It answered 410. What was meant for it is kept as <c>gone</c>, and can be replayed after it is enabled again.</summary>
    Gone,
}

/// <summary>Which of two equal JSON texts is sent and signed.</summary>
public enum BodyEncoding
{
    /// <summary>Raw UTF-8, stable under <c>JSON.parse</c> and <c>JSON.stringify</c>.</summary>
    JavaScript,

    /// <summary>Sentry's own form: non-ASCII escaped.</summary>
    Ascii,
}

/// <summary>Where events go and how they are sent there, as it stood when it was read.</summary>
public sealed record Destination
{
    /// <summary>0 before it is stored.</summary>
    public long Id { get; init; }

    public required DestinationKind Kind { get; init; }

    /// <summary>What the receiver knows it by: the installation's uuid, with dashes.</summary>
    public required string PublicId { get; init; }

    public required long OrganizationId { get; init; }

    public required string Url { get; init; }

    /// <summary>Sealed by the host's <see cref="Storage.SecretBox"/>.</summary>
    public required byte[] Secret { get; init; }

    /// <summary>The one before it, sealed; <c>null</c> when there is none that still counts.</summary>
    public byte[]? PreviousSecret { get; init; }

    /// <summary>Until then Standard Webhooks headers are signed with both.</summary>
    public DateTimeOffset? PreviousSecretUntil { get; init; }

    /// <summary>Until the response headers are there.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Attempts under way at once to this destination.</summary>
    public int Concurrency { get; init; } = 8;

    public BodyEncoding Encoding { get; init; } = BodyEncoding.JavaScript;

    /// <summary>Deliveries of one issue go one at a time, oldest first.</summary>
    public bool Ordered { get; init; }

    /// <summary>Of the owner's own: a JSON list of texts, <c>Name: value</c> each, sealed as <see cref="Secret"/> is; only apps have any. They never replace one of ours.</summary>
    public byte[]? Headers { get; init; }

    /// <summary>The headers of <see cref="Wire.StandardWebhooks"/> are sent as well; only to apps.</summary>
    public bool StandardWebhooks { get; init; }

    /// <summary>The form of a service hook's payload (<c>docs/wire.md</c>), 0 or 1; apps have the one form, 0.</summary>
    public int Version { get; init; }

    /// <summary>Only the retry profile <c>sentry</c> asks: it retries for published integrations alone.</summary>
    public bool IsPublished { get; init; }

    public DestinationState State { get; init; } = DestinationState.Active;

    /// <summary>Its owner removed it: only a last lifecycle notice is sent there, and nothing is replayed.</summary>
    public bool IsRetired { get; init; }
}
