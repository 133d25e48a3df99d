using System.Security.Cryptography;
using Vedette.Storage;
using Vedette.Tracker.Alerts;

namespace Vedette.Tracker.Projects;

/// <summary>Organizations, projects and their keys. What is pending deletion is as if it were not there.</summary>
public sealed class ProjectStore(Database database, TimeProvider time)
{
    private const string SelectProject =
        """
        select p.id, p.organization_id, o.slug as organization_slug, p.slug, p.name, p.platform, p.resolve_age, p.created_at
        from project p
        join organization o on o.id = p.organization_id
        """;

    private const string SelectKey = "select id, project_id, label, public_key, secret_key, is_active, rate_count, rate_window, created_at from project_key";

    public Task<Organization?> OrganizationAsync(string idOrSlug, CancellationToken ct) =>
        database.ReadAsync(session => session.FirstAsync<Organization>(
            "select id, slug, name, created_at from organization where (slug = @idOrSlug or id = @id) and status = 'active'",
            new { idOrSlug, id = NumericId(idOrSlug) }), ct);

    public Task<Project?> ProjectAsync(long organizationId, string idOrSlug, CancellationToken ct) =>
        database.ReadAsync(session => session.FirstAsync<Project>(
            $"{SelectProject} where p.organization_id = @organizationId and (p.slug = @idOrSlug or p.id = @id) and p.status = 'active'",
            new { organizationId, idOrSlug, id = NumericId(idOrSlug) }), ct);

    /// <summary>By their numbers: those after <paramref name="than"/>, or, <paramref name="backwards"/>, those before it, nearest first.</summary>
    /// <param name="than"><c>null</c> begins with the first.</param>
    public Task<IReadOnlyList<Project>> ProjectsAsync(long organizationId, long? than, bool backwards, int most, CancellationToken ct) =>
        database.ReadAsync(session => session.ListAsync<Project>(
            $"""
            {SelectProject}
            where p.organization_id = @organizationId and p.status = 'active' {(than is null ? "" : $"and p.id {(backwards ? '<' : '>')} @than")}
            order by p.id {(backwards ? "desc" : "asc")}
            limit @most
            """,
            new { organizationId, than = than ?? 0, most }), ct);

    /// <summary>In the order of the ids; those that are not there are left out.</summary>
    public Task<IReadOnlyList<Project>> ProjectsAsync(IReadOnlyList<long> ids, CancellationToken ct) =>
        database.ReadAsync<IReadOnlyList<Project>>(async session =>
        [
            .. (await session.ListEachAsync<Project>($"{SelectProject} where p.id = @Id and p.status = 'active'", [.. ids.Select(id => new { Id = id })])).SelectMany(each => each),
        ], ct);

    public Task<IReadOnlyList<ProjectKey>> KeysAsync(long projectId, CancellationToken ct) =>
        database.ReadAsync(session => session.ListAsync<ProjectKey>($"{SelectKey} where project_id = @projectId order by id", new { projectId }), ct);

    /// <summary>The project that a DSN's key opens, and the key; <c>null</c> when the key is unknown, disabled or of another project.</summary>
    public Task<DsnTarget?> AuthenticateAsync(long projectId, string publicKey, CancellationToken ct) =>
        database.ReadAsync(async session =>
        {
            var row = await session.FirstAsync<DsnRow>(
                """
                select k.id as key_id, k.rate_count, k.rate_window, p.organization_id, o.slug as organization_slug, p.slug, p.name, p.platform, p.created_at,
                    p.alert_version
                from project_key k
                join project p on p.id = k.project_id and p.status = 'active'
                join organization o on o.id = p.organization_id and o.status = 'active'
                where k.public_key = @publicKey and k.project_id = @projectId and k.is_active = 1
                """,
                new { publicKey, projectId });
            return row is null ? null : new DsnTarget(row.ToProject(projectId), row.KeyId, RateLimit.Of(row.RateCount, row.RateWindow));
        }, ct);

    public Task<long> AddOrganizationAsync(Transaction transaction, string slug, string name) =>
        transaction.SingleAsync<long>(
            "insert into organization (slug, name, created_at) values (@slug, @name, @now) returning id",
            new { slug, name, now = Now() });

    public Task ChangeOrganizationAsync(Transaction transaction, long id, string slug, string name) =>
        transaction.ExecuteAsync("update organization set slug = @slug, name = @name where id = @id and status = 'active'", new { id, slug, name });

    /// <summary>active -> pending_deletion: nobody finds it any more, its projects take no events, and its slug is free for another.</summary>
    /// <returns><c>false</c> when somebody else was first.</returns>
    public async Task<bool> HideOrganizationAsync(Transaction transaction, long id) =>
        await transaction.ExecuteAsync(
            "update organization set status = 'pending_deletion', slug = @slug where id = @id and status = 'active'", new { id, slug = SlugOfTheHidden() }) == 1;

    public async Task<bool> HasOrganizationAsync(Transaction transaction, string slug) =>
        await transaction.FirstAsync<long?>("select id from organization where slug = @slug", new { slug }) is not null;

    public async Task<bool> HasProjectAsync(Transaction transaction, long organizationId, string slug) =>
        await transaction.FirstAsync<long?>("select id from project where organization_id = @organizationId and slug = @slug", new { organizationId, slug }) is not null;

    /// <summary>Adds the project with one key labelled Default, as a DSN is what it is made for, and the detectors that every project has.</summary>
    /// <returns>The new project's id and the key's public half.</returns>
    public async Task<(long Id, string PublicKey)> AddProjectAsync(
        Transaction transaction, long organizationId, string slug, string name, string? platform = null)
    {
        var id = await transaction.SingleAsync<long>(
            """
            insert into project (organization_id, slug, name, platform, next_short_id, created_at)
            values (@organizationId, @slug, @name, @platform, 1, @now)
            returning id
            """,
            new { organizationId, slug, name, platform, now = Now() });
        await DetectorStore.AddOfProjectAsync(transaction, organizationId, id, Now());
        return (id, await AddKeyAsync(transaction, id, "Default", null));
    }

    public Task ChangeProjectAsync(Transaction transaction, long id, ProjectChange change) =>
        transaction.ExecuteAsync(
            "update project set slug = @Slug, name = @Name, platform = @Platform, resolve_age = @ResolveAge where id = @id and status = 'active'",
            new { id, change.Slug, change.Name, change.Platform, change.ResolveAge });

    /// <summary>active -> pending_deletion: nobody finds it any more, it takes no events, and its slug is free for another.</summary>
    /// <returns><c>false</c> when somebody else was first.</returns>
    public async Task<bool> HideProjectAsync(Transaction transaction, long id) =>
        await transaction.ExecuteAsync(
            "update project set status = 'pending_deletion', slug = @slug where id = @id and status = 'active'", new { id, slug = SlugOfTheHidden() }) == 1;

    /// <returns>Its public half.</returns>
    public async Task<string> AddKeyAsync(Transaction transaction, long projectId, string label, RateLimit? limit)
    {
        var publicKey = RandomNumberGenerator.GetHexString(32, lowercase: true);
        await transaction.ExecuteAsync(
            """
            insert into project_key (project_id, label, public_key, secret_key, is_active, rate_count, rate_window, created_at)
            values (@projectId, @label, @publicKey, @secretKey, 1, @count, @window, @now)
            """,
            new
            {
                projectId,
                label,
                publicKey,
                secretKey = RandomNumberGenerator.GetHexString(32, lowercase: true),
                count = limit?.Count,
                window = limit?.WindowSeconds,
                now = Now(),
            });
        return publicKey;
    }

    /// <summary>Holds from the next request on, on every node.</summary>
    public Task ChangeKeyAsync(Transaction transaction, long id, string label, bool isActive, RateLimit? limit) =>
        transaction.ExecuteAsync(
            "update project_key set label = @label, is_active = @isActive, rate_count = @count, rate_window = @window where id = @id",
            new { id, label, isActive = isActive ? 1 : 0, count = limit?.Count, window = limit?.WindowSeconds });

    /// <returns><c>false</c> when somebody else was first.</returns>
    public async Task<bool> DeleteKeyAsync(Transaction transaction, long id) =>
        await transaction.ExecuteAsync("delete from project_key where id = @id", new { id }) == 1;

    /// <summary>Digits are an id, anything else a slug (<c>spec/platform-api.md</c> 6).</summary>
    private static long NumericId(string idOrSlug) =>
        idOrSlug.All(char.IsAsciiDigit) && long.TryParse(idOrSlug, out var id) ? id : -1;

    /// <summary>No slug that anybody may choose, so it is in nobody's way.</summary>
    private static string SlugOfTheHidden() => $"(deleted) {RandomNumberGenerator.GetHexString(32, lowercase: true)}";

    private long Now() => UnixMicroseconds.From(time.GetUtcNow());

    private sealed record DsnRow
    {
        public long KeyId { get; init; }

        public long? RateCount { get; init; }

        public long? RateWindow { get; init; }

        public long OrganizationId { get; init; }

        public string OrganizationSlug { get; init; } = "";

        public string Slug { get; init; } = "";

        public string Name { get; init; } = "";

        public string? Platform { get; init; }

        public long CreatedAt { get; init; }

        public long AlertVersion { get; init; }

        public Project ToProject(long id) => new()
        {
            Id = id,
            OrganizationId = OrganizationId,
            OrganizationSlug = OrganizationSlug,
            Slug = Slug,
            Name = Name,
            Platform = Platform,
            CreatedAt = CreatedAt,
            AlertVersion = AlertVersion,
        };
    }
}
