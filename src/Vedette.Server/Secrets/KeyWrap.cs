using System.Security.Cryptography;
using System.Text;
using System.Xml.Linq;
using Microsoft.AspNetCore.DataProtection.XmlEncryption;

namespace Vedette.Server.Secrets;

/// <summary>AES-256-GCM under a key that PBKDF2 derives from <c>VEDETTE_SECRET</c>: what protects the protection keys.</summary>
internal sealed class KeyWrap(string secret)
{
    private const int Iterations = 600_000;

    // One salt for all keys is enough: the secret is one, and is not stored anywhere.
    private readonly byte[] key = Rfc2898DeriveBytes.Pbkdf2(secret, "vedette key wrap 1"u8, Iterations, HashAlgorithmName.SHA256, 32);

    public string Wrap(string clear)
    {
        var bytes = Encoding.UTF8.GetBytes(clear);
        var output = new byte[12 + 16 + bytes.Length];
        RandomNumberGenerator.Fill(output.AsSpan(0, 12));
        using var aes = new AesGcm(key, 16);
        aes.Encrypt(output.AsSpan(0, 12), bytes, output.AsSpan(28), output.AsSpan(12, 16));
        return Convert.ToBase64String(output);
    }

    /// <exception cref="CryptographicException">The secret is another one than that which wrapped.</exception>
    public string Unwrap(string wrapped)
    {
        var input = Convert.FromBase64String(wrapped);
        var clear = new byte[input.Length - 28];
        using var aes = new AesGcm(key, 16);
        aes.Decrypt(input.AsSpan(0, 12), input.AsSpan(28), input.AsSpan(12, 16), clear);
        return Encoding.UTF8.GetString(clear);
    }
}

internal sealed class WrappedKeyEncryptor(KeyWrap wrap) : IXmlEncryptor
{
    public EncryptedXmlInfo Encrypt(XElement plaintextElement) =>
        new(
            new XElement("vedetteWrappedKey", wrap.Wrap(plaintextElement.ToString(SaveOptions.DisableFormatting))),
            typeof(WrappedKeyDecryptor));
}

/// <summary>Made by Data Protection from the type name that is stored beside each key.</summary>
internal sealed class WrappedKeyDecryptor(IServiceProvider services) : IXmlDecryptor
{
    public XElement Decrypt(XElement encryptedElement)
    {
        var wrap = services.GetService<KeyWrap>()
            ?? throw new CryptographicException("the stored keys are wrapped: set VEDETTE_SECRET to the value that they were wrapped with");
        return XElement.Parse(wrap.Unwrap(encryptedElement.Value));
    }
}
