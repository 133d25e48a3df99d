using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Vedette.Server.OAuth;

/// <summary>Proof keys for code exchange (RFC 7636). <c>S256</c> is the only method: <c>plain</c> proves nothing to who saw the request.</summary>
internal static class Pkce
{
    public const string Method = "S256";

    /// <summary>RFC 7636 4.1 and 4.2: verifiers and challenges are 43 to 128 unreserved characters.</summary>
    public static bool IsWellFormed(string text) =>
        text.Length is >= 43 and <= 128 && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '.' or '_' or '~');

    /// <summary>In constant time.</summary>
    public static bool Proves(string verifier, string challenge) =>
        IsWellFormed(verifier)
        && CryptographicOperations.FixedTimeEquals(
            Encoding.ASCII.GetBytes(Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(verifier)))), Encoding.ASCII.GetBytes(challenge));
}
