using Vedette.Server.Api;
using Vedette.Server.Audit;
using Vedette.Server.Authorization;
using Vedette.Server.Components;
using Vedette.Storage;
using Vedette.Tracker.MetricAlerts;
using Vedette.Wire.Json;

namespace Vedette.Server.MetricAlerts;

/// <summary>Saves metric alerts, from whichever shape: whom they name is in the organization, and what was done is in the audit log.</summary>
internal sealed class MetricSaving(Database database, MetricRuleStore rules, MetricDrafts drafts, MetricAlertJson json, AlertActionCalls calls, AuditLog audit)
{
    /// <summary>The rule in the words of <c>alert-rules/</c>, as it could be sent back: what a change does not say stays so.</summary>
    public JsonMap WordsOf(MetricRule rule)
    {
        var words = json.Rule(rule, static _ => "");
        words["resolvesOn"] = rule.Draft.ResolvesOn;
        words["enabled"] = rule.Draft.Enabled;
        return words;
    }

    /// <param name="words">See <see cref="MetricForm"/>.</param>
    /// <param name="workflows">Numbers of those that listen to it; <c>null</c> for none.</param>
    /// <returns>The rule, or why not.</returns>
    public async Task<(MetricRule? Rule, IResult? Refusal)> AddAsync(JsonMap words, Access access, IReadOnlyList<long>? workflows, CancellationToken ct)
    {
        var (projectId, draft, refusal) = await ReadAsync(words, access, ct);
        if (draft is null)
            return (null, refusal);

        if (!await database.ReadAsync(session => rules.HasRoomAsync(session, access.Organization!.Id), ct))
            return (null, NoRoom());
        if (await AskAsync(draft, access, ct) is { } refused)
            return (null, refused);

        var author = access.Holder.AccountId is { } id ? new MetricAuthor(id, access.Name, access.Email) : null;
        return await SaveAsync(
            access, AuditEvents.MetricAlertAdded, workflows, transaction => rules.AddAsync(transaction, access.Organization!.Id, projectId, draft, author), ct);
    }

    /// <inheritdoc cref="AddAsync"/>
    /// <param name="rule">As it was found.</param>
    /// <param name="workflows"><c>null</c> leaves them as they are.</param>
    public async Task<(MetricRule? Rule, IResult? Refusal)> ChangeAsync(MetricRule rule, JsonMap words, Access access, IReadOnlyList<long>? workflows, CancellationToken ct)
    {
        var (projectId, draft, refusal) = await ReadAsync(words, access, ct);
        if (draft is null)
            return (null, refusal);
        if (projectId != rule.ProjectId)
            return (null, ApiResults.Invalid("projects", "A metric alert stays with its project; make another one there."));
        if (await AskAsync(draft, access, ct) is { } refused)
            return (null, refused);

        return await SaveAsync(
            access, AuditEvents.MetricAlertChanged, workflows, transaction => rules.ChangeAsync(transaction, rule, draft, access.Holder.AccountId), ct);
    }

    /// <summary>No change when it is so already.</summary>
    public Task EnableAsync(MetricRule rule, bool enabled, Access access, CancellationToken ct)
    {
        var source = AuditSource.Of(access);
        return database.WriteAsync(
            async transaction =>
            {
                if (await rules.EnableAsync(transaction, rule.OrganizationId, rule.Id, enabled, access.Holder.AccountId))
                    await audit.AddAsync(transaction, rule.OrganizationId, source, AuditEvents.MetricAlertChanged, rule.Id, ("label", rule.Draft.Name));
            },
            ct);
    }

    /// <returns><c>false</c> when somebody else was first.</returns>
    public Task<bool> DeleteAsync(MetricRule rule, Access access, CancellationToken ct)
    {
        var source = AuditSource.Of(access);
        return database.WriteAsync(
            async transaction =>
            {
                if (!await rules.DeleteAsync(transaction, rule.OrganizationId, rule.Id, access.Holder.AccountId))
                    return false;

                await audit.AddAsync(transaction, rule.OrganizationId, source, AuditEvents.MetricAlertRemoved, rule.Id, ("label", rule.Draft.Name));
                return true;
            },
            ct);
    }

    private async Task<(long ProjectId, MetricRuleDraft? Draft, IResult? Refusal)> ReadAsync(JsonMap words, Access access, CancellationToken ct)
    {
        var (form, refusal) = MetricForm.Read(words);
        return form is null ? (0, null, refusal) : await drafts.FindAsync(form, access, ct);
    }

    /// <summary>Last, when all else is well.</summary>
    private async Task<IResult?> AskAsync(MetricRuleDraft draft, Access access, CancellationToken ct) =>
        await calls.WhyNotAsync(access.Organization!.Id, draft.Triggers.SelectMany(trigger => trigger.Actions), ct) is { } wrong
            ? ApiResults.Invalid("actions", wrong)
            : null;

    private static IResult NoRoom() =>
        ApiResults.Detail(StatusCodes.Status400BadRequest, $"An organization has at most {MetricRuleStore.MostOfOrganization} metric alerts.");

    private async Task<(MetricRule? Rule, IResult? Refusal)> SaveAsync(
        Access access, string name, IReadOnlyList<long>? workflows, Func<Transaction, Task<SavedMetric>> save, CancellationToken ct)
    {
        var source = AuditSource.Of(access);
        var saved = await database.WriteAsync(
            async transaction =>
            {
                var result = await save(transaction);
                if (result is not { Verdict: MetricVerdict.Saved, Rule: { } rule })
                    return result;

                await audit.AddAsync(transaction, rule.OrganizationId, source, name, rule.Id, ("label", rule.Draft.Name));
                return workflows is null ? result : result with { Rule = await rules.LinkAsync(transaction, rule, workflows) };
            },
            ct);
        return saved.Verdict switch
        {
            MetricVerdict.Saved => (saved.Rule, null),
            MetricVerdict.TooMany => (null, NoRoom()),
            MetricVerdict.NotThere => (null, ApiResults.NotFound()),
        };
    }
}
