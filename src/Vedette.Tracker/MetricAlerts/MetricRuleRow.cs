using System.Globalization;
using Vedette.Storage;
using Vedette.Tracker.Alerts;
using Vedette.Tracker.Ingest;

namespace Vedette.Tracker.MetricAlerts;

/// <summary>A metric alert as its tables keep it.</summary>
internal sealed record MetricRuleRow
{
    public long Id { get; init; }

    public long OrganizationId { get; init; }

    public string OrganizationSlug { get; init; } = "";

    public long ProjectId { get; init; }

    public string ProjectSlug { get; init; } = "";

    public string Name { get; init; } = "";

    public bool Enabled { get; init; }

    public string Aggregate { get; init; } = "";

    public string Query { get; init; } = "";

    public string EventTypes { get; init; } = "";

    public string? Environment { get; init; }

    public long WindowMinutes { get; init; }

    public long? DeltaMinutes { get; init; }

    public string Direction { get; init; } = "";

    public string? ResolveAt { get; init; }

    public bool ResolvesOn { get; init; }

    public long Period { get; init; }

    public string? Owner { get; init; }

    public string Description { get; init; } = "";

    public long? CreatedBy { get; init; }

    public string? CreatedByName { get; init; }

    public string? CreatedByEmail { get; init; }

    public long Counter { get; init; }

    public long CountedFrom { get; init; }

    public bool IsCaughtUp { get; init; }

    public long Version { get; init; }

    public long CreatedAt { get; init; }

    public long UpdatedAt { get; init; }

    public MetricRule ToRule(IReadOnlyList<MetricTrigger> triggers, IReadOnlyList<AlertSnooze> snoozes, IReadOnlyList<long> workflows) => new()
    {
        Id = Id,
        OrganizationId = OrganizationId,
        OrganizationSlug = OrganizationSlug,
        ProjectId = ProjectId,
        ProjectSlug = ProjectSlug,
        Triggers = triggers,
        CreatedBy = CreatedBy is { } author ? new MetricAuthor(author, CreatedByName ?? "", CreatedByEmail ?? "") : null,
        CreatedAt = CreatedAt,
        UpdatedAt = UpdatedAt,
        Counter = Counter,
        CountedFrom = CountedFrom,
        IsCaughtUp = IsCaughtUp,
        Version = Version,
        Snoozes = snoozes,
        RuleIds = workflows,
        Draft = new MetricRuleDraft
        {
            Name = Name,
            Enabled = Enabled,
            Aggregate = StoredName.Parse<MetricAggregate>(Aggregate),
            Query = Query,
            EventTypes = [.. EventTypes.Split(',').Select(StoredName.Parse<EventType>)],
            Environment = Environment,
            WindowMinutes = WindowMinutes,
            DeltaMinutes = DeltaMinutes,
            Direction = StoredName.Parse<MetricDirection>(Direction),
            ResolveAt = ResolveAt is null ? null : NumberOf(ResolveAt),
            ResolvesOn = ResolvesOn,
            Period = Period,
            Owner = Owner,
            Description = Description,
            Triggers = [.. triggers.Select(trigger => new MetricTriggerDraft(trigger.Label, trigger.Threshold, trigger.Actions))],
        },
    };

    public static string TextOf(double number) => number.ToString("R", CultureInfo.InvariantCulture);

    public static double NumberOf(string text) => double.Parse(text, CultureInfo.InvariantCulture);
}
