using Vedette.Wire.Json;

namespace Vedette.Tracker.Issues;

/// <summary><c>entries</c> of an API event: what an event says, one entry a kind, inner names in camelCase.</summary>
internal static class EventEntries
{
    public static void Write(StableJsonWriter json, JsonMap body)
    {
        json.StartArray();
        if (body.Map("exception") is { } exception)
            Entry(json, "exception", () => WriteExceptions(json, exception));
        if (body.Map("logentry") is { } message)
            Entry(json, "message", () => json.Value(message));
        if (body.Map("stacktrace") is { } stack)
            Entry(json, "stacktrace", () => WriteStack(json, stack));
        if (body.Map("threads") is { } threads)
            Entry(json, "threads", () => WriteThreads(json, threads));
        if (body.Map("breadcrumbs") is { } breadcrumbs)
            Entry(json, "breadcrumbs", () => json.Value(breadcrumbs));
        if (body.Map("request") is { } request)
            Entry(json, "request", () => json.Value(request));
        json.EndArray();
    }

    private static void Entry(StableJsonWriter json, string type, Action data)
    {
        json.StartObject();
        json.Name("type"u8);
        json.Value(type);
        json.Name("data"u8);
        data();
        json.EndObject();
    }

    private static void WriteExceptions(StableJsonWriter json, JsonMap exception)
    {
        var values = (exception.List("values") ?? []).OfType<JsonMap>().ToList();
        json.StartObject();
        json.Name("values"u8);
        json.StartArray();
        foreach (var value in values)
        {
            json.StartObject();
            Copy(json, value, "type", "type");
            Copy(json, value, "value", "value");
            Copy(json, value, "mechanism", "mechanism");
            Copy(json, value, "thread_id", "threadId");
            Copy(json, value, "module", "module");
            json.Name("stacktrace"u8);
            if (value.Map("stacktrace") is { } stack)
                WriteStack(json, stack);
            else
                json.Null();
            json.Name("rawStacktrace"u8);
            json.Null();
            json.EndObject();
        }

        json.EndArray();
        json.Name("hasSystemFrames"u8);
        json.Value(values.Any(value => HasSystemFrames(value.Map("stacktrace"))));
        json.Name("excOmitted"u8);
        json.Null();
        json.EndObject();
    }

    private static void WriteThreads(StableJsonWriter json, JsonMap threads)
    {
        json.StartObject();
        json.Name("values"u8);
        json.StartArray();
        foreach (var thread in (threads.List("values") ?? []).OfType<JsonMap>())
        {
            json.StartObject();
            Copy(json, thread, "id", "id");
            Copy(json, thread, "name", "name");
            Copy(json, thread, "crashed", "crashed");
            Copy(json, thread, "current", "current");
            json.Name("stacktrace"u8);
            if (thread.Map("stacktrace") is { } stack)
                WriteStack(json, stack);
            else
                json.Null();
            json.EndObject();
        }

        json.EndArray();
        json.EndObject();
    }

    private static void WriteStack(StableJsonWriter json, JsonMap stack)
    {
        json.StartObject();
        json.Name("frames"u8);
        json.StartArray();
        foreach (var frame in Frames(stack))
            WriteFrame(json, frame);
        json.EndArray();
        Copy(json, stack, "frames_omitted", "framesOmitted");
        Copy(json, stack, "registers", "registers");
        json.Name("hasSystemFrames"u8);
        json.Value(HasSystemFrames(stack));
        json.EndObject();
    }

    private static void WriteFrame(StableJsonWriter json, JsonMap frame)
    {
        json.StartObject();
        Copy(json, frame, "filename", "filename");
        Copy(json, frame, "abs_path", "absPath");
        Copy(json, frame, "module", "module");
        Copy(json, frame, "package", "package");
        Copy(json, frame, "platform", "platform");
        Copy(json, frame, "instruction_addr", "instructionAddr");
        Copy(json, frame, "symbol_addr", "symbolAddr");
        Copy(json, frame, "function", "function");
        Copy(json, frame, "raw_function", "rawFunction");
        Copy(json, frame, "symbol", "symbol");
        json.Name("context"u8);
        WriteContext(json, frame);
        Copy(json, frame, "lineno", "lineNo");
        Copy(json, frame, "colno", "colNo");
        json.Name("inApp"u8);
        json.Value(frame["in_app"] is true);
        Copy(json, frame, "trust", "trust");
        Copy(json, frame, "errors", "errors");
        Copy(json, frame, "lock", "lock");
        Copy(json, frame, "source_link", "sourceLink");
        Copy(json, frame, "vars", "vars");
        json.EndObject();
    }

    /// <summary>Pairs of line number and source around the failing line.</summary>
    private static void WriteContext(StableJsonWriter json, JsonMap frame)
    {
        json.StartArray();
        if (frame["lineno"] is double line && frame.Text("context_line") is { } failing)
        {
            var before = frame.List("pre_context") ?? [];
            List<object?> lines = [.. before, failing, .. frame.List("post_context") ?? []];
            for (var i = 0; i < lines.Count; i++)
            {
                json.StartArray();
                json.Value(line - before.Count + i);
                json.Value(lines[i]);
                json.EndArray();
            }
        }

        json.EndArray();
    }

    private static bool HasSystemFrames(JsonMap? stack) =>
        stack is not null && Frames(stack).Any(frame => frame["in_app"] is true) && Frames(stack).Any(frame => frame["in_app"] is not true);

    private static IEnumerable<JsonMap> Frames(JsonMap stack) => (stack.List("frames") ?? []).OfType<JsonMap>();

    private static void Copy(StableJsonWriter json, JsonMap from, string stored, string shown)
    {
        json.Name(shown);
        json.Value(from[stored]);
    }
}
