using Vedette.Storage;
using Vedette.Tracker.Issues;

namespace Vedette.Tracker.Search;

/// <summary>Lists of events, newest first.</summary>
public sealed class EventListStore(Database database)
{
    /// <summary>An event may have a megabyte.</summary>
    private const int BodiesAtOnce = 5;

    /// <summary>Those after the place; or, <paramref name="backwards"/>, those before it, nearest first. Without their bodies.</summary>
    public Task<IReadOnlyList<StoredEvent>> PageAsync(EventQuery query, EventPlace? place, bool backwards, int most, CancellationToken ct) =>
        database.ReadAsync(session =>
        {
            var arguments = new SqlArguments();
            return session.ListAsync<StoredEvent>(PageSql(arguments, query, place, backwards, most), arguments);
        }, ct);

    internal static string PageSql(SqlArguments arguments, EventQuery query, EventPlace? place, bool backwards, int most)
    {
        var (direction, comparison) = backwards ? ("asc", '>') : ("desc", '<');
        var from = place is null ? "" : $" and (e.occurred_at, e.id) {comparison} ({arguments.Add(place.OccurredAt)}, {arguments.Add(place.Id)})";
        return $"""
            select {IssueStore.EventColumns} from event e
            where {query.Sql(arguments)}{from}
            order by e.occurred_at {direction}, e.id {direction}
            limit {arguments.Add(most)}
            """;
    }

    /// <summary>The events with their bodies, a few at a time. Those that went meanwhile are left out.</summary>
    public async IAsyncEnumerable<StoredEvent> WithBodiesAsync(
        IReadOnlyList<StoredEvent> events, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken ct)
    {
        foreach (var some in events.Chunk(BodiesAtOnce))
        {
            var bodies = await database.ReadAsync(session => session.ListEachAsync<EventBodyRow>("select body from event where id = @Id", some), ct);
            for (var i = 0; i < some.Length; i++)
            {
                if (bodies[i] is [var row])
                    yield return some[i] with { Body = row.Body };
            }
        }
    }

    /// <summary>The event with this id in a project of the organization. Projects may have events of the same id, of which any is meant then.</summary>
    /// <param name="eventId">32 lower-case hex digits.</param>
    public Task<StoredEvent?> FindAsync(long organizationId, string eventId, CancellationToken ct) =>
        database.ReadAsync(session => session.FirstAsync<StoredEvent>(
            $"""
            select {IssueStore.EventColumns}, e.body from event e
            where e.event_id = @eventId and e.project_id in (select p.id from project p where p.organization_id = @organizationId and p.status = 'active')
            """,
            new { organizationId, eventId }), ct);

    /// <summary>What the events of an issue are grouped by, in the order of the alphabet.</summary>
    public Task<IReadOnlyList<string>> HashesAsync(long issueId, CancellationToken ct) =>
        database.ReadAsync(session => session.ListAsync<string>("select hash from issue_hash where issue_id = @issueId order by hash", new { issueId }), ct);

    private sealed record EventBodyRow
    {
        public byte[] Body { get; init; } = [];
    }
}

/// <summary>Where a page ends: the next one begins after it.</summary>
public sealed record EventPlace(long OccurredAt, long Id);
