using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Vedette.Engine.Egress;

/// <param name="Reason">One line that names the address and its network, or what is wrong with the URL; <c>null</c> when allowed.</param>
public sealed record EgressVerdict(string? Reason)
{
    public static EgressVerdict Allowed { get; } = new((string?)null);

    [MemberNotNullWhen(false, nameof(Reason))]
    public bool IsAllowed => Reason is null;
}

/// <summary>
/// Which addresses this server may call: everything outside <see cref="DeniedNetworks"/>, and what the operator allowed
/// besides. Immutable.
/// </summary>
/// <param name="allowed">Wins over the denied networks. Empty allows only public addresses.</param>
public sealed class EgressPolicy(IEnumerable<IPNetwork> allowed)
{
    private readonly IReadOnlyList<IPNetwork> allowed = [.. allowed.Select(Unmapped)];

    /// <summary>
    /// Comma-separated CIDRs; spaces and empty entries are skipped, a bare address stands for itself alone, and
    /// <c>null</c> is the empty list. IPv4 only as a dotted quad in decimal, because <c>010.0.0.0</c> means 8.0.0.0 to
    /// some and 10.0.0.0 to others. On <c>false</c>, <paramref name="error"/> names the first entry that is wrong, and
    /// <paramref name="networks"/> is empty.
    /// </summary>
    public static bool TryParseAllowList(string? text, out IReadOnlyList<IPNetwork> networks, [NotNullWhen(false)] out string? error)
    {
        var parsed = new List<IPNetwork>();
        foreach (var entry in (text ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            if (!TryParseEntry(entry, out var network, out error))
            {
                networks = [];
                return false;
            }

            parsed.Add(Unmapped(network));
        }

        (networks, error) = (parsed, null);
        return true;
    }

    /// <summary>
    /// A scope id does not matter. An IPv4-mapped address is allowed where the operator allowed the IPv4 address in it, and
    /// never otherwise.
    /// </summary>
    public EgressVerdict Check(IPAddress address)
    {
        var unscoped = new IPAddress(address.GetAddressBytes());
        var reached = unscoped.IsIPv4MappedToIPv6 ? unscoped.MapToIPv4() : unscoped;
        if (allowed.Any(network => network.Contains(reached)))
            return EgressVerdict.Allowed;

        // IPNetwork looks through the mapping: to it, ::ffff:8.8.8.8 is in 8.0.0.0/8 and not in ::ffff:0:0/96.
        if (unscoped.IsIPv4MappedToIPv6)
            return new($"{unscoped} is in ::ffff:0:0/96 (IPv4-mapped)");

        return DeniedNetworks.All.FirstOrDefault(denied => denied.Network.Contains(unscoped)) is { } match
            ? new($"{unscoped} is in {match.Network} ({match.Kind})")
            : EgressVerdict.Allowed;
    }

    /// <summary>
    /// What can be said without asking DNS: the form of the URL, and the address when its host is one, in whatever
    /// notation. A name is allowed here; only <see cref="EgressResolver"/> and <see cref="EgressConnector"/> judge where it leads.
    /// </summary>
    public EgressVerdict CheckUrl(string url)
    {
        if (!OutboundUrl.TryParse(url, out var parsed, out var error))
            return new(error);

        return parsed.Literal is { } literal ? Check(literal) : EgressVerdict.Allowed;
    }

    private static bool TryParseEntry(string entry, out IPNetwork network, [NotNullWhen(false)] out string? error)
    {
        network = default;
        error = null;
        var slash = entry.IndexOf('/', StringComparison.Ordinal);
        var addressText = slash < 0 ? entry : entry[..slash];
        if (!TryParsePlainAddress(addressText, out var address))
        {
            error = $"'{entry}' is not an address or a network such as 10.0.0.0/8";
            return false;
        }

        var bytes = address.GetAddressBytes();
        var prefix = bytes.Length * 8;
        if (slash >= 0
            && (!int.TryParse(entry[(slash + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out prefix) || prefix > bytes.Length * 8))
        {
            error = $"'{entry}' has no prefix length between 0 and {bytes.Length * 8}";
            return false;
        }

        for (var bit = prefix; bit < bytes.Length * 8; bit++)
            bytes[bit / 8] &= (byte)~(0x80 >> (bit % 8));
        var first = new IPAddress(bytes);
        if (!first.Equals(address))
        {
            error = $"'{entry}' has bits set outside its prefix; its network is {first}/{prefix}";
            return false;
        }

        network = new IPNetwork(address, prefix);
        return true;
    }

    /// <summary>Refuses what <see cref="IPAddress.TryParse(string, out IPAddress)"/> takes besides: octal, short forms, brackets, ports, scope ids.</summary>
    private static bool TryParsePlainAddress(string text, [NotNullWhen(true)] out IPAddress? address) =>
        IPAddress.TryParse(text, out address)
        && (address.AddressFamily == AddressFamily.InterNetwork
            ? address.ToString() == text
            : text.All(c => char.IsAsciiHexDigit(c) || c is ':' or '.'));

    /// <summary>An IPv4 network in IPv6 notation is that IPv4 network, so that both notations of an address meet the same entry.</summary>
    private static IPNetwork Unmapped(IPNetwork network) =>
        network.BaseAddress.IsIPv4MappedToIPv6 && network.PrefixLength >= 96
            ? new IPNetwork(network.BaseAddress.MapToIPv4(), network.PrefixLength - 96)
            : network;
}
