using Vedette.Server.Api;
using Vedette.Storage;
using Vedette.Tracker.Ingest;
using Vedette.Tracker.MetricAlerts;
using Vedette.Wire.Json;

namespace Vedette.Server.MetricAlerts;

/// <summary>
/// A metric alert as a request wants it, in the words of <c>alert-rules/</c> (<c>spec/domain.md</c> 5.1), checked but for what
/// only the database knows. Detectors are brought to these words first.
/// </summary>
/// <param name="Project">Id or slug.</param>
/// <param name="Triggers">Critical first; the actions are still as they were given.</param>
/// <param name="Draft">With no triggers and no owner yet.</param>
internal sealed record MetricForm(string Project, object? Owner, IReadOnlyList<MetricTriggerForm> Triggers, MetricRuleDraft Draft)
{
    public const int LongestName = 256;

    /// <summary>In minutes.</summary>
    public static readonly long[] Windows = [1, 5, 10, 15, 30, 60, 120, 240, 1440];

    private const int LongestEnvironment = 64;
    private const int LongestDescription = 10_000;
    private const int MostPeriod = 20;

    /// <summary>A window may be compared with one that lies so far back.</summary>
    private const int MostDeltaMinutes = 30 * 24 * 60;

    private static readonly string[] Datasets = ["events", "errors"];

    public static (MetricForm? Form, IResult? Refusal) Read(JsonMap body)
    {
        var wrong = new List<(string Field, string Message)>();
        if (BodyFields.WhyNotText(body, "name", LongestName, required: true, out var name) is { } badName)
            wrong.Add(("name", badName));
        if (BodyFields.WhyNotText(body, "environment", LongestEnvironment, required: false, out var environment) is { } badEnvironment)
            wrong.Add(("environment", badEnvironment));
        if (body["description"] is not "" && BodyFields.WhyNotText(body, "description", LongestDescription, required: false, out _) is { } badDescription)
            wrong.Add(("description", badDescription));
        if (body["dataset"] is { } dataset && !Datasets.Contains(dataset))
            wrong.Add(("dataset", "Invalid dataset, valid values are events."));
        if (body["queryType"] is not (null or 0.0))
            wrong.Add(("queryType", "Invalid query type, only errors (0) are counted here."));

        var project = ReadProject(body, wrong);
        var aggregate = ReadAggregate(body, wrong);
        var query = ReadQuery(body, wrong);
        var eventTypes = ReadEventTypes(body, wrong);
        var window = ReadCount(body, "timeWindow", 1, 1440, null, wrong) ?? 0;
        if (body["timeWindow"] is double && !Windows.Contains(window) && wrong.All(each => each.Field != "timeWindow"))
            wrong.Add(("timeWindow", $"Invalid time window, valid values are {string.Join(", ", Windows)}."));
        var period = ReadCount(body, "thresholdPeriod", 1, MostPeriod, 1, wrong) ?? 1;
        var delta = body["comparisonDelta"] is null ? null : ReadCount(body, "comparisonDelta", 1, MostDeltaMinutes, null, wrong);
        ReadDetection(body, delta, wrong);
        var direction = body["thresholdType"] switch
        {
            0.0 => MetricDirection.Above,
            1.0 => MetricDirection.Below,
            _ => (MetricDirection?)null,
        };
        if (direction is null)
            wrong.Add(("thresholdType", "Invalid threshold type, valid values are [0, 1]"));
        var resolveAt = body["resolveThreshold"] as double?;
        if (body["resolveThreshold"] is not (null or double) || resolveAt is { } number && !double.IsFinite(number))
            wrong.Add(("resolveThreshold", "A valid number is required."));

        var triggers = MetricTriggerForm.Read(body, direction ?? MetricDirection.Above, resolveAt, wrong);
        if (wrong.Count > 0)
            return (null, ApiResults.Invalid(wrong));

        return (new MetricForm(
            project,
            body["owner"],
            triggers,
            new MetricRuleDraft
            {
                Name = name!,
                Enabled = body["enabled"] is not false,
                Aggregate = aggregate,
                Query = query,
                EventTypes = eventTypes,
                Environment = environment,
                WindowMinutes = window,
                DeltaMinutes = delta,
                Direction = direction!.Value,
                ResolveAt = resolveAt,
                ResolvesOn = body["resolvesOn"] is true,
                Period = period,
                Owner = null,
                Description = body.Text("description")?.Trim() ?? "",
                Triggers = [],
            }), null);
    }

    private static string ReadProject(JsonMap body, List<(string Field, string Message)> wrong)
    {
        switch (body["projects"])
        {
            case null:
                wrong.Add(("projects", "This field is required."));
                return "";
            case List<object?> and [string { Length: > 0 } slug]:
                return slug;
            case List<object?> and [double id]:
                return $"{id:0}";
            default:
                wrong.Add(("projects", "Exactly one project must be given, as a list of its slug."));
                return "";
        }
    }

    private static MetricAggregate ReadAggregate(JsonMap body, List<(string Field, string Message)> wrong)
    {
        switch (body["aggregate"])
        {
            case "count()":
                return MetricAggregate.Count;
            case "count_unique(user)" or "count_unique(tags[sentry:user])":
                return MetricAggregate.CountUniqueUser;
            case null:
                wrong.Add(("aggregate", "This field is required."));
                return default;
            default:
                wrong.Add(("aggregate", "Invalid metric: it must be count() or count_unique(user)."));
                return default;
        }
    }

    private static string ReadQuery(JsonMap body, List<(string Field, string Message)> wrong)
    {
        var query = (body["query"] as string)?.Trim() ?? "";
        if (body["query"] is not (null or string))
            wrong.Add(("query", "Not a valid string."));
        else if (!MetricQuery.TryParse(query, out _, out var error))
            wrong.Add(("query", $"Invalid Query or Metric: {error}"));
        return query;
    }

    /// <summary>Without a word about it errors and messages are meant.</summary>
    private static IReadOnlyList<EventType> ReadEventTypes(JsonMap body, List<(string Field, string Message)> wrong)
    {
        EventType[] both = [EventType.Default, EventType.Error];
        if (body["eventTypes"] is null or List<object?> { Count: 0 })
            return both;

        var given = (body["eventTypes"] as List<object?> ?? []).Select(each => each is string name ? StoredName.TryParse<EventType>(name) : null).ToList();
        if (given.Count > 0 && given.All(type => type is EventType.Default or EventType.Error))
            return [.. both.Where(type => given.Contains(type))];

        wrong.Add(("eventTypes", "Invalid event types, valid values are default, error."));
        return both;
    }

    private static long? ReadCount(JsonMap body, string name, long least, long most, long? otherwise, List<(string Field, string Message)> wrong)
    {
        switch (body[name])
        {
            case null when otherwise is not null:
                return otherwise;
            case null:
                wrong.Add((name, "This field is required."));
                return null;
            case double number when number != Math.Floor(number):
                wrong.Add((name, "A valid integer is required."));
                return null;
            case double number when number < least:
                wrong.Add((name, $"Ensure this value is greater than or equal to {least}."));
                return null;
            case double number when number > most:
                wrong.Add((name, $"Ensure this value is less than or equal to {most}."));
                return null;
            case double number:
                return (long)number;
            default:
                wrong.Add((name, "A valid integer is required."));
                return null;
        }
    }

    private static void ReadDetection(JsonMap body, long? delta, List<(string Field, string Message)> wrong)
    {
        switch (body["detectionType"])
        {
            case null or "percent" when delta is not null:
                break;
            case null or "static" when delta is null:
                break;
            case "static":
                wrong.Add(("comparisonDelta", "Comparison delta is not a valid field for this alert type"));
                break;
            case "percent" when body["comparisonDelta"] is null:
                wrong.Add(("comparisonDelta", "Percentage-based alerts require a comparison delta"));
                break;
            case "percent":
                break;
            case "dynamic":
                wrong.Add(("detectionType", "Nothing here learns what is normal; use static or percent."));
                break;
            default:
                wrong.Add(("detectionType", "Invalid detection type, valid values are static, percent."));
                break;
        }
    }
}

/// <summary>A trigger as a request wants it.</summary>
/// <param name="Actions">Objects.</param>
internal sealed record MetricTriggerForm(TriggerLabel Label, double Threshold, IReadOnlyList<JsonMap> Actions)
{
    private const int MostActions = 20;

    public static IReadOnlyList<MetricTriggerForm> Read(JsonMap body, MetricDirection direction, double? resolveAt, List<(string Field, string Message)> wrong)
    {
        if (WhyNot(body["triggers"], out var triggers) is { } message)
            wrong.Add(("nonFieldErrors", message));
        else if (WhyNot(triggers, direction, resolveAt) is { } crossed)
            wrong.Add(("nonFieldErrors", crossed));
        return triggers;
    }

    private static string? WhyNot(object? given, out IReadOnlyList<MetricTriggerForm> triggers)
    {
        triggers = [];
        if (given is null or List<object?> { Count: 0 })
            return "Must include at least one trigger";
        if (given is not List<object?> list || list.Any(each => each is not JsonMap))
            return "Triggers must be a list of objects";
        if (list.Count > 2)
            return "Must send 1 or 2 triggers - A critical trigger, and an optional warning trigger";

        var read = new List<MetricTriggerForm>();
        foreach (var (i, trigger) in list.Cast<JsonMap>().Index())
        {
            var label = i == 0 ? TriggerLabel.Critical : TriggerLabel.Warning;
            if (trigger["label"] is not string name || name != StoredName.Of(label))
                return $"Trigger {i + 1} must be labeled \"{StoredName.Of(label)}\"";
            if (trigger["alertThreshold"] is not double threshold || !double.IsFinite(threshold))
                return $"Trigger {i + 1} must have a number as alertThreshold";
            if ((trigger["actions"] ?? new List<object?>()) is not List<object?> actions || actions.Any(each => each is not JsonMap))
                return $"Actions of trigger {i + 1} must be a list of objects";
            if (actions.Count > MostActions)
                return $"Trigger {i + 1} has more than {MostActions} actions";
            read.Add(new MetricTriggerForm(label, threshold, [.. actions.Cast<JsonMap>()]));
        }

        triggers = read;
        return null;
    }

    /// <summary>Thresholds on the wrong side of each other.</summary>
    private static string? WhyNot(IReadOnlyList<MetricTriggerForm> triggers, MetricDirection direction, double? resolveAt)
    {
        var (side, isBeyond) = direction switch
        {
            MetricDirection.Above => ("above", (Func<double, double, bool>)((threshold, calmer) => threshold < calmer)),
            MetricDirection.Below => ("below", (threshold, calmer) => threshold > calmer),
        };
        if (triggers is [var critical, var warning] && isBeyond(critical.Threshold, warning.Threshold))
            return $"Critical trigger must have an alert threshold {side} warning trigger";
        return resolveAt is { } resolve && triggers.FirstOrDefault(trigger => isBeyond(trigger.Threshold, resolve)) is { } crossed
            ? $"{crossed.Label} alert threshold must be {side} resolution threshold"
            : null;
    }
}
