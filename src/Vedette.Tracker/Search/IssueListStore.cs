using Vedette.Storage;
using Vedette.Tracker.Issues;

namespace Vedette.Tracker.Search;

/// <summary>Lists of issues, and what is counted of those on a page. No question here looks at events.</summary>
public sealed class IssueListStore(Database database)
{
    /// <summary>Sorting so many issues takes about as long as walking through an index until a page of them is found.</summary>
    private const int Few = 10_000;

    /// <summary>Of each walk, to count hits: what nobody may read is not worth more time than the page itself.</summary>
    private const int MostLookedAt = 2000;

    /// <summary>Those after the place, in the order of the query; or, <paramref name="backwards"/>, those before it, nearest first.</summary>
    /// <param name="mostHits">So many are counted in all; 0 when nobody wants to know.</param>
    public Task<IssuePage> PageAsync(IssueQuery query, IssuePlace? place, bool backwards, int most, int mostHits, CancellationToken ct)
    {
        if (query.Statuses.Count == 0 || query.Categories.Count == 0)
            return Task.FromResult(new IssuePage([], 0));

        return database.ReadAsync(async session =>
        {
            var asked = await RareWords.ReplacedAsync(session, await TagStars.ReplacedAsync(session, query));
            var sql = new IssueListSql(asked);
            if (await FewestAsync(session, asked) is { } few)
            {
                var all = await session.ListAsync<Placed>(sql.All(few), sql.Arguments);
                var after = place is null ? all : backwards ? all.Reverse().Where(row => row.CompareTo(place) > 0) : all.Where(row => row.CompareTo(place) < 0);
                return new IssuePage(await IssuesAsync(session, after.Take(most)), Math.Min(all.Count, mostHits));
            }

            var page = await session.ListAsync<Placed>(sql.Page(place, backwards, most), sql.Arguments);
            var issues = await IssuesAsync(session, page);
            if (mostHits == 0 || (place is null && page.Count < most))
                return new IssuePage(issues, page.Count);

            var counting = new IssueListSql(asked);
            var hits = await session.SingleAsync<long>(counting.Hits(mostHits, MostLookedAt), counting.Arguments);
            return new IssuePage(issues, Math.Max(hits, page.Count));
        }, ct);
    }

    /// <summary>The issue of an event. Events of several projects may have the same id; then it is that of any.</summary>
    /// <param name="projectIds">Empty for all of the organization.</param>
    public Task<Issue?> ByEventAsync(long organizationId, IReadOnlyList<long> projectIds, string eventId, CancellationToken ct) =>
        database.ReadAsync(session =>
        {
            var sql = new IssueSql(new SqlArguments(), organizationId, projectIds);
            return session.FirstAsync<Issue>(
                $"""
                {IssueStore.Select}
                where {IssueStore.Visible} and i.id in (
                    select coalesce(n.merged_into, n.id) from event e
                    join issue n on n.id = e.issue_id
                    where e.event_id = {sql.Arguments.Add(eventId)} and e.project_id in {sql.ProjectIds})
                """,
                sql.Arguments);
        }, ct);

    /// <summary>What was counted of each issue; buckets without an event are absent.</summary>
    public Task<IReadOnlyList<IReadOnlyList<Bucket>>> BucketsAsync(IReadOnlyList<long> issueIds, BucketSpan buckets, CancellationToken ct) =>
        database.ReadAsync(session => session.ListEachAsync<Bucket>(
            "select start, environment, times from event_bucket where issue_id = @Id and step = @Step and start >= @From and start < @Until",
            [.. issueIds.Select(id => new { Id = id, buckets.Step, buckets.From, buckets.Until })]), ct);

    /// <summary>Of each issue, the events that have what a condition asks for: of several conditions, the one that holds least often.</summary>
    public Task<IReadOnlyList<IssueSeen>> SeenAsync(IReadOnlyList<long> issueIds, IReadOnlyList<TagCondition> conditions, CancellationToken ct) =>
        database.ReadAsync<IReadOnlyList<IssueSeen>>(async session =>
        {
            var least = new Dictionary<long, IssueSeen>();
            foreach (var condition in conditions)
            {
                var sql = new IssueSql(new SqlArguments(), 0, []);
                var found = await session.ListAsync<IssueSeen>(
                    $"""
                    select t.issue_id, cast(sum(t.times) as bigint) as times, min(t.first_seen) as first, max(t.last_seen) as last from issue_tag t
                    where t.issue_id in {sql.Arguments.AddList(issueIds)} and {condition.TagSql(sql)}
                    group by t.issue_id
                    """,
                    sql.Arguments);
                foreach (var seen in found)
                    least[seen.IssueId] = least.TryGetValue(seen.IssueId, out var other) && other.Times <= seen.Times ? other : seen;
            }

            return [.. issueIds.Select(id => least.GetValueOrDefault(id) ?? new IssueSeen { IssueId = id })];
        }, ct);

    /// <summary>In the order of the rows. What went meanwhile is left out.</summary>
    private static async Task<IReadOnlyList<Issue>> IssuesAsync(Session session, IEnumerable<Placed> rows)
    {
        var ids = rows.Select(row => row.Id).ToList();
        if (ids.Count == 0)
            return [];

        var arguments = new SqlArguments();
        var issues = (await session.ListAsync<Issue>($"{IssueStore.Select}\nwhere i.id in {arguments.AddList(ids)}", arguments)).ToDictionary(issue => issue.Id);
        return [.. ids.Where(issues.ContainsKey).Select(id => issues[id])];
    }

    /// <summary>The condition that leaves the fewest issues, if it leaves few. It need not be counted further than that.</summary>
    private static async Task<IssueCondition?> FewestAsync(Session session, IssueQuery query)
    {
        IssueCondition? fewest = null;
        var least = Few + 1L;
        foreach (var condition in query.Conditions)
        {
            var sql = new IssueSql(new SqlArguments(), query.OrganizationId, query.ProjectIds);
            if (condition.CandidatesSql(sql) is not { } candidates)
                continue;

            var found = await session.SingleAsync<long>($"select count(*) from (select 1 from ({candidates}) c limit {sql.Arguments.Add(least)}) counted", sql.Arguments);
            if (found < least)
                (fewest, least) = (condition, found);
        }

        return fewest;
    }

    /// <summary>A row of a list.</summary>
    private sealed record Placed
    {
        public long Id { get; init; }

        /// <summary>What it is sorted by.</summary>
        public long Place { get; init; }

        public int CompareTo(IssuePlace other) => (Place, Id).CompareTo((other.Value, other.Id));
    }
}

/// <param name="Hits">How many issues the query means on all pages, as far as they were counted.</param>
public sealed record IssuePage(IReadOnlyList<Issue> Issues, long Hits);

/// <summary>Events of an issue in a minute, an hour or a day.</summary>
public sealed record Bucket
{
    /// <summary>Unix seconds.</summary>
    public long Start { get; init; }

    /// <summary>Empty for events without one.</summary>
    public string Environment { get; init; } = "";

    public long Times { get; init; }
}
