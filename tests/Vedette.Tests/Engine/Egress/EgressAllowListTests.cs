using Vedette.Engine.Egress;
using Xunit;

namespace Vedette.Tests.Engine.Egress;

public sealed class EgressAllowListTests
{
    [Theory]
    [InlineData(null, "")]
    [InlineData("", "")]
    [InlineData("  ", "")]
    [InlineData(" , ,", "")]
    [InlineData("127.0.0.0/8", "127.0.0.0/8")]
    [InlineData("10.0.0.0/8,192.168.0.0/16", "10.0.0.0/8 192.168.0.0/16")]
    [InlineData(" 10.0.0.0/8 ,\t::1 , ", "10.0.0.0/8 ::1/128")]
    [InlineData("10.1.2.3", "10.1.2.3/32")]
    [InlineData("0.0.0.0/0", "0.0.0.0/0")]
    [InlineData("::/0", "::/0")]
    [InlineData("FC00::/7", "fc00::/7")]
    [InlineData("fd12:3456::7", "fd12:3456::7/128")]
    [InlineData("::ffff:10.0.0.0/104", "10.0.0.0/8")]
    [InlineData("::ffff:a00:0/104", "10.0.0.0/8")]
    [InlineData("::ffff:10.1.2.3", "10.1.2.3/32")]
    [InlineData("::ffff:0:0/96", "0.0.0.0/0")]
    public void Networks_and_bare_addresses_are_read(string? text, string networks)
    {
        var parsed = EgressPolicy.TryParseAllowList(text, out var list, out var error);

        Assert.True(parsed, error);
        Assert.Null(error);
        Assert.Equal(networks, string.Join(' ', list));
    }

    [Theory]
    [InlineData("10.0.0.1/8", "'10.0.0.1/8' has bits set outside its prefix; its network is 10.0.0.0/8")]
    [InlineData("10.0.0.0/8, fe80::1/10", "'fe80::1/10' has bits set outside its prefix; its network is fe80::/10")]
    [InlineData("::ffff:10.0.0.1/104", "'::ffff:10.0.0.1/104' has bits set outside its prefix; its network is ::ffff:10.0.0.0/104")]
    [InlineData("::ffff:0:0/90", "'::ffff:0:0/90' has bits set outside its prefix; its network is ::ffc0:0:0/90")]
    [InlineData("10.0.0.0/33", "'10.0.0.0/33' has no prefix length between 0 and 32")]
    [InlineData("::1/129", "'::1/129' has no prefix length between 0 and 128")]
    [InlineData("10.0.0.0/", "'10.0.0.0/' has no prefix length between 0 and 32")]
    [InlineData("10.0.0.0/-1", "'10.0.0.0/-1' has no prefix length between 0 and 32")]
    [InlineData("10.0.0.0/+8", "'10.0.0.0/+8' has no prefix length between 0 and 32")]
    [InlineData("10.0.0.0/8/8", "'10.0.0.0/8/8' has no prefix length between 0 and 32")]
    [InlineData("10.0.0.0/255.0.0.0", "'10.0.0.0/255.0.0.0' has no prefix length between 0 and 32")]
    [InlineData("10.0.0.0/99999999999", "'10.0.0.0/99999999999' has no prefix length between 0 and 32")]
    [InlineData("10", "'10' is not an address or a network such as 10.0.0.0/8")]
    [InlineData("10/8", "'10/8' is not an address or a network such as 10.0.0.0/8")]
    [InlineData("010.0.0.0/8", "'010.0.0.0/8' is not an address or a network such as 10.0.0.0/8")]
    [InlineData("0x0a.0.0.0/8", "'0x0a.0.0.0/8' is not an address or a network such as 10.0.0.0/8")]
    [InlineData("/8", "'/8' is not an address or a network such as 10.0.0.0/8")]
    [InlineData("localhost", "'localhost' is not an address or a network such as 10.0.0.0/8")]
    [InlineData("10.0.0.0/8 192.168.0.0/16", "'10.0.0.0/8 192.168.0.0/16' has no prefix length between 0 and 32")]
    [InlineData("[::1]", "'[::1]' is not an address or a network such as 10.0.0.0/8")]
    [InlineData("fe80::%1/10", "'fe80::%1/10' is not an address or a network such as 10.0.0.0/8")]
    public void One_wrong_entry_refuses_the_whole_list_and_is_named(string text, string expected)
    {
        var parsed = EgressPolicy.TryParseAllowList(text, out var list, out var error);

        Assert.False(parsed);
        Assert.Empty(list);
        Assert.Equal(expected, error);
    }
}
