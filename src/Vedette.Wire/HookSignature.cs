using System.Security.Cryptography;
using System.Text;

namespace Vedette.Wire;

/// <summary>
/// HMAC-SHA256 of the exact body bytes, keyed with the UTF-8 text of the secret, as 64 lower-case hex digits
/// (<c>spec/webhooks.md</c> 1.4). It covers neither the timestamp nor any header, so it does not stop a replay.
/// </summary>
public static class HookSignature
{
    public static string Sign(string secret, ReadOnlySpan<byte> body)
    {
        Span<byte> mac = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), body, mac);
        return Convert.ToHexStringLower(mac);
    }

    /// <summary>
    /// Takes the same time wherever the signatures differ. <c>null</c>, another length or upper-case hex is <c>false</c>.
    /// </summary>
    /// <param name="body">The bytes as received, before any parsing.</param>
    public static bool Verify(string secret, ReadOnlySpan<byte> body, string? signature)
    {
        if (signature is null)
            return false;

        var expected = Encoding.ASCII.GetBytes(Sign(secret, body));
        return CryptographicOperations.FixedTimeEquals(expected, Encoding.UTF8.GetBytes(signature));
    }
}
