using Vedette.Storage;
using Vedette.Tracker.Ingest;
using Vedette.Tracker.Issues;
using Vedette.Wire.Json;

namespace Vedette.Tracker.MetricAlerts;

/// <summary>A rule with its query compiled: says of an event whether the rule counts it. Safe for concurrent use.</summary>
internal sealed class MetricCounter
{
    private readonly MetricQuery query;

    public MetricCounter(MetricRule rule)
    {
        Rule = rule;
        query = MetricQuery.TryParse(rule.Draft.Query, out var parsed, out var error)
            ? parsed
            : throw new InvalidOperationException($"metric alert {rule.Id} holds no query: {error}");
    }

    public MetricRule Rule { get; }

    public bool Fits(QueriedEvent queried) =>
        Rule.Draft.EventTypes.Contains(queried.Type)
        && (Rule.Draft.Environment is null || Rule.Draft.Environment == queried.Environment)
        && query.Fits(queried);
}

/// <summary>What a query can ask of an event, whether it is being stored or was stored long ago.</summary>
/// <param name="Handled"><c>null</c> when no exception says so.</param>
/// <param name="Body">Of the event, parsed.</param>
internal sealed record QueriedEvent(
    EventType Type, string Title, string Message, string Culprit, string Platform, string? Environment, bool? Handled,
    IReadOnlyList<KeyValuePair<string, string>> Tags, JsonMap Body)
{
    public static QueriedEvent Of(TrackedEvent trackedEvent) => new(
        trackedEvent.Type, trackedEvent.Title, trackedEvent.Message, trackedEvent.Culprit, trackedEvent.Platform, trackedEvent.Environment,
        trackedEvent.Handled, trackedEvent.Tags, trackedEvent.Body);

    public static QueriedEvent Of(StoredEvent stored)
    {
        var body = EventJson.Parse(stored);
        return new(
            StoredName.Parse<EventType>(stored.Type), stored.Title, stored.Message, body.Text("culprit") ?? "", stored.Platform, body.Text("environment"),
            ExceptionValues.Handled([.. (body.Map("exception")?.List("values") ?? []).OfType<JsonMap>()]),
            [.. (body.List("tags") ?? []).OfType<List<object?>>().Where(tag => tag is [string, string]).Select(tag => KeyValuePair.Create((string)tag[0]!, (string)tag[1]!))],
            body);
    }

    /// <summary>Who had it.</summary>
    public string? UserTag => Tags.Where(tag => tag.Key == "user").Select(tag => tag.Value).FirstOrDefault();
}
