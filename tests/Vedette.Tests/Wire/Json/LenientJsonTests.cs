using System.Text;
using Vedette.Wire.Json;
using Xunit;

namespace Vedette.Tests.Wire.Json;

public sealed class LenientJsonTests
{
    [Theory]
    [InlineData("null", "null")]
    [InlineData(" \t\r\n true ", "true")]
    [InlineData("false", "false")]
    [InlineData("[ ]", "[]")]
    [InlineData("{ }", "{}")]
    [InlineData("\"\"", "\"\"")]
    [InlineData("[1, \"a\", {\"b\" : null}]", "[1,\"a\",{\"b\":null}]")]
    public void Json_becomes_values(string text, string expected) => Assert.Equal(expected, Mended(text));

    [Theory]
    [InlineData("1.0", "1")]
    [InlineData("1.50", "1.5")]
    [InlineData("-0", "0")]
    [InlineData("-0.0e5", "0")]
    [InlineData("1E3", "1000")]
    [InlineData("9007199254740993", "9007199254740992")]
    [InlineData("123456789012345678901234567890", "1.2345678901234568e+29")]
    [InlineData("1.7976931348623157e308", "1.7976931348623157e+308")]
    [InlineData("1.7976931348623158e308", "1.7976931348623157e+308")]
    [InlineData("1.7976931348623159e308", "null")]
    [InlineData("6650000000000000000000.0", "6.65e+21")]
    [InlineData("-1458318869310800000.0", "-1458318869310800000")]
    [InlineData("1e400", "null")]
    [InlineData("-1e400", "null")]
    [InlineData("1e99999999999999999999", "null")]
    [InlineData("5e-324", "5e-324")]
    [InlineData("2e-324", "0")]
    [InlineData("1e-400", "0")]
    [InlineData("-1e-400", "0")]
    [InlineData("1e-99999999999999999999", "0")]
    [InlineData("0e99999999999999999999", "0")]
    [InlineData("0.0e-99999999999999999999", "0")]
    public void A_number_is_the_nearest_double_or_null(string text, string expected)
    {
        Assert.Equal(expected, Mended(text));
        Assert.Equal($"[{expected}]", Mended($"[{text}]"));
    }

    [Fact]
    public void Negative_zero_is_read_as_zero()
    {
        Assert.True(LenientJson.TryParse("-0"u8, out var value, out _));

        Assert.False(double.IsNegative(Assert.IsType<double>(value)));
    }

    [Fact]
    public void A_number_of_many_digits_is_still_rounded_rightly()
    {
        var zeros = new string('0', 100_000);

        Assert.Equal("1.5", Mended($"1.5{zeros}"));
        Assert.Equal("0", Mended($"0.{zeros}1"));
        Assert.Equal("null", Mended($"1{zeros}"));
        Assert.Equal("1", Mended($"1{zeros}e-100000"));
        Assert.Equal("9007199254740994", Mended($"9007199254740993.{zeros}1"));
    }

    [Theory]
    [InlineData("\\\"\\\\\\/\\b\\f\\n\\r\\t", "\"\\/\b\f\n\r\t")]
    [InlineData("\\u0041\\u00e9\\u00E9\\u2028", "Aéé\u2028")]
    [InlineData("\\ud83d\\ude42\\uD83D\\uDE42", "🙂🙂")]
    [InlineData("x\\u0001y", "x\u0001y")]
    [InlineData("\\\\u0041", "\\u0041")]
    [InlineData("é🙂\\n🙂é", "é🙂\n🙂é")]
    [InlineData("\\u0000a\\u0000", "\uFFFDa\uFFFD")]
    [InlineData("\\ud83d", "\uFFFD")]
    [InlineData("\\ude42", "\uFFFD")]
    [InlineData("\\ud83dx\\ude42", "\uFFFDx\uFFFD")]
    [InlineData("\\ude42\\ud83d", "\uFFFD\uFFFD")]
    [InlineData("\\ud83d\\ud83d\\ude42", "\uFFFD🙂")]
    [InlineData("\\ud83d\\u0000", "\uFFFD\uFFFD")]
    public void Escapes_are_read_and_what_cannot_be_stored_becomes_the_replacement_character(string escaped, string expected)
    {
        Assert.True(LenientJson.TryParse(Encoding.UTF8.GetBytes($"{{\"{escaped}\":\"{escaped}\"}}"), out var value, out var error), error);

        var (name, member) = Assert.Single(Assert.IsType<JsonMap>(value).Members);
        Assert.Equal(expected, name);
        Assert.Equal(expected, member);
    }

    [Theory]
    [InlineData("ff", "\uFFFD")]
    [InlineData("61ff62", "a\uFFFDb")]
    [InlineData("c3", "\uFFFD")]
    [InlineData("c328", "\uFFFD(")]
    [InlineData("eda080", "\uFFFD\uFFFD\uFFFD")]
    [InlineData("f09f99", "\uFFFD")]
    [InlineData("c35c6e", "\uFFFD\n")]
    [InlineData("5c6ec3", "\n\uFFFD")]
    public void Broken_utf8_in_a_string_becomes_the_replacement_character(string hex, string expected)
    {
        byte[] text = [(byte)'"', .. Convert.FromHexString(hex), (byte)'"'];

        Assert.True(LenientJson.TryParse(text, out var value, out var error), error);

        Assert.Equal(expected, value);
    }

    [Fact]
    public void A_repeated_name_keeps_its_first_place_and_its_last_value() =>
        Assert.Equal("""{"b":3,"a":[],"c":null}""", Mended("""{"b":1,"a":2,"b":{"x":1},"c":null,"a":[],"\u0062":3}"""));

    [Theory]
    [InlineData('[', ']')]
    [InlineData('{', '}')]
    public void Containers_deeper_than_64_become_null(char open, char close)
    {
        var start = open == '[' ? "[" : "{\"a\":";
        string Nested(int depth, string core) => string.Concat(Enumerable.Repeat(start, depth)) + core + new string(close, depth);
        var empty = $"{open}{close}";

        Assert.Equal(Nested(63, empty), Mended(Nested(63, empty)));
        Assert.Equal(Nested(64, "1"), Mended(Nested(64, "1")));
        Assert.Equal(Nested(64, "null"), Mended(Nested(64, empty)));
        Assert.Equal(Nested(64, "null"), Mended(Nested(65, "1")));
        Assert.Equal(Nested(64, "null"), Mended(Nested(100_000, "1")));
    }

    [Fact]
    public void What_follows_a_container_that_was_too_deep_is_still_read() =>
        Assert.Equal(
            $"{new string('[', 64)}null,7{new string(']', 64)}",
            Mended($"{new string('[', 64)}[[[1],{{\"a\":[]}}]],7{new string(']', 64)}"));

    [Theory]
    [InlineData("[")]
    [InlineData("{\"a\":")]
    public void A_mebibyte_of_open_brackets_is_refused_without_harm(string open)
    {
        var text = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat(open, (1 << 20) / open.Length)));
        var before = GC.GetAllocatedBytesForCurrentThread();

        Assert.False(LenientJson.TryParse(text, out var value, out var error));

        Assert.Null(value);
        Assert.NotNull(error);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 4L * text.Length);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("\"\"")]
    [InlineData("0")]
    [InlineData("{\"a\":0}")]
    [InlineData("{\"\":{}}")]
    public void Memory_is_bounded_by_forty_times_the_input(string item)
    {
        var text = Encoding.UTF8.GetBytes($"[{string.Join(',', Enumerable.Repeat(item, (1 << 20) / item.Length))}]");
        var before = GC.GetAllocatedBytesForCurrentThread();

        Assert.True(LenientJson.TryParse(text, out _, out var error), error);

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 40L * text.Length);
    }

    [Theory]
    [InlineData("", "empty input")]
    [InlineData(" \n ", "empty input")]
    [InlineData("{} {}", "invalid JSON at line 1, byte 4")]
    [InlineData("1 x", "invalid JSON at line 1, byte 3")]
    [InlineData("null,", "invalid JSON at line 1, byte 5")]
    [InlineData("nul", "invalid JSON at line 1, byte 4")]
    [InlineData("{\"a\":1,}", "invalid JSON at line 1, byte 8")]
    [InlineData("[1,]", "invalid JSON at line 1, byte 4")]
    [InlineData("{\n  \"a\": tru }", "invalid JSON at line 2, byte 11")]
    [InlineData("[1,\r\n2,\r\n?]", "invalid JSON at line 3, byte 1")]
    [InlineData("[\"é\",?]", "invalid JSON at line 1, byte 7")]
    [InlineData("[1", "invalid JSON at line 1, byte 3")]
    [InlineData("{\"a\"", "invalid JSON at line 1, byte 5")]
    [InlineData("{\"a\" 1}", "invalid JSON at line 1, byte 6")]
    [InlineData("{a:1}", "invalid JSON at line 1, byte 2")]
    [InlineData("'a'", "invalid JSON at line 1, byte 1")]
    [InlineData("NaN", "invalid JSON at line 1, byte 1")]
    [InlineData("Infinity", "invalid JSON at line 1, byte 1")]
    [InlineData("01", "invalid JSON at line 1, byte 2")]
    [InlineData("+1", "invalid JSON at line 1, byte 1")]
    [InlineData(".5", "invalid JSON at line 1, byte 1")]
    [InlineData("1.", "invalid JSON at line 1, byte 3")]
    [InlineData("1e", "invalid JSON at line 1, byte 3")]
    [InlineData("// x\n1", "invalid JSON at line 1, byte 1")]
    [InlineData("\"a", "invalid JSON at line 1, byte 3")]
    [InlineData("\"\\x\"", "invalid JSON at line 1, byte 3")]
    [InlineData("\"\\u12g4\"", "invalid JSON at line 1, byte 6")]
    [InlineData("\"a\nb\"", "invalid JSON at line 1, byte 3")]
    [InlineData("\"a\0b\"", "invalid JSON at line 1, byte 3")]
    [InlineData("\uFEFF1", "invalid JSON at line 1, byte 1")]
    [InlineData("[1}", "invalid JSON at line 1, byte 3")]
    [InlineData("]", "invalid JSON at line 1, byte 1")]
    public void What_json_forbids_is_refused_with_its_place(string text, string expected)
    {
        Assert.False(LenientJson.TryParse(Encoding.UTF8.GetBytes(text), out var value, out var error));

        Assert.Null(value);
        Assert.Equal(expected, error);
    }

    [Fact]
    public void Mending_returns_the_same_text_when_nothing_is_wrong()
    {
        var whole = "a🙂\u2028\uFFFD";

        Assert.Same(whole, LenientJson.Mend(whole));
        Assert.Equal("a\uFFFD\uFFFD🙂\uFFFD", LenientJson.Mend("a\0\uDE42🙂\uD83D"));
    }

    private static string Mended(string text)
    {
        Assert.True(LenientJson.TryParse(Encoding.UTF8.GetBytes(text), out var value, out var error), error);
        Assert.Null(error);
        var json = new StableJsonWriter();
        json.Value(value);
        return Encoding.UTF8.GetString(json.WrittenSpan);
    }
}
