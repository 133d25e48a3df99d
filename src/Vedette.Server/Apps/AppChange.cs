using Vedette.Server.Api;
using Vedette.Wire.Json;

namespace Vedette.Server.Apps;

/// <summary>What a request to change an app asks for, checked (<c>spec/platform-api.md</c> 1.7). What it does not name stays as it is.</summary>
internal sealed record AppChange
{
    /// <summary><c>null</c> leaves it.</summary>
    public bool? IsDisabled { get; init; }

    /// <summary><c>null</c> leaves it. Saving the same URL again is a change: it enables a destination that was gone.</summary>
    public string? WebhookUrl { get; init; }

    /// <summary>What is held is sent when the app is enabled; <c>false</c> drops it for good.</summary>
    public bool ReleaseHeld { get; init; } = true;

    /// <summary>Members that this version cannot change are accepted with the value that they have, so that a client may send back what it was shown.</summary>
    /// <param name="shown">The app as the requester sees it.</param>
    /// <returns>The change, or the answer that names the first wrong field.</returns>
    public static (AppChange? Change, IResult? Refusal) Read(JsonMap body, JsonMap shown)
    {
        var change = new AppChange();
        foreach (var (name, value) in body.Members)
        {
            switch (name, value)
            {
                case ("isDisabled", bool isDisabled):
                    change = change with { IsDisabled = isDisabled };
                    break;
                case ("isDisabled", _):
                    return (null, ApiResults.Invalid(name, "Must be a valid boolean."));
                case ("heldDeliveries", "release" or "drop"):
                    change = change with { ReleaseHeld = value is "release" };
                    break;
                case ("heldDeliveries", _):
                    return (null, ApiResults.Invalid(name, "Must be release or drop."));
                case ("webhookUrl", string { Length: > 0 } url):
                    if (AppForm.CheckUrl(url) is { } wrong)
                        return (null, ApiResults.Invalid(name, wrong));
                    change = change with { WebhookUrl = url };
                    break;
                case ("webhookUrl", null or "") when shown["webhookUrl"] is null:
                    break;
                case ("webhookUrl", null or ""):
                    return (null, ApiResults.Invalid(name, WhyItStays(shown)));
                case ("webhookUrl", _):
                    return (null, ApiResults.Invalid(name, "Not a valid string."));
                default:
                    if (!shown.Contains(name) || !AreEqual(value, shown[name]))
                        return (null, ApiResults.Invalid(name, "Cannot be changed in this version."));
                    break;
            }
        }

        return (change, null);
    }

    private static string WhyItStays(JsonMap shown) => shown switch
    {
        _ when shown.List("events") is { Count: > 0 } => "webhookUrl required if webhook events are enabled",
        _ when shown["isAlertable"] is true => "webhookUrl required if alert rule action is enabled",
        _ => "Cannot be removed in this version.",
    };

    private static bool AreEqual(object? one, object? other) => Bytes(one).AsSpan().SequenceEqual(Bytes(other));

    private static byte[] Bytes(object? value)
    {
        var json = new StableJsonWriter();
        json.Value(value);
        return json.ToArray();
    }
}
