using System.Buffers;
using System.Text;
using Vedette.Wire.Json;

namespace Vedette.Engine.Deliveries;

/// <summary>The headers of the owner's own, as far as they may be sent.</summary>
internal static class CustomHeaders
{
    /// <summary>The connection's business, or about the body, which is ours.</summary>
    private static readonly HashSet<string> Reserved = new(StringComparer.OrdinalIgnoreCase)
    {
        "Connection", "Content-Length", "Expect", "Host", "Keep-Alive", "Proxy-Authenticate", "Proxy-Authorization", "Proxy-Connection", "TE", "Trailer",
        "Transfer-Encoding", "Upgrade",
    };

    private static readonly SearchValues<char> Token = SearchValues.Create("!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    /// <summary>
    /// Split on the first colon and trimmed; of a repeated name the last. Dropped is what has no colon, what no HTTP header may
    /// hold, and what is not the owner's to set. Whether a name is one of ours is for the caller to see.
    /// </summary>
    public static IReadOnlyDictionary<string, string> Parse(string list)
    {
        if (!LenientJson.TryParse(Encoding.UTF8.GetBytes(list), out var value, out _) || value is not List<object?> entries)
            throw new InvalidOperationException("the headers of a destination are no JSON list");

        var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var entry in entries.OfType<string>())
        {
            var colon = entry.IndexOf(':', StringComparison.Ordinal);
            if (colon < 0)
                continue;

            var (name, text) = (entry[..colon].Trim(), entry[(colon + 1)..].Trim());
            if (name.Length > 0 && !name.AsSpan().ContainsAnyExcept(Token) && text.All(c => c is (>= ' ' and <= '~') or '\t') && !IsReserved(name))
                headers[name] = text;
        }

        return headers;
    }

    private static bool IsReserved(string name) => Reserved.Contains(name) || name.StartsWith("Content-", StringComparison.OrdinalIgnoreCase);
}
