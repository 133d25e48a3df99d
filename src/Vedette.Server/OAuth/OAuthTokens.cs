using System.Security.Cryptography;
using Vedette.Server.Applications;
using Vedette.Server.Authorization;
using Vedette.Storage;

namespace Vedette.Server.OAuth;

/// <param name="AccessToken">Shown once, as the other: only hashes are stored.</param>
/// <param name="RefreshToken"><c>null</c> where there is none.</param>
/// <param name="OrganizationId">The only one where it works; <c>null</c> for all of the person's.</param>
internal sealed record OAuthToken(
    string AccessToken, string? RefreshToken, IReadOnlyList<string> Scopes, DateTimeOffset ExpiresAt, long AccountId, string Name, string Email, long? OrganizationId);

/// <summary>A token, or why there is none.</summary>
internal sealed record OAuthOutcome(OAuthToken? Token, OAuthError? Error)
{
    public static implicit operator OAuthOutcome(OAuthToken token) => new(token, null);

    public static implicit operator OAuthOutcome(OAuthError error) => new(null, error);
}

/// <summary>
/// Tokens for what a person allowed. Whatever is exchanged for one is deleted or replaced by the statement that finds it, so
/// of several who show it at once, one gets a token.
/// </summary>
internal sealed class OAuthTokens(Database database, AuthorizationStore authorizations, TimeProvider time)
{
    public static TimeSpan Lasts { get; } = TimeSpan.FromDays(30);

    /// <summary>A client that asks more often is told to slow down (RFC 8628 3.5).</summary>
    public static TimeSpan PollInterval { get; } = TimeSpan.FromSeconds(5);

    /// <summary>The code is used up also when what comes with it is wrong: who has the one and not the other may have stolen it.</summary>
    /// <param name="redirectUri">Missing, it does not match.</param>
    public Task<OAuthOutcome> ByCodeAsync(ApiApplication application, string code, string? redirectUri, string? verifier, CancellationToken ct) =>
        database.WriteAsync<OAuthOutcome>(async transaction =>
        {
            var row = await transaction.FirstAsync<CodeRow>(
                """
                delete from authorization_code
                where code_hash = @hash and authorization_id in (select id from api_authorization where application_id = @Id)
                returning authorization_id, redirect_uri, scopes, code_challenge, expires_at
                """,
                new { hash = HolderStore.Hash(code), application.Id });
            return row is not null
                && UnixMicroseconds.ToInstant(row.ExpiresAt) > time.GetUtcNow()
                && row.RedirectUri == redirectUri
                && (row.CodeChallenge is { } challenge ? verifier is not null && Pkce.Proves(verifier, challenge) : verifier is null)
                    ? await IssueAsync(transaction, row.AuthorizationId, row.Scopes, isRefreshable: true)
                    : OAuthError.InvalidGrant;
        }, ct);

    /// <summary>
    /// Both tokens are replaced. Of a public client the old one is remembered: shown again, one of the two who had it is a
    /// thief, and all that came of it ends (RFC 9700 4.14.2).
    /// </summary>
    public Task<OAuthOutcome> ByRefreshTokenAsync(ApiApplication application, string refreshToken, CancellationToken ct)
    {
        var hash = HolderStore.Hash(refreshToken);
        var fresh = new Secrets(time.GetUtcNow() + Lasts);
        return database.WriteAsync<OAuthOutcome>(async transaction =>
        {
            const string OfApplication = "authorization_id in (select id from api_authorization where application_id = @application)";
            var row = await transaction.FirstAsync<TokenRow>(
                $"""
                update api_token set token_hash = @TokenHash, last_characters = @Last, refresh_hash = @RefreshHash, expires_at = @expires
                where refresh_hash = @hash and {OfApplication} and exists (select 1 from account a where a.id = account_id and a.is_active = 1)
                returning id, authorization_id, scopes
                """,
                new { hash, application = application.Id, fresh.TokenHash, fresh.Last, fresh.RefreshHash, expires = UnixMicroseconds.From(fresh.ExpiresAt) });
            if (row is not null)
            {
                if (application.IsPublic)
                {
                    await transaction.ExecuteAsync(
                        "insert into used_refresh_token (refresh_hash, api_token_id, used_at) values (@hash, @Id, @now)",
                        new { hash, row.Id, now = UnixMicroseconds.From(time.GetUtcNow()) });
                }

                return await AnswerAsync(transaction, row.AuthorizationId, row.Scopes, fresh, isRefreshable: true);
            }

            await transaction.ExecuteAsync(
                $"delete from api_token where id = (select api_token_id from used_refresh_token where refresh_hash = @hash) and {OfApplication}",
                new { hash, application = application.Id });
            return OAuthError.InvalidGrant;
        }, ct);
    }

    /// <summary>RFC 8628 3.4. The first answer that is not "wait" ends the code.</summary>
    public Task<OAuthOutcome> ByDeviceCodeAsync(ApiApplication application, string deviceCode, CancellationToken ct) =>
        database.WriteAsync<OAuthOutcome>(async transaction =>
        {
            var now = time.GetUtcNow();
            var row = await transaction.FirstAsync<DeviceRow>(
                """
                update device_code set status = status where device_hash = @hash and application_id = @Id
                returning id, status, authorization_id, scopes, polled_at, expires_at
                """,
                new { hash = HolderStore.Hash(deviceCode), application.Id });
            if (row is null)
                return OAuthError.InvalidGrant;
            if (row.PolledAt is { } polled && now - UnixMicroseconds.ToInstant(polled) < PollInterval)
                return OAuthError.SlowDown;

            var isOver = UnixMicroseconds.ToInstant(row.ExpiresAt) <= now;
            var status = StoredName.Parse<DeviceStatus>(row.Status);
            if (!isOver && status == DeviceStatus.Pending)
            {
                await transaction.ExecuteAsync("update device_code set polled_at = @now where id = @Id", new { row.Id, now = UnixMicroseconds.From(now) });
                return OAuthError.AuthorizationPending;
            }

            await transaction.ExecuteAsync("delete from device_code where id = @Id", new { row.Id });
            if (isOver)
                return OAuthError.ExpiredToken;
            return status == DeviceStatus.Denied
                ? OAuthError.AccessDenied
                : await IssueAsync(transaction, row.AuthorizationId!.Value, row.Scopes, isRefreshable: true);
        }, ct);

    /// <summary>For old clients that read it from a redirect: it cannot be refreshed.</summary>
    public Task<OAuthOutcome> IssueUnrefreshedAsync(Transaction transaction, long authorizationId, IReadOnlyList<string> scopes) =>
        IssueAsync(transaction, authorizationId, string.Join(' ', scopes), isRefreshable: false);

    /// <summary>
    /// RFC 7009: either token ends both. Unknown ones, and those of other applications, are left alone without a word: who
    /// holds them learns nothing of them here.
    /// </summary>
    /// <param name="ip">As the audit log has it.</param>
    public Task RevokeAsync(ApiApplication application, string token, string? ip, CancellationToken ct) =>
        database.WriteAsync(async transaction =>
        {
            var gone = await transaction.FirstAsync<TokenRow>(
                """
                delete from api_token
                where (token_hash = @hash or refresh_hash = @hash) and authorization_id in (select id from api_authorization where application_id = @Id)
                returning id, authorization_id, account_id, scopes
                """,
                new { hash = HolderStore.Hash(token), application.Id });
            if (gone is null)
                return;

            var organization = await transaction.SingleAsync<long>("select organization_id from api_authorization where id = @AuthorizationId", new { gone.AuthorizationId });
            await authorizations.AuditRevocationAsync(transaction, application, gone.AuthorizationId, gone.AccountId, organization, ip);
        }, ct);

    private async Task<OAuthOutcome> IssueAsync(Transaction transaction, long authorizationId, string scopes, bool isRefreshable)
    {
        var secrets = new Secrets(time.GetUtcNow() + Lasts);
        var expanded = string.Join(' ', Scopes.Expand(scopes.Split(' ', StringSplitOptions.RemoveEmptyEntries)));
        var added = await transaction.ExecuteAsync(
            """
            insert into api_token (account_id, name, token_hash, last_characters, scopes, refresh_hash, authorization_id, expires_at, created_at)
            select z.account_id, '', @TokenHash, @Last, @expanded, @refreshHash, z.id, @expires, @now
            from api_authorization z
            join account a on a.id = z.account_id and a.is_active = 1
            where z.id = @authorizationId
            """,
            new
            {
                secrets.TokenHash,
                secrets.Last,
                expanded,
                refreshHash = isRefreshable ? secrets.RefreshHash : null,
                expires = UnixMicroseconds.From(secrets.ExpiresAt),
                now = UnixMicroseconds.From(time.GetUtcNow()),
                authorizationId,
            });
        return added == 1 ? await AnswerAsync(transaction, authorizationId, expanded, secrets, isRefreshable) : OAuthError.InvalidGrant;
    }

    private static async Task<OAuthToken> AnswerAsync(Transaction transaction, long authorizationId, string scopes, Secrets secrets, bool isRefreshable)
    {
        var person = await transaction.SingleAsync<PersonRow>(
            """
            select a.id, a.name, a.email, z.organization_id from api_authorization z join account a on a.id = z.account_id where z.id = @authorizationId
            """,
            new { authorizationId });
        return new(
            secrets.Token, isRefreshable ? secrets.RefreshToken : null, scopes.Split(' ', StringSplitOptions.RemoveEmptyEntries), secrets.ExpiresAt,
            person.Id, person.Name, person.Email, person.OrganizationId == 0 ? null : person.OrganizationId);
    }

    /// <summary>A fresh pair.</summary>
    private sealed class Secrets(DateTimeOffset expiresAt)
    {
        public string Token { get; } = RandomNumberGenerator.GetHexString(64, lowercase: true);

        public string RefreshToken { get; } = RandomNumberGenerator.GetHexString(64, lowercase: true);

        public DateTimeOffset ExpiresAt => expiresAt;

        public string TokenHash => HolderStore.Hash(Token);

        public string RefreshHash => HolderStore.Hash(RefreshToken);

        public string Last => Token[^4..];
    }

    private sealed record CodeRow
    {
        public long AuthorizationId { get; init; }

        public string RedirectUri { get; init; } = "";

        public string Scopes { get; init; } = "";

        public string? CodeChallenge { get; init; }

        public long ExpiresAt { get; init; }
    }

    private sealed record TokenRow
    {
        public long Id { get; init; }

        public long AuthorizationId { get; init; }

        public long AccountId { get; init; }

        public string Scopes { get; init; } = "";
    }

    private sealed record DeviceRow
    {
        public long Id { get; init; }

        public string Status { get; init; } = "";

        public long? AuthorizationId { get; init; }

        public string Scopes { get; init; } = "";

        public long? PolledAt { get; init; }

        public long ExpiresAt { get; init; }
    }

    private sealed record PersonRow
    {
        public long Id { get; init; }

        public string Name { get; init; } = "";

        public string Email { get; init; } = "";

        public long OrganizationId { get; init; }
    }
}
