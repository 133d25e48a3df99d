using System.Security.Cryptography;
using System.Text;
using Vedette.Server.Accounts;
using Vedette.Server.Apps;
using Vedette.Server.Audit;
using Vedette.Server.Authorization;
using Vedette.Storage;
using Vedette.Tracker;
using Vedette.Tracker.Projects;
using Vedette.Wire.Json;

namespace Vedette.Server.Tokens;

internal enum TokenOutcome
{
    Made,
    TooMany,

    /// <summary>Tokens of an app belong to its installation, and there is none.</summary>
    NotInstalled,
}

/// <summary>A token without its text, which is not stored.</summary>
internal sealed record StoredToken(long Id, string Name, IReadOnlyList<string> Scopes, string LastCharacters, DateTimeOffset CreatedAt);

/// <summary>Tokens of people, of internal integrations and of organizations. Each is shown once, when it is made, and stored hashed.</summary>
internal sealed class TokenStore(Database database, AccountStore accounts, AuditLog audit, SecretBox box, Links links, TimeProvider time)
{
    private const string Columns = "id, name, scopes, last_characters, created_at";

    /// <summary>What a token of an organization may do (<c>spec/platform-api.md</c> 3.9): upload from machines that build.</summary>
    private static readonly string[] OrganizationScopes = ["org:ci"];

    /// <summary>Those that they made themselves, newest first; those that applications got are not theirs to handle one by one.</summary>
    public Task<IReadOnlyList<StoredToken>> OfPersonAsync(long accountId, long? place, bool backwards, int most, CancellationToken ct) =>
        ListAsync("api_token", "account_id = @owner and app_installation_id is null and authorization_id is null", accountId, place, backwards, most, ct);

    /// <inheritdoc cref="OfPersonAsync" path="/summary"/>
    public Task<IReadOnlyList<StoredToken>> OfOrganizationAsync(long organizationId, long? place, bool backwards, int most, CancellationToken ct) =>
        ListAsync("organization_token", "organization_id = @owner", organizationId, place, backwards, most, ct);

    /// <summary>Oldest first.</summary>
    public Task<IReadOnlyList<StoredToken>> OfAppAsync(long appId, CancellationToken ct) =>
        database.ReadAsync<IReadOnlyList<StoredToken>>(async session =>
        [
            .. (await session.ListAsync<Row>(
                $"select {Columns} from api_token where app_installation_id in (select id from app_installation where app_id = @appId) order by id",
                new { appId })).Select(row => row.ToToken()),
        ], ct);

    public async Task<(StoredToken Token, string Secret)> AddToPersonAsync(long accountId, string name, IReadOnlyList<string> scopes, CancellationToken ct)
    {
        var secret = AccountStore.NewToken();
        var id = await database.WriteAsync(
            transaction => accounts.AddTokenAsync(transaction, accountId, name, secret, Scopes.Expand(scopes)), ct);
        return (new StoredToken(id, name, Scopes.Expand(scopes), secret[^4..], time.GetUtcNow()), secret);
    }

    /// <summary>Its scopes are the app's, and follow them.</summary>
    public Task<(TokenOutcome Outcome, StoredToken? Token, string? Secret)> AddToAppAsync(long appId, int most, Access access, CancellationToken ct)
    {
        var secret = RandomNumberGenerator.GetHexString(64, lowercase: true);
        return database.WriteAsync<(TokenOutcome, StoredToken?, string?)>(async transaction =>
        {
            // Held, two at once do not both count the last free place.
            if (await AppRow.HeldAsync(transaction, appId, box) is not { } app || await transaction.FirstAsync<long?>(
                "select id from app_installation where app_id = @Id and organization_id = @OrganizationId", new { app.Id, app.OrganizationId }) is not { } installation)
            {
                return (TokenOutcome.NotInstalled, null, null);
            }

            if (await transaction.SingleAsync<long>("select count(*) from api_token where app_installation_id = @installation", new { installation }) >= most)
                return (TokenOutcome.TooMany, null, null);

            var id = await accounts.AddTokenAsync(transaction, app.ProxyAccountId, "", secret, app.Scopes);
            await transaction.ExecuteAsync("update api_token set app_installation_id = @installation where id = @id", new { id, installation });
            await AuditAsync(transaction, access, app.OrganizationId, AuditEvents.AppTokenAdded, id, "sentry_app", app.Slug);
            return (TokenOutcome.Made, new StoredToken(id, "", app.Scopes, secret[^4..], time.GetUtcNow()), secret);
        }, ct);
    }

    /// <summary>As Sentry forms them: who has one can read where it is to be used (<c>spec/platform-api.md</c> 3.9).</summary>
    public async Task<(StoredToken Token, string Secret)> AddToOrganizationAsync(Organization organization, string name, Access access, CancellationToken ct)
    {
        var secret = NewOrganizationToken(organization.Slug);
        var id = await database.WriteAsync(async transaction =>
        {
            var added = await transaction.SingleAsync<long>(
                """
                insert into organization_token (organization_id, name, token_hash, last_characters, scopes, created_by, created_at)
                values (@Id, @name, @hash, @last, @scopes, @by, @now)
                returning id
                """,
                new
                {
                    organization.Id,
                    name,
                    hash = HolderStore.Hash(secret),
                    last = secret[^4..],
                    scopes = string.Join(' ', OrganizationScopes),
                    by = access.Holder.AccountId,
                    now = UnixMicroseconds.From(time.GetUtcNow()),
                });
            await AuditAsync(transaction, access, organization.Id, AuditEvents.OrganizationTokenAdded, added, "name", name);
            return added;
        }, ct);
        return (new StoredToken(id, name, OrganizationScopes, secret[^4..], time.GetUtcNow()), secret);
    }

    /// <returns><c>false</c> when they have no such token.</returns>
    public Task<bool> RenameOfPersonAsync(long accountId, long id, string name, CancellationToken ct) =>
        ChangeAsync("update api_token set name = @name where id = @id and account_id = @owner and app_installation_id is null and authorization_id is null", accountId, id, name, ct);

    /// <inheritdoc cref="RenameOfPersonAsync"/>
    public Task<bool> RenameOfOrganizationAsync(long organizationId, long id, string name, CancellationToken ct) =>
        ChangeAsync("update organization_token set name = @name where id = @id and organization_id = @owner", organizationId, id, name, ct);

    /// <inheritdoc cref="RenameOfPersonAsync"/>
    public Task<bool> RemoveFromPersonAsync(long accountId, long id, CancellationToken ct) =>
        ChangeAsync("delete from api_token where id = @id and account_id = @owner and app_installation_id is null and authorization_id is null", accountId, id, "", ct);

    /// <inheritdoc cref="RenameOfPersonAsync"/>
    public Task<bool> RemoveFromOrganizationAsync(long organizationId, long id, Access access, CancellationToken ct) =>
        database.WriteAsync(async transaction =>
        {
            if (await transaction.ExecuteAsync("delete from organization_token where id = @id and organization_id = @organizationId", new { id, organizationId }) == 0)
                return false;

            await AuditAsync(transaction, access, organizationId, AuditEvents.OrganizationTokenRemoved, id, "name", "");
            return true;
        }, ct);

    /// <returns><c>false</c> when the app has no such token.</returns>
    public Task<bool> RemoveFromAppAsync(App app, long id, Access access, CancellationToken ct) =>
        database.WriteAsync(async transaction =>
        {
            if (await transaction.ExecuteAsync(
                "delete from api_token where id = @id and app_installation_id in (select id from app_installation where app_id = @appId)",
                new { id, appId = app.Id }) == 0)
            {
                return false;
            }

            await AuditAsync(transaction, access, app.OrganizationId, AuditEvents.AppTokenRemoved, id, "sentry_app", app.Slug);
            return true;
        }, ct);

    private Task<bool> ChangeAsync(string sql, long owner, long id, string name, CancellationToken ct) =>
        database.WriteAsync(async transaction => await transaction.ExecuteAsync(sql, new { owner, id, name }) == 1, ct);

    private Task<IReadOnlyList<StoredToken>> ListAsync(string table, string where, long owner, long? place, bool backwards, int most, CancellationToken ct) =>
        database.ReadAsync<IReadOnlyList<StoredToken>>(async session =>
        [
            .. (await session.ListAsync<Row>(
                $"""
                select {Columns} from {table}
                where {where} {(place is null ? "" : $"and id {(backwards ? '>' : '<')} @place")}
                order by id {(backwards ? "asc" : "desc")}
                limit @most
                """,
                new { owner, place = place ?? 0, most })).Select(row => row.ToToken()),
        ], ct);

    private string NewOrganizationToken(string organization)
    {
        var about = new StableJsonWriter();
        about.StartObject();
        about.Name("iat"u8);
        about.Value(time.GetUtcNow().ToUnixTimeMilliseconds() / 1000.0);
        about.Name("url"u8);
        about.Value(links.BaseUrl);
        about.Name("region_url"u8);
        about.Value(links.BaseUrl);
        about.Name("org"u8);
        about.Value(organization);
        about.EndObject();
        var random = Convert.ToBase64String(RandomNumberGenerator.GetBytes(32)).TrimEnd('=');
        return $"{HolderStore.OrganizationTokenPrefix}{Convert.ToBase64String(about.WrittenSpan)}_{random}";
    }

    private Task AuditAsync(Transaction transaction, Access access, long organizationId, string name, long target, string member, string value) =>
        audit.AddAsync(transaction, organizationId, AuditSource.Of(access), name, target, (member, value));

    private sealed record Row
    {
        public long Id { get; init; }

        public string Name { get; init; } = "";

        public string Scopes { get; init; } = "";

        public string LastCharacters { get; init; } = "";

        public long CreatedAt { get; init; }

        public StoredToken ToToken() =>
            new(Id, Name, Scopes.Split(' ', StringSplitOptions.RemoveEmptyEntries), LastCharacters, UnixMicroseconds.ToInstant(CreatedAt));
    }
}
