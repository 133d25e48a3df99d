using System.Text;
using Vedette.Wire.Json;
using Xunit;

namespace Vedette.Tests.Wire.Json;

public sealed class StableJsonWriterTests
{
    [Theory]
    [InlineData("", "\"\"")]
    [InlineData("plain", "\"plain\"")]
    [InlineData("a\"b\\c/d", "\"a\\\"b\\\\c/d\"")]
    [InlineData("\b\f\n\r\t", "\"\\b\\f\\n\\r\\t\"")]
    [InlineData("\0\u0001\u000B\u001A\u001F", "\"\\u0000\\u0001\\u000b\\u001a\\u001f\"")]
    [InlineData("\u007F\u0080\u00A0", "\"\u007F\u0080\u00A0\"")]
    [InlineData("<script>&'+</script>", "\"<script>&'+</script>\"")]
    [InlineData("é ü ß", "\"é ü ß\"")]
    [InlineData("\u2028\u2029", "\"\u2028\u2029\"")]
    [InlineData("\uE000\uFEFF\uFFFF", "\"\uE000\uFEFF\uFFFF\"")]
    [InlineData("🙂👩‍👩", "\"🙂👩‍👩\"")]
    [InlineData("🙂\"🙂", "\"🙂\\\"🙂\"")]
    public void Text_is_raw_utf8_with_only_the_mandatory_escapes(string text, string expected)
    {
        var value = Written(json => json.Value(text));
        var name = Written(json =>
        {
            json.StartObject();
            json.Name(text);
            json.Null();
            json.EndObject();
        });

        Assert.Equal(expected, value);
        Assert.Equal($"{{{expected}:null}}", name);
    }

    /// <summary>Not as rows of a theory: an attribute cannot hold half a character.</summary>
    [Fact]
    public void A_lone_surrogate_becomes_the_replacement_character()
    {
        Assert.Equal("\"\uFFFD\"", Written(json => json.Value("\uD83D")));
        Assert.Equal("\"\uFFFD\"", Written(json => json.Value("\uDE42")));
        Assert.Equal("\"a\uFFFDb\"", Written(json => json.Value("a\uD83Db")));
        Assert.Equal("\"\uFFFD\\n\uFFFD\"", Written(json => json.Value("\uD83D\n\uDE42")));
        Assert.Equal("\"\uFFFD\uFFFD\"", Written(json => json.Value("\uDE42\uD83D")));
        Assert.Equal("\"\uFFFD🙂\"", Written(json => json.Value("\uD83D\uD83D\uDE42")));
    }

    [Fact]
    public void Commas_stand_between_values_and_nowhere_else()
    {
        var text = Written(json =>
        {
            json.StartObject();
            json.Name("a"u8);
            json.StartArray();
            json.StartArray();
            json.EndArray();
            json.StartObject();
            json.EndObject();
            json.Value("x");
            json.Value(true);
            json.Value(false);
            json.Null();
            json.Value(1.5);
            json.Value(7L);
            json.Raw("[0]"u8);
            json.Value((string?)null);
            json.EndArray();
            json.Name("b");
            json.Value(0.0);
            json.Name("c"u8);
            json.StartObject();
            json.EndObject();
            json.EndObject();
        });

        Assert.Equal("""{"a":[[],{},"x",true,false,null,1.5,7,[0],null],"b":0,"c":{}}""", text);
    }

    [Theory]
    [InlineData(0, "0")]
    [InlineData(-1, "-1")]
    [InlineData(9007199254740991, "9007199254740991")]
    [InlineData(9007199254740993, "9007199254740992")]
    [InlineData(long.MaxValue, "9223372036854776000")]
    [InlineData(long.MinValue, "-9223372036854776000")]
    public void A_whole_number_beyond_2_to_the_53_is_the_nearest_that_javascript_has(long value, string expected) =>
        Assert.Equal(expected, Written(json => json.Value(value)));

    [Fact]
    public void An_instant_is_utc_with_six_digits()
    {
        var instant = new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.FromHours(2)).AddTicks(1_234_567);

        Assert.Equal("\"2026-01-02T01:04:05.123456Z\"", Written(json => json.Instant(instant)));
        Assert.Equal("\"2026-01-02T01:04:05.000000Z\"", Written(json => json.Instant(instant.AddTicks(-1_234_567))));
        Assert.Equal("null", Written(json => json.Instant(null)));
    }

    [Fact]
    public void Integer_like_names_of_a_map_come_first_in_ascending_order()
    {
        var map = new JsonMap();
        foreach (var name in (string[])["b", "10", "4294967295", "a", "2", "01", "-1", "0", "4294967294", "1.5", "", "00", "99999999999", "١"])
            map[name] = null;

        Assert.Equal(
            """{"0":null,"2":null,"10":null,"4294967294":null,"b":null,"4294967295":null,"a":null,"01":null,"-1":null,"1.5":null,"":null,"00":null,"99999999999":null,"١":null}""",
            Written(json => json.Value(map)));
    }

    [Fact]
    public void A_tree_is_written_by_the_types_of_its_values()
    {
        var map = new JsonMap { ["z"] = new List<object?> { null, true, false, 1.0, "x", new JsonMap() }, ["a"] = double.NaN };

        Assert.Equal("""{"z":[null,true,false,1,"x",{}],"a":null}""", Written(json => json.Value((object?)map)));
    }

    [Fact]
    public void A_value_of_another_type_is_a_bug_of_the_caller() =>
        Assert.Throws<ArgumentException>(() => new StableJsonWriter().Value(new object()));

    [Fact]
    public void Growing_the_buffer_changes_nothing()
    {
        var text = string.Concat(Enumerable.Repeat("é🙂\n\"", 10_000));

        var written = Written(json => json.Value(text));

        Assert.Equal("\"" + string.Concat(Enumerable.Repeat("é🙂\\n\\\"", 10_000)) + "\"", written);
    }

    private static string Written(Action<StableJsonWriter> write)
    {
        var json = new StableJsonWriter();
        write(json);
        Assert.Equal(json.ToArray(), json.WrittenSpan);
        return new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(json.WrittenSpan);
    }
}
