namespace Vedette.Tracker.Ingest;

/// <summary>What the server knows about an event that its payload cannot say, or may not be believed about.</summary>
public sealed record EventContext
{
    /// <summary>As <see cref="Ingest.EventId.TryChoose"/> gives it; an id inside the payload is not looked at again.</summary>
    public required string EventId { get; init; }

    public required DateTimeOffset Received { get; init; }

    /// <summary>The SDK's clock when it sent the envelope; <c>null</c> leaves the payload's times as they are.</summary>
    public required DateTimeOffset? SentAt { get; init; }

    /// <summary>Who sent the request, for users whose address is <c>{{auto}}</c>; <c>null</c> stores no address.</summary>
    public required string? PeerAddress { get; init; }

    public required string KeyId { get; init; }

    public required long ProjectId { get; init; }
}
