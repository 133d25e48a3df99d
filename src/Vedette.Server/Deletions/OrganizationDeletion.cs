using Vedette.Engine.Deliveries;
using Vedette.Engine.Retention;
using Vedette.Server.ServiceHooks;
using Vedette.Storage;
using Vedette.Tracker.Retention;

namespace Vedette.Server.Deletions;

/// <summary>
/// Deletes organizations that are pending deletion, with everything that is theirs, in small units between which everything
/// else goes on. What ends early is taken up by calling again. Two nodes that do this at once delete the same rows.
/// </summary>
internal sealed class OrganizationDeletion(Database database, DestinationRemoval destinations, ServiceHookStore hooks, ProjectDeletion projects)
{
    public Task<IReadOnlyList<long>> PendingAsync(CancellationToken ct) =>
        database.ReadAsync(session => session.ListAsync<long>("select id from organization where status = 'pending_deletion' order by id"), ct);

    public async Task DeleteAsync(long id, CancellationToken ct)
    {
        var args = new { id };

        // 1. Nothing is sent any more: destinations here, and those of its apps wherever they are installed.
        foreach (var project in await ListAsync("select id from project where organization_id = @id order by id", args, ct))
            await hooks.EndOfProjectAsync(project, ct);
        foreach (var destination in await ListAsync(
            """
            select d.id from destination d
            where d.organization_id = @id or exists (
                select 1 from app_installation i
                join app a on a.id = i.app_id
                where i.destination_id = d.id and a.organization_id = @id)
            order by d.id
            """,
            args,
            ct))
        {
            await destinations.RemoveAsync(destination, CancelReason.OrganizationDeleted, ct);
        }

        await destinations.RemoveLogAsync(id, ct);

        // 2. Its projects, whether or not they were to be deleted before.
        await database.WriteAsync(
            transaction => transaction.ExecuteAsync("update project set status = 'pending_deletion' where organization_id = @id and status = 'active'", args), ct);
        foreach (var project in await ListAsync("select id from project where organization_id = @id order by id", args, ct))
            await projects.DeleteAsync(project, ct);

        // 3. Its apps, and what other tables hold of it.
        await RowsInSteps.DeleteAsync(
            database,
            "app_installation",
            """
            select i.id from app_installation i
            join app a on a.id = i.app_id
            where i.organization_id = @id or a.organization_id = @id
            limit 100
            """,
            args,
            ct);
        await RowsInSteps.DeleteAsync<AppRow>(
            database,
            "select id, proxy_account_id from app where organization_id = @id limit 100",
            args,
            ["delete from app where id = @Id", "delete from account where id = @ProxyAccountId and kind = 'app'"],
            ct);
        foreach (var table in new[] { "alert_rule", "api_authorization", "release", "audit_log_entry", "organization_token", "team", "organization_member" })
            await RowsInSteps.DeleteAsync(database, table, $"select id from {table} where organization_id = @id limit 500", args, ct);

        // 4. Itself. If somebody has added an app or a project meanwhile, this is refused, and the next pass begins anew.
        await database.WriteAsync(transaction => transaction.ExecuteAsync("delete from organization where id = @id and status = 'pending_deletion'", args), ct);
    }

    private Task<IReadOnlyList<long>> ListAsync(string sql, object args, CancellationToken ct) =>
        database.ReadAsync(session => session.ListAsync<long>(sql, args), ct);

    private sealed record AppRow
    {
        public long Id { get; init; }

        public long? ProxyAccountId { get; init; }
    }
}
