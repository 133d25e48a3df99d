using Vedette.Storage;

namespace Vedette.Tracker.Search;

/// <summary>
/// Puts the issues that hold it in place of a word that few issues hold: reading all issues one after the other, in the order
/// in which they lie in their table, is many times as fast as in the order of a list. A common word is found to be one soon.
/// </summary>
internal static class RareWords
{
    private const int MostIssues = 300;

    public static async Task<IssueQuery> ReplacedAsync(Session session, IssueQuery query)
    {
        var words = query.Conditions.Where(condition => condition is WordCondition { IsNegated: false }).ToList();
        if (words.Count == 0)
            return query;

        var sql = new IssueSql(new SqlArguments(), query.OrganizationId, query.ProjectIds);
        var holding = await session.ListAsync<long>(
            $"""
            select i.id from issue i
            where i.project_id in {sql.ProjectIds} and {string.Join(" and ", words.Select(word => word.Sql(sql)))}
            order by i.project_id, i.short_id limit {sql.Arguments.Add(MostIssues + 1)}
            """,
            sql.Arguments);
        return holding.Count > MostIssues
            ? query
            : query with { Conditions = [.. query.Conditions.Except(words), new IdentityCondition(holding, [], IsNegated: false)] };
    }
}
