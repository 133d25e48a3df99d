namespace Vedette.Server.Authorization;

/// <summary>Which pages may use a token of an app (<c>spec/platform-api.md</c> 6).</summary>
internal static class AllowedOrigin
{
    /// <param name="allowed">Each <c>host</c> (any scheme and port), <c>host:port</c> (any scheme) or <c>scheme://host</c>, with a port when it is not the usual one.</param>
    /// <param name="origin">As the header has it; what cannot be read is not allowed.</param>
    public static bool IsAllowed(IReadOnlyList<string> allowed, string origin) =>
        Uri.TryCreate(origin, UriKind.Absolute, out var page) && allowed.Any(entry => Matches(entry.TrimEnd('/'), page));

    private static bool Matches(string entry, Uri page) =>
        entry.Equals(page.Host, StringComparison.OrdinalIgnoreCase)
        || entry.Equals($"{page.Host}:{page.Port}", StringComparison.OrdinalIgnoreCase)
        || entry.Equals($"{page.Scheme}://{page.Authority}", StringComparison.OrdinalIgnoreCase)
        || entry.Equals($"{page.Scheme}://{page.Host}:{page.Port}", StringComparison.OrdinalIgnoreCase);
}
