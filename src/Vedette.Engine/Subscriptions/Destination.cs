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

    /// <summary>Until the response headers are there.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Attempts under way at once to this destination.</summary>
    public int Concurrency { get; init; } = 8;

    public BodyEncoding Encoding { get; init; } = BodyEncoding.JavaScript;

    /// <summary>Deliveries of one issue go one at a time, oldest first.</summary>
    public bool Ordered { get; init; }

    /// <summary>Only the retry profile <c>sentry</c> asks: it retries for published integrations alone.</summary>
    public bool IsPublished { get; init; }

    public DestinationState State { get; init; } = DestinationState.Active;
}
