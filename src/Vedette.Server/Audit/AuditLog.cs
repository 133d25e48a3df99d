using System.Text;
using Vedette.Server.Authorization;
using Vedette.Storage;
using Vedette.Wire.Json;

namespace Vedette.Server.Audit;

/// <summary>Names of what the log records. They are Sentry's, and part of the data.</summary>
internal static class AuditEvents
{
    /// <summary>By the system: its receiver counts as broken. Data <c>{name}</c>; the target is the organization.</summary>
    public const string InternalIntegrationDisabled = "INTERNAL_INTEGRATION_DISABLED";

    /// <summary>Data <c>{slug, name}</c>.</summary>
    public const string OrganizationAdded = "ORG_ADD";

    /// <summary>Data <c>{email, role}</c>; the target is the account.</summary>
    public const string MemberAdded = "MEMBER_ADD";

    /// <summary>Data <c>{slug, name}</c>.</summary>
    public const string ProjectAdded = "PROJECT_ADD";

    /// <summary>Data <c>{public_key}</c>.</summary>
    public const string KeyAdded = "PROJECTKEY_ADD";

    /// <inheritdoc cref="KeyAdded"/>
    public const string KeyChanged = "PROJECTKEY_EDIT";

    /// <inheritdoc cref="KeyAdded"/>
    public const string KeyRemoved = "PROJECTKEY_REMOVE";

    /// <summary>Data <c>{sentry_app, name}</c>; the target is the app.</summary>
    public const string AppAdded = "SENTRY_APP_ADD";

    /// <inheritdoc cref="AppAdded"/>
    public const string AppChanged = "SENTRY_APP_EDIT";

    /// <inheritdoc cref="AppAdded"/>
    public const string AppSecretRotated = "SENTRY_APP_ROTATE_SECRET";

    /// <inheritdoc cref="AppAdded"/>
    public const string AppRemoved = "SENTRY_APP_REMOVE";

    /// <inheritdoc cref="AppAdded"/>
    public const string InternalIntegrationAdded = "INTERNAL_INTEGRATION_ADD";

    /// <inheritdoc cref="AppAdded"/>
    public const string InternalIntegrationRemoved = "INTERNAL_INTEGRATION_REMOVE";

    /// <summary>Data <c>{sentry_app}</c>; the target is the installation.</summary>
    public const string AppInstalled = "SENTRY_APP_INSTALL";

    /// <inheritdoc cref="AppInstalled"/>
    public const string AppUninstalled = "SENTRY_APP_UNINSTALL";

    /// <summary>Data <c>{sentry_app}</c>; the target is the token.</summary>
    public const string AppTokenAdded = "INTERNAL_INTEGRATION_ADD_TOKEN";

    /// <inheritdoc cref="AppTokenAdded"/>
    public const string AppTokenRemoved = "INTERNAL_INTEGRATION_REMOVE_TOKEN";

    /// <summary>Data <c>{name}</c>; the target is the token.</summary>
    public const string OrganizationTokenAdded = "ORGAUTHTOKEN_ADD";

    /// <inheritdoc cref="OrganizationTokenAdded"/>
    public const string OrganizationTokenRemoved = "ORGAUTHTOKEN_REMOVE";

    /// <summary>Data <c>{url}</c>.</summary>
    public const string ServiceHookAdded = "SERVICEHOOK_ADD";

    /// <inheritdoc cref="ServiceHookAdded"/>
    public const string ServiceHookChanged = "SERVICEHOOK_EDIT";

    /// <inheritdoc cref="ServiceHookAdded"/>
    public const string ServiceHookRemoved = "SERVICEHOOK_REMOVE";

    /// <summary>As the API names them.</summary>
    public static IReadOnlyDictionary<string, string> ApiNames { get; } = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        [InternalIntegrationDisabled] = "internal-integration.disable",
        [OrganizationAdded] = "org.create",
        [MemberAdded] = "member.add",
        [ProjectAdded] = "project.create",
        [KeyAdded] = "projectkey.create",
        [KeyChanged] = "projectkey.edit",
        [KeyRemoved] = "projectkey.remove",
        [AppAdded] = "sentry-app.add",
        [AppChanged] = "sentry-app.edit",
        [AppSecretRotated] = "sentry-app.rotate-secret",
        [AppRemoved] = "sentry-app.remove",
        [InternalIntegrationAdded] = "internal-integration.create",
        [InternalIntegrationRemoved] = "internal-integration.remove",
        [AppInstalled] = "sentry-app.install",
        [AppUninstalled] = "sentry-app.uninstall",
        [AppTokenAdded] = "internal-integration.add-token",
        [AppTokenRemoved] = "internal-integration.remove-token",
        [OrganizationTokenAdded] = "org-auth-token.create",
        [OrganizationTokenRemoved] = "org-auth-token.remove",
        [ServiceHookAdded] = "servicehook.add",
        [ServiceHookChanged] = "servicehook.edit",
        [ServiceHookRemoved] = "servicehook.remove",
    };

    /// <summary>What happened, in a few words, to follow the name of the actor.</summary>
    public static string Note(string name, JsonMap data) => name switch
    {
        InternalIntegrationDisabled => $"disabled the internal integration {data.Text("name")}, because its receiver fails",
        OrganizationAdded => "created the organization",
        MemberAdded => $"added {data.Text("email")} as {data.Text("role")}",
        ProjectAdded => $"created project {data.Text("slug")}",
        KeyAdded => $"added project key {data.Text("public_key")}",
        KeyChanged => $"edited project key {data.Text("public_key")}",
        KeyRemoved => $"removed project key {data.Text("public_key")}",
        AppAdded => $"created sentry app {data.Text("sentry_app")}",
        AppChanged => $"edited sentry app {data.Text("sentry_app")}",
        AppSecretRotated => $"rotated the secret of sentry app {data.Text("sentry_app")}",
        AppRemoved => $"removed sentry app {data.Text("sentry_app")}",
        InternalIntegrationAdded => $"created internal integration {data.Text("sentry_app")}",
        InternalIntegrationRemoved => $"removed internal integration {data.Text("sentry_app")}",
        AppInstalled => $"installed sentry app {data.Text("sentry_app")}",
        AppUninstalled => $"uninstalled sentry app {data.Text("sentry_app")}",
        AppTokenAdded => $"created a token for internal integration {data.Text("sentry_app")}",
        AppTokenRemoved => $"revoked a token of internal integration {data.Text("sentry_app")}",
        OrganizationTokenAdded => $"added organization token {data.Text("name")}",
        OrganizationTokenRemoved => "removed an organization token",
        ServiceHookAdded => $"added a service hook to {data.Text("url")}",
        ServiceHookChanged => $"edited the service hook to {data.Text("url")}",
        ServiceHookRemoved => $"removed the service hook to {data.Text("url")}",
        _ => throw new ArgumentException($"{name} has no note", nameof(name)),
    };
}

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

    /// <summary>What a request did, with who asked and from where.</summary>
    public static AuditEntry By(Access access, long organizationId, string name, long? target, JsonMap data) => new()
    {
        OrganizationId = organizationId,
        Event = name,
        Actor = access.Holder.Credential switch
        {
            CredentialKind.UserToken or CredentialKind.Session => new AuditActor(AuditActorKind.User, access.AccountId, access.Email),
            CredentialKind.AppToken => new AuditActor(AuditActorKind.App, access.AccountId, access.Holder.App!.Slug),
            CredentialKind.OrganizationToken => new AuditActor(AuditActorKind.Token, null, access.Name),
        },
        TargetId = target,
        Data = data,
        Ip = access.Ip,
    };
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
