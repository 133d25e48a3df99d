using Vedette.Storage;

namespace Vedette.Engine.Retention;

/// <summary>
/// Ends the life of what was delivered long ago. What is pending or held is never old: it keeps its event and its attempts,
/// and so do its siblings, the deliveries of the same event to others. Two nodes that do this at once delete the same rows.
/// </summary>
public sealed class DeliveryRetention(Database database, TimeProvider time)
{
    private const string Unfinished = "y.state in ('pending', 'held')";

    /// <param name="age">Since the attempt was started.</param>
    /// <returns>How many were deleted.</returns>
    public Task<long> DeleteAttemptsAsync(TimeSpan age, CancellationToken ct) =>
        OldRows.DeleteAsync(
            database, "attempt", "started_at", time.GetUtcNow() - age, window: 500,
            [
                $"""
                delete from attempt where id > @after and id <= @until and started_at < @before
                    and not exists (
                        select 1 from delivery mine
                        join delivery y on y.hook_event_id = mine.hook_event_id
                        where mine.id = attempt.delivery_id and {Unfinished})
                """,
            ],
            ct);

    /// <summary>Events with their payloads, deliveries and attempts.</summary>
    /// <param name="age">Since the event was accepted.</param>
    /// <returns>How many events were deleted.</returns>
    public Task<long> DeleteEventsAsync(TimeSpan age, CancellationToken ct) =>
        OldRows.DeleteAsync(
            database, "hook_event", "created_at", time.GetUtcNow() - age, window: 50,
            [
                $"""
                delete from delivery where hook_event_id in (
                    select e.id from hook_event e
                    where e.id > @after and e.id <= @until and e.created_at < @before
                        and not exists (
                            select 1 from delivery y where y.hook_event_id = e.id and ({Unfinished} or y.id = (select max(id) from delivery))))
                """,
                """
                delete from hook_event where id > @after and id <= @until and created_at < @before
                    and not exists (select 1 from delivery y where y.hook_event_id = hook_event.id)
                """,
            ],
            ct);

    /// <summary>
    /// Destinations that were retired and have no delivery left. The newest stays, so that its number is not given away a second
    /// time.
    /// </summary>
    public Task<int> DeleteRetiredAsync(CancellationToken ct) =>
        database.WriteAsync(
            transaction => transaction.ExecuteAsync(
                """
                delete from destination
                where retired_at is not null and id < (select max(id) from destination)
                    and not exists (select 1 from delivery y where y.destination_id = destination.id)
                """),
            ct);

    /// <summary>Counts of days that no rule looks at any more.</summary>
    /// <param name="age">Since the day.</param>
    public Task<int> DeleteDaysAsync(TimeSpan age, CancellationToken ct) =>
        database.WriteAsync(
            transaction => transaction.ExecuteAsync(
                "delete from destination_day where day < @before", new { before = (time.GetUtcNow() - age).ToUnixTimeSeconds() / 86400 }),
            ct);

    /// <param name="age">Since the job ended.</param>
    /// <returns>How many were deleted.</returns>
    public Task<int> DeleteReplayJobsAsync(TimeSpan age, CancellationToken ct) =>
        database.WriteAsync(
            transaction => transaction.ExecuteAsync(
                "delete from replay_job where finished_at < @before", new { before = UnixMicroseconds.From(time.GetUtcNow() - age) }),
            ct);
}
