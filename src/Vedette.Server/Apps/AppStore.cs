using System.Security.Cryptography;
using System.Text.RegularExpressions;
using Vedette.Engine.Deliveries;
using Vedette.Server.Accounts;
using Vedette.Server.Api;
using Vedette.Server.Audit;
using Vedette.Server.Authorization;
using Vedette.Server.Components;
using Vedette.Server.Installations;
using Vedette.Server.Secrets;
using Vedette.Storage;
using Vedette.Tracker.Projects;
using Vedette.Wire.Json;

namespace Vedette.Server.Apps;

/// <param name="OrganizationIds">Only apps of these; <c>null</c> for all.</param>
internal sealed record AppFilter(AppStatus? Status, IReadOnlyList<long>? OrganizationIds);

/// <summary>Apps. Deleted ones are not found, and their slugs are never given away.</summary>
internal sealed partial class AppStore(
    Database database, InstallationStore installations, AppDestinations destinations, AccountStore accounts, AuditLog audit, SecretBox box, TimeProvider time)
{
    /// <summary>How many installations one transaction takes away when an app is deleted.</summary>
    private const int Step = 100;

    /// <summary>
    /// Creates the app with an account to act through. An internal app is installed in its own organization at once; from
    /// then on it receives what it subscribed to.
    /// </summary>
    /// <returns><c>null</c> when the slug that its name gives is taken.</returns>
    public Task<App?> CreateAsync(AppForm form, Organization organization, Access access, CancellationToken ct)
    {
        var values = new AppValues(form.Author is "" ? form with { Author = organization.Name } : form, box)
        {
            Uuid = RandomUuid.Create().ToString("D"),
            Slug = NewSlug(form),
            OrganizationId = organization.Id,
            ClientId = RandomNumberGenerator.GetHexString(64, lowercase: true),
            ClientSecret = box.Seal(RandomNumberGenerator.GetHexString(64, lowercase: true)),
            CreatedAt = Now(),
        };
        return database.WriteAsync(async transaction =>
        {
            if (await InsertAsync(transaction, values) is not { } id)
                return null;

            var proxy = await accounts.AddProxyAsync(transaction, $"{values.Slug}-{values.Uuid}@proxy-user.sentry.io", form.Name);
            await transaction.ExecuteAsync("update app set proxy_account_id = @proxy where id = @id", new { id, proxy });
            await ComponentStore.ReplaceAsync(transaction, id, form.Schema);
            var made = (await AppRow.HeldAsync(transaction, id, box))!;
            await AuditAsync(transaction, made, access, made.IsInternal ? AuditEvents.InternalIntegrationAdded : AuditEvents.AppAdded);
            if (made.IsInternal)
                await installations.AddAsync(transaction, id, organization, access);
            return made;
        }, ct);
    }

    /// <summary>
    /// The app is read anew under a lock before the change is made of it, so that of two changes at once neither undoes the
    /// other. Installations, their destinations and the tokens of the app follow in the same transaction.
    /// </summary>
    /// <returns>The app as it is now, or why it stays as it was; neither when it is gone.</returns>
    public Task<(App? App, IResult? Refusal)> ChangeAsync(
        long id, Func<App, (AppForm? Form, IResult? Refusal)> read, Access access, CancellationToken ct) =>
        database.WriteAsync(async transaction =>
        {
            if (await AppRow.HeldAsync(transaction, id, box) is not { } before)
                return (null, null);

            var (form, refusal) = read(before);
            if (form is null)
                return ((App?)null, refusal);

            var isPublishedNow = form.Status == AppStatus.Published && before.Status != AppStatus.Published;
            await UpdateAsync(
                transaction, new AppValues(form, box) { Id = id, PublishedAt = isPublishedNow ? Now() : before.PublishedAt is { } at ? UnixMicroseconds.From(at) : null });
            await ComponentStore.ReplaceAsync(transaction, id, form.Schema);
            var app = (await AppRow.HeldAsync(transaction, id, box))!;
            if (!app.Scopes.SequenceEqual(before.Scopes, StringComparer.Ordinal))
                await PushScopesAsync(transaction, app);
            foreach (var installation in await installations.OfAppAsync(transaction, id))
                await destinations.FollowAsync(transaction, app, installation, form);
            await AuditAsync(transaction, app, access, AuditEvents.AppChanged);
            return (app, null);
        }, ct);

    /// <param name="overlap">How long the old secret counts beside the new one; zero ends it at once.</param>
    /// <returns>The new secret; <c>null</c> when the app is gone.</returns>
    public Task<string?> RotateSecretAsync(long id, TimeSpan overlap, Access access, CancellationToken ct)
    {
        var secret = RandomNumberGenerator.GetHexString(64, lowercase: true);
        var until = overlap > TimeSpan.Zero ? UnixMicroseconds.From(time.GetUtcNow() + overlap) : (long?)null;
        return database.WriteAsync(async transaction =>
        {
            if (await AppRow.HeldAsync(transaction, id, box) is not { } before)
                return null;

            await transaction.ExecuteAsync(
                "update app set client_secret = @secret, previous_secret = @previous, previous_secret_until = @until where id = @id",
                new { id, secret = box.Seal(secret), previous = until is null ? null : before.ClientSecret, until });
            var app = (await AppRow.HeldAsync(transaction, id, box))!;
            foreach (var installation in await installations.OfAppAsync(transaction, id))
                await destinations.FollowAsync(transaction, app, installation, AppForm.Of(app));
            await AuditAsync(transaction, app, access, AuditEvents.AppSecretRotated);
            return secret;
        }, ct);
    }

    /// <summary>
    /// It is not found any more at once; its installations end one after the other, each with its notice, tokens and
    /// deliveries. A process that dies in between leaves the rest to <see cref="EndDeletedAsync"/>.
    /// </summary>
    public async Task DeleteAsync(App app, Access access, CancellationToken ct)
    {
        await database.WriteAsync(async transaction =>
        {
            var changed = await transaction.ExecuteAsync(
                "update app set status = 'deletion_in_progress', deleted_at = @now where id = @Id and deleted_at is null", new { app.Id, now = Now() });
            if (changed == 1)
                await AuditAsync(transaction, app, access, app.IsInternal ? AuditEvents.InternalIntegrationRemoved : AuditEvents.AppRemoved);
        }, ct);
        await EndAsync(app, access.HookActor, ct);
    }

    /// <summary>Goes on with the deletion of apps where a process that died has left it.</summary>
    public async Task EndDeletedAsync(CancellationToken ct)
    {
        var deleted = await database.ReadAsync(async session =>
        {
            var rows = await session.ListAsync<AppRow>(
                $"{AppRow.Select} join account proxy on proxy.id = a.proxy_account_id where a.deleted_at is not null and proxy.is_active = 1");
            var pictures = await AvatarStore.OfAsync(session, [.. rows.Select(row => row.Id)]);
            return rows.Select(row => row.ToApp(box, pictures)).ToList();
        }, ct);
        foreach (var app in deleted)
            await EndAsync(app, Wire.HookActor.Platform, ct);
    }

    private async Task EndAsync(App app, Wire.HookActor actor, CancellationToken ct)
    {
        var ended = Step;
        while (ended == Step)
        {
            ended = await database.WriteAsync(async transaction =>
            {
                var some = await installations.OfAppAsync(transaction, app.Id, Step);
                foreach (var installation in some)
                    await installations.RemoveAsync(transaction, app, installation, actor, CancelReason.AppDeleted);
                return some.Count;
            }, ct);
        }

        await database.WriteAsync(async transaction =>
        {
            await transaction.ExecuteAsync("delete from external_issue where app_id = @Id", new { app.Id });
            await transaction.ExecuteAsync("delete from app_avatar where app_id = @Id", new { app.Id });
            await transaction.ExecuteAsync("delete from app_component where app_id = @Id", new { app.Id });
            await transaction.ExecuteAsync("delete from app_count where app_id = @Id", new { app.Id });
            await transaction.ExecuteAsync("delete from app_call where app_id = @Id", new { app.Id });

            // Last, because it says that all is done.
            await transaction.ExecuteAsync("update account set is_active = 0 where id = @ProxyAccountId", new { app.ProxyAccountId });
        }, ct);
    }

    public Task<App?> FindAsync(string idOrSlug, CancellationToken ct) =>
        database.ReadAsync(async session =>
        {
            var id = idOrSlug.All(char.IsAsciiDigit) && long.TryParse(idOrSlug, out var number) ? number : -1;
            var row = await session.FirstAsync<AppRow>($"{AppRow.Select} where (a.slug = @idOrSlug or a.id = @id) and a.deleted_at is null and o.status = 'active'", new { idOrSlug, id });
            return row is null ? null : row.ToApp(box, await AvatarStore.OfAsync(session, [row.Id]));
        }, ct);

    public Task<App?> FindByClientAsync(string clientId, CancellationToken ct) =>
        database.ReadAsync(async session =>
        {
            var row = await session.FirstAsync<AppRow>($"{AppRow.Select} where a.client_id = @clientId and a.deleted_at is null and o.status = 'active'", new { clientId });
            return row is null ? null : row.ToApp(box, await AvatarStore.OfAsync(session, []));
        }, ct);

    /// <summary>Newest first: those older than the place, or, backwards, those newer than it, nearest first.</summary>
    /// <param name="place">The id of the app there; <c>null</c> begins at the newest.</param>
    public Task<IReadOnlyList<App>> ListAsync(AppFilter filter, long? place, bool backwards, int most, CancellationToken ct) =>
        database.ReadAsync<IReadOnlyList<App>>(async session =>
        {
            var organizations = filter.OrganizationIds is { } ids ? string.Join(", ", ids.Append(-1)) : null;
            var rows = await session.ListAsync<AppRow>(
                $"""
                {AppRow.Select}
                where a.deleted_at is null and o.status = 'active'
                    {(filter.Status is null ? "" : "and a.status = @status")}
                    {(organizations is null ? "" : $"and a.organization_id in ({organizations})")}
                    {(place is null ? "" : $"and a.id {(backwards ? '>' : '<')} @place")}
                order by a.id {(backwards ? "asc" : "desc")}
                limit @most
                """,
                new { status = filter.Status is { } status ? StoredName.Of(status) : "", place = place ?? 0, most });
            var avatars = await AvatarStore.OfAsync(session, [.. rows.Select(row => row.Id)]);
            return [.. rows.Select(row => row.ToApp(box, avatars))];
        }, ct);

    public string OpenSecret(App app) => box.Open(app.ClientSecret);

    private static Task PushScopesAsync(Transaction transaction, App app) =>
        transaction.ExecuteAsync(
            "update api_token set scopes = @scopes where app_installation_id in (select id from app_installation where app_id = @Id)",
            new { app.Id, scopes = string.Join(' ', app.Scopes) });

    private static async Task<long?> InsertAsync(Transaction transaction, AppValues values) =>
        await transaction.FirstAsync<long?>(
            """
            insert into app (
                uuid, slug, organization_id, name, author, status, scopes, events, webhook_url, webhook_headers, redirect_url, overview, is_alertable,
                verify_install, allowed_origins, schema, popularity, features, delivery, is_disabled, client_id, client_secret, created_at)
            values (
                @Uuid, @Slug, @OrganizationId, @Name, @Author, @Status, @Scopes, @Events, @WebhookUrl, @WebhookHeaders, @RedirectUrl, @Overview, @IsAlertable,
                @VerifyInstall, @AllowedOrigins, @Schema, @Popularity, @Features, @Delivery, @IsDisabled, @ClientId, @ClientSecret, @CreatedAt)
            on conflict (slug) do nothing
            returning id
            """,
            values);

    private static Task UpdateAsync(Transaction transaction, AppValues values) =>
        transaction.ExecuteAsync(
            """
            update app set
                name = @Name, author = @Author, status = @Status, scopes = @Scopes, events = @Events, webhook_url = @WebhookUrl,
                webhook_headers = @WebhookHeaders, redirect_url = @RedirectUrl, overview = @Overview, is_alertable = @IsAlertable,
                verify_install = @VerifyInstall, allowed_origins = @AllowedOrigins, schema = @Schema, popularity = @Popularity, features = @Features,
                delivery = @Delivery, is_disabled = @IsDisabled, published_at = @PublishedAt
            where id = @Id
            """,
            values);

    private Task AuditAsync(Transaction transaction, App app, Access access, string name) =>
        audit.AddAsync(transaction, app.OrganizationId, AuditSource.Of(access), name, app.Id, ("sentry_app", app.Slug), ("name", app.Name));

    /// <summary>A slug of digits alone would be an id.</summary>
    private static string NewSlug(AppForm form)
    {
        var stem = NotSlug.Replace(form.Name.ToLowerInvariant(), "-").Trim('-') is { Length: > 0 } text ? text : "integration";
        if (form.IsInternal)
            return $"{stem}-{RandomNumberGenerator.GetHexString(6, lowercase: true)}";
        return stem.All(char.IsAsciiDigit) ? $"{stem}-{RandomNumberGenerator.GetString("abcdefghijklmnopqrstuvwxyz", 3)}" : stem;
    }

    private long Now() => UnixMicroseconds.From(time.GetUtcNow());

    [GeneratedRegex("[^a-z0-9]+", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex NotSlug { get; }
}
