using System.Diagnostics.CodeAnalysis;

namespace Vedette.Server.Components;

/// <summary>Where a component of an app is: the host of its webhook URL, with the component's own path (<c>spec/platform-api.md</c> 4.2).</summary>
internal static class ComponentUrl
{
    public const int LongestUri = 2048;

    /// <param name="uri">Begins with a slash; may have a query of its own, which stays.</param>
    /// <param name="query">What is added to it. A member without a value is left out.</param>
    /// <returns><c>null</c> when the app has no webhook URL, or when it and the path make none on the same host.</returns>
    public static Uri? Of(string? webhookUrl, string uri, params IReadOnlyList<(string Name, string? Value)> query) =>
        Of(webhookUrl, uri, string.Join('&', query.Where(each => each.Value is not null).Select(each => $"{each.Name}={Uri.EscapeDataString(each.Value!)}")));

    /// <summary>With the webhook URL's own query, as alert rule actions have it.</summary>
    /// <inheritdoc cref="Of(string?, string, IReadOnlyList{ValueTuple{string, string?}})"/>
    public static Uri? WithQueryOf(string? webhookUrl, string uri) =>
        TryHost(webhookUrl, out var host) ? Of(webhookUrl, uri, host.Query.TrimStart('?')) : null;

    private static Uri? Of(string? webhookUrl, string uri, string query)
    {
        if (!TryHost(webhookUrl, out var host))
            return null;

        var path = uri.Split('#', 2)[0];
        var joint = query.Length == 0 ? "" : path.Contains('?', StringComparison.Ordinal) ? "&" : "?";
        return Uri.TryCreate($"{host.GetLeftPart(UriPartial.Authority)}{path}{joint}{query}", UriKind.Absolute, out var url)
            && url.Authority == host.Authority && url.UserInfo.Length == 0
                ? url
                : null;
    }

    private static bool TryHost(string? webhookUrl, [NotNullWhen(true)] out Uri? host) => Uri.TryCreate(webhookUrl, UriKind.Absolute, out host);
}
