using System.Globalization;
using Vedette.Server.Api;
using Vedette.Server.Components;
using Vedette.Wire;

namespace Vedette.Server.DeliveryLog;

/// <summary>What a request asks of Sentry's request log (<c>spec/webhooks.md</c> 4.5, <c>spec/platform-api.md</c> 1.10).</summary>
/// <param name="Organization">A slug; <c>null</c> for all.</param>
/// <param name="End">Inclusive, to the second.</param>
internal sealed record RequestLogQuestion(string? Event, bool ErrorsOnly, string? Organization, DateTimeOffset Start, DateTimeOffset End)
{
    private static readonly TimeSpan Window = TimeSpan.FromDays(30);

    private static readonly string[] Formats = ["yyyy-MM-dd HH:mm:ss", "yyyy-MM-dd'T'HH:mm:ss", "yyyy-MM-dd'T'HH:mm:ss'Z'"];

    private static readonly HashSet<string> KnownEvents =
    [
        .. EventCatalogue.All.Where(e => e.Reach != HookReach.ServiceHook).Select(e => e.Name), EventCatalogue.LegacyArchived, .. AppCall.Events,
    ];

    /// <returns><c>null</c> when the request is fine, else its 400.</returns>
    public static IResult? Refuse(IQueryCollection query, DateTimeOffset now, out RequestLogQuestion question)
    {
        question = new(Given(query, "eventType"), false, Given(query, "organizationSlug"), now - Window, now);
        if (question.Event is { } name && !KnownEvents.Contains(name))
            return ApiResults.Invalid("eventType", $"\"{name}\" is not a valid choice.");

        switch (Given(query, "errorsOnly")?.ToLowerInvariant())
        {
            case null or "false" or "f" or "0" or "no" or "n" or "off":
                break;
            case "true" or "t" or "1" or "yes" or "y" or "on":
                question = question with { ErrorsOnly = true };
                break;
            default:
                return ApiResults.Invalid("errorsOnly", "Must be a valid boolean.");
        }

        if (Given(query, "start") is { } start)
        {
            if (!TryRead(start, out var instant))
                return WrongFormat("start");
            question = question with { Start = instant };
        }

        if (Given(query, "end") is { } end)
        {
            if (!TryRead(end, out var instant))
                return WrongFormat("end");
            question = question with { End = instant };
        }

        if (question.Start > question.End)
            return ApiResults.Invalid("non_field_errors", "Invalid timestamp (start must be before end).");

        // Nothing older is in the log, whoever asks for it.
        if (question.Start < now - Window)
            question = question with { Start = now - Window };
        return null;
    }

    private static string? Given(IQueryCollection query, string name) => query[name].FirstOrDefault() is { Length: > 0 } value ? value : null;

    private static bool TryRead(string text, out DateTimeOffset instant) =>
        DateTimeOffset.TryParseExact(text, Formats, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out instant);

    private static IResult WrongFormat(string field) =>
        ApiResults.Invalid(field, "Datetime has wrong format. Use one of these formats instead: YYYY-MM-DD hh:mm:ss.");
}
