using Vedette.Wire.Json;

namespace Vedette.Tracker.Ingest;

/// <summary>Members that SDKs write as an object or as a list of <c>[name, value]</c> pairs; stored as pairs.</summary>
internal static class NamePairs
{
    /// <summary>At most <see cref="EventLimits.Pairs"/>, in the given order, repeated names kept.</summary>
    public static List<(string Name, string Value)> Read(object? given, string path, EventErrors errors)
    {
        var pairs = new List<(string, string)>();
        foreach (var (name, value) in Entries(given, path, errors).Take(EventLimits.Pairs))
        {
            if (Text(value) is { } text)
                pairs.Add((name, text));
            else if (value is not null)
                errors.InvalidData($"{path}.{EventLimits.Cut(name, EventLimits.TagKey)}");
        }

        return pairs;
    }

    public static List<object?> Store(List<(string Name, string Value)> pairs) =>
        pairs.ConvertAll(pair => (object?)new List<object?> { pair.Name, pair.Value });

    private static IEnumerable<KeyValuePair<string, object?>> Entries(object? given, string path, EventErrors errors)
    {
        if (given is JsonMap map)
        {
            foreach (var member in map.Members)
                yield return member;
        }
        else if (given is List<object?> list)
        {
            foreach (var item in list)
            {
                if (item is List<object?> { Count: 2 } pair && JsonText.OfScalar(pair[0]) is { } name)
                    yield return new(name, pair[1]);
                else if (item is not null)
                    errors.InvalidData(path);
            }
        }
        else if (given is not null)
        {
            errors.InvalidData(path);
        }
    }

    /// <summary>A repeated header comes as a list.</summary>
    private static string? Text(object? value) => value is List<object?> list
        ? string.Join(", ", list.Take(EventLimits.Pairs).Select(JsonText.OfScalar).OfType<string>())
        : JsonText.OfScalar(value);
}
