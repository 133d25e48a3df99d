using Vedette.Storage;
using Vedette.Tracker.Issues;

namespace Vedette.Tracker.Search;

/// <summary>Lists of issues, and what is counted of those on a page. No question here looks at events.</summary>
public sealed class IssueListStore(Database database)
{
    /// <summary>Sorting so many issues takes about as long as walking through an index until a page of them is found.</summary>
    private const int Few = 10_000;

    /// <summary>Those after the place, in the order of the query; or, <paramref name="backwards"/>, those before it, nearest first.</summary>
    public Task<IReadOnlyList<Issue>> ListAsync(IssueQuery query, IssuePlace? place, bool backwards, int most, CancellationToken ct)
    {
        if (query.Statuses.Count == 0)
            return Task.FromResult<IReadOnlyList<Issue>>([]);

        return database.ReadAsync(async session =>
        {
            var sql = new IssueListSql(query, await FewestAsync(session, query));
            var direction = backwards ? "asc" : "desc";
            return await session.ListAsync<Issue>(
                $"with page as ({sql.Page(place, backwards, most)})\n{IssueStore.Select}\njoin page on page.id = i.id\norder by page.place {direction}, page.id {direction}",
                sql.Arguments);
        }, ct);
    }

    /// <summary>Of issues that the query means, in no order, no more than asked.</summary>
    public Task<IReadOnlyList<long>> IdsAsync(IssueQuery query, int most, CancellationToken ct)
    {
        if (query.Statuses.Count == 0)
            return Task.FromResult<IReadOnlyList<long>>([]);

        return database.ReadAsync(async session =>
        {
            var sql = new IssueListSql(query, await FewestAsync(session, query));
            return await session.ListAsync<long>(sql.Ids(most), sql.Arguments);
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
}

/// <summary>Events of an issue in a minute, an hour or a day.</summary>
public sealed record Bucket
{
    /// <summary>Unix seconds.</summary>
    public long Start { get; init; }

    /// <summary>Empty for events without one.</summary>
    public string Environment { get; init; } = "";

    public long Times { get; init; }
}
