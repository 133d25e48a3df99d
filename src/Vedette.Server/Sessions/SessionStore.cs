using Vedette.Server.Authorization;
using Vedette.Storage;

namespace Vedette.Server.Sessions;

/// <summary>Logins of browsers.</summary>
internal sealed class SessionStore(Database database, TimeProvider time)
{
    public static TimeSpan Lasts { get; } = TimeSpan.FromDays(14);

    /// <summary>Sessions that are over go when somebody logs in.</summary>
    /// <returns>What the cookie holds; it cannot be read again.</returns>
    public async Task<string> BeginAsync(long accountId, CancellationToken ct)
    {
        var secret = SessionCookies.NewSecret();
        var now = time.GetUtcNow();
        await database.WriteAsync(async transaction =>
        {
            await transaction.ExecuteAsync("delete from login_session where expires_at <= @now", new { now = UnixMicroseconds.From(now) });
            await transaction.ExecuteAsync(
                "insert into login_session (account_id, token_hash, created_at, expires_at) values (@accountId, @hash, @now, @until)",
                new { accountId, hash = HolderStore.Hash(secret), now = UnixMicroseconds.From(now), until = UnixMicroseconds.From(now + Lasts) });
        }, ct);
        return secret;
    }

    /// <summary>A session that is over or never was is no error.</summary>
    public Task EndAsync(string secret, CancellationToken ct) =>
        database.WriteAsync(
            transaction => transaction.ExecuteAsync("delete from login_session where token_hash = @hash", new { hash = HolderStore.Hash(secret) }), ct);
}
