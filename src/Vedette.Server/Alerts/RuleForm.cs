using Vedette.Server.Api;
using Vedette.Tracker.Alerts;
using Vedette.Wire.Json;

namespace Vedette.Server.Alerts;

/// <summary>A rule as a request to <c>rules/</c> wants it (<c>spec/domain.md</c> 4.2). Everything that it does not name is gone after a change.</summary>
internal sealed class RuleForm
{
    public const int LongestName = 256;
    public const int MostConditions = 50;
    public const int MostActions = 20;
    public const int LongestEnvironment = 64;

    private const double LeastFrequency = 5;
    private const double MostFrequency = 43200;
    private static readonly string[] Matches = ["all", "any", "none"];

    private readonly JsonMap body;
    private readonly List<(string Field, string Message)> wrong = [];

    private RuleForm(JsonMap body) => this.body = body;

    /// <param name="before">Its enabling, its detectors and the numbers of its groups stay.</param>
    /// <param name="detectorIds">Of a new rule.</param>
    /// <returns>The draft, its owner still as it was given, or the answer that names every wrong field.</returns>
    public static (AlertRuleDraft? Draft, IResult? Refusal) Read(JsonMap body, IReadOnlyList<AlertApp> apps, AlertRuleDraft? before, IReadOnlyList<long> detectorIds)
    {
        var form = new RuleForm(body);
        var draft = form.Read(apps, before, detectorIds);
        return form.wrong.Count > 0 ? (null, ApiResults.Invalid(form.wrong)) : (draft, null);
    }

    /// <summary>Only when it fires, not what it is called or does.</summary>
    /// <inheritdoc cref="Read"/>
    public static (AlertRuleDraft? Draft, IResult? Refusal) ReadConditions(JsonMap body)
    {
        var form = new RuleForm(body);
        var (triggers, group) = form.Shape().ToGroups();
        var draft = new AlertRuleDraft
        {
            Name = "",
            Enabled = true,
            Environment = form.Text("environment", LongestEnvironment, isRequired: false),
            Frequency = 0,
            Owner = null,
            Triggers = triggers,
            Groups = [group],
            DetectorIds = [],
        };
        return form.wrong.Count > 0 ? (null, ApiResults.Invalid(form.wrong)) : (draft, null);
    }

    private AlertRuleDraft Read(IReadOnlyList<AlertApp> apps, AlertRuleDraft? before, IReadOnlyList<long> detectorIds)
    {
        var (triggers, group) = Shape().ToGroups();
        return new AlertRuleDraft
        {
            Name = Text("name", LongestName, isRequired: true) ?? "",
            Enabled = before?.Enabled ?? true,
            Environment = Text("environment", LongestEnvironment, isRequired: false),
            Frequency = Frequency(),
            Owner = Text("owner", LongestName, isRequired: false),
            Triggers = triggers with { Id = before?.Triggers.Id ?? 0 },
            Groups = [group with { Id = before?.Groups is [var first, ..] ? first.Id : 0, Actions = Actions(apps) }],
            DetectorIds = before?.DetectorIds ?? detectorIds,
        };
    }

    private LegacyShape Shape()
    {
        var conditions = Conditions("conditions");
        var filters = Conditions("filters");
        return new LegacyShape(Match("actionMatch", isRequired: true), conditions, Match("filterMatch", isRequired: filters.Count > 0), filters);
    }

    private string? Text(string name, int longest, bool isRequired)
    {
        if (BodyFields.WhyNotText(body, name, longest, isRequired, out var text) is { } message)
            wrong.Add((name, message));
        return text;
    }

    private long Frequency()
    {
        if (body["frequency"] is double and >= LeastFrequency and <= MostFrequency and var minutes && minutes == Math.Floor(minutes))
            return (long)minutes;

        wrong.Add(("frequency", body["frequency"] switch
        {
            null => "This field is required.",
            double and < LeastFrequency => $"Ensure this value is greater than or equal to {LeastFrequency}.",
            double and > MostFrequency => $"Ensure this value is less than or equal to {MostFrequency}.",
            _ => "A valid integer is required.",
        }));
        return 0;
    }

    private AlertLogic Match(string name, bool isRequired)
    {
        var given = body[name];
        if (given is string text && Matches.Contains(text, StringComparer.Ordinal))
            return AlertLogics.TryParse(text)!.Value;
        if (given is not null)
            wrong.Add((name, "Must be all, any or none."));
        else if (isRequired)
            wrong.Add((name, "This field is required."));
        return AlertLogic.All;
    }

    private IReadOnlyList<AlertCondition> Conditions(string name)
    {
        if (List(name, MostConditions) is not { } list)
            return [];

        var read = list.Select(LegacyConditions.Read).ToList();
        if (read.Find(each => each.Condition is null).Wrong is { } message)
            wrong.Add((name, message));
        return [.. read.Select(each => each.Condition).OfType<AlertCondition>()];
    }

    private IReadOnlyList<AlertAction> Actions(IReadOnlyList<AlertApp> apps)
    {
        var list = List("actions", MostActions);
        if (list is { Count: 0 })
            wrong.Add(("actions", "You must add an action for this alert to fire."));
        var read = (list ?? []).Select(each => ActionForm.ReadLegacy(each, apps)).ToList();
        if (read.Find(each => each.Action is null).Wrong is { } message)
            wrong.Add(("actions", message));
        return [.. read.Select(each => each.Action).OfType<AlertAction>()];
    }

    /// <returns><c>null</c> when it is wrong, which has then been said.</returns>
    private List<object?>? List(string name, int most)
    {
        switch (body[name])
        {
            case null:
                return [];
            case List<object?> list when list.Count <= most:
                return list;
            default:
                wrong.Add((name, $"Expected a list of at most {most} items."));
                return null;
        }
    }
}
