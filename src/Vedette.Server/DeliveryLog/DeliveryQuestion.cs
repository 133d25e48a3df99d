using System.Globalization;
using Vedette.Engine.Deliveries;
using Vedette.Engine.DeliveryLog;
using Vedette.Server.Api;
using Vedette.Storage;

namespace Vedette.Server.DeliveryLog;

/// <summary>Reads which deliveries somebody means, from a query string or from the body that starts a replay.</summary>
internal static class DeliveryQuestion
{
    private static readonly string[] Formats =
    [
        "yyyy-MM-dd", "yyyy-MM-dd HH:mm:ss", "yyyy-MM-dd'T'HH:mm:ss", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFF", "yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK",
    ];

    /// <param name="given">The value of a name; <c>null</c> or empty when it was not given.</param>
    /// <returns><c>null</c> when the filter could be read, else its 400.</returns>
    public static async Task<(DeliveryFilter Filter, IResult? Refusal)> ReadAsync(
        Func<string, string?> given, long organizationId, DeliveryLogStore log, CancellationToken ct)
    {
        var filter = new DeliveryFilter { OrganizationId = organizationId };
        if (Value("state") is { } stateName)
        {
            if (StoredName.TryParse<DeliveryState>(stateName) is not { } state)
                return (filter, ApiResults.Invalid("state", $"Must be one of: {string.Join(", ", Enum.GetValues<DeliveryState>().Select(StoredName.Of))}."));
            filter = filter with { State = state };
        }

        // Receivers know a destination by the installation's uuid, this API by its number. What is unknown matches nothing.
        if (Value("destination") is { } destination)
            filter = filter with { DestinationId = Number(destination) ?? await log.DestinationAsync(organizationId, destination, ct) ?? -1 };

        if (Value("event") is { } name)
            filter = Number(name) is { } id ? filter with { EventId = id } : filter with { EventName = name };
        if (filter.EventName?.Split('.') is { Length: not 2 })
            return (filter, ApiResults.Invalid("event", "Must be the name of an event, such as issue.created, or its number."));

        if (Value("issue") is { } issue)
        {
            if (Number(issue) is not { } issueId)
                return (filter, ApiResults.Invalid("issue", "Must be a number."));
            filter = filter with { IssueId = issueId };
        }

        if (Value("since") is { } since)
        {
            if (!TryRead(since, out var instant))
                return (filter, WrongInstant("since"));
            filter = filter with { Since = instant };
        }

        if (Value("until") is { } until)
        {
            if (!TryRead(until, out var instant))
                return (filter, WrongInstant("until"));
            filter = filter with { Until = instant };
        }

        return (filter, null);

        string? Value(string key) => given(key) is { Length: > 0 } value ? value : null;
    }

    public static long? Number(string? text) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    private static bool TryRead(string text, out DateTimeOffset instant) =>
        DateTimeOffset.TryParseExact(text, Formats, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out instant);

    private static IResult WrongInstant(string field) => ApiResults.Invalid(field, "Must be an instant such as 2026-03-01T12:00:00Z.");
}
