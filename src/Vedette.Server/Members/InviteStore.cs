using System.Globalization;
using System.Security.Cryptography;
using Vedette.Server.Accounts;
using Vedette.Server.Authorization;
using Vedette.Server.Mail;
using Vedette.Storage;
using Vedette.Tracker;
using Vedette.Tracker.Projects;

namespace Vedette.Server.Members;

/// <summary>An invite whose token was shown.</summary>
internal sealed record OpenInvite
{
    public long MemberId { get; init; }

    public long OrganizationId { get; init; }

    public string OrganizationSlug { get; init; } = "";

    public string OrganizationName { get; init; } = "";

    public string Email { get; init; } = "";

    public string Role { get; init; } = "";

    /// <summary>The account with that address; <c>null</c> when there is none.</summary>
    public long? AccountId { get; init; }

    /// <summary>That account is a member already.</summary>
    public bool IsMember { get; init; }

    /// <param name="access">Who shows the token; <c>null</c> for somebody who is not logged in.</param>
    public InviteClaim ClaimOf(Access? access) => (access, AccountId) switch
    {
        (null, null) => InviteClaim.Newcomers,
        (null, not null) => InviteClaim.AfterLogin,
        _ when access.AccountId == AccountId => InviteClaim.Own,
        _ => InviteClaim.SomebodyElses,
    };
}

/// <summary>Whether who shows an invite's token may accept it.</summary>
internal enum InviteClaim
{
    /// <summary>It is for the address of their account.</summary>
    Own,

    /// <summary>They are not logged in, and nobody has an account with its address: whoever has the token may make it.</summary>
    Newcomers,

    /// <summary>They are not logged in, and there is an account with its address.</summary>
    AfterLogin,

    /// <summary>It is for another address than that of their account.</summary>
    SomebodyElses,
}

/// <summary>
/// Invites: a place in an organization with an address instead of an account, and a token that is only in the mail. The
/// mail is written in the transaction that makes the invite.
/// </summary>
internal sealed class InviteStore(Database database, AccountStore accounts, MailOutbox outbox, Links links, TimeProvider time)
{
    private static readonly TimeSpan Validity = TimeSpan.FromDays(30);

    /// <returns>The new member's number, or why there is none: an address has one place in an organization.</returns>
    public async Task<(long Id, MemberVerdict Verdict, bool IsMember)> AddAsync(
        Transaction transaction, Organization organization, string email, MemberRole role, Access inviter, string token)
    {
        if (await accounts.FindAsync(transaction, email) is { } known && await accounts.IsMemberAsync(transaction, organization.Id, known))
            return (0, MemberVerdict.AlreadyThere, true);

        var invited = await transaction.SingleAsync<long>(
            "select count(*) from organization_member where organization_id = @Id and account_id is null and lower(email) = lower(@email)",
            new { organization.Id, email });
        if (invited > 0)
            return (0, MemberVerdict.AlreadyThere, false);

        var now = time.GetUtcNow();
        var id = await transaction.SingleAsync<long>(
            """
            insert into organization_member (organization_id, email, role, inviter_id, token_hash, token_expires_at, created_at)
            values (@OrganizationId, @email, @role, @AccountId, @hash, @expires, @now)
            returning id
            """,
            new
            {
                OrganizationId = organization.Id,
                email,
                role = StoredName.Of(role),
                inviter.AccountId,
                hash = HolderStore.Hash(token),
                expires = UnixMicroseconds.From(now + Validity),
                now = UnixMicroseconds.From(now),
            });
        await MailAsync(transaction, organization, id, email, inviter, token);
        return (id, MemberVerdict.Done, false);
    }

    /// <summary>The token that was sent before ends, and a new one is sent.</summary>
    public async Task<MemberVerdict> RenewAsync(Transaction transaction, Organization organization, Member invite, Access inviter, string token)
    {
        var renewed = await transaction.ExecuteAsync(
            "update organization_member set token_hash = @hash, token_expires_at = @expires where id = @Id and account_id is null",
            new { invite.Id, hash = HolderStore.Hash(token), expires = UnixMicroseconds.From(time.GetUtcNow() + Validity) });
        if (renewed == 0)
            return MemberVerdict.NotThere;

        await MailAsync(transaction, organization, invite.Id, invite.Email, inviter, token);
        return MemberVerdict.Done;
    }

    /// <returns><c>null</c> when there is no such invite, its token is another, or its time is over.</returns>
    public Task<OpenInvite?> OpenAsync(long memberId, string token, CancellationToken ct) =>
        database.ReadAsync(session => OpenAsync(session, memberId, token), ct);

    /// <inheritdoc cref="OpenAsync(long, string, CancellationToken)"/>
    public Task<OpenInvite?> OpenAsync(Session session, long memberId, string token) =>
        session.FirstAsync<OpenInvite>(
            """
            select m.id as member_id, m.organization_id, o.slug as organization_slug, o.name as organization_name, m.email, m.role, a.id as account_id,
                case when exists (select 1 from organization_member x where x.organization_id = m.organization_id and x.account_id = a.id) then 1 else 0 end as is_member
            from organization_member m
            join organization o on o.id = m.organization_id and o.status = 'active'
            left join account a on lower(a.email) = lower(m.email)
            where m.id = @memberId and m.account_id is null and m.token_hash = @hash and m.token_expires_at > @now
            """,
            new { memberId, hash = HolderStore.Hash(token), now = UnixMicroseconds.From(time.GetUtcNow()) });

    /// <summary>The invite becomes a membership, with its number, role and teams.</summary>
    /// <returns><c>false</c> when somebody else was first.</returns>
    public async Task<bool> AcceptAsync(Transaction transaction, OpenInvite invite, long accountId) =>
        await transaction.ExecuteAsync(
            """
            update organization_member set account_id = @accountId, email = null, token_hash = null, token_expires_at = null
            where id = @MemberId and account_id is null
            """,
            new { invite.MemberId, accountId }) == 1;

    /// <summary>For one that is of no use, because whom it invites is a member already.</summary>
    public Task DropAsync(Transaction transaction, OpenInvite invite) =>
        transaction.ExecuteAsync("delete from organization_member where id = @MemberId and account_id is null", new { invite.MemberId });

    public static string NewToken() => RandomNumberGenerator.GetHexString(64, lowercase: true);

    private Task MailAsync(Transaction transaction, Organization organization, long id, string email, Access inviter, string token) =>
        outbox.AddAsync(transaction, [email], $"Join {organization.Name} on Vedette", string.Create(CultureInfo.InvariantCulture, $"""
            {inviter.Name} ({inviter.Email}) invites you to join {organization.Name} on Vedette, at {links.BaseUrl}

            Accept the invite: {links.AcceptWeb(id, token)}

            The link is for you alone and works once, within {Validity.Days} days. If you do not know who this is, ignore this mail.
            """));
}
