namespace Vedette.Server.Applications;

/// <summary>Which URLs an application may register, and which of them a request means (<c>spec/platform-api.md</c> 3.5).</summary>
internal static class RedirectUris
{
    public const int Longest = 255;

    /// <summary>A browser that is sent there stays where it is and runs or shows what stands in the URL.</summary>
    private static readonly string[] NeverSchemes = ["javascript", "data", "vbscript", "blob", "file", "about", "view-source", "filesystem"];

    /// <summary>Web addresses, and schemes of a native client's own (RFC 8252, 7.1).</summary>
    /// <returns>What is wrong; <c>null</c> when it may be registered.</returns>
    public static string? WhatIsWrong(string uri)
    {
        if (uri.Length > Longest)
            return $"Ensure this field has no more than {Longest} characters.";
        if (uri.Any(c => c is <= ' ' or > '~' or '\\' or '"' or '<' or '>') || !Uri.TryCreate(uri, UriKind.Absolute, out var parsed))
            return "Enter a valid URL.";
        if (uri.Contains('#', StringComparison.Ordinal))
            return "A redirect URI has no fragment.";
        if (parsed.UserInfo.Length > 0 || NeverSchemes.Contains(parsed.Scheme, StringComparer.OrdinalIgnoreCase))
            return "Enter a valid URL.";
        return IsWeb(parsed) && parsed.Host.Length == 0 ? "Enter a valid URL." : null;
    }

    /// <param name="given">What the client asks for; <c>null</c> when it leaves it out.</param>
    /// <returns>Where to send the browser: what was registered, with the port that was asked for where any port will do. <c>null</c> when nothing matches.</returns>
    public static string? Match(IReadOnlyList<string> registered, string? given)
    {
        if (given is null)
            return registered is [var only] ? only : null;
        if (WhatIsWrong(given) is not null)
            return null;

        var asked = new Uri(given);
        foreach (var uri in registered)
        {
            var known = new Uri(uri);
            if (Normal(known) == Normal(asked))
                return uri;
            if (IsLoopbackOfAnyPort(known) && Normal(WithPort(known, asked.Port)) == Normal(asked))
                return WithPort(known, asked.Port).AbsoluteUri;
        }

        return null;
    }

    /// <summary>RFC 8252, 7.3: a native client listens at whatever port it is given.</summary>
    private static bool IsLoopbackOfAnyPort(Uri uri) =>
        uri.Scheme == Uri.UriSchemeHttp && uri.IsDefaultPort && uri.Host is "127.0.0.1" or "localhost" or "[::1]";

    private static Uri WithPort(Uri uri, int port) => new UriBuilder(uri) { Port = port }.Uri;

    private static bool IsWeb(Uri uri) => uri.Scheme == Uri.UriSchemeHttp || uri.Scheme == Uri.UriSchemeHttps;

    /// <summary>Scheme and host in lower case, no usual port, a path of at least a slash; all else as it stands.</summary>
    private static string Normal(Uri uri) => IsWeb(uri) ? uri.GetComponents(UriComponents.HttpRequestUrl, UriFormat.UriEscaped) : uri.OriginalString;
}
