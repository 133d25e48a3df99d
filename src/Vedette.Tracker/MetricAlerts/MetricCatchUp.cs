using Vedette.Storage;
using Vedette.Tracker.Issues;

namespace Vedette.Tracker.MetricAlerts;

/// <summary>
/// Counts, once, what was received before a rule counted by itself, so that an alert that is made in the middle of trouble sees
/// the trouble. Every event is counted here or by ingest, which the instant of its receipt decides.
/// </summary>
public sealed class MetricCatchUp(Database database, TimeProvider time)
{
    /// <summary>The newest; a busier window begins with less than was there.</summary>
    public const int MostEvents = 100_000;

    private const int AtOnce = 200;
    private const int PeopleAtOnce = 1000;

    private readonly BackgroundWriter writer = database.NewBackgroundWriter();

    /// <returns>Those of the rules that have counted all that their windows hold. Others are ready a moment later.</returns>
    public async Task<IReadOnlyList<MetricRule>> AsNowAsync(IReadOnlyList<MetricRule> rules, CancellationToken ct)
    {
        var ready = new List<MetricRule>();
        foreach (var rule in rules)
        {
            if (rule.IsCaughtUp || await CatchUpAsync(rule, ct))
                ready.Add(rule);
        }

        return ready;
    }

    private async Task<bool> CatchUpAsync(MetricRule rule, CancellationToken ct)
    {
        // What is received before the rule counts by itself is stored a moment later at most.
        var now = time.GetUtcNow();
        if (UnixMicroseconds.From(now) < rule.CountedFrom + MetricCounts.KnownAfterUs)
            return false;

        var counter = new MetricCounter(rule);
        var since = now - TimeSpan.FromMinutes(rule.Draft.WindowMinutes + (rule.Draft.DeltaMinutes ?? 0)) - TimeSpan.FromSeconds(rule.StepSeconds);
        var counted = new Dictionary<(long Start, string? Person), long>();
        var (until, id, seen) = (long.MaxValue, long.MaxValue, 0);
        while (seen < MostEvents)
        {
            var page = await PageAsync(rule, UnixMicroseconds.From(since), until, id, ct);
            foreach (var stored in page)
            {
                var queried = QueriedEvent.Of(stored);
                if (!counter.Fits(queried))
                    continue;
                var one = Counted.Of(rule, UnixMicroseconds.ToInstant(stored.OccurredAt), queried.UserTag);
                counted[(one.Start, one.Person)] = counted.GetValueOrDefault((one.Start, one.Person)) + 1;
            }

            if (page.Count < AtOnce)
                break;
            (until, id, seen) = (page[^1].OccurredAt, page[^1].Id, seen + page.Count);
        }

        return await KeepAsync(rule, [.. counted.Select(each => new Counted(rule.Counter, each.Key.Start, each.Value, each.Key.Person))], ct);
    }

    /// <summary>Newest first.</summary>
    private Task<IReadOnlyList<StoredEvent>> PageAsync(MetricRule rule, long since, long until, long id, CancellationToken ct) =>
        database.ReadAsync(
            session => session.ListAsync<StoredEvent>(
                $"""
                {IssueStore.SelectEvent}
                where e.project_id = @ProjectId and e.occurred_at >= @since and (e.occurred_at, e.id) < (@until, @id) and e.received_at < @CountedFrom
                order by e.occurred_at desc, e.id desc
                limit {AtOnce}
                """,
                new { rule.ProjectId, rule.CountedFrom, since, until, id }),
            ct);

    /// <summary>People may be written twice, events not: they are written with the mark that they are.</summary>
    /// <returns><c>false</c> when the rule was edited meanwhile, or another node was faster.</returns>
    private async Task<bool> KeepAsync(MetricRule rule, IReadOnlyList<Counted> counted, CancellationToken ct)
    {
        foreach (var people in counted.Where(each => each.Person is not null).Chunk(PeopleAtOnce))
            await writer.WriteAsync(transaction => MetricCounts.WriteAsync(transaction, people), ct);
        return await writer.WriteAsync(
            async transaction =>
            {
                if (await transaction.ExecuteAsync(
                    "update metric_rule set is_caught_up = 1 where id = @Id and version = @Version and is_caught_up = 0", new { rule.Id, rule.Version }) == 0)
                {
                    return false;
                }

                await MetricCounts.WriteAsync(transaction, [.. counted.Where(each => each.Person is null)]);
                return true;
            },
            ct);
    }
}
