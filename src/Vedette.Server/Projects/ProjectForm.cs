using Vedette.Server.Api;
using Vedette.Tracker.Projects;
using Vedette.Wire.Json;

namespace Vedette.Server.Projects;

/// <summary>A project as a request wants it, checked. What it does not name stays as it is.</summary>
/// <param name="Slug"><c>null</c> for one that is made from the name.</param>
internal sealed record ProjectForm(string? Slug, string Name, string? Platform, long ResolveAge)
{
    private const int LongestName = 50;
    private const int LongestPlatform = 64;

    /// <summary>Ten years.</summary>
    private const int MostHours = 10 * 366 * 24;

    /// <param name="now"><c>null</c> for a new one, which needs a name.</param>
    /// <returns>The form, or the answer that names the first wrong field.</returns>
    public static (ProjectForm? Form, IResult? Refusal) Read(JsonMap body, Project? now)
    {
        if (BodyFields.RefuseText(body, "name", LongestName, required: now is null || body.Contains("name"), out var name) is { } badName)
            return (null, badName);
        if (BodyFields.RefuseSlug(body, out var slug) is { } badSlug)
            return (null, badSlug);

        string? platform = null;
        if (body["platform"] is not "" && BodyFields.RefuseText(body, "platform", LongestPlatform, required: false, out platform) is { } badPlatform)
            return (null, badPlatform);

        var hours = now?.ResolveAge ?? 0;
        if (body.Contains("resolveAge"))
        {
            if (body["resolveAge"] is not (null or double) || body["resolveAge"] is double given && (given != Math.Floor(given) || given is < 0 or > MostHours))
                return (null, ApiResults.Invalid("resolveAge", $"A whole number of hours from 0 to {MostHours} is required."));
            hours = body["resolveAge"] is double whole ? (long)whole : 0;
        }

        return (new ProjectForm(slug ?? now?.Slug, name ?? now!.Name, body.Contains("platform") ? platform : now?.Platform, hours), null);
    }
}
