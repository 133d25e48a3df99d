using System.Net;
using Vedette.Wire.Json;

namespace Vedette.Tracker.Ingest;

/// <param name="Stored"><c>null</c> when nothing is known about the user.</param>
/// <param name="Tag">One text that tells users apart; <c>null</c> when nothing does.</param>
internal sealed record EventUser(JsonMap? Stored, string? Tag)
{
    private const string Auto = "{{auto}}";

    private static readonly MemberShape User = new(
        ("id", MemberKind.Scalar),
        ("email", MemberKind.Scalar),
        ("username", MemberKind.Scalar),
        ("name", MemberKind.Scalar),
        ("ip_address", MemberKind.Text),
        ("geo", MemberKind.Map),
        ("data", MemberKind.Map));

    public static EventUser Read(JsonMap payload, string platform, string? peerAddress, EventErrors errors)
    {
        if (payload["user"] is not (null or JsonMap))
            errors.InvalidData("user");

        var stored = new JsonMap();
        foreach (var (name, value) in User.Fit(payload.Map("user") ?? new JsonMap(), "user", errors).Members)
        {
            if (name is "id" or "email" or "username" or "name")
            {
                if (JsonText.OfScalar(value)?.Trim() is { Length: > 0 } text)
                    stored[name] = EventLimits.Cut(text, EventLimits.UserMember);
            }
            else if (name != "ip_address" && value is not null)
            {
                stored[name] = value;
            }
        }

        if (Address(payload, platform, peerAddress, errors) is { } address)
            stored["ip_address"] = address;

        return new EventUser(stored.Count == 0 ? null : stored, TagOf(stored));
    }

    private static string? TagOf(JsonMap user)
    {
        foreach (var (member, prefix) in (ReadOnlySpan<(string, string)>)
            [("id", "id"), ("username", "username"), ("email", "email"), ("ip_address", "ip")])
        {
            if (user.Text(member) is { Length: > 0 } value)
                return EventLimits.Cut($"{prefix}:{value}", EventLimits.TagValue);
        }

        return null;
    }

    private static string? Address(JsonMap payload, string platform, string? peerAddress, EventErrors errors)
    {
        var given = payload.Map("user")?.Text("ip_address")?.Trim();
        if (string.IsNullOrEmpty(given))
        {
            // Browsers and phones cannot know their own address, and their older SDKs never asked for it.
            var refuses = payload.Map("sdk")?.Map("settings")?.Text("infer_ip") == "never";
            return platform is "javascript" or "cocoa" or "objc" && !refuses ? peerAddress : null;
        }

        if (given == Auto)
            return peerAddress;

        // IPAddress also reads a bare number, which nobody means as an address.
        if (given.AsSpan().ContainsAny('.', ':') && IPAddress.TryParse(given, out var address))
            return address.ToString();

        errors.InvalidData("user.ip_address");
        return null;
    }
}
