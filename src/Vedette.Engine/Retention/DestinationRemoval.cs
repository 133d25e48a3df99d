using Vedette.Engine.Deliveries;
using Vedette.Storage;

namespace Vedette.Engine.Retention;

/// <summary>
/// Ends destinations for good, and what waits for whoever is no more, in small units between which everything else goes on.
/// What ends early is taken up by calling again. Two nodes that do this at once delete the same rows.
/// </summary>
public sealed class DestinationRemoval(Database database, TimeProvider time)
{
    private const int AtOnce = 200;

    /// <summary>Cancels what waits of a project, at whatever destination; the deliveries stay until they are old. What is under way is not interrupted.</summary>
    public async Task CancelOfProjectAsync(long organizationId, long projectId, CancellationToken ct)
    {
        foreach (var state in DeliveryTransitions.Waiting)
        {
            await CancelAsync(
                $"""
                select y.id from destination d
                join delivery y on y.destination_id = d.id and y.state = '{state}'
                join hook_event e on e.id = y.hook_event_id
                where d.organization_id = @organizationId and e.project_id = @projectId
                limit {AtOnce}
                """,
                new { organizationId, projectId },
                CancelReason.ProjectDeleted,
                ct);
        }

        await database.WriteAsync(
            transaction => transaction.ExecuteAsync(
                "delete from subscription where organization_id = @organizationId and project_id = @projectId", new { organizationId, projectId }),
            ct);
    }

    /// <summary>Subscriptions end, what waits is cancelled, and then its deliveries with their attempts, events that nobody else received, and itself are deleted.</summary>
    public async Task RemoveAsync(long id, CancelReason reason, CancellationToken ct)
    {
        await database.WriteAsync(transaction => transaction.ExecuteAsync("delete from subscription where destination_id = @id", new { id }), ct);
        foreach (var state in DeliveryTransitions.Waiting)
            await CancelAsync($"select id from delivery where destination_id = @id and state = '{state}' limit {AtOnce}", new { id }, reason, ct);

        await RowsInSteps.DeleteAsync<DeliveryRow>(
            database,
            $"select id, hook_event_id from delivery where destination_id = @id limit {AtOnce}",
            new { id },
            [
                "delete from delivery where id = @Id",
                "delete from hook_event where id = @HookEventId and not exists (select 1 from delivery y where y.hook_event_id = hook_event.id)",
            ],
            ct);
        await database.WriteAsync(transaction => transaction.ExecuteAsync("delete from destination where id = @id", new { id }), ct);
    }

    /// <summary>What is left in an organization without destinations: events whose destinations had gone before, and replay jobs.</summary>
    public async Task RemoveLogAsync(long organizationId, CancellationToken ct)
    {
        await RowsInSteps.DeleteAsync<DeliveryRow>(
            database,
            $"select id as hook_event_id from hook_event where organization_id = @organizationId limit {AtOnce}",
            new { organizationId },
            ["delete from delivery where hook_event_id = @HookEventId", "delete from hook_event where id = @HookEventId"],
            ct);
        await RowsInSteps.DeleteAsync(
            database, "replay_job", $"select id from replay_job where organization_id = @organizationId limit {AtOnce}", new { organizationId }, ct);
    }

    private async Task CancelAsync(string find, object args, CancelReason reason, CancellationToken ct)
    {
        while (await database.ReadAsync(session => session.ListAsync<DeliveryRow>(find, args), ct) is { Count: > 0 } waiting)
            await database.WriteAsync(transaction => DeliveryTransitions.CancelAsync(transaction, [.. waiting.Select(row => row.Id)], reason, time.GetUtcNow()), ct);
    }

    private sealed record DeliveryRow
    {
        public long Id { get; init; }

        public long HookEventId { get; init; }
    }
}
