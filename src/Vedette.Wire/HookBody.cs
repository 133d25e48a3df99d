using System.Buffers;
using System.Text;

namespace Vedette.Wire;

/// <summary>The body of an app webhook. Its member order is part of the contract, because receivers hash it.</summary>
public static class HookBody
{
    /// <param name="action">A name of the catalogue, which needs no escaping.</param>
    /// <param name="installationUuid">With dashes.</param>
    /// <param name="data">A JavaScript-stable JSON object.</param>
    /// <param name="actor">Output of <see cref="HookActor.ToJson"/>.</param>
    public static byte[] ForApp(string action, string installationUuid, ReadOnlySpan<byte> data, ReadOnlySpan<byte> actor)
    {
        // Written once for every attempt, so it is put together in place.
        var body = new byte[Start.Length + action.Length + Installation.Length + installationUuid.Length + Data.Length + data.Length + Actor.Length + actor.Length + 1];
        var rest = body.AsSpan();
        Append(Start, ref rest);
        Append(action, ref rest);
        Append(Installation, ref rest);
        Append(installationUuid, ref rest);
        Append(Data, ref rest);
        Append(data, ref rest);
        Append(Actor, ref rest);
        Append(actor, ref rest);
        Append("}"u8, ref rest);
        return body;
    }

    private static ReadOnlySpan<byte> Start => "{\"action\":\""u8;

    private static ReadOnlySpan<byte> Installation => "\",\"installation\":{\"uuid\":\""u8;

    private static ReadOnlySpan<byte> Data => "\"},\"data\":"u8;

    private static ReadOnlySpan<byte> Actor => ",\"actor\":"u8;

    private static void Append(ReadOnlySpan<byte> bytes, ref Span<byte> rest)
    {
        bytes.CopyTo(rest);
        rest = rest[bytes.Length..];
    }

    /// <exception cref="ArgumentException">Not ASCII: a bug of the caller, and never what a stranger wrote.</exception>
    private static void Append(string ascii, ref Span<byte> rest)
    {
        if (Ascii.FromUtf16(ascii, rest, out var written) != OperationStatus.Done)
            throw new ArgumentException($"'{ascii}' is not ASCII", nameof(ascii));
        rest = rest[written..];
    }
}
