using Vedette.Wire.Json;

namespace Vedette.Tracker.Ingest;

/// <summary>An event's tags while they are put together: keys unique, the last writer wins, nothing empty or overlong.</summary>
internal sealed class EventTags
{
    private const string InternalPrefix = "sentry:";

    /// <summary>Derived from the event itself; a client's own would say something else under the same name.</summary>
    private static readonly HashSet<string> Reserved = ["release", "dist", "user", "filename", "function"];

    private readonly Dictionary<string, string> values = [];

    public static EventTags Read(object? given, EventErrors errors)
    {
        var tags = new EventTags();
        foreach (var (name, value) in NamePairs.Read(given, "tags", errors))
        {
            if (Key(name) is not { } key)
                errors.InvalidData("tags");
            else if (!Reserved.Contains(key) && (tags.values.Count < EventLimits.Tags || tags.values.ContainsKey(key)))
                tags.Set(key, value);
        }

        return tags;
    }

    public string? this[string key] => values.GetValueOrDefault(key);

    public IReadOnlyDictionary<string, string> Values => values;

    /// <summary>Does nothing when there is no value.</summary>
    public void Set(string key, string? value)
    {
        if (value is not null && Value(value) is { Length: > 0 } kept)
            values[key] = kept;
    }

    public void Remove(string key) => values.Remove(key);

    public List<KeyValuePair<string, string>> Sorted()
    {
        var sorted = values.ToList();
        sorted.Sort(static (a, b) => string.CompareOrdinal(a.Key, b.Key));
        return sorted;
    }

    /// <summary>Blanks become dashes, as people write "build number"; other foreign characters make the key unusable in a search.</summary>
    private static string? Key(string given)
    {
        var key = EventLimits.Cut(given.Trim(), EventLimits.TagKey).Replace(' ', '-');
        if (key.StartsWith(InternalPrefix, StringComparison.Ordinal))
            key = key[InternalPrefix.Length..];
        return key.Length > 0 && key.All(static c => char.IsAsciiLetterOrDigit(c) || c is '_' or '.' or ':' or '-') ? key : null;
    }

    /// <summary>Tags are shown and searched in one line. The cut comes first, so a huge value costs nothing.</summary>
    private static string Value(string given)
    {
        var value = EventLimits.Cut(given.Trim(), EventLimits.TagValue).TrimEnd();
        return value.Any(char.IsControl) ? string.Concat(value.Select(c => char.IsControl(c) ? ' ' : c)) : value;
    }
}
