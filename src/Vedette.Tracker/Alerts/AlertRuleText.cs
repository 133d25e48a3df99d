using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Vedette.Storage;
using Vedette.Wire.Json;

namespace Vedette.Tracker.Alerts;

/// <summary>Groups of conditions as their columns keep them.</summary>
internal static class AlertRuleText
{
    public static string Of(AlertGroup group) => Text(Map(group, withIds: true));

    public static string Of(IReadOnlyList<AlertGroup> groups) => Text(groups.Select(group => (object?)Map(group, withIds: true)).ToList());

    public static string Of(IReadOnlyList<AlertAction> actions) => Text(actions.Select(action =>
    {
        var map = Map(action);
        map["id"] = (double)action.Id;
        return (object?)map;
    }).ToList());

    /// <summary>The same for two rules that do the same at the same times, whatever they are called and whoever owns them.</summary>
    public static string Sameness(AlertRuleDraft draft) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Text(new JsonMap
    {
        ["triggers"] = Map(draft.Triggers, withIds: false),
        ["groups"] = draft.Groups.Select(group => (object?)Map(group, withIds: false)).ToList(),
        ["environment"] = draft.Environment,
        ["frequency"] = (double)draft.Frequency,
        ["detectors"] = draft.DetectorIds.Order().Select(id => (object?)id.ToString(CultureInfo.InvariantCulture)).ToList(),
    }))));

    public static AlertGroup ParseGroup(string text) => Group((JsonMap)Parse(text)!);

    public static IReadOnlyList<AlertGroup> ParseGroups(string text) => [.. ((List<object?>)Parse(text)!).Cast<JsonMap>().Select(Group)];

    public static IReadOnlyList<AlertAction> ParseActions(string text) => [.. ((List<object?>)Parse(text)!).Cast<JsonMap>().Select(Action)];

    private static JsonMap Map(AlertGroup group, bool withIds)
    {
        var map = new JsonMap
        {
            ["logic"] = StoredName.Of(group.Logic),
            ["conditions"] = group.Conditions.Select(condition => (object?)Numbered(condition.Id, new JsonMap
            {
                ["kind"] = StoredName.Of(condition.Kind),
                ["comparison"] = condition.Comparison,
            })).ToList(),
            ["actions"] = group.Actions.Select(action => (object?)Numbered(action.Id, Map(action))).ToList(),
        };
        return Numbered(group.Id, map);

        JsonMap Numbered(long id, JsonMap part)
        {
            if (withIds)
                part["id"] = (double)id;
            return part;
        }
    }

    private static JsonMap Map(AlertAction action) => new()
    {
        ["kind"] = StoredName.Of(action.Kind),
        ["targetType"] = action.TargetType,
        ["target"] = action.Target,
        ["data"] = action.Data,
    };

    private static AlertGroup Group(JsonMap map) => new(
        Id(map),
        StoredName.Parse<AlertLogic>(map.Text("logic")!),
        [.. map.List("conditions")!.Cast<JsonMap>().Select(each => new AlertCondition(Id(each), StoredName.Parse<ConditionKind>(each.Text("kind")!), each.Map("comparison")!))],
        [.. map.List("actions")!.Cast<JsonMap>().Select(Action)]);

    private static AlertAction Action(JsonMap map) =>
        new(Id(map), StoredName.Parse<AlertActionKind>(map.Text("kind")!), map.Text("targetType"), map.Text("target"), map.Map("data")!);

    private static long Id(JsonMap map) => (long)(double)map["id"]!;

    private static string Text(object? value)
    {
        var json = new StableJsonWriter();
        json.Value(value);
        return Encoding.UTF8.GetString(json.WrittenSpan);
    }

    private static object? Parse(string text) => LenientJson.TryParse(Encoding.UTF8.GetBytes(text), out var value, out var error)
        ? value
        : throw new InvalidOperationException($"a stored alert rule is no JSON: {error}");
}
