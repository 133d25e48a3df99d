using Vedette.Tracker.Ingest;
using Vedette.Wire.Json;

namespace Vedette.Tracker.Issues;

/// <summary>Under which keys an event is counted and found: its tags, and members of it that can be searched for like tags.</summary>
internal static class IssueTags
{
    /// <summary>No tag of an SDK can begin with it.</summary>
    public const char MemberMark = '@';

    private const int MostTypes = 10;
    private static readonly string[] UserMembers = ["email", "username", "ip_address"];

    /// <summary>The key under which a name of the search language is counted.</summary>
    public static string KeyOf(string name) => name switch
    {
        "user.email" or "user.username" or "error.type" => $"{MemberMark}{name}",
        "user.ip" => $"{MemberMark}user.ip_address",
        _ => name,
    };

    /// <summary>Each pair once.</summary>
    public static IEnumerable<KeyValuePair<string, string>> Of(TrackedEvent trackedEvent) => Of(trackedEvent.Tags, trackedEvent.Body);

    /// <inheritdoc cref="Of(TrackedEvent)"/>
    public static IEnumerable<KeyValuePair<string, string>> Of(IReadOnlyList<KeyValuePair<string, string>> tags, JsonMap body)
    {
        foreach (var tag in tags)
            yield return tag;

        var user = body.Map("user");
        foreach (var member in UserMembers)
        {
            if (user?.Text(member) is { Length: > 0 } text)
                yield return new($"{MemberMark}user.{member}", Cut(text));
        }

        var types = (body.Map("exception")?.List("values") ?? [])
            .Select(value => (value as JsonMap)?.Text("type"))
            .OfType<string>().Where(type => type.Length > 0).Select(Cut).Distinct(StringComparer.Ordinal);
        foreach (var type in types.Take(MostTypes))
            yield return new($"{MemberMark}error.type", type);
    }

    private static string Cut(string text) => EventLimits.Cut(text, EventLimits.TagValue);
}
