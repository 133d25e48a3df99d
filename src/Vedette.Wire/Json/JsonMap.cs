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

    // Most objects of an event are small, and an attacker's are empty: below this, looking through them is as fast, and
    // a dictionary would cost forty times the two bytes of {}. A stack frame has a dozen members.
    private const int WithoutPositions = 16;
    private Dictionary<string, int>? positions;

    public int Count => members.Count;

    public IReadOnlyList<KeyValuePair<string, object?>> Members => members;

    /// <summary>Reading an absent name gives <c>null</c>, as for a member that is null. Writing a name a second time keeps its first place.</summary>
    public object? this[string name]
    {
        get => IndexOf(name) is var at and >= 0 ? members[at].Value : null;
        set
        {
            if (IndexOf(name) is var at and >= 0)
            {
                members[at] = new(name, value);
                return;
            }

            members.Add(new(name, value));
            if (positions is not null)
                positions.Add(name, members.Count - 1);
            else if (members.Count > WithoutPositions)
                positions = members.Select((member, i) => (member.Key, i)).ToDictionary(pair => pair.Key, pair => pair.i, StringComparer.Ordinal);
        }
    }

    public bool Contains(string name) => IndexOf(name) >= 0;

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
        var at = IndexOf(name);
        if (at < 0)
            return false;

        members.RemoveAt(at);
        if (positions is not null)
        {
            positions.Remove(name);
            for (var i = at; i < members.Count; i++)
                positions[members[i].Key] = i;
        }

        return true;
    }

    private int IndexOf(string name)
    {
        if (positions is not null)
            return positions.TryGetValue(name, out var at) ? at : -1;

        for (var i = 0; i < members.Count; i++)
        {
            if (members[i].Key == name)
                return i;
        }

        return -1;
    }
}
