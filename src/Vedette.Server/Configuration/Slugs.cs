using System.Text.RegularExpressions;

namespace Vedette.Server.Configuration;

/// <summary>The names of organizations and projects in addresses.</summary>
internal static partial class Slugs
{
    /// <summary>All digits would be an id (<c>spec/platform-api.md</c> 6).</summary>
    public const string Form = "a slug of lower-case letters, digits, - and _, not all digits";

    public static bool IsValid(string slug) => Slug.IsMatch(slug);

    /// <returns><c>null</c> when it is one.</returns>
    public static string? WhyNot(string slug) => IsValid(slug) ? null : $"'{slug}' is no slug: it takes {Form}";

    [GeneratedRegex("^[a-z0-9_-]{0,49}[a-z_-][a-z0-9_-]{0,49}$", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Slug { get; }
}
