using Vedette.Storage;

namespace Vedette.Tracker.Search;

/// <summary>
/// Puts the values that are there in place of a text with stars, where a tag has not very many: finding the few releases that
/// match is quick, and looking at each issue's release is not.
/// </summary>
internal static class TagStars
{
    private const int MostValues = 500;
    private const int MostMatches = 100;

    /// <summary>From value to value through the index, however many issues have each.</summary>
    private const string Values =
        """
        with recursive found(value) as (
            select min(t.value) from issue_tag t where t.project_id = @ProjectId and t.key = @Key
            union all
            select (select min(t.value) from issue_tag t where t.project_id = @ProjectId and t.key = @Key and t.value > found.value) from found where found.value is not null
        )
        select value, case when lower(value) like lower(@Pattern) escape '\' then 1 else 0 end as matches
        from (select value from found where value is not null limit @most) found_values
        """;

    public static async Task<IssueQuery> ReplacedAsync(Session session, IssueQuery query)
    {
        if (!query.Conditions.OfType<TagCondition>().Any(condition => condition.AnyOf.Any(text => text.HasStars)))
            return query;

        var sql = new IssueSql(new SqlArguments(), query.OrganizationId, query.ProjectIds);
        var projects = await session.ListAsync<long>($"select id from project where id in {sql.ProjectIds}", sql.Arguments);
        var conditions = new List<IssueCondition>();
        foreach (var condition in query.Conditions)
            conditions.Add(condition is TagCondition tag ? await ReplacedAsync(session, tag, projects) : condition);
        return query with { Conditions = conditions };
    }

    private static async Task<TagCondition> ReplacedAsync(Session session, TagCondition condition, IReadOnlyList<long> projects)
    {
        var texts = condition.AnyOf.Where(text => !text.HasStars).ToList();
        foreach (var text in condition.AnyOf.Where(text => text.HasStars))
        {
            var values = await session.ListEachAsync<FoundValue>(
                Values, [.. projects.Select(id => new { ProjectId = id, condition.Key, text.Pattern, most = MostValues })]);
            texts.AddRange(values.SelectMany(each => each).Where(value => value.Matches == 1).Select(value => value.Value).Distinct(StringComparer.Ordinal).Select(SearchText.Of));
            if (values.Any(each => each.Count == MostValues) || texts.Count > MostMatches)
                return condition;
        }

        // No tag has an empty value, so an empty text finds nothing.
        return condition.AnyOf.Count > 0 && texts.Count == 0 ? condition with { AnyOf = [SearchText.Of("")] } : condition with { AnyOf = texts };
    }

    private sealed record FoundValue
    {
        public string Value { get; init; } = "";

        public long Matches { get; init; }
    }
}
