using System.Security.Cryptography;
using Vedette.Engine;
using Vedette.Engine.Deliveries;
using Vedette.Engine.Subscriptions;
using Vedette.Server.Apps;
using Vedette.Server.Audit;
using Vedette.Server.Authorization;
using Vedette.Server.Secrets;
using Vedette.Storage;
using Vedette.Tracker.Projects;
using Vedette.Wire;
using Vedette.Wire.Json;

namespace Vedette.Server.Installations;

/// <summary>Which app is in which organization, at most once each.</summary>
internal sealed class InstallationStore(
    Database database, AppDestinations appDestinations, DestinationStore destinations, EventIntake intake, AppCounts counts, AuditLog audit, SecretBox box, TimeProvider time)
{
    /// <summary><c>spec/platform-api.md</c> 2.1.</summary>
    private static readonly TimeSpan GrantLasts = TimeSpan.FromMinutes(10);

    private const string Select =
        """
        select i.id, i.uuid, i.status, i.app_id, a.uuid as app_uuid, a.slug as app_slug, i.organization_id, o.slug as organization_slug,
            i.destination_id, i.is_limited, i.grant_code, i.grant_expires_at
        from app_installation i
        join app a on a.id = i.app_id
        join organization o on o.id = i.organization_id
        """;

    /// <summary>A second call gives the installation that is there, and tells nobody.</summary>
    /// <returns><c>null</c> when the app has been deleted meanwhile.</returns>
    public Task<AppInstallation?> InstallAsync(long appId, Organization organization, Access access, CancellationToken ct) =>
        database.WriteAsync(transaction => AddAsync(transaction, appId, organization, access), ct);

    /// <inheritdoc cref="InstallAsync"/>
    public async Task<AppInstallation?> AddAsync(Transaction transaction, long appId, Organization organization, Access access)
    {
        // Its deletion comes before this and is seen, or after it and finds the installation. So does a change of its URL or secret.
        if (await AppRow.HeldAsync(transaction, appId, box) is not { } app)
            return null;

        var now = time.GetUtcNow();
        var code = RandomNumberGenerator.GetHexString(32, lowercase: true);
        var status = app.VerifyInstall && !app.IsInternal ? InstallationStatus.Pending : InstallationStatus.Installed;
        var id = await transaction.FirstAsync<long?>(
            """
            insert into app_installation (uuid, app_id, organization_id, status, grant_code, grant_hash, grant_expires_at, created_at)
            values (@uuid, @appId, @organizationId, @status, @code, @hash, @expires, @now)
            on conflict (app_id, organization_id) do nothing
            returning id
            """,
            new
            {
                uuid = RandomUuid.Create().ToString("D"),
                appId,
                organizationId = organization.Id,
                status = StoredName.Of(status),
                code = box.Seal(code),
                hash = HolderStore.Hash(code),
                expires = UnixMicroseconds.From(now + GrantLasts),
                now = UnixMicroseconds.From(now),
            });
        var found = await FirstAsync(transaction, "i.app_id = @AppId and i.organization_id = @OrganizationId", new { AppId = appId, OrganizationId = organization.Id });
        if (id is null)
            return found;

        await appDestinations.FollowAsync(transaction, app, found!, AppForm.Of(app));
        var installation = (await FirstAsync(transaction, "i.id = @id", new { id }))!; // now with its destination
        if (!app.IsInternal)
            await NotifyAsync(transaction, installation, "created", access.HookActor);
        await counts.CountAsync(transaction, app.Id, AppCounts.Installed);
        await audit.AddAsync(transaction, organization.Id, AuditSource.Of(access), AuditEvents.AppInstalled, installation.Id, ("sentry_app", app.Slug));
        return installation;
    }

    /// <summary>The app says that it is ready. Of several calls, all succeed.</summary>
    public Task<AppInstallation?> ConfirmAsync(long id, CancellationToken ct) =>
        database.WriteAsync(async transaction =>
        {
            await transaction.ExecuteAsync("update app_installation set status = 'installed' where id = @id", new { id });
            return await FirstAsync(transaction, "i.id = @id", new { id });
        }, ct);

    /// <returns><c>false</c> when somebody else was first.</returns>
    public Task<bool> UninstallAsync(App app, AppInstallation installation, Access access, CancellationToken ct) =>
        database.WriteAsync(async transaction =>
        {
            if (!await RemoveAsync(transaction, app, installation, access.HookActor, CancelReason.Uninstalled))
                return false;

            await audit.AddAsync(
                transaction, installation.OrganizationId, AuditSource.Of(access), AuditEvents.AppUninstalled, installation.Id, ("sentry_app", app.Slug));
            return true;
        }, ct);

    /// <summary>
    /// Its tokens die with it. What waits for it is cancelled, but the notice that it ended is still sent: the destination
    /// stays until its deliveries expire.
    /// </summary>
    /// <param name="reason">Why what waited was cancelled.</param>
    /// <returns><c>false</c> when somebody else was first.</returns>
    public async Task<bool> RemoveAsync(Transaction transaction, App app, AppInstallation installation, HookActor actor, CancelReason reason)
    {
        // Read again when the app is held: its destination may have come or gone with the URL.
        await AppRow.HoldAsync(transaction, app.Id);
        if (await FirstAsync(transaction, "i.id = @Id", new { installation.Id }) is not { } now
            || await transaction.ExecuteAsync("delete from app_installation where id = @Id", new { now.Id }) == 0)
        {
            return false;
        }

        if (now.DestinationId is { } destination)
        {
            await destinations.RetireAsync(transaction, destination, reason);
            if (!app.IsInternal)
                await NotifyAsync(transaction, now with { GrantCode = null, SealedGrantCode = null }, "deleted", actor);
        }

        await counts.CountAsync(transaction, app.Id, AppCounts.Uninstalled);
        return true;
    }

    /// <summary>
    /// Projects to which <c>issue.created</c> and <c>error.created</c> are limited. Replaces what was said before. A limit
    /// stays one when its projects are deleted: then none is left.
    /// </summary>
    /// <param name="projects"><c>null</c> for no limit.</param>
    /// <returns><c>false</c> when it was uninstalled meanwhile.</returns>
    public Task<bool> LimitAsync(AppInstallation installation, IReadOnlyList<long>? projects, CancellationToken ct) =>
        database.WriteAsync(async transaction =>
        {
            if (await AppRow.HeldAsync(transaction, installation.AppId, box) is not { } app
                || await FirstAsync(transaction, "i.id = @Id", new { installation.Id }) is not { } now)
            {
                return false;
            }

            await transaction.ExecuteAsync(
                "update app_installation set is_limited = @limited where id = @Id", new { now.Id, limited = projects is null ? 0 : 1 });
            await transaction.ExecuteAsync("delete from app_installation_project where app_installation_id = @Id", new { now.Id });
            await transaction.ExecuteEachAsync(
                "insert into app_installation_project (app_installation_id, project_id) select @Id, id from project where id = @Project",
                [.. (projects ?? []).Distinct().Select(project => new { now.Id, Project = project })]);
            if (now.DestinationId is { } destination)
                await appDestinations.SubscribeAsync(transaction, app, now with { IsLimited = projects is not null }, destination);
            return true;
        }, ct);

    /// <inheritdoc cref="LimitAsync" path="/summary"/>
    public Task<IReadOnlyList<long>> LimitsAsync(long id, CancellationToken ct) =>
        database.ReadAsync(
            session => session.ListAsync<long>("select project_id from app_installation_project where app_installation_id = @id order by project_id", new { id }), ct);

    public Task<AppInstallation?> FindAsync(string uuid, CancellationToken ct) =>
        database.ReadAsync(session => FirstAsync(session, "i.uuid = @uuid", new { uuid = uuid.ToLowerInvariant() }), ct);

    /// <summary>The one that the organization has of the app.</summary>
    public Task<AppInstallation?> InAsync(long appId, long organizationId, CancellationToken ct) =>
        database.ReadAsync(session => FirstAsync(session, "i.app_id = @appId and i.organization_id = @organizationId", new { appId, organizationId }), ct);

    /// <summary>In the order in which destinations are locked everywhere.</summary>
    public async Task<IReadOnlyList<AppInstallation>> OfAppAsync(Session session, long appId, int most = int.MaxValue) =>
        [.. (await session.ListAsync<Row>($"{Select} where i.app_id = @appId order by i.destination_id, i.id limit @most", new { appId, most })).Select(ToInstallation)];

    /// <summary>Newest first: those older than the place, or, backwards, those newer than it, nearest first.</summary>
    /// <param name="place">The id of the installation there; <c>null</c> begins at the newest.</param>
    public Task<IReadOnlyList<AppInstallation>> ListAsync(long organizationId, long? place, bool backwards, int most, CancellationToken ct) =>
        database.ReadAsync<IReadOnlyList<AppInstallation>>(async session =>
        [
            .. (await session.ListAsync<Row>(
                $"""
                {Select}
                where i.organization_id = @organizationId {(place is null ? "" : $"and i.id {(backwards ? '>' : '<')} @place")}
                order by i.id {(backwards ? "asc" : "desc")}
                limit @most
                """,
                new { organizationId, place = place ?? 0, most })).Select(ToInstallation),
        ], ct);

    /// <summary>The destinations of an app's installations.</summary>
    /// <param name="organizationId">Only of the installation there; <c>null</c> for all.</param>
    public Task<IReadOnlyList<long>> DestinationsAsync(long appId, long? organizationId, CancellationToken ct) =>
        database.ReadAsync(session => session.ListAsync<long>(
            """
            select destination_id from app_installation
            where app_id = @appId and destination_id is not null and (@organizationId is null or organization_id = @organizationId)
            """,
            new { appId, organizationId }), ct);

    /// <summary><c>spec/webhooks.md</c> 2.1. Nobody subscribes to it: it goes to the installation that it is about.</summary>
    private async Task NotifyAsync(Transaction transaction, AppInstallation installation, string action, HookActor actor)
    {
        if (installation.DestinationId is not { } destination)
            return;

        await intake.AcceptForAsync(
            transaction,
            new HookEvent
            {
                OrganizationId = installation.OrganizationId,
                Resource = "installation",
                Action = action,
                Subject = new HookSubject("installation", installation.Uuid),
                Actor = actor,
                Secret = installation.SealedGrantCode,
                Data = () =>
                {
                    var json = new StableJsonWriter();
                    json.StartObject();
                    json.Name("installation"u8);
                    (installation with { GrantCode = installation.GrantCode is null ? null : HookPayload.Mask }).Write(json, withCode: true);
                    json.EndObject();
                    return json.ToArray();
                },
            },
            destination);
    }

    private async Task<AppInstallation?> FirstAsync(Session session, string where, object args) =>
        await session.FirstAsync<Row>($"{Select} where {where}", args) is { } row ? ToInstallation(row) : null;

    private AppInstallation ToInstallation(Row row)
    {
        var code = row.GrantExpiresAt > UnixMicroseconds.From(time.GetUtcNow()) ? row.GrantCode : null;
        return new()
        {
            Id = row.Id,
            Uuid = row.Uuid,
            Status = StoredName.Parse<InstallationStatus>(row.Status),
            AppId = row.AppId,
            AppUuid = row.AppUuid,
            AppSlug = row.AppSlug,
            OrganizationId = row.OrganizationId,
            OrganizationSlug = row.OrganizationSlug,
            DestinationId = row.DestinationId,
            IsLimited = row.IsLimited,
            GrantCode = code is null ? null : box.Open(code),
            SealedGrantCode = code,
        };
    }

    private sealed record Row
    {
        public long Id { get; init; }

        public string Uuid { get; init; } = "";

        public string Status { get; init; } = "";

        public long AppId { get; init; }

        public string AppUuid { get; init; } = "";

        public string AppSlug { get; init; } = "";

        public long OrganizationId { get; init; }

        public string OrganizationSlug { get; init; } = "";

        public long? DestinationId { get; init; }

        public bool IsLimited { get; init; }

        public byte[]? GrantCode { get; init; }

        public long? GrantExpiresAt { get; init; }
    }
}
