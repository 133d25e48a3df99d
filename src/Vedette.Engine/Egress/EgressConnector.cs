using System.Net;
using System.Net.Sockets;

namespace Vedette.Engine.Egress;

/// <summary>
/// Opens connections only to addresses that it has just checked, so that a name cannot change its answer between the
/// check and the connection.
/// </summary>
public sealed class EgressConnector(EgressResolver resolver)
{
    /// <summary>
    /// For <see cref="SocketsHttpHandler.ConnectCallback"/>, http and https alike. The handler must have
    /// <see cref="SocketsHttpHandler.UseProxy"/> off: through a proxy, this sees only the proxy's address. HTTP/3 does not
    /// come here at all.
    /// </summary>
    public async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken ct) =>
        await ConnectAsync(context.DnsEndPoint.Host, context.DnsEndPoint.Port, ct);

    /// <summary>Tries the addresses in the resolver's order, one after the other; the caller's token is the only time limit.</summary>
    /// <returns>A connected stream that owns its socket; the caller disposes it.</returns>
    /// <exception cref="EgressBlockedException">Nothing was sent to any address.</exception>
    /// <exception cref="NameNotResolvedException">Nothing was sent to any address.</exception>
    /// <exception cref="SocketException">No address answered; this is the failure of the last one.</exception>
    public async Task<Stream> ConnectAsync(string host, int port, CancellationToken ct)
    {
        var resolution = await resolver.ResolveAsync(host, ct);

        // Expected outcomes, and yet exceptions: HttpClient has no other way to end a connection attempt, and hands these
        // on as the inner exception, by whose type the sender classifies.
        var addresses = resolution.Outcome switch
        {
            EgressOutcome.Allowed => resolution.Addresses,
            EgressOutcome.Blocked => throw new EgressBlockedException(resolution.Reason!),
            EgressOutcome.Unresolved => throw new NameNotResolvedException(resolution.Reason!),
        };

        for (var i = 0; ; i++)
        {
            try
            {
                return await OpenAsync(addresses[i], port, ct);
            }
            catch (SocketException) when (i + 1 < addresses.Count)
            {
                // The next address may answer.
            }
        }
    }

    private static async Task<Stream> OpenAsync(IPAddress address, int port, CancellationToken ct)
    {
        // An IPv6 socket does not reach IPv4; the policy has judged a mapped address by its IPv4 one.
        var reached = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        var socket = new Socket(reached.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(new IPEndPoint(reached, port), ct);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}

/// <summary>The policy forbids an address of the host. <see cref="Exception.Message"/> is the policy's reason.</summary>
public sealed class EgressBlockedException(string reason) : Exception(reason);

/// <summary>The host has no address, or could not be asked for one. <see cref="Exception.Message"/> is the reason.</summary>
public sealed class NameNotResolvedException(string reason) : Exception(reason);
