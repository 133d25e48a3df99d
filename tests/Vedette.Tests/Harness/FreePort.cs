using System.Net;
using System.Net.Sockets;

namespace Vedette.Tests.Harness;

internal static class FreePort
{
    /// <summary>Below those that systems give to whoever asks for none in particular, so that no connection takes one before it is used.</summary>
    private const int First = 10_000;
    private const int Count = 20_000;

    private static int next = Random.Shared.Next(Count);

    /// <summary>Free at this moment, and given to nobody else of this process for a long time.</summary>
    public static int Find()
    {
        while (true)
        {
            var port = First + (int)((uint)Interlocked.Increment(ref next) % Count);
            try
            {
                using var listener = new TcpListener(IPAddress.Loopback, port);
                listener.Start();
                return port;
            }
            catch (SocketException e) when (e.SocketErrorCode == SocketError.AddressAlreadyInUse)
            {
                // Somebody else's.
            }
        }
    }
}
