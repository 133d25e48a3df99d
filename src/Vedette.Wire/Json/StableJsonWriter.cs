using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Unicode;

namespace Vedette.Wire.Json;

/// <summary>
/// Writes JSON that survives JavaScript: the bytes equal <c>JSON.stringify(JSON.parse(bytes))</c>. Receivers who check a
/// signature over the re-serialised body, as Sentry's documentation shows, and those who check the raw bytes then agree.
/// Raw UTF-8, only mandatory escapes, shortest numbers, integer-like names of a <see cref="JsonMap"/> first.
/// </summary>
/// <remarks>The caller balances starts and ends, and passes no integer-like or repeated literal names.</remarks>
/// <param name="capacity">Bytes that are expected; more are taken as well.</param>
public sealed class StableJsonWriter(int capacity = 1024)
{
    private readonly ArrayBufferWriter<byte> buffer = new(capacity);
    private bool needsComma;

    public ReadOnlySpan<byte> WrittenSpan => buffer.WrittenSpan;

    public byte[] ToArray() => buffer.WrittenSpan.ToArray();

    public void StartObject() => Start((byte)'{');

    public void EndObject() => End((byte)'}');

    public void StartArray() => Start((byte)'[');

    public void EndArray() => End((byte)']');

    /// <param name="name">ASCII that needs no escaping.</param>
    public void Name(ReadOnlySpan<byte> name)
    {
        var span = buffer.GetSpan(name.Length + 4);
        var at = 0;
        if (needsComma)
            span[at++] = (byte)',';
        span[at++] = (byte)'"';
        name.CopyTo(span[at..]);
        at += name.Length;
        span[at++] = (byte)'"';
        span[at++] = (byte)':';
        buffer.Advance(at);
        needsComma = false;
    }

    public void Name(string name)
    {
        Comma();
        Quoted(name);
        Byte((byte)':');
        needsComma = false;
    }

    public void Null() => Raw("null"u8);

    public void Value(string? value)
    {
        if (value is null)
        {
            Null();
            return;
        }

        Comma();
        Quoted(value);
        needsComma = true;
    }

    public void Value(bool value) => Raw(value ? "true"u8 : "false"u8);

    public void Value(double value)
    {
        Comma();
        var span = buffer.GetSpan(JavaScriptNumber.MaxLength);
        buffer.Advance(JavaScriptNumber.Format(value, span));
        needsComma = true;
    }

    /// <summary>Beyond 2^53 the nearest double is written, because that is what JavaScript would read.</summary>
    public void Value(long value) => Value((double)value);

    /// <summary>UTC with six digits and <c>Z</c>, the one form of instants on the wire. <c>null</c> writes null.</summary>
    public void Instant(DateTimeOffset? value) => Value(value is { } instant ? InstantText(instant) : null);

    /// <summary>As <see cref="Instant"/> writes it.</summary>
    public static string InstantText(DateTimeOffset value) => value.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture);

    /// <param name="json">Taken as it is; must itself be JavaScript-stable.</param>
    public void Raw(ReadOnlySpan<byte> json)
    {
        Comma();
        buffer.Write(json);
        needsComma = true;
    }

    /// <param name="value">One of the types that <see cref="JsonMap"/> lists.</param>
    /// <exception cref="ArgumentException">The value is of another type: a bug of the caller.</exception>
    public void Value(object? value)
    {
        switch (value)
        {
            case null:
                Null();
                break;
            case string text:
                Value(text);
                break;
            case double number:
                Value(number);
                break;
            case bool truth:
                Value(truth);
                break;
            case List<object?> list:
                StartArray();
                foreach (var item in list)
                    Value(item);
                EndArray();
                break;
            case JsonMap map:
                StartObject();
                foreach (var (name, member) in InJavaScriptOrder(map))
                {
                    Name(name);
                    Value(member);
                }

                EndObject();
                break;
            default:
                throw new ArgumentException($"{value.GetType()} is not a JSON value", nameof(value));
        }
    }

    /// <summary>ECMA-262 OrdinaryOwnPropertyKeys: array indices ascending, then the others as they came.</summary>
    private static IEnumerable<KeyValuePair<string, object?>> InJavaScriptOrder(JsonMap map)
    {
        var hasIndex = false;
        foreach (var (name, _) in map.Members)
            hasIndex |= ArrayIndex(name) is not null;
        if (!hasIndex)
            return map.Members;

        return map.Members.Where(m => ArrayIndex(m.Key) is not null).OrderBy(m => ArrayIndex(m.Key))
            .Concat(map.Members.Where(m => ArrayIndex(m.Key) is null));
    }

    private static uint? ArrayIndex(string name) =>
        name.Length is > 0 and <= 10 && char.IsAsciiDigit(name[0]) && (name[0] != '0' || name.Length == 1)
        && uint.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var index) && index != uint.MaxValue
            ? index
            : null;

    private void Start(byte bracket)
    {
        Comma();
        Byte(bracket);
        needsComma = false;
    }

    private void End(byte bracket)
    {
        Byte(bracket);
        needsComma = true;
    }

    private void Comma()
    {
        if (needsComma)
            Byte((byte)',');
    }

    private void Byte(byte value)
    {
        buffer.GetSpan(1)[0] = value;
        buffer.Advance(1);
    }

    private static readonly SearchValues<char> MustEscape =
        SearchValues.Create([.. Enumerable.Range(0, 32).Select(c => (char)c), '"', '\\']);

    private void Quoted(string text)
    {
        Byte((byte)'"');
        var rest = text.AsSpan();
        while (!rest.IsEmpty)
        {
            var plain = rest.IndexOfAny(MustEscape);
            if (plain < 0)
                plain = rest.Length;
            Transcode(rest[..plain]);
            rest = rest[plain..];
            if (rest.IsEmpty)
                break;

            buffer.Write(Escape(rest[0]));
            rest = rest[1..];
        }

        Byte((byte)'"');
    }

    /// <summary>Lone surrogates become U+FFFD, as <see cref="LenientJson"/> makes them.</summary>
    private void Transcode(ReadOnlySpan<char> chars)
    {
        var span = buffer.GetSpan(Encoding.UTF8.GetMaxByteCount(chars.Length));
        _ = Utf8.FromUtf16(chars, span, out _, out var written, replaceInvalidSequences: true);
        buffer.Advance(written);
    }

    private static ReadOnlySpan<byte> Escape(char c) => c switch
    {
        '"' => "\\\""u8,
        '\\' => "\\\\"u8,
        '\b' => "\\b"u8,
        '\f' => "\\f"u8,
        '\n' => "\\n"u8,
        '\r' => "\\r"u8,
        '\t' => "\\t"u8,
        _ => Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}")),
    };
}
