using System.Diagnostics.CodeAnalysis;

namespace Vedette.Wire.Json;

/// <summary>
/// A JSON object as JavaScript keeps it: members in the order in which their names first came, the last value of a
/// repeated name. Values are <see cref="JsonMap"/>, <see cref="List{T}"/> of values, <see cref="string"/>,
/// <see cref="double"/>, <see cref="bool"/> or <c>null</c>, nothing else. Not safe for concurrent writes.
/// </summary>
public sealed class JsonMap
{
    private readonly List<KeyValuePair<string, object?>> members = [];
    private readonly Dictionary<string, int> positions = new(StringComparer.Ordinal);

    public static JsonMap Of(string name, object? value)
    {
        var map = new JsonMap();
        map[name] = value;
        return map;
    }

    public int Count => members.Count;

    public IReadOnlyList<KeyValuePair<string, object?>> Members => members;

    /// <summary>Reading an absent name gives <c>null</c>, as for a member that is null. Writing a name a second time keeps its first place.</summary>
    public object? this[string name]
    {
        get => positions.TryGetValue(name, out var at) ? members[at].Value : null;
        set
        {
            if (positions.TryGetValue(name, out var at))
            {
                members[at] = new(name, value);
                return;
            }

            positions.Add(name, members.Count);
            members.Add(new(name, value));
        }
    }

    public bool Contains(string name) => positions.ContainsKey(name);

    public bool TryGet<T>(string name, [NotNullWhen(true)] out T? value)
    {
        if (this[name] is T found)
        {
            value = found;
            return true;
        }

        value = default;
        return false;
    }

    /// <summary><c>null</c> when the member is absent or of another type.</summary>
    public string? Text(string name) => this[name] as string;

    /// <inheritdoc cref="Text"/>
    public JsonMap? Map(string name) => this[name] as JsonMap;

    /// <inheritdoc cref="Text"/>
    public List<object?>? List(string name) => this[name] as List<object?>;

    /// <returns><c>false</c> when there was no such member.</returns>
    public bool Remove(string name)
    {
        if (!positions.Remove(name, out var at))
            return false;

        members.RemoveAt(at);
        for (var i = at; i < members.Count; i++)
            positions[members[i].Key] = i;
        return true;
    }
}
