using Vedette.Tracker.Search;

namespace Vedette.Server.Issues;

/// <summary>The names of the search language that are about people and trackers, of which the tracker's tables know nothing (<c>spec/domain.md</c> 3.6).</summary>
internal static class PeopleFields
{
    private const string None = "none";
    private const string Assigned = "i.assignee_id is not null";
    private static readonly string Linked = IssueSql.Has("external_issue x where x.issue_id = i.id");

    /// <param name="accountId">Who asks.</param>
    /// <returns><c>null</c> for names that are none of these.</returns>
    public static Meaning? Of(FieldTerm term, long accountId) => term.Name switch
    {
        "is" when term.AnyOf is [{ HasStars: false } one] => Is(one.Text, term.IsNegated),
        "assigned" or "assigned_or_suggested" => AssignedTo(term, accountId),
        "bookmarks" => OfMe(term, accountId, "issue_bookmark x where x.issue_id = i.id"),
        "subscribed" => OfMe(term, accountId, "issue_subscription x where x.issue_id = i.id and x.is_active = 1"),
        _ => (Meaning?)null,
    };

    private static Meaning? Is(string word, bool isNegated)
    {
        (string? about, bool opposite) = word switch
        {
            "assigned" => (Assigned, false),
            "unassigned" => (Assigned, true),
            "linked" => (Linked, false),
            "unlinked" => (Linked, true),
            _ => (null, false),
        };
        if (about is null)
            return null;
        return new HostCondition(_ => about, isNegated != opposite);
    }

    private static Meaning AssignedTo(FieldTerm term, long accountId)
    {
        if (term.AnyOf.Any(text => text.HasStars || text.Text.Length == 0))
            return new SearchError(term.Position, $"{term.Name}: takes me, my_teams, none, #team, or the name or address of a member");

        return new HostCondition(sql => string.Join(" or ", term.AnyOf.Select(text => $"({AssignedTo(sql, text.Text, accountId)})")), term.IsNegated);
    }

    private static string AssignedTo(IssueSql sql, string name, long accountId) => name switch
    {
        None => $"not ({Assigned})",
        "me" => IsOneOf("user", sql.Arguments.Add(accountId)),
        "my_teams" => IsOneOf(
            "team",
            $"""
            select m.team_id from team_member m
            join organization_member o on o.id = m.member_id
            where o.organization_id = {sql.OrganizationId} and o.account_id = {sql.Arguments.Add(accountId)}
            """),
        ['#', .. var slug] => IsOneOf("team", $"select t.id from team t where t.organization_id = {sql.OrganizationId} and t.slug = {sql.Arguments.Add(slug)}"),
        _ => IsOneOf(
            "user",
            $"""
            select a.id from account a
            join organization_member o on o.account_id = a.id and o.organization_id = {sql.OrganizationId}
            where lower(a.email) = lower({sql.Arguments.Add(name)}) or a.name = {sql.Arguments.Add(name)}
            """),
    };

    private static string IsOneOf(string kind, string ids) => $"coalesce(i.assignee_kind, '') = '{kind}' and i.assignee_id in ({ids})";

    private static Meaning OfMe(FieldTerm term, long accountId, string rows) => term.AnyOf is [{ HasStars: false, Text: "me" }]
        ? new HostCondition(sql => IssueSql.Has($"{rows} and x.account_id = {sql.Arguments.Add(accountId)}"), term.IsNegated)
        : new SearchError(term.Position, $"{term.Name}: takes me");
}
