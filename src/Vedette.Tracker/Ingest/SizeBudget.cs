using System.Text;
using Vedette.Wire.Json;

namespace Vedette.Tracker.Ingest;

/// <summary>Lets values pass until about so many bytes of JSON have passed, then keeps what still fits of the one in hand.</summary>
internal sealed class SizeBudget(int bytes)
{
    private int left = bytes;

    public bool WasExceeded { get; private set; }

    /// <returns>The value itself when it fits whole, else a smaller copy; <c>null</c> when nothing of it fits.</returns>
    public object? Take(object? value)
    {
        var cost = Cost(value, left);
        if (cost <= left)
        {
            left -= cost;
            return value;
        }

        WasExceeded = true;
        return value switch
        {
            string text => TakePart(text),
            List<object?> list => TakePart(list),
            JsonMap map => TakePart(map),
            _ => null,
        };
    }

    private string? TakePart(string text)
    {
        // Four bytes are the most that one character can take.
        var part = left >= 8 ? EventLimits.Cut(text, left / 4) : null;
        left = 0;
        return part;
    }

    private List<object?> TakePart(List<object?> list)
    {
        var part = new List<object?>();
        left -= 2;
        foreach (var item in list)
        {
            if (--left <= 0)
                break;
            part.Add(Take(item));
        }

        return part;
    }

    private JsonMap TakePart(JsonMap map)
    {
        var part = new JsonMap();
        left -= 2;
        foreach (var (name, value) in map.Members)
        {
            left -= NameCost(name);
            if (left <= 0)
                break;
            part[name] = Take(value);
        }

        return part;
    }

    /// <summary>Stops counting soon after <paramref name="limit"/>, so that cutting a huge tree stays linear.</summary>
    private static int Cost(object? value, int limit)
    {
        switch (value)
        {
            case string text:
                return text.Length > limit ? limit + 1 : Encoding.UTF8.GetByteCount(text) + 2;

            case List<object?> list:
                var listCost = 2;
                for (var i = 0; i < list.Count && listCost <= limit; i++)
                    listCost += 1 + Cost(list[i], limit - listCost);
                return listCost;

            case JsonMap map:
                var mapCost = 2;
                for (var i = 0; i < map.Count && mapCost <= limit; i++)
                {
                    mapCost += NameCost(map.Members[i].Key);
                    if (mapCost <= limit)
                        mapCost += Cost(map.Members[i].Value, limit - mapCost);
                }

                return mapCost;

            default:
                return 8;
        }
    }

    private static int NameCost(string name) => Encoding.UTF8.GetByteCount(name) + 4;
}
