using Vedette.Storage;
using Vedette.Tracker.Issues;

namespace Vedette.Tracker.Search;

/// <summary>
/// The ids of the issues that a query means. Either one walk a project and status through an index in the order of the list,
/// which ends when the page is full; or, where a condition leaves few issues, those issues, sorted.
/// </summary>
internal sealed class IssueListSql
{
    /// <summary>Past this number of projects an organization's issues are walked through instead of theirs.</summary>
    private const int MostWalks = 8;

    private readonly IssueQuery query;
    private readonly IssueSql sql;
    private readonly IssueCondition? few;

    /// <param name="few">The condition that leaves few issues; <c>null</c> when none does.</param>
    public IssueListSql(IssueQuery query, IssueCondition? few)
    {
        (this.query, this.few) = (query, few);
        sql = new IssueSql(Arguments, query.OrganizationId, query.ProjectIds);
    }

    public SqlArguments Arguments { get; } = new();

    /// <summary>Columns <c>id</c> and <c>place</c>, in the order of the list.</summary>
    public string Page(IssuePlace? place, bool backwards, int most)
    {
        var (direction, comparison) = backwards ? ("asc", '>') : ("desc", '<');
        var order = $"order by place {direction}, id {direction} limit {Arguments.Add(most)}";
        var from = place is null ? "" : $" and (i.{query.Column}, i.id) {comparison} ({Arguments.Add(place.Value)}, {Arguments.Add(place.Id)})";
        var walks = Walks().Select((walk, number) => $"select id, place from (select i.id, i.{query.Column} as place {walk}{from} {order}) w{number}");
        return $"select id, place from ({string.Join("\nunion all ", walks)}) pages {order}";
    }

    /// <summary>One row for each issue, but no more than asked.</summary>
    public string Ids(int most) =>
        $"select id from ({string.Join("\nunion all ", Walks().Select(walk => $"select i.id {walk}"))}) found limit {Arguments.Add(most)}";

    private IEnumerable<string> Walks()
    {
        var rest = string.Concat(Conditions().Select(condition => $"\n    and {condition}"));
        if (few is not null)
        {
            return
            [
                $"""
                from (select distinct c.id as candidate from ({few.CandidatesSql(sql)}) c) candidates cross join issue i
                where i.id = candidate and i.project_id in {sql.ProjectIds} and i.status in {Arguments.AddList(query.Statuses.Select(StoredName.Of))}{rest}
                """,
            ];
        }

        IEnumerable<string> scopes = query.ProjectIds.Count is > 0 and <= MostWalks
            ? query.ProjectIds.Select(id => $"i.project_id = {Arguments.Add(id)}")
            : [$"i.organization_id = {sql.OrganizationId} and i.project_id in {sql.ProjectIds}"];
        return from scope in scopes from status in query.Statuses select $"from issue i where {scope} and i.status = {Arguments.Add(StoredName.Of(status))}{rest}";
    }

    private IEnumerable<string> Conditions()
    {
        foreach (var condition in query.Conditions)
            yield return condition.Sql(sql);
        if (!query.Conditions.OfType<TextCondition>().Any(condition => condition.Column == "category"))
            yield return "i.category = 'error'";
        if (query.Window is { } window)
            yield return SeenIn(window);
    }

    /// <summary>An issue that was seen before and after the window need not have been seen in it, so for that its buckets are asked.</summary>
    private string SeenIn(TimeWindow window)
    {
        var buckets = BucketSpan.Of(window.From, window.Until);
        var until = Arguments.Add(UnixMicroseconds.From(window.Until));
        return $"""
            i.last_seen >= {Arguments.Add(UnixMicroseconds.From(window.From))} and i.first_seen < {until} and (i.last_seen < {until} or coalesce((
                select 1 from event_bucket b
                where b.issue_id = i.id and b.step = {Arguments.Add(buckets.Step)} and b.start >= {Arguments.Add(buckets.From)} and b.start < {Arguments.Add(buckets.Until)}
                limit 1), 0) = 1)
            """;
    }
}
