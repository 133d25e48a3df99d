using Vedette.Storage;
using Vedette.Tracker.Ingest;
using Vedette.Tracker.Issues;
using Vedette.Tracker.Projects;
using Vedette.Wire.Json;

namespace Vedette.Tracker.Alerts;

/// <summary>What has just happened to an issue.</summary>
public enum IssueTurn
{
    /// <summary>One more event.</summary>
    Seen,

    /// <summary>This event opened it.</summary>
    New,

    /// <summary>This event came although it was resolved.</summary>
    Regressed,

    /// <summary>This event brought it back from the archive.</summary>
    Reappeared,

    /// <summary>It was resolved; the event is its newest one.</summary>
    Resolved,
}

/// <summary>An event of an issue as rules look at it: one that is being stored, or the newest one of the issue.</summary>
/// <param name="Issue">As the event left it.</param>
/// <param name="Body">Of the event, parsed.</param>
public sealed record AlertSubject(Project Project, Issue Issue, StoredEvent Event, JsonMap Body, IssueTurn Turn)
{
    // A hundred rules ask the same event the same few things.
    private readonly Dictionary<string, IReadOnlyList<string>> attributes = new(StringComparer.Ordinal);
    private readonly Dictionary<string, IReadOnlyList<string>> tags = new(StringComparer.Ordinal);

    public string? Environment => Body.Text("environment");

    public string? Release => Body.Text("release");

    public EventLevel Level { get; } = StoredName.Parse<EventLevel>(Event.Level);

    /// <summary>Values of an attribute, see <see cref="EventAttributes"/>.</summary>
    public IReadOnlyList<string> Attributes(string name) =>
        attributes.TryGetValue(name, out var known) ? known : attributes[name] = EventAttributes.Of(Event, Body, name);

    public static AlertSubject Of(Issue issue, StoredEvent newest, IssueTurn turn) => new(
        new Project
        {
            Id = issue.ProjectId,
            OrganizationId = issue.OrganizationId,
            OrganizationSlug = issue.OrganizationSlug,
            Slug = issue.ProjectSlug,
            Name = issue.ProjectName,
            Platform = issue.ProjectPlatform,
        },
        issue,
        newest,
        EventJson.Parse(newest),
        turn);

    /// <summary>Values of a tag, by its name with or without the prefix that Sentry hides.</summary>
    public IReadOnlyList<string> Tags(string key) => tags.TryGetValue(key, out var known) ? known : tags[key] = FindTags(Plain(key));

    private IReadOnlyList<string> FindTags(string plain) =>
        [
            .. (Body.List("tags") ?? []).OfType<List<object?>>()
                .Where(tag => tag is [string name, _] && Plain(name).Equals(plain, StringComparison.OrdinalIgnoreCase))
                .Select(tag => EventAttributes.Text(tag[1])).OfType<string>(),
        ];

    private static string Plain(string key) => key.StartsWith("sentry:", StringComparison.OrdinalIgnoreCase) ? key["sentry:".Length..] : key;
}
