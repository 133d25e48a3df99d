using System.Globalization;
using Vedette.Storage;
using Vedette.Wire.Json;

namespace Vedette.Server.Members;

/// <summary>A member as Sentry's API shows one.</summary>
internal static class MemberJson
{
    /// <summary>Of Sentry's, and off here: there is no identity provider and no limit on members.</summary>
    private static readonly string[] Flags =
        ["idp:provisioned", "idp:role-restricted", "member-limit:restricted", "partnership:restricted", "sso:invalid", "sso:linked"];

    /// <param name="teamRole">Of the team whose members are listed; <c>null</c> elsewhere.</param>
    public static void Write(StableJsonWriter json, Member member, DateTimeOffset now, string? teamRole = null)
    {
        var role = StoredName.Of(member.Role);
        json.StartObject();
        json.Name("id"u8);
        json.Value(Text(member.Id));
        json.Name("email"u8);
        json.Value(member.Email);
        json.Name("name"u8);
        json.Value(member.Name);
        json.Name("user"u8);
        WriteUser(json, member);
        json.Name("role"u8);
        json.Value(role);
        json.Name("orgRole"u8);
        json.Value(role);
        json.Name("roleName"u8);
        json.Value(member.Role.ToString());
        json.Name("pending"u8);
        json.Value(member.IsPending);
        json.Name("expired"u8);
        json.Value(member.IsPending && member.TokenExpiresAt <= UnixMicroseconds.From(now));
        json.Name("flags"u8);
        json.StartObject();
        foreach (var flag in Flags)
        {
            json.Name(flag);
            json.Value(false);
        }

        json.EndObject();
        json.Name("dateCreated"u8);
        json.Instant(UnixMicroseconds.ToInstant(member.CreatedAt));
        json.Name("inviteStatus"u8);
        json.Value("approved");
        json.Name("inviterName"u8);
        json.Value(member.InviterName);
        json.Name("teams"u8);
        json.StartArray();
        foreach (var team in member.Teams)
            json.Value(team);
        json.EndArray();
        json.Name("teamRoles"u8);
        json.StartArray();
        foreach (var team in member.Teams)
        {
            json.StartObject();
            json.Name("teamSlug"u8);
            json.Value(team);
            json.Name("role"u8);
            json.Null();
            json.EndObject();
        }

        json.EndArray();
        if (teamRole is not null)
        {
            json.Name("teamRole"u8);
            json.Value(teamRole);
        }

        json.EndObject();
    }

    private static void WriteUser(StableJsonWriter json, Member member)
    {
        if (member.AccountId is not { } accountId)
        {
            json.Null();
            return;
        }

        json.StartObject();
        json.Name("id"u8);
        json.Value(Text(accountId));
        json.Name("name"u8);
        json.Value(member.Name);
        json.Name("username"u8);
        json.Value(member.Email);
        json.Name("email"u8);
        json.Value(member.Email);
        json.Name("isActive"u8);
        json.Value(member.IsActive);
        json.Name("isManaged"u8);
        json.Value(false);
        json.Name("isSuperuser"u8);
        json.Value(false);
        json.Name("isStaff"u8);
        json.Value(false);
        json.Name("hasPasswordAuth"u8);
        json.Value(true);
        json.Name("has2fa"u8);
        json.Value(false);
        json.Name("dateJoined"u8);
        json.Instant(member.JoinedAt is { } joined ? UnixMicroseconds.ToInstant(joined) : null);
        json.Name("emails"u8);
        json.StartArray();
        json.StartObject();
        json.Name("id"u8);
        json.Value(Text(accountId));
        json.Name("email"u8);
        json.Value(member.Email);
        json.Name("is_verified"u8);
        json.Value(true);
        json.EndObject();
        json.EndArray();
        json.EndObject();
    }

    private static string Text(long id) => id.ToString(CultureInfo.InvariantCulture);
}
