using System.Security.Cryptography;
using Vedette.Engine.Deliveries;
using Vedette.Engine.Subscriptions;
using Vedette.Storage;
using Vedette.Wire;

namespace Vedette.Engine;

/// <summary>The one door into the engine: whatever sends a webhook goes through it.</summary>
public sealed class EventIntake(Dispatcher dispatcher, EngineMetrics metrics, TimeProvider time)
{
    /// <summary>
    /// Writes one delivery for every destination that is subscribed at this moment, in the caller's transaction: if the
    /// caller's own change is committed, so are they, and each is then attempted until it is delivered or its row says
    /// why not. Nothing is stored when nobody is subscribed.
    /// </summary>
    public async Task AcceptAsync(Transaction transaction, HookEvent hookEvent)
    {
        var rows = await MatchAsync(transaction, hookEvent, OlderNameOf(hookEvent.Name));
        await StoreAsync(transaction, hookEvent, Matches(rows, hookEvent));
    }

    /// <summary>As <see cref="AcceptAsync"/>, for two events that happen at once, of one project, and have no older names. Asks the database once.</summary>
    public async Task AcceptBothAsync(Transaction transaction, HookEvent first, HookEvent second)
    {
        var rows = await MatchAsync(transaction, first, second.Name);
        await StoreAsync(transaction, first, Matches(rows, first));
        await StoreAsync(transaction, second, Matches(rows, second));
    }

    /// <summary>As <see cref="AcceptAsync"/>, without destinations that subscribe to another event of the same project, which tells them the same.</summary>
    public async Task AcceptUnlessAsync(Transaction transaction, HookEvent hookEvent, string other)
    {
        var rows = await MatchAsync(transaction, hookEvent, other);
        var told = rows.Where(row => row.Event == other).Select(row => row.DestinationId).ToHashSet();
        await StoreAsync(transaction, hookEvent, Matches([.. rows.Where(row => !told.Contains(row.DestinationId))], hookEvent));
    }

    /// <summary>
    /// As <see cref="AcceptAsync"/>, for exactly this destination, whatever it subscribes to. A lifecycle notice
    /// (<c>installation.*</c>) is held by nothing, and is all that a retired destination still gets.
    /// </summary>
    /// <param name="destinationId">One of the event's organization; of another, or of none, nothing comes.</param>
    public async Task AcceptForAsync(Transaction transaction, HookEvent hookEvent, long destinationId)
    {
        var row = await transaction.FirstAsync<DestinationStore.Row>(
            $"select {DestinationStore.Columns} from destination d where d.id = @destinationId and d.organization_id = @OrganizationId",
            new { destinationId, hookEvent.OrganizationId });
        if (row?.ToDestination() is { } destination && (hookEvent.IsLifecycle || !destination.IsRetired))
            await StoreAsync(transaction, hookEvent, [(destination, hookEvent.Action)]);
    }

    private async Task StoreAsync(Transaction transaction, HookEvent hookEvent, IReadOnlyList<(Destination Destination, string Action)> matches)
    {
        if (matches.Count == 0)
            return;

        transaction.AfterCommit(() => metrics.Accepted(hookEvent));
        foreach (var form in matches.GroupBy(match => hookEvent.FlatData is null ? 0 : match.Destination.Version))
            await StoreAsync(transaction, hookEvent, form.Key, [.. form]);
    }

    private async Task StoreAsync(
        Transaction transaction, HookEvent hookEvent, int version, IReadOnlyList<(Destination Destination, string Action)> matches)
    {
        var now = time.GetUtcNow();
        var stored = new HookPayload(
            hookEvent.Resource,
            RandomNumberGenerator.GetHexString(32, lowercase: true),
            version == 0 ? hookEvent.Data() : hookEvent.FlatData!(),
            hookEvent.Actor.ToJson()) { Secret = hookEvent.Secret };
        var eventId = await transaction.SingleAsync<long>(
            """
            insert into hook_event (organization_id, project_id, issue_id, resource, action, subject_type, subject_id, seed, version, data, secret, actor, created_at)
            values (@OrganizationId, @ProjectId, @IssueId, @Resource, @Action, @SubjectType, @SubjectId, @Seed, @Version, @Data, @Secret, @Actor, @Now)
            returning id
            """,
            new
            {
                hookEvent.OrganizationId,
                hookEvent.ProjectId,
                hookEvent.IssueId,
                hookEvent.Resource,
                hookEvent.Action,
                SubjectType = hookEvent.Subject?.Type,
                SubjectId = hookEvent.Subject?.Id,
                stored.Seed,
                Version = (long)version,
                stored.Data,
                stored.Secret,
                stored.Actor,
                Now = UnixMicroseconds.From(now),
            });

        foreach (var (destination, action) in matches)
            await AddDeliveryAsync(transaction, eventId, hookEvent, destination, action, stored, now);
    }

    /// <summary>
    /// The committing process keeps the delivery for itself, lease already written, while its lane has room; what has no
    /// room is due at once for whoever claims it.
    /// </summary>
    private async Task AddDeliveryAsync(
        Transaction transaction, long eventId, HookEvent hookEvent, Destination destination, string action, HookPayload payload, DateTimeOffset now)
    {
        var (state, reason) = DeliveryTransitions.OnAccept(destination.State, hookEvent.IsLifecycle);
        var orderKey = destination.Ordered ? hookEvent.IssueId : null;

        // In order, a delivery may have to wait for an older one, which only claiming looks at.
        var lease = state == DeliveryState.Pending && orderKey is null ? dispatcher.TryReserve(destination) : null;
        if (lease is not null)
            transaction.AfterRollback(() => dispatcher.Unreserve(destination.Id));

        var id = await transaction.SingleAsync<long>(
            """
            insert into delivery (
                organization_id, hook_event_id, destination_id, replay_of, action, lifecycle, order_key, state, reason, due_at, lease, attempts, created_at,
                finished_at)
            values (@OrganizationId, @EventId, @DestinationId, 0, @Action, @Lifecycle, @OrderKey, @State, @Reason, @DueAt, @Lease, 0, @Now, @FinishedAt)
            returning id
            """,
            new
            {
                destination.OrganizationId,
                EventId = eventId,
                DestinationId = destination.Id,
                Action = action,
                Lifecycle = hookEvent.IsLifecycle ? 1 : 0,
                OrderKey = orderKey,
                State = StoredName.Of(state),
                Reason = reason,
                DueAt = UnixMicroseconds.From(lease?.Until ?? now),
                Lease = lease?.Token,
                Now = UnixMicroseconds.From(now),
                FinishedAt = state == DeliveryState.Gone ? UnixMicroseconds.From(now) : (long?)null,
            });

        if (lease is not null)
        {
            transaction.AfterCommit(() => dispatcher.Accept(new LeasedDelivery
            {
                Id = id,
                EventId = eventId,
                Destination = destination,
                Action = action,
                Payload = payload.Data.Length <= HookPayload.LargestInMemory ? payload : null,
                Attempts = 0,
                AcceptedAt = now,
                Lease = lease,
            }));
        }
        else if (state == DeliveryState.Pending)
        {
            transaction.AfterCommit(() => dispatcher.HearOf(destination, now));
        }
    }

    /// <summary>Under which a destination may have subscribed to it, too.</summary>
    internal static string OlderNameOf(string name) => name == "issue.ignored" ? EventCatalogue.LegacyArchived : name;

    /// <param name="other">A second name that is asked for.</param>
    private static Task<IReadOnlyList<MatchRow>> MatchAsync(Transaction transaction, HookEvent hookEvent, string other) =>
        transaction.ListAsync<MatchRow>(
            $"""
            select s.event, {DestinationStore.Columns}
            from subscription s
            join destination d on d.id = s.destination_id
            where s.organization_id = @OrganizationId and s.event in (@Name, @other) and s.project_id in (0, @project)
            order by d.id
            """,
            new
            {
                hookEvent.OrganizationId,
                hookEvent.Name,
                other,
                project = hookEvent.ProjectId ?? 0,
            });

    /// <summary>Each destination once, with the action under the name that it knows.</summary>
    private static IReadOnlyList<(Destination Destination, string Action)> Matches(IReadOnlyList<MatchRow> rows, HookEvent hookEvent)
    {
        var older = OlderNameOf(hookEvent.Name);
        return
        [
            .. rows.Where(row => row.Event == hookEvent.Name || row.Event == older).GroupBy(row => row.DestinationId).Select(group =>
                (group.First().ToDestination(),
                 group.Any(row => row.Event == hookEvent.Name) ? hookEvent.Action : older.Split('.')[1])),
        ];
    }

    private sealed record MatchRow : DestinationStore.Row
    {
        public string Event { get; init; } = "";
    }
}
