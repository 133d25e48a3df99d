using Vedette.Storage;

namespace Vedette.Tracker.Alerts;

/// <summary>What workflows listen to. Those of projects are made with them and end with them.</summary>
public sealed class DetectorStore(Database database)
{
    private const string Select =
        """
        select d.id, d.organization_id, d.project_id, d.kind, d.name, d.enabled, d.created_at, d.updated_at from detector d
        join project p on p.id = d.project_id and p.status = 'active'
        """;

    /// <summary>Those that every project has.</summary>
    internal static Task AddOfProjectAsync(Transaction transaction, long organizationId, long projectId, long now) =>
        transaction.ExecuteEachAsync(
            """
            insert into detector (organization_id, project_id, kind, name, enabled, created_at, updated_at)
            values (@organizationId, @projectId, @kind, @name, 1, @now, @now)
            on conflict do nothing
            """,
            [
                new { organizationId, projectId, kind = Detector.Error, name = "Error Monitor", now },
                new { organizationId, projectId, kind = Detector.IssueStream, name = "Issue Stream", now },
            ]);

    /// <summary>All of the organization: two for each project, and few of other kinds.</summary>
    public Task<IReadOnlyList<Detector>> ListAsync(long organizationId, CancellationToken ct) =>
        database.ReadAsync(async session =>
            await WithRulesAsync(session, await session.ListAsync<Detector>($"{Select} where d.organization_id = @organizationId order by d.id", new { organizationId })), ct);

    public Task<IReadOnlyList<Detector>> OfProjectAsync(long projectId, CancellationToken ct) =>
        database.ReadAsync(session => session.ListAsync<Detector>($"{Select} where d.project_id = @projectId order by d.id", new { projectId }), ct);

    public Task<Detector?> FindAsync(long organizationId, long id, CancellationToken ct) =>
        database.ReadAsync(async session =>
            await WithRulesAsync(session, await session.ListAsync<Detector>($"{Select} where d.organization_id = @organizationId and d.id = @id", new { organizationId, id }))
                is [var detector] ? detector : null, ct);

    private static async Task<IReadOnlyList<Detector>> WithRulesAsync(Session session, IReadOnlyList<Detector> detectors)
    {
        var rules = await session.ListEachAsync<long>("select rule_id from alert_rule_detector where detector_id = @Id order by rule_id", detectors);
        return [.. detectors.Select((detector, i) => detector with { RuleIds = rules[i] })];
    }
}
