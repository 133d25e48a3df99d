using Vedette.Wire.Json;

namespace Vedette.Server.Api;

internal static class JsonTexts
{
    /// <summary>An array of strings.</summary>
    public static void Texts(this StableJsonWriter json, IEnumerable<string> texts)
    {
        json.StartArray();
        foreach (var text in texts)
            json.Value(text);
        json.EndArray();
    }
}
