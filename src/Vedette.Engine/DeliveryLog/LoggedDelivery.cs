using Vedette.Engine.Deliveries;
using Vedette.Engine.Subscriptions;

namespace Vedette.Engine.DeliveryLog;

/// <summary>A delivery as people look at it.</summary>
public sealed record LoggedDelivery
{
    public required long Id { get; init; }

    public required long EventId { get; init; }

    /// <summary>As the destination knows it.</summary>
    public required string Event { get; init; }

    public required long? ProjectId { get; init; }

    public required long? IssueId { get; init; }

    public required HookSubject? Subject { get; init; }

    public required Destination Destination { get; init; }

    public required DeliveryFacts Facts { get; init; }

    /// <summary>How it came into its state, as its row says.</summary>
    public required string Reason { get; init; }

    public required string IdempotencyKey { get; init; }

    /// <summary>The delivery that is sent again with this one; <c>null</c> for a first one.</summary>
    public required long? ReplayOf { get; init; }

    public required long CreatedAtUs { get; init; }
}

/// <summary>A delivery with everything that is kept of it.</summary>
/// <param name="RequestBody">As it is sent, at most <see cref="WebhookSender.KeptBody"/> bytes.</param>
/// <param name="Attempts">Oldest first, at most the last 100.</param>
public sealed record DeliveryDetail(LoggedDelivery Delivery, byte[] RequestBody, IReadOnlyList<AttemptDetail> Attempts);

public sealed record AttemptDetail
{
    public long Id { get; init; }

    public long Number { get; init; }

    public string RequestId { get; init; } = "";

    public string Url { get; init; } = "";

    public long StartedAt { get; init; }

    public long DurationUs { get; init; }

    /// <summary>A stored name of an <see cref="AttemptOutcome"/>.</summary>
    public string Outcome { get; init; } = "";

    public string Reason { get; init; } = "";

    public long? StatusCode { get; init; }

    /// <summary>Of a failure: a line each.</summary>
    public string? RequestHeaders { get; init; }

    public byte[]? ResponseBody { get; init; }

    public string? ErrorId { get; init; }

    public string? ErrorProject { get; init; }
}
