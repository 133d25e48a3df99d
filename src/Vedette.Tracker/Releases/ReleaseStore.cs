using Vedette.Storage;

namespace Vedette.Tracker.Releases;

/// <summary>A page of releases of one organization.</summary>
/// <param name="ProjectIds">Those that any of them takes part in; empty for all.</param>
/// <param name="Text">What the version must hold, in any case of ASCII letters; <c>null</c> for all.</param>
public sealed record ReleaseQuery(long OrganizationId, IReadOnlyList<long> ProjectIds, ReleaseStatus? Status, string? Text);

/// <summary>Where a page ends.</summary>
public sealed record ReleasePlace(long CreatedAt, long Id);

/// <summary>What a request says of a release. <c>null</c> leaves a member as it is.</summary>
public sealed record ReleaseChange
{
    public IReadOnlyList<long> ProjectIds { get; init; } = [];

    public ReleaseStatus? Status { get; init; }

    public string? Ref { get; init; }

    public string? Url { get; init; }

    public long? StartedAt { get; init; }

    public long? ReleasedAt { get; init; }

    /// <summary>Newest first; they take the place of those that there were.</summary>
    public IReadOnlyList<ReleaseCommit>? Commits { get; init; }
}

/// <summary>Releases, their commits and their deploys.</summary>
public sealed class ReleaseStore(Database database, SeenReleases seen, CommitFixes fixes, TimeProvider time)
{
    private const string Select =
        """
        select r.id, r.organization_id, r.version, r.status as status_name, r.ref, r.url, r.started_at, r.released_at, r.created_at,
            (select count(*) from release_commit c where c.release_id = r.id) as commit_count,
            (select count(*) from deploy d where d.release_id = r.id) as deploy_count
        from release r
        """;

    private const string SelectCommit = "select position, commit_id, repository, message, author_name, author_email, created_at from release_commit";

    private const string SelectDeploy = "select id, environment, name, url, started_at, finished_at from deploy";

    public Task<Release?> FindAsync(long organizationId, string version, CancellationToken ct) =>
        database.ReadAsync(
            async session => await WithPartsAsync(
                session,
                await session.ListAsync<Release>($"{Select} where r.organization_id = @organizationId and r.version = @version", new { organizationId, version })) is [var release] ? release : null,
            ct);

    /// <summary>Those after the place, newest first; or, <paramref name="backwards"/>, those before it, nearest first.</summary>
    public Task<IReadOnlyList<Release>> ListAsync(ReleaseQuery query, ReleasePlace? place, bool backwards, int most, CancellationToken ct) =>
        database.ReadAsync(async session => await WithPartsAsync(session, await session.ListAsync<Release>(
            $"""
            {Select}
            where r.organization_id = @OrganizationId and (@status is null or r.status = @status)
                and (@text is null or lower(r.version) like lower(@text) escape '\')
                {(query.ProjectIds.Count == 0 ? "" : $"and exists (select 1 from release_project x where x.release_id = r.id and x.project_id in ({string.Join(", ", query.ProjectIds)}))")}
                and (@anywhere = 1 or r.created_at {(backwards ? '>' : '<')} @CreatedAt or (r.created_at = @CreatedAt and r.id {(backwards ? '>' : '<')} @Id))
            order by r.created_at {(backwards ? "asc" : "desc")}, r.id {(backwards ? "asc" : "desc")}
            limit @most
            """,
            new
            {
                query.OrganizationId,
                status = query.Status is { } status ? StoredName.Of(status) : null,
                text = query.Text is { } text ? $"%{LikePattern.Escape(text)}%" : null,
                anywhere = place is null ? 1 : 0,
                CreatedAt = place?.CreatedAt ?? 0,
                Id = place?.Id ?? 0,
                most,
            })), ct);

    /// <summary>All of them, newest first: as many as one request may hold.</summary>
    public Task<IReadOnlyList<ReleaseCommit>> CommitsAsync(long releaseId, CancellationToken ct) =>
        database.ReadAsync(session => session.ListAsync<ReleaseCommit>($"{SelectCommit} where release_id = @releaseId order by position", new { releaseId }), ct);

    /// <summary>By their numbers: those before <paramref name="than"/>, or, <paramref name="backwards"/>, those after it, nearest first.</summary>
    /// <param name="than"><c>null</c> begins with the newest.</param>
    public Task<IReadOnlyList<Deploy>> DeploysAsync(long releaseId, long? than, bool backwards, int most, CancellationToken ct) =>
        database.ReadAsync(session => session.ListAsync<Deploy>(
            $"""
            {SelectDeploy}
            where release_id = @releaseId {(than is null ? "" : $"and id {(backwards ? '>' : '<')} @than")}
            order by id {(backwards ? "asc" : "desc")}
            limit @most
            """,
            new { releaseId, than = than ?? 0, most }), ct);

    /// <summary>The newest release of the projects of this one that was made before it and has commits.</summary>
    public Task<Release?> PreviousWithCommitsAsync(Release release, CancellationToken ct) =>
        database.ReadAsync(
            async session => await WithPartsAsync(session, await session.ListAsync<Release>(
                $"""
                {Select}
                where r.organization_id = @OrganizationId and (r.created_at < @CreatedAt or (r.created_at = @CreatedAt and r.id < @Id))
                    and exists (select 1 from release_commit c where c.release_id = r.id)
                    and exists (
                        select 1 from release_project x
                        join release_project y on y.project_id = x.project_id
                        where x.release_id = r.id and y.release_id = @Id)
                order by r.created_at desc, r.id desc
                limit 1
                """,
                release)) is [var previous] ? previous : null,
            ct);

    /// <summary>A release that is there already, perhaps by an event, is changed as by <see cref="ChangeAsync"/>.</summary>
    /// <returns><c>true</c> when it was not there, or not in one of the projects.</returns>
    public async Task<bool> AddAsync(Transaction transaction, long organizationId, string version, ReleaseChange change)
    {
        var isNew = await transaction.ExecuteAsync(
            """
            insert into release (organization_id, version, status, created_at) values (@organizationId, @version, 'open', @now)
            on conflict (organization_id, version) do nothing
            """,
            new { organizationId, version, now = UnixMicroseconds.From(time.GetUtcNow()) }) == 1;
        var id = await transaction.SingleAsync<long>(
            "select id from release where organization_id = @organizationId and version = @version", new { organizationId, version });
        return await ChangeAsync(transaction, id, change) || isNew;
    }

    /// <summary>It takes part in these projects from now on, and in those that it took part in before.</summary>
    /// <returns><c>true</c> when one of the projects is new to it.</returns>
    public async Task<bool> ChangeAsync(Transaction transaction, long id, ReleaseChange change)
    {
        await transaction.ExecuteAsync(
            """
            update release set status = coalesce(@status, status), ref = coalesce(@Ref, ref), url = coalesce(@Url, url),
                started_at = coalesce(@StartedAt, started_at), released_at = coalesce(@ReleasedAt, released_at)
            where id = @id
            """,
            new { id, status = change.Status is { } status ? StoredName.Of(status) : null, change.Ref, change.Url, change.StartedAt, change.ReleasedAt });
        var added = await transaction.ExecuteEachAsync(
            "insert into release_project (release_id, project_id, new_groups) values (@id, @projectId, 0) on conflict do nothing",
            [.. change.ProjectIds.Select(projectId => new { id, projectId })]);
        if (change.Commits is { } commits)
            await ReplaceCommitsAsync(transaction, id, commits);
        return added.Any(count => count == 1);
    }

    /// <summary>Not while an issue began with it, because such an issue names it.</summary>
    /// <returns><c>false</c> when one does.</returns>
    public async Task<bool> DeleteAsync(Transaction transaction, Release release)
    {
        foreach (var project in release.Projects.Where(project => project.NewGroups > 0))
        {
            if (await transaction.FirstAsync<long?>(
                "select id from issue where project_id = @Id and first_release = @Version limit 1", new { project.Id, release.Version }) is not null)
            {
                return false;
            }
        }

        await transaction.ExecuteAsync("delete from release where id = @Id", new { release.Id });
        transaction.AfterCommit(seen.Forget);
        return true;
    }

    /// <param name="deploy">Its number is given here.</param>
    public async Task<Deploy> AddDeployAsync(Transaction transaction, long releaseId, Deploy deploy)
    {
        var id = await transaction.SingleAsync<long>(
            """
            insert into deploy (release_id, environment, name, url, started_at, finished_at, created_at)
            values (@releaseId, @Environment, @Name, @Url, @StartedAt, @FinishedAt, @now)
            returning id
            """,
            new { releaseId, deploy.Environment, deploy.Name, deploy.Url, deploy.StartedAt, deploy.FinishedAt, now = UnixMicroseconds.From(time.GetUtcNow()) });
        return deploy with { Id = id };
    }

    /// <summary>Those that the release had before have had their effect, and an issue that came back since stays open.</summary>
    private async Task ReplaceCommitsAsync(Transaction transaction, long id, IReadOnlyList<ReleaseCommit> commits)
    {
        var known = (await transaction.ListAsync<string>("select commit_id from release_commit where release_id = @id", new { id })).ToHashSet(StringComparer.Ordinal);
        await transaction.ExecuteAsync("delete from release_commit where release_id = @id", new { id });
        await transaction.ExecuteEachAsync(
            """
            insert into release_commit (release_id, position, commit_id, repository, message, author_name, author_email, created_at)
            values (@id, @Position, @CommitId, @Repository, @Message, @AuthorName, @AuthorEmail, @CreatedAt)
            """,
            [.. commits.Select(commit => new { id, commit.Position, commit.CommitId, commit.Repository, commit.Message, commit.AuthorName, commit.AuthorEmail, commit.CreatedAt })]);
        var release = await transaction.SingleAsync<Release>("select organization_id, version from release where id = @id", new { id });
        await fixes.ApplyAsync(transaction, release.OrganizationId, release.Version, [.. commits.Where(commit => !known.Contains(commit.CommitId))]);
    }

    private static async Task<IReadOnlyList<Release>> WithPartsAsync(Session session, IReadOnlyList<Release> releases)
    {
        var projects = await session.ListEachAsync<ReleaseProject>(
            """
            select x.release_id, p.id, p.slug, p.name, p.platform, x.new_groups, x.first_event, x.last_event from release_project x
            join project p on p.id = x.project_id and p.status = 'active'
            where x.release_id = @Id
            order by p.id
            """,
            releases);
        var commits = await session.ListEachAsync<ReleaseCommit>($"{SelectCommit} where release_id = @Id order by position limit 1", releases);
        var deploys = await session.ListEachAsync<Deploy>($"{SelectDeploy} where release_id = @Id order by id desc limit 1", releases);
        return
        [
            .. releases.Select((release, i) => release with
            {
                Projects = projects[i],
                LastCommit = commits[i] is [var commit] ? commit : null,
                LastDeploy = deploys[i] is [var deploy] ? deploy : null,
            }),
        ];
    }
}
