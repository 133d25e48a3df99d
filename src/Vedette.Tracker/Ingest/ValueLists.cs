using Vedette.Wire.Json;

namespace Vedette.Tracker.Ingest;

/// <summary>Lists that SDKs write as <c>{"values": []}</c>, as a bare list or, some of them, as a lone element.</summary>
internal static class ValueLists
{
    /// <returns>The objects among the elements; other elements are dropped, nulls without a word.</returns>
    public static List<JsonMap> Read(object? given, string name, bool loneElement, EventErrors errors)
    {
        switch (given)
        {
            case null:
                return [];
            case List<object?> list:
                return Maps(list, name, errors);
            case JsonMap map when map["values"] is List<object?> values:
                return Maps(values, name, errors);
            case JsonMap map when map.Contains("values") && map["values"] is null:
                return [];
            case JsonMap map when loneElement && !map.Contains("values"):
                return map.Count == 0 ? [] : [map];
            default:
                errors.InvalidData(name);
                return [];
        }
    }

    /// <summary>The stored form; keeps what else the SDK wrote beside <c>values</c>. <c>null</c> when there are none.</summary>
    public static JsonMap? Store(object? given, List<JsonMap> values)
    {
        if (values.Count == 0)
            return null;

        var stored = new JsonMap { ["values"] = values.ConvertAll(value => (object?)value) };
        if (given is JsonMap map && map.Contains("values"))
        {
            foreach (var (name, value) in map.Members)
            {
                if (name != "values")
                    stored[name] = value;
            }
        }

        return stored;
    }

    public static List<JsonMap> Maps(List<object?> list, string name, EventErrors errors)
    {
        var maps = new List<JsonMap>(list.Count);
        foreach (var item in list)
        {
            if (item is JsonMap map)
                maps.Add(map);
            else if (item is not null)
                errors.InvalidData(name);
        }

        return maps;
    }
}
