using System.Security.Cryptography;
using Vedette.Server.Applications;
using Vedette.Server.Authorization;
using Vedette.Storage;

namespace Vedette.Server.OAuth;

internal enum DeviceStatus
{
    Pending,
    Approved,
    Denied,
}

/// <param name="DeviceCode">For the device, which asks with it.</param>
/// <param name="UserCode">For the person, who enters it elsewhere.</param>
internal sealed record StartedDevice(string DeviceCode, string UserCode);

/// <summary>A device that waits for somebody to let it in.</summary>
internal sealed record WaitingDevice(ApiApplication Application, IReadOnlyList<string> Scopes, bool IsOver);

/// <summary>Codes of devices that cannot show a login themselves (RFC 8628).</summary>
internal sealed class DeviceCodeStore(Database database, ApiApplicationStore applications, AuthorizationStore authorizations, TimeProvider time)
{
    public static TimeSpan Lasts { get; } = TimeSpan.FromMinutes(10);

    /// <summary>Whoever wants can ask for codes. So many wait at once at most; each is gone after ten minutes.</summary>
    private const int MostWaiting = 10_000;

    /// <summary>A device that asks late still learns that its code is over.</summary>
    private static readonly TimeSpan Remembered = TimeSpan.FromHours(1);

    /// <summary>No vowels, so no words (RFC 8628 6.1); 20 to the power of 8 codes.</summary>
    private const string UserLetters = "BCDFGHJKLMNPQRSTVWXZ";

    /// <returns><c>null</c> when there are too many already.</returns>
    public Task<StartedDevice?> StartAsync(ApiApplication application, IReadOnlyList<string> scopes, CancellationToken ct)
    {
        var now = time.GetUtcNow();
        var started = new StartedDevice(RandomNumberGenerator.GetHexString(64, lowercase: true), Shown(RandomNumberGenerator.GetString(UserLetters, 8)));
        return database.WriteAsync(async transaction =>
        {
            await transaction.ExecuteAsync("delete from device_code where expires_at <= @over", new { over = UnixMicroseconds.From(now - Remembered) });
            if (await transaction.SingleAsync<long>("select count(*) from device_code where expires_at > @now", new { now = UnixMicroseconds.From(now) }) >= MostWaiting)
                return null;

            var added = await transaction.ExecuteAsync(
                """
                insert into device_code (device_hash, user_hash, application_id, status, scopes, expires_at)
                values (@hash, @userHash, @Id, 'pending', @scopes, @expires)
                on conflict (user_hash) do nothing
                """,
                new
                {
                    hash = HolderStore.Hash(started.DeviceCode),
                    userHash = HolderStore.Hash(started.UserCode),
                    application.Id,
                    scopes = string.Join(' ', scopes),
                    expires = UnixMicroseconds.From(now + Lasts),
                });
            return added == 1 ? started : null;
        }, ct);
    }

    /// <summary>As people type codes: letters of either case, with or without the dash.</summary>
    /// <returns>As it was shown; <c>null</c> for what cannot be one.</returns>
    public static string? Normalize(string? typed)
    {
        var letters = new string([.. (typed ?? "").Where(c => c is not ('-' or ' ')).Take(9)]).ToUpperInvariant();
        return letters.Length == 8 && letters.All(c => UserLetters.Contains(c, StringComparison.Ordinal)) ? Shown(letters) : null;
    }

    /// <param name="userCode">From <see cref="Normalize"/>.</param>
    /// <returns><c>null</c> when no device waits with it.</returns>
    public async Task<WaitingDevice?> FindAsync(string userCode, CancellationToken ct)
    {
        var row = await database.ReadAsync(
            session => session.FirstAsync<Row>(
                """
                select a.client_id, d.scopes, d.expires_at from device_code d join api_application a on a.id = d.application_id
                where d.user_hash = @hash and d.status = 'pending'
                """,
                new { hash = HolderStore.Hash(userCode) }),
            ct);
        return row is not null && await applications.FindAsync(row.ClientId, ct) is { } application
            ? new WaitingDevice(application, row.Scopes.Split(' ', StringSplitOptions.RemoveEmptyEntries), UnixMicroseconds.ToInstant(row.ExpiresAt) <= time.GetUtcNow())
            : null;
    }

    /// <param name="organizationId">The only one where it may act; <c>null</c> for all of the person's.</param>
    /// <returns><c>false</c> when it was answered before, or is over.</returns>
    public Task<bool> ApproveAsync(string userCode, WaitingDevice device, Access access, long? organizationId, CancellationToken ct) =>
        database.WriteAsync(async transaction =>
        {
            if (!await AnswerAsync(transaction, userCode, DeviceStatus.Approved))
                return false;

            var id = await authorizations.AllowAsync(transaction, access, device.Application, organizationId, device.Scopes);
            await transaction.ExecuteAsync("update device_code set authorization_id = @id where user_hash = @hash", new { id, hash = HolderStore.Hash(userCode) });
            return true;
        }, ct);

    /// <inheritdoc cref="ApproveAsync"/>
    public Task<bool> DenyAsync(string userCode, CancellationToken ct) =>
        database.WriteAsync(transaction => AnswerAsync(transaction, userCode, DeviceStatus.Denied), ct);

    private async Task<bool> AnswerAsync(Transaction transaction, string userCode, DeviceStatus status) =>
        await transaction.ExecuteAsync(
            "update device_code set status = @status where user_hash = @hash and status = 'pending' and expires_at > @now",
            new { hash = HolderStore.Hash(userCode), status = StoredName.Of(status), now = UnixMicroseconds.From(time.GetUtcNow()) }) == 1;

    private static string Shown(string letters) => $"{letters[..4]}-{letters[4..]}";

    private sealed record Row
    {
        public string ClientId { get; init; } = "";

        public string Scopes { get; init; } = "";

        public long ExpiresAt { get; init; }
    }
}
