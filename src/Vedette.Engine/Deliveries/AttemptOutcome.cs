namespace Vedette.Engine.Deliveries;

/// <summary>What came of one attempt. Reported by the sender, judged by <see cref="RetryPolicy"/>, kept in the log.</summary>
public enum AttemptOutcome
{
    /// <summary>2xx.</summary>
    Delivered,

    /// <summary>No response headers in time.</summary>
    Timeout,

    /// <summary>Refused, reset, closed without an answer, or the answer was not HTTP.</summary>
    ConnectionFailed,

    NameNotResolved,

    TlsFailed,

    /// <summary>The egress policy forbids the address.</summary>
    Blocked,

    /// <summary>3xx; redirects are never followed.</summary>
    Redirected,

    /// <summary>4xx but 410 and 429.</summary>
    ClientError,

    /// <summary>410.</summary>
    Gone,

    /// <summary>429.</summary>
    TooManyRequests,

    /// <summary>5xx, and anything else that is not an HTTP status we know.</summary>
    ServerError,

    /// <summary>Our own fault or shutdown: burns no attempt.</summary>
    Ours,
}

/// <summary>One attempt as the log keeps it.</summary>
public sealed record AttemptResult
{
    public required AttemptOutcome Outcome { get; init; }

    /// <summary>One line for people: what exactly happened.</summary>
    public required string Reason { get; init; }

    /// <summary>32 hex digits, sent as <c>Request-ID</c>.</summary>
    public required string RequestId { get; init; }

    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>Until the response headers, or until the attempt failed.</summary>
    public required TimeSpan Duration { get; init; }

    /// <summary><c>null</c> when there was no response.</summary>
    public int? StatusCode { get; init; }

    /// <summary>The receiver's <c>Retry-After</c>, from now; <c>null</c> when it sent none that can be read.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>Of a failure: as sent, a line each, custom values masked.</summary>
    public string? RequestHeaders { get; init; }

    /// <summary>Of a failure: at most <see cref="WebhookSender.KeptBody"/> bytes.</summary>
    public byte[]? ResponseBody { get; init; }

    /// <summary>The receiver's <c>Sentry-Hook-Error</c>: the event in its own tracker; only with <see cref="ErrorProject"/>.</summary>
    public string? ErrorId { get; init; }

    /// <summary>The receiver's <c>Sentry-Hook-Project</c>, digits.</summary>
    public string? ErrorProject { get; init; }
}
