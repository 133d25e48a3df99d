using System.Net;

namespace Vedette.Engine.Egress;

/// <summary>How this server speaks HTTP to those whom a stranger names.</summary>
public static class EgressHandler
{
    /// <summary>How it names itself.</summary>
    public static string UserAgent { get; } = $"vedette/{typeof(EgressHandler).Assembly.GetName().Version!.ToString(3)}";

    /// <summary>
    /// Redirects are not followed, bodies not decompressed, cookies not kept, proxies not asked, and connections go to checked
    /// addresses only. At most 64 KiB of response headers are read.
    /// </summary>
    public static SocketsHttpHandler Create(EgressConnector connector) => new()
    {
        ConnectCallback = connector.ConnectAsync,
        AllowAutoRedirect = false,
        AutomaticDecompression = DecompressionMethods.None,
        UseCookies = false,
        UseProxy = false,
        ActivityHeadersPropagator = null,
        MaxResponseHeadersLength = 64,
        MaxResponseDrainSize = 0,
    };
}
