using Vedette.Wire.Json;

namespace Vedette.Server.DeliveryLog;

/// <summary>Headers as the log keeps them, a line each, become an object.</summary>
internal static class HeaderJson
{
    public static void Write(StableJsonWriter json, string? lines)
    {
        if (lines is null)
        {
            json.Null();
            return;
        }

        var map = new JsonMap();
        foreach (var line in lines.Split('\n'))
        {
            var colon = line.IndexOf(':', StringComparison.Ordinal);
            map[line[..colon]] = line[(colon + 1)..].Trim();
        }

        json.Value(map);
    }
}
