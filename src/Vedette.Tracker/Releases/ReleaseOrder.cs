using Vedette.Storage;

namespace Vedette.Tracker.Releases;

/// <summary>Which of two releases is newer, and which is the newest.</summary>
public static class ReleaseOrder
{
    private const int MostLookedAt = 10;

    /// <summary>By their versions if these can be compared, else by their dates (<c>docs/releases.md</c>).</summary>
    /// <returns>Below 0 when the first is older, 0 when neither is. <c>null</c> when one of them is not there.</returns>
    public static async Task<int?> CompareAsync(Session session, long organizationId, string first, string second)
    {
        if (first == second)
            return 0;
        if (ReleaseVersion.Compare(first, second) is { } order)
            return order;

        var dates = await session.ListAsync<DatedVersion>(
            "select version, coalesce(released_at, created_at) as at from release where organization_id = @organizationId and version in (@first, @second)",
            new { organizationId, first, second });
        return dates.FirstOrDefault(release => release.Version == first) is { } one && dates.FirstOrDefault(release => release.Version == second) is { } other
            ? one.At.CompareTo(other.At)
            : null;
    }

    /// <summary>
    /// The highest version, if the last ten releases are all versions of one package, because somebody may still mend an old
    /// one; else the one with the latest date.
    /// </summary>
    /// <returns><c>null</c> for a project without releases.</returns>
    public static async Task<string?> NewestAsync(Session session, long projectId)
    {
        var latest = await LatestAsync(session, projectId, MostLookedAt);
        var versions = latest.Select(ReleaseVersion.TryParse).OfType<ReleaseVersion>().ToList();
        if (versions.Count == 0 || versions.Count < latest.Count || versions.Any(version => version.Package != versions[0].Package))
            return latest is [var first, ..] ? first : null;

        var highest = 0;
        for (var i = 1; i < versions.Count; i++)
        {
            if (versions[i].ComparedTo(versions[highest]) > 0)
                highest = i;
        }

        return latest[highest];
    }

    /// <summary>The one with the latest date.</summary>
    public static async Task<string?> LatestAsync(Session session, long projectId) =>
        await LatestAsync(session, projectId, 1) is [var latest] ? latest : null;

    /// <summary>The one with the earliest date.</summary>
    public static Task<string?> EarliestAsync(Session session, long projectId) =>
        session.FirstAsync<string>(
            """
            select r.version from release_project x
            join release r on r.id = x.release_id
            where x.project_id = @projectId
            order by coalesce(r.released_at, r.created_at), r.id
            limit 1
            """,
            new { projectId });

    /// <summary>The release itself, if the project takes part in it.</summary>
    public static Task<string?> FindAsync(Session session, long projectId, string version) =>
        session.FirstAsync<string>(
            """
            select r.version from release r
            join release_project x on x.release_id = r.id and x.project_id = @projectId
            where r.version = @version
            """,
            new { projectId, version });

    /// <summary>The first release that has the commit.</summary>
    public static Task<string?> WithCommitAsync(Session session, long organizationId, string commit) =>
        session.FirstAsync<string>(
            """
            select r.version from release_commit c
            join release r on r.id = c.release_id and r.organization_id = @organizationId
            where c.commit_id = @commit
            order by coalesce(r.released_at, r.created_at), r.id
            limit 1
            """,
            new { organizationId, commit });

    private static Task<IReadOnlyList<string>> LatestAsync(Session session, long projectId, int most) =>
        session.ListAsync<string>(
            """
            select r.version from release_project x
            join release r on r.id = x.release_id
            where x.project_id = @projectId
            order by coalesce(r.released_at, r.created_at) desc, r.id desc
            limit @most
            """,
            new { projectId, most });

    private sealed record DatedVersion
    {
        public string Version { get; init; } = "";

        public long At { get; init; }
    }
}
