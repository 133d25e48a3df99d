using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Vedette.Wire.Json;

/// <summary>
/// Reads JSON that strangers wrote into values of <see cref="JsonMap"/>. What JSON forbids is refused; what only our
/// databases or a JavaScript receiver could not carry is mended: NUL, lone surrogates and broken UTF-8 become U+FFFD,
/// numbers outside a double become null, and containers nested deeper than <see cref="MaxDepth"/> become null.
/// </summary>
public static class LenientJson
{
    public const int MaxDepth = 64;

    /// <summary>
    /// On <c>false</c>, <paramref name="error"/> says in one line what is wrong and where. Memory is at most
    /// forty times the input, whatever its nesting.
    /// </summary>
    public static bool TryParse(ReadOnlySpan<byte> utf8, out object? value, out string? error)
    {
        if (!utf8.ContainsAnyExcept(" \t\r\n"u8))
        {
            (value, error) = (null, "empty input");
            return false;
        }

        var reader = new Utf8JsonReader(utf8, new JsonReaderOptions { MaxDepth = int.MaxValue });
        try
        {
            reader.Read();
            value = ReadValue(ref reader, depth: 1);

            // Throws when anything but space follows the value.
            reader.Read();
            error = null;
            return true;
        }
        catch (JsonException e)
        {
            (value, error) = (null, $"invalid JSON at line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1}");
            return false;
        }
    }

    private static object? ReadValue(ref Utf8JsonReader reader, int depth)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.StartObject when depth <= MaxDepth:
                var map = new JsonMap();
                while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
                {
                    var name = Text(ref reader);
                    reader.Read();
                    map[name] = ReadValue(ref reader, depth + 1);
                }

                return map;

            case JsonTokenType.StartArray when depth <= MaxDepth:
                var list = new List<object?>();
                while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
                    list.Add(ReadValue(ref reader, depth + 1));
                return list;

            case JsonTokenType.StartObject or JsonTokenType.StartArray:
                reader.Skip();
                return null;

            case JsonTokenType.String:
                return Text(ref reader);

            case JsonTokenType.Number:
                // Not TryGetDouble: in .NET 10 it misrounds 6650000000000000000000.0 by one place. Adding 0 makes -0 plain.
                var number = double.Parse(reader.ValueSpan, NumberStyles.Float, CultureInfo.InvariantCulture);
                return double.IsFinite(number) ? number + 0.0 : null;

            case JsonTokenType.True:
                return true;

            case JsonTokenType.False:
                return false;

            default:
                return null;
        }
    }

    private static string Text(ref Utf8JsonReader reader)
    {
        var raw = reader.ValueSpan;
        var text = reader.ValueIsEscaped ? Unescape(raw) : Encoding.UTF8.GetString(raw);
        return Mend(text);
    }

    /// <summary>The tokenizer has already refused escapes that JSON does not know; only lone surrogates are left to mend.</summary>
    private static string Unescape(ReadOnlySpan<byte> raw)
    {
        var chars = ArrayPool<char>.Shared.Rent(Encoding.UTF8.GetMaxCharCount(raw.Length));
        var length = 0;
        while (!raw.IsEmpty)
        {
            var plain = raw.IndexOf((byte)'\\');
            if (plain < 0)
                plain = raw.Length;
            length += Encoding.UTF8.GetChars(raw[..plain], chars.AsSpan(length));
            raw = raw[plain..];
            if (raw.IsEmpty)
                break;

            var escape = raw[1];
            chars[length++] = escape switch
            {
                (byte)'b' => '\b',
                (byte)'f' => '\f',
                (byte)'n' => '\n',
                (byte)'r' => '\r',
                (byte)'t' => '\t',
                (byte)'u' => (char)HexValue(raw.Slice(2, 4)),
                _ => (char)escape,
            };
            raw = raw[(escape == (byte)'u' ? 6 : 2)..];
        }

        var text = new string(chars, 0, length);
        ArrayPool<char>.Shared.Return(chars);
        return text;
    }

    private static int HexValue(ReadOnlySpan<byte> digits)
    {
        var value = 0;
        foreach (var digit in digits)
            value = (value << 4) | (digit <= (byte)'9' ? digit - '0' : (digit | 0x20) - 'a' + 10);
        return value;
    }

    /// <summary>
    /// The same text with NUL and lone surrogates as U+FFFD: PostgreSQL text cannot hold the one, UTF-8 not the other.
    /// Returns its argument when there is nothing to mend.
    /// </summary>
    public static string Mend(string text)
    {
        var bad = FirstBad(text, 0);
        if (bad < 0)
            return text;

        return string.Create(text.Length, (text, bad), static (span, state) =>
        {
            state.text.CopyTo(span);
            for (var at = state.bad; at >= 0; at = FirstBad(state.text, at + 1))
                span[at] = '\uFFFD';
        });
    }

    private static int FirstBad(string text, int from)
    {
        // Nearly all text has none of what the loop looks for.
        var unusual = text.AsSpan(from).IndexOfAnyExceptInRange('\u0001', '\uD7FF');
        if (unusual < 0)
            return -1;

        for (var i = from + unusual; i < text.Length; i++)
        {
            var c = text[i];
            if (c == '\0' || char.IsLowSurrogate(c))
                return i;
            if (char.IsHighSurrogate(c))
            {
                if (i + 1 >= text.Length || !char.IsLowSurrogate(text[i + 1]))
                    return i;
                i++;
            }
        }

        return -1;
    }
}
