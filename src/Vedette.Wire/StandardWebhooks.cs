using System.Security.Cryptography;
using System.Text;

namespace Vedette.Wire;

/// <summary>
/// Names of the headers that an app may ask for beside Sentry's, as the Standard Webhooks specification (version 1) writes
/// them, and their signature. Unlike Sentry's, it covers the time of the attempt, so a receiver can refuse an old request.
/// </summary>
public static class StandardWebhooks
{
    /// <summary>The same on every attempt: the <c>Idempotency-Key</c>.</summary>
    public const string Id = "webhook-id";

    /// <summary>Unix seconds, as decimal text.</summary>
    public const string Timestamp = "webhook-timestamp";

    /// <summary>One or several signatures, separated by a space; one that verifies is enough.</summary>
    public const string Signature = "webhook-signature";

    /// <summary><c>v1,</c> and the base64 of the HMAC-SHA256 of <c>id.timestamp.body</c>.</summary>
    /// <param name="secret">Its UTF-8 text is the key. A library that takes <c>whsec_</c> keys wants the base64 of that text.</param>
    public static string Sign(string secret, string id, string timestamp, ReadOnlySpan<byte> body)
    {
        using var hmac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, Encoding.UTF8.GetBytes(secret));
        hmac.AppendData(Encoding.UTF8.GetBytes($"{id}.{timestamp}."));
        hmac.AppendData(body);
        return $"v1,{Convert.ToBase64String(hmac.GetHashAndReset())}";
    }
}
