using Vedette.Wire.Json;

namespace Vedette.Server.MetricAlerts;

/// <summary>
/// Brings the body of a metric detector to the words of <c>alert-rules/</c> (<c>spec/domain.md</c> 5.2): seconds to minutes,
/// conditions to triggers. What it does not say stays as it is.
/// </summary>
internal static class DetectorBody
{
    private const double High = 75;
    private const double Medium = 50;

    /// <param name="body">In camelCase.</param>
    /// <param name="into">The words of the rule as it is, or with only a project; they are overwritten.</param>
    /// <returns>The wrong member and why, or <c>null</c>.</returns>
    public static (string Field, string Message)? Overwrite(JsonMap body, JsonMap into)
    {
        foreach (var name in new[] { "name", "owner", "description", "enabled" })
        {
            if (body.Contains(name))
                into[name] = body[name];
        }

        if (body.Contains("config") && WhyNotConfig(body, into) is { } badConfig)
            return badConfig;
        if (SourceOf(body) is { } given && WhyNotSource(given, into) is { } badSource)
            return badSource;

        // Absent, they are as they were: the sentry CLI leaves them out when it edits.
        return body.Map("conditionGroup") is { } group ? WhyNotConditions(group, into) : null;
    }

    private static object? SourceOf(JsonMap body) => body["dataSources"] is List<object?> { Count: > 0 } list ? list[0] : body["dataSource"];

    private static (string, string)? WhyNotConfig(JsonMap body, JsonMap into)
    {
        if (body["config"] is not JsonMap config)
            return ("config", "Expected an object.");

        into["detectionType"] = config["detectionType"];
        into["comparisonDelta"] = Minutes(config["comparisonDelta"]);
        return null;
    }

    private static (string, string)? WhyNotSource(object given, JsonMap into)
    {
        if (given is not JsonMap source)
            return ("dataSources", "Expected a list of objects.");
        if (source.Map("queryObj")?.Map("snubaQuery") is { } shown)
            source = shown;

        foreach (var name in new[] { "aggregate", "query", "environment", "eventTypes", "dataset", "queryType" })
        {
            if (source.Contains(name))
                into[name] = source[name];
        }

        if (source.Contains("timeWindow"))
            into["timeWindow"] = Minutes(source["timeWindow"]);
        return null;
    }

    private static (string, string)? WhyNotConditions(JsonMap group, JsonMap into)
    {
        if (group.List("conditions") is not { Count: > 0 } conditions || conditions.Any(each => each is not JsonMap))
            return ("conditionGroup", "At least one condition is required.");

        var before = (into.List("triggers") ?? []).OfType<JsonMap>().ToLookup(trigger => trigger.Text("label"), trigger => trigger.List("actions"));
        var triggers = new List<object?>();
        object? resolve = null;
        into["resolvesOn"] = null;
        foreach (var condition in conditions.Cast<JsonMap>())
        {
            // The sentry CLI sends triggers of the older API here.
            if (condition.Contains("alertThreshold"))
            {
                Add(condition.Text("label") ?? (triggers.Count == 0 ? "critical" : "warning"), condition["alertThreshold"], condition);
                into["thresholdType"] = condition["thresholdType"] ?? into["thresholdType"] ?? 0d;
                continue;
            }

            var isBelow = condition.Text("type") switch
            {
                "gt" or "gte" => false,
                "lt" or "lte" => (bool?)true,
                _ => null,
            };
            if (isBelow is not { } below)
                return ("conditionGroup", "A condition's type must be gt, gte, lt or lte.");
            switch (condition["conditionResult"])
            {
                case High or Medium:
                    Add(condition["conditionResult"] is High ? "critical" : "warning", condition["comparison"], condition);
                    into["thresholdType"] = below ? 1d : 0d;
                    break;
                case 0.0:
                    resolve = condition["comparison"];
                    into["resolvesOn"] = condition.Text("type") is "gte" or "lte";
                    break;
                default:
                    return ("conditionGroup", "A condition's conditionResult must be 75, 50 or 0.");
            }
        }

        into["resolveThreshold"] = resolve;
        into["triggers"] = triggers.OrderBy(trigger => ((JsonMap)trigger!).Text("label"), StringComparer.Ordinal).ToList();
        return null;

        // Detectors show no actions, so whoever sends back what they were shown leaves them as they are.
        void Add(string label, object? threshold, JsonMap condition) => triggers.Add(new JsonMap
        {
            ["label"] = label,
            ["alertThreshold"] = threshold,
            ["actions"] = condition.List("actions") is { } given ? given.Where(action => action is JsonMap map && IsWhole(map)).ToList() : before[label].FirstOrDefault() ?? [],
        });
    }

    /// <summary>Others could not be done, and are passed over: the sentry CLI insists on some.</summary>
    private static bool IsWhole(JsonMap action) =>
        action.Text("type") == "sentry_app" && (action["sentryAppId"] ?? action["sentryAppInstallationUuid"] ?? action["targetIdentifier"]) is string or double;

    private static object? Minutes(object? seconds) => seconds is double number ? number / 60 : seconds;
}
