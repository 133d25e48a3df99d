using System.Diagnostics.CodeAnalysis;

namespace Vedette.Server.Configuration;

/// <summary>What an operator may switch off, under Sentry's names. All is on unless it is named.</summary>
internal static class Features
{
    public const string ServiceHooks = "projects:servicehooks";

    /// <summary>Apps may subscribe to <c>error</c>.</summary>
    public const string ErrorEvents = "organizations:integrations-event-hooks";

    private static readonly string[] All = [ServiceHooks, ErrorEvents];

    /// <param name="text">Names, comma-separated; <c>null</c> for none.</param>
    public static bool TryParse(string? text, out IReadOnlyList<string> off, [NotNullWhen(false)] out string? problem)
    {
        off = (text ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        problem = off.FirstOrDefault(name => !All.Contains(name, StringComparer.Ordinal)) is { } unknown
            ? $"'{unknown}' is none of {string.Join(", ", All)}"
            : null;
        return problem is null;
    }
}
