using Vedette.Tracker.Ingest;
using Vedette.Wire.Json;

namespace Vedette.Tracker.Grouping;

/// <summary>How an event is called in lists and notices (<c>spec/domain.md</c> 2.2).</summary>
internal sealed record EventTitle(EventType Type, string Title, JsonMap Metadata, string Culprit, string? Location)
{
    private const string Unknown = "<unknown>";
    private const string Unlabeled = "<unlabeled event>";
    private const int LongestType = 128;
    private const int LongestValue = 1024;
    private const int LongestLine = 100;
    private const int LongestPlace = 256;

    public static EventTitle Of(GroupingSubject subject)
    {
        var type = TypeOf(subject);
        var frame = CrashFrame.Of(subject);
        var metadata = MetadataOf(type, subject, frame);
        return new EventTitle(type, TitleOf(type, metadata), metadata, CulpritOf(subject, frame), metadata.Text("filename"));
    }

    /// <summary>It says only that an event has nothing to be called by.</summary>
    public static bool IsPlaceholder(string title) => title is Unknown or Unlabeled;

    private static EventType TypeOf(GroupingSubject subject) => subject switch
    {
        { Exceptions.Count: > 0 } => EventType.Error,
        { Csp: not null } => EventType.Csp,
        { Feedback: not null } => EventType.Feedback,
        _ => EventType.Default,
    };

    private static JsonMap MetadataOf(EventType type, GroupingSubject subject, JsonMap? frame) => type switch
    {
        EventType.Error => ErrorMetadata(subject, frame),
        EventType.Csp => CspMetadata(subject.Csp!),
        EventType.Feedback => FeedbackMetadata(subject.Feedback!),
        EventType.Default => new JsonMap
        {
            ["title"] = FirstLine(subject.Message) is { Length: > 0 } line ? EventLimits.Ellipsis(line, LongestLine) : Unlabeled,
        },
    };

    private static string TitleOf(EventType type, JsonMap metadata)
    {
        if (type != EventType.Error)
            return metadata.Text("title")!;

        if (metadata.Text("type") is not { } name)
            return metadata.Text("function") ?? Unknown;

        var line = FirstLine(metadata.Text("value") ?? "");
        return line.Length == 0 ? name : $"{name}: {EventLimits.Ellipsis(line, LongestLine)}";
    }

    /// <summary>The type of a synthetic exception is made up by the SDK, so it names nothing.</summary>
    private static JsonMap ErrorMetadata(GroupingSubject subject, JsonMap? frame)
    {
        var exception = subject.MainException!;
        var metadata = new JsonMap();
        if (!subject.IsSynthetic)
            metadata["type"] = EventLimits.Cut(Given(exception.Text("type")) ?? "Error", LongestType);
        if (exception.Text("value") is { } value)
            metadata["value"] = EventLimits.Cut(value, LongestValue);
        if ((Given(frame?.Text("filename")) ?? Given(frame?.Text("abs_path"))) is { } file)
            metadata["filename"] = EventLimits.Cut(file, LongestPlace);
        if (Given(frame?.Text("function")) is { } function)
            metadata["function"] = EventLimits.Cut(function, LongestPlace);
        return metadata;
    }

    private static JsonMap CspMetadata(JsonMap csp)
    {
        var directive = Given(csp.Text("effective_directive")) ?? "content";
        var blocked = Given(csp.Text("blocked_uri")) ?? "an unknown source";
        return new JsonMap { ["title"] = EventLimits.Ellipsis($"Blocked {directive} from {blocked}", LongestLine) };
    }

    private static JsonMap FeedbackMetadata(JsonMap feedback)
    {
        var metadata = new JsonMap { ["title"] = "User Feedback" };
        foreach (var (member, source) in (ReadOnlySpan<(string, string)>)
            [("value", "message"), ("name", "name"), ("contact_email", "contact_email")])
        {
            if (feedback.Text(source) is { Length: > 0 } text)
                metadata[member] = EventLimits.Cut(text, LongestValue);
        }

        return metadata;
    }

    private static string CulpritOf(GroupingSubject subject, JsonMap? frame)
    {
        if (!string.IsNullOrEmpty(subject.Transaction))
            return EventLimits.Cut(subject.Transaction, EventLimits.Culprit);
        if (subject.IsSynthetic)
            return "";

        var culprit = frame is null ? "" : Describe(frame, frame.Text("platform") ?? subject.Platform);
        return EventLimits.Ellipsis(culprit.Length == 0 ? subject.RequestUrl ?? "" : culprit, EventLimits.Culprit);
    }

    private static string Describe(JsonMap frame, string platform)
    {
        var function = Given(frame.Text("function"));
        if (platform is "native" or "objc" or "cocoa")
            return function ?? "?";

        var place = Given(frame.Text("module")) ?? Given(frame.Text("filename"));
        if (place is null && function is null)
            return "";

        return platform is "javascript" or "node"
            ? $"{function ?? "?"}({place ?? "?"})"
            : $"{place ?? "?"} in {function ?? "?"}";
    }

    private static string FirstLine(string text)
    {
        var line = text.AsSpan().Trim();
        var end = line.IndexOfAny('\r', '\n');
        return (end < 0 ? line : line[..end].TrimEnd()).ToString();
    }

    private static string? Given(string? text) => string.IsNullOrWhiteSpace(text) ? null : text;
}
