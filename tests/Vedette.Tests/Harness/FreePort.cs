using System.Net;
using System.Net.Sockets;

namespace Vedette.Tests.Harness;

internal static class FreePort
{
    /// <summary>Free at this moment: the system hands out others first, so nobody else is likely to take it before it is used.</summary>
    public static int Find()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
