using Vedette.Wire.Json;

namespace Vedette.Wire;

/// <summary>Who caused an event, in the form of <c>actor</c> in every app webhook (<c>spec/webhooks.md</c> 1.6).</summary>
public abstract record HookActor
{
    private HookActor()
    {
    }

    /// <summary>Nobody: the platform itself. Its name on the wire stays "Sentry", because receivers compare it.</summary>
    public static HookActor Platform { get; } = new Application("sentry", "Sentry");

    public sealed record User(long Id, string Name) : HookActor;

    /// <param name="Id">The app's uuid, with dashes.</param>
    public sealed record Application(string Id, string Name) : HookActor;

    public byte[] ToJson()
    {
        var json = new StableJsonWriter();
        json.StartObject();
        json.Name("type"u8);
        switch (this)
        {
            case User user:
                json.Value("user");
                json.Name("id"u8);
                json.Value(user.Id);
                json.Name("name"u8);
                json.Value(user.Name);
                break;
            case Application app:
                json.Value("application");
                json.Name("id"u8);
                json.Value(app.Id);
                json.Name("name"u8);
                json.Value(app.Name);
                break;
        }

        json.EndObject();
        return json.ToArray();
    }
}
