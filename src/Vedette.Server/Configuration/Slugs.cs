using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace Vedette.Server.Configuration;

/// <summary>The names of organizations, teams and projects in addresses.</summary>
internal static partial class Slugs
{
    /// <summary>All digits would be an id (<c>spec/platform-api.md</c> 6).</summary>
    public const string Form = "a slug of lower-case letters, digits, - and _, not all digits";

    /// <summary>In Sentry's words.</summary>
    public const string Wrong = "Enter a valid slug consisting of lowercase letters, numbers, underscores or hyphens. It cannot be entirely numeric.";

    public const int Longest = 50;

    /// <summary>They stand where the slug of an organization or a project would, in addresses of this server or of Sentry's.</summary>
    private static readonly HashSet<string> Reserved = new(StringComparer.Ordinal)
    {
        "_static", "about", "accept", "account", "admin", "api", "api-keys", "audit-log", "auth", "avatars", "billing", "careers", "contact",
        "debug", "developer-settings", "docs", "ext", "extensions", "features", "health", "help", "integrations", "issues", "join", "legal",
        "login", "logout", "manage", "members", "metrics", "new", "oauth", "organizations", "out", "plugins", "projects", "rate-limits",
        "register", "remote", "repos", "sentry-apps", "settings", "share", "signup", "static", "subscription", "support", "teams", "vedette",
        "welcome",
    };

    public static bool IsValid(string slug) => Slug.IsMatch(slug);

    public static bool IsReserved(string slug) => Reserved.Contains(slug);

    /// <returns><c>null</c> when it is one that may be had.</returns>
    public static string? WhyNot(string slug) =>
        !IsValid(slug) ? $"'{slug}' is no slug: it takes {Form}" : IsReserved(slug) ? $"'{slug}' is reserved" : null;

    /// <summary>What comes nearest to a name: <c>My Shop!</c> is <c>my-shop</c>. Made up where nothing of the name can stand in a slug.</summary>
    public static string Of(string name)
    {
        var text = new StringBuilder();
        foreach (var c in name.ToLowerInvariant())
        {
            if (char.IsAsciiLetterOrDigit(c) || c == '_')
                text.Append(c);
            else if (text.Length > 0 && text[^1] != '-' && (char.IsWhiteSpace(c) || char.IsPunctuation(c)))
                text.Append('-');
        }

        var slug = text.ToString(0, Math.Min(text.Length, Longest)).Trim('-');
        return IsValid(slug) && !IsReserved(slug) ? slug : Another(slug);
    }

    /// <summary>The same with a few letters more, for one that is taken.</summary>
    public static string Another(string slug) =>
        $"{slug[..Math.Min(slug.Length, Longest - 7)]}-{RandomNumberGenerator.GetString("abcdefghjkmnpqrstuvwxyz", 6)}".TrimStart('-');

    [GeneratedRegex("^[a-z0-9_-]{0,49}[a-z_-][a-z0-9_-]{0,49}$", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Slug { get; }
}
