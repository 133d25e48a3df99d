using Vedette.Wire.Json;

namespace Vedette.Tracker.Ingest;

/// <summary>What normalisation had to drop, as the event's <c>errors</c> show it; the same complaint is kept once.</summary>
internal sealed class EventErrors
{
    private readonly HashSet<(string Type, string Name)> seen = [];

    public List<object?> Entries { get; } = [];

    public void InvalidData(string name) => Add("invalid_data", name);

    public void TooLong(string name) => Add("value_too_long", name);

    public void Add(string type, string name)
    {
        if (Entries.Count == EventLimits.Errors || !seen.Add((type, name)))
            return;

        Entries.Add(new JsonMap { ["type"] = type, ["name"] = name });
    }
}
