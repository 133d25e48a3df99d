using System.Security.Cryptography;
using System.Text;
using Vedette.Storage;

namespace Vedette.Server.Applications;

/// <summary>Applications of people. Their secrets are sealed.</summary>
internal sealed class ApiApplicationStore(Database database, SecretBox box, TimeProvider time)
{
    public const int MostOfPerson = 100;

    /// <summary>For so long its owner can read a new secret.</summary>
    private static readonly TimeSpan SecretShown = TimeSpan.FromMinutes(5);

    private const string Columns =
        """
        id, client_id, client_secret, name, requires_org_level_access, scopes, redirect_uris, allowed_origins, homepage_url, privacy_url, terms_url,
            secret_shown_until, created_at
        """;

    private static readonly string[] First = ["Amber", "Brisk", "Calm", "Candid", "Deft", "Early", "Fabled", "Gentle", "Keen", "Lucid", "Mellow", "Nimble", "Patient", "Quiet", "Ready", "Steady"];
    private static readonly string[] Second = ["Badger", "Crane", "Dormouse", "Falcon", "Heron", "Ibex", "Jackdaw", "Lynx", "Marten", "Otter", "Plover", "Raven", "Stoat", "Tern", "Vole", "Wren"];

    /// <summary>Newest first: those older than the place, or, backwards, those newer than it, nearest first.</summary>
    public Task<IReadOnlyList<ApiApplication>> ListAsync(long accountId, long? place, bool backwards, int most, CancellationToken ct) =>
        database.ReadAsync<IReadOnlyList<ApiApplication>>(async session =>
        [
            .. (await session.ListAsync<Row>(
                $"""
                select {Columns} from api_application
                where account_id = @accountId {(place is null ? "" : $"and id {(backwards ? '>' : '<')} @place")}
                order by id {(backwards ? "asc" : "desc")}
                limit @most
                """,
                new { accountId, place = place ?? 0, most })).Select(row => row.ToApplication()),
        ], ct);

    /// <param name="clientId">Of whomsoever's application.</param>
    public Task<ApiApplication?> FindAsync(string? clientId, CancellationToken ct) =>
        FirstAsync("client_id = @clientId", new { clientId }, ct);

    /// <returns><c>null</c> also when it is somebody else's.</returns>
    public Task<ApiApplication?> FindAsync(long accountId, string clientId, CancellationToken ct) =>
        FirstAsync("client_id = @clientId and account_id = @accountId", new { clientId, accountId }, ct);

    public static string NewName() => $"{First[RandomNumberGenerator.GetInt32(First.Length)]} {Second[RandomNumberGenerator.GetInt32(Second.Length)]}";

    /// <returns><c>null</c> when the person has as many as one may have.</returns>
    public Task<ApiApplication?> AddAsync(long accountId, ApiApplicationForm form, bool isPublic, CancellationToken ct)
    {
        var values = new Values(form)
        {
            AccountId = accountId,
            ClientId = NewSecret(),
            ClientSecret = isPublic ? null : box.Seal(NewSecret()),
            IsPublic = isPublic ? 1 : 0,
            SecretShownUntil = UnixMicroseconds.From(time.GetUtcNow() + SecretShown),
            CreatedAt = UnixMicroseconds.From(time.GetUtcNow()),
        };
        return database.WriteAsync(async transaction =>
        {
            // Held, two at once do not both count the last free place.
            await transaction.ExecuteAsync("update account set is_active = is_active where id = @accountId", new { accountId });
            if (await transaction.SingleAsync<long>("select count(*) from api_application where account_id = @accountId", new { accountId }) >= MostOfPerson)
                return null;

            var row = await transaction.SingleAsync<Row>(
                $"""
                insert into api_application (
                    client_id, client_secret, account_id, name, is_public, requires_org_level_access, scopes, redirect_uris, allowed_origins, homepage_url,
                    privacy_url, terms_url, secret_shown_until, created_at)
                values (
                    @ClientId, @ClientSecret, @AccountId, @Name, @IsPublic, @RequiresOrgLevelAccess, @Scopes, @RedirectUris, @AllowedOrigins, @HomepageUrl,
                    @PrivacyUrl, @TermsUrl, @SecretShownUntil, @CreatedAt)
                returning {Columns}
                """,
                values);
            return row.ToApplication();
        }, ct);
    }

    /// <returns><c>null</c> when it was deleted meanwhile.</returns>
    public Task<ApiApplication?> ChangeAsync(ApiApplication application, ApiApplicationForm form, CancellationToken ct) =>
        database.WriteAsync(async transaction =>
        {
            var row = await transaction.FirstAsync<Row>(
                $"""
                update api_application set
                    name = @Name, requires_org_level_access = @RequiresOrgLevelAccess, scopes = @Scopes, redirect_uris = @RedirectUris,
                    allowed_origins = @AllowedOrigins, homepage_url = @HomepageUrl, privacy_url = @PrivacyUrl, terms_url = @TermsUrl
                where id = @Id
                returning {Columns}
                """,
                new Values(form) { Id = application.Id });
            return row?.ToApplication();
        }, ct);

    /// <summary>The old secret is of no use at once. A public client has none, and gets none.</summary>
    /// <returns>The new one; <c>null</c> for a public client, or when the application was deleted meanwhile.</returns>
    public Task<string?> RotateSecretAsync(ApiApplication application, CancellationToken ct)
    {
        var secret = NewSecret();
        return database.WriteAsync(async transaction => await transaction.ExecuteAsync(
            "update api_application set client_secret = @secret, secret_shown_until = @until where id = @Id and client_secret is not null",
            new { application.Id, secret = box.Seal(secret), until = UnixMicroseconds.From(time.GetUtcNow() + SecretShown) }) == 1 ? secret : null, ct);
    }

    /// <summary>With it go the codes and tokens that it was given.</summary>
    /// <returns><c>false</c> when somebody else was first.</returns>
    public Task<bool> DeleteAsync(ApiApplication application, CancellationToken ct) =>
        database.WriteAsync(
            async transaction => await transaction.ExecuteAsync("delete from api_application where id = @Id", new { application.Id }) == 1, ct);

    /// <summary>In the clear, as long as its owner may read it.</summary>
    public string? ShownSecret(ApiApplication application) =>
        application.ClientSecret is { } secret && time.GetUtcNow() < application.SecretShownUntil ? box.Open(secret) : null;

    /// <summary>In constant time. <c>false</c> for every secret of a public client, which has none.</summary>
    public bool IsSecret(ApiApplication application, string shown) =>
        application.ClientSecret is { } secret && CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(box.Open(secret)), Encoding.UTF8.GetBytes(shown));

    private Task<ApiApplication?> FirstAsync(string where, object args, CancellationToken ct) =>
        database.ReadAsync(async session => (await session.FirstAsync<Row>($"select {Columns} from api_application where {where}", args))?.ToApplication(), ct);

    private static string NewSecret() => RandomNumberGenerator.GetHexString(64, lowercase: true);

    /// <summary>What a form says, in columns; and, for a new application, what it is known by.</summary>
    private sealed class Values(ApiApplicationForm form)
    {
        public long Id { get; init; }

        public long AccountId { get; init; }

        public string ClientId { get; init; } = "";

        public byte[]? ClientSecret { get; init; }

        public int IsPublic { get; init; }

        public long SecretShownUntil { get; init; }

        public long CreatedAt { get; init; }

        public string Name => form.Name;

        public int RequiresOrgLevelAccess => form.RequiresOrgLevelAccess ? 1 : 0;

        public string Scopes => string.Join(' ', form.Scopes);

        public string RedirectUris => string.Join('\n', form.RedirectUris);

        public string AllowedOrigins => string.Join('\n', form.AllowedOrigins);

        public string? HomepageUrl => form.HomepageUrl;

        public string? PrivacyUrl => form.PrivacyUrl;

        public string? TermsUrl => form.TermsUrl;
    }

    private sealed record Row
    {
        public long Id { get; init; }

        public string ClientId { get; init; } = "";

        public byte[]? ClientSecret { get; init; }

        public string Name { get; init; } = "";

        public bool RequiresOrgLevelAccess { get; init; }

        public string Scopes { get; init; } = "";

        public string RedirectUris { get; init; } = "";

        public string AllowedOrigins { get; init; } = "";

        public string? HomepageUrl { get; init; }

        public string? PrivacyUrl { get; init; }

        public string? TermsUrl { get; init; }

        public long SecretShownUntil { get; init; }

        public long CreatedAt { get; init; }

        public ApiApplication ToApplication() => new()
        {
            Id = Id,
            ClientId = ClientId,
            ClientSecret = ClientSecret,
            Name = Name,
            RequiresOrgLevelAccess = RequiresOrgLevelAccess,
            Scopes = Scopes.Split(' ', StringSplitOptions.RemoveEmptyEntries),
            RedirectUris = RedirectUris.Split('\n', StringSplitOptions.RemoveEmptyEntries),
            AllowedOrigins = AllowedOrigins.Split('\n', StringSplitOptions.RemoveEmptyEntries),
            HomepageUrl = HomepageUrl,
            PrivacyUrl = PrivacyUrl,
            TermsUrl = TermsUrl,
            SecretShownUntil = UnixMicroseconds.ToInstant(SecretShownUntil),
            CreatedAt = UnixMicroseconds.ToInstant(CreatedAt),
        };
    }
}
