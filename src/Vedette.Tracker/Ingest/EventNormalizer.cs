using Vedette.Tracker.Grouping;
using Vedette.Wire.Json;

namespace Vedette.Tracker.Ingest;

/// <summary>Makes one well-formed event of whatever an SDK sent (<c>spec/domain.md</c> 1.10, 2.1, 2.2).</summary>
public static class EventNormalizer
{
    private static readonly MemberShape Event = new(
        ("modules", MemberKind.Map),
        ("sdk", MemberKind.Map),
        ("debug_meta", MemberKind.Map),
        ("template", MemberKind.Map),
        ("csp", MemberKind.Map),
        ("extra", MemberKind.Map),
        ("fingerprint", MemberKind.List),
        ("time_spent", MemberKind.Number),
        ("main_exception_id", MemberKind.Number));

    /// <summary>
    /// Gives an event for every payload: what has the wrong type or breaks a rule is left out and named in the body's
    /// <c>errors</c>. The same arguments give the same event. Unchanged parts of <paramref name="payload"/> are shared
    /// with the body, so neither may be written to afterwards.
    /// </summary>
    public static TrackedEvent Normalize(JsonMap payload, EventContext context)
    {
        // 1. Every member by itself.
        var errors = new EventErrors();
        payload = Event.Fit(payload, "", errors);
        var text = new EventText(payload, errors);
        var platform = text.Platform;
        var level = EventLevels.Of(payload["level"], errors);
        var timestamp = EventTime.Of(payload["timestamp"], context, errors);
        var entry = LogEntry.Read(payload, errors);
        var exceptions = ExceptionValues.Read(payload["exception"], errors);
        var mainException = ExceptionValues.Main(exceptions, payload["main_exception_id"]);
        var handled = ExceptionValues.Handled(exceptions);
        var threads = ThreadValues.Read(payload["threads"], errors);
        var stacktrace = StackTraces.Read(payload["stacktrace"], "stacktrace", errors);
        var user = EventUser.Read(payload, platform, context.PeerAddress, errors);
        var request = EventRequest.Read(payload["request"], errors);
        var contexts = EventContexts.Read(payload["contexts"], errors);
        var fingerprint = EventExtras.Fingerprint(payload.List("fingerprint"), errors);
        var (release, dist, logger, transaction) = (text.Release, text.Dist, text.Logger, text.Transaction);

        // 2. Tags, which repeat the members and may give the environment.
        var tags = EventTags.Read(payload["tags"], errors);
        var environment = text.Environment(tags);
        tags.Set("level", EventLevels.Text(level));
        tags.Set("environment", environment);
        tags.Set("release", release);
        tags.Set("dist", dist);
        tags.Set("user", user.Tag);
        tags.Set("server_name", text.ServerName);
        tags.Set("site", text.Site);
        tags.Set("transaction", transaction);
        tags.Set("logger", logger);
        tags.Set("url", request?.Text("url"));
        DerivedTags.FromContexts(contexts, tags);
        DerivedTags.FromException(mainException, handled, tags);

        // 3. What it is called and what it is grouped with.
        var subject = new GroupingSubject
        {
            EventId = context.EventId,
            Platform = platform,
            Level = EventLevels.Text(level),
            Logger = logger,
            Transaction = transaction,
            MessageTemplate = entry.Template,
            Message = entry.Text,
            Exceptions = exceptions,
            MainException = mainException,
            Threads = threads,
            Stacktrace = stacktrace,
            Template = payload.Map("template"),
            Csp = payload.Map("csp"),
            Feedback = contexts?.Map("feedback"),
            RequestUrl = request?.Text("url"),
            Fingerprint = fingerprint,
            Checksum = text.Checksum,
            Tags = tags.Values,
        };
        var title = EventTitle.Of(subject);
        var hashes = EventGrouping.Hashes(subject);
        var sortedTags = tags.Sorted();

        // 4. The stored form.
        var body = new EventBody
        {
            ["breadcrumbs"] = EventExtras.Breadcrumbs(payload["breadcrumbs"], errors),
            ["contexts"] = EventContexts.Store(contexts, errors),
            ["csp"] = payload["csp"],
            ["culprit"] = title.Culprit,
            ["debug_meta"] = payload["debug_meta"],
            ["environment"] = environment,
            ["exception"] = ValueLists.Store(payload["exception"], exceptions),
            ["extra"] = EventExtras.Extra(payload.Map("extra"), errors),
            ["fingerprint"] = EventBody.Texts(fingerprint.Count == 0 ? ["{{ default }}"] : fingerprint),
            ["grouping_config"] = new JsonMap { ["id"] = EventGrouping.GroupingVersion, ["enhancements"] = "" },
            ["hashes"] = EventBody.Texts(hashes),
            ["key_id"] = context.KeyId,
            ["level"] = EventLevels.Text(level),
            ["logentry"] = entry.Stored,
            ["logger"] = logger ?? "",
            ["main_exception_id"] = payload["main_exception_id"],
            ["metadata"] = title.Metadata,
            ["modules"] = EventExtras.Modules(payload.Map("modules"), errors),
            ["received"] = SdkInstant.ToSeconds(context.Received),
            ["request"] = request,
            ["sdk"] = EventExtras.Sdk(payload.Map("sdk")),
            ["stacktrace"] = stacktrace,
            ["template"] = payload["template"],
            ["threads"] = ValueLists.Store(payload["threads"], threads),
            ["time_spent"] = payload["time_spent"],
            ["timestamp"] = SdkInstant.ToSeconds(timestamp),
            ["transaction"] = transaction,
            ["type"] = EventBody.TypeText(title.Type),
            ["user"] = user.Stored,
            ["version"] = "7",
        };
        body["errors"] = errors.Entries.Count == 0 ? null : errors.Entries;

        var tracked = new TrackedEvent
        {
            EventId = context.EventId,
            Type = title.Type,
            Level = level,
            Platform = platform,
            Timestamp = timestamp,
            Received = context.Received,
            Message = entry.Text,
            Title = title.Title,
            Culprit = title.Culprit,
            Location = title.Location,
            Logger = logger,
            Transaction = transaction,
            Release = release,
            Dist = dist,
            Environment = environment,
            UserTag = user.Tag,
            Handled = handled,
            Tags = sortedTags,
            Metadata = title.Metadata,
            Hashes = hashes,
            Body = new JsonMap(),
        };
        return tracked with { Body = body.Assemble(tracked, context.ProjectId) };
    }
}
