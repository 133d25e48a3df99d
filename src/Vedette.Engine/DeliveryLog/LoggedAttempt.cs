using Vedette.Engine.Deliveries;

namespace Vedette.Engine.DeliveryLog;

/// <summary>One attempt with what was sent, as Sentry's request log shows it.</summary>
public sealed record LoggedAttempt
{
    public required string Url { get; init; }

    public required long OrganizationId { get; init; }

    /// <summary>The event under the name that the destination knows.</summary>
    public required string Event { get; init; }

    public required DateTimeOffset StartedAt { get; init; }

    public required TimeSpan Duration { get; init; }

    public required AttemptOutcome Outcome { get; init; }

    /// <summary>One line for people: what exactly happened.</summary>
    public required string Reason { get; init; }

    /// <summary><c>null</c> when there was no response.</summary>
    public required int? StatusCode { get; init; }

    public required string RequestId { get; init; }

    /// <summary>Of a webhook.</summary>
    public required string? IdempotencyKey { get; init; }

    public required HookSubject? Subject { get; init; }

    /// <summary>Of a failure: a line each.</summary>
    public required string? RequestHeaders { get; init; }

    /// <summary>Of a failure: the beginning of what was sent, at least <see cref="RequestLog.LeastBody"/> bytes of it; the same bytes again, not a copy that was kept.</summary>
    public required byte[]? RequestBody { get; init; }

    /// <summary>Of a failure with a response.</summary>
    public required byte[]? ResponseBody { get; init; }

    public required string? ErrorId { get; init; }

    public required string? ErrorProject { get; init; }

    public bool IsFailure => IsFailureOf(Outcome);

    /// <summary>What Sentry's log keeps bodies of and lists as an error: a redirect is none (<c>spec/webhooks.md</c> 4.3).</summary>
    public static bool IsFailureOf(AttemptOutcome outcome) => outcome switch
    {
        AttemptOutcome.Delivered or AttemptOutcome.Redirected or AttemptOutcome.Ours => false,
        AttemptOutcome.Timeout or AttemptOutcome.ConnectionFailed or AttemptOutcome.NameNotResolved or AttemptOutcome.TlsFailed
            or AttemptOutcome.Blocked or AttemptOutcome.ClientError or AttemptOutcome.Gone or AttemptOutcome.TooManyRequests
            or AttemptOutcome.ServerError => true,
    };
}

/// <summary>Which attempts are asked for.</summary>
/// <param name="Event">As <see cref="LoggedAttempt.Event"/>; <c>null</c> for all.</param>
/// <param name="Before">Exclusive.</param>
public sealed record RequestLogQuery(IReadOnlyList<long> DestinationIds, string? Event, bool ErrorsOnly, DateTimeOffset From, DateTimeOffset Before);
