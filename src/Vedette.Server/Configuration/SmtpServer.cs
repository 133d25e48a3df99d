using System.Diagnostics.CodeAnalysis;

namespace Vedette.Server.Configuration;

/// <summary>The server that takes our mail: <c>VEDETTE_SMTP</c>.</summary>
/// <param name="TlsFromStart"><c>smtps</c>; without it, TLS begins with STARTTLS where the server offers that.</param>
internal sealed record SmtpServer(string Host, int Port, bool TlsFromStart, SmtpLogin? Login)
{
    public static bool TryParse(string text, [NotNullWhen(true)] out SmtpServer? server)
    {
        server = null;
        if (!Uri.TryCreate(text, UriKind.Absolute, out var url)
            || url.Scheme is not ("smtp" or "smtps")
            || url.Port == 0 || url.AbsolutePath is not ("" or "/") || url.Query.Length > 0 || url.Fragment.Length > 0
            || url.HostNameType is not (UriHostNameType.Dns or UriHostNameType.IPv4 or UriHostNameType.IPv6))
        {
            return false;
        }

        SmtpLogin? login = null;
        if (url.UserInfo.Length > 0)
        {
            if (url.UserInfo.Split(':') is not [{ Length: > 0 } user, { Length: > 0 } password])
                return false;
            login = new(Uri.UnescapeDataString(user), Uri.UnescapeDataString(password));
            if ((login.User + login.Password).Any(char.IsControl))
                return false;
        }

        var tls = url.Scheme == "smtps";
        server = new(url.IdnHost, url.Port > 0 ? url.Port : tls ? 465 : 587, tls, login);
        return true;
    }

    /// <summary>Without the login.</summary>
    public override string ToString() => $"{(TlsFromStart ? "smtps" : "smtp")}://{Host}:{Port}";
}

internal sealed record SmtpLogin(string User, string Password)
{
    public override string ToString() => "***";
}
