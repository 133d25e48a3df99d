using Vedette.Server.Api;
using Vedette.Server.Authorization;
using Vedette.Tracker.Alerts;
using Vedette.Tracker.Projects;

namespace Vedette.Server.Alerts;

/// <summary>Rules that are silent: see <see cref="Snoozing"/>.</summary>
internal static class RuleSnoozeEndpoints
{
    extension(IEndpointRouteBuilder routes)
    {
        public void MapRuleSnoozes()
        {
            routes.MapPost($"{RuleEndpoints.Path}{{rule:long}}/snooze/", AddAsync).RequireAnyScope(RuleEndpoints.AlertsRead);
            routes.MapDelete($"{RuleEndpoints.Path}{{rule:long}}/snooze/", RemoveAsync).RequireAnyScope(RuleEndpoints.AlertsRead);
        }
    }

    private static async Task<IResult> AddAsync(
        string project, long rule, HttpRequest request, Access access, ProjectStore projects, AlertRuleStore rules, Snoozing snoozing, CancellationToken ct) =>
        await RuleEndpoints.FindAsync(access, project, rule, projects, rules, ct) is { } found
            ? await snoozing.AddAsync(request, access, Of(found, rules), ct)
            : ApiResults.NotFound();

    private static async Task<IResult> RemoveAsync(
        string project, long rule, Access access, ProjectStore projects, AlertRuleStore rules, Snoozing snoozing, CancellationToken ct) =>
        await RuleEndpoints.FindAsync(access, project, rule, projects, rules, ct) is { } found
            ? await snoozing.RemoveAsync(access, Of(found, rules), ct)
            : ApiResults.NotFound();

    private static Silenceable Of(AlertRule rule, AlertRuleStore rules) => new(
        rule.OrganizationId,
        rule.Id,
        rule.Draft.Name,
        IsMetric: false,
        RuleEndpoints.AlertsWrite,
        (transaction, account, until, owner) => rules.SnoozeAsync(transaction, rule.Id, account, until, owner),
        (transaction, account) => rules.WakeAsync(transaction, rule.Id, account));
}
