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
        if (WrongType(body) is { } wrongType)
            return (null, wrongType);
        if (body["isInternal"] is not true)
            return (null, ApiResults.Invalid("isInternal", "Only internal integrations can be created by this version: send true."));
        if (WrongName(body) is { } wrongName)
            return (null, ApiResults.Invalid("name", wrongName));

        var (scopes, origins) = (Texts(body, "scopes"), Texts(body, "allowedOrigins"));
        if (WrongScopes(scopes, held) is { } wrongScopes)
            return (null, wrongScopes);
        if (WrongEvents(Texts(body, "events"), scopes, out var events) is { } wrongEvents)
            return (null, ApiResults.Invalid("events", wrongEvents));
        if (WrongOrigins(origins) is { } wrongOrigins)
            return (null, ApiResults.Invalid("allowedOrigins", wrongOrigins));
        if (body["schema"] is not (null or "" or JsonMap { Count: 0 }))
            return (null, ApiResults.Invalid("schema", "UI components are not supported by this version."));
        if (WrongUrls(body, events) is { } wrongUrl)
            return (null, wrongUrl);

        var (delivery, wrongDelivery) = ReadDelivery(body["delivery"]);
        if (delivery is null)
            return (null, ApiResults.Invalid("delivery", wrongDelivery!));

        return (new AppForm
        {
            Name = body.Text("name")!,
            Author = EmptyIsNull(body.Text("author")),
            Scopes = scopes,
            Events = events,
            WebhookUrl = EmptyIsNull(body.Text("webhookUrl")),
            RedirectUrl = EmptyIsNull(body.Text("redirectUrl")),
            Overview = EmptyIsNull(body.Text("overview")),
            IsAlertable = body["isAlertable"] is true,
            AllowedOrigins = origins,
            Delivery = delivery,
        }, null);
    }

    /// <summary>Lower-case letters, digits and dashes of the name; the caller appends what makes it unique.</summary>
    public string SlugStem => NotSlug.Replace(Name.ToLowerInvariant(), "-").Trim('-') is { Length: > 0 } stem ? stem : "integration";

    /// <summary>Null and absent are right for all of them.</summary>
    private static IResult? WrongType(JsonMap body)
    {
        foreach (var field in new[] { "author", "overview", "webhookUrl", "redirectUrl" })
        {
            if (body[field] is not (null or string))
                return ApiResults.Invalid(field, "Not a valid string.");
        }

        foreach (var field in new[] { "isInternal", "isAlertable", "verifyInstall" })
        {
            if (body[field] is not (null or bool))
                return ApiResults.Invalid(field, "Must be a valid boolean.");
        }

        foreach (var field in new[] { "scopes", "events", "allowedOrigins" })
        {
            if (body[field] is not null && (body.List(field) is not { } list || list.Any(item => item is not string)))
                return ApiResults.Invalid(field, "Expected a list of strings.");
        }

        return null;
    }

    private static string? WrongName(JsonMap body) => body["name"] switch
    {
        null => body.Contains("name") ? "This field may not be null." : "This field is required.",
        not string => "Not a valid string.",
        string name when string.IsNullOrWhiteSpace(name) => "This field may not be blank.",
        string { Length: > LongestName } => $"Cannot exceed {LongestName} characters",
        string name => name.Any(char.IsControl) ? "Control characters are not allowed." : null,
    };

    private static IResult? WrongScopes(IReadOnlyList<string> scopes, IReadOnlyList<string> held)
    {
        if (scopes.FirstOrDefault(scope => !Authorization.Scopes.IsKnown(scope)) is { } unknown)
            return ApiResults.Invalid("scopes", $"{unknown} not a valid scope");

        var beyond = scopes.Where(scope => scope != "project:distribution" && !held.Contains(scope, StringComparer.Ordinal)).ToList();
        return beyond.Count == 0
            ? null
            : ApiResults.Invalid("scopes", [.. beyond.Select(scope =>
                $"Requested permission of {scope} exceeds requester's permission. Please contact an administrator to make the requested change.")]);
    }

    private static string? WrongEvents(IReadOnlyList<string> events, IReadOnlyList<string> scopes, out IReadOnlyList<string> expanded)
    {
        if (!EventCatalogue.TryExpand(events, out expanded, out var unknown))
            return $"Invalid event subscription: {string.Join(", ", unknown)}";

        var held = Authorization.Scopes.Expand(scopes);
        foreach (var single in expanded)
        {
            if (EventCatalogue.RequiredScope(single) is { } needed && !held.Contains(needed, StringComparer.Ordinal))
                return $"{EventCatalogue.ResourceOf(single)} webhooks require the {needed} permission.";
        }

        return null;
    }

    private static string? WrongOrigins(IReadOnlyList<string> origins) =>
        origins.Select(origin => origin switch
        {
            "" => "This field may not be blank.",
            { Length: > 255 } => "Ensure this field has no more than 255 characters.",
            _ when origin.Contains('*', StringComparison.Ordinal) => "'*' not allowed in origin",
            _ when origin.Any(c => char.IsWhiteSpace(c) || char.IsControl(c)) => "Spaces and control characters are not allowed.",
            _ => null,
        }).FirstOrDefault(wrong => wrong is not null);

    private static IResult? WrongUrls(JsonMap body, IReadOnlyList<string> events)
    {
        foreach (var field in new[] { "webhookUrl", "redirectUrl" })
        {
            if (EmptyIsNull(body.Text(field)) is { } url && CheckUrl(url) is { } wrong)
                return ApiResults.Invalid(field, wrong);
        }

        if (!string.IsNullOrEmpty(body.Text("webhookUrl")))
            return null;
        if (events.Count > 0)
            return ApiResults.Invalid("webhookUrl", "webhookUrl required if webhook events are enabled");
        return body["isAlertable"] is true ? ApiResults.Invalid("webhookUrl", "webhookUrl required if alert rule action is enabled") : null;
    }

    /// <returns>What is wrong with it; <c>null</c> when nothing is.</returns>
    internal static string? CheckUrl(string url) => url switch
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
                case ("ordered", bool ordered):
                    delivery = delivery with { Ordered = ordered };
                    break;
                case ("standardWebhooks", false):
                    break;
                case ("timeoutMs", _):
                    return (null, "timeoutMs must be a whole number from 1000 to 30000.");
                case ("concurrency", _):
                    return (null, "concurrency must be a whole number from 1 to 256.");
                case ("encoding", _):
                    return (null, "encoding must be javascript or ascii.");
                case ("ordered", _):
                    return (null, "ordered must be true or false.");
                case ("standardWebhooks", _):
                    return (null, $"{name} cannot be switched on in this version.");
                default:
                    return (null, $"{name} is not a member of delivery.");
            }
        }

        return (delivery, null);
    }

    /// <summary>Absent and null are the empty list.</summary>
    private static IReadOnlyList<string> Texts(JsonMap body, string name) =>
        [.. (body.List(name) ?? []).OfType<string>().Distinct(StringComparer.Ordinal)];

    private static string? EmptyIsNull(string? text) => string.IsNullOrEmpty(text) ? null : text;

    [GeneratedRegex("[^a-z0-9]+", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex NotSlug { get; }
}
