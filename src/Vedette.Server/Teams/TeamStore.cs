using Vedette.Storage;
using Vedette.Tracker.Issues;
using Vedette.Tracker.Projects;

namespace Vedette.Server.Teams;

/// <summary>Teams: who works together, and on which projects.</summary>
internal sealed class TeamStore(Database database, TimeProvider time)
{
    private const string Select =
        """
        select t.id, t.organization_id, t.slug, t.name, t.created_at,
            (select count(*) from team_member x join organization_member m on m.id = x.member_id where x.team_id = t.id and m.account_id is not null) as member_count,
            case when exists (
                select 1 from team_member x join organization_member m on m.id = x.member_id where x.team_id = t.id and m.account_id = @accountId
            ) then 1 else 0 end as is_member
        from team t
        """;

    /// <summary>By their numbers: those after <paramref name="than"/>, or, <paramref name="backwards"/>, those before it, nearest first.</summary>
    /// <param name="accountId">Who asks.</param>
    /// <param name="than"><c>null</c> begins with the first.</param>
    public Task<IReadOnlyList<Team>> ListAsync(long organizationId, long accountId, long? than, bool backwards, int most, CancellationToken ct) =>
        database.ReadAsync(session => session.ListAsync<Team>(
            $"""
            {Select}
            where t.organization_id = @organizationId {(than is null ? "" : $"and t.id {(backwards ? '<' : '>')} @than")}
            order by t.id {(backwards ? "desc" : "asc")}
            limit @most
            """,
            new { organizationId, accountId, than = than ?? 0, most }), ct);

    /// <param name="accountId">Who asks.</param>
    public Task<Team?> FindAsync(long organizationId, string idOrSlug, long accountId, CancellationToken ct) =>
        database.ReadAsync(session => session.FirstAsync<Team>(
            $"{Select} where t.organization_id = @organizationId and (t.slug = @idOrSlug or t.id = @id)",
            new { organizationId, idOrSlug, accountId, id = idOrSlug.All(char.IsAsciiDigit) && long.TryParse(idOrSlug, out var id) ? id : -1 }), ct);

    public async Task<bool> HasAsync(Transaction transaction, long organizationId, string slug) =>
        await transaction.FirstAsync<long?>("select id from team where organization_id = @organizationId and slug = @slug", new { organizationId, slug }) is not null;

    public Task<long> AddAsync(Transaction transaction, long organizationId, string slug, string name) =>
        transaction.SingleAsync<long>(
            "insert into team (organization_id, slug, name, created_at) values (@organizationId, @slug, @name, @now) returning id",
            new { organizationId, slug, name, now = UnixMicroseconds.From(time.GetUtcNow()) });

    public async Task ChangeAsync(Transaction transaction, long id, string slug, string name)
    {
        await transaction.ExecuteAsync("update team set slug = @slug, name = @name where id = @id", new { id, slug, name });
        await IssueEdits.RenameTeamAsync(transaction, id, slug);
    }

    /// <summary>Its issues are nobody's then.</summary>
    /// <returns><c>false</c> when somebody else was first.</returns>
    public async Task<bool> DeleteAsync(Transaction transaction, long id)
    {
        if (await transaction.ExecuteAsync("delete from team where id = @id", new { id }) == 0)
            return false;
        await IssueEdits.ReleaseTeamAsync(transaction, id);
        return true;
    }

    /// <returns><c>false</c> when it has access already.</returns>
    public async Task<bool> GiveAsync(Transaction transaction, long id, long projectId) =>
        await transaction.ExecuteAsync("insert into team_project (team_id, project_id) values (@id, @projectId) on conflict do nothing", new { id, projectId }) == 1;

    /// <returns><c>false</c> when it has no access.</returns>
    public async Task<bool> TakeAsync(Transaction transaction, long id, long projectId) =>
        await transaction.ExecuteAsync("delete from team_project where team_id = @id and project_id = @projectId", new { id, projectId }) == 1;

    /// <summary>Projects of a team, as <see cref="ProjectStore.ProjectsAsync"/> lists those of an organization.</summary>
    public Task<IReadOnlyList<long>> ProjectIdsAsync(long id, long? than, bool backwards, int most, CancellationToken ct) =>
        database.ReadAsync(session => session.ListAsync<long>(
            $"""
            select p.id from team_project x
            join project p on p.id = x.project_id and p.status = 'active'
            where x.team_id = @id {(than is null ? "" : $"and p.id {(backwards ? '<' : '>')} @than")}
            order by p.id {(backwards ? "desc" : "asc")}
            limit @most
            """,
            new { id, than = than ?? 0, most }), ct);

    /// <summary>The teams of each project, by slug.</summary>
    public Task<IReadOnlyList<IReadOnlyList<TeamName>>> OfProjectsAsync(IReadOnlyList<Project> projects, CancellationToken ct) =>
        database.ReadAsync(session => session.ListEachAsync<TeamName>(
            "select t.id, t.slug, t.name from team_project x join team t on t.id = x.team_id where x.project_id = @Id order by t.slug", projects), ct);
}
