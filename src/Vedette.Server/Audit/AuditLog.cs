using System.Text;
using Vedette.Server.Authorization;
using Vedette.Storage;
using Vedette.Wire.Json;

namespace Vedette.Server.Audit;

internal enum AuditActorKind
{
    User,

    /// <summary>An app, by the account that it acts through.</summary>
    App,

    /// <summary>A token of the organization.</summary>
    Token,
    System,
}

/// <param name="Id"><c>null</c> for the system.</param>
/// <param name="Label">Who it was, for the time when the account is gone.</param>
internal sealed record AuditActor(AuditActorKind Kind, long? Id, string Label)
{
    public static AuditActor System { get; } = new(AuditActorKind.System, null, "Sentry");
}

/// <summary>Who asks, and from where.</summary>
/// <param name="Ip"><c>null</c> when nobody asked from anywhere.</param>
internal sealed record AuditSource(AuditActor Actor, string? Ip)
{
    public static AuditSource Of(Access access) => new(
        access.Holder.Credential switch
        {
            CredentialKind.UserToken or CredentialKind.Session => new AuditActor(AuditActorKind.User, access.AccountId, access.Email),
            CredentialKind.AppToken => new AuditActor(AuditActorKind.App, access.AccountId, access.Holder.App!.Slug),
            CredentialKind.OrganizationToken => new AuditActor(AuditActorKind.Token, null, access.Name),
        },
        access.Ip);
}

/// <summary>One thing that was done in an organization.</summary>
internal sealed record AuditEntry
{
    public required long OrganizationId { get; init; }

    /// <summary>One of <see cref="AuditEvents"/>.</summary>
    public required string Event { get; init; }

    public required AuditActor Actor { get; init; }

    /// <summary>Id of what it was done to, of a kind that the event knows.</summary>
    public required long? TargetId { get; init; }

    public required JsonMap Data { get; init; }

    /// <summary><c>null</c> when nobody asked from anywhere.</summary>
    public string? Ip { get; init; }
}

/// <summary>An entry as it was written.</summary>
internal sealed record LoggedAudit
{
    public long Id { get; init; }

    public string Event { get; init; } = "";

    public string ActorKind { get; init; } = "";

    public long? ActorId { get; init; }

    public string ActorLabel { get; init; } = "";

    public long? TargetId { get; init; }

    public string Data { get; init; } = "";

    public string? Ip { get; init; }

    public long CreatedAt { get; init; }
}

/// <param name="Event">Only entries of this name; <c>null</c> for all.</param>
/// <param name="ActorId">Only entries of this account; <c>null</c> for all.</param>
internal sealed record AuditFilter(long OrganizationId, string? Event, long? ActorId);

/// <summary>What was done in an organization and by whom, written in the transaction that does it. Entries are never changed.</summary>
internal sealed class AuditLog(Database database, TimeProvider time)
{
    /// <summary>Newest first: those older than the place, or, backwards, those newer than it, nearest first.</summary>
    /// <param name="place">When the entry there was made, and its id; <c>null</c> begins at the newest.</param>
    public Task<IReadOnlyList<LoggedAudit>> ListAsync(AuditFilter filter, (long CreatedAt, long Id)? place, bool backwards, int most, CancellationToken ct)
    {
        var (than, order) = backwards ? ('>', "asc") : ('<', "desc");
        return database.ReadAsync(session => session.ListAsync<LoggedAudit>(
            $"""
            select id, event, actor_kind, actor_id, actor_label, target_id, data, ip, created_at from audit_log_entry
            where organization_id = @OrganizationId
                {(filter.Event is null ? "" : "and event = @Event")}
                {(filter.ActorId is null ? "" : "and actor_id = @ActorId")}
                {(place is null ? "" : $"and (created_at, id) {than} (@placeUs, @placeId)")}
            order by created_at {order}, id {order}
            limit @most
            """,
            new { filter.OrganizationId, filter.Event, filter.ActorId, placeUs = place?.CreatedAt ?? 0, placeId = place?.Id ?? 0, most }), ct);
    }

    /// <param name="name">One of <see cref="AuditEvents"/>.</param>
    /// <param name="targetId">Of what it was done to, of a kind that the event knows.</param>
    public Task AddAsync(
        Transaction transaction, long organizationId, AuditSource source, string name, long? targetId, params IReadOnlyList<(string Name, string? Value)> data)
    {
        var map = new JsonMap();
        foreach (var (member, value) in data)
            map[member] = value;
        return AddAsync(transaction, new AuditEntry
        {
            OrganizationId = organizationId,
            Event = name,
            Actor = source.Actor,
            TargetId = targetId,
            Data = map,
            Ip = source.Ip,
        });
    }

    public Task AddAsync(Transaction transaction, AuditEntry entry)
    {
        var data = new StableJsonWriter();
        data.Value(entry.Data);
        return transaction.ExecuteAsync(
            """
            insert into audit_log_entry (organization_id, event, actor_kind, actor_id, actor_label, target_id, data, ip, created_at)
            values (@OrganizationId, @Event, @kind, @actorId, @label, @TargetId, @data, @Ip, @now)
            """,
            new
            {
                entry.OrganizationId,
                entry.Event,
                kind = StoredName.Of(entry.Actor.Kind),
                actorId = entry.Actor.Id,
                label = entry.Actor.Label,
                entry.TargetId,
                data = Encoding.UTF8.GetString(data.WrittenSpan),
                entry.Ip,
                now = UnixMicroseconds.From(time.GetUtcNow()),
            });
    }
}
