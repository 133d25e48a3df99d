using System.Globalization;
using Vedette.Server.Teams;
using Vedette.Storage;
using Vedette.Tracker.Projects;
using Vedette.Wire.Json;

namespace Vedette.Server.Projects;

/// <summary>A project as Sentry's API shows one.</summary>
internal static class ProjectJson
{
    /// <param name="teams">Those with access to it.</param>
    public static void Write(StableJsonWriter json, Project project, Organization organization, IReadOnlyList<TeamName> teams)
    {
        json.StartObject();
        json.Name("id"u8);
        json.Value(Text(project.Id));
        json.Name("slug"u8);
        json.Value(project.Slug);
        json.Name("name"u8);
        json.Value(project.Name);
        json.Name("platform"u8);
        json.Value(project.Platform);
        json.Name("status"u8);
        json.Value("active");
        json.Name("dateCreated"u8);
        json.Instant(UnixMicroseconds.ToInstant(project.CreatedAt));
        json.Name("resolveAge"u8);
        json.Value(project.ResolveAge);
        json.Name("latestRelease"u8);
        json.Null();
        json.Name("features"u8);
        json.StartArray();
        json.EndArray();
        json.Name("isMember"u8);
        json.Value(true);
        json.Name("hasAccess"u8);
        json.Value(true);
        json.Name("isBookmarked"u8);
        json.Value(false);
        json.Name("organization"u8);
        json.StartObject();
        json.Name("id"u8);
        json.Value(Text(organization.Id));
        json.Name("slug"u8);
        json.Value(organization.Slug);
        json.Name("name"u8);
        json.Value(organization.Name);
        json.EndObject();
        json.Name("team"u8);
        if (teams is [var first, ..])
            WriteTeam(json, first);
        else
            json.Null();
        json.Name("teams"u8);
        json.StartArray();
        foreach (var team in teams)
            WriteTeam(json, team);
        json.EndArray();
        json.EndObject();
    }

    private static void WriteTeam(StableJsonWriter json, TeamName team)
    {
        json.StartObject();
        json.Name("id"u8);
        json.Value(Text(team.Id));
        json.Name("slug"u8);
        json.Value(team.Slug);
        json.Name("name"u8);
        json.Value(team.Name);
        json.EndObject();
    }

    private static string Text(long id) => id.ToString(CultureInfo.InvariantCulture);
}
