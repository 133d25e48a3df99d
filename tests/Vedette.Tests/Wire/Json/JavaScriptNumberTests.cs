using System.Text;
using Vedette.Wire.Json;
using Xunit;

namespace Vedette.Tests.Wire.Json;

public sealed class JavaScriptNumberTests
{
    [Theory]
    [InlineData(0.0, "0")]
    [InlineData(1.0, "1")]
    [InlineData(-1.0, "-1")]
    [InlineData(1.5, "1.5")]
    [InlineData(-1.5, "-1.5")]
    [InlineData(0.1, "0.1")]
    [InlineData(0.30000000000000004, "0.30000000000000004")]
    [InlineData(100.25, "100.25")]
    [InlineData(1e15, "1000000000000000")]
    [InlineData(1e16, "10000000000000000")]
    [InlineData(9007199254740991.0, "9007199254740991")]
    [InlineData(9007199254740992.0, "9007199254740992")]
    [InlineData(-9007199254740992.0, "-9007199254740992")]
    [InlineData(9007199254740994.0, "9007199254740994")]
    [InlineData(4503599627370495.5, "4503599627370495.5")]
    [InlineData(123456789012345680000.0, "123456789012345680000")]
    [InlineData(1e20, "100000000000000000000")]
    [InlineData(999999999999999900000.0, "999999999999999900000")]
    [InlineData(1e21, "1e+21")]
    [InlineData(-1e21, "-1e+21")]
    [InlineData(1.5e21, "1.5e+21")]
    [InlineData(1e22, "1e+22")]
    [InlineData(1e23, "1e+23")]
    [InlineData(1e100, "1e+100")]
    [InlineData(0.001, "0.001")]
    [InlineData(0.000001, "0.000001")]
    [InlineData(0.0000015, "0.0000015")]
    [InlineData(9.999999999999997e-7, "9.999999999999997e-7")]
    [InlineData(1e-7, "1e-7")]
    [InlineData(-1.25e-7, "-1.25e-7")]
    [InlineData(2.9802322387695312e-8, "2.9802322387695312e-8")]
    [InlineData(-4.1045368012983762e-289, "-4.1045368012983762e-289")]
    [InlineData(5e-324, "5e-324")]
    [InlineData(-5e-324, "-5e-324")]
    [InlineData(2.2250738585072014e-308, "2.2250738585072014e-308")]
    [InlineData(2.225073858507201e-308, "2.225073858507201e-308")]
    [InlineData(1.7976931348623157e308, "1.7976931348623157e+308")]
    [InlineData(-1.7976931348623157e308, "-1.7976931348623157e+308")]
    [InlineData(double.NaN, "null")]
    [InlineData(double.PositiveInfinity, "null")]
    [InlineData(double.NegativeInfinity, "null")]
    public void A_double_is_written_as_javascript_writes_it(double value, string expected) =>
        Assert.Equal(expected, Written(value));

    [Fact]
    public void Negative_zero_is_written_as_zero() => Assert.Equal("0", Written(-0.0));

    private static string Written(double value)
    {
        var bytes = new byte[JavaScriptNumber.MaxLength];
        return Encoding.ASCII.GetString(bytes, 0, JavaScriptNumber.Format(value, bytes));
    }
}
