using System.Globalization;
using System.Text;

namespace Vedette.Server.Ingest;

/// <summary>Why a request's key cannot be used; the status belongs to the reason (<c>spec/domain.md</c> 1.3, 1.7).</summary>
internal sealed record DsnRefusal(int Status, string Detail, params IReadOnlyList<string> Causes);

/// <summary>
/// The public key that a request carries, from wherever SDKs put it: <c>X-Sentry-Auth</c>, the same text or Basic in
/// <c>Authorization</c>, or the query. Several carriers are fine as long as they agree.
/// </summary>
internal static class DsnCredentials
{
    private const int NewestProtocol = 7;

    /// <summary>Stands in place of a pair for Basic credentials that nobody can read.</summary>
    private const string UnreadableBasic = "basic";

    /// <returns>No key and no refusal when the request carries none: the envelope itself may.</returns>
    public static (string? Key, DsnRefusal? Refusal) Read(HttpRequest request)
    {
        string? key = null;
        foreach (var (name, value) in Pairs(request))
        {
            switch (name)
            {
                case UnreadableBasic:
                    return (null, new(
                        StatusCodes.Status401Unauthorized, "bad sentry authentication header",
                        "Basic credentials have no user name, which is where the key belongs"));
                case "sentry_key" when value.Length == 0 || !value.All(char.IsAsciiLetterOrDigit):
                    return (null, new(StatusCodes.Status400BadRequest, "bad sentry authentication header", "sentry_key is not a public key"));
                case "sentry_key" when key is not null && key != value:
                    return (null, new(StatusCodes.Status401Unauthorized, "multiple authorization payloads detected"));
                case "sentry_key":
                    key = value;
                    break;
                case "sentry_version" when !IsSpoken(value):
                    return (null, new(
                        StatusCodes.Status400BadRequest, "unsupported protocol version",
                        $"sentry_version is '{value}', this server speaks up to {NewestProtocol}"));
            }
        }

        return (key, null);
    }

    /// <summary>Key and project of a DSN, as an envelope's header may hold one; <c>null</c> when it is none.</summary>
    public static (string Key, string Project)? ReadDsn(string dsn) =>
        Uri.TryCreate(dsn, UriKind.Absolute, out var uri) && uri.UserInfo.Split(':')[0] is { Length: > 0 } key
            ? (key, uri.AbsolutePath[(uri.AbsolutePath.LastIndexOf('/') + 1)..])
            : null;

    private static IEnumerable<(string Name, string Value)> Pairs(HttpRequest request)
    {
        foreach (var (name, values) in request.Query)
        {
            if (name.StartsWith("sentry_", StringComparison.Ordinal))
            {
                foreach (var value in values)
                    yield return (name, value ?? "");
            }
        }

        foreach (var header in request.Headers["X-Sentry-Auth"].Concat(request.Headers.Authorization))
        {
            var text = (header ?? "").Trim();
            var scheme = text.Split(' ')[0];
            if (scheme.Equals("Sentry", StringComparison.OrdinalIgnoreCase))
            {
                foreach (var part in text[scheme.Length..].Split([',', ' '], StringSplitOptions.RemoveEmptyEntries))
                {
                    var equals = part.IndexOf('=', StringComparison.Ordinal);
                    if (equals > 0)
                        yield return (part[..equals], part[(equals + 1)..]);
                }
            }
            else if (scheme.Equals("Basic", StringComparison.OrdinalIgnoreCase))
            {
                yield return BasicUser(text[scheme.Length..].Trim()) is { Length: > 0 } user ? ("sentry_key", user) : (UnreadableBasic, "");
            }
        }
    }

    /// <summary>Old SDKs write <c>2.0</c>. Not a number compares to nothing, so the comparison is this way round.</summary>
    private static bool IsSpoken(string version) =>
        double.TryParse(version, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) && number <= NewestProtocol;

    private static string? BasicUser(string base64)
    {
        var bytes = new byte[base64.Length];
        return Convert.TryFromBase64String(base64, bytes, out var length) ? Encoding.UTF8.GetString(bytes, 0, length).Split(':')[0] : null;
    }
}
