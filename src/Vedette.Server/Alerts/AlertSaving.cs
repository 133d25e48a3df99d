using Vedette.Server.Api;
using Vedette.Server.Audit;
using Vedette.Server.Authorization;
using Vedette.Server.Components;
using Vedette.Server.Issues;
using Vedette.Storage;
using Vedette.Tracker.Alerts;

namespace Vedette.Server.Alerts;

/// <summary>
/// Saves rules, from whichever shape: whom they name is in the organization, apps whose forms they fill in agree, and what was
/// done is in the audit log.
/// </summary>
internal sealed class AlertSaving(Database database, AlertRuleStore rules, AlertActionCalls calls, AuditLog audit)
{
    /// <param name="before">The rule that is changed; <c>null</c> for a new one.</param>
    /// <param name="refusesTwins">An enabled rule that does the same is in the way.</param>
    /// <returns>The rule as it is now, or why not.</returns>
    public async Task<(AlertRule? Rule, IResult? Refusal)> SaveAsync(
        Access access, AlertRuleDraft draft, AlertRule? before, bool refusesTwins, CancellationToken ct)
    {
        var organizationId = access.Organization!.Id;
        var (owner, refusal) = await database.ReadAsync(session => CheckAsync(session, organizationId, draft, access.AccountId), ct);
        if (refusal is not null)
            return (null, refusal);

        // Apps are asked last, about what would be saved without them, and with no database connection in hand.
        var wanted = draft with { Owner = owner };
        if (await database.ReadAsync(session => rules.WhyNotAsync(session, organizationId, wanted, before, refusesTwins), ct) is { } inTheWay)
            return Answer(inTheWay, before is null);
        if (await calls.WhyNotAsync(organizationId, wanted.Groups.SelectMany(group => group.Actions), ct) is { } wrong)
            return (null, ApiResults.Invalid("actions", wrong));

        var source = AuditSource.Of(access);
        var saved = await database.WriteAsync(async transaction =>
        {
            var result = before is null
                ? await rules.AddAsync(transaction, organizationId, wanted, access.Holder.AccountId, refusesTwins)
                : await rules.ChangeAsync(transaction, before, wanted, refusesTwins);
            if (result is { Verdict: AlertVerdict.Saved, Rule: { } rule })
                await AuditAsync(transaction, organizationId, source, before is null ? AuditEvents.RuleAdded : AuditEvents.RuleChanged, rule);
            return result;
        }, ct);
        return Answer(saved, before is null);
    }

    /// <returns><c>false</c> when somebody else was first.</returns>
    public Task<bool> DeleteAsync(Access access, AlertRule rule, CancellationToken ct)
    {
        var source = AuditSource.Of(access);
        return database.WriteAsync(async transaction =>
        {
            if (!await rules.DeleteAsync(transaction, rule.OrganizationId, rule.Id))
                return false;

            await AuditAsync(transaction, rule.OrganizationId, source, AuditEvents.RuleRemoved, rule);
            return true;
        }, ct);
    }

    /// <returns>How many were not so before.</returns>
    public Task<int> EnableAsync(Access access, IReadOnlyList<AlertRule> all, bool enabled, CancellationToken ct)
    {
        var organizationId = access.Organization!.Id;
        var source = AuditSource.Of(access);
        return database.WriteAsync(async transaction =>
        {
            var changed = await rules.EnableAsync(transaction, organizationId, [.. all.Select(rule => rule.Id)], enabled);
            foreach (var rule in all.Where(rule => rule.Draft.Enabled != enabled))
                await AuditAsync(transaction, organizationId, source, AuditEvents.RuleChanged, rule);
            return changed;
        }, ct);
    }

    private Task AuditAsync(Transaction transaction, long organizationId, AuditSource source, string name, AlertRule rule) =>
        audit.AddAsync(transaction, organizationId, source, name, rule.Id, ("label", rule.Draft.Name));

    private static async Task<(string? Owner, IResult? Refusal)> CheckAsync(Session session, long organizationId, AlertRuleDraft draft, long accountId)
    {
        foreach (var action in draft.Groups.SelectMany(group => group.Actions).Where(action => action is { Kind: AlertActionKind.Email, Target: not null }))
        {
            if (await AssigneeSearch.FindAsync(session, organizationId, $"{action.TargetType}:{action.Target}", accountId) is null)
                return (null, ApiResults.Invalid("actions", action.TargetType == "team" ? "This team does not exist." : "This member does not exist."));
        }

        if (draft.Owner is not { } owner)
            return (null, null);
        return await AssigneeSearch.FindAsync(session, organizationId, owner, accountId) is { } found
            ? ($"{StoredName.Of(found.Kind)}:{found.Id}", null)
            : (null, ApiResults.Invalid("owner", "Owner is not a member of this organization, nor a team of it."));
    }

    private static (AlertRule? Rule, IResult? Refusal) Answer(SavedAlert saved, bool isNew) => saved.Verdict switch
    {
        AlertVerdict.Saved => (saved.Rule, null),
        AlertVerdict.TooMany => (null, ApiResults.Detail(StatusCodes.Status400BadRequest, $"An organization has at most {AlertRuleStore.MostOfOrganization} alert rules.")),
        AlertVerdict.Twin => (null, TwinOf(saved.Rule!, isNew)),
        AlertVerdict.NotThere => (null, ApiResults.NotFound()),
    };

    /// <summary>Names the twin in words and by its number.</summary>
    private static IResult TwinOf(AlertRule twin, bool isNew) => ApiResults.Json(StatusCodes.Status400BadRequest, json =>
    {
        json.StartObject();
        json.Name("name"u8);
        json.StartArray();
        json.Value($"This rule is an exact duplicate of '{twin.Draft.Name}' in this project and may not be {(isNew ? "created" : "edited")}.");
        json.EndArray();
        json.Name("ruleId"u8);
        json.StartArray();
        json.Value(RuleJson.Text(twin.Id));
        json.EndArray();
        json.EndObject();
    });
}
