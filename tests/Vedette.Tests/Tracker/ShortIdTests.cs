using FsCheck;
using FsCheck.Fluent;
using Vedette.Tracker.Issues;
using Xunit;

namespace Vedette.Tests.Tracker;

public sealed class ShortIdTests
{
    [Theory]
    [InlineData(1, "WEB-1")]
    [InlineData(10, "WEB-A")]
    [InlineData(31, "WEB-Z")]
    [InlineData(32, "WEB-10")]
    [InlineData(1000, "WEB-Z8")]
    public void Numbers_are_written_in_Crockfords_digits(long number, string shortId) => Assert.Equal(shortId, ShortId.Format("web", number));

    [Fact]
    public void What_is_written_is_read_in_either_case() =>
        Prop.ForAll(
            ArbMap.Default.ArbFor<int>().Filter(number => number > 0),
            ArbMap.Default.ArbFor<bool>(),
            (number, lower) =>
            {
                var text = ShortId.Format("my-web_app", (long)number * number);
                return ShortId.TryParse(lower ? text.ToLowerInvariant() : text, out var slug, out var read) && (slug, read) == ("my-web_app", (long)number * number);
            })
            .QuickCheckThrowOnFailure();

    [Theory]
    [InlineData("web-O", 0)]
    [InlineData("WEB-I", 1)]
    [InlineData("web l", 1)]
    [InlineData("web_1o", 32)]
    public void Letters_that_look_like_digits_are_read_as_them(string text, long number)
    {
        Assert.True(ShortId.TryParse(text, out var slug, out var read));
        Assert.Equal(("web", number), (slug, read));
    }

    [Theory]
    [InlineData("")]
    [InlineData("web")]
    [InlineData("web-")]
    [InlineData("-1")]
    [InlineData("web-U")]
    [InlineData("web-é")]
    [InlineData("web-ZZZZZZZZZZZZZ")]
    public void Other_texts_are_no_short_ids(string text) => Assert.False(ShortId.TryParse(text, out _, out _));

    [Fact]
    public void No_text_is_read_as_a_negative_number() =>
        Prop.ForAll(ArbMap.Default.ArbFor<NonNull<string>>(), text => !ShortId.TryParse($"a-{text.Get}", out _, out var number) || number >= 0)
            .QuickCheckThrowOnFailure();
}
