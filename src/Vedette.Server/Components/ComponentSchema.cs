using Vedette.Wire.Json;

namespace Vedette.Server.Components;

/// <summary>What an app may add to the pages (<c>spec/platform-api.md</c> 4.1), with the words in which Sentry refuses the rest.</summary>
internal static class ComponentSchema
{
    private const int LongestDescription = 140;
    private static readonly string[] Types = ["issue-link", "alert-rule-action", "issue-media", "stacktrace-link"];
    private static readonly object[] Defaults = ["issue.title", "issue.description"];
    private static readonly object[] FieldTypes = ["select", "text", "textarea"];
    private static readonly object[] MediaTypes = ["header", "markdown", "image", "video"];

    /// <summary>Null, an empty text and an empty object stand for nothing.</summary>
    public static bool IsEmpty(object? schema) => schema is null or "" or JsonMap { Count: 0 };

    /// <returns>The first thing that is wrong; <c>null</c> when nothing is.</returns>
    public static string? WhyNot(object? schema)
    {
        if (IsEmpty(schema))
            return null;
        if (schema is not JsonMap map || !map.Contains("elements"))
            return "'elements' is a required property";
        if (map["elements"] is not List<object?> elements || elements.Any(element => element is not JsonMap))
            return "'elements' should be an array of objects";

        foreach (var element in elements.Cast<JsonMap>())
        {
            if (!element.Contains("type"))
                return "Each element needs a 'type' field";
            if (element["type"] is not string type || !Types.Contains(type, StringComparer.Ordinal))
                return $"Element has type {PythonText.Of(element["type"])}. Type must be one of the following: {PythonText.Of(ListOf(Types))}";
            if (type == "alert-rule-action" && WrongDefault(element) is { } wrongDefault)
                return wrongDefault;
            if (Element(element, type) is { } wrong)
                return $"{wrong} for element of type '{type}'";
        }

        if (elements.Cast<JsonMap>().GroupBy(element => element.Text("type")).FirstOrDefault(group => group.Count() > 1) is { } twice)
            return $"Multiple elements of type: {twice.Key}";
        return elements.Count == 0 ? "[] is too short" : null;
    }

    private static string? Element(JsonMap element, string type) => type switch
    {
        "issue-link" => First(
            Member(element, "link", LinkForm),
            Member(element, "create", LinkForm)),
        "alert-rule-action" => First(
            Member(element, "title", Text),
            Member(element, "settings", Settings)),
        "stacktrace-link" => Member(element, "uri", Uri),
        "issue-media" => First(
            Member(element, "title", Text),
            Member(element, "elements", value => Items(value, Media))),
        _ => throw new ArgumentException($"{type} is no type of element", nameof(type)),
    };

    private static string? LinkForm(object? value) => Object(value, form => First(
        Member(form, "uri", Uri),
        Member(form, "required_fields", fields => Items(fields, Field)),
        Optional(form, "optional_fields", fields => Items(fields, Field))));

    private static string? Settings(object? value) => Object(value, settings => First(
        Member(settings, "type", type => OneOf(type, ["alert-rule-settings"])),
        Member(settings, "uri", Uri),
        Member(settings, "required_fields", fields => Items(fields, Field)),
        Optional(settings, "optional_fields", fields => Items(fields, Field)),
        Optional(settings, "description", Description)));

    private static string? Field(object? value) => Object(value, field => First(
        Member(field, "type", type => OneOf(type, FieldTypes)),
        Member(field, "label", Text),
        Member(field, "name", Text),
        field.Text("type") == "select" ? Select(field) : Optional(field, "default", text => OneOf(text, Defaults))));

    private static string? Select(JsonMap field)
    {
        if (field.Contains("uri") == field.Contains("options"))
            return field.Contains("uri") ? $"{PythonText.Of(field)} is valid under each of uri and options" : "'options' is a required property";

        return First(
            Optional(field, "uri", Uri),
            Optional(field, "options", options => Items(options, Option)),
            Optional(field, "async", Flag),
            Optional(field, "skip_load_on_open", Flag),
            Optional(field, "depends_on", names => Items(names, Text)));
    }

    private static string? Option(object? value) => value switch
    {
        not List<object?> => NotOfType(value, "array"),
        List<object?> { Count: < 2 } => $"{PythonText.Of(value)} is too short",
        List<object?> { Count: > 2 } => $"{PythonText.Of(value)} is too long",
        List<object?> pair => First(Text(pair[0]), pair[1] is string or double ? null : NotOfType(pair[1], "string")),
    };

    private static string? Media(object? value) => Object(value, media => First(
        Member(media, "type", type => OneOf(type, MediaTypes)),
        media.Text("type") switch
        {
            "header" or "markdown" => Member(media, "text", Text),
            "image" => First(Member(media, "url", MediaUrl), Optional(media, "alt", Text)),
            _ => Member(media, "url", MediaUrl),
        }));

    /// <summary>Only fields of alert rule actions are looked at: those of issue links lie a level deeper (<c>spec/platform-api.md</c> 4.1).</summary>
    private static string? WrongDefault(JsonMap element)
    {
        foreach (var list in new[] { "required_fields", "optional_fields" })
        {
            foreach (var field in (element.Map("settings")?.List(list) ?? []).OfType<JsonMap>())
            {
                if (field.Text("type") is "text" or "textarea" && field.Contains("default") && !Defaults.Contains(field["default"]))
                {
                    return $"Elements of type ['text', 'textarea'] may only have a default value of the following: "
                        + $"['issue.title', 'issue.description'], but {field["default"] as string ?? PythonText.Of(field["default"])} was found.";
                }
            }
        }

        return null;
    }

    private static string? Uri(object? value) =>
        Text(value) ?? (((string)value!).StartsWith('/') ? null : $"{PythonText.Of(value)} does not match '^\\\\/'");

    private static string? MediaUrl(object? value) =>
        Text(value) ?? ((string)value! is var url
            && (url.StartsWith('/') || url.StartsWith("http://", StringComparison.OrdinalIgnoreCase) || url.StartsWith("https://", StringComparison.OrdinalIgnoreCase))
                ? null
                : $"{PythonText.Of(value)} does not match '^(?:https?|\\\\/)'");

    private static string? Description(object? value) => Text(value) ?? ((string)value!).Length switch
    {
        0 => "'' is too short",
        > LongestDescription => $"{PythonText.Of(value)} is too long",
        _ => null,
    };

    private static string? Text(object? value) => value is string ? null : NotOfType(value, "string");

    private static string? Flag(object? value) => value is bool ? null : NotOfType(value, "boolean");

    private static string? OneOf(object? value, object[] allowed) =>
        allowed.Contains(value) ? null : $"{PythonText.Of(value)} is not one of {PythonText.Of(ListOf(allowed))}";

    private static string? Object(object? value, Func<JsonMap, string?> members) => value is JsonMap map ? members(map) : NotOfType(value, "object");

    /// <summary>One at least, each checked.</summary>
    private static string? Items(object? value, Func<object?, string?> item) => value switch
    {
        not List<object?> => NotOfType(value, "array"),
        List<object?> { Count: 0 } => "[] is too short",
        List<object?> list => list.Select(item).FirstOrDefault(wrong => wrong is not null),
    };

    private static string? Member(JsonMap map, string name, Func<object?, string?> check) =>
        map.Contains(name) ? check(map[name]) : $"{PythonText.Of(name)} is a required property";

    private static string? Optional(JsonMap map, string name, Func<object?, string?> check) => map.Contains(name) ? check(map[name]) : null;

    private static string? First(params ReadOnlySpan<string?> wrongs)
    {
        foreach (var wrong in wrongs)
        {
            if (wrong is not null)
                return wrong;
        }

        return null;
    }

    private static string NotOfType(object? value, string type) => $"{PythonText.Of(value)} is not of type '{type}'";

    private static List<object?> ListOf(IEnumerable<object> values) => [.. values];
}
