using System.Collections.Concurrent;
using Vedette.Storage;
using Vedette.Tracker.MetricAlerts;
using Vedette.Tracker.Projects;

namespace Vedette.Tracker.Alerts;

/// <summary>
/// The rules of projects, in memory. The version that tells whether they still are the rules is read with the DSN's key, which
/// every envelope asks for anyway; so a rule is in force on every node with the first envelope after its commit, and a project
/// that never had one costs nothing (<c>docs/decisions/0018</c>).
/// </summary>
public sealed class AlertRuleCache(Database database)
{
    private const int MostProjects = 5000;

    private readonly ConcurrentDictionary<long, ProjectAlerts> held = new();

    /// <param name="project">As its DSN led to it.</param>
    public ValueTask<ProjectAlerts> OfAsync(Project project, CancellationToken ct)
    {
        if (project.AlertVersion == 0)
            return new(ProjectAlerts.None);
        return held.TryGetValue(project.Id, out var known) && known.Version >= project.AlertVersion ? new(known) : ReadAsync(project.Id, ct);
    }

    /// <summary>As the caller's own transaction sees them, which may be rolled back: what it reads is not kept.</summary>
    internal async Task<ProjectAlerts> OfAsync(Session session, long projectId) => await VersionAsync(session, projectId) switch
    {
        0 => ProjectAlerts.None,
        var version when held.TryGetValue(projectId, out var known) && known.Version == version => known,
        var version => await ReadAsync(session, projectId, version),
    };

    private async ValueTask<ProjectAlerts> ReadAsync(long projectId, CancellationToken ct)
    {
        // The version first: rules that change in between are then taken for older than they are, and read again.
        var read = await database.ReadAsync(async session => await ReadAsync(session, projectId, await VersionAsync(session, projectId)), ct);
        if (held.Count >= MostProjects)
            held.Clear();
        return held.AddOrUpdate(projectId, read, (_, known) => known.Version > read.Version ? known : read);
    }

    private static Task<long> VersionAsync(Session session, long projectId) =>
        session.FirstAsync<long>("select alert_version from project where id = @projectId", new { projectId });

    private static async Task<ProjectAlerts> ReadAsync(Session session, long projectId, long version)
    {
        var kinds = (await session.ListAsync<Link>(
            """
            select x.rule_id, d.kind from alert_rule_detector x
            join detector d on d.id = x.detector_id
            where d.project_id = @projectId and d.enabled = 1 and d.kind in ('error', 'issue_stream')
            """,
            new { projectId })).ToLookup(link => link.RuleId, link => link.Kind);
        var rules = await AlertRuleStore.OfProjectAsync(session, projectId);
        return new ProjectAlerts(
            version,
            [
                .. from rule in rules
                   where rule.Draft.Enabled && kinds.Contains(rule.Id)
                   from @group in rule.Draft.Groups
                   select new AlertBranch(rule, @group, !kinds[rule.Id].Contains(Detector.IssueStream)),
            ],
            [.. (await MetricRuleStore.OfProjectAsync(session, projectId)).Select(rule => new MetricCounter(rule))]);
    }

    private sealed record Link
    {
        public long RuleId { get; init; }

        public string Kind { get; init; } = "";
    }
}
