using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Text;

namespace Vedette.Engine.Egress;

/// <summary>
/// The host that a URL leads to. <see cref="Uri"/> decides, because the HTTP client follows it; this refuses the forms in
/// which a reader, another parser or a resolver would see another host than <see cref="Uri"/> does.
/// </summary>
/// <param name="Host">In ASCII, without brackets, as the HTTP client hands it to a connection.</param>
/// <param name="Literal"><c>null</c> when the host is a name.</param>
internal sealed record OutboundUrl(string Host, IPAddress? Literal)
{
    private const string Malformed = "the URL is malformed";

    public static bool TryParse(string url, [NotNullWhen(true)] out OutboundUrl? parsed, [NotNullWhen(false)] out string? error)
    {
        parsed = null;
        error = TextError(url, out var authority);
        if (error is not null)
            return false;

        if (!Uri.TryCreate(url, UriKind.Absolute, out var uri))
        {
            error = Malformed;
            return false;
        }

        error = uri.HostNameType switch
        {
            UriHostNameType.IPv4 => null,
            UriHostNameType.IPv6 => BracketError(authority),
            UriHostNameType.Dns => null,
            UriHostNameType.Unknown or UriHostNameType.Basic => "the host is neither a name nor an address",
        };
        if (error is not null || !TryAsciiHost(uri, out var host, out error))
            return false;

        if (!TryLiteral(host, out var literal) && EndsInNumber(host))
        {
            error = "the host ends in a number but is no IPv4 address";
            return false;
        }

        parsed = new(host, literal);
        return true;
    }

    /// <summary>
    /// Also with the trailing dot of a fully qualified name, with which .NET takes <c>127.0.0.1.</c> for a name, and
    /// resolvers take it for the address.
    /// </summary>
    public static bool TryLiteral(string host, [NotNullWhen(true)] out IPAddress? address) =>
        IPAddress.TryParse(host.EndsWith('.') ? host[..^1] : host, out address);

    /// <summary>Everything up to the first slash, and what is wrong with the text before <see cref="Uri"/> has mended it.</summary>
    private static string? TextError(string url, out ReadOnlySpan<char> authority)
    {
        authority = default;
        if (url.Any(c => char.IsControl(c) || char.IsWhiteSpace(c)))
            return "the URL contains a space or a control character";

        var start = url.StartsWith("http://", StringComparison.OrdinalIgnoreCase) ? 7
            : url.StartsWith("https://", StringComparison.OrdinalIgnoreCase) ? 8
            : 0;
        if (start == 0)
            return "the URL is not an absolute http or https URL";

        authority = url.AsSpan(start);
        if (authority.IndexOfAny('/', '?', '#') is var end and >= 0)
            authority = authority[..end];
        if (authority.IsEmpty)
            return "the URL has no host";
        if (authority.Contains('@'))
            return "the URL contains a user name or password";
        if (authority.Contains('\\') || (authority[0] != '[' && authority.Contains('%')))
            return Malformed;

        foreach (var rune in authority.EnumerateRunes())
        {
            if (!rune.IsAscii && !StandsForItself(rune))
                return "the host contains a character that can stand for another; use its xn-- form";
        }

        return null;
    }

    /// <summary>
    /// Letters and marks of names in national scripts, in lower case. Not what IDNA mapping would turn into ASCII, as
    /// browsers do and this build, without ICU, does not: digits in disguise, fullwidth and mathematical forms,
    /// ideographic full stops, invisible characters.
    /// </summary>
    private static bool StandsForItself(Rune rune) =>
        Rune.GetUnicodeCategory(rune) is UnicodeCategory.LowercaseLetter or UnicodeCategory.OtherLetter
            or UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark
        && rune.Value is not ((>= 0x2100 and <= 0x214F) or (>= 0xFB00 and <= 0xFFFF) or (>= 0x1CC00 and <= 0x1FFFF));

    /// <summary><see cref="Uri"/> tolerates <c>[::1/64]</c> and text after the bracket.</summary>
    private static string? BracketError(ReadOnlySpan<char> authority)
    {
        var close = authority.IndexOf(']');
        return authority[0] == '[' && close >= 0 && (close == authority.Length - 1 || authority[close + 1] == ':') ? null : Malformed;
    }

    private static bool TryAsciiHost(Uri uri, [NotNullWhen(true)] out string? host, [NotNullWhen(false)] out string? error)
    {
        try
        {
            (host, error) = (uri.IdnHost, null);
            return true;
        }
        catch (UriFormatException)
        {
            (host, error) = (null, "the host has no ASCII form");
            return false;
        }
    }

    private static bool EndsInNumber(string host)
    {
        var last = host.TrimEnd('.').Split('.')[^1];
        return last.All(char.IsAsciiDigit)
            || (last.StartsWith("0x", StringComparison.OrdinalIgnoreCase) && last[2..].All(char.IsAsciiHexDigit));
    }
}
