using Vedette.Server.Authorization;
using Vedette.Server.Teams;
using Vedette.Storage;

namespace Vedette.Server.Members;

/// <summary>
/// Members of organizations, and invites. Whatever could cost an organization its last owner locks the organization's row
/// first, so that of two such changes at once the second sees the first.
/// </summary>
internal sealed class MemberStore(Database database)
{
    private const string Select =
        """
        select m.id, m.organization_id, m.account_id, coalesce(a.email, m.email) as email, coalesce(a.name, m.email) as name, m.role as role_name,
            m.created_at, m.token_expires_at, m.inviter_id, i.name as inviter_name, coalesce(a.is_active, 0) as is_active, a.created_at as joined_at
        from organization_member m
        left join account a on a.id = m.account_id
        left join account i on i.id = m.inviter_id
        """;

    /// <summary>By their numbers: those after <paramref name="than"/>, or, <paramref name="backwards"/>, those before it, nearest first.</summary>
    /// <param name="teamId">Only members of the team; <c>null</c> for all, invites among them.</param>
    /// <param name="than"><c>null</c> begins with the first.</param>
    public Task<IReadOnlyList<Member>> ListAsync(long organizationId, long? teamId, long? than, bool backwards, int most, CancellationToken ct) =>
        database.ReadAsync(async session => await WithTeamsAsync(session, await session.ListAsync<Member>(
            $"""
            {Select}
            where m.organization_id = @organizationId
                {(teamId is null ? "" : "and exists (select 1 from team_member x where x.team_id = @teamId and x.member_id = m.id)")}
                {(than is null ? "" : $"and m.id {(backwards ? '<' : '>')} @than")}
            order by m.id {(backwards ? "desc" : "asc")}
            limit @most
            """,
            new { organizationId, teamId = teamId ?? 0, than = than ?? 0, most })), ct);

    public Task<Member?> FindAsync(long organizationId, long id, CancellationToken ct) =>
        FindAsync($"{Select} where m.organization_id = @organizationId and m.id = @id", new { organizationId, id }, ct);

    public Task<Member?> OfAccountAsync(long organizationId, long accountId, CancellationToken ct) =>
        FindAsync($"{Select} where m.organization_id = @organizationId and m.account_id = @accountId", new { organizationId, accountId }, ct);

    /// <summary>The last active owner keeps the role, and nobody changes their own.</summary>
    /// <param name="by">The account that wants it.</param>
    public async Task<MemberVerdict> ChangeRoleAsync(Transaction transaction, Member member, MemberRole role, long by)
    {
        await LockAsync(transaction, member.OrganizationId);
        if (role != MemberRole.Owner && await IsLastOwnerAsync(transaction, member))
            return MemberVerdict.LastOwner;
        if (member.AccountId == by)
            return MemberVerdict.Oneself;

        return await transaction.ExecuteAsync("update organization_member set role = @role where id = @Id", new { member.Id, role = StoredName.Of(role) }) == 1
            ? MemberVerdict.Done
            : MemberVerdict.NotThere;
    }

    /// <summary>The last active owner stays. Invites that a member has sent and nobody has accepted go with them.</summary>
    public async Task<MemberVerdict> RemoveAsync(Transaction transaction, Member member)
    {
        await LockAsync(transaction, member.OrganizationId);
        if (await IsLastOwnerAsync(transaction, member))
            return MemberVerdict.LastOwner;
        if (await transaction.ExecuteAsync("delete from organization_member where id = @Id", new { member.Id }) == 0)
            return MemberVerdict.NotThere;

        if (member.AccountId is { } accountId)
        {
            await transaction.ExecuteAsync(
                "delete from organization_member where organization_id = @OrganizationId and account_id is null and inviter_id = @accountId",
                new { member.OrganizationId, accountId });
        }

        return MemberVerdict.Done;
    }

    /// <summary>Of an organization that is about to be deleted; invites to it are void.</summary>
    public Task RemoveAllAsync(Transaction transaction, long organizationId) =>
        transaction.ExecuteAsync("delete from organization_member where organization_id = @organizationId", new { organizationId });

    /// <returns><c>false</c> when they are in it already.</returns>
    public async Task<bool> JoinAsync(Transaction transaction, long memberId, long teamId) =>
        await transaction.ExecuteAsync(
            "insert into team_member (team_id, member_id) values (@teamId, @memberId) on conflict do nothing", new { teamId, memberId }) == 1;

    /// <returns><c>false</c> when they are not in it.</returns>
    public async Task<bool> LeaveAsync(Transaction transaction, long memberId, long teamId) =>
        await transaction.ExecuteAsync("delete from team_member where team_id = @teamId and member_id = @memberId", new { teamId, memberId }) == 1;

    private async Task<Member?> FindAsync(string sql, object args, CancellationToken ct) =>
        await database.ReadAsync(async session => await WithTeamsAsync(session, await session.ListAsync<Member>(sql, args)), ct) is [var member] ? member : null;

    private static async Task<IReadOnlyList<Member>> WithTeamsAsync(Session session, IReadOnlyList<Member> members)
    {
        var teams = await session.ListEachAsync<TeamName>(
            "select t.id, t.slug, t.name from team_member x join team t on t.id = x.team_id where x.member_id = @Id order by t.slug", members);
        return [.. members.Select((member, i) => member with { Teams = [.. teams[i].Select(team => team.Slug)] })];
    }

    private static Task LockAsync(Transaction transaction, long organizationId) =>
        transaction.ExecuteAsync("update organization set status = status where id = @organizationId", new { organizationId });

    private static async Task<bool> IsLastOwnerAsync(Transaction transaction, Member member) =>
        await transaction.SingleAsync<long>(
            "select count(*) from organization_member where id = @Id and role = 'owner' and account_id is not null", new { member.Id }) == 1
        && await transaction.SingleAsync<long>(
            """
            select count(*) from organization_member m
            join account a on a.id = m.account_id and a.is_active = 1
            where m.organization_id = @OrganizationId and m.role = 'owner' and m.id <> @Id
            """,
            new { member.OrganizationId, member.Id }) == 0;
}
