using System.Security.Cryptography;
using System.Text;
using Vedette.Server.Sessions;
using Vedette.Storage;

namespace Vedette.Server.Authorization;

/// <summary>Who a token or a session belongs to. Only hashes of either are stored.</summary>
internal sealed class HolderStore(Database database)
{
    /// <summary>Of every token of an organization; nothing else begins with it (<c>spec/platform-api.md</c> 3.9).</summary>
    public const string OrganizationTokenPrefix = "sntrys_";

    /// <summary>Tokens are long and random, so a plain hash cannot be searched for them.</summary>
    public static string Hash(string token) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(token)));

    /// <summary><c>null</c> for a token that does not exist.</summary>
    public Task<Holder?> ByTokenAsync(string token, CancellationToken ct) =>
        database.ReadAsync(
            session => token.StartsWith(OrganizationTokenPrefix, StringComparison.Ordinal)
                ? OfOrganizationTokenAsync(session, Hash(token))
                : OfTokenAsync(session, Hash(token)),
            ct);

    /// <param name="secret">What the cookie holds.</param>
    /// <returns><c>null</c> for a session that does not exist.</returns>
    public Task<Holder?> BySessionAsync(string secret, CancellationToken ct) =>
        database.ReadAsync(async session =>
        {
            var row = await session.FirstAsync<Row>(
                """
                select a.id as account_id, a.name, a.email, a.is_active, a.is_superuser, s.expires_at
                from login_session s
                join account a on a.id = s.account_id
                where s.token_hash = @hash
                """,
                new { hash = Hash(secret) });
            return row?.ToHolder(CredentialKind.Session, Scopes.All, await MembershipsAsync(session, row.AccountId));
        }, ct);

    /// <summary>Whose credential a request shows that was let in before; <c>null</c> when it is of no use any more.</summary>
    public async Task<Holder?> AgainAsync(HttpRequest request, DateTimeOffset now, CancellationToken ct)
    {
        var header = request.Headers.Authorization.ToString();
        var holder = header.Length > 0
            ? await ByTokenAsync(header[(header.LastIndexOf(' ') + 1)..], ct)
            : SessionCookies.Read(request) is { } secret ? await BySessionAsync(secret, ct) : null;
        return holder is { IsActive: true } && !(holder.ExpiresAt <= now) ? holder : null;
    }

    private static async Task<Holder?> OfTokenAsync(Session session, string hash)
    {
        var row = await session.FirstAsync<Row>(
            """
            select a.id as account_id, a.name, a.email, a.is_active, a.is_superuser, t.scopes, t.expires_at,
                app.id as app_id, app.uuid as app_uuid, app.slug as app_slug, app.name as app_name,
                i.organization_id, o.slug as organization_slug, z.organization_id as only_organization_id,
                coalesce(app.allowed_origins, c.allowed_origins) as allowed_origins
            from api_token t
            join account a on a.id = t.account_id
            left join app_installation i on i.id = t.app_installation_id
            left join app on app.id = i.app_id
            left join organization o on o.id = i.organization_id
            left join api_authorization z on z.id = t.authorization_id
            left join api_application c on c.id = z.application_id
            where t.token_hash = @hash
            """,
            new { hash });
        if (row is null)
            return null;

        var scopes = Scopes.Expand(row.Scopes.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        if (row.AppId is not { } app)
        {
            var memberships = await MembershipsAsync(session, row.AccountId);
            var everywhere = row.ToHolder(CredentialKind.UserToken, scopes, memberships);
            return row.OnlyOrganizationId is null or 0
                ? everywhere
                : everywhere with { IsSuperuser = false, Memberships = [.. memberships.Where(m => m.OrganizationId == row.OnlyOrganizationId)] };
        }

        var holder = row.ToHolder(CredentialKind.AppToken, scopes, [new Membership(row.OrganizationId!.Value, row.OrganizationSlug!, null)]);
        return holder with { App = new ActingApp(app, row.AppUuid!, row.AppSlug!, row.AppName!) };
    }

    private static async Task<Holder?> OfOrganizationTokenAsync(Session session, string hash)
    {
        var row = await session.FirstAsync<OrganizationTokenRow>(
            """
            select t.name, t.scopes, t.organization_id, o.slug as organization_slug
            from organization_token t
            join organization o on o.id = t.organization_id and o.status = 'active'
            where t.token_hash = @hash
            """,
            new { hash });
        return row is null ? null : new Holder
        {
            Credential = CredentialKind.OrganizationToken,
            AccountId = null,
            Name = row.Name,
            Email = "",
            IsActive = true,
            IsSuperuser = false,
            ExpiresAt = null,
            Scopes = Scopes.Expand(row.Scopes.Split(' ', StringSplitOptions.RemoveEmptyEntries)),
            Memberships = [new Membership(row.OrganizationId, row.OrganizationSlug, null)],
        };
    }

    private static async Task<IReadOnlyList<Membership>> MembershipsAsync(Session session, long accountId) =>
    [
        .. (await session.ListAsync<MembershipRow>(
            """
            select m.organization_id, o.slug, m.role
            from organization_member m
            join organization o on o.id = m.organization_id
            where m.account_id = @accountId and o.status = 'active'
            order by o.slug
            """,
            new { accountId })).Select(m => new Membership(m.OrganizationId, m.Slug, StoredName.Parse<MemberRole>(m.Role))),
    ];

    private sealed record Row
    {
        public long AccountId { get; init; }

        public string Name { get; init; } = "";

        public string Email { get; init; } = "";

        public bool IsActive { get; init; }

        public bool IsSuperuser { get; init; }

        public string Scopes { get; init; } = "";

        public long? ExpiresAt { get; init; }

        public long? AppId { get; init; }

        public string? AppUuid { get; init; }

        public string? AppSlug { get; init; }

        public string? AppName { get; init; }

        public string? AllowedOrigins { get; init; }

        /// <summary>Of a token that an application got; 0 when it works in all of the person's.</summary>
        public long? OnlyOrganizationId { get; init; }

        public long? OrganizationId { get; init; }

        public string? OrganizationSlug { get; init; }

        public Holder ToHolder(CredentialKind credential, IReadOnlyList<string> scopes, IReadOnlyList<Membership> memberships) => new()
        {
            Credential = credential,
            AccountId = AccountId,
            Name = Name,
            Email = Email,
            IsActive = IsActive,
            IsSuperuser = IsSuperuser,
            ExpiresAt = ExpiresAt is { } at ? UnixMicroseconds.ToInstant(at) : null,
            Scopes = scopes,
            Memberships = memberships,
            AllowedOrigins = AllowedOrigins?.Split('\n', StringSplitOptions.RemoveEmptyEntries),
        };
    }

    private sealed record OrganizationTokenRow
    {
        public string Name { get; init; } = "";

        public string Scopes { get; init; } = "";

        public long OrganizationId { get; init; }

        public string OrganizationSlug { get; init; } = "";
    }

    private sealed record MembershipRow
    {
        public long OrganizationId { get; init; }

        public string Slug { get; init; } = "";

        public string Role { get; init; } = "";
    }
}
