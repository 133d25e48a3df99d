using System.Runtime.CompilerServices;
using Vedette.Engine.Deliveries;
using Vedette.Storage;

namespace Vedette.Engine.DeliveryLog;

/// <summary>One attempt as it passes by.</summary>
public sealed record TailedAttempt
{
    public long Id { get; init; }

    public long DeliveryId { get; init; }

    public long EventId { get; init; }

    public long DestinationId { get; init; }

    public string Resource { get; init; } = "";

    public string Action { get; init; } = "";

    public long? IssueId { get; init; }

    public long Number { get; init; }

    public string RequestId { get; init; } = "";

    public string Url { get; init; } = "";

    public long StartedAt { get; init; }

    public long DurationUs { get; init; }

    /// <summary>A stored name of an <see cref="AttemptOutcome"/>.</summary>
    public string Outcome { get; init; } = "";

    public string Reason { get; init; } = "";

    public long? StatusCode { get; init; }
}

/// <summary>Attempts of an organization as whichever node records them. Nothing is kept for those who do not listen: it reads the table, on the engine's tick.</summary>
public sealed class AttemptTail(Database database, EngineOptions options, TimeProvider time)
{
    /// <summary>Attempts of all organizations that are looked through for those who come back; who was away longer misses some.</summary>
    public const int LongestResume = 10_000;

    private const int Step = 1000;

    /// <summary>Numbers are given before the commit, so a lower one may appear after a higher one. So many are looked at again.</summary>
    private const int Overlap = 1000;

    /// <param name="lastSeen">The number of the last attempt that was seen; <c>null</c> for somebody who comes for the first time.</param>
    /// <returns>The number of the attempt after which to follow.</returns>
    public async Task<long> StartAsync(long? lastSeen, CancellationToken ct)
    {
        var newest = await database.ReadAsync(NewestAsync, ct);
        return lastSeen is { } seen ? Math.Clamp(seen, Math.Max(0, newest - LongestResume), newest) : newest;
    }

    /// <summary>Ends only with <paramref name="ct"/>.</summary>
    public async IAsyncEnumerable<TailedAttempt> FollowAsync(long organizationId, long start, [EnumeratorCancellation] CancellationToken ct)
    {
        var place = start;
        var told = new HashSet<long>();
        using var tick = new PeriodicTimer(options.Tick, time);
        while (true)
        {
            var from = Math.Max(start, place - Overlap);
            var to = place + Step;
            var (attempts, newest) = await database.ReadAsync(session => ReadAsync(session, organizationId, from, to), ct);
            foreach (var attempt in attempts.Where(attempt => told.Add(attempt.Id)))
                yield return attempt;

            if (newest < place)
            {
                // The newest have been deleted, and SQLite gives their numbers to those that come now.
                (start, place) = (Math.Min(start, newest), newest);
                told.RemoveWhere(id => id > newest);
            }

            place = Math.Max(place, Math.Min(to, newest));
            told.RemoveWhere(id => id <= place - Overlap);
            if (newest <= to)
                await tick.WaitForNextTickAsync(ct);
        }
    }

    private static Task<long> NewestAsync(Session session) => session.SingleAsync<long>("select coalesce(max(id), 0) from attempt");

    /// <summary>The newest number is asked first: what comes in between is read the next time.</summary>
    private static async Task<(IReadOnlyList<TailedAttempt> Attempts, long Newest)> ReadAsync(Session session, long organizationId, long from, long to)
    {
        var newest = await NewestAsync(session);
        var attempts = await session.ListAsync<TailedAttempt>(
            """
            select a.id, a.delivery_id, y.hook_event_id as event_id, a.destination_id, e.resource, y.action, e.issue_id, a.number, a.request_id, a.url,
                a.started_at, a.duration_us, a.outcome, a.reason, a.status_code
            from attempt a
            join delivery y on y.id = a.delivery_id
            join hook_event e on e.id = y.hook_event_id
            where a.id > @from and a.id <= @until and y.organization_id = @organizationId
            order by a.id
            """,
            new { from, until = Math.Min(to, newest), organizationId });
        return (attempts, newest);
    }
}
