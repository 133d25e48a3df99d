using System.Buffers.Text;
using System.Globalization;

namespace Vedette.Wire.Json;

/// <summary>Writes a double the way <c>JSON.stringify</c> does (ECMA-262, Number::toString): shortest digits that read back to the same value.</summary>
public static class JavaScriptNumber
{
    /// <summary>Enough for every finite double.</summary>
    public const int MaxLength = 32;

    /// <summary>Infinities and NaN are <c>null</c>, negative zero is <c>0</c>, as in JavaScript.</summary>
    /// <returns>How many bytes of <paramref name="destination"/> were written; it must hold <see cref="MaxLength"/>.</returns>
    public static int Format(double value, Span<byte> destination)
    {
        if (!double.IsFinite(value))
        {
            "null"u8.CopyTo(destination);
            return 4;
        }

        if (Math.Abs(value) < 1L << 53 && Math.Floor(value) == value)
        {
            Utf8Formatter.TryFormat((long)value, destination, out var whole);
            return whole;
        }

        // .NET finds the same shortest digits; only their layout differs.
        Span<byte> shortest = stackalloc byte[MaxLength];
        value.TryFormat(shortest, out var shortestLength, "R", CultureInfo.InvariantCulture);

        // Except for 2^-25 and 2^-958, where .NET 10 drops a digit too many and the text reads back as the double below.
        if (double.Parse(shortest[..shortestLength], CultureInfo.InvariantCulture) != value)
            value.TryFormat(shortest, out shortestLength, "E16", CultureInfo.InvariantCulture);

        Span<byte> digits = stackalloc byte[MaxLength];
        var count = Digits(shortest[..shortestLength], digits, out var point);
        return Layout(value < 0, digits[..count], point, destination);
    }

    /// <summary>Significant digits without leading or trailing zeros; <paramref name="point"/> is the decimal point's place counted from the first of them.</summary>
    private static int Digits(ReadOnlySpan<byte> text, Span<byte> digits, out int point)
    {
        var count = 0;
        var beforePoint = 0;
        var pointSeen = false;
        var leadingZeros = 0;
        var exponent = 0;
        for (var i = text[0] == (byte)'-' ? 1 : 0; i < text.Length; i++)
        {
            var c = text[i];
            if (c == (byte)'.')
            {
                pointSeen = true;
            }
            else if (c is (byte)'E' or (byte)'e')
            {
                _ = Utf8Parser.TryParse(text[(i + 1)..].TrimStart((byte)'+'), out exponent, out _);
                break;
            }
            else
            {
                if (count > 0 || c != (byte)'0')
                    digits[count++] = c;
                else if (pointSeen)
                    leadingZeros++;
                if (!pointSeen && count > 0)
                    beforePoint++;
            }
        }

        while (count > 0 && digits[count - 1] == (byte)'0')
            count--;
        point = (beforePoint > 0 ? beforePoint : -leadingZeros) + exponent;
        return count;
    }

    private static int Layout(bool negative, ReadOnlySpan<byte> digits, int point, Span<byte> destination)
    {
        var at = 0;
        if (negative)
            destination[at++] = (byte)'-';

        if (point is > 21 or < -5)
        {
            destination[at++] = digits[0];
            if (digits.Length > 1)
            {
                destination[at++] = (byte)'.';
                digits[1..].CopyTo(destination[at..]);
                at += digits.Length - 1;
            }

            destination[at++] = (byte)'e';
            if (point > 0)
                destination[at++] = (byte)'+';
            Utf8Formatter.TryFormat(point - 1, destination[at..], out var written);
            return at + written;
        }

        if (point <= 0)
        {
            "0."u8.CopyTo(destination[at..]);
            at += 2;
            destination.Slice(at, -point).Fill((byte)'0');
            at += -point;
            digits.CopyTo(destination[at..]);
            return at + digits.Length;
        }

        var whole = Math.Min(point, digits.Length);
        digits[..whole].CopyTo(destination[at..]);
        at += whole;
        destination.Slice(at, point - whole).Fill((byte)'0');
        at += point - whole;
        if (digits.Length > whole)
        {
            destination[at++] = (byte)'.';
            digits[whole..].CopyTo(destination[at..]);
            at += digits.Length - whole;
        }

        return at;
    }
}
