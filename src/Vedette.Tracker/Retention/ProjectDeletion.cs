using Vedette.Engine.Retention;
using Vedette.Storage;
using Vedette.Tracker.Alerts;

namespace Vedette.Tracker.Retention;

/// <summary>
/// Deletes projects that are pending deletion, in small units between which everything else goes on. What ends early is
/// taken up by calling again. Two nodes that do this at once delete the same rows.
/// </summary>
public sealed class ProjectDeletion(Database database, DestinationRemoval destinations)
{
    /// <returns>The projects that are to be deleted, except those of organizations that are.</returns>
    public Task<IReadOnlyList<long>> PendingAsync(CancellationToken ct) =>
        database.ReadAsync(session => session.ListAsync<long>(
            """
            select p.id from project p
            join organization o on o.id = p.organization_id
            where p.status = 'pending_deletion' and o.status = 'active'
            order by p.id
            """), ct);

    /// <summary>
    /// Cancels what waits to be delivered of it, and deletes its events and issues and then itself. What was delivered stays
    /// in the log of its organization until it is old. A project that is not pending deletion is left alone.
    /// </summary>
    public async Task DeleteAsync(long id, CancellationToken ct)
    {
        if (await OrganizationAsync(id, ct) is not { } organizationId)
            return;

        var args = new { id };
        await destinations.CancelOfProjectAsync(organizationId, id, ct);
        await RowsInSteps.DeleteAsync(database, "event", "select id from event where project_id = @id limit 500", args, ct);
        await RowsInSteps.DeleteAsync<IssueUserRow>(
            database,
            "select u.issue_id, u.user_tag from issue i join issue_user u on u.issue_id = i.id where i.project_id = @id limit 500",
            args,
            ["delete from issue_user where issue_id = @IssueId and user_tag = @UserTag"],
            ct);
        await RowsInSteps.DeleteAsync<IssueTagKey>(
            database, $"select {IssueTagKey.Columns} from issue_tag t where t.project_id = @id limit 1000", args, [IssueTagKey.Delete], ct);
        await RowsInSteps.DeleteAsync<BucketKey>(
            database, $"select {BucketKey.Columns} from event_bucket where project_id = @id limit 1000", args, [BucketKey.Delete], ct);
        await RowsInSteps.DeleteAsync(
            database, "alert_firing", "select f.id from alert_firing f join issue i on i.id = f.issue_id where i.project_id = @id limit 500", args, ct);
        await RowsInSteps.DeleteAsync<PeopleRow>(
            database,
            """
            select u.issue_id, u.scope, u.step, u.start, u.environment, u.user_tag from issue i
            join issue_user_bucket u on u.issue_id = i.id
            where i.project_id = @id
            limit 500
            """,
            args,
            [PeopleRow.Delete],
            ct);
        await RowsInSteps.DeleteAsync(database, "issue", "select id from issue where project_id = @id limit 100", args, ct);
        await RowsInSteps.DeleteAsync<ReleaseProjectRow>(
            database,
            "select release_id, project_id from release_project where project_id = @id limit 500",
            args,
            ["delete from release_project where release_id = @ReleaseId and project_id = @ProjectId"],
            ct);

        // Whoever still adds to it is waited for, or does not find it any more. So what they made is seen after this.
        await database.WriteAsync(async transaction =>
        {
            // Rules that listen to nothing else end with it.
            await transaction.ExecuteAsync(
                """
                delete from alert_rule
                where id in (select x.rule_id from alert_rule_detector x join detector d on d.id = x.detector_id where d.project_id = @id)
                    and id not in (select x.rule_id from alert_rule_detector x join detector d on d.id = x.detector_id where d.project_id <> @id)
                """,
                args);
            await transaction.ExecuteAsync("delete from project where id = @id and status = 'pending_deletion'", args);
        }, ct);
        await destinations.CancelOfProjectAsync(organizationId, id, ct);
    }

    /// <returns><c>null</c> when the project is not pending deletion.</returns>
    private Task<long?> OrganizationAsync(long id, CancellationToken ct) =>
        database.ReadAsync(session => session.FirstAsync<long?>("select organization_id from project where id = @id and status = 'pending_deletion'", new { id }), ct);

    private sealed record ReleaseProjectRow
    {
        public long ReleaseId { get; init; }

        public long ProjectId { get; init; }
    }

    private sealed record IssueUserRow
    {
        public long IssueId { get; init; }

        public string UserTag { get; init; } = "";
    }
}
