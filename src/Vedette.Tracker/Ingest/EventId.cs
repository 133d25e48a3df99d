using System.Diagnostics.CodeAnalysis;
using Vedette.Wire.Json;

namespace Vedette.Tracker.Ingest;

/// <summary>Ids of events: 32 hex digits, or the same as a dashed UUID; stored as 32 lower-case hex digits.</summary>
public static class EventId
{
    public const string Nil = "00000000000000000000000000000000";

    /// <summary>
    /// The envelope's id wins over the payload's, and that over <paramref name="generated"/>; absent, null and nil ids
    /// count as not given. The first id that is given must be valid: SDKs correlate by it, so another one may not be
    /// put in its place.
    /// </summary>
    /// <param name="payload"><c>null</c> when the item's payload is not an event.</param>
    /// <param name="generated">Already in the stored form.</param>
    public static bool TryChoose(
        JsonMap envelopeHeader,
        JsonMap? payload,
        string generated,
        [NotNullWhen(true)] out string? id,
        [NotNullWhen(false)] out IngestFault? fault)
    {
        (id, fault) = (null, null);
        foreach (var (given, place) in (ReadOnlySpan<(object?, string)>)
            [(envelopeHeader["event_id"], "envelope header"), (payload?["event_id"], "event payload")])
        {
            if (given is null)
                continue;

            if (given is not string text || !TryParse(text, out var parsed))
            {
                fault = new IngestFault("malformed envelope", [$"{place}: \"event_id\" is not 32 hex digits or a UUID"]);
                return false;
            }

            if (parsed != Nil)
            {
                id = parsed;
                return true;
            }
        }

        id = generated;
        return true;
    }

    /// <param name="text">No white space, braces or prefixes; either case.</param>
    /// <param name="id">The stored form; may be <see cref="Nil"/>.</param>
    public static bool TryParse(string text, [NotNullWhen(true)] out string? id)
    {
        id = null;
        var dashed = text.Length == 36;
        if (!dashed && text.Length != 32)
            return false;

        Span<char> digits = stackalloc char[32];
        var count = 0;
        for (var i = 0; i < text.Length; i++)
        {
            if (dashed && i is 8 or 13 or 18 or 23)
            {
                if (text[i] != '-')
                    return false;
            }
            else if (!char.IsAsciiHexDigit(text[i]))
            {
                return false;
            }
            else
            {
                digits[count++] = char.ToLowerInvariant(text[i]);
            }
        }

        id = new string(digits);
        return true;
    }
}
