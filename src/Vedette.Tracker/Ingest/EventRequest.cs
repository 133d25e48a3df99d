using Vedette.Wire.Json;

namespace Vedette.Tracker.Ingest;

/// <summary>The HTTP request that was being served: headers, cookies and query as pairs, the URL without its query.</summary>
internal static class EventRequest
{
    private static readonly MemberShape Request = new(
        ("url", MemberKind.Text),
        ("method", MemberKind.Text),
        ("fragment", MemberKind.Text),
        ("env", MemberKind.Map));

    public static JsonMap? Read(object? given, EventErrors errors)
    {
        if (given is not JsonMap map)
        {
            if (given is not null)
                errors.InvalidData("request");
            return null;
        }

        var stored = new JsonMap();
        foreach (var (name, value) in Request.Fit(map, "request", errors).Members)
        {
            stored[name] = (name, value) switch
            {
                (_, null) => null,
                ("headers", _) => NamePairs.Store(NamePairs.Read(value, "request.headers", errors)),
                ("cookies", string text) => NamePairs.Store(Split(text, ';', unescape: false)),
                ("cookies", _) => NamePairs.Store(NamePairs.Read(value, "request.cookies", errors)),
                ("query_string", string text) => NamePairs.Store(Split(text.TrimStart('?'), '&', unescape: true)),
                ("query_string", _) => NamePairs.Store(NamePairs.Read(value, "request.query_string", errors)),
                _ => value,
            };
        }

        TakeUrlApart(stored);
        return stored.Count == 0 ? null : stored;
    }

    /// <summary>A query differs from call to call; without it the URL is fit for a tag and a culprit.</summary>
    private static void TakeUrlApart(JsonMap request)
    {
        if (request.Text("url") is not { } url)
            return;

        var hash = url.IndexOf('#', StringComparison.Ordinal);
        if (hash >= 0)
        {
            if (request["fragment"] is null)
                request["fragment"] = url[(hash + 1)..];
            url = url[..hash];
        }

        var query = url.IndexOf('?', StringComparison.Ordinal);
        if (query >= 0)
        {
            if (request["query_string"] is not List<object?> { Count: > 0 })
                request["query_string"] = NamePairs.Store(Split(url[(query + 1)..], '&', unescape: true));
            url = url[..query];
        }

        request["url"] = url;
    }

    private static List<(string Name, string Value)> Split(string text, char separator, bool unescape)
    {
        var pairs = new List<(string, string)>();
        foreach (var range in text.AsSpan().Split(separator))
        {
            var part = text.AsSpan(range).Trim();
            if (part.IsEmpty)
                continue;
            if (pairs.Count == EventLimits.Pairs)
                break;

            var equals = part.IndexOf('=');
            var name = equals < 0 ? part : part[..equals];
            var value = equals < 0 ? "" : part[(equals + 1)..];
            pairs.Add((Plain(name, unescape), Plain(value, unescape)));
        }

        return pairs;
    }

    /// <summary>Unescaping can bring back the NUL that parsing has mended everywhere else.</summary>
    private static string Plain(ReadOnlySpan<char> text, bool unescape) => unescape
        ? LenientJson.Mend(Uri.UnescapeDataString(text.ToString().Replace('+', ' ')))
        : text.ToString();
}
