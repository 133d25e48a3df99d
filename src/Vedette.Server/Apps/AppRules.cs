using System.Buffers;
using Vedette.Engine.Subscriptions;
using Vedette.Server.Api;
using Vedette.Server.Authorization;
using Vedette.Server.Components;
using Vedette.Wire;
using Vedette.Wire.Json;

namespace Vedette.Server.Apps;

/// <summary>What each field of an app takes, in the words of <c>spec/platform-api.md</c> 1.4.</summary>
internal static class AppRules
{
    /// <summary>A slug has 64 characters, and an internal app's ends with a dash and six random ones.</summary>
    private const int LongestName = 57;

    private const int LongestUrl = 512;
    private const int LongestHeader = 1024;
    private const int MostHeaders = 50;

    private static readonly SearchValues<char> TokenCharacters = SearchValues.Create(
        "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    /// <summary>Null and absent are right for all of them.</summary>
    public static IResult? WrongType(JsonMap body)
    {
        foreach (var field in new[] { "author", "overview", "webhookUrl", "redirectUrl", "status", "heldDeliveries" })
        {
            if (body[field] is not (null or string))
                return ApiResults.Invalid(field, "Not a valid string.");
        }

        foreach (var field in new[] { "isInternal", "isAlertable", "verifyInstall", "isDisabled" })
        {
            if (body[field] is not (null or bool) || (field == "isDisabled" && body.Contains(field) && body[field] is null))
                return ApiResults.Invalid(field, "Must be a valid boolean.");
        }

        foreach (var field in new[] { "scopes", "events", "allowedOrigins", "webhookHeaders" })
        {
            if (body[field] is not null && (body.List(field) is not { } list || list.Any(item => item is not string)))
                return ApiResults.Invalid(field, "Expected a list of strings.");
        }

        if (body["popularity"] is not (null or double and >= 0 and <= 32767) || body["popularity"] is double popularity && popularity != Math.Floor(popularity))
            return ApiResults.Invalid("popularity", "Must be a whole number from 0 to 32767.");
        if (body["features"] is not null && (body.List("features") is not { } ids || ids.Any(id => AppFeature.All.All(feature => id is not double number || feature.Id != number))))
            return ApiResults.Invalid("features", $"Expected a list of feature ids: {string.Join(", ", AppFeature.All.Select(feature => feature.Id))}.");
        return body.Text("heldDeliveries") is null or "release" or "drop" ? null : ApiResults.Invalid("heldDeliveries", "Must be release or drop.");
    }

    /// <summary>Looked at before anything else (<c>spec/platform-api.md</c> 1.4).</summary>
    public static IResult? MissingFeature(JsonMap body, AppRequester requester)
    {
        if (requester.HasErrorEvents || !Texts(body, "events").Any(name => name is "error" or "error.created"))
            return null;

        return ApiResults.Json(StatusCodes.Status403Forbidden, json =>
        {
            json.StartObject();
            json.Name("non_field_errors"u8);
            json.Texts(["Your organization does not have access to the 'error' resource subscription."]);
            json.EndObject();
        });
    }

    public static string? WrongName(object? value) => value switch
    {
        null => "This field may not be null.",
        not string => "Not a valid string.",
        string name when string.IsNullOrWhiteSpace(name) => "This field may not be blank.",
        string { Length: > LongestName } => $"Cannot exceed {LongestName} characters",
        string name => name.Any(char.IsControl) ? "Control characters are not allowed." : null,
    };

    /// <param name="has">Of the app already; nobody has to hold these.</param>
    public static IResult? WrongScopes(IReadOnlyList<string> scopes, IReadOnlyList<string> has, IReadOnlyList<string> held)
    {
        if (scopes.FirstOrDefault(scope => !Scopes.IsKnown(scope)) is { } unknown)
            return ApiResults.Invalid("scopes", $"{unknown} not a valid scope");

        var beyond = scopes
            .Where(scope => scope != Scopes.TokenOnly && !held.Contains(scope, StringComparer.Ordinal) && !has.Contains(scope, StringComparer.Ordinal))
            .ToList();
        return beyond.Count == 0
            ? null
            : ApiResults.Invalid("scopes", [.. beyond.Select(scope =>
                $"Requested permission of {scope} exceeds requester's permission. Please contact an administrator to make the requested change.")]);
    }

    public static string? WhatLacksItsScope(IReadOnlyList<string> events, IReadOnlyList<string> scopes)
    {
        foreach (var single in events)
        {
            if (EventCatalogue.RequiredScope(single) is { } needed && !scopes.Contains(needed, StringComparer.Ordinal))
                return $"{EventCatalogue.ResourceOf(single)} webhooks require the {needed} permission.";
        }

        return null;
    }

    /// <summary>Looks at what is written in texts; their types have been looked at before.</summary>
    public static IResult? WrongText(JsonMap body)
    {
        foreach (var field in new[] { "webhookUrl", "redirectUrl" })
        {
            if (EmptyIsNull(body.Text(field)) is { } url && WrongUrl(url) is { } wrongUrl)
                return ApiResults.Invalid(field, wrongUrl);
        }

        if (ComponentSchema.WhyNot(body["schema"]) is { } wrongSchema)
            return ApiResults.Invalid("schema", wrongSchema);
        if (Texts(body, "allowedOrigins").Select(AllowedOrigin.WhatIsWrong).FirstOrDefault(wrong => wrong is not null) is { } wrongOrigin)
            return ApiResults.Invalid("allowedOrigins", wrongOrigin);
        if (Texts(body, "webhookHeaders") is { Count: > MostHeaders })
            return ApiResults.Invalid("webhookHeaders", $"There may be {MostHeaders} at most.");
        return Texts(body, "webhookHeaders").Select(WrongHeader).FirstOrDefault(wrong => wrong is not null) is { } wrongHeader
            ? ApiResults.Invalid("webhookHeaders", wrongHeader)
            : null;
    }

    /// <param name="now">What an absent member stays as.</param>
    /// <returns>What is wrong with it; <c>null</c> when nothing is.</returns>
    public static string? WrongDelivery(object? value, AppDelivery now, out AppDelivery delivery)
    {
        delivery = now;
        if (value is null)
            return null;
        if (value is not JsonMap map)
            return "Expected an object.";

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
                case ("standardWebhooks", bool standard):
                    delivery = delivery with { StandardWebhooks = standard };
                    break;
                case ("ordered", bool ordered):
                    delivery = delivery with { Ordered = ordered };
                    break;
                case ("timeoutMs", _):
                    return "timeoutMs must be a whole number from 1000 to 30000.";
                case ("concurrency", _):
                    return "concurrency must be a whole number from 1 to 256.";
                case ("encoding", _):
                    return "encoding must be javascript or ascii.";
                case ("standardWebhooks" or "ordered", _):
                    return $"{name} must be true or false.";
                default:
                    return $"{name} is not a member of delivery.";
            }
        }

        return null;
    }

    /// <summary>The strings of a list; absent and null are the empty list.</summary>
    public static IReadOnlyList<string> Texts(JsonMap body, string name) =>
        [.. (body.List(name) ?? []).OfType<string>().Distinct(StringComparer.Ordinal)];

    public static string? EmptyIsNull(string? text) => string.IsNullOrEmpty(text) ? null : text;

    private static string? WrongUrl(string url) => url switch
    {
        _ when !url.StartsWith("http://", StringComparison.OrdinalIgnoreCase) && !url.StartsWith("https://", StringComparison.OrdinalIgnoreCase) =>
            "URL must start with http[s]://",
        { Length: > LongestUrl } => $"Ensure this field has no more than {LongestUrl} characters.",
        _ => Uri.TryCreate(url, UriKind.Absolute, out _) ? null : "Enter a valid URL.",
    };

    /// <summary>What may stand in a header is RFC 9110 5.1 and 5.5; text beyond ASCII is not sent, because receivers disagree on how to read it.</summary>
    private static string? WrongHeader(string header)
    {
        var colon = header.IndexOf(':', StringComparison.Ordinal);
        return header switch
        {
            { Length: > LongestHeader } => $"Ensure this field has no more than {LongestHeader} characters.",
            _ when colon < 1 => "Each header must have the form Header-Name: value.",
            _ when !header.AsSpan(0, colon).Trim().ContainsAnyExcept(TokenCharacters) && header.AsSpan(colon + 1).IndexOfAnyExceptInRange(' ', '~') < 0 => null,
            _ => "A header holds characters that cannot be sent.",
        };
    }
}
