using Vedette.Wire.Json;

namespace Vedette.Tracker.Grouping;

/// <summary>What a frame says about where it is; all <c>null</c> says nothing. Line numbers move with every edit and are left out.</summary>
internal readonly record struct FrameValues(string? Place, string? Function, string? Line)
{
    private const int LongestLine = 120;

    public bool Contributes => Place is not null || Function is not null || Line is not null;

    /// <summary>Appends what the frames of a stack contribute; a function that calls itself counts once however deep it went.</summary>
    /// <returns>Whether any frame contributed.</returns>
    public static bool Append(JsonMap? stack, string platform, bool inAppOnly, List<string> values)
    {
        if (stack?.List("frames") is not { } frames)
            return false;

        FrameValues previous = default;
        foreach (var frame in frames.OfType<JsonMap>())
        {
            if (inAppOnly && frame["in_app"] is not true)
                continue;

            var current = Of(frame, platform);
            if (!current.Contributes || current == previous)
                continue;

            previous = current;
            foreach (var value in (ReadOnlySpan<string?>)[current.Place, current.Function, current.Line])
            {
                if (value is not null)
                    values.Add(value);
            }
        }

        return previous.Contributes;
    }

    private static FrameValues Of(JsonMap frame, string eventPlatform)
    {
        var platform = frame.Text("platform") ?? eventPlatform;
        var isJavaScript = platform is "javascript" or "node";
        var isFromUrl = isJavaScript && IsUrl(frame.Text("abs_path") ?? frame.Text("filename"));

        var place = Given(frame.Text("module")) ?? (isFromUrl ? null : BaseName(Given(frame.Text("filename"))));
        var function = Given(frame.Text("function"));
        if (isJavaScript)
            function = JavaScriptFunction(function);

        // A line of a bundle is the whole bundle; without a function name even a short one is a matter of the build.
        var line = platform is "javascript" or "node" or "python" or "php" or "go" or "ruby" && !(isFromUrl && function is null)
            ? SourceLine(frame.Text("context_line"))
            : null;
        return new FrameValues(place, function, line);
    }

    /// <summary>Engines write the receiver before the last dot, and not all write the same one.</summary>
    private static string? JavaScriptFunction(string? function)
    {
        var name = Given(function?[(function.LastIndexOf('.') + 1)..]);
        return name is "?" or "<anonymous>" ? null : name;
    }

    private static string? BaseName(string? path) => path is null
        ? null
        : Given(path[(path.AsSpan().LastIndexOfAny('/', '\\') + 1)..].ToLowerInvariant());

    private static string? SourceLine(string? line)
    {
        // Indentation may double the length, but not make a bundle out of a line.
        if (line is null || line.Length > LongestLine * 8)
            return null;

        var collapsed = string.Join(' ', line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        return collapsed.Length > LongestLine ? null : Given(collapsed);
    }

    private static bool IsUrl(string? path) => path is not null
        && (path.StartsWith("http://", StringComparison.Ordinal)
            || path.StartsWith("https://", StringComparison.Ordinal)
            || path.StartsWith("file:", StringComparison.Ordinal)
            || path.StartsWith("blob:", StringComparison.Ordinal)
            || path.StartsWith("applewebdata://", StringComparison.Ordinal));

    private static string? Given(string? text) => string.IsNullOrEmpty(text) ? null : text;
}
