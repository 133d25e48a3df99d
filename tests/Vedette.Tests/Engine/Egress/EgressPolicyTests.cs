using System.Globalization;
using System.Net;
using System.Numerics;
using FsCheck;
using FsCheck.Fluent;
using Vedette.Engine.Egress;
using Xunit;

namespace Vedette.Tests.Engine.Egress;

public sealed class EgressPolicyTests
{
    private static readonly EgressPolicy PublicOnly = new([]);

    /// <summary>Written a second time, from the specification, so that an entry lost from the product is missed here.</summary>
    public static readonly TheoryData<string, string> Denied = new()
    {
        { "0.0.0.0/8", "this network" },
        { "10.0.0.0/8", "private" },
        { "100.64.0.0/10", "carrier-grade NAT" },
        { "127.0.0.0/8", "loopback" },
        { "169.254.0.0/16", "link-local" },
        { "172.16.0.0/12", "private" },
        { "192.0.0.0/29", "DS-Lite" },
        { "192.0.2.0/24", "documentation" },
        { "192.88.99.0/24", "6to4 relay" },
        { "192.168.0.0/16", "private" },
        { "198.18.0.0/15", "benchmarking" },
        { "198.51.100.0/24", "documentation" },
        { "203.0.113.0/24", "documentation" },
        { "224.0.0.0/4", "multicast" },
        { "240.0.0.0/4", "reserved" },
        { "255.255.255.255/32", "broadcast" },
        { "::/128", "unspecified" },
        { "::1/128", "loopback" },
        { "::/96", "IPv4-compatible" },
        { "::ffff:0:0/96", "IPv4-mapped" },
        { "64:ff9b::/96", "NAT64" },
        { "64:ff9b:1::/48", "local NAT64" },
        { "100::/64", "discard" },
        { "2001::/32", "Teredo" },
        { "2001:20::/28", "ORCHIDv2" },
        { "2001:db8::/32", "documentation" },
        { "2002::/16", "6to4" },
        { "fc00::/7", "unique local" },
        { "fe80::/10", "link-local" },
        { "ff00::/8", "multicast" },
    };

    private static readonly Block[] DeniedBlocks = [.. Denied.Select(row => Block.Parse(row.Data.Item1))];

    [Theory]
    [MemberData(nameof(Denied))]
    public void The_first_and_the_last_address_of_a_denied_network_are_blocked(string network, string kind)
    {
        var block = Block.Parse(network);

        var verdicts = new[] { block.First, (block.First + block.Last) / 2, block.Last }
            .Select(number => PublicOnly.Check(block.Address(number)))
            .ToList();

        Assert.All(verdicts, verdict => Assert.False(verdict.IsAllowed));
        Assert.Contains(verdicts, verdict => verdict.Reason!.EndsWith($" is in {network} ({kind})", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("1.0.0.0")]
    [InlineData("9.255.255.255")]
    [InlineData("11.0.0.0")]
    [InlineData("100.63.255.255")]
    [InlineData("100.128.0.0")]
    [InlineData("126.255.255.255")]
    [InlineData("128.0.0.0")]
    [InlineData("169.253.255.255")]
    [InlineData("169.255.0.0")]
    [InlineData("172.15.255.255")]
    [InlineData("172.32.0.0")]
    [InlineData("191.255.255.255")]
    [InlineData("192.0.0.8")]
    [InlineData("192.0.1.255")]
    [InlineData("192.0.3.0")]
    [InlineData("192.88.98.255")]
    [InlineData("192.88.100.0")]
    [InlineData("192.167.255.255")]
    [InlineData("192.169.0.0")]
    [InlineData("198.17.255.255")]
    [InlineData("198.20.0.0")]
    [InlineData("198.51.99.255")]
    [InlineData("198.51.101.0")]
    [InlineData("203.0.112.255")]
    [InlineData("203.0.114.0")]
    [InlineData("223.255.255.255")]
    [InlineData("0:0:0:0:0:1::")]
    [InlineData("0:0:0:0:0:fffe:ffff:ffff")]
    [InlineData("0:0:0:0:1::")]
    [InlineData("64:ff9a:ffff:ffff:ffff:ffff:ffff:ffff")]
    [InlineData("64:ff9b::1:0:0")]
    [InlineData("64:ff9b:0:ffff:ffff:ffff:ffff:ffff")]
    [InlineData("64:ff9b:2::")]
    [InlineData("ff:ffff:ffff:ffff:ffff:ffff:ffff:ffff")]
    [InlineData("100:0:0:1::")]
    [InlineData("2000:ffff:ffff:ffff:ffff:ffff:ffff:ffff")]
    [InlineData("2001:1::")]
    [InlineData("2001:1f:ffff:ffff:ffff:ffff:ffff:ffff")]
    [InlineData("2001:30::")]
    [InlineData("2001:db7:ffff:ffff:ffff:ffff:ffff:ffff")]
    [InlineData("2001:db9::")]
    [InlineData("2001:ffff:ffff:ffff:ffff:ffff:ffff:ffff")]
    [InlineData("2003::")]
    [InlineData("fbff:ffff:ffff:ffff:ffff:ffff:ffff:ffff")]
    [InlineData("fe00::")]
    [InlineData("fe7f:ffff:ffff:ffff:ffff:ffff:ffff:ffff")]
    [InlineData("fec0::")]
    [InlineData("feff:ffff:ffff:ffff:ffff:ffff:ffff:ffff")]
    public void An_address_just_outside_a_denied_network_is_allowed(string address) =>
        Assert.True(PublicOnly.Check(IPAddress.Parse(address)).IsAllowed);

    [Theory]
    [InlineData("127.0.0.1", "127.0.0.1 is in 127.0.0.0/8 (loopback)")]
    [InlineData("255.255.255.255", "255.255.255.255 is in 255.255.255.255/32 (broadcast)")]
    [InlineData("::", ":: is in ::/128 (unspecified)")]
    [InlineData("::1", "::1 is in ::1/128 (loopback)")]
    [InlineData("::ffff:8.8.8.8", "::ffff:8.8.8.8 is in ::ffff:0:0/96 (IPv4-mapped)")]
    [InlineData("fe80::1%3", "fe80::1 is in fe80::/10 (link-local)")]
    public void The_reason_names_the_address_and_its_narrowest_network(string address, string reason) =>
        Assert.Equal(reason, PublicOnly.Check(IPAddress.Parse(address)).Reason);

    [Theory]
    [InlineData("127.0.0.0/8", "127.0.0.1", true)]
    [InlineData("127.0.0.0/8", "::ffff:127.0.0.1", true)]
    [InlineData("127.0.0.0/8", "::127.0.0.1", false)]
    [InlineData("127.0.0.0/8", "64:ff9b::7f00:1", false)]
    [InlineData("127.0.0.0/8", "2002:7f00:1::", false)]
    [InlineData("127.0.0.0/8", "::1", false)]
    [InlineData("127.0.0.0/8", "10.0.0.1", false)]
    [InlineData("127.0.0.1", "127.0.0.2", false)]
    [InlineData("::ffff:127.0.0.0/104", "127.0.0.1", true)]
    [InlineData("::ffff:127.0.0.0/104", "::ffff:127.0.0.1", true)]
    [InlineData("::/0", "::1", true)]
    [InlineData("::/0", "127.0.0.1", false)]
    [InlineData("::/0", "::ffff:127.0.0.1", false)]
    [InlineData("0.0.0.0/0", "::ffff:127.0.0.1", true)]
    [InlineData("0.0.0.0/0", "::1", false)]
    [InlineData("fe80::/10", "fe80::1%3", true)]
    [InlineData("8.8.8.8", "8.8.4.4", true)]
    public void What_the_operator_allows_wins_over_the_denied_networks_and_reaches_no_further(string allow, string address, bool allowed)
    {
        Assert.True(EgressPolicy.TryParseAllowList(allow, out var networks, out _));

        Assert.Equal(allowed, new EgressPolicy(networks).Check(IPAddress.Parse(address)).IsAllowed);
    }

    [Fact]
    public void A_mapped_network_given_directly_is_its_ipv4_network()
    {
        var policy = new EgressPolicy([IPNetwork.Parse("::ffff:127.0.0.0/104")]);

        Assert.True(policy.Check(IPAddress.Loopback).IsAllowed);
    }

    [Fact]
    public void An_address_is_blocked_exactly_when_it_is_in_a_denied_network_and_in_no_allowed_one() =>
        Prop.ForAll(
            Arb.From(
                from allowed in Blocks().ListOf()
                from near in Gen.Elements(DeniedBlocks.Concat(allowed))
                from address in AddressNear(near)
                select (allowed: allowed.ToArray(), address)),
            sample =>
            {
                var policy = new EgressPolicy(sample.allowed.Select(block => new IPNetwork(block.Address(block.First), block.Prefix)));
                var address = sample.address;
                var reached = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
                var expected = !DeniedBlocks.Any(block => block.Contains(address)) || sample.allowed.Any(block => block.Contains(reached));
                return policy.Check(address).IsAllowed == expected;
            }).Check(Config.QuickThrowOnFailure.WithMaxTest(5000));

    [Fact]
    public void A_mapped_address_is_allowed_exactly_when_the_operator_allowed_its_ipv4_address() =>
        Prop.ForAll(
            Arb.From(
                from allowed in Blocks().Where(block => block.Bits == 32).NonEmptyListOf()
                from near in Gen.Elements<Block>(allowed)
                from address in AddressNear(near)
                select (allowed: allowed.ToArray(), address)),
            sample =>
            {
                var policy = new EgressPolicy(sample.allowed.Select(block => new IPNetwork(block.Address(block.First), block.Prefix)));
                return policy.Check(sample.address.MapToIPv6()).IsAllowed == sample.allowed.Any(block => block.Contains(sample.address));
            }).Check(Config.QuickThrowOnFailure.WithMaxTest(2000));

    private static Gen<Block> Blocks() =>
        from like in Gen.Elements(DeniedBlocks.Where(block => block.Prefix != 96 || block.First == 0))
        from longer in Gen.Choose(-2, 6)
        let prefix = Math.Clamp(like.Prefix + longer, 1, like.Bits)
        select new Block((like.First >> (like.Bits - prefix)) << (like.Bits - prefix), prefix, like.Bits);

    private static Gen<IPAddress> AddressNear(Block block) =>
        from bytes in Gen.Choose(0, 255).ArrayOf(17)
        from edge in Gen.Choose(0, 5)
        let span = block.Last - block.First + 1
        let random = new BigInteger([.. bytes.Select(b => (byte)b), 0])
        let number = edge switch
        {
            0 => block.First,
            1 => block.Last,
            2 => block.First - 1,
            3 => block.Last + 1,
            4 => random,
            _ => block.First + (random % span),
        }
        let modulus = BigInteger.One << block.Bits
        select block.Address(((number % modulus) + modulus) % modulus);

    /// <summary>A CIDR in plain integer arithmetic: no code in common with the product.</summary>
    private sealed record Block(BigInteger First, int Prefix, int Bits)
    {
        public BigInteger Last => First + (BigInteger.One << (Bits - Prefix)) - 1;

        public static Block Parse(string cidr)
        {
            var parts = cidr.Split('/');
            var bytes = IPAddress.Parse(parts[0]).GetAddressBytes();
            return new(new BigInteger(bytes, isUnsigned: true, isBigEndian: true), int.Parse(parts[1], CultureInfo.InvariantCulture), bytes.Length * 8);
        }

        public bool Contains(IPAddress address)
        {
            var bytes = address.GetAddressBytes();
            return bytes.Length * 8 == Bits && new BigInteger(bytes, isUnsigned: true, isBigEndian: true) is var number && First <= number && number <= Last;
        }

        public IPAddress Address(BigInteger number)
        {
            var bytes = number.ToByteArray(isUnsigned: true, isBigEndian: true);
            return new IPAddress([.. new byte[(Bits / 8) - bytes.Length], .. bytes]);
        }
    }
}
