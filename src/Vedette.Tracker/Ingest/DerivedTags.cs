using Vedette.Wire.Json;

namespace Vedette.Tracker.Ingest;

/// <summary>Tags that say in one word what the event says in its members.</summary>
internal static class DerivedTags
{
    /// <summary>Contexts whose name and version make a tag.</summary>
    private static readonly string[] Versioned = ["runtime", "os", "browser"];

    public static void FromContexts(JsonMap? contexts, EventTags tags)
    {
        foreach (var name in Versioned)
        {
            if (contexts?.Map(name) is not { } context || context.Text("name") is not { Length: > 0 } product)
                continue;

            tags.Set(name, JsonText.OfScalar(context["version"]) is { Length: > 0 } version ? $"{product} {version}" : product);
            tags.Set($"{name}.name", product);
        }

        tags.Set("device", contexts?.Map("device")?.Text("model"));
        tags.Set("device.family", contexts?.Map("device")?.Text("family"));
    }

    public static void FromException(JsonMap? main, bool? handled, EventTags tags)
    {
        tags.Set("mechanism", main?.Map("mechanism")?.Text("type"));
        if (handled is { } said)
            tags.Set("handled", said ? "yes" : "no");
    }
}
