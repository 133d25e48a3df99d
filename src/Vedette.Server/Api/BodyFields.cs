using System.Text;
using Vedette.Server.Configuration;
using Vedette.Wire.Json;

namespace Vedette.Server.Api;

/// <summary>Members of a request's body, refused in Sentry's words when they are wrong.</summary>
internal static class BodyFields
{
    /// <summary>Reads a text and trims it. A member that may be left out may be null as well.</summary>
    /// <param name="text"><c>null</c> when there is none.</param>
    /// <returns><c>null</c> when all is well.</returns>
    public static IResult? RefuseText(JsonMap body, string name, int longest, bool required, out string? text) =>
        WhyNotText(body, name, longest, required, out text) is { } wrong ? ApiResults.Invalid(name, wrong) : null;

    /// <inheritdoc cref="RefuseText"/>
    public static string? WhyNotText(JsonMap body, string name, int longest, bool required, out string? text)
    {
        text = null;
        switch (body[name])
        {
            case null when !required:
                return null;
            case null:
                return body.Contains(name) ? "This field may not be null." : "This field is required.";
            case string given when string.IsNullOrWhiteSpace(given):
                return "This field may not be blank.";
            case string given when given.Trim().Length > longest:
                return $"Ensure this field has no more than {longest} characters.";
            case string given:
                text = given.Trim();
                return null;
            default:
                return "Not a valid string.";
        }
    }

    /// <param name="slug"><c>null</c> when there is none.</param>
    /// <returns><c>null</c> when all is well.</returns>
    public static IResult? RefuseSlug(JsonMap body, out string? slug)
    {
        if (RefuseText(body, "slug", Slugs.Longest, required: false, out slug) is { } refusal)
            return refusal;
        if (slug is not null && !Slugs.IsValid(slug))
            return ApiResults.Invalid("slug", Slugs.Wrong);
        return slug is not null && Slugs.IsReserved(slug) ? ApiResults.Invalid("slug", $"The slug \"{slug}\" is reserved and not allowed.") : null;
    }

    /// <summary>
    /// Members that this version cannot change are accepted with the value that they have, so that a client may send back
    /// what it was shown, and refused by name with any other, so that nobody takes them for changed.
    /// </summary>
    /// <param name="shown">Writes the object as the requester sees it.</param>
    /// <param name="known">Read elsewhere.</param>
    /// <returns><c>null</c> when all is well.</returns>
    public static IResult? RefuseOthers(JsonMap body, Action<StableJsonWriter> shown, params IReadOnlyList<string> known)
    {
        var others = body.Members.Where(member => !known.Contains(member.Key, StringComparer.Ordinal)).ToList();
        if (others.Count == 0)
            return null;

        var json = new StableJsonWriter();
        shown(json);
        var now = LenientJson.TryParse(json.WrittenSpan, out var tree, out _) ? (JsonMap)tree! : new JsonMap();
        return others.Where(member => !now.Contains(member.Key) || Text(member.Value) != Text(now[member.Key])).Select(member => member.Key).FirstOrDefault() is { } other
            ? ApiResults.Invalid(other, "Cannot be changed in this version.")
            : null;
    }

    private static string Text(object? value)
    {
        var json = new StableJsonWriter();
        json.Value(value);
        return Encoding.UTF8.GetString(json.WrittenSpan);
    }
}
