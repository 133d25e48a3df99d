using Vedette.Wire.Json;

namespace Vedette.Tracker.Grouping;

/// <summary>What grouping and titles read of a normalised event; every map in it has members of the right types.</summary>
internal sealed record GroupingSubject
{
    public required string EventId { get; init; }

    public required string Platform { get; init; }

    public required string Level { get; init; }

    public required string? Logger { get; init; }

    public required string? Transaction { get; init; }

    /// <summary>The message before its parameters went in; empty when there is none.</summary>
    public required string MessageTemplate { get; init; }

    public required string Message { get; init; }

    /// <summary>Oldest cause first.</summary>
    public required List<JsonMap> Exceptions { get; init; }

    public required JsonMap? MainException { get; init; }

    public required List<JsonMap> Threads { get; init; }

    public required JsonMap? Stacktrace { get; init; }

    public required JsonMap? Template { get; init; }

    public required JsonMap? Csp { get; init; }

    public required JsonMap? Feedback { get; init; }

    public required string? RequestUrl { get; init; }

    /// <summary>Empty when the SDK gave none.</summary>
    public required List<string> Fingerprint { get; init; }

    public required string? Checksum { get; init; }

    public required IReadOnlyDictionary<string, string> Tags { get; init; }

    public bool IsSynthetic => MainException?.Map("mechanism")?["synthetic"] is true;
}
