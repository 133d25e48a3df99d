using Vedette.Storage;
using Vedette.Tracker.Alerts;

namespace Vedette.Tracker.MetricAlerts;

public enum MetricVerdict
{
    Saved,

    /// <summary>The organization has as many as it may have.</summary>
    TooMany,

    /// <summary>The rule, or its project, was deleted meanwhile.</summary>
    NotThere,
}

/// <param name="Rule">As it is now.</param>
public sealed record SavedMetric(MetricVerdict Verdict, MetricRule? Rule);

/// <summary>
/// Metric alerts of organizations. Every change counts up the version of the project, in its own transaction, and is in force on
/// every node from the next envelope on (<see cref="AlertRuleCache"/>).
/// </summary>
public sealed class MetricRuleStore(Database database, Incidents incidents, TimeProvider time)
{
    public const int MostOfOrganization = 1000;

    private const string Select =
        """
        select r.id, o.id as organization_id, o.slug as organization_slug, p.id as project_id, p.slug as project_slug, d.name, d.enabled, r.aggregate, r.query,
            r.event_types, r.environment, r.window_minutes, r.delta_minutes, r.direction, r.resolve_at, r.resolves_on, r.period, r.owner, r.description,
            r.created_by, r.created_by_name, r.created_by_email, r.counter, r.counted_from, r.is_caught_up, r.version, d.created_at, d.updated_at
        from metric_rule r
        join detector d on d.id = r.id
        join project p on p.id = d.project_id and p.status = 'active'
        join organization o on o.id = d.organization_id and o.status = 'active'
        """;

    /// <summary>All of an organization, oldest first.</summary>
    public Task<IReadOnlyList<MetricRule>> ListAsync(long organizationId, CancellationToken ct) =>
        database.ReadAsync(session => ReadAsync(session, $"{Select} where d.organization_id = @organizationId order by r.id", new { organizationId }), ct);

    public Task<MetricRule?> FindAsync(long organizationId, long id, CancellationToken ct) =>
        database.ReadAsync(session => FindAsync(session, organizationId, id), ct);

    internal static async Task<MetricRule?> FindAsync(Session session, long organizationId, long id) =>
        await ReadAsync(session, $"{Select} where d.organization_id = @organizationId and r.id = @id", new { organizationId, id }) is [var rule] ? rule : null;

    /// <summary>Those whose events are counted.</summary>
    internal static Task<IReadOnlyList<MetricRule>> OfProjectAsync(Session session, long projectId) =>
        ReadAsync(session, $"{Select} where d.project_id = @projectId and d.enabled = 1 order by r.id", new { projectId });

    /// <summary>Some of those that are to be evaluated, by rising number.</summary>
    internal static Task<IReadOnlyList<MetricRule>> EnabledAsync(Session session, long after, int most) =>
        ReadAsync(session, $"{Select} where r.id > @after and d.enabled = 1 order by r.id limit @most", new { after, most });

    /// <summary>For one more.</summary>
    public async Task<bool> HasRoomAsync(Session session, long organizationId) =>
        await session.SingleAsync<long>(
            "select count(*) from detector where organization_id = @organizationId and kind = @kind", new { organizationId, kind = Detector.Metric }) < MostOfOrganization;

    public async Task<SavedMetric> AddAsync(Transaction transaction, long organizationId, long projectId, MetricRuleDraft draft, MetricAuthor? author)
    {
        if (!await HoldAsync(transaction, organizationId))
            return new(MetricVerdict.NotThere, null);
        if (!await HasRoomAsync(transaction, organizationId))
            return new(MetricVerdict.TooMany, null);

        var now = Now();
        var id = await transaction.FirstAsync<long?>(
            """
            insert into detector (organization_id, project_id, kind, name, enabled, created_at, updated_at)
            select organization_id, id, @kind, @Name, @enabled, @now, @now from project where id = @projectId and organization_id = @organizationId and status = 'active'
            returning id
            """,
            new { organizationId, projectId, kind = Detector.Metric, draft.Name, enabled = draft.Enabled ? 1 : 0, now });
        if (id is not { } added)
            return new(MetricVerdict.NotThere, null);

        await transaction.ExecuteAsync(
            """
            insert into metric_rule (
                id, aggregate, query, event_types, environment, window_minutes, delta_minutes, direction, resolve_at, resolves_on, period, owner, description,
                created_by, created_by_name, created_by_email, counter, counted_from, is_caught_up, version)
            values (
                @id, @aggregate, @Query, @eventTypes, @Environment, @WindowMinutes, @DeltaMinutes, @direction, @resolveAt, @resolvesOn, @Period, @Owner, @Description,
                @createdBy, @createdByName, @createdByEmail, 0, 0, 0, 1)
            """,
            Values(added, draft, author));
        await CountAnewAsync(transaction, added, now);
        foreach (var trigger in draft.Triggers)
            await AddTriggerAsync(transaction, added, trigger, now);
        return await SavedAsync(transaction, organizationId, added, projectId);
    }

    /// <summary>
    /// Overwrites all of it. An open incident of it is closed, because it speaks of a rule that is no more, and the rule begins
    /// to count again unless only names and actions are other ones.
    /// </summary>
    public async Task<SavedMetric> ChangeAsync(Transaction transaction, MetricRule before, MetricRuleDraft draft, long? accountId)
    {
        if (!await HoldAsync(transaction, before.OrganizationId) || await FindAsync(transaction, before.OrganizationId, before.Id) is not { } now)
            return new(MetricVerdict.NotThere, null);

        await incidents.CloseAsync(transaction, now, IncidentMethod.RuleUpdated, accountId);
        var at = Math.Max(Now(), now.UpdatedAt + 1);
        var counts = CountsAlike(now.Draft, draft);
        await transaction.ExecuteAsync(
            "update detector set name = @Name, enabled = @enabled, updated_at = @at where id = @Id", new { now.Id, draft.Name, enabled = draft.Enabled ? 1 : 0, at });
        await transaction.ExecuteAsync(
            """
            update metric_rule set aggregate = @aggregate, query = @Query, event_types = @eventTypes, environment = @Environment, window_minutes = @WindowMinutes,
                delta_minutes = @DeltaMinutes, direction = @direction, resolve_at = @resolveAt, resolves_on = @resolvesOn, period = @Period, owner = @Owner,
                description = @Description, version = version + 1
            where id = @id
            """,
            Values(now.Id, draft, null));
        if (!counts)
            await CountAnewAsync(transaction, now.Id, at);
        await ReplaceTriggersAsync(transaction, now, draft.Triggers, at);
        return await SavedAsync(transaction, now.OrganizationId, now.Id, now.ProjectId);
    }

    /// <summary>A rule that is switched off forgets where it stood; its incident is closed.</summary>
    /// <returns><c>false</c> when it is so already, or not there any more.</returns>
    public async Task<bool> EnableAsync(Transaction transaction, long organizationId, long id, bool enabled, long? accountId)
    {
        if (!await HoldAsync(transaction, organizationId) || await FindAsync(transaction, organizationId, id) is not { } rule || rule.Draft.Enabled == enabled)
            return false;

        await incidents.CloseAsync(transaction, rule, IncidentMethod.RuleUpdated, accountId);
        var at = Math.Max(Now(), rule.UpdatedAt + 1);
        await transaction.ExecuteAsync("update detector set enabled = @enabled, updated_at = @at where id = @id", new { id, enabled = enabled ? 1 : 0, at });
        await CountAnewAsync(transaction, id, at);
        await transaction.ExecuteAsync("update metric_trigger set is_active = 0, hits = 0 where rule_id = @id", new { id });
        await CountUpAsync(transaction, rule.ProjectId);
        return true;
    }

    /// <summary>Its incident is closed and told of first; then incidents go with the rule.</summary>
    /// <returns><c>false</c> when somebody else was first.</returns>
    public async Task<bool> DeleteAsync(Transaction transaction, long organizationId, long id, long? accountId)
    {
        if (!await HoldAsync(transaction, organizationId) || await FindAsync(transaction, organizationId, id) is not { } rule)
            return false;

        await incidents.CloseAsync(transaction, rule, IncidentMethod.RuleUpdated, accountId);
        await CountUpAsync(transaction, rule.ProjectId);
        return await transaction.ExecuteAsync("delete from detector where id = @id", new { id }) == 1;
    }

    /// <summary>Lets exactly these of the organization's workflows listen to it.</summary>
    /// <returns>The rule as it is now.</returns>
    public async Task<MetricRule?> LinkAsync(Transaction transaction, MetricRule rule, IReadOnlyList<long> workflows)
    {
        await transaction.ExecuteEachAsync(
            "delete from alert_rule_detector where rule_id = @Workflow and detector_id = @Id", [.. rule.RuleIds.Except(workflows).Select(workflow => new { rule.Id, Workflow = workflow })]);
        await transaction.ExecuteEachAsync(
            """
            insert into alert_rule_detector (rule_id, detector_id)
            select r.id, @Id from alert_rule r where r.id = @Workflow and r.organization_id = @OrganizationId
            on conflict do nothing
            """,
            [.. workflows.Except(rule.RuleIds).Select(workflow => new { rule.Id, rule.OrganizationId, Workflow = workflow })]);
        return await FindAsync(transaction, rule.OrganizationId, rule.Id);
    }

    /// <param name="accountId">0 for everyone.</param>
    /// <returns><c>null</c> when it is silent for them already.</returns>
    public async Task<AlertSnooze?> SnoozeAsync(Transaction transaction, long ruleId, long accountId, long? until, long ownerId)
    {
        var now = Now();
        await transaction.ExecuteAsync("delete from metric_rule_snooze where rule_id = @ruleId and account_id = @accountId and until_at <= @now", new { ruleId, accountId, now });
        return await transaction.FirstAsync<AlertSnooze>(
            """
            insert into metric_rule_snooze (rule_id, account_id, until_at, owner_id, created_at) values (@ruleId, @accountId, @until, @ownerId, @now)
            on conflict do nothing
            returning id, rule_id, account_id, until_at, owner_id, created_at
            """,
            new { ruleId, accountId, until, ownerId, now });
    }

    /// <returns><c>false</c> when it was not silent for them.</returns>
    public async Task<bool> WakeAsync(Transaction transaction, long ruleId, long accountId) =>
        await transaction.ExecuteAsync("delete from metric_rule_snooze where rule_id = @ruleId and account_id = @accountId", new { ruleId, accountId }) == 1;

    /// <summary>What no window reaches any more, and what no rule counts any more.</summary>
    public async Task DeleteOldAsync(CancellationToken ct)
    {
        var rules = await database.ReadAsync(
            session => session.ListAsync<Kept>("select counter, window_minutes + coalesce(delta_minutes, 0) as minutes from metric_rule"), ct);
        foreach (var table in new[] { "metric_count", "metric_person" })
        {
            foreach (var rule in rules)
                await DeleteCountsAsync(table, "counter = @Counter and start < @before", new { rule.Counter, before = time.GetUtcNow().ToUnixTimeSeconds() - ((rule.Minutes + 2) * 60) }, ct);
            await DeleteCountsAsync(table, "counter not in (select counter from metric_rule)", new { }, ct);
        }
    }

    private async Task DeleteCountsAsync(string table, string condition, object args, CancellationToken ct)
    {
        const int AtOnce = 2000;
        var key = table == "metric_count" ? "counter, start" : "counter, start, user_tag";
        while (await database.WriteAsync(
            transaction => transaction.ExecuteAsync($"delete from {table} where ({key}) in (select {key} from {table} where {condition} limit {AtOnce})", args), ct) == AtOnce)
        {
        }
    }

    private static bool CountsAlike(MetricRuleDraft before, MetricRuleDraft now) =>
        before.Enabled && now.Enabled && before.Aggregate == now.Aggregate && before.Query == now.Query && before.Environment == now.Environment
        && before.WindowMinutes == now.WindowMinutes && before.DeltaMinutes == now.DeltaMinutes && before.EventTypes.SequenceEqual(now.EventTypes);

    /// <summary>Whoever changes rules of the organization at the same time waits here.</summary>
    private static async Task<bool> HoldAsync(Transaction transaction, long organizationId) =>
        await transaction.ExecuteAsync("update organization set status = status where id = @organizationId and status = 'active'", new { organizationId }) == 1;

    /// <summary>By what the rule is now; what was counted before is left behind, and what lies before is counted again.</summary>
    private static async Task CountAnewAsync(Transaction transaction, long id, long now)
    {
        var counter = await AlertRuleStore.NumbersAsync(transaction, 1);
        await transaction.ExecuteAsync(
            "update metric_rule set counter = @counter, counted_from = @from, is_caught_up = 0, version = version + 1 where id = @id",
            new { id, counter, from = now + MetricCounts.KnownAfterUs });
    }

    private static async Task ReplaceTriggersAsync(Transaction transaction, MetricRule before, IReadOnlyList<MetricTriggerDraft> wanted, long now)
    {
        foreach (var gone in before.Triggers.Where(trigger => wanted.All(other => other.Label != trigger.Label)))
            await transaction.ExecuteAsync("delete from metric_trigger where id = @Id", new { gone.Id });
        foreach (var trigger in wanted)
        {
            if (before.Triggers.FirstOrDefault(other => other.Label == trigger.Label) is not { } known)
            {
                await AddTriggerAsync(transaction, before.Id, trigger, now);
                continue;
            }

            var actions = await NumberAsync(transaction, trigger.Actions, known.Actions);
            await transaction.ExecuteAsync(
                "update metric_trigger set threshold = @threshold, actions = @actions, is_active = 0, hits = 0 where id = @Id",
                new { known.Id, threshold = MetricRuleRow.TextOf(trigger.Threshold), actions = AlertRuleText.Of(actions) });
        }
    }

    private static async Task AddTriggerAsync(Transaction transaction, long ruleId, MetricTriggerDraft trigger, long now)
    {
        var actions = await NumberAsync(transaction, trigger.Actions, []);
        await transaction.ExecuteAsync(
            "insert into metric_trigger (rule_id, label, threshold, actions, is_active, hits, created_at) values (@ruleId, @label, @threshold, @actions, 0, 0, @now)",
            new { ruleId, label = StoredName.Of(trigger.Label), threshold = MetricRuleRow.TextOf(trigger.Threshold), actions = AlertRuleText.Of(actions), now });
    }

    /// <summary>Numbers that the trigger had are kept; others, and those that stand twice, are given anew.</summary>
    private static async Task<IReadOnlyList<AlertAction>> NumberAsync(Transaction transaction, IReadOnlyList<AlertAction> actions, IReadOnlyList<AlertAction> before)
    {
        var known = before.Select(action => action.Id).ToHashSet();
        var next = await AlertRuleStore.NumbersAsync(transaction, actions.Count);
        return [.. actions.Select(action => action with { Id = known.Remove(action.Id) ? action.Id : next++ })];
    }

    private static async Task<SavedMetric> SavedAsync(Transaction transaction, long organizationId, long id, long projectId)
    {
        await CountUpAsync(transaction, projectId);
        return new(MetricVerdict.Saved, await FindAsync(transaction, organizationId, id));
    }

    private static Task CountUpAsync(Transaction transaction, long projectId) =>
        transaction.ExecuteAsync("update project set alert_version = alert_version + 1 where id = @projectId", new { projectId });

    private static object Values(long id, MetricRuleDraft draft, MetricAuthor? author) => new
    {
        id,
        aggregate = StoredName.Of(draft.Aggregate),
        draft.Query,
        eventTypes = string.Join(',', draft.EventTypes.Select(StoredName.Of)),
        draft.Environment,
        draft.WindowMinutes,
        draft.DeltaMinutes,
        direction = StoredName.Of(draft.Direction),
        resolveAt = draft.ResolveAt is { } resolve ? MetricRuleRow.TextOf(resolve) : null,
        resolvesOn = draft.ResolvesOn ? 1 : 0,
        draft.Period,
        draft.Owner,
        draft.Description,
        createdBy = author?.Id,
        createdByName = author?.Name,
        createdByEmail = author?.Email,
    };

    private static async Task<IReadOnlyList<MetricRule>> ReadAsync(Session session, string select, object args)
    {
        var rows = await session.ListAsync<MetricRuleRow>(select, args);
        var triggers = await session.ListEachAsync<TriggerRow>(
            "select id, label, threshold, actions, is_active, hits, created_at from metric_trigger where rule_id = @Id order by label", rows);
        var snoozes = await session.ListEachAsync<AlertSnooze>(
            "select id, rule_id, account_id, until_at, owner_id, created_at from metric_rule_snooze where rule_id = @Id order by id", rows);
        var workflows = await session.ListEachAsync<long>("select rule_id from alert_rule_detector where detector_id = @Id order by rule_id", rows);
        return [.. rows.Select((row, i) => row.ToRule([.. triggers[i].Select(trigger => trigger.ToTrigger())], snoozes[i], workflows[i]))];
    }

    private long Now() => UnixMicroseconds.From(time.GetUtcNow());

    private sealed record Kept
    {
        public long Counter { get; init; }

        public long Minutes { get; init; }
    }

    private sealed record TriggerRow
    {
        public long Id { get; init; }

        public string Label { get; init; } = "";

        public string Threshold { get; init; } = "";

        public string Actions { get; init; } = "";

        public bool IsActive { get; init; }

        public long Hits { get; init; }

        public long CreatedAt { get; init; }

        public MetricTrigger ToTrigger() => new()
        {
            Id = Id,
            Label = StoredName.Parse<TriggerLabel>(Label),
            Threshold = MetricRuleRow.NumberOf(Threshold),
            Actions = AlertRuleText.ParseActions(Actions),
            CreatedAt = CreatedAt,
            State = new TriggerState(IsActive, Hits),
        };
    }
}
