using System.Globalization;
using Vedette.Tracker.Issues;
using Vedette.Wire.Json;

namespace Vedette.Tracker.Alerts;

/// <summary>What conditions can ask of an event by name (<c>spec/domain.md</c> 4.4).</summary>
public static class EventAttributes
{
    public static IReadOnlyList<string> Names { get; } =
    [
        "message", "platform", "environment", "type", "error.handled", "error.unhandled", "error.main_thread", "exception.type", "exception.value",
        "user.id", "user.email", "user.username", "user.ip_address", "http.method", "http.url", "http.status_code", "sdk.name", "stacktrace.code",
        "stacktrace.module", "stacktrace.filename", "stacktrace.abs_path", "stacktrace.package", "unreal.crash_type", "app.in_foreground",
    ];

    /// <summary>Of every exception, and of every frame of their stacks, or of the threads' when no exception has one.</summary>
    internal static IReadOnlyList<string> Of(StoredEvent stored, JsonMap body, string name) =>
        [.. (name.Split('.', 2) switch
        {
            ["message"] => [stored.Message, stored.Title],
            ["platform"] => [stored.Platform],
            ["environment"] => [body["environment"]],
            ["type"] => [stored.Type],
            ["error", "handled"] => Mechanisms(body).Select(mechanism => mechanism["handled"]),
            ["error", "unhandled"] => Mechanisms(body).Select(mechanism => mechanism["handled"] is bool handled ? (object?)!handled : null),
            ["error", "main_thread"] => MainThreads(body),
            ["exception", var member] => Exceptions(body).Select(exception => exception[member]),
            ["user", var member] => [body.Map("user")?[member]],
            ["http", "status_code"] => [body.Map("contexts")?.Map("response")?["status_code"]],
            ["http", var member] => [body.Map("request")?[member]],
            ["sdk", _] => [body.Map("sdk")?["name"]],
            ["stacktrace", "code"] => Frames(body).SelectMany(Code),
            ["stacktrace", var member] => Frames(body).Select(frame => frame[member]),
            ["unreal", _] => [body.Map("contexts")?.Map("unreal")?["crash_type"]],
            ["app", _] => [body.Map("contexts")?.Map("app")?["in_foreground"]],
            _ => Enumerable.Empty<object?>(),
        }).Select(Text).OfType<string>()];

    /// <returns><c>null</c> for what is no text, or an empty one.</returns>
    internal static string? Text(object? value) => value switch
    {
        string { Length: > 0 } text => text,
        bool flag => flag ? "true" : "false",
        double number => number.ToString("R", CultureInfo.InvariantCulture),
        _ => null,
    };

    private static IEnumerable<JsonMap> Exceptions(JsonMap body) => Values(body, "exception");

    private static IEnumerable<JsonMap> Mechanisms(JsonMap body) => Exceptions(body).Select(exception => exception.Map("mechanism")).OfType<JsonMap>();

    /// <summary>Whether the threads that the exceptions came from are the main one.</summary>
    private static IEnumerable<object?> MainThreads(JsonMap body)
    {
        var threads = Values(body, "threads").ToList();
        return Exceptions(body).Select(exception => threads.Find(thread => Text(thread["id"]) is { } id && id == Text(exception["thread_id"]))?["main"]);
    }

    private static IEnumerable<JsonMap> Frames(JsonMap body)
    {
        var stacks = Exceptions(body).Select(exception => exception.Map("stacktrace")).OfType<JsonMap>().ToList();
        if (stacks.Count == 0)
            stacks = [.. Values(body, "threads").Append(body).Select(each => each.Map("stacktrace")).OfType<JsonMap>()];
        return stacks.SelectMany(stack => stack.List("frames") ?? []).OfType<JsonMap>();
    }

    private static IEnumerable<object?> Code(JsonMap frame) => [.. frame.List("pre_context") ?? [], frame["context_line"], .. frame.List("post_context") ?? []];

    private static IEnumerable<JsonMap> Values(JsonMap body, string name) => (body.Map(name)?.List("values") ?? []).OfType<JsonMap>();
}
