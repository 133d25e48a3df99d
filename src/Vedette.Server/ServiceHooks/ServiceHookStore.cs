using System.Security.Cryptography;
using Vedette.Engine.Deliveries;
using Vedette.Engine.Subscriptions;
using Vedette.Server.Audit;
using Vedette.Storage;
using Vedette.Tracker.Projects;
using Vedette.Wire.Json;

namespace Vedette.Server.ServiceHooks;

internal enum HookVerdict
{
    Added,

    /// <summary>The project has as many as it may have.</summary>
    TooMany,

    /// <summary>It was deleted meanwhile.</summary>
    NoProject,
}

/// <summary>Service hooks of projects. Every change is audited in the transaction that makes it.</summary>
internal sealed class ServiceHookStore(Database database, DestinationStore destinations, AuditLog audit, SecretBox box, TimeProvider time)
{
    public const int MostOfProject = 100;

    private const string Select =
        """
        select h.id, h.guid, h.project_id, d.organization_id, h.destination_id, d.url, d.secret, h.events, d.version, h.is_active, d.state, h.created_at
        from service_hook h
        join destination d on d.id = h.destination_id
        """;

    /// <summary>Newest first.</summary>
    public Task<IReadOnlyList<ServiceHook>> ListAsync(long projectId, CancellationToken ct) =>
        database.ReadAsync<IReadOnlyList<ServiceHook>>(async session =>
        [
            .. (await session.ListAsync<Row>($"{Select} where h.project_id = @projectId order by h.id desc", new { projectId })).Select(row => row.ToHook()),
        ], ct);

    public Task<ServiceHook?> FindAsync(long projectId, string guid, CancellationToken ct) =>
        database.ReadAsync(
            async session => (await session.FirstAsync<Row>($"{Select} where h.project_id = @projectId and h.guid = @guid", new { projectId, guid }))?.ToHook(), ct);

    /// <summary>It is told of what happens from now on.</summary>
    public Task<(HookVerdict Verdict, ServiceHook? Hook)> AddAsync(Project project, ServiceHookForm form, AuditSource source, CancellationToken ct)
    {
        var hook = new ServiceHook
        {
            Id = 0,
            Guid = RandomNumberGenerator.GetHexString(32, lowercase: true),
            ProjectId = project.Id,
            OrganizationId = project.OrganizationId,
            DestinationId = 0,
            Url = form.Url!,
            Secret = box.Seal(RandomNumberGenerator.GetHexString(64, lowercase: true)),
            Events = form.Events ?? [],
            Version = form.Version ?? 0,
            IsActive = true,
            IsGone = false,
            CreatedAt = time.GetUtcNow(),
        };
        return database.WriteAsync<(HookVerdict, ServiceHook?)>(async transaction =>
        {
            // Held, two at once do not both count the last free place, and a deletion finds the hook.
            if (await transaction.ExecuteAsync("update project set status = status where id = @Id and status = 'active'", new { project.Id }) == 0)
                return (HookVerdict.NoProject, null);
            if (await transaction.SingleAsync<long>("select count(*) from service_hook where project_id = @Id", new { project.Id }) >= MostOfProject)
                return (HookVerdict.TooMany, null);

            var destination = await destinations.AddAsync(transaction, hook.Destination, []);
            await destinations.SubscribeAsync(transaction, destination, hook.OrganizationId, hook.Events, [hook.ProjectId]);
            var id = await transaction.SingleAsync<long>(
                """
                insert into service_hook (guid, project_id, destination_id, events, is_active, created_at)
                values (@Guid, @ProjectId, @destination, @events, 1, @now)
                returning id
                """,
                new { hook.Guid, hook.ProjectId, destination, events = Text(hook.Events), now = UnixMicroseconds.From(hook.CreatedAt) });
            await AuditAsync(transaction, AuditEvents.ServiceHookAdded, hook, source);
            return (HookVerdict.Added, hook with { Id = id, DestinationId = destination });
        }, ct);
    }

    /// <summary>
    /// Changes what the form names. Switched off, it accepts nothing, and what was still to be sent is held; switched on, that
    /// is sent. Saving a URL or switching it on brings back one whose receiver had answered 410.
    /// </summary>
    /// <returns>The hook as it is now; <c>null</c> when somebody deleted it.</returns>
    public Task<ServiceHook?> ChangeAsync(ServiceHook before, ServiceHookForm form, AuditSource source, CancellationToken ct) =>
        database.WriteAsync(async transaction =>
        {
            // Whoever changes it at the same time waits here.
            var changed = await transaction.ExecuteAsync(
                "update service_hook set events = coalesce(@events, events), is_active = coalesce(@active, is_active) where id = @Id",
                new { before.Id, events = form.Events is { } events ? Text(events) : null, active = form.IsActive is { } active ? active ? 1 : 0 : (int?)null });
            if (changed == 0)
                return null;

            var hook = await ReadAsync(transaction, before.Id);
            if (form.Url is not null || form.Version is not null)
            {
                await destinations.ChangeAsync(
                    transaction, hook.Destination with { Url = form.Url ?? hook.Url, Version = form.Version ?? hook.Version }, namesUrl: form.Url is not null);
            }

            await destinations.SubscribeAsync(transaction, hook.DestinationId, hook.OrganizationId, hook.IsActive ? hook.Events : [], [hook.ProjectId]);
            if (!hook.IsActive)
                await destinations.DisableAsync(transaction, hook.DestinationId, "hook_disabled");
            else if (form.IsActive == true)
                await destinations.EnableAsync(transaction, hook.DestinationId, release: true);

            var after = await ReadAsync(transaction, hook.Id);
            await AuditAsync(transaction, AuditEvents.ServiceHookChanged, after, source);
            return after;
        }, ct);

    /// <summary>Nothing more is sent to it; what was sent stays in the log.</summary>
    /// <returns><c>false</c> when somebody else was first.</returns>
    public Task<bool> DeleteAsync(ServiceHook hook, AuditSource source, CancellationToken ct) =>
        database.WriteAsync(async transaction =>
        {
            if (await transaction.ExecuteAsync("delete from service_hook where id = @Id", new { hook.Id }) == 0)
                return false;

            await destinations.RetireAsync(transaction, hook.DestinationId, CancelReason.HookDeleted);
            await AuditAsync(transaction, AuditEvents.ServiceHookRemoved, hook, source);
            return true;
        }, ct);

    /// <summary>Those of a project that is pending deletion. A second call finds none.</summary>
    public Task EndOfProjectAsync(long projectId, CancellationToken ct) =>
        database.WriteAsync(async transaction =>
        {
            var ended = await transaction.ListAsync<long>("delete from service_hook where project_id = @projectId returning destination_id", new { projectId });
            foreach (var destination in ended.Order())
                await destinations.RetireAsync(transaction, destination, CancelReason.ProjectDeleted);
        }, ct);

    public string OpenSecret(ServiceHook hook) => box.Open(hook.Secret);

    private static async Task<ServiceHook> ReadAsync(Transaction transaction, long id) =>
        (await transaction.SingleAsync<Row>($"{Select} where h.id = @id", new { id })).ToHook();

    private Task AuditAsync(Transaction transaction, string name, ServiceHook hook, AuditSource source) =>
        audit.AddAsync(transaction, hook.OrganizationId, source, name, null, ("url", hook.Url));

    private static string Text(IReadOnlyList<string> events) => string.Join(' ', events);

    private sealed record Row
    {
        public long Id { get; init; }

        public string Guid { get; init; } = "";

        public long ProjectId { get; init; }

        public long OrganizationId { get; init; }

        public long DestinationId { get; init; }

        public string Url { get; init; } = "";

        public byte[] Secret { get; init; } = [];

        public string Events { get; init; } = "";

        public long Version { get; init; }

        public bool IsActive { get; init; }

        public string State { get; init; } = "";

        public long CreatedAt { get; init; }

        public ServiceHook ToHook() => new()
        {
            Id = Id,
            Guid = Guid,
            ProjectId = ProjectId,
            OrganizationId = OrganizationId,
            DestinationId = DestinationId,
            Url = Url,
            Secret = Secret,
            Events = Events.Split(' ', StringSplitOptions.RemoveEmptyEntries),
            Version = (int)Version,
            IsActive = IsActive,
            IsGone = StoredName.Parse<DestinationState>(State) == DestinationState.Gone,
            CreatedAt = UnixMicroseconds.ToInstant(CreatedAt),
        };
    }
}
