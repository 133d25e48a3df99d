using Vedette.Wire.Json;

namespace Vedette.Tracker.Grouping;

/// <summary>Grouping without the SDK's help: the first kind of evidence that says anything decides.</summary>
internal static class DefaultVariants
{
    /// <summary>The application's own frames before all frames; empty when the event holds no evidence at all.</summary>
    public static List<string> Hashes(GroupingSubject subject)
    {
        if (Variants(inAppOnly => Chain(subject, inAppOnly)) is { Count: > 0 } ofChain)
            return ofChain;
        if (Variants(inAppOnly => Stack(CrashFrame.Thread(subject.Threads)?.Map("stacktrace"), subject, inAppOnly)) is { Count: > 0 } ofThread)
            return ofThread;
        if (Variants(inAppOnly => Stack(subject.Stacktrace, subject, inAppOnly)) is { Count: > 0 } ofStack)
            return ofStack;

        var values = Texts(subject.Template, "filename", "context_line");
        if (values.Count == 0)
            values = Csp(subject.Csp);
        if (values.Count == 0 && subject.Feedback is not null)
            values = ["feedback", subject.EventId];
        if (values.Count == 0 && subject.MessageTemplate.Length > 0)
            values = [MessageParameters.Replace(subject.MessageTemplate)];
        return values.Count == 0 ? [] : [GroupingHash.Of(values)];
    }

    private static List<string> Variants(Func<bool, List<string>?> valuesOf)
    {
        var hashes = new List<string>(2);
        foreach (var inAppOnly in (ReadOnlySpan<bool>)[true, false])
        {
            if (valuesOf(inAppOnly) is not { Count: > 0 } values)
                continue;

            var hash = GroupingHash.Of(values);
            if (!hashes.Contains(hash))
                hashes.Add(hash);
        }

        return hashes;
    }

    /// <returns><c>null</c> when only the application's frames are asked for and there are none.</returns>
    private static List<string>? Chain(GroupingSubject subject, bool inAppOnly)
    {
        var values = new List<string>();
        var anyStack = false;
        foreach (var exception in subject.Exceptions)
        {
            var hasStack = FrameValues.Append(exception.Map("stacktrace"), subject.Platform, inAppOnly, values);
            anyStack |= hasStack;

            if (exception.Text("type") is { Length: > 0 } type && exception.Map("mechanism")?["synthetic"] is not true)
                values.Add(type);
            if (!hasStack && exception.Text("value") is { Length: > 0 } value)
                values.Add(MessageParameters.Replace(value));
        }

        return inAppOnly && !anyStack ? null : values;
    }

    private static List<string> Stack(JsonMap? stack, GroupingSubject subject, bool inAppOnly)
    {
        var values = new List<string>();
        FrameValues.Append(stack, subject.Platform, inAppOnly, values);
        return values;
    }

    /// <summary>The blocked URI's host: its path and query may differ with every page.</summary>
    private static List<string> Csp(JsonMap? csp)
    {
        var values = Texts(csp, "effective_directive");
        if (csp?.Text("blocked_uri") is { Length: > 0 } blocked)
            values.Add(Uri.TryCreate(blocked, UriKind.Absolute, out var uri) && uri.Host.Length > 0 ? uri.Host : blocked);
        return values;
    }

    private static List<string> Texts(JsonMap? map, params ReadOnlySpan<string> names)
    {
        var texts = new List<string>();
        foreach (var name in names)
        {
            if (map?.Text(name) is { Length: > 0 } text)
                texts.Add(text);
        }

        return texts;
    }
}
