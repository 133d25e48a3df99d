using System.Text;
using Vedette.Wire.Json;

namespace Vedette.Server.MetricAlerts;

/// <summary>Bodies whose members some clients name in snake_case, with all names in camelCase.</summary>
internal static class CamelCase
{
    /// <summary>All but <c>settings</c>, which are an app's own words.</summary>
    public static JsonMap Of(JsonMap map)
    {
        var camel = new JsonMap();
        foreach (var (name, value) in map.Members)
            camel[Name(name)] = name == "settings" ? value : Value(value);
        return camel;
    }

    private static object? Value(object? value) => value switch
    {
        JsonMap map => Of(map),
        List<object?> list => list.Select(Value).ToList(),
        _ => value,
    };

    private static string Name(string name)
    {
        var camel = new StringBuilder(name.Length);
        for (var i = 0; i < name.Length; i++)
        {
            if (name[i] == '_' && camel.Length > 0 && i + 1 < name.Length)
                camel.Append(char.ToUpperInvariant(name[++i]));
            else
                camel.Append(name[i]);
        }

        return camel.ToString();
    }
}
