using Vedette.Storage;

namespace Vedette.Tracker.MetricAlerts;

public enum IncidentStatus
{
    /// <summary>Somebody opened it by hand.</summary>
    Open,
    Closed,
    Warning,
    Critical,
}

/// <summary>What an incident's status comes from.</summary>
public enum IncidentMethod
{
    Manual,

    /// <summary>Its rule was edited or deleted.</summary>
    RuleUpdated,
    RuleTriggered,
}

public enum IncidentActivityType
{
    Created,
    StatusChange,
    Detected,
}

/// <summary>A time in which a metric alert was not content. Instants are unix microseconds.</summary>
public sealed record Incident
{
    public long Id { get; init; }

    public long OrganizationId { get; init; }

    public long RuleId { get; init; }

    /// <summary>Counted by organization.</summary>
    public long Identifier { get; init; }

    public string Title { get; init; } = "";

    public IncidentStatus Status { get; init; }

    public IncidentMethod StatusMethod { get; init; }

    /// <summary>It was critical at any time, or opened by hand: all that the rule names are told of it. Otherwise those of the warning.</summary>
    public bool ToldAll { get; init; }

    public long StartedAt { get; init; }

    public long DetectedAt { get; init; }

    public long CreatedAt { get; init; }

    public long? ClosedAt { get; init; }

    /// <summary>One that there is not, to try with what a rule does when it is critical.</summary>
    public static Incident Sample(MetricRule rule, DateTimeOffset now)
    {
        var at = UnixMicroseconds.From(now);
        return new Incident
        {
            Id = -1,
            OrganizationId = rule.OrganizationId,
            RuleId = rule.Id,
            Identifier = -1,
            Title = $"[Test] {rule.Draft.Name}",
            Status = IncidentStatus.Critical,
            StatusMethod = IncidentMethod.Manual,
            ToldAll = true,
            StartedAt = at,
            DetectedAt = at,
            CreatedAt = at,
        };
    }

    /// <summary>As clients know it (<c>spec/domain.md</c> 5.3).</summary>
    public static long NumberOf(IncidentStatus status) => status switch
    {
        IncidentStatus.Open => 1,
        IncidentStatus.Closed => 2,
        IncidentStatus.Warning => 10,
        IncidentStatus.Critical => 20,
    };

    /// <inheritdoc cref="NumberOf(IncidentStatus)"/>
    public static long NumberOf(IncidentMethod method) => method switch
    {
        IncidentMethod.Manual => 1,
        IncidentMethod.RuleUpdated => 2,
        IncidentMethod.RuleTriggered => 3,
    };

    /// <inheritdoc cref="NumberOf(IncidentStatus)"/>
    public static long NumberOf(IncidentActivityType type) => type switch
    {
        IncidentActivityType.Created => 1,
        IncidentActivityType.StatusChange => 2,
        IncidentActivityType.Detected => 4,
    };

    /// <summary>As people read it; in lower case the webhook's action.</summary>
    public static string LabelOf(IncidentStatus status) => status switch
    {
        IncidentStatus.Open => "Open",
        IncidentStatus.Closed => "Resolved",
        IncidentStatus.Warning => "Warning",
        IncidentStatus.Critical => "Critical",
    };
}

/// <summary>Something that happened to an incident.</summary>
public sealed record IncidentActivity
{
    public long Id { get; init; }

    public long IncidentId { get; init; }

    public IncidentActivityType Type { get; init; }

    public IncidentStatus? Value { get; init; }

    public IncidentStatus? Previous { get; init; }

    /// <summary>Whoever did it; <c>null</c> for the evaluation.</summary>
    public long? AccountId { get; init; }

    public long CreatedAt { get; init; }
}
