using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Identity;
using Vedette.Server.Authorization;
using Vedette.Storage;

namespace Vedette.Server.Accounts;

/// <summary>Who a token belongs to, with everything that authorization asks of them.</summary>
internal sealed record TokenHolder
{
    public required long AccountId { get; init; }

    public required string Name { get; init; }

    public required string Email { get; init; }

    public required bool IsActive { get; init; }

    public required DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>Of the token, expanded.</summary>
    public required IReadOnlyList<string> Scopes { get; init; }

    public required IReadOnlyList<Membership> Memberships { get; init; }
}

/// <summary>People, their memberships and their tokens. Passwords and tokens are stored hashed and cannot be read back.</summary>
internal sealed class AccountStore(Database database, TimeProvider time)
{
    private static readonly PasswordHasher<object> Passwords = new();

    /// <summary><c>null</c> for a token that does not exist.</summary>
    public Task<TokenHolder?> ByTokenAsync(string token, CancellationToken ct) =>
        database.ReadAsync(async session =>
        {
            var row = await session.FirstAsync<TokenRow>(
                """
                select a.id as account_id, a.name, a.email, a.is_active, t.scopes, t.expires_at
                from api_token t
                join account a on a.id = t.account_id
                where t.token_hash = @hash
                """,
                new { hash = Hash(token) });
            if (row is null)
                return null;

            var memberships = await session.ListAsync<MembershipRow>(
                """
                select m.organization_id, o.slug, m.role
                from organization_member m
                join organization o on o.id = m.organization_id
                where m.account_id = @AccountId
                order by o.slug
                """,
                new { row.AccountId });
            return new TokenHolder
            {
                AccountId = row.AccountId,
                Name = row.Name,
                Email = row.Email,
                IsActive = row.IsActive,
                ExpiresAt = row.ExpiresAt is { } at ? UnixMicroseconds.ToInstant(at) : null,
                Scopes = Scopes.Expand(row.Scopes.Split(' ', StringSplitOptions.RemoveEmptyEntries)),
                Memberships = [.. memberships.Select(m => new Membership(m.OrganizationId, m.Slug, StoredName.Parse<MemberRole>(m.Role)))],
            };
        }, ct);

    /// <summary>When the account was made, in unix microseconds.</summary>
    public Task<long> JoinedAsync(long accountId, CancellationToken ct) =>
        database.ReadAsync(session => session.SingleAsync<long>("select created_at from account where id = @accountId", new { accountId }), ct);

    public Task<long> AddAccountAsync(Transaction transaction, string email, string name, string password) =>
        transaction.SingleAsync<long>(
            """
            insert into account (email, name, password_hash, is_active, created_at) values (@email, @name, @hash, 1, @now)
            returning id
            """,
            new { email, name, hash = Passwords.HashPassword(email, password), now = Now() });

    /// <summary>Addresses that differ only in case are one.</summary>
    public Task<long?> FindAsync(Transaction transaction, string email) =>
        transaction.FirstAsync<long?>("select id from account where lower(email) = lower(@email)", new { email });

    public async Task<bool> IsMemberAsync(Transaction transaction, long organizationId, long accountId) =>
        await transaction.SingleAsync<long>(
            "select count(*) from organization_member where organization_id = @organizationId and account_id = @accountId",
            new { organizationId, accountId }) > 0;

    public Task AddMemberAsync(Transaction transaction, long organizationId, long accountId, MemberRole role) =>
        transaction.ExecuteAsync(
            "insert into organization_member (organization_id, account_id, role, created_at) values (@organizationId, @accountId, @role, @now)",
            new { organizationId, accountId, role = StoredName.Of(role), now = Now() });

    /// <summary>A team of one's own: the member is in it, and the project belongs to it.</summary>
    public async Task AddTeamAsync(Transaction transaction, long organizationId, string slug, long accountId, long projectId)
    {
        var id = await transaction.SingleAsync<long>(
            "insert into team (organization_id, slug, name, created_at) values (@organizationId, @slug, @slug, @now) returning id",
            new { organizationId, slug, now = Now() });
        await transaction.ExecuteAsync("insert into team_member (team_id, account_id) values (@id, @accountId)", new { id, accountId });
        await transaction.ExecuteAsync("insert into team_project (team_id, project_id) values (@id, @projectId)", new { id, projectId });
    }

    public Task AddTokenAsync(Transaction transaction, long accountId, string name, string token, IEnumerable<string> scopes) =>
        transaction.ExecuteAsync(
            """
            insert into api_token (account_id, name, token_hash, last_characters, scopes, created_at)
            values (@accountId, @name, @hash, @last, @scopes, @now)
            """,
            new { accountId, name, hash = Hash(token), last = token[^4..], scopes = string.Join(' ', scopes), now = Now() });

    /// <summary>In Sentry's form: <c>sntryu_</c> and 64 hex digits.</summary>
    public static string NewToken() => $"sntryu_{RandomNumberGenerator.GetHexString(64, lowercase: true)}";

    /// <summary>Tokens are long and random, so a plain hash cannot be searched for them.</summary>
    private static string Hash(string token) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(token)));

    private long Now() => UnixMicroseconds.From(time.GetUtcNow());

    private sealed record TokenRow
    {
        public long AccountId { get; init; }

        public string Name { get; init; } = "";

        public string Email { get; init; } = "";

        public bool IsActive { get; init; }

        public string Scopes { get; init; } = "";

        public long? ExpiresAt { get; init; }
    }

    private sealed record MembershipRow
    {
        public long OrganizationId { get; init; }

        public string Slug { get; init; } = "";

        public string Role { get; init; } = "";
    }
}
