using System.Security.Cryptography;
using Vedette.Server.Applications;
using Vedette.Server.Audit;
using Vedette.Server.Authorization;
using Vedette.Storage;

namespace Vedette.Server.OAuth;

/// <summary>What a person lets an application do.</summary>
internal sealed record OAuthAuthorization
{
    public required long Id { get; init; }

    public required ApiApplicationName Application { get; init; }

    /// <summary>Where it holds; <c>null</c> wherever the person may.</summary>
    public required string? OrganizationSlug { get; init; }

    public required IReadOnlyList<string> Scopes { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When it last got a token that is still good; <c>null</c> when it has none.</summary>
    public required DateTimeOffset? LastTokenAt { get; init; }
}

internal sealed record ApiApplicationName(string ClientId, string Name, string? HomepageUrl);

/// <summary>Which applications people have let in. Every change is audited: in the organization it holds in, or in all of the person's.</summary>
internal sealed class AuthorizationStore(Database database, AuditLog audit, TimeProvider time)
{
    /// <summary>RFC 6749 4.1.2 wants codes to be short-lived.</summary>
    private static readonly TimeSpan CodeLasts = TimeSpan.FromMinutes(10);

    /// <summary>Whether the person has let it do all this before, wherever they may.</summary>
    public Task<bool> CoversAsync(long accountId, ApiApplication application, IReadOnlyList<string> scopes, CancellationToken ct) =>
        database.ReadAsync(async session =>
            await session.FirstAsync<string>(
                "select scopes from api_authorization where account_id = @accountId and application_id = @Id and organization_id = 0",
                new { accountId, application.Id }) is { } granted
            && scopes.All(scope => granted.Split(' ').Contains(scope, StringComparer.Ordinal)), ct);

    /// <summary>What was allowed before stays allowed.</summary>
    /// <param name="organizationId">The only one where it is to hold; <c>null</c> for wherever they may.</param>
    /// <returns>The id of the authorization.</returns>
    public async Task<long> AllowAsync(
        Transaction transaction, Access access, ApiApplication application, long? organizationId, IReadOnlyList<string> scopes)
    {
        var now = UnixMicroseconds.From(time.GetUtcNow());
        var key = new { account = access.AccountId, application = application.Id, organization = organizationId ?? 0 };
        await transaction.ExecuteAsync(
            """
            insert into api_authorization (application_id, account_id, organization_id, scopes, created_at)
            values (@application, @account, @organization, '', @now)
            on conflict (account_id, application_id, organization_id) do update set scopes = api_authorization.scopes
            """,
            new { key.account, key.application, key.organization, now });
        var (id, before) = await transaction.SingleAsync<(long, string)>(
            "select id, scopes from api_authorization where account_id = @account and application_id = @application and organization_id = @organization", key);
        var all = Scopes.Expand(before.Split(' ', StringSplitOptions.RemoveEmptyEntries).Concat(scopes));
        await transaction.ExecuteAsync("update api_authorization set scopes = @scopes where id = @id", new { id, scopes = string.Join(' ', all) });
        await AuditAsync(
            transaction, AuditSource.Of(access), access.AccountId, organizationId ?? 0, AuditEvents.ApplicationAllowed, id, application.Name, string.Join(' ', scopes));
        return id;
    }

    /// <summary>Once, and for ten minutes. Codes that are over go when another is made.</summary>
    public async Task<string> AddCodeAsync(Transaction transaction, long authorizationId, AuthorizeRequest request)
    {
        var code = RandomNumberGenerator.GetHexString(32, lowercase: true);
        var now = time.GetUtcNow();
        await transaction.ExecuteAsync("delete from authorization_code where expires_at <= @now", new { now = UnixMicroseconds.From(now) });
        await transaction.ExecuteAsync(
            """
            insert into authorization_code (code_hash, authorization_id, redirect_uri, scopes, code_challenge, expires_at)
            values (@hash, @authorizationId, @RedirectUri, @scopes, @CodeChallenge, @expires)
            """,
            new
            {
                hash = HolderStore.Hash(code),
                authorizationId,
                request.RedirectUri,
                scopes = string.Join(' ', request.Scopes),
                request.CodeChallenge,
                expires = UnixMicroseconds.From(now + CodeLasts),
            });
        return code;
    }

    /// <summary>Newest first.</summary>
    public Task<IReadOnlyList<OAuthAuthorization>> ListAsync(long accountId, CancellationToken ct) =>
        database.ReadAsync<IReadOnlyList<OAuthAuthorization>>(async session =>
        [
            .. (await session.ListAsync<Row>(
                """
                select z.id, a.client_id, a.name, a.homepage_url, o.slug as organization_slug, z.scopes, z.created_at,
                    (select max(t.created_at) from api_token t where t.authorization_id = z.id) as last_token_at
                from api_authorization z
                join api_application a on a.id = z.application_id
                left join organization o on o.id = z.organization_id
                where z.account_id = @accountId
                order by z.id desc
                """,
                new { accountId })).Select(row => row.ToAuthorization()),
        ], ct);

    /// <summary>Its tokens and codes die with it.</summary>
    /// <returns><c>false</c> when the person has no such authorization.</returns>
    public Task<bool> RevokeAsync(Access access, long id, CancellationToken ct) =>
        database.WriteAsync(async transaction =>
        {
            if (await transaction.FirstAsync<Revoked>(
                """
                delete from api_authorization where id = @id and account_id = @AccountId
                returning organization_id, scopes, (select name from api_application a where a.id = application_id) as name
                """,
                new { id, access.AccountId }) is not { } gone)
            {
                return false;
            }

            await AuditAsync(transaction, AuditSource.Of(access), access.AccountId, gone.OrganizationId, AuditEvents.ApplicationRevoked, id, gone.Name, gone.Scopes);
            return true;
        }, ct);

    /// <summary>An application gave up a token of its own (RFC 7009).</summary>
    public Task AuditRevocationAsync(Transaction transaction, ApiApplication application, long authorizationId, long accountId, long organizationId, string? ip) =>
        AuditAsync(
            transaction, new AuditSource(new AuditActor(AuditActorKind.App, accountId, application.Name), ip), accountId, organizationId,
            AuditEvents.ApplicationRevoked, authorizationId, application.Name, "");

    /// <param name="organizationId">0 for all that the account belongs to.</param>
    private async Task AuditAsync(
        Transaction transaction, AuditSource source, long accountId, long organizationId, string name, long id, string application, string scopes)
    {
        var organizations = organizationId > 0
            ? [organizationId]
            : await transaction.ListAsync<long>("select organization_id from organization_member where account_id = @accountId order by organization_id", new { accountId });
        foreach (var organization in organizations)
            await audit.AddAsync(transaction, organization, source, name, id, ("name", application), ("scopes", scopes));
    }

    private sealed record Revoked
    {
        public long OrganizationId { get; init; }

        public string Scopes { get; init; } = "";

        public string Name { get; init; } = "";
    }

    private sealed record Row
    {
        public long Id { get; init; }

        public string ClientId { get; init; } = "";

        public string Name { get; init; } = "";

        public string? HomepageUrl { get; init; }

        public string? OrganizationSlug { get; init; }

        public string Scopes { get; init; } = "";

        public long CreatedAt { get; init; }

        public long? LastTokenAt { get; init; }

        public OAuthAuthorization ToAuthorization() => new()
        {
            Id = Id,
            Application = new ApiApplicationName(ClientId, Name, HomepageUrl),
            OrganizationSlug = OrganizationSlug,
            Scopes = Scopes.Split(' ', StringSplitOptions.RemoveEmptyEntries),
            CreatedAt = UnixMicroseconds.ToInstant(CreatedAt),
            LastTokenAt = LastTokenAt is { } at ? UnixMicroseconds.ToInstant(at) : null,
        };
    }
}
