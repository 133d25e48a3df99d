using System.Text;
using Vedette.Wire;
using Xunit;

namespace Vedette.Tests.Wire;

public sealed class HookSignatureTests
{
    /// <summary>RFC 4231, test case 2.</summary>
    [Fact]
    public void It_is_the_hmac_of_rfc_4231()
    {
        var signature = HookSignature.Sign("Jefe", "what do ya want for nothing?"u8);

        Assert.Equal("5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843", signature);
    }

    [Fact]
    public void Only_the_same_secret_body_and_text_verify()
    {
        var body = Encoding.UTF8.GetBytes("""{"a":"ü🙂"}""");
        var signature = HookSignature.Sign("secret", body);

        Assert.True(HookSignature.Verify("secret", body, signature));
        Assert.False(HookSignature.Verify("other", body, signature));
        Assert.False(HookSignature.Verify("secret", "{}"u8, signature));
        Assert.False(HookSignature.Verify("secret", body, signature.ToUpperInvariant()));
        Assert.False(HookSignature.Verify("secret", body, signature[1..]));
        Assert.False(HookSignature.Verify("secret", body, ""));
        Assert.False(HookSignature.Verify("secret", body, null));
    }
}
