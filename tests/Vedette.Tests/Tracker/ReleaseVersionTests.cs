using FsCheck;
using FsCheck.Fluent;
using Vedette.Tracker.Releases;
using Xunit;

namespace Vedette.Tests.Tracker;

public sealed class ReleaseVersionTests
{
    private static readonly Gen<string> Identifier = Gen.Elements("0", "1", "2", "10", "alpha", "beta", "rc", "rc-1", "0a");

    private static readonly Gen<string> Identifiers =
        from count in Gen.Choose(1, 3)
        from parts in Gen.ArrayOf(Identifier, count)
        select string.Join('.', parts);

    private static readonly Gen<string> Versions =
        from count in Gen.Choose(2, 4)
        from numbers in Gen.ArrayOf(Gen.Choose(0, 3), count)
        from pre in Gen.OneOf(Gen.Constant(""), Identifiers.Select(text => $"-{text}"))
        from build in Gen.OneOf(Gen.Constant(""), Identifiers.Select(text => $"+{text}"))
        select $"shop@{string.Join('.', numbers)}{pre}{build}";

    /// <summary>Each is lower than the next: the list of semver.org 11, packages, and what is not said there.</summary>
    [Theory]
    [InlineData("1.0.0", "2.0.0", "2.1.0", "2.1.1")]
    [InlineData("1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0-beta", "1.0.0-beta.2", "1.0.0-beta.11", "1.0.0-rc.1", "1.0.0")]
    [InlineData("shop@1.9.0", "shop@1.10.0", "shop@1.10.0.1")]
    [InlineData("shop@1", "shop@2", "shop@2.0.1")]
    [InlineData("shop@1.2.3-rc+9", "shop@1.2.3", "shop@1.2.3+1", "shop@1.2.3+2", "shop@1.2.3+10", "shop@1.2.3+10.1", "shop@1.2.3+a", "shop@1.2.4-0")]
    [InlineData("@scope/shop@1.0.0", "@scope/shop@1.0.1")]
    [InlineData("v1.9", "1.10")]
    [InlineData("shop@1.99999999999999999999", "shop@1.100000000000000000000")]
    public void Versions_of_a_package_are_in_order(params string[] rising)
    {
        for (var i = 0; i < rising.Length; i++)
        {
            for (var j = 0; j < rising.Length; j++)
                Assert.Equal((rising[i], rising[j], i.CompareTo(j)), (rising[i], rising[j], Math.Sign(ReleaseVersion.Compare(rising[i], rising[j])!.Value)));
        }
    }

    [Theory]
    [InlineData("shop@1.2.0", "shop@1.2")]
    [InlineData("v1.2.3", "1.2.3")]
    [InlineData("1.2.3-rc.01", "1.2.3-rc.1")]
    public void Some_names_mean_the_same_version(string first, string second) => Assert.Equal(0, ReleaseVersion.Compare(first, second));

    [Theory]
    [InlineData("shop@1.0.0", "cart@1.0.0")]
    [InlineData("shop@1.0.0", "1.0.0")]
    [InlineData("shop@1.0.0", "3f786850e387550fdab836ed7e6dc881de23001b")]
    [InlineData("20260301", "20260302")]
    [InlineData("1.0.0", "1.0.0.0.0")]
    [InlineData("1.0.0", "1.0.0-")]
    [InlineData("1.0.0", "1.0.0+")]
    [InlineData("1.0.0", "1.0.0-a..b")]
    [InlineData("1.0.0", "1.0.0\n")]
    [InlineData("1.0.0", "١.٠.٠")]
    [InlineData("1.0.0", "")]
    [InlineData("@1", "@2")]
    public void Other_names_cannot_be_compared(string first, string second) => Assert.Null(ReleaseVersion.Compare(first, second));

    [Fact]
    public void The_order_is_total() =>
        Prop.ForAll(Gen.Three(Versions).ToArbitrary(), versions =>
        {
            var (a, b, c) = versions;
            return Order(a, a) == 0
                && Order(a, b) == -Order(b, a)
                && (Order(a, b) > 0 || Order(b, c) > 0 || Order(a, c) <= 0)
                && (Order(a, b) != 0 || Order(a, c) == Order(b, c));
        })
        .Check(Config.QuickThrowOnFailure.WithMaxTest(5000));

    /// <summary>What semver.org asks for, whatever else a version holds.</summary>
    [Fact]
    public void A_pre_release_comes_before_its_release_and_after_the_one_before() =>
        Prop.ForAll(
            ArbMap.Default.ArbFor<PositiveInt>(), Identifiers.ToArbitrary(), Identifiers.ToArbitrary(),
            (patch, pre, build) =>
                Order($"1.0.{patch.Get}-{pre}+{build}", $"1.0.{patch.Get}") < 0 && Order($"1.0.{patch.Get - 1}+{build}", $"1.0.{patch.Get}-{pre}") < 0)
        .QuickCheckThrowOnFailure();

    [Fact]
    public void No_name_is_too_odd_to_be_read() =>
        Prop.ForAll(ArbMap.Default.ArbFor<NonNull<string>>(), name => ReleaseVersion.TryParse(name.Get) is null or { Numbers.Count: 4 }).QuickCheckThrowOnFailure();

    private static int Order(string first, string second) => Math.Sign(ReleaseVersion.Compare(first, second)!.Value);
}
