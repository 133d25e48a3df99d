using Vedette.Engine.Subscriptions;

namespace Vedette.Server.ServiceHooks;

/// <summary>A URL that is told of every event of a project.</summary>
internal sealed record ServiceHook
{
    /// <summary>What Sentry gives service hooks; apps get less (<c>spec/webhooks.md</c> 1.3).</summary>
    public static TimeSpan Timeout { get; } = TimeSpan.FromSeconds(5);

    public required long Id { get; init; }

    /// <summary>32 hex digits; what everybody knows it by.</summary>
    public required string Guid { get; init; }

    public required long ProjectId { get; init; }

    public required long OrganizationId { get; init; }

    public required long DestinationId { get; init; }

    public required string Url { get; init; }

    /// <summary>Sealed.</summary>
    public required byte[] Secret { get; init; }

    /// <summary>Sorted.</summary>
    public required IReadOnlyList<string> Events { get; init; }

    /// <summary>Of its payload: 0 or 1.</summary>
    public required int Version { get; init; }

    /// <summary>Switched on by its owner.</summary>
    public required bool IsActive { get; init; }

    /// <summary>Its receiver answered 410.</summary>
    public required bool IsGone { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>Whether something is sent to it, in Sentry's words.</summary>
    public string Status => IsActive && !IsGone ? "active" : "disabled";

    public Destination Destination => new()
    {
        Id = DestinationId,
        Kind = DestinationKind.ServiceHook,
        PublicId = Guid,
        OrganizationId = OrganizationId,
        Url = Url,
        Secret = Secret,
        Timeout = Timeout,
        Version = Version,
    };
}
