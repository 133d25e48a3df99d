using System.Buffers.Text;
using System.Text;
using Vedette.Server.Applications;
using Vedette.Wire.Json;

namespace Vedette.Server.OAuth;

/// <summary>Which application asks for a token, and whether it is really that one (RFC 6749 2.3).</summary>
internal sealed class ClientAuthentication(ApiApplicationStore applications)
{
    private const int LongestBasic = 4096;

    /// <summary>By the header or by fields, never both. A public client names itself only, and has no secret to show.</summary>
    public async Task<(ApiApplication? Application, OAuthError? Error)> AuthenticateAsync(HttpRequest request, JsonMap form, CancellationToken ct)
    {
        var (id, secret) = (form.Text("client_id"), form.Text("client_secret"));
        var header = request.Headers.Authorization.ToString();
        if (header.StartsWith("Basic ", StringComparison.OrdinalIgnoreCase))
        {
            if (id is not null || secret is not null)
                return (null, OAuthError.InvalidRequest);
            if (!TryReadBasic(header[6..].Trim(), out id, out secret))
                return (null, OAuthError.InvalidClient);
        }

        if (string.IsNullOrEmpty(id) || await applications.FindAsync(id, ct) is not { } application)
            return (null, OAuthError.InvalidClient);

        var isItself = application.IsPublic ? string.IsNullOrEmpty(secret) : secret is not null && applications.IsSecret(application, secret);
        return isItself ? (application, null) : (null, OAuthError.InvalidClient);
    }

    /// <summary>RFC 6749 2.3.1: both halves are form-encoded before they are joined.</summary>
    private static bool TryReadBasic(string encoded, out string? id, out string? secret)
    {
        (id, secret) = (null, null);
        if (encoded.Length > LongestBasic || !Base64.IsValid(encoded))
            return false;

        var text = Encoding.UTF8.GetString(Convert.FromBase64String(encoded));
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        if (colon < 0)
            return false;

        (id, secret) = (Decode(text[..colon]), Decode(text[(colon + 1)..]));
        return !id.Contains('\0', StringComparison.Ordinal);
    }

    private static string Decode(string part) => Uri.UnescapeDataString(part.Replace('+', ' '));
}
