namespace Vedette.Server.Api;

internal static class ClientAddress
{
    /// <summary>Where a request comes from; behind a proxy, the proxy. An IPv4 address is written as one also on a socket for both.</summary>
    /// <returns><c>null</c> when the connection has no address.</returns>
    public static string? Of(HttpContext context)
    {
        var address = context.Connection.RemoteIpAddress;
        return (address?.IsIPv4MappedToIPv6 == true ? address.MapToIPv4() : address)?.ToString();
    }
}
