using System.Globalization;
using Vedette.Storage;
using Vedette.Tracker.Ingest;
using Vedette.Tracker.Projects;
using Vedette.Wire.Json;

namespace Vedette.Tracker.Issues;

/// <summary>The two families of event JSON: snake_case in app webhooks, camelCase in API answers (<c>spec/domain.md</c> 3.5).</summary>
public sealed class EventJson(Links links)
{
    private static readonly string[] UserMembers = ["id", "email", "username", "ip_address", "name", "geo"];

    /// <summary><c>data</c> of <c>error.created</c> (<c>spec/webhooks.md</c> 2.3).</summary>
    public byte[] HookData(Project project, long issueId, TrackedEvent trackedEvent)
    {
        var json = new StableJsonWriter();
        json.StartObject();
        json.Name("error"u8);
        WriteHookObject(json, project, issueId, trackedEvent.EventId, trackedEvent.Body);
        json.EndObject();
        return json.ToArray();
    }

    /// <summary>The stored event, then what is computed for it.</summary>
    public void WriteHookObject(StableJsonWriter json, Project project, long issueId, string eventId, JsonMap body)
    {
        json.StartObject();
        foreach (var (name, value) in body.Members)
        {
            json.Name(name);
            json.Value(value);
        }

        json.Name("url"u8);
        json.Value(links.EventApi(project.OrganizationSlug, project.Slug, eventId));
        json.Name("web_url"u8);
        json.Value(links.EventWeb(project.OrganizationSlug, issueId, eventId));
        json.Name("issue_url"u8);
        json.Value(links.IssueApi(project.OrganizationSlug, issueId));
        json.Name("issue_id"u8);
        json.Value(issueId.ToString(CultureInfo.InvariantCulture));
        json.EndObject();
    }

    /// <summary>The API's form, whole.</summary>
    /// <param name="previous">Event id of the one before it in its issue.</param>
    /// <param name="next">Event id of the one after it.</param>
    public static byte[] ApiObject(StoredEvent stored, string? previous, string? next)
    {
        var json = new StableJsonWriter();
        WriteObject(json, stored, previous, next);
        return json.ToArray();
    }

    /// <inheritdoc cref="ApiObject"/>
    public static void WriteObject(StableJsonWriter json, StoredEvent stored, string? previous, string? next)
    {
        json.StartObject();
        WriteMembers(json, stored, Parse(stored));
        json.Name("userReport"u8);
        json.Null();
        json.Name("sdkUpdates"u8);
        json.StartArray();
        json.EndArray();
        json.Name("resolvedWith"u8);
        json.StartArray();
        json.EndArray();
        json.Name("nextEventID"u8);
        json.Value(next);
        json.Name("previousEventID"u8);
        json.Value(previous);
        json.EndObject();
    }

    /// <summary>The API's form in lists, without what an event says at length.</summary>
    public static byte[] ListItem(StoredEvent stored)
    {
        var json = new StableJsonWriter();
        var body = Parse(stored);
        json.StartObject();
        WriteHead(json, stored, body);
        json.Name("event.type"u8);
        json.Value(stored.Type);
        json.Name("crashFile"u8);
        json.Null();
        json.Name("metadata"u8);
        json.Value(body.Map("metadata") ?? new JsonMap());
        json.EndObject();
        return json.ToArray();
    }

    /// <summary>What the event was grouped by.</summary>
    public static IReadOnlyList<string> Hashes(StoredEvent stored) => [.. (Parse(stored).List("hashes") ?? []).OfType<string>()];

    /// <summary>The members of the API's form that say what the event itself says, inside an object that the caller starts and ends.</summary>
    /// <param name="body">That of <paramref name="stored"/>, parsed.</param>
    public static void WriteMembers(StableJsonWriter json, StoredEvent stored, JsonMap body)
    {
        WriteHead(json, stored, body);
        json.Name("size"u8);
        json.Value(stored.Body.Length);
        json.Name("dist"u8);
        json.Value(body.Text("dist"));
        json.Name("release"u8);
        json.Value(body.Text("release"));
        json.Name("entries"u8);
        EventEntries.Write(json, body);
        json.Name("contexts"u8);
        json.Value(body.Map("contexts") ?? new JsonMap());
        json.Name("context"u8);
        json.Value(body.Map("extra") ?? new JsonMap());
        json.Name("packages"u8);
        json.Value(body.Map("modules") ?? new JsonMap());
        json.Name("sdk"u8);
        json.Value(body.Map("sdk"));
        json.Name("type"u8);
        json.Value(stored.Type);
        json.Name("metadata"u8);
        json.Value(body.Map("metadata") ?? new JsonMap());
        json.Name("dateReceived"u8);
        json.Instant(UnixMicroseconds.ToInstant(stored.ReceivedAt));
        json.Name("errors"u8);
        json.Value(body.List("errors") ?? []);
        json.Name("occurrence"u8);
        json.Null();
        json.Name("_meta"u8);
        json.StartObject();
        json.EndObject();
        json.Name("crashFile"u8);
        json.Null();
        json.Name("fingerprints"u8);
        json.Value(body.List("hashes") ?? []);
        json.Name("groupingConfig"u8);
        json.Value(body.Map("grouping_config"));
    }

    private static void WriteHead(StableJsonWriter json, StoredEvent stored, JsonMap body)
    {
        json.Name("id"u8);
        json.Value(stored.EventId);
        json.Name("eventID"u8);
        json.Value(stored.EventId);
        json.Name("groupID"u8);
        json.Value(stored.IssueId.ToString(CultureInfo.InvariantCulture));
        json.Name("projectID"u8);
        json.Value(stored.ProjectId.ToString(CultureInfo.InvariantCulture));
        json.Name("message"u8);
        json.Value(stored.Message);
        json.Name("title"u8);
        json.Value(stored.Title);
        json.Name("location"u8);
        json.Value(body.Text("location"));
        json.Name("culprit"u8);
        json.Value(body.Text("culprit"));
        json.Name("user"u8);
        WriteUser(json, body.Map("user"));
        json.Name("tags"u8);
        json.StartArray();
        foreach (var tag in (body.List("tags") ?? []).OfType<List<object?>>())
        {
            if (tag is not [string key, string value])
                continue;

            json.StartObject();
            json.Name("key"u8);
            json.Value(key);
            json.Name("value"u8);
            json.Value(value);
            json.EndObject();
        }

        json.EndArray();
        json.Name("platform"u8);
        json.Value(stored.Platform);
        json.Name("dateCreated"u8);
        json.Instant(UnixMicroseconds.ToInstant(stored.OccurredAt));
    }

    /// <summary>Each member, known or not. What an SDK added of its own goes to <c>data</c>.</summary>
    private static void WriteUser(StableJsonWriter json, JsonMap? user)
    {
        if (user is null)
        {
            json.Null();
            return;
        }

        json.StartObject();
        foreach (var member in UserMembers)
        {
            json.Name(member);
            json.Value(user[member]);
        }

        var others = user.Members.Where(member => member.Key != "data" && !UserMembers.Contains(member.Key, StringComparer.Ordinal));
        json.Name("data"u8);
        json.StartObject();
        foreach (var (name, value) in others.Concat(user.Map("data")?.Members ?? []).DistinctBy(member => member.Key, StringComparer.Ordinal))
        {
            json.Name(name);
            json.Value(value);
        }

        json.EndObject();
        json.EndObject();
    }

    internal static JsonMap Parse(StoredEvent stored) =>
        LenientJson.TryParse(stored.Body, out var value, out var error) && value is JsonMap map
            ? map
            : throw new InvalidOperationException($"event {stored.Id} holds no JSON object: {error}");
}
