using System.Security.Cryptography;

namespace Vedette.Server.Secrets;

internal static class RandomUuid
{
    /// <summary>Version 4 (RFC 9562 5.4), of the operating system's randomness.</summary>
    public static Guid Create()
    {
        Span<byte> bytes = stackalloc byte[16];
        RandomNumberGenerator.Fill(bytes);
        bytes[6] = (byte)((bytes[6] & 0x0f) | 0x40);
        bytes[8] = (byte)((bytes[8] & 0x3f) | 0x80);
        return new Guid(bytes, bigEndian: true);
    }
}
