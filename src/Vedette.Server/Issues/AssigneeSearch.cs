using System.Globalization;
using Vedette.Storage;
using Vedette.Tracker.Issues;

namespace Vedette.Server.Issues;

/// <summary>Whom a client means by <c>assignedTo</c> (<c>spec/domain.md</c> 3.2). Every active member and every team may be assigned, as every member sees every project.</summary>
internal static class AssigneeSearch
{
    private const string SelectUser =
        """
        select a.id, a.name, a.email from account a
        join organization_member m on m.account_id = a.id and m.organization_id = @organizationId
        where a.is_active = 1
        """;

    private const string SelectTeam = "select t.id, t.slug as name, null as email from team t where t.organization_id = @organizationId";

    /// <param name="text"><c>user:12</c>, <c>team:3</c>, a number, <c>team:slug</c>, <c>#slug</c>, an e-mail address, a name, or <c>me</c>.</param>
    /// <param name="accountId">Who asks.</param>
    /// <returns><c>null</c> when the organization has no such member or team.</returns>
    public static async Task<Assignee?> FindAsync(Session session, long organizationId, string text, long accountId)
    {
        var (kind, name) = text.Split(':', 2) switch
        {
            ["user", var user] => (AssigneeKind.User, user),
            ["team", var team] => (AssigneeKind.Team, team),
            _ when text.StartsWith('#') => (AssigneeKind.Team, text[1..]),
            _ => (AssigneeKind.User, text),
        };
        var id = name == "me" && kind == AssigneeKind.User ? accountId : long.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : -1;
        var args = new { organizationId, id, name };
        var row = kind switch
        {
            AssigneeKind.User => await session.FirstAsync<Row>(
                $"{SelectUser} and (a.id = @id or lower(a.email) = lower(@name) or a.name = @name) order by (a.id = @id) desc, (lower(a.email) = lower(@name)) desc, a.id limit 1", args),
            AssigneeKind.Team => await session.FirstAsync<Row>($"{SelectTeam} and (t.id = @id or t.slug = @name)", args),
        };
        return row is null ? null : new Assignee(kind, row.Id, row.Name, row.Email);
    }

    private sealed record Row
    {
        public long Id { get; init; }

        public string Name { get; init; } = "";

        public string? Email { get; init; }
    }
}
