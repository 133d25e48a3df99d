using Vedette.Wire.Json;

namespace Vedette.Server.Components;

/// <summary>The fields of an element's forms.</summary>
internal static class ComponentFields
{
    private static readonly string[] Lists = ["required_fields", "optional_fields"];

    public static IEnumerable<JsonMap> Of(JsonMap element) => element.Text("type") switch
    {
        "issue-link" => [.. OfForm(element.Map("link")), .. OfForm(element.Map("create"))],
        "alert-rule-action" => OfForm(element.Map("settings")),
        _ => [],
    };

    /// <summary>Names of other fields, whose values must be there before it is asked for.</summary>
    public static IReadOnlyList<string> DependsOn(JsonMap field) => [.. (field.List("depends_on") ?? []).OfType<string>()];

    /// <summary>Whether an app may be asked for what this path offers: some field that has it has all that it depends on, or no field has it.</summary>
    /// <param name="known">Values of fields.</param>
    public static bool MayLoad(JsonMap schema, string uri, JsonMap known)
    {
        List<JsonMap> fields = [.. (schema.List("elements") ?? []).OfType<JsonMap>().SelectMany(Of).Where(field => field.Text("uri") == uri)];
        return fields.Count == 0 || fields.Exists(field => DependsOn(field).All(name => known[name] is not (null or "")));
    }

    private static IEnumerable<JsonMap> OfForm(JsonMap? form) =>
        Lists.SelectMany(list => form?.List(list) ?? []).OfType<JsonMap>();
}
