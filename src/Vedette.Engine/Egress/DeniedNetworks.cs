using System.Net;

namespace Vedette.Engine.Egress;

internal sealed record DeniedNetwork(IPNetwork Network, string Kind);

/// <summary>
/// What nobody calls by default (<c>spec/webhooks.md</c> 6): networks that are not the public internet, and those that
/// carry an IPv4 address inside an IPv6 one, except the IPv4-mapped, which .NET cannot match as a network. Where two
/// overlap, the narrower comes first, because the first names the reason.
/// </summary>
internal static class DeniedNetworks
{
    public static IReadOnlyList<DeniedNetwork> All { get; } =
    [
        Of("0.0.0.0/8", "this network"),
        Of("10.0.0.0/8", "private"),
        Of("100.64.0.0/10", "carrier-grade NAT"),
        Of("127.0.0.0/8", "loopback"),
        Of("169.254.0.0/16", "link-local"),
        Of("172.16.0.0/12", "private"),
        Of("192.0.0.0/29", "DS-Lite"),
        Of("192.0.2.0/24", "documentation"),
        Of("192.88.99.0/24", "6to4 relay"),
        Of("192.168.0.0/16", "private"),
        Of("198.18.0.0/15", "benchmarking"),
        Of("198.51.100.0/24", "documentation"),
        Of("203.0.113.0/24", "documentation"),
        Of("224.0.0.0/4", "multicast"),
        Of("255.255.255.255/32", "broadcast"),
        Of("240.0.0.0/4", "reserved"),
        Of("::1/128", "loopback"),
        Of("::/128", "unspecified"),
        Of("::/96", "IPv4-compatible"),
        Of("64:ff9b::/96", "NAT64"),
        Of("64:ff9b:1::/48", "local NAT64"),
        Of("100::/64", "discard"),
        Of("2001::/32", "Teredo"),
        Of("2001:20::/28", "ORCHIDv2"),
        Of("2001:db8::/32", "documentation"),
        Of("2002::/16", "6to4"),
        Of("fc00::/7", "unique local"),
        Of("fe80::/10", "link-local"),
        Of("ff00::/8", "multicast"),
    ];

    private static DeniedNetwork Of(string cidr, string kind) => new(IPNetwork.Parse(cidr), kind);
}
