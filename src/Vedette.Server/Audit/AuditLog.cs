using System.Text;
using Vedette.Storage;
using Vedette.Wire.Json;

namespace Vedette.Server.Audit;

/// <summary>Names of what the log records. They are Sentry's, and part of the data.</summary>
internal static class AuditEvents
{
    /// <summary>By the system: its receiver counts as broken. Data <c>{name}</c>; the target is the organization.</summary>
    public const string InternalIntegrationDisabled = "INTERNAL_INTEGRATION_DISABLED";
}

internal enum AuditActorKind
{
    User,
    System,
}

/// <param name="Id"><c>null</c> for the system.</param>
/// <param name="Label">Who it was, for the time when the account is gone.</param>
internal sealed record AuditActor(AuditActorKind Kind, long? Id, string Label)
{
    public static AuditActor System { get; } = new(AuditActorKind.System, null, "Sentry");
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

/// <summary>What was done in an organization and by whom, written in the transaction that does it. Entries are never changed.</summary>
internal sealed class AuditLog(TimeProvider time)
{
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
