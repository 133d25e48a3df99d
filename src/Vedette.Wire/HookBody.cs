using Vedette.Wire.Json;

namespace Vedette.Wire;

/// <summary>The body of an app webhook. Its member order is part of the contract, because receivers hash it.</summary>
public static class HookBody
{
    /// <param name="installationUuid">With dashes.</param>
    /// <param name="data">A JavaScript-stable JSON object.</param>
    /// <param name="actor">Output of <see cref="HookActor.ToJson"/>.</param>
    public static byte[] ForApp(string action, string installationUuid, ReadOnlySpan<byte> data, ReadOnlySpan<byte> actor)
    {
        var json = new StableJsonWriter(data.Length + actor.Length + 128);
        json.StartObject();
        json.Name("action"u8);
        json.Value(action);
        json.Name("installation"u8);
        json.StartObject();
        json.Name("uuid"u8);
        json.Value(installationUuid);
        json.EndObject();
        json.Name("data"u8);
        json.Raw(data);
        json.Name("actor"u8);
        json.Raw(actor);
        json.EndObject();
        return json.ToArray();
    }
}
