using System.Security.Cryptography;
using Vedette.Engine.Subscriptions;
using Vedette.Storage;
using Vedette.Tracker.Projects;

namespace Vedette.Server.Apps;

/// <summary>An app in an organization.</summary>
internal sealed record AppInstallation
{
    public string Uuid { get; init; } = "";

    public string Status { get; init; } = "";

    public long AppId { get; init; }

    public string AppUuid { get; init; } = "";

    public string AppSlug { get; init; } = "";

    public long OrganizationId { get; init; }

    public string OrganizationSlug { get; init; } = "";
}

/// <summary>Apps and their installations. An installation with a webhook URL is a destination of the engine.</summary>
internal sealed class AppStore(Database database, DestinationStore destinations, SecretBox box, TimeProvider time)
{
    private const string Select =
        """
        select a.id, a.uuid, a.slug, a.organization_id, o.slug as organization_slug, a.name, a.author, a.status, a.scopes, a.events, a.webhook_url,
            a.redirect_url, a.overview, a.is_alertable, a.verify_install, a.allowed_origins, a.delivery, a.is_disabled, a.client_id, a.client_secret, a.created_at
        from app a
        join organization o on o.id = a.organization_id
        """;

    /// <summary>Creates the app and installs it in its own organization at once; from then on it receives what it subscribed to.</summary>
    public Task<App> CreateInternalAsync(AppForm form, Organization organization, CancellationToken ct)
    {
        var now = time.GetUtcNow();
        var secret = RandomNumberGenerator.GetHexString(64, lowercase: true);
        var app = new App
        {
            Uuid = Uuid(),
            Slug = $"{form.SlugStem}-{RandomNumberGenerator.GetHexString(6, lowercase: true)}",
            OrganizationId = organization.Id,
            OrganizationSlug = organization.Slug,
            Name = form.Name,
            Author = form.Author ?? organization.Name,
            Status = "internal",
            Scopes = Authorization.Scopes.Expand(form.Scopes),
            Events = form.Events,
            WebhookUrl = form.WebhookUrl,
            RedirectUrl = form.RedirectUrl,
            Overview = form.Overview,
            IsAlertable = form.IsAlertable,
            VerifyInstall = false,
            AllowedOrigins = form.AllowedOrigins,
            Delivery = form.Delivery,
            IsDisabled = false,
            ClientId = RandomNumberGenerator.GetHexString(64, lowercase: true),
            ClientSecret = box.Seal(secret),
            CreatedAt = now,
        };
        var installation = Uuid();
        return database.WriteAsync(async transaction =>
        {
            var id = await InsertAsync(transaction, app);
            long? destination = app.WebhookUrl is { } url ? await AddDestinationAsync(transaction, app, installation, app.OrganizationId, url) : null;
            await transaction.ExecuteAsync(
                """
                insert into app_installation (uuid, app_id, organization_id, status, destination_id, created_at)
                values (@installation, @id, @OrganizationId, 'installed', @destination, @now)
                """,
                new { installation, id, app.OrganizationId, destination, now = UnixMicroseconds.From(now) });
            return app with { Id = id };
        }, ct);
    }

    /// <summary>
    /// Changes what the change names. Disabled, the app's webhooks are held; enabled, they are sent again, also to a receiver
    /// that had answered 410, and so they are when its URL is saved. Changing to what is there already does nothing more.
    /// </summary>
    /// <returns>The app as it is now.</returns>
    public Task<App> ChangeAsync(long id, AppChange change, CancellationToken ct) =>
        database.WriteAsync(async transaction =>
        {
            await transaction.ExecuteAsync(
                "update app set is_disabled = coalesce(@disabled, is_disabled), webhook_url = coalesce(@WebhookUrl, webhook_url) where id = @id",
                new { id, disabled = change.IsDisabled is { } disabled ? disabled ? 1 : 0 : (int?)null, change.WebhookUrl });
            var app = (await transaction.SingleAsync<Row>($"{Select} where a.id = @id", new { id })).ToApp();
            var installations = await transaction.ListAsync<InstalledRow>(
                "select id, uuid, organization_id, destination_id from app_installation where app_id = @id order by destination_id", new { id });
            foreach (var installation in installations)
                await ChangeDestinationAsync(transaction, app, installation, change);
            return app;
        }, ct);

    public Task<App?> FindAsync(string idOrSlug, CancellationToken ct) =>
        database.ReadAsync(async session =>
        {
            var id = idOrSlug.All(char.IsAsciiDigit) && long.TryParse(idOrSlug, out var number) ? number : -1;
            var row = await session.FirstAsync<Row>($"{Select} where a.slug = @idOrSlug or a.id = @id", new { idOrSlug, id });
            return row?.ToApp();
        }, ct);

    /// <summary>Newest first.</summary>
    public Task<IReadOnlyList<App>> ListAsync(long organizationId, CancellationToken ct) =>
        database.ReadAsync<IReadOnlyList<App>>(async session =>
        [
            .. (await session.ListAsync<Row>($"{Select} where a.organization_id = @organizationId order by a.id desc", new { organizationId }))
                .Select(row => row.ToApp()),
        ], ct);

    /// <summary>Newest first.</summary>
    public Task<IReadOnlyList<AppInstallation>> InstallationsAsync(long organizationId, CancellationToken ct) =>
        database.ReadAsync(session => session.ListAsync<AppInstallation>(
            """
            select i.uuid, i.status, i.app_id, a.uuid as app_uuid, a.slug as app_slug, i.organization_id, o.slug as organization_slug
            from app_installation i
            join app a on a.id = i.app_id
            join organization o on o.id = i.organization_id
            where i.organization_id = @organizationId
            order by i.id desc
            """,
            new { organizationId }), ct);

    /// <summary>The destinations of its installations.</summary>
    /// <param name="organizationId">Only of the installation there; <c>null</c> for all.</param>
    public Task<IReadOnlyList<long>> DestinationsAsync(long appId, long? organizationId, CancellationToken ct) =>
        database.ReadAsync(session => session.ListAsync<long>(
            """
            select destination_id from app_installation
            where app_id = @appId and destination_id is not null and (@organizationId is null or organization_id = @organizationId)
            """,
            new { appId, organizationId }), ct);

    public string OpenSecret(App app) => box.Open(app.ClientSecret);

    private async Task ChangeDestinationAsync(Transaction transaction, App app, InstalledRow installation, AppChange change)
    {
        var destination = installation.DestinationId;
        if (change.WebhookUrl is { } url)
        {
            if (destination is { } existing)
            {
                await destinations.MoveAsync(transaction, existing, url);
            }
            else
            {
                destination = await AddDestinationAsync(transaction, app, installation.Uuid, installation.OrganizationId, url);
                await transaction.ExecuteAsync("update app_installation set destination_id = @destination where id = @Id", new { installation.Id, destination });
            }
        }

        if (destination is not { } id)
            return;
        if (app.IsDisabled)
            await destinations.DisableAsync(transaction, id, "app_disabled");
        else if (change.IsDisabled == false)
            await destinations.EnableAsync(transaction, id, change.ReleaseHeld);
    }

    private Task<long> AddDestinationAsync(Transaction transaction, App app, string installation, long organizationId, string url) =>
        destinations.AddAsync(transaction, new Destination
        {
            Kind = DestinationKind.App,
            PublicId = installation,
            OrganizationId = organizationId,
            Url = url,
            Secret = app.ClientSecret,
            Timeout = TimeSpan.FromMilliseconds(app.Delivery.TimeoutMs),
            Concurrency = app.Delivery.Concurrency,
            Encoding = app.Delivery.Encoding,
            Ordered = app.Delivery.Ordered,
        }, app.Events);

    private static Task<long> InsertAsync(Transaction transaction, App app) =>
        transaction.SingleAsync<long>(
            """
            insert into app (
                uuid, slug, organization_id, name, author, status, scopes, events, webhook_url, redirect_url, overview, is_alertable, verify_install,
                allowed_origins, delivery, client_id, client_secret, created_at)
            values (
                @Uuid, @Slug, @OrganizationId, @Name, @Author, @Status, @scopes, @events, @WebhookUrl, @RedirectUrl, @Overview, @alertable, 0,
                @origins, @delivery, @ClientId, @ClientSecret, @created)
            returning id
            """,
            new
            {
                app.Uuid,
                app.Slug,
                app.OrganizationId,
                app.Name,
                app.Author,
                app.Status,
                scopes = string.Join(' ', app.Scopes),
                events = string.Join(' ', app.Events),
                app.WebhookUrl,
                app.RedirectUrl,
                app.Overview,
                alertable = app.IsAlertable ? 1 : 0,
                origins = string.Join('\n', app.AllowedOrigins),
                delivery = AppJson.Text(app.Delivery),
                app.ClientId,
                app.ClientSecret,
                created = UnixMicroseconds.From(app.CreatedAt),
            });

    /// <summary>Version 4, with dashes. Not a secret.</summary>
    private static string Uuid()
    {
        Span<byte> bytes = stackalloc byte[16];
        RandomNumberGenerator.Fill(bytes);
        bytes[6] = (byte)((bytes[6] & 0x0f) | 0x40);
        bytes[8] = (byte)((bytes[8] & 0x3f) | 0x80);
        return new Guid(bytes, bigEndian: true).ToString("D");
    }

    private sealed record InstalledRow
    {
        public long Id { get; init; }

        public string Uuid { get; init; } = "";

        public long OrganizationId { get; init; }

        public long? DestinationId { get; init; }
    }

    private sealed record Row
    {
        public long Id { get; init; }

        public string Uuid { get; init; } = "";

        public string Slug { get; init; } = "";

        public long OrganizationId { get; init; }

        public string OrganizationSlug { get; init; } = "";

        public string Name { get; init; } = "";

        public string Author { get; init; } = "";

        public string Status { get; init; } = "";

        public string Scopes { get; init; } = "";

        public string Events { get; init; } = "";

        public string? WebhookUrl { get; init; }

        public string? RedirectUrl { get; init; }

        public string? Overview { get; init; }

        public bool IsAlertable { get; init; }

        public bool VerifyInstall { get; init; }

        public string AllowedOrigins { get; init; } = "";

        public string Delivery { get; init; } = "";

        public bool IsDisabled { get; init; }

        public string ClientId { get; init; } = "";

        public byte[] ClientSecret { get; init; } = [];

        public long CreatedAt { get; init; }

        public App ToApp() => new()
        {
            Id = Id,
            Uuid = Uuid,
            Slug = Slug,
            OrganizationId = OrganizationId,
            OrganizationSlug = OrganizationSlug,
            Name = Name,
            Author = Author,
            Status = Status,
            Scopes = Scopes.Split(' ', StringSplitOptions.RemoveEmptyEntries),
            Events = Events.Split(' ', StringSplitOptions.RemoveEmptyEntries),
            WebhookUrl = WebhookUrl,
            RedirectUrl = RedirectUrl,
            Overview = Overview,
            IsAlertable = IsAlertable,
            VerifyInstall = VerifyInstall,
            AllowedOrigins = AllowedOrigins.Split('\n', StringSplitOptions.RemoveEmptyEntries),
            Delivery = AppJson.ParseDelivery(Delivery),
            IsDisabled = IsDisabled,
            ClientId = ClientId,
            ClientSecret = ClientSecret,
            CreatedAt = UnixMicroseconds.ToInstant(CreatedAt),
        };
    }
}
