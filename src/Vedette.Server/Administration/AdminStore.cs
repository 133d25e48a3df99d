using System.Security.Cryptography;
using Vedette.Server.Accounts;
using Vedette.Server.Audit;
using Vedette.Server.Authorization;
using Vedette.Server.Configuration;
using Vedette.Storage;
using Vedette.Tracker;
using Vedette.Tracker.Projects;
using Vedette.Wire.Json;

namespace Vedette.Server.Administration;

/// <summary>What came of an operator's command: lines for standard output, or one line that says what is wrong with it.</summary>
internal sealed record AdminAnswer(string Text, bool IsRefusal)
{
    public static AdminAnswer Done(string text) => new(text, false);

    public static AdminAnswer Refused(string reason) => new(reason, true);
}

/// <summary>What an operator does on the database directly, beside any servers that run on it. A repeat is refused and changes nothing.</summary>
internal sealed class AdminStore(Database database, ProjectStore projects, AccountStore accounts, AuditLog audit, Links links, TimeProvider time)
{
    public const int ShortestPassword = 8;

    private static readonly AuditActor Operator = new(AuditActorKind.System, null, "vedette admin");

    public Task<AdminAnswer> AddOrganizationAsync(string slug, string name, CancellationToken ct) =>
        database.WriteAsync(async transaction =>
        {
            if (Slugs.WhyNot(slug) is { } wrong)
                return AdminAnswer.Refused(wrong);
            if (await OrganizationAsync(transaction, slug) is not null)
                return AdminAnswer.Refused($"there is an organization '{slug}' already");

            var id = await projects.AddOrganizationAsync(transaction, slug, name);
            await AuditAsync(transaction, id, AuditEvents.OrganizationAdded, id, ("slug", slug), ("name", name));
            return AdminAnswer.Done($"organization {slug}, id {id}");
        }, ct);

    /// <summary>Makes an account where there is none with this address, and a member of the organization.</summary>
    /// <param name="password">Made up and printed when <c>null</c>. Refused for an account that exists: it keeps its own.</param>
    public Task<AdminAnswer> AddUserAsync(string email, string? name, string? password, string organization, string role, CancellationToken ct)
    {
        var made = password ?? NewPassword();
        return database.WriteAsync(async transaction =>
        {
            if (!MailAddress.IsPlain(email))
                return AdminAnswer.Refused($"'{email}' is no e-mail address");
            if (made.Length < ShortestPassword)
                return AdminAnswer.Refused($"a password has at least {ShortestPassword} characters");
            if (await OrganizationAsync(transaction, organization) is not { } organizationId)
                return AdminAnswer.Refused($"there is no organization '{organization}'");

            var known = await accounts.FindAsync(transaction, email);
            if (known is not null && (password ?? name) is not null)
                return AdminAnswer.Refused($"there is an account of {email} already, and its name and password stay as they are: leave --name and --password out");
            if (known is { } member && await accounts.IsMemberAsync(transaction, organizationId, member))
                return AdminAnswer.Refused($"{email} is a member of {organization} already");

            var id = known ?? await accounts.AddAccountAsync(transaction, email, name ?? email, made);
            await accounts.AddMemberAsync(transaction, organizationId, id, StoredName.Parse<MemberRole>(role));
            await AuditAsync(transaction, organizationId, AuditEvents.MemberAdded, id, ("email", email), ("role", role));
            return AdminAnswer.Done($"{email} is {role} of {organization}{(known is null && password is null ? $"\npassword {made}" : "")}");
        }, ct);
    }

    /// <returns>The project's DSN.</returns>
    public Task<AdminAnswer> AddProjectAsync(string organization, string slug, string name, string? platform, CancellationToken ct) =>
        database.WriteAsync(async transaction =>
        {
            if (Slugs.WhyNot(slug) is { } wrong)
                return AdminAnswer.Refused(wrong);
            if (await OrganizationAsync(transaction, organization) is not { } organizationId)
                return AdminAnswer.Refused($"there is no organization '{organization}'");
            if (await transaction.FirstAsync<long?>("select id from project where organization_id = @organizationId and slug = @slug", new { organizationId, slug }) is not null)
                return AdminAnswer.Refused($"there is a project '{slug}' in {organization} already");

            var (id, publicKey) = await projects.AddProjectAsync(transaction, organizationId, slug, name, platform);
            await AuditAsync(transaction, organizationId, AuditEvents.ProjectAdded, id, ("slug", slug), ("name", name));
            return AdminAnswer.Done(links.Dsn(publicKey, id));
        }, ct);

    /// <returns>The token, which cannot be read again.</returns>
    public Task<AdminAnswer> CreateTokenAsync(string email, string name, IReadOnlyList<string> scopes, CancellationToken ct)
    {
        var token = AccountStore.NewToken();
        return database.WriteAsync(async transaction =>
        {
            if (scopes.FirstOrDefault(scope => !Scopes.IsKnown(scope)) is { } unknown)
                return AdminAnswer.Refused($"'{unknown}' is no scope: there are {string.Join(", ", Scopes.All)}");
            if (await accounts.FindAsync(transaction, email) is not { } id)
                return AdminAnswer.Refused($"there is no account of {email}");

            await accounts.AddTokenAsync(transaction, id, name, token, Scopes.Expand(scopes));
            return AdminAnswer.Done(token);
        }, ct);
    }

    /// <summary>Gives or takes the instance role, which may do everything an owner may, in every organization.</summary>
    public Task<AdminAnswer> SetSuperuserAsync(string email, bool isSuperuser, CancellationToken ct) =>
        database.WriteAsync(async transaction =>
        {
            var changed = await transaction.ExecuteAsync(
                "update account set is_superuser = @flag where lower(email) = lower(@email) and kind = 'person'", new { email, flag = isSuperuser ? 1 : 0 });
            return changed == 0
                ? AdminAnswer.Refused($"there is no account of {email}")
                : AdminAnswer.Done(isSuperuser ? $"{email} is a superuser" : $"{email} is no superuser");
        }, ct);

    /// <summary>Lets every organization install the app. Publishing what is published is no error.</summary>
    public Task<AdminAnswer> PublishAppAsync(string slug, CancellationToken ct) =>
        database.WriteAsync(async transaction =>
        {
            var app = await transaction.FirstAsync<AppRow>("select id, organization_id, name, status from app where slug = @slug and deleted_at is null", new { slug });
            if (app is null)
                return AdminAnswer.Refused($"there is no app '{slug}'");
            if (app.Status == "internal")
                return AdminAnswer.Refused($"{slug} is an internal integration, and those are never published");
            if (app.Status == "published")
                return AdminAnswer.Done($"{slug} is published already");

            await transaction.ExecuteAsync(
                "update app set status = 'published', published_at = @now where id = @Id", new { app.Id, now = UnixMicroseconds.From(time.GetUtcNow()) });
            await transaction.ExecuteAsync(
                "update destination set is_published = 1 where id in (select destination_id from app_installation where app_id = @Id)", new { app.Id });
            await AuditAsync(transaction, app.OrganizationId, AuditEvents.AppChanged, app.Id, ("sentry_app", slug), ("name", app.Name));
            return AdminAnswer.Done($"{slug} is published");
        }, ct);

    private static Task<long?> OrganizationAsync(Transaction transaction, string slug) =>
        transaction.FirstAsync<long?>("select id from organization where slug = @slug", new { slug });

    private static string NewPassword() => RandomNumberGenerator.GetString("abcdefghjkmnpqrstuvwxyz23456789", 20);

    private Task AuditAsync(Transaction transaction, long organizationId, string name, long target, params IReadOnlyList<(string Name, string Value)> data)
    {
        var map = new JsonMap();
        foreach (var (member, value) in data)
            map[member] = value;
        return audit.AddAsync(transaction, new AuditEntry { OrganizationId = organizationId, Event = name, Actor = Operator, TargetId = target, Data = map });
    }

    private sealed record AppRow
    {
        public long Id { get; init; }

        public long OrganizationId { get; init; }

        public string Name { get; init; } = "";

        public string Status { get; init; } = "";
    }
}
