using System.Security.Cryptography;
using Microsoft.AspNetCore.Identity;
using Vedette.Server.Authorization;
using Vedette.Storage;

namespace Vedette.Server.Accounts;

internal enum AccountKind
{
    Person,

    /// <summary>What an app acts through. Nobody can log in to it.</summary>
    App,
}

internal sealed record Account
{
    public long Id { get; init; }

    public string Email { get; init; } = "";

    public string Name { get; init; } = "";

    public AccountKind Kind { get; init; }

    public bool IsActive { get; init; }

    public bool IsSuperuser { get; init; }

    /// <summary>Unix microseconds.</summary>
    public long CreatedAt { get; init; }
}

/// <summary>People, their memberships and their tokens. Passwords and tokens are stored hashed and cannot be read back.</summary>
internal sealed class AccountStore(Database database, TimeProvider time)
{
    private static readonly PasswordHasher<object> Passwords = new();

    private const string Select = "select id, email, name, kind, is_active, is_superuser, created_at, password_hash from account";

    /// <summary>What a password is compared with where there is no account, so that the answer takes as long.</summary>
    private static readonly string HashOfNobody = Passwords.HashPassword("", "nobody");

    public Task<Account?> FindAsync(long id, CancellationToken ct) =>
        database.ReadAsync(async session => (await session.FirstAsync<Row>($"{Select} where id = @id", new { id }))?.ToAccount(), ct);

    /// <returns><c>null</c> when the password is wrong, and when there is no such account, or nobody may log in to it.</returns>
    public async Task<Account?> ByPasswordAsync(string email, string password, CancellationToken ct)
    {
        var row = await database.ReadAsync(
            session => session.FirstAsync<Row>($"{Select} where lower(email) = lower(@email) and kind = 'person' and is_active = 1", new { email }), ct);
        var isRight = Passwords.VerifyHashedPassword("", row?.PasswordHash ?? HashOfNobody, password) != PasswordVerificationResult.Failed;
        return isRight ? row?.ToAccount() : null;
    }

    /// <summary>An account that an app acts through.</summary>
    public Task<long> AddProxyAsync(Transaction transaction, string email, string name) =>
        transaction.SingleAsync<long>(
            """
            insert into account (email, name, password_hash, is_active, created_at, kind) values (@email, @name, '', 1, @now, 'app')
            returning id
            """,
            new { email, name, now = Now() });

    public Task<long> AddAccountAsync(Transaction transaction, string email, string name, string password) =>
        AddHashedAccountAsync(transaction, email, name, HashPassword(email, password));

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
        await transaction.ExecuteAsync(
            """
            insert into team_member (team_id, member_id)
            select @id, id from organization_member where organization_id = @organizationId and account_id = @accountId
            """,
            new { id, organizationId, accountId });
        await transaction.ExecuteAsync("insert into team_project (team_id, project_id) values (@id, @projectId)", new { id, projectId });
    }

    /// <returns>Its id.</returns>
    public Task<long> AddTokenAsync(Transaction transaction, long accountId, string name, string token, IEnumerable<string> scopes) =>
        transaction.SingleAsync<long>(
            """
            insert into api_token (account_id, name, token_hash, last_characters, scopes, created_at)
            values (@accountId, @name, @hash, @last, @scopes, @now)
            returning id
            """,
            new { accountId, name, hash = HolderStore.Hash(token), last = token[^4..], scopes = string.Join(' ', scopes), now = Now() });

    /// <summary>In Sentry's form: <c>sntryu_</c> and 64 hex digits.</summary>
    public static string NewToken() => $"sntryu_{RandomNumberGenerator.GetHexString(64, lowercase: true)}";

    private long Now() => UnixMicroseconds.From(time.GetUtcNow());

    /// <summary>Takes its time on purpose, so it is called before a unit of work begins.</summary>
    public static string HashPassword(string email, string password) => Passwords.HashPassword(email, password);

    /// <param name="passwordHash">From <see cref="HashPassword"/>.</param>
    public Task<long> AddHashedAccountAsync(Transaction transaction, string email, string name, string passwordHash) =>
        transaction.SingleAsync<long>(
            """
            insert into account (email, name, password_hash, is_active, created_at) values (@email, @name, @passwordHash, 1, @now)
            returning id
            """,
            new { email, name, passwordHash, now = Now() });

    private sealed record Row
    {
        public long Id { get; init; }

        public string Email { get; init; } = "";

        public string Name { get; init; } = "";

        public string Kind { get; init; } = "";

        public bool IsActive { get; init; }

        public bool IsSuperuser { get; init; }

        public long CreatedAt { get; init; }

        public string PasswordHash { get; init; } = "";

        public Account ToAccount() => new()
        {
            Id = Id,
            Email = Email,
            Name = Name,
            Kind = StoredName.Parse<AccountKind>(Kind),
            IsActive = IsActive,
            IsSuperuser = IsSuperuser,
            CreatedAt = CreatedAt,
        };
    }
}
