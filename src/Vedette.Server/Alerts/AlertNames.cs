using System.Globalization;
using Vedette.Server.Components;
using Vedette.Server.Issues;
using Vedette.Storage;
using Vedette.Tracker.Alerts;
using Vedette.Wire.Json;

namespace Vedette.Server.Alerts;

/// <summary>An app in an organization, as far as alerts ask.</summary>
/// <param name="Form">Its settings for alerts, as its schema has them; <c>null</c> when it has none.</param>
internal sealed record AlertApp(long Id, string Slug, string Name, bool IsAlertable, string InstallationUuid, JsonMap? Form);

/// <summary>What the numbers in rules stand for.</summary>
/// <param name="Projects">Slugs by detector, where a detector is of a project.</param>
internal sealed record AlertNames(IReadOnlyList<AlertApp> Apps, IReadOnlyDictionary<long, string> Projects, IReadOnlyDictionary<long, IssuePerson> People)
{
    public AlertApp? App(string? id) => Apps.FirstOrDefault(app => app.Id.ToString(CultureInfo.InvariantCulture) == id);
}

/// <summary>Looks names up: once for all rules that an answer shows.</summary>
internal sealed class AlertNameStore(Database database, IssuePeople people)
{
    /// <summary>Apps that are in the organization and not about to leave it.</summary>
    public Task<IReadOnlyList<AlertApp>> AppsAsync(long organizationId, CancellationToken ct) =>
        database.ReadAsync<IReadOnlyList<AlertApp>>(async session =>
        [
            .. (await session.ListAsync<AppRow>(
                """
                select a.id, a.slug, a.name, a.is_alertable, i.uuid, c.schema from app_installation i
                join app a on a.id = i.app_id and a.deleted_at is null
                left join app_component c on c.app_id = a.id and c.type = 'alert-rule-action'
                where i.organization_id = @organizationId
                order by a.id
                """,
                new { organizationId })).Select(row => row.ToApp()),
        ], ct);

    public async Task<AlertNames> OfAsync(long organizationId, IReadOnlyList<AlertRule> rules, CancellationToken ct)
    {
        var projects = await database.ReadAsync(
            session => session.ListAsync<ProjectRow>(
                "select d.id, p.slug from detector d join project p on p.id = d.project_id and p.status = 'active' where d.organization_id = @organizationId",
                new { organizationId }),
            ct);
        return new(
            await AppsAsync(organizationId, ct),
            projects.ToDictionary(row => row.Id, row => row.Slug),
            await people.AccountsAsync(rules.Select(rule => rule.CreatedBy).OfType<long>(), ct));
    }

    private sealed record AppRow
    {
        public long Id { get; init; }

        public string Slug { get; init; } = "";

        public string Name { get; init; } = "";

        public bool IsAlertable { get; init; }

        public string Uuid { get; init; } = "";

        public string? Schema { get; init; }

        public AlertApp ToApp() => new(Id, Slug, Name, IsAlertable, Uuid, Schema is null ? null : ComponentStore.Parse(Schema).Map("settings"));
    }

    private sealed record ProjectRow
    {
        public long Id { get; init; }

        public string Slug { get; init; } = "";
    }
}
