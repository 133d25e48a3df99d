using System.Globalization;
using Vedette.Storage;
using Vedette.Tracker.Releases;
using Vedette.Wire.Json;

namespace Vedette.Server.Releases;

/// <summary>Releases, their commits and deploys as Sentry's API shows them (<c>spec/domain.md</c> 3.7).</summary>
internal static class ReleaseJson
{
    private const int ShownOfHash = 12;
    private static readonly string[] NumberNames = ["major", "minor", "patch", "revision"];

    /// <param name="projectId">Counts issues and events of this project alone; <c>null</c> for those of all.</param>
    public static void Write(StableJsonWriter json, Release release, long? projectId)
    {
        var version = ReleaseVersion.TryParse(release.Version);
        var counted = release.Projects.Where(project => projectId is null || project.Id == projectId).ToList();
        json.StartObject();
        json.Name("id"u8);
        json.Value(release.Id);
        json.Name("version"u8);
        json.Value(release.Version);
        json.Name("shortVersion"u8);
        json.Value(Description(release.Version, version));
        json.Name("status"u8);
        json.Value(release.StatusName);
        json.Name("versionInfo"u8);
        WriteVersion(json, release.Version, version);
        json.Name("ref"u8);
        json.Value(release.Ref);
        json.Name("url"u8);
        json.Value(release.Url);
        json.Name("dateStarted"u8);
        Instant(json, release.StartedAt);
        json.Name("dateReleased"u8);
        Instant(json, release.ReleasedAt);
        json.Name("dateCreated"u8);
        Instant(json, release.CreatedAt);
        json.Name("data"u8);
        json.StartObject();
        json.EndObject();
        json.Name("newGroups"u8);
        json.Value(counted.Sum(project => project.NewGroups));
        json.Name("owner"u8);
        json.Null();
        json.Name("commitCount"u8);
        json.Value(release.CommitCount);
        json.Name("lastCommit"u8);
        if (release.LastCommit is { } commit)
            Write(json, commit);
        else
            json.Null();
        json.Name("deployCount"u8);
        json.Value(release.DeployCount);
        json.Name("lastDeploy"u8);
        if (release.LastDeploy is { } deploy)
            Write(json, deploy);
        else
            json.Null();
        json.Name("authors"u8);
        json.StartArray();
        json.EndArray();
        json.Name("projects"u8);
        json.StartArray();
        foreach (var project in release.Projects)
            Write(json, project);
        json.EndArray();
        json.Name("firstEvent"u8);
        Instant(json, counted.Min(project => project.FirstEvent));
        json.Name("lastEvent"u8);
        Instant(json, counted.Max(project => project.LastEvent));
        json.EndObject();
    }

    public static void Write(StableJsonWriter json, ReleaseCommit commit)
    {
        json.StartObject();
        json.Name("id"u8);
        json.Value(commit.CommitId);
        json.Name("message"u8);
        json.Value(commit.Message);
        json.Name("dateCreated"u8);
        Instant(json, commit.CreatedAt);
        json.Name("author"u8);
        if (commit.AuthorName is null && commit.AuthorEmail is null)
        {
            json.Null();
        }
        else
        {
            json.StartObject();
            json.Name("name"u8);
            json.Value(commit.AuthorName);
            json.Name("email"u8);
            json.Value(commit.AuthorEmail);
            json.EndObject();
        }

        json.Name("repository"u8);
        if (commit.Repository is null)
        {
            json.Null();
        }
        else
        {
            json.StartObject();
            json.Name("name"u8);
            json.Value(commit.Repository);
            json.EndObject();
        }

        json.EndObject();
    }

    public static void Write(StableJsonWriter json, Deploy deploy)
    {
        json.StartObject();
        json.Name("id"u8);
        json.Value(deploy.Id.ToString(CultureInfo.InvariantCulture));
        json.Name("environment"u8);
        json.Value(deploy.Environment);
        json.Name("name"u8);
        json.Value(deploy.Name);
        json.Name("url"u8);
        json.Value(deploy.Url);
        json.Name("dateStarted"u8);
        Instant(json, deploy.StartedAt);
        json.Name("dateFinished"u8);
        Instant(json, deploy.FinishedAt);
        json.EndObject();
    }

    private static void Write(StableJsonWriter json, ReleaseProject project)
    {
        json.StartObject();
        json.Name("id"u8);
        json.Value(project.Id);
        json.Name("slug"u8);
        json.Value(project.Slug);
        json.Name("name"u8);
        json.Value(project.Name);
        json.Name("platform"u8);
        json.Value(project.Platform);
        json.Name("newGroups"u8);
        json.Value(project.NewGroups);
        json.Name("hasHealthData"u8);
        json.Value(false);
        json.EndObject();
    }

    private static void WriteVersion(StableJsonWriter json, string raw, ReleaseVersion? version)
    {
        json.StartObject();
        json.Name("package"u8);
        json.Value(version?.Package);
        json.Name("version"u8);
        json.StartObject();
        json.Name("raw"u8);
        json.Value(version?.Description ?? raw);
        if (version is not null)
        {
            foreach (var (name, number) in NumberNames.Zip(version.Numbers))
            {
                json.Name(name);
                json.Value((double)number);
            }

            json.Name("pre"u8);
            json.Value(version.PreRelease);
            json.Name("buildCode"u8);
            json.Value(version.Build);
        }

        json.EndObject();
        json.Name("description"u8);
        json.Value(Description(raw, version));
        json.Name("buildHash"u8);
        json.Value(IsHash(raw) ? raw : null);
        json.EndObject();
    }

    /// <summary>What people call it: a version without its package, or the beginning of a commit's hash.</summary>
    private static string Description(string raw, ReleaseVersion? version) => version?.Description ?? (IsHash(raw) ? raw[..ShownOfHash] : raw);

    private static bool IsHash(string raw) => raw.Length is 40 or 64 && raw.All(char.IsAsciiHexDigitLower);

    private static void Instant(StableJsonWriter json, long? at) => json.Instant(at is { } instant ? UnixMicroseconds.ToInstant(instant) : null);
}
