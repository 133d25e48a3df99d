using Vedette.Server.Api;
using Vedette.Storage;
using Vedette.Tracker.Alerts;
using Vedette.Wire.Json;

namespace Vedette.Server.Alerts;

/// <summary>A workflow as a request wants it (<c>spec/domain.md</c> 4.8), its members named in camel case or in snake case. What a change does not name stays as it is.</summary>
internal sealed class WorkflowForm
{
    private const int MostGroups = 10;
    private const int MostDetectors = 1000;
    private const double MostFrequency = 43200;
    private const long DefaultFrequency = 30;

    private readonly JsonMap body;
    private readonly List<(string Field, string Message)> wrong = [];

    private WorkflowForm(JsonMap body) => this.body = body;

    /// <param name="detectors">Numbers of those that the organization has.</param>
    /// <param name="before"><c>null</c> for a new one, which needs a name.</param>
    /// <returns>The draft, its owner still as it was given, or the answer that names every wrong field.</returns>
    public static (AlertRuleDraft? Draft, IResult? Refusal) Read(
        JsonMap body, IReadOnlyList<AlertApp> apps, IReadOnlySet<long> detectors, AlertRuleDraft? before)
    {
        var form = new WorkflowForm(body);
        var draft = form.Read(apps, detectors, before);
        return form.wrong.Count > 0 ? (null, ApiResults.Invalid(form.wrong)) : (draft, null);
    }

    private AlertRuleDraft Read(IReadOnlyList<AlertApp> apps, IReadOnlySet<long> detectors, AlertRuleDraft? before) => new()
    {
        Name = Text("name", RuleForm.LongestName, before?.Name, isRequired: before is null || Contains(body, "name")) ?? "",
        Enabled = Enabled(before?.Enabled ?? true),
        Environment = Text("environment", RuleForm.LongestEnvironment, before?.Environment, isRequired: false),
        Frequency = Frequency(before?.Frequency ?? DefaultFrequency),
        Owner = Text("owner", RuleForm.LongestName, before?.Owner, isRequired: false),
        Triggers = Triggers(before?.Triggers ?? AlertGroup.Empty),
        Groups = Groups(apps, before?.Groups ?? []),
        DetectorIds = Detectors(detectors, before?.DetectorIds ?? []),
    };

    private string? Text(string name, int longest, string? before, bool isRequired)
    {
        if (!Contains(body, name) && !isRequired)
            return before;
        if (BodyFields.WhyNotText(body, name, longest, isRequired, out var text) is { } message)
            wrong.Add((name, message));
        return text;
    }

    private bool Enabled(bool before)
    {
        if (body["enabled"] is bool enabled)
            return enabled;
        if (body["enabled"] is not null)
            wrong.Add(("enabled", "Must be a valid boolean."));
        return before;
    }

    private long Frequency(long before)
    {
        if (Member(body, "config") is not JsonMap config || !config.Contains("frequency"))
            return before;
        if (config["frequency"] is double and >= 0 and <= MostFrequency and var minutes && minutes == Math.Floor(minutes))
            return (long)minutes;

        wrong.Add(("config", $"frequency must be a whole number of minutes from 0 to {MostFrequency}."));
        return before;
    }

    private AlertGroup Triggers(AlertGroup before)
    {
        if (!Contains(body, "triggers"))
            return before;
        return Member(body, "triggers") switch
        {
            null => AlertGroup.Empty with { Id = before.Id },
            JsonMap map when Group("triggers", map, AlertLogic.AnyShort) is { } group => group with { Id = before.Id },
            JsonMap => before,
            _ => Refuse("triggers", "Expected an object.", before),
        };
    }

    private IReadOnlyList<AlertGroup> Groups(IReadOnlyList<AlertApp> apps, IReadOnlyList<AlertGroup> before)
    {
        if (!Contains(body, "actionFilters"))
            return before;
        if (Member(body, "actionFilters") is not List<object?> { Count: <= MostGroups } list)
            return Refuse("actionFilters", $"Expected a list of at most {MostGroups} groups.", before);

        var groups = new List<AlertGroup>();
        foreach (var each in list)
        {
            if (each is not JsonMap map || Group("actionFilters", map, AlertLogic.All) is not { } group)
                return each is JsonMap ? before : Refuse("actionFilters", "Expected a list of objects.", before);
            groups.Add(group with { Actions = Actions(map, apps) });
        }

        return groups;
    }

    /// <returns><c>null</c> when it is wrong, which has then been said.</returns>
    private AlertGroup? Group(string field, JsonMap map, AlertLogic byDefault)
    {
        var word = Member(map, "logicType");
        if ((word is null ? byDefault : word is string text ? AlertLogics.TryParse(text) : null) is not { } logic)
            return Refuse<AlertGroup?>(field, "logicType must be any, any-short, all or none.", null);
        if (map["conditions"] is not (null or List<object?> { Count: <= RuleForm.MostConditions }))
            return Refuse<AlertGroup?>(field, $"conditions must be a list of at most {RuleForm.MostConditions}.", null);

        var conditions = new List<AlertCondition>();
        foreach (var each in map.List("conditions") ?? [])
        {
            if (each is not JsonMap condition || StoredName.TryParse<ConditionKind>(condition.Text("type") ?? "") is not { } kind)
                return Refuse<AlertGroup?>(field, $"Unknown type of condition: {(each as JsonMap)?.Text("type")}", null);
            if (Member(condition, "conditionResult") is not (null or true))
                return Refuse<AlertGroup?>(field, "conditionResult must be true.", null);

            var (comparison, message) = ConditionForm.Read(kind, condition["comparison"]);
            if (comparison is null)
                return Refuse<AlertGroup?>(field, $"{condition.Text("type")}: {message}", null);
            conditions.Add(new AlertCondition(ActionForm.Number(condition["id"]), kind, comparison));
        }

        return new AlertGroup(ActionForm.Number(map["id"]), logic, conditions, []);
    }

    private IReadOnlyList<AlertAction> Actions(JsonMap map, IReadOnlyList<AlertApp> apps)
    {
        if (map["actions"] is not (null or List<object?> { Count: <= RuleForm.MostActions }))
            return Refuse<IReadOnlyList<AlertAction>>("actionFilters", $"actions must be a list of at most {RuleForm.MostActions}.", []);

        var read = (map.List("actions") ?? []).Select(each => ActionForm.ReadWorkflow(each, apps)).ToList();
        if (read.Find(each => each.Action is null).Wrong is { } message)
            wrong.Add(("actions", message));
        return [.. read.Select(each => each.Action).OfType<AlertAction>()];
    }

    private IReadOnlyList<long> Detectors(IReadOnlySet<long> known, IReadOnlyList<long> before)
    {
        if (!Contains(body, "detectorIds"))
            return before;
        if (Member(body, "detectorIds") is not List<object?> { Count: <= MostDetectors } list)
            return Refuse("detectorIds", $"Expected a list of at most {MostDetectors} numbers.", before);

        List<long> ids = [.. list.Select(ActionForm.Number)];
        return ids.TrueForAll(known.Contains) ? ids : Refuse("detectorIds", "Some detectors do not exist or belong to a different organization.", before);
    }

    private T Refuse<T>(string field, string message, T instead)
    {
        wrong.Add((field, message));
        return instead;
    }

    private static bool Contains(JsonMap map, string name) => map.Contains(name) || map.Contains(ConditionForm.Snake(name));

    private static object? Member(JsonMap map, string name) => map[name] ?? map[ConditionForm.Snake(name)];
}
