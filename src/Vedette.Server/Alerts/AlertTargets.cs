using System.Globalization;
using Vedette.Storage;
using Vedette.Tracker.Alerts;

namespace Vedette.Server.Alerts;

/// <summary>Whom the actions of alerts mean, at the moment in which they are done.</summary>
internal sealed class AlertTargets(TimeProvider time)
{
    private const string SelectInstallation =
        """
        select a.id as app_id, a.name as app_name, i.status, i.destination_id from app a
        join app_installation i on i.app_id = a.id and i.organization_id = @organizationId
        where a.deleted_at is null
        """;

    /// <summary>The one installation that an organization has of an app.</summary>
    /// <param name="action">Of an app, by number or by slug.</param>
    /// <returns>No destination, and why; or where to send it.</returns>
    public async Task<AlertTarget> FindAsync(Session session, long organizationId, AlertAction action)
    {
        var (installed, otherwise) = action.Kind == AlertActionKind.Webhook
            ? (await session.FirstAsync<Installed>($"{SelectInstallation} and a.slug = @Target and a.is_alertable = 1", new { organizationId, action.Target }), AlertOutcome.MissingService)
            : (await session.FirstAsync<Installed>(
                $"{SelectInstallation} and a.id = @appId", new { organizationId, appId = long.Parse(action.Target!, CultureInfo.InvariantCulture) }), AlertOutcome.MissingInstallation);
        return installed switch
        {
            null => new(null, 0, "", otherwise),
            { Status: not "installed" } => new(null, installed.AppId, installed.AppName, AlertOutcome.MissingInstallation),
            { DestinationId: null } => new(null, installed.AppId, installed.AppName, AlertOutcome.NoWebhookUrl),
            { DestinationId: { } destination } => new(destination, installed.AppId, installed.AppName, AlertOutcome.Sent),
        };
    }

    /// <summary>Nobody who silenced the rule for themselves, and only active members of the organization.</summary>
    /// <param name="kind"><c>team</c>, <c>user</c>, or <c>project</c> for the teams of one; of any other kind nobody.</param>
    /// <param name="snoozes">The table of the rule's snoozes.</param>
    public Task<IReadOnlyList<string>> RecipientsAsync(Session session, long organizationId, string kind, long id, string snoozes, long ruleId)
    {
        var who = kind switch
        {
            "team" => "m.id in (select x.member_id from team_member x where x.team_id = @id)",
            "user" => "m.account_id = @id",
            "project" => "m.id in (select x.member_id from team_member x join team_project p on p.team_id = x.team_id where p.project_id = @id)",
            _ => "1 = 0",
        };
        return session.ListAsync<string>(
            $"""
            select a.email from organization_member m
            join account a on a.id = m.account_id and a.is_active = 1
            where m.organization_id = @organizationId and {who}
                and m.account_id not in (
                    select s.account_id from {snoozes} s where s.rule_id = @ruleId and (s.until_at is null or s.until_at > @now))
            order by a.id
            """,
            new { organizationId, id, ruleId, now = UnixMicroseconds.From(time.GetUtcNow()) });
    }

    private sealed record Installed
    {
        public long AppId { get; init; }

        public string AppName { get; init; } = "";

        public string Status { get; init; } = "";

        public long? DestinationId { get; init; }
    }
}

/// <param name="DestinationId"><c>null</c> when it cannot be sent.</param>
/// <param name="Outcome">Why not.</param>
internal sealed record AlertTarget(long? DestinationId, long AppId, string AppName, AlertOutcome Outcome);
