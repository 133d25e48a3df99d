using System.Diagnostics.CodeAnalysis;
using Vedette.Wire.Json;

namespace Vedette.Tracker.Ingest;

/// <summary>One request of an SDK, cut into its items (<c>spec/domain.md</c> 1.4). Unknown header members and item types are kept.</summary>
public sealed record Envelope(JsonMap Header, IReadOnlyList<EnvelopeItem> Items)
{
    /// <summary>
    /// SDKs send a handful of items, batching relays some hundreds. Twenty bytes make an item, and the decompressed body
    /// may have 64 MiB, so without a bound one request could cost gigabytes of headers.
    /// </summary>
    public const int MaxItems = 10_000;

    /// <summary>
    /// All header lines together. They are parsed at once and in full, and JSON may take twenty times its bytes in
    /// memory; what SDKs write are some hundred bytes a line.
    /// </summary>
    public const int MaxHeaderBytes = 4 * 1024 * 1024;

    /// <summary>
    /// Payloads are slices of <paramref name="body"/>: valid as long as its memory is. An envelope without items is
    /// valid. Whatever the bytes, a malformed envelope is a fault and never an exception; payloads are not looked at.
    /// </summary>
    public static bool TryParse(
        ReadOnlyMemory<byte> body,
        [NotNullWhen(true)] out Envelope? envelope,
        [NotNullWhen(false)] out IngestFault? fault)
    {
        var reader = new EnvelopeReader(body);
        envelope = reader.Read(out var cause);
        fault = cause is null ? null : new IngestFault("malformed envelope", [cause]);
        return envelope is not null;
    }
}

/// <param name="Type">Never empty, as the SDK spelt it.</param>
/// <param name="Header">All members of the item header, <c>type</c> and <c>length</c> among them.</param>
/// <param name="Payload">Not yet parsed; may be empty.</param>
public sealed record EnvelopeItem(string Type, JsonMap Header, ReadOnlyMemory<byte> Payload);
