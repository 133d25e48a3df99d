namespace Vedette.Server.Configuration;

internal static class MailAddress
{
    /// <summary>
    /// Whether it can stand in an SMTP command and in a header as it is: <c>name@host</c> in ASCII, at most 254 characters,
    /// without quotes, brackets and whatever else would need them. A host may be an address in brackets.
    /// </summary>
    public static bool IsPlain(string text)
    {
        var at = text.IndexOf('@', StringComparison.Ordinal);
        if (at < 1 || at == text.Length - 1 || text.Length > 254)
            return false;

        var host = text.AsSpan(at + 1);
        if (host[0] == '[' && host[^1] == ']')
            host = host[1..^1];
        return IsMadeOf(text.AsSpan(0, at), ".!#$%&'*+-/=?^_`{|}~") && IsMadeOf(host, ".-:");
    }

    /// <summary>The host of a URL as it stands after the <c>@</c> of an address, and in a greeting: addresses in brackets.</summary>
    public static string Domain(Uri url) => url.HostNameType switch
    {
        UriHostNameType.IPv4 => $"[{url.Host}]",
        UriHostNameType.IPv6 => $"[IPv6:{url.IdnHost}]",
        UriHostNameType.Dns => url.IdnHost,
        UriHostNameType.Basic or UriHostNameType.Unknown => "localhost",
    };

    private static bool IsMadeOf(ReadOnlySpan<char> text, string besidesLettersAndDigits)
    {
        foreach (var c in text)
        {
            if (!char.IsAsciiLetterOrDigit(c) && !besidesLettersAndDigits.Contains(c, StringComparison.Ordinal))
                return false;
        }

        return text.Length > 0;
    }
}
