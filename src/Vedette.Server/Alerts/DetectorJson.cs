using Vedette.Storage;
using Vedette.Tracker.Alerts;
using Vedette.Tracker.Ingest;
using Vedette.Tracker.MetricAlerts;
using Vedette.Wire.Json;

namespace Vedette.Server.Alerts;

/// <summary>A detector as clients see it (<c>spec/domain.md</c> 5.2): a metric alert with its query in seconds and its thresholds as conditions.</summary>
internal static class DetectorJson
{
    private const double High = 75;
    private const double Medium = 50;
    private const double Resolved = 0;

    /// <param name="metric"><c>null</c> for a detector that a project has from the beginning.</param>
    public static JsonMap Of(Detector detector, MetricRule? metric) => new()
    {
        ["id"] = RuleJson.Text(detector.Id),
        ["projectId"] = RuleJson.Text(detector.ProjectId),
        ["name"] = detector.Name,
        ["type"] = detector.Kind,
        ["workflowIds"] = detector.RuleIds.Select(id => (object?)RuleJson.Text(id)).ToList(),
        ["owner"] = metric?.Draft.Owner,
        ["description"] = metric?.Draft.Description,
        ["createdBy"] = metric?.CreatedBy is { } author ? RuleJson.Text(author.Id) : null,
        ["dateCreated"] = Instant(detector.CreatedAt),
        ["dateUpdated"] = Instant(detector.UpdatedAt),
        ["dataSources"] = metric is null ? [] : new List<object?> { Source(metric) },
        ["conditionGroup"] = metric is null ? null : Conditions(metric),
        ["config"] = metric is null ? new JsonMap() : Config(metric),
        ["enabled"] = detector.Enabled,
        ["latestGroup"] = null,
    };

    private static JsonMap Source(MetricRule metric)
    {
        var id = RuleJson.Text(metric.Id);
        return new()
        {
            ["id"] = id,
            ["organizationId"] = RuleJson.Text(metric.OrganizationId),
            ["type"] = "snuba_query_subscription",
            ["sourceId"] = id,
            ["queryObj"] = new JsonMap
            {
                ["id"] = id,
                ["status"] = 0d,
                ["subscription"] = id,
                ["snubaQuery"] = new JsonMap
                {
                    ["id"] = id,
                    ["dataset"] = "events",
                    ["query"] = metric.Draft.Query,
                    ["aggregate"] = MetricAlertJson.NameOf(metric.Draft.Aggregate),
                    ["timeWindow"] = metric.Draft.WindowMinutes * 60d,
                    ["environment"] = metric.Draft.Environment,
                    ["eventTypes"] = metric.Draft.EventTypes.Select(type => (object?)StoredName.Of(type)).ToList(),
                },
            },
        };
    }

    private static JsonMap Config(MetricRule metric)
    {
        var config = new JsonMap { ["detectionType"] = MetricAlertJson.DetectionOf(metric) };
        if (metric.Draft.DeltaMinutes is { } delta)
            config["comparisonDelta"] = delta * 60d;
        return config;
    }

    private static JsonMap Conditions(MetricRule metric)
    {
        var (begins, ends) = metric.Draft.Direction switch
        {
            MetricDirection.Above => ("gt", "lt"),
            MetricDirection.Below => ("lt", "gt"),
        };
        var conditions = metric.Triggers.Select(trigger => (object?)new JsonMap
        {
            ["id"] = RuleJson.Text(trigger.Id),
            ["type"] = begins,
            ["comparison"] = trigger.Threshold,
            ["conditionResult"] = trigger.Label switch
            {
                TriggerLabel.Critical => High,
                TriggerLabel.Warning => Medium,
            },
        }).ToList();
        if (metric.Draft.ResolveAt is { } resolve)
        {
            conditions.Add(new JsonMap
            {
                ["id"] = RuleJson.Text(metric.Id),
                ["type"] = metric.Draft.ResolvesOn ? $"{ends}e" : ends,
                ["comparison"] = resolve,
                ["conditionResult"] = Resolved,
            });
        }

        return new()
        {
            ["id"] = RuleJson.Text(metric.Id),
            ["organizationId"] = RuleJson.Text(metric.OrganizationId),
            ["logicType"] = "any",
            ["conditions"] = conditions,
            ["actions"] = new List<object?>(),
        };
    }

    private static string Instant(long at) => StableJsonWriter.InstantText(UnixMicroseconds.ToInstant(at));
}
