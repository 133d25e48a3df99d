using Vedette.Wire.Json;

namespace Vedette.Tracker.Ingest;

/// <summary>Severity as SDKs name it; the numbers are the stored ones (<c>spec/domain.md</c> 2.4).</summary>
public enum EventLevel
{
    Sample = 0,
    Debug = 10,
    Info = 20,
    Warning = 30,
    Error = 40,
    Fatal = 50,
}

/// <summary>What kind of thing happened (<c>spec/domain.md</c> 2.2): an exception is an error, a bare message is default.</summary>
public enum EventType
{
    Default,
    Error,
    Csp,
    Feedback,
}

/// <summary>One SDK event after normalisation and grouping: everything that storing it and telling others about it needs.</summary>
public sealed record TrackedEvent
{
    /// <summary>32 lower-case hex digits.</summary>
    public required string EventId { get; init; }

    public required EventType Type { get; init; }

    public required EventLevel Level { get; init; }

    public required string Platform { get; init; }

    /// <summary>When it happened, as far as the SDK's clock can be believed.</summary>
    public required DateTimeOffset Timestamp { get; init; }

    public required DateTimeOffset Received { get; init; }

    /// <summary>The formatted message; empty when the event has none.</summary>
    public required string Message { get; init; }

    public required string Title { get; init; }

    /// <summary>Empty for a synthetic exception.</summary>
    public required string Culprit { get; init; }

    public required string? Location { get; init; }

    public required string? Logger { get; init; }

    public required string? Transaction { get; init; }

    public required string? Release { get; init; }

    public required string? Dist { get; init; }

    public required string? Environment { get; init; }

    /// <summary><c>id:X</c>, <c>username:X</c>, <c>email:X</c> or <c>ip:X</c>; distinct values are an issue's users.</summary>
    public required string? UserTag { get; init; }

    /// <summary><c>null</c> when no exception says whether it was handled.</summary>
    public required bool? Handled { get; init; }

    /// <summary>Sorted by key, keys unique.</summary>
    public required IReadOnlyList<KeyValuePair<string, string>> Tags { get; init; }

    /// <summary><c>type</c>, <c>value</c>, <c>filename</c>, <c>function</c> of an error, <c>title</c> of a message.</summary>
    public required JsonMap Metadata { get; init; }

    /// <summary>Grouping hashes, most specific first, at least one, each 32 lower-case hex digits.</summary>
    public required IReadOnlyList<string> Hashes { get; init; }

    /// <summary>The normalised payload, snake_case, as it is stored and as webhooks carry it (<c>spec/webhooks.md</c> 2.3).</summary>
    public required JsonMap Body { get; init; }
}
