namespace Vedette.Server.Authorization;

/// <summary>Which pages may use a token of an app or an application (<c>spec/platform-api.md</c> 6).</summary>
internal static class AllowedOrigin
{
    /// <returns>Why the entry cannot be stored; <c>null</c> when it can.</returns>
    public static string? WhatIsWrong(string entry) => entry switch
    {
        "" => "This field may not be blank.",
        { Length: > 255 } => "Ensure this field has no more than 255 characters.",
        _ when entry.Contains('*', StringComparison.Ordinal) => "'*' not allowed in origin",
        _ when entry.Any(c => char.IsWhiteSpace(c) || char.IsControl(c)) => "Spaces and control characters are not allowed.",
        _ => null,
    };

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
