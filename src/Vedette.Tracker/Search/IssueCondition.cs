using Vedette.Storage;
using Vedette.Tracker.Issues;

namespace Vedette.Tracker.Search;

/// <summary>Something that an issue must be; or, negated, must not be.</summary>
public abstract record IssueCondition(bool IsNegated)
{
    /// <summary>About the row <c>issue i</c>, negation included: true or false, never null.</summary>
    public string Sql(IssueSql sql) => IsNegated ? $"not ({PlainSql(sql)})" : $"({PlainSql(sql)})";

    /// <summary>
    /// A query for the ids of issues, which can be asked without looking at each issue. Every issue that the condition
    /// allows is among them.
    /// </summary>
    /// <returns><c>null</c> when there is no such query.</returns>
    public string? CandidatesSql(IssueSql sql) => IsNegated ? null : PlainCandidatesSql(sql);

    private protected abstract string PlainSql(IssueSql sql);

    private protected virtual string? PlainCandidatesSql(IssueSql sql) => null;
}

/// <summary>A status, and those substatuses of it that are meant.</summary>
/// <param name="Substatuses">Empty for all.</param>
public sealed record IssueState(IssueStatus Status, params IReadOnlyList<IssueSubstatus> Substatuses);

/// <summary>The issue is in one of the states.</summary>
public sealed record StateCondition(IReadOnlyList<IssueState> AnyOf, bool IsNegated) : IssueCondition(IsNegated)
{
    private protected override string PlainSql(IssueSql sql) => string.Join(" or ", AnyOf.Select(state =>
    {
        var status = $"i.status = {sql.Arguments.Add(StoredName.Of(state.Status))}";
        return state.Substatuses.Count == 0
            ? status
            : $"{status} and coalesce(i.substatus, '') in {sql.Arguments.AddList(state.Substatuses.Select(StoredName.Of))}";
    }));
}

/// <summary>A column holds one of the texts.</summary>
public sealed record TextCondition(string Column, IReadOnlyList<SearchText> AnyOf, bool IsNegated) : IssueCondition(IsNegated)
{
    private protected override string PlainSql(IssueSql sql) => sql.Matches($"coalesce(i.{Column}, '')", AnyOf);
}

/// <summary>Title, culprit or newest message hold one of the texts somewhere, in any case of its letters.</summary>
public sealed record WordCondition(IReadOnlyList<SearchText> AnyOf, bool IsNegated) : IssueCondition(IsNegated)
{
    private protected override string PlainSql(IssueSql sql) => string.Join(
        " or ", AnyOf.Select(text => $@"i.search_text like {sql.Arguments.Add($"%{text.Pattern.ToLowerInvariant()}%")} escape '\'"));
}

public enum Comparison
{
    Equal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// <summary>A column compares so with the number.</summary>
public sealed record NumberCondition(string Column, Comparison Comparison, long Number, bool IsNegated) : IssueCondition(IsNegated)
{
    private protected override string PlainSql(IssueSql sql)
    {
        var comparison = Comparison switch
        {
            Comparison.Equal => "=",
            Comparison.Less => "<",
            Comparison.LessOrEqual => "<=",
            Comparison.Greater => ">",
            Comparison.GreaterOrEqual => ">=",
        };
        return $"i.{Column} {comparison} {sql.Arguments.Add(Number)}";
    }
}

/// <summary>An instant of the issue lies in a span of time. Unix microseconds.</summary>
/// <param name="From"><c>null</c> for any before <paramref name="Until"/>.</param>
/// <param name="Until">No longer in it; <c>null</c> for any since <paramref name="From"/>.</param>
public sealed record InstantCondition(string Column, long? From, long? Until, bool IsNegated) : IssueCondition(IsNegated)
{
    private protected override string PlainSql(IssueSql sql) => string.Join(" and ", new[]
    {
        From is { } from ? $"i.{Column} >= {sql.Arguments.Add(from)}" : null,
        Until is { } until ? $"i.{Column} < {sql.Arguments.Add(until)}" : null,
    }.Where(part => part is not null));
}

/// <summary>One of the issues themselves, by number or by what people call it.</summary>
public sealed record IdentityCondition(IReadOnlyList<long> Ids, IReadOnlyList<(string ProjectSlug, long Number)> ShortIds, bool IsNegated)
    : IssueCondition(IsNegated)
{
    private protected override string PlainSql(IssueSql sql) => $"i.id in ({PlainCandidatesSql(sql)})";

    private protected override string PlainCandidatesSql(IssueSql sql) => string.Join(" union all ", new[]
    {
        $"select n.id from issue n where n.id in {sql.Arguments.AddList(Ids)}",
    }.Concat(ShortIds.Select(each =>
        $"""
        select n.id from issue n join project p on p.id = n.project_id
        where p.organization_id = {sql.OrganizationId} and p.slug = {sql.Arguments.Add(each.ProjectSlug)} and n.short_id = {sql.Arguments.Add(each.Number)}
        """)));
}

/// <summary>An event of the issue had one of the values for the tag.</summary>
/// <param name="AnyOf">Empty for any value.</param>
public sealed record TagCondition(string Key, IReadOnlyList<SearchText> AnyOf, bool IsNegated) : IssueCondition(IsNegated)
{
    /// <summary>One look for each issue, written so that no database makes a join of it, which would read all issues with the tag.</summary>
    private protected override string PlainSql(IssueSql sql) =>
        $"coalesce((select 1 from issue_tag t where t.issue_id = i.id and {TagSql(sql)} limit 1), 0) = 1";

    private protected override string PlainCandidatesSql(IssueSql sql) =>
        $"select t.issue_id as id from issue_tag t where t.project_id in {sql.ProjectIds} and {TagSql(sql)}";

    /// <summary>About the row <c>issue_tag t</c>.</summary>
    internal string TagSql(IssueSql sql) =>
        $"t.key = {sql.Arguments.Add(Key)}{(AnyOf.Count == 0 ? "" : $" and ({sql.Matches("t.value", AnyOf)})")}";
}
