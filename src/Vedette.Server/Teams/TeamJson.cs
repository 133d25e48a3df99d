using System.Globalization;
using Vedette.Server.Authorization;
using Vedette.Server.Organizations;
using Vedette.Storage;
using Vedette.Wire.Json;

namespace Vedette.Server.Teams;

/// <summary>A team as Sentry's API shows one.</summary>
internal static class TeamJson
{
    /// <param name="withOrganization">As the details of a team have it.</param>
    public static void Write(StableJsonWriter json, Team team, Access access, bool withOrganization = false)
    {
        json.StartObject();
        json.Name("id"u8);
        json.Value(team.Id.ToString(CultureInfo.InvariantCulture));
        json.Name("slug"u8);
        json.Value(team.Slug);
        json.Name("name"u8);
        json.Value(team.Name);
        json.Name("dateCreated"u8);
        json.Instant(UnixMicroseconds.ToInstant(team.CreatedAt));
        json.Name("isMember"u8);
        json.Value(team.IsMember);
        json.Name("teamRole"u8);
        json.Value(team.IsMember ? "contributor" : null);
        json.Name("flags"u8);
        json.StartObject();
        json.Name("idp:provisioned"u8);
        json.Value(false);
        json.EndObject();
        json.Name("access"u8);
        json.StartArray();
        foreach (var scope in access.ScopesIn(team.OrganizationId))
            json.Value(scope);
        json.EndArray();
        json.Name("hasAccess"u8);
        json.Value(true);
        json.Name("isPending"u8);
        json.Value(false);
        json.Name("memberCount"u8);
        json.Value(team.MemberCount);
        json.Name("avatar"u8);
        json.StartObject();
        json.Name("avatarType"u8);
        json.Value("letter_avatar");
        json.Name("avatarUuid"u8);
        json.Null();
        json.EndObject();
        if (withOrganization)
        {
            json.Name("organization"u8);
            OrganizationJson.Write(json, access.Organization!);
        }

        json.EndObject();
    }
}
