using System.Security.Cryptography;
using System.Text;
using Vedette.Server.Accounts;
using Vedette.Server.Apps;
using Vedette.Server.Authorization;
using Vedette.Server.Installations;
using Vedette.Storage;

namespace Vedette.Server.AppTokens;

internal enum ExchangeOutcome
{
    Made,

    /// <summary>No such code, or somebody else was first.</summary>
    UnknownCode,

    /// <summary>The code is of another installation.</summary>
    ForeignCode,
    ExpiredCode,

    /// <summary>No such refresh token, or somebody else was first.</summary>
    UnknownRefreshToken,

    /// <summary>The refresh token is of another installation.</summary>
    ForeignRefreshToken,
    UsedAssertion,

    /// <summary>An assertion takes the place of a token, and there is none.</summary>
    NoToken,

    /// <summary>The app was deleted meanwhile.</summary>
    Uninstalled,
}

/// <param name="Token">Shown once, as the other: only hashes are stored.</param>
internal sealed record IssuedToken(long Id, IReadOnlyList<string> Scopes, string Token, string RefreshToken, DateTimeOffset CreatedAt, DateTimeOffset ExpiresAt);

/// <summary>
/// Gives apps tokens for their installations (<c>spec/platform-api.md</c> 3.1). Each exchange takes away what it is made
/// for, in one statement, so that of two with the same code or token one wins. An installation has one such token at most.
/// </summary>
internal sealed class TokenExchange(Database database, AccountStore accounts, SecretBox box, TimeProvider time)
{
    private static readonly TimeSpan Lasts = TimeSpan.FromHours(8);

    public Task<(ExchangeOutcome Outcome, IssuedToken? Token)> ByCodeAsync(AppInstallation installation, string code, CancellationToken ct) =>
        ExchangeAsync(installation, async (transaction, app) =>
        {
            var grant = await transaction.FirstAsync<GrantRow>(
                "select grant_code, grant_expires_at from app_installation where id = @Id and grant_code is not null", new { installation.Id });
            if (grant is null || !IsSame(box.Open(grant.GrantCode), code))
            {
                var foreign = await transaction.SingleAsync<long>(
                    "select count(*) from app_installation where grant_hash = @hash and id <> @Id", new { hash = HolderStore.Hash(code), installation.Id });
                return (foreign > 0 ? ExchangeOutcome.ForeignCode : ExchangeOutcome.UnknownCode, null);
            }

            if (grant.GrantExpiresAt <= Now())
                return (ExchangeOutcome.ExpiredCode, null);

            var taken = await transaction.ExecuteAsync(
                "update app_installation set grant_code = null, grant_expires_at = null, grant_hash = null where id = @Id and grant_code = @GrantCode", new { installation.Id, grant.GrantCode });
            return taken == 1 ? (ExchangeOutcome.Made, await IssueAsync(transaction, app, installation)) : (ExchangeOutcome.UnknownCode, null);
        }, ct);

    /// <summary>Also for a token that has expired.</summary>
    public Task<(ExchangeOutcome Outcome, IssuedToken? Token)> ByRefreshTokenAsync(AppInstallation installation, string refreshToken, CancellationToken ct) =>
        ExchangeAsync(installation, async (transaction, app) =>
        {
            var hash = HolderStore.Hash(refreshToken);
            if (await transaction.FirstAsync<long?>("select app_installation_id from api_token where refresh_hash = @hash", new { hash }) is not { } whose)
                return (ExchangeOutcome.UnknownRefreshToken, null);
            if (whose != installation.Id)
                return (ExchangeOutcome.ForeignRefreshToken, null);

            // The row stays until the new one is there, so that SQLite does not give its id away again.
            return await transaction.ExecuteAsync("update api_token set refresh_hash = 'used' where refresh_hash = @hash", new { hash }) == 1
                ? (ExchangeOutcome.Made, await IssueAsync(transaction, app, installation))
                : (ExchangeOutcome.UnknownRefreshToken, null);
        }, ct);

    /// <summary>For an app that has lost its tokens. The assertion has been checked but for whether it was shown before.</summary>
    public Task<(ExchangeOutcome Outcome, IssuedToken? Token)> ByAssertionAsync(AppInstallation installation, Assertion assertion, CancellationToken ct) =>
        ExchangeAsync(installation, async (transaction, app) =>
        {
            await transaction.ExecuteAsync("delete from used_assertion where app_id = @Id and expires_at <= @now", new { app.Id, now = Now() });
            var isNew = await transaction.ExecuteAsync(
                "insert into used_assertion (app_id, jti_hash, expires_at) values (@Id, @hash, @until) on conflict (app_id, jti_hash) do nothing",
                new { app.Id, hash = HolderStore.Hash(assertion.Id!), until = UnixMicroseconds.From(assertion.ExpiresAt) }) == 1;
            if (!isNew)
                return (ExchangeOutcome.UsedAssertion, null);
            if (await transaction.SingleAsync<long>("select count(*) from api_token where app_installation_id = @Id and refresh_hash is not null", new { installation.Id }) == 0)
                return (ExchangeOutcome.NoToken, null);

            return (ExchangeOutcome.Made, await IssueAsync(transaction, app, installation));
        }, ct);

    /// <summary>The app is held: two exchanges at once do not each leave their token, and a token gets the scopes that the app has then.</summary>
    private Task<(ExchangeOutcome Outcome, IssuedToken? Token)> ExchangeAsync(
        AppInstallation installation, Func<Transaction, App, Task<(ExchangeOutcome Outcome, IssuedToken? Token)>> exchange, CancellationToken ct) =>
        database.WriteAsync(async transaction => await AppRow.HeldAsync(transaction, installation.AppId, box) is { } app
            ? await exchange(transaction, app)
            : (ExchangeOutcome.Uninstalled, null), ct);

    /// <summary>In constant time.</summary>
    public static bool IsSame(string one, string other) =>
        CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(one), Encoding.UTF8.GetBytes(other));

    /// <summary>The client secret, and the one before it while both count.</summary>
    public IReadOnlyList<string> SecretsOf(App app) =>
        app.PreviousSecret is { } previous && app.PreviousSecretUntil > time.GetUtcNow() ? [box.Open(app.ClientSecret), box.Open(previous)] : [box.Open(app.ClientSecret)];

    private async Task<IssuedToken> IssueAsync(Transaction transaction, App app, AppInstallation installation)
    {
        var now = time.GetUtcNow();
        var (token, refreshToken) = (RandomNumberGenerator.GetHexString(64, lowercase: true), RandomNumberGenerator.GetHexString(64, lowercase: true));
        var id = await accounts.AddTokenAsync(transaction, app.ProxyAccountId, "", token, app.Scopes);
        await transaction.ExecuteAsync(
            "update api_token set app_installation_id = @installation, refresh_hash = @hash, expires_at = @expires where id = @id",
            new { id, installation = installation.Id, hash = HolderStore.Hash(refreshToken), expires = UnixMicroseconds.From(now + Lasts) });
        await transaction.ExecuteAsync(
            "delete from api_token where app_installation_id = @Id and refresh_hash is not null and id <> @tokenId", new { installation.Id, tokenId = id });
        return new IssuedToken(id, app.Scopes, token, refreshToken, now, now + Lasts);
    }

    private long Now() => UnixMicroseconds.From(time.GetUtcNow());

    private sealed record GrantRow
    {
        public byte[] GrantCode { get; init; } = [];

        public long GrantExpiresAt { get; init; }
    }
}
