using System.Net;
using System.Net.Sockets;

namespace Vedette.Engine.Egress;

public enum EgressOutcome
{
    Allowed,
    Blocked,
    Unresolved,
}

/// <param name="Addresses">Every address of the host, each of them checked; empty unless allowed.</param>
/// <param name="Reason">One line; <c>null</c> when allowed.</param>
public sealed record EgressResolution(EgressOutcome Outcome, IReadOnlyList<IPAddress> Addresses, string? Reason);

/// <summary>Judges where names lead. Keeps no answer, opens no connection, and may be used concurrently.</summary>
/// <param name="lookUp">Not called for a host that is an address; <c>null</c> asks the operating system.</param>
public sealed class EgressResolver(EgressPolicy policy, Func<string, CancellationToken, Task<IPAddress[]>>? lookUp = null)
{
    private readonly Func<string, CancellationToken, Task<IPAddress[]>> lookUp = lookUp ?? Dns.GetHostAddressesAsync;

    /// <summary>
    /// One blocked address blocks the name, whatever its others are: an answer that mixes public and private addresses is
    /// a mistake or an attack. The next answer for the same name may differ, so a caller who connects must use these addresses.
    /// </summary>
    /// <param name="host">A name or an address without brackets.</param>
    public async Task<EgressResolution> ResolveAsync(string host, CancellationToken ct)
    {
        // The resolver of .NET takes the empty name for this machine.
        if (host.Length == 0)
            return Unresolved("there is no host");

        IPAddress[] addresses;
        if (OutboundUrl.TryLiteral(host, out var literal))
        {
            addresses = [literal];
        }
        else
        {
            try
            {
                addresses = await lookUp(host, ct);
            }
            catch (SocketException e)
            {
                return Unresolved($"the name was not resolved: {e.Message}");
            }
            catch (ArgumentException)
            {
                return Unresolved("the name was not resolved: it is longer than a name can be");
            }
        }

        if (addresses.Length == 0)
            return Unresolved("the name has no address");

        return addresses.Select(policy.Check).FirstOrDefault(verdict => !verdict.IsAllowed) is { } blocked
            ? new(EgressOutcome.Blocked, [], blocked.Reason)
            : new(EgressOutcome.Allowed, addresses, null);
    }

    /// <summary><see cref="EgressPolicy.CheckUrl"/>, and then the addresses of the host.</summary>
    public async Task<EgressResolution> ResolveUrlAsync(string url, CancellationToken ct) =>
        OutboundUrl.TryParse(url, out var parsed, out var error)
            ? await ResolveAsync(parsed.Host, ct)
            : new(EgressOutcome.Blocked, [], error);

    private static EgressResolution Unresolved(string reason) => new(EgressOutcome.Unresolved, [], reason);
}
