using Vedette.Storage;
using Vedette.Tracker.Issues;

namespace Vedette.Tracker.Search;

/// <summary>
/// The ids of the issues that a query means, with what they are sorted by. Where no condition leaves few issues, one walk a
/// project, category and status through an index in the order of the list, which ends when the page is full.
/// </summary>
/// <param name="query">Means some status and some category.</param>
internal sealed class IssueListSql(IssueQuery query)
{
    /// <summary>Past this number of projects an organization's issues are walked through instead of theirs.</summary>
    private const int MostWalks = 8;

    private readonly IssueSql sql = new(new SqlArguments(), query.OrganizationId, query.ProjectIds, query.Column);

    public SqlArguments Arguments => sql.Arguments;

    /// <summary>A page's rows in the order of the list, or, <paramref name="backwards"/>, the other way.</summary>
    public string Page(IssuePlace? place, bool backwards, int most)
    {
        var (direction, comparison) = backwards ? ("asc", '>') : ("desc", '<');
        var order = $"order by place {direction}, id {direction} limit {Arguments.Add(most)}";
        var from = place is null ? "" : $" and (i.{query.Column}, i.id) {comparison} ({Arguments.Add(place.Value)}, {Arguments.Add(place.Id)})";
        var walks = Walks().Select((walk, number) => $"select id, place from (select i.id, i.{query.Column} as place {walk} and {Conditions()}{from} {order}) w{number}");
        return $"select id, place from ({string.Join("\nunion all ", walks)}) pages {order}";
    }

    /// <summary>How many there are, counted no further than asked, among the first in the order of the list.</summary>
    /// <param name="lookedAt">So many rows of each walk.</param>
    public string Hits(int most, int lookedAt)
    {
        var walks = Walks().Select((walk, number) =>
            $"""
            select hit from (
                select case when {Conditions()} then 1 else 0 end as hit {walk}
                order by i.{query.Column} desc, i.id desc limit {Arguments.Add(lookedAt)}) w{number}
            where hit = 1
            """);
        return $"select count(*) from (select hit from ({string.Join("\nunion all ", walks)}) found limit {Arguments.Add(most)}) counted";
    }

    /// <summary>All rows, in the order of the list.</summary>
    /// <param name="few">A condition that leaves few issues, which are read and sorted.</param>
    public string All(IssueCondition few) =>
        $"""
        select i.id, i.{query.Column} as place
        from (select distinct c.id as candidate from ({few.CandidatesSql(sql)}) c) candidates cross join issue i
        where i.id = candidate and i.project_id in {sql.ProjectIds} and i.category in {Arguments.AddList(query.Categories)}
            and i.status in {Arguments.AddList(query.Statuses.Select(StoredName.Of))} and {Conditions(query.Rest.Where(condition => condition != few || !few.CandidatesSayAll))}
        order by place desc, id desc
        """;

    private IEnumerable<string> Walks()
    {
        IEnumerable<string> scopes = query.ProjectIds.Count switch
        {
            0 => [sql.OfOrganization],
            <= MostWalks => query.ProjectIds.Select(id => $"i.project_id = {Arguments.Add(id)}"),
            _ => [$"i.organization_id = {sql.OrganizationId} and i.project_id in {Arguments.AddList(query.ProjectIds)}"],
        };
        return
            from scope in scopes
            from category in query.Categories
            from status in query.Statuses
            select $"from issue i where {scope} and i.category = {Arguments.Add(category)} and i.status = {Arguments.Add(StoredName.Of(status))}";
    }

    private string Conditions() => Conditions(query.Rest);

    private string Conditions(IEnumerable<IssueCondition> conditions) =>
        string.Join("\n    and ", conditions.Select(condition => condition.Sql(sql)).DefaultIfEmpty("1 = 1"));
}
