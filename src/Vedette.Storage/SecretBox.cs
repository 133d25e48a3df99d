namespace Vedette.Storage;

/// <summary>How secrets that must be read back are kept in tables. The host decides the cipher and where its keys live.</summary>
/// <param name="seal">Safe for concurrent use.</param>
/// <param name="open">Safe for concurrent use; throws when the keys do not fit.</param>
public sealed class SecretBox(Func<string, byte[]> seal, Func<byte[], string> open)
{
    public byte[] Seal(string secret) => seal(secret);

    public string Open(byte[] sealedSecret) => open(sealedSecret);
}
