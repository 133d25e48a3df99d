using Vedette.Wire.Json;

namespace Vedette.Tracker.Ingest;

/// <param name="Template">What SDKs say before parameters go in; groups better than the text. Empty when there is none.</param>
/// <param name="Text">What people read; empty when there is no message.</param>
/// <param name="Stored"><c>null</c> when there is no message.</param>
internal sealed record LogEntry(string Template, string Text, JsonMap? Stored)
{
    /// <summary><c>logentry</c>, or its older name <c>message</c>, each an object or a bare string.</summary>
    public static LogEntry Read(JsonMap payload, EventErrors errors) =>
        Read(payload["logentry"], "logentry", errors) ?? Read(payload["message"], "message", errors) ?? new("", "", null);

    private static LogEntry? Read(object? given, string name, EventErrors errors)
    {
        switch (given)
        {
            case null:
                return null;
            case string text:
                return Build(new JsonMap(), text, null, null);
            case JsonMap map:
                return Build(map, Member(map, "message", name, errors), Member(map, "formatted", name, errors), map["params"]);
            default:
                errors.InvalidData(name);
                return null;
        }
    }

    private static LogEntry? Build(JsonMap given, string? message, string? formatted, object? parameters)
    {
        message = message is null ? null : EventLimits.Cut(message, EventLimits.Message);
        formatted = string.IsNullOrEmpty(formatted)
            ? message is null ? null : MessageFormat.Fill(message, parameters)
            : EventLimits.Cut(formatted, EventLimits.Message);
        if (string.IsNullOrEmpty(formatted))
            return null;

        var stored = new JsonMap();
        if (!string.IsNullOrEmpty(message))
            stored["message"] = message;
        stored["formatted"] = formatted;
        foreach (var (name, value) in given.Members)
        {
            if (name is not ("message" or "formatted"))
                stored[name] = value;
        }

        return new LogEntry(string.IsNullOrEmpty(message) ? formatted : message, formatted, stored);
    }

    private static string? Member(JsonMap map, string member, string name, EventErrors errors)
    {
        if (map[member] is { } value && JsonText.OfScalar(value) is null)
            errors.InvalidData($"{name}.{member}");
        return JsonText.OfScalar(map[member]);
    }
}
