using System.Collections.Concurrent;
using Vedette.Storage;
using Vedette.Tracker.Ingest;
using Vedette.Tracker.Projects;

namespace Vedette.Tracker.Releases;

/// <summary>
/// Releases as events name them. What this process has written is remembered, so that an event of a release that is known
/// asks the database nothing but once a minute.
/// </summary>
public sealed class SeenReleases
{
    /// <summary>About 5 MB.</summary>
    private const int MostRemembered = 20_000;

    private static readonly TimeSpan Step = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<(long ProjectId, string Version), long> seen = new();

    /// <summary>Makes the release, and the project's part in it, where they are not there yet.</summary>
    public async Task SeeAsync(Transaction transaction, Project project, TrackedEvent trackedEvent)
    {
        var at = UnixMicroseconds.From(trackedEvent.Timestamp);
        if (trackedEvent.Release is not { } version || (seen.TryGetValue((project.Id, version), out var until) && at < until))
            return;

        await transaction.ExecuteAsync(
            """
            insert into release (organization_id, version, status, created_at) values (@OrganizationId, @version, 'open', @at)
            on conflict (organization_id, version) do nothing
            """,
            new { project.OrganizationId, version, at });
        await transaction.ExecuteAsync(
            """
            insert into release_project (release_id, project_id, new_groups, first_event, last_event)
            select id, @ProjectId, 0, @at, @at from release where organization_id = @OrganizationId and version = @version
            on conflict (release_id, project_id) do update set
                first_event = coalesce(release_project.first_event, excluded.first_event),
                last_event = case when release_project.last_event > excluded.last_event then release_project.last_event else excluded.last_event end
            """,
            new { project.OrganizationId, ProjectId = project.Id, version, at });
        transaction.AfterCommit(() => Remember((project.Id, version), at));
    }

    /// <summary>The event, of a release that was seen, is the first of its issue.</summary>
    public static Task CountIssueAsync(Transaction transaction, Project project, string version) =>
        transaction.ExecuteAsync(
            """
            update release_project set new_groups = new_groups + 1
            where project_id = @ProjectId and release_id = (select id from release where organization_id = @OrganizationId and version = @version)
            """,
            new { ProjectId = project.Id, project.OrganizationId, version });

    /// <summary>After a release was deleted. Other processes find it out within a minute of events.</summary>
    public void Forget() => seen.Clear();

    private void Remember((long, string) key, long at)
    {
        if (seen.Count >= MostRemembered)
            seen.Clear();
        seen[key] = at + (long)Step.TotalMicroseconds;
    }
}
