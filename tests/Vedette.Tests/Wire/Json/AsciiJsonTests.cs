using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Vedette.Wire.Json;
using Xunit;

namespace Vedette.Tests.Wire.Json;

public sealed class AsciiJsonTests
{
    [Theory]
    [InlineData("", "")]
    [InlineData("{\"a\":[1,true,null]}", "{\"a\":[1,true,null]}")]
    [InlineData("\"</~\\\"\\\\\\n\\u001f\"", "\"</~\\\"\\\\\\n\\u001f\"")]
    [InlineData("\"\u007F\"", "\"\\u007f\"")]
    [InlineData("\"\u0080\"", "\"\\u0080\"")]
    [InlineData("\"é\"", "\"\\u00e9\"")]
    [InlineData("{\"ключ\":\"ß\"}", "{\"\\u043a\\u043b\\u044e\\u0447\":\"\\u00df\"}")]
    [InlineData("\"\u2028\uFFFD\uFFFF\"", "\"\\u2028\\ufffd\\uffff\"")]
    [InlineData("\"🙂\"", "\"\\ud83d\\ude42\"")]
    [InlineData("\"\U0010FFFF\"", "\"\\udbff\\udfff\"")]
    public void Everything_outside_printable_ascii_is_escaped(string stable, string expected) =>
        Assert.Equal(expected, Encoding.Latin1.GetString(AsciiJson.FromStable(Encoding.UTF8.GetBytes(stable))));

    [Fact]
    public void Both_forms_are_the_same_json() =>
        Prop.ForAll(Arb.From(JsonTrees.Any), tree =>
        {
            var stable = JsonTrees.Stable(tree);
            var ascii = AsciiJson.FromStable(stable);
            return !ascii.AsSpan().ContainsAnyExceptInRange((byte)0x20, (byte)0x7e)
                && LenientJson.TryParse(ascii, out var read, out _)
                && LenientJson.TryParse(stable, out var direct, out _)
                && JsonTrees.Stable(read).AsSpan().SequenceEqual(JsonTrees.Stable(direct));
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(1000));
}
