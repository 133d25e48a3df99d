using System.Text;
using Vedette.Wire;
using Vedette.Wire.Json;

namespace Vedette.Benchmarks;

/// <summary>The 1.5 KB that every delivery of the benchmarks carries.</summary>
internal static class Payload
{
    public static byte[] Data { get; } = Build();

    public static byte[] Actor { get; } = HookActor.Platform.ToJson();

    public static byte[] Body { get; } = HookBody.ForApp("created", "00000000-0000-4000-8000-000000000000", Data, Actor);

    private static byte[] Build()
    {
        var text = new StringBuilder();
        while (text.Length < 1180)
            text.Append("Shop.Cart.Checkout in Cart.cs:41 ü ");
        var json = new StableJsonWriter();
        json.Value(new JsonMap
        {
            ["error"] = new JsonMap
            {
                ["event_id"] = "4c79f60c11214eb38604f4ae0781bfb2",
                ["title"] = "InvalidOperationException: cart 17 is empty",
                ["culprit"] = text.ToString(),
            },
        });
        return json.ToArray();
    }
}
