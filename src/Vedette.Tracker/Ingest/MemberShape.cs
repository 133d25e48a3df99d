using Vedette.Wire.Json;

namespace Vedette.Tracker.Ingest;

internal enum MemberKind
{
    Text,
    Number,
    Truth,
    Map,
    List,

    /// <summary>A string, number or truth value: what SDKs of untyped languages put where a string is meant.</summary>
    Scalar,
}

/// <summary>The types that the known members of an object must have; members it does not know pass.</summary>
internal sealed class MemberShape(params (string Name, MemberKind Kind)[] members)
{
    /// <param name="path">Where the map stands, for the error; empty for the event itself.</param>
    /// <returns>The same map when everything fits or is null, else a copy without what does not.</returns>
    public JsonMap Fit(JsonMap map, string path, EventErrors errors)
    {
        HashSet<string>? wrong = null;
        foreach (var (name, kind) in members)
        {
            if (map[name] is not { } value || Fits(value, kind))
                continue;

            (wrong ??= []).Add(name);
            errors.InvalidData(path.Length == 0 ? name : $"{path}.{name}");
        }

        if (wrong is null)
            return map;

        var fitting = new JsonMap();
        foreach (var (name, value) in map.Members)
        {
            if (!wrong.Contains(name))
                fitting[name] = value;
        }

        return fitting;
    }

    private static bool Fits(object value, MemberKind kind) => kind switch
    {
        MemberKind.Text => value is string,
        MemberKind.Number => value is double,
        MemberKind.Truth => value is bool,
        MemberKind.Map => value is JsonMap,
        MemberKind.List => value is List<object?>,
        MemberKind.Scalar => value is string or double or bool,
    };
}
