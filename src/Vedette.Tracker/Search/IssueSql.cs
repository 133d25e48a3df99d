using Vedette.Storage;

namespace Vedette.Tracker.Search;

/// <summary>Where the conditions of one statement put their values, and what they may take for granted.</summary>
/// <param name="organizationId">Whose issues are searched.</param>
/// <param name="projectIds">Those of its projects that are searched; empty for all.</param>
/// <param name="order">The column that the list is sorted by, if there is one.</param>
public sealed class IssueSql(SqlArguments arguments, long organizationId, IReadOnlyList<long> projectIds, string? order = null)
{
    /// <summary>Each is the order of some list, and so has an index of its own.</summary>
    private static readonly string[] Orders = ["last_seen", "first_seen", "times_seen", "user_count"];

    public SqlArguments Arguments => arguments;

    public string OrganizationId { get; } = arguments.Add(organizationId);

    /// <summary>For <c>in</c>. What is being deleted is not among them.</summary>
    public string ProjectIds =>
        $"(select p.id from project p where p.organization_id = {OrganizationId} and p.status = 'active'{(projectIds.Count == 0 ? "" : $" and p.id in {arguments.AddList(projectIds)}")})";

    /// <summary>
    /// On the row <c>issue i</c>. PostgreSQL takes what is not in a query for half of all, and for a join with the projects it
    /// guesses that hardly anything is left: then it reads all issues and sorts them. It never counts tables that small.
    /// </summary>
    internal string OfOrganization =>
        $"i.organization_id = {OrganizationId} and i.project_id not in (select p.id from project p where p.organization_id = {OrganizationId} and p.status <> 'active')";

    /// <summary>
    /// A column as conditions on the row <c>issue i</c> read it. The sign changes nothing, but keeps SQLite in the index of the
    /// list's order: it would go to that of this column, and sort all that it finds there.
    /// </summary>
    internal string Column(string name) => name == order ? $"i.{name}" : $"+i.{name}";

    /// <summary>
    /// One look for each issue. No database makes a join of it, which would read all that there is, and PostgreSQL takes it for
    /// true of half of all: of a comparison it believes that hardly anything is left, and then it reads all and sorts that.
    /// </summary>
    /// <param name="rows">Where to look, about the row <c>issue i</c>: what follows <c>from</c>.</param>
    public static string Has(string rows) => $"case when (select 1 from {rows} limit 1) is null then false else true end";

    /// <summary>Through the index of a column, if it has one.</summary>
    /// <param name="condition">On that column, of the row <c>issue i</c>.</param>
    internal string? Through(string column, string condition)
    {
        if (!Orders.Contains(column, StringComparer.Ordinal))
            return null;

        var scope = projectIds.Count == 0 ? OfOrganization : $"i.project_id in {arguments.AddList(projectIds)}";
        return $"""
            select i.id from issue i
            where {scope} and i.category in ('error', 'feedback') and i.status in ('unresolved', 'resolved', 'ignored') and {condition}
            """;
    }
}
