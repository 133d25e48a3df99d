using Vedette.Server.Api;
using Vedette.Wire;
using Vedette.Wire.Json;

namespace Vedette.Server.ServiceHooks;

/// <summary>A service hook as a request wants it, checked (<c>spec/webhooks.md</c> 3.2). What is <c>null</c> was not named.</summary>
internal sealed record ServiceHookForm(string? Url, IReadOnlyList<string>? Events, int? Version, bool? IsActive)
{
    private const int LongestUrl = 512;

    /// <param name="isNew">A URL must be given; of a hook that exists, an empty one changes nothing.</param>
    /// <returns>The form, or the answer that names every wrong field.</returns>
    public static (ServiceHookForm? Form, IResult? Refusal) Read(JsonMap body, bool isNew)
    {
        var wrong = new List<(string Field, string? Message)>
        {
            ("url", WrongUrl(body, isNew)),
            ("events", WrongEvents(body)),
            ("version", body.Contains("version") && body["version"] is not (0.0 or 1.0) ? "Must be 0 or 1." : null),
            ("isActive", body.Contains("isActive") && body["isActive"] is not bool ? "Must be a valid boolean." : null),
        };
        if (wrong.Exists(each => each.Message is not null))
            return (null, ApiResults.Invalid([.. wrong.Where(each => each.Message is not null).Select(each => (each.Field, each.Message!))]));

        return (new ServiceHookForm(
            body.Text("url")?.Trim() is { Length: > 0 } url ? url : null,
            body.List("events")?.OfType<string>().Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToList(),
            body["version"] is double version ? (int)version : null,
            body["isActive"] as bool?), null);
    }

    private static string? WrongUrl(JsonMap body, bool isNew) => body["url"] switch
    {
        null when body.Contains("url") => "This field may not be null.",
        null => isNew ? "This field is required." : null,
        string text when text.Trim().Length == 0 => isNew ? "This field may not be blank." : null,
        string text when text.Trim().Length > LongestUrl => $"Ensure this field has no more than {LongestUrl} characters.",
        string text => IsUrl(text.Trim()) ? null : "Enter a valid URL.",
        _ => "Not a valid string.",
    };

    private static bool IsUrl(string text) =>
        (text.StartsWith("http://", StringComparison.OrdinalIgnoreCase) || text.StartsWith("https://", StringComparison.OrdinalIgnoreCase))
        && !text.Any(c => char.IsControl(c) || char.IsWhiteSpace(c))
        && Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Host.Length > 0;

    private static string? WrongEvents(JsonMap body)
    {
        if (!body.Contains("events"))
            return null;
        if (body.List("events") is not { } events || events.Exists(name => name is not string))
            return "Expected a list of strings.";

        return events.Find(name => !EventCatalogue.OfServiceHooks.Contains((string)name!, StringComparer.Ordinal)) is string unknown
            ? $"Invalid event name: {unknown}"
            : null;
    }
}
