using System.Buffers;
using System.Text;

namespace Vedette.Wire.Json;

/// <summary>Sentry's own form of the bytes: everything outside printable ASCII escaped as <c>\uXXXX</c> (<c>spec/webhooks.md</c> 1.5).</summary>
public static class AsciiJson
{
    /// <param name="stableJson">Output of <see cref="StableJsonWriter"/>.</param>
    /// <returns>The same JSON value in pure ASCII; lower-case hex, surrogate pairs above U+FFFF.</returns>
    public static byte[] FromStable(ReadOnlySpan<byte> stableJson)
    {
        if (!stableJson.ContainsAnyExceptInRange((byte)0, (byte)0x7e))
            return stableJson.ToArray();

        var output = new ArrayBufferWriter<byte>(stableJson.Length * 2);
        foreach (var c in Encoding.UTF8.GetString(stableJson))
        {
            if (c < 0x7f)
            {
                output.GetSpan(1)[0] = (byte)c;
                output.Advance(1);
                continue;
            }

            var span = output.GetSpan(6);
            span[0] = (byte)'\\';
            span[1] = (byte)'u';
            for (var digit = 0; digit < 4; digit++)
                span[2 + digit] = "0123456789abcdef"u8[(c >> (12 - (4 * digit))) & 0xf];
            output.Advance(6);
        }

        return output.WrittenSpan.ToArray();
    }
}
