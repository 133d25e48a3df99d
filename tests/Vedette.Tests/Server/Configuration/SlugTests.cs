using FsCheck;
using FsCheck.Fluent;
using Vedette.Server.Configuration;
using Xunit;

namespace Vedette.Tests.Server.Configuration;

public sealed class SlugTests
{
    [Theory]
    [InlineData("My Shop!", "my-shop")]
    [InlineData("  a -- b  ", "a-b")]
    [InlineData("under_score", "under_score")]
    [InlineData("Ünïcode", "ncode")]
    public void A_name_becomes_the_slug_that_is_nearest_to_it(string name, string slug) => Assert.Equal(slug, Slugs.Of(name));

    [Fact]
    public void Whatever_the_name_the_slug_may_be_had() =>
        Prop.ForAll(ArbMap.Default.ArbFor<string>(), name => IsFree(Slugs.Of(name ?? ""))).QuickCheckThrowOnFailure();

    [Fact]
    public void Another_is_a_slug_as_well_and_another_one() =>
        Prop.ForAll(ArbMap.Default.ArbFor<string>(), name =>
        {
            var slug = Slugs.Of(name ?? "");
            return IsFree(Slugs.Another(slug)) && Slugs.Another(slug) != slug;
        }).QuickCheckThrowOnFailure();

    [Theory]
    [InlineData("api")]
    [InlineData("settings")]
    [InlineData("Settings")]
    [InlineData("organizations")]
    public void Reserved_words_are_no_slugs(string name)
    {
        Assert.NotNull(Slugs.WhyNot(name));
        Assert.StartsWith(name.ToLowerInvariant() + "-", Slugs.Of(name), StringComparison.Ordinal);
    }

    private static bool IsFree(string slug) => Slugs.WhyNot(slug) is null && slug.Length <= Slugs.Longest;
}
