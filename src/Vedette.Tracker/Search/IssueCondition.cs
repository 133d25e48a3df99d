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

    /// <summary>Every issue among the candidates is allowed, so it need not be looked at again. Who does not say so is asked twice.</summary>
    public virtual bool CandidatesSayAll => false;

    private protected abstract string PlainSql(IssueSql sql);

    private protected virtual string? PlainCandidatesSql(IssueSql sql) => null;
}

/// <summary>A status, and those substatuses of it that are meant.</summary>
/// <param name="Substatuses">Empty for all.</param>
public sealed record IssueState(IssueStatus Status, params IReadOnlyList<IssueSubstatus> Substatuses);

/// <summary>The issue is in one of the states.</summary>
public sealed record StateCondition(IReadOnlyList<IssueState> AnyOf, bool IsNegated) : IssueCondition(IsNegated)
{
    /// <summary>No substatus matters.</summary>
    public bool IsAboutStatus => AnyOf.All(state => state.Substatuses.Count == 0);

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
    /// <summary>The only one that may be null. PostgreSQL knows how often a column has a value, and not how often an expression has it.</summary>
    private const string Nullable = "first_release";

    private protected override string PlainSql(IssueSql sql) => SearchSql.Matches(sql.Arguments, Column == Nullable ? $"coalesce(i.{Column}, '')" : $"i.{Column}", AnyOf);
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

/// <summary>Something about one column of the issue.</summary>
public abstract record ColumnCondition(string Column, bool IsNegated) : IssueCondition(IsNegated)
{
    public override bool CandidatesSayAll => true;

    private protected override string PlainSql(IssueSql sql) => Compared(sql.Arguments, sql.Column(Column));

    private protected override string? PlainCandidatesSql(IssueSql sql) => sql.Through(Column, Compared(sql.Arguments, $"i.{Column}"));

    /// <param name="value">What stands for the column.</param>
    private protected abstract string Compared(SqlArguments arguments, string value);
}

/// <summary>A column compares so with the number.</summary>
public sealed record NumberCondition(string Column, Comparison Comparison, long Number, bool IsNegated) : ColumnCondition(Column, IsNegated)
{
    private protected override string Compared(SqlArguments arguments, string value)
    {
        var comparison = Comparison switch
        {
            Comparison.Equal => "=",
            Comparison.Less => "<",
            Comparison.LessOrEqual => "<=",
            Comparison.Greater => ">",
            Comparison.GreaterOrEqual => ">=",
        };
        return $"{value} {comparison} {arguments.Add(Number)}";
    }
}

/// <summary>An instant of the issue lies in a span of time. Unix microseconds.</summary>
/// <param name="From"><c>null</c> for any before <paramref name="Until"/>.</param>
/// <param name="Until">No longer in it; <c>null</c> for any since <paramref name="From"/>.</param>
public sealed record InstantCondition(string Column, long? From, long? Until, bool IsNegated) : ColumnCondition(Column, IsNegated)
{
    private protected override string Compared(SqlArguments arguments, string value) => string.Join(" and ", new[]
    {
        From is { } from ? $"{value} >= {arguments.Add(from)}" : null,
        Until is { } until ? $"{value} < {arguments.Add(until)}" : null,
    }.Where(part => part is not null));
}

/// <summary>An event of the issue happened in a span of time.</summary>
/// <param name="Until">No longer in it; <c>null</c> for the time that is to come.</param>
public sealed record SeenCondition(DateTimeOffset From, DateTimeOffset? Until) : IssueCondition(false)
{
    /// <summary>An issue that was seen before and after it need not have been seen in it, so for that its buckets are asked.</summary>
    private protected override string PlainSql(IssueSql sql)
    {
        var lastSeen = sql.Column("last_seen");
        var seen = $"{lastSeen} >= {sql.Arguments.Add(UnixMicroseconds.From(From))}";
        if (Until is not { } until)
            return seen;

        var end = sql.Arguments.Add(UnixMicroseconds.From(until));
        return $"{seen} and {sql.Column("first_seen")} < {end} and ({lastSeen} < {end} or {IssueSql.Has($"event_bucket b where b.issue_id = i.id and {BucketSql(sql, until)}")})";
    }

    private protected override string? PlainCandidatesSql(IssueSql sql) => Until is { } until
        ? $"select b.issue_id as id from event_bucket b where b.project_id in {sql.ProjectIds} and {BucketSql(sql, until)}"
        : sql.Through("last_seen", $"i.last_seen >= {sql.Arguments.Add(UnixMicroseconds.From(From))}");

    private string BucketSql(IssueSql sql, DateTimeOffset until)
    {
        var buckets = BucketSpan.Of(From, until);
        return $"b.step = {sql.Arguments.Add(buckets.Step)} and b.start >= {sql.Arguments.Add(buckets.From)} and b.start < {sql.Arguments.Add(buckets.Until)}";
    }
}

/// <summary>One of the issues themselves, by number or by what people call it.</summary>
public sealed record IdentityCondition(IReadOnlyList<long> Ids, IReadOnlyList<(string ProjectSlug, long Number)> ShortIds, bool IsNegated)
    : IssueCondition(IsNegated)
{
    public override bool CandidatesSayAll => true;

    private protected override string PlainSql(IssueSql sql) => $"i.id in ({PlainCandidatesSql(sql)})";

    /// <summary>An issue that was merged is found by the names that it had.</summary>
    private protected override string PlainCandidatesSql(IssueSql sql)
    {
        var ids = sql.Arguments.AddList(Ids);
        return string.Join(" union all ", ShortIds.Select(each => ShortIdSql(sql, each)).Append(
            $"select n.id from issue n where n.id in {ids} union all select x.issue_id from issue_redirect x where x.old_issue_id in {ids}"));
    }

    private static string ShortIdSql(IssueSql sql, (string ProjectSlug, long Number) shortId)
    {
        var project = $"p.organization_id = {sql.OrganizationId} and p.slug = {sql.Arguments.Add(shortId.ProjectSlug)}";
        var number = sql.Arguments.Add(shortId.Number);
        return $"""
            select n.id from project p join issue n on n.project_id = p.id and n.short_id = {number} where {project}
            union all select x.issue_id from project p join issue_redirect x on x.project_id = p.id and x.old_short_id = {number} where {project}
            """;
    }
}

/// <summary>An event of the issue had one of the values for the tag.</summary>
/// <param name="AnyOf">Empty for any value.</param>
public sealed record TagCondition(string Key, IReadOnlyList<SearchText> AnyOf, bool IsNegated) : IssueCondition(IsNegated)
{
    private const string LatestRelease =
        """
        select r.version from release_project x
        join release r on r.id = x.release_id
        where x.project_id = t.project_id
        order by coalesce(r.released_at, r.created_at) desc, r.id desc
        limit 1
        """;

    /// <summary>Also when the value is the release of the issue's project with the latest date.</summary>
    public bool OrIsLatestRelease { get; init; }

    public override bool CandidatesSayAll => true;

    private protected override string PlainSql(IssueSql sql) => IssueSql.Has($"issue_tag t where t.issue_id = i.id and {TagSql(sql)}");

    private protected override string? PlainCandidatesSql(IssueSql sql) =>
        OrIsLatestRelease ? null : $"select t.issue_id as id from issue_tag t where t.project_id in {sql.ProjectIds} and {TagSql(sql)}";

    /// <summary>About the row <c>issue_tag t</c>.</summary>
    internal string TagSql(IssueSql sql)
    {
        var key = $"t.key = {sql.Arguments.Add(Key)}";
        var latest = OrIsLatestRelease ? $"t.value = ({LatestRelease})" : null;
        var values = AnyOf.Count == 0 ? null : SearchSql.Matches(sql.Arguments, "t.value", AnyOf);
        return values is null && latest is null ? key : $"{key} and ({string.Join(" or ", new[] { values, latest }.Where(part => part is not null))})";
    }
}

/// <summary>Something that only the program around the tracker knows of, and that it says in SQL about the row <c>issue i</c>, never null.</summary>
/// <param name="About">Puts what strangers wrote into the arguments.</param>
public sealed record HostCondition(Func<IssueSql, string> About, bool IsNegated) : IssueCondition(IsNegated)
{
    private protected override string PlainSql(IssueSql sql) => About(sql);
}
