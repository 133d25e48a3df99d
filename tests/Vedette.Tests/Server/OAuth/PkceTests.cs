using Vedette.Server.OAuth;
using Xunit;

namespace Vedette.Tests.Server.OAuth;

public sealed class PkceTests
{
    [Theory]
    [InlineData("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk", true)] // RFC 7636, appendix B
    [InlineData("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXl", false)]
    [InlineData("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM", false)] // the challenge itself
    [InlineData("", false)]
    public void Only_the_verifier_proves_the_challenge(string verifier, bool proves) =>
        Assert.Equal(proves, Pkce.Proves(verifier, "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"));

    [Theory]
    [InlineData(42, 'a', false)]
    [InlineData(43, 'a', true)]
    [InlineData(128, '~', true)]
    [InlineData(129, 'a', false)]
    [InlineData(43, '+', false)]
    [InlineData(43, 'ä', false)]
    public void Verifiers_and_challenges_are_43_to_128_unreserved_characters(int length, char character, bool isWellFormed) =>
        Assert.Equal(isWellFormed, Pkce.IsWellFormed(new string(character, length)));
}
