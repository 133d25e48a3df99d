using System.Text.RegularExpressions;
using Vedette.Engine.Subscriptions;
using Vedette.Server.Api;
using Vedette.Storage;
using Vedette.Wire;
using Vedette.Wire.Json;

namespace Vedette.Server.Apps;

/// <summary>What a request to create an internal integration asks for, checked (<c>spec/platform-api.md</c> 1.4).</summary>
internal sealed partial record AppForm
{
    /// <summary>A slug has 64 characters, and an internal app's ends with a dash and six random ones.</summary>
    private const int LongestName = 57;

    private const int LongestUrl = 512;

    public required string Name { get; init; }

    public required string? Author { get; init; }

    /// <summary>As asked for, not expanded.</summary>
    public required IReadOnlyList<string> Scopes { get; init; }

    /// <summary>Single events, sorted.</summary>
    public required IReadOnlyList<string> Events { get; init; }

    public required string? WebhookUrl { get; init; }

    public required string? RedirectUrl { get; init; }

    public required string? Overview { get; init; }

    public required bool IsAlertable { get; init; }

    public required IReadOnlyList<string> AllowedOrigins { get; init; }

    public required AppDelivery Delivery { get; init; }

    /// <param name="held">What the requester may do in the organization; an app cannot be given more.</param>
    /// <returns>The form, or the answer that names the first wrong field.</returns>
    public static (AppForm? Form, IResult? Refusal) Read(JsonMap body, IReadOnlyList<string> held)
    {
        if (body["isInternal"] is not true)
            return Wrong("isInternal", "Only internal integrations can be created by this version: send true.");
        if (body.Text("name") is not { Length: > 0 } name)
            return Wrong("name", body.Contains("name") && body["name"] is null ? "This field may not be null." : "This field is required.");
        if (name.Length > LongestName)
            return Wrong("name", $"Cannot exceed {LongestName} characters");
        if (name.Any(char.IsControl))
            return Wrong("name", "Control characters are not allowed.");
        if (!TryTexts(body, "scopes", out var scopes) || !TryTexts(body, "events", out var events) || !TryTexts(body, "allowedOrigins", out var origins))
            return Wrong(body["scopes"] is List<object?> or null ? body["events"] is List<object?> or null ? "allowedOrigins" : "events" : "scopes", "Expected a list of strings.");
        if (scopes.FirstOrDefault(scope => !Authorization.Scopes.IsKnown(scope)) is { } unknownScope)
            return Wrong("scopes", $"{unknownScope} not a valid scope");

        var beyond = scopes.Where(scope => scope != "project:distribution" && !held.Contains(scope, StringComparer.Ordinal)).ToList();
        if (beyond.Count > 0)
        {
            return Wrong("scopes", [.. beyond.Select(scope =>
                $"Requested permission of {scope} exceeds requester's permission. Please contact an administrator to make the requested change.")]);
        }

        if (!EventCatalogue.TryExpand(events, out var expanded, out var unknown))
            return Wrong("events", $"Invalid event subscription: {string.Join(", ", unknown)}");
        var app = Authorization.Scopes.Expand(scopes);
        foreach (var single in expanded)
        {
            if (EventCatalogue.RequiredScope(single) is { } needed && !app.Contains(needed, StringComparer.Ordinal))
                return Wrong("events", $"{EventCatalogue.ResourceOf(single)} webhooks require the {needed} permission.");
        }

        if (origins.Any(origin => origin.Contains('*', StringComparison.Ordinal)))
            return Wrong("allowedOrigins", "'*' not allowed in origin");
        if (origins.Any(origin => origin.Length > 255))
            return Wrong("allowedOrigins", "Ensure this field has no more than 255 characters.");
        if (body["schema"] is not (null or "" or JsonMap { Count: 0 }))
            return Wrong("schema", "UI components are not supported by this version.");

        var webhookUrl = EmptyIsNull(body.Text("webhookUrl"));
        var redirectUrl = EmptyIsNull(body.Text("redirectUrl"));
        foreach (var (field, url) in new[] { ("webhookUrl", webhookUrl), ("redirectUrl", redirectUrl) })
        {
            if (body[field] is not (null or string))
                return Wrong(field, "Not a valid string.");
            if (url is not null && CheckUrl(url) is { } wrongUrl)
                return Wrong(field, wrongUrl);
        }

        var isAlertable = body["isAlertable"] is true;
        if (webhookUrl is null && expanded.Count > 0)
            return Wrong("webhookUrl", "webhookUrl required if webhook events are enabled");
        if (webhookUrl is null && isAlertable)
            return Wrong("webhookUrl", "webhookUrl required if alert rule action is enabled");

        var (delivery, wrong) = ReadDelivery(body["delivery"]);
        if (delivery is null)
            return Wrong("delivery", wrong!);

        return (new AppForm
        {
            Name = name,
            Author = EmptyIsNull(body.Text("author")),
            Scopes = scopes,
            Events = expanded,
            WebhookUrl = webhookUrl,
            RedirectUrl = redirectUrl,
            Overview = EmptyIsNull(body.Text("overview")),
            IsAlertable = isAlertable,
            AllowedOrigins = origins,
            Delivery = delivery,
        }, null);
    }

    /// <summary>Lower-case letters, digits and dashes of the name; the caller appends what makes it unique.</summary>
    public string SlugStem => NotSlug.Replace(Name.ToLowerInvariant(), "-").Trim('-') is { Length: > 0 } stem ? stem : "integration";

    private static string? CheckUrl(string url) => url switch
    {
        _ when !url.StartsWith("http://", StringComparison.OrdinalIgnoreCase) && !url.StartsWith("https://", StringComparison.OrdinalIgnoreCase) =>
            "URL must start with http[s]://",
        { Length: > LongestUrl } => $"Ensure this field has no more than {LongestUrl} characters.",
        _ => Uri.TryCreate(url, UriKind.Absolute, out _) ? null : "Enter a valid URL.",
    };

    private static (AppDelivery? Delivery, string? Wrong) ReadDelivery(object? value)
    {
        var delivery = AppDelivery.Default;
        if (value is null)
            return (delivery, null);
        if (value is not JsonMap map)
            return (null, "Expected an object.");

        foreach (var (name, member) in map.Members)
        {
            switch (name, member)
            {
                case ("timeoutMs", double ms) when ms is >= 1000 and <= 30000 && Math.Floor(ms) == ms:
                    delivery = delivery with { TimeoutMs = (int)ms };
                    break;
                case ("concurrency", double cap) when cap is >= 1 and <= 256 && Math.Floor(cap) == cap:
                    delivery = delivery with { Concurrency = (int)cap };
                    break;
                case ("encoding", "javascript" or "ascii"):
                    delivery = delivery with { Encoding = (string)member == "ascii" ? BodyEncoding.Ascii : BodyEncoding.JavaScript };
                    break;
                case ("standardWebhooks" or "ordered", false):
                    break;
                case ("timeoutMs", _):
                    return (null, "timeoutMs must be a whole number from 1000 to 30000.");
                case ("concurrency", _):
                    return (null, "concurrency must be a whole number from 1 to 256.");
                case ("encoding", _):
                    return (null, "encoding must be javascript or ascii.");
                case ("standardWebhooks" or "ordered", _):
                    return (null, $"{name} cannot be switched on in this version.");
                default:
                    return (null, $"{name} is not a member of delivery.");
            }
        }

        return (delivery, null);
    }

    /// <summary>Absent and null are the empty list.</summary>
    private static bool TryTexts(JsonMap body, string name, out IReadOnlyList<string> texts)
    {
        texts = [];
        if (body[name] is null)
            return true;
        if (body[name] is not List<object?> list || list.Any(item => item is not string))
            return false;

        texts = [.. list.OfType<string>().Distinct(StringComparer.Ordinal)];
        return true;
    }

    private static string? EmptyIsNull(string? text) => string.IsNullOrEmpty(text) ? null : text;

    private static (AppForm?, IResult) Wrong(string field, params IReadOnlyList<string> messages) => (null, ApiResults.Invalid(field, messages));

    [GeneratedRegex("[^a-z0-9]+", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex NotSlug { get; }
}
