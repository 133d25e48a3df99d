using System.Diagnostics.CodeAnalysis;
using System.Net;

namespace Vedette.Server.Configuration;

internal static class ListenAddresses
{
    /// <summary>
    /// Comma-separated <c>host:port</c>, where a host is an IP address, <c>localhost</c> (127.0.0.1) or <c>*</c> (all
    /// interfaces). <c>null</c> takes host and port of <paramref name="url"/>; a name there that is not an address of this
    /// machine to bind to means all interfaces.
    /// </summary>
    public static bool TryParse(string? text, Uri url, [NotNullWhen(true)] out IReadOnlyList<IPEndPoint>? addresses, [NotNullWhen(false)] out string? error)
    {
        (addresses, error) = (null, null);
        if (text is null)
        {
            addresses = [new IPEndPoint(Host(url.IdnHost) ?? IPAddress.Any, url.Port)];
            return true;
        }

        var parsed = new List<IPEndPoint>();
        foreach (var part in text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            var colon = part.LastIndexOf(':');
            if (colon <= 0 || Host(part[..colon].Trim('[', ']')) is not { } host || !ushort.TryParse(part[(colon + 1)..], out var port))
            {
                error = $"VEDETTE_LISTEN is '{part}': it takes addresses such as 127.0.0.1:8321 or *:8321, comma-separated";
                return false;
            }

            parsed.Add(new IPEndPoint(host, port));
        }

        if (parsed.Count == 0)
        {
            error = $"VEDETTE_LISTEN is '{text}': it names no address";
            return false;
        }

        addresses = parsed;
        return true;
    }

    private static IPAddress? Host(string host) => host switch
    {
        "*" => IPAddress.Any,
        "localhost" => IPAddress.Loopback,
        _ => IPAddress.TryParse(host, out var address) ? address : null,
    };
}
