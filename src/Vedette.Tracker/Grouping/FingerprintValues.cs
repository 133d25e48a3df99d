using Vedette.Wire.Json;

namespace Vedette.Tracker.Grouping;

/// <summary>Elements of a fingerprint: literal texts, or <c>{{ variable }}</c> standing alone.</summary>
internal static class FingerprintValues
{
    private const string TagPrefix = "tags.";

    public static bool IsDefault(string element) => Variable(element) == "default";

    /// <summary>Never empty-handed: what the event does not have resolves to a text that says so.</summary>
    public static string Resolve(string element, GroupingSubject subject)
    {
        if (Variable(element) is not { } name)
            return element;

        if (name.StartsWith(TagPrefix, StringComparison.Ordinal))
        {
            var tag = name[TagPrefix.Length..];
            return subject.Tags.TryGetValue(tag, out var value) ? value : $"<no-value-for-tag-{tag}>";
        }

        var frame = CrashFrame.Of(subject);
        return name switch
        {
            "transaction" => Or(subject.Transaction, "<no-transaction>"),
            "message" => Or(subject.Message, Or(subject.MainException?.Text("value"), "<no-message>")),
            "type" or "error.type" => Or(subject.MainException?.Text("type"), "<no-type>"),
            "value" or "error.value" => Or(subject.MainException?.Text("value"), "<no-value>"),
            "function" or "stack.function" => Or(frame?.Text("function"), "<no-function>"),
            "path" or "stack.abs_path" => Or(frame?.Text("abs_path"), Or(frame?.Text("filename"), "<no-abs-path>")),
            "stack.filename" => Or(frame?.Text("filename"), Or(frame?.Text("abs_path"), "<no-filename>")),
            "module" or "stack.module" => Or(frame?.Text("module"), "<no-module>"),
            "package" or "stack.package" => Or(frame?.Text("package"), "<no-package>"),
            "level" => Or(subject.Level, "<no-level>"),
            "logger" => Or(subject.Logger, "<no-logger>"),
            _ => $"<unrecognized-variable-{name}>",
        };
    }

    /// <returns><c>null</c> for a literal.</returns>
    private static string? Variable(string element)
    {
        var text = element.AsSpan().Trim();
        if (text is not ['{', '{', .. var inner, '}', '}'])
            return null;

        inner = inner.Trim();
        return inner.IsEmpty || inner.ContainsAny(" {}") ? null : inner.ToString();
    }

    private static string Or(string? value, string placeholder) => string.IsNullOrEmpty(value) ? placeholder : value;
}
