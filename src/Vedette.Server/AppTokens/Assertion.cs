using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using Vedette.Wire.Json;

namespace Vedette.Server.AppTokens;

/// <summary>What an app says of itself in a signed token (RFC 7519), as far as anybody asks.</summary>
/// <param name="Issuer"><c>null</c> when absent or no string, as the others.</param>
internal sealed record Assertion(string? Issuer, string? Subject, string? Id, DateTimeOffset ExpiresAt)
{
    private const int Longest = 4096;

    /// <summary>Clocks differ by so much at most.</summary>
    private static readonly TimeSpan Skew = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Reads a token that was signed with HS256 (RFC 7518 3.2) by one of the secrets, has an end (RFC 7519 4.1.4) and is
    /// not past it. No other algorithm is taken, whatever the token says of itself (RFC 8725 3.1).
    /// </summary>
    public static bool TryRead(string jwt, IReadOnlyList<string> secrets, DateTimeOffset now, [NotNullWhen(true)] out Assertion? assertion)
    {
        assertion = null;
        if (jwt.Length > Longest || jwt.Split('.') is not [var head, var body, var signature])
            return false;
        if (!TryDecode(signature, out var shown) || !secrets.Any(secret => IsSigned($"{head}.{body}", secret, shown)))
            return false;
        if (!TryParse(head, out var header) || header.Text("alg") != "HS256" || !TryParse(body, out var claims))
            return false;
        if (claims["exp"] is not double seconds || !(seconds is > 0 and < 253402300799))
            return false;

        var expiresAt = DateTimeOffset.FromUnixTimeSeconds((long)seconds);
        if (now >= expiresAt + Skew)
            return false;

        assertion = new Assertion(claims.Text("iss"), claims.Text("sub"), claims.Text("jti"), expiresAt + Skew);
        return true;
    }

    private static bool IsSigned(string text, string secret, byte[] shown) =>
        CryptographicOperations.FixedTimeEquals(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), Encoding.UTF8.GetBytes(text)), shown);

    private static bool TryParse(string part, [NotNullWhen(true)] out JsonMap? map)
    {
        map = TryDecode(part, out var bytes) && LenientJson.TryParse(bytes, out var value, out _) ? value as JsonMap : null;
        return map is not null;
    }

    private static bool TryDecode(string part, out byte[] bytes)
    {
        bytes = Base64Url.IsValid(part) ? Base64Url.DecodeFromChars(part) : [];
        return bytes.Length > 0;
    }
}
