using Vedette.Storage;

namespace Vedette.Tracker.Alerts;

public enum AlertVerdict
{
    Saved,

    /// <summary>The organization has as many rules as it may have.</summary>
    TooMany,

    /// <summary>An enabled rule does the same.</summary>
    Twin,

    /// <summary>The rule, its organization or a detector of it was deleted meanwhile.</summary>
    NotThere,
}

/// <param name="Rule">As it is now, or, of a twin, the one that was there.</param>
public sealed record SavedAlert(AlertVerdict Verdict, AlertRule? Rule);

/// <summary>
/// Rules of organizations. Every change counts up the version of the projects that it concerns, in its own transaction, and is
/// in force on every node from the next envelope on (<see cref="AlertRuleCache"/>).
/// </summary>
public sealed class AlertRuleStore(Database database, TimeProvider time)
{
    public const int MostOfOrganization = 1000;

    private const string Select =
        """
        select r.id, r.organization_id, r.name, r.enabled, r.environment, r.frequency, r.owner, r.created_by, r.triggers, r.filters, r.created_at,
            r.updated_at, (select f.fired_at from alert_firing f where f.rule_id = r.id order by f.id desc limit 1) as last_fired_at
        from alert_rule r
        """;

    /// <summary>All of an organization, oldest first.</summary>
    public Task<IReadOnlyList<AlertRule>> ListAsync(long organizationId, CancellationToken ct) =>
        database.ReadAsync(session => ReadAsync(session, $"{Select} where r.organization_id = @organizationId order by r.id", new { organizationId }), ct);

    /// <summary>Those that listen to a detector of the project, oldest first.</summary>
    public Task<IReadOnlyList<AlertRule>> OfProjectAsync(long projectId, CancellationToken ct) =>
        database.ReadAsync(session => OfProjectAsync(session, projectId), ct);

    /// <inheritdoc cref="OfProjectAsync(long, CancellationToken)"/>
    internal static Task<IReadOnlyList<AlertRule>> OfProjectAsync(Session session, long projectId) =>
        ReadAsync(
            session,
            $"""
            {Select}
            where r.id in (select x.rule_id from alert_rule_detector x join detector d on d.id = x.detector_id where d.project_id = @projectId)
            order by r.id
            """,
            new { projectId });

    public Task<AlertRule?> FindAsync(long organizationId, long id, CancellationToken ct) =>
        database.ReadAsync(session => FindAsync(session, organizationId, id), ct);

    internal static async Task<AlertRule?> FindAsync(Session session, long organizationId, long id) =>
        await ReadAsync(session, $"{Select} where r.organization_id = @organizationId and r.id = @id", new { organizationId, id }) is [var rule] ? rule : null;

    /// <summary>Whether the organization has room for it as things are now.</summary>
    /// <param name="before">The rule that is changed; <c>null</c> for a new one.</param>
    /// <param name="refusesTwins">An enabled rule that does the same is in the way.</param>
    /// <returns><c>null</c> when it has.</returns>
    public async Task<SavedAlert?> WhyNotAsync(Session session, long organizationId, AlertRuleDraft draft, AlertRule? before, bool refusesTwins)
    {
        if (before is null
            && await session.SingleAsync<long>("select count(*) from alert_rule where organization_id = @organizationId", new { organizationId }) >= MostOfOrganization)
        {
            return new(AlertVerdict.TooMany, null);
        }

        return refusesTwins && await TwinAsync(session, organizationId, draft, before?.Id ?? 0) is { } twin ? new(AlertVerdict.Twin, twin) : null;
    }

    /// <param name="refusesTwins">An enabled rule that does the same is in the way.</param>
    public async Task<SavedAlert> AddAsync(Transaction transaction, long organizationId, AlertRuleDraft draft, long? createdBy, bool refusesTwins)
    {
        if (!await HoldAsync(transaction, organizationId))
            return new(AlertVerdict.NotThere, null);
        if (await WhyNotAsync(transaction, organizationId, draft, null, refusesTwins) is { } refusal)
            return refusal;

        var numbered = await NumberAsync(transaction, draft, null);
        var now = Now();
        var id = await transaction.SingleAsync<long>(
            """
            insert into alert_rule (
                organization_id, name, enabled, environment, frequency, owner, created_by, triggers, filters, sameness, created_at, updated_at)
            values (@organizationId, @Name, @Enabled, @Environment, @Frequency, @Owner, @createdBy, @triggers, @filters, @sameness, @now, @now)
            returning id
            """,
            Values(numbered, 0, organizationId, createdBy, now));
        return await LinkAsync(transaction, id, organizationId, numbered.DetectorIds, []);
    }

    /// <summary>Overwrites all of it. Groups that keep their number keep what they remember of having fired.</summary>
    public async Task<SavedAlert> ChangeAsync(Transaction transaction, AlertRule before, AlertRuleDraft draft, bool refusesTwins)
    {
        if (!await HoldAsync(transaction, before.OrganizationId) || await FindAsync(transaction, before.OrganizationId, before.Id) is not { } now)
            return new(AlertVerdict.NotThere, null);
        if (await WhyNotAsync(transaction, before.OrganizationId, draft, before, refusesTwins) is { } refusal)
            return refusal;

        var numbered = await NumberAsync(transaction, draft, now.Draft);

        // Never the same as before, so that what an event left open by the old rule is not decided by the new one.
        var at = Math.Max(Now(), now.UpdatedAt + 1);
        await transaction.ExecuteAsync(
            """
            update alert_rule set name = @Name, enabled = @Enabled, environment = @Environment, frequency = @Frequency, owner = @Owner, triggers = @triggers,
                filters = @filters, sameness = @sameness, updated_at = @now
            where id = @id
            """,
            Values(numbered, before.Id, before.OrganizationId, null, at));
        return await LinkAsync(transaction, before.Id, before.OrganizationId, numbered.DetectorIds, now.Draft.DetectorIds);
    }

    /// <returns>How many of them are now as wanted and were not before.</returns>
    public async Task<int> EnableAsync(Transaction transaction, long organizationId, IReadOnlyList<long> ids, bool enabled)
    {
        var changed = await transaction.ExecuteEachAsync(
            """
            update alert_rule set enabled = @enabled, updated_at = case when updated_at < @now then @now else updated_at + 1 end
            where id = @id and organization_id = @organizationId and enabled <> @enabled
            """,
            [.. ids.Order().Select(id => new { id, organizationId, enabled = enabled ? 1 : 0, now = Now() })]);
        await CountUpAsync(transaction, ids);
        return changed.Sum();
    }

    /// <returns><c>false</c> when somebody else was first.</returns>
    public async Task<bool> DeleteAsync(Transaction transaction, long organizationId, long id)
    {
        await CountUpAsync(transaction, [id]);
        return await transaction.ExecuteAsync("delete from alert_rule where id = @id and organization_id = @organizationId", new { id, organizationId }) == 1;
    }

    /// <param name="accountId">0 for everyone.</param>
    /// <returns><c>null</c> when it is silent for them already.</returns>
    public async Task<AlertSnooze?> SnoozeAsync(Transaction transaction, long ruleId, long accountId, long? until, long ownerId)
    {
        var now = Now();
        await transaction.ExecuteAsync("delete from alert_rule_snooze where rule_id = @ruleId and account_id = @accountId and until_at <= @now", new { ruleId, accountId, now });
        var snooze = await transaction.FirstAsync<AlertSnooze>(
            """
            insert into alert_rule_snooze (rule_id, account_id, until_at, owner_id, created_at) values (@ruleId, @accountId, @until, @ownerId, @now)
            on conflict do nothing
            returning id, rule_id, account_id, until_at, owner_id, created_at
            """,
            new { ruleId, accountId, until, ownerId, now });
        await CountUpAsync(transaction, [ruleId]);
        return snooze;
    }

    /// <returns><c>false</c> when it was not silent for them.</returns>
    public async Task<bool> WakeAsync(Transaction transaction, long ruleId, long accountId)
    {
        await CountUpAsync(transaction, [ruleId]);
        return await transaction.ExecuteAsync("delete from alert_rule_snooze where rule_id = @ruleId and account_id = @accountId", new { ruleId, accountId }) == 1;
    }

    /// <summary>Newest first: those before the given one.</summary>
    public Task<IReadOnlyList<AlertFiring>> FiringsAsync(long ruleId, long? than, bool backwards, int most, CancellationToken ct) =>
        database.ReadAsync(session => session.ListAsync<AlertFiring>(
            $"""
            select id, rule_id, issue_id, event_id, fired_at, actions from alert_firing
            where rule_id = @ruleId {(than is null ? "" : $"and id {(backwards ? '>' : '<')} @than")}
            order by id {(backwards ? "asc" : "desc")}
            limit @most
            """,
            new { ruleId, than = than ?? 0, most }), ct);

    /// <summary>Ends firings and, of windows that nobody looks through any more, who had an issue.</summary>
    public async Task DeleteOldAsync(TimeSpan firings, CancellationToken ct)
    {
        await RowsInSteps.DeleteAsync(
            database, "alert_firing", "select id from alert_firing where fired_at < @before limit 500",
            new { before = UnixMicroseconds.From(time.GetUtcNow() - firings) }, ct);
        await AlertWindows.DeleteOldAsync(database, time.GetUtcNow(), ct);
    }

    /// <summary>Whoever changes rules of the organization at the same time waits here.</summary>
    private static async Task<bool> HoldAsync(Transaction transaction, long organizationId) =>
        await transaction.ExecuteAsync("update organization set status = status where id = @organizationId and status = 'active'", new { organizationId }) == 1;

    private static async Task<AlertRule?> TwinAsync(Session session, long organizationId, AlertRuleDraft draft, long exceptId) =>
        await ReadAsync(
            session,
            $"{Select} where r.organization_id = @organizationId and r.sameness = @sameness and r.enabled = 1 and r.id <> @exceptId order by r.id limit 1",
            new { organizationId, sameness = AlertRuleText.Sameness(draft), exceptId }) is [var twin] ? twin : null;

    /// <summary>Numbers that no part of any rule has.</summary>
    /// <returns>The first of so many.</returns>
    internal static Task<long> NumbersAsync(Transaction transaction, int wanted) =>
        transaction.SingleAsync<long>("update alert_part set next = next + @wanted where id = 1 returning next - @wanted", new { wanted = (long)wanted });

    /// <summary>Numbers that the rule had are kept; others, and those that stand twice, are given anew.</summary>
    private static async Task<AlertRuleDraft> NumberAsync(Transaction transaction, AlertRuleDraft draft, AlertRuleDraft? before)
    {
        var known = before is null ? [] : before.Groups.Prepend(before.Triggers).SelectMany(IdsOf).ToHashSet();
        IReadOnlyList<AlertGroup> groups = [draft.Triggers, .. draft.Groups];
        var wanted = groups.Sum(group => 1 + group.Conditions.Count + group.Actions.Count);
        var next = await NumbersAsync(transaction, wanted);
        List<AlertGroup> numbered =
        [
            .. groups.Select(group => group with
            {
                Id = Number(group.Id),
                Conditions = [.. group.Conditions.Select(condition => condition with { Id = Number(condition.Id) })],
                Actions = [.. group.Actions.Select(action => action with { Id = Number(action.Id) })],
            }),
        ];
        return draft with { Triggers = numbered[0], Groups = numbered[1..], DetectorIds = [.. draft.DetectorIds.Distinct().Order()] };

        long Number(long id) => known.Remove(id) ? id : next++;

        static IEnumerable<long> IdsOf(AlertGroup group) => [group.Id, .. group.Conditions.Select(condition => condition.Id), .. group.Actions.Select(action => action.Id)];
    }

    /// <summary>A detector that was deleted meanwhile is left out. Projects that it left count up as well as those that it came to.</summary>
    private static async Task<SavedAlert> LinkAsync(Transaction transaction, long id, long organizationId, IReadOnlyList<long> wanted, IReadOnlyList<long> before)
    {
        await CountUpAsync(transaction, [id]);
        await transaction.ExecuteEachAsync(
            "delete from alert_rule_detector where rule_id = @id and detector_id = @Detector", [.. before.Except(wanted).Select(detector => new { id, Detector = detector })]);
        await transaction.ExecuteEachAsync(
            """
            insert into alert_rule_detector (rule_id, detector_id)
            select @id, d.id from detector d where d.id = @Detector and d.organization_id = @organizationId
            """,
            [.. wanted.Except(before).Select(detector => new { id, organizationId, Detector = detector })]);
        await CountUpAsync(transaction, [id]);
        return new(AlertVerdict.Saved, await FindAsync(transaction, organizationId, id));
    }

    /// <summary>In the order of the projects, so that two changes at once do not lock each other out.</summary>
    private static async Task CountUpAsync(Transaction transaction, IReadOnlyList<long> ruleIds)
    {
        var projects = new SortedSet<long>();
        foreach (var id in ruleIds)
        {
            projects.UnionWith(await transaction.ListAsync<long>(
                "select d.project_id from alert_rule_detector x join detector d on d.id = x.detector_id where x.rule_id = @id", new { id }));
        }

        await transaction.ExecuteEachAsync("update project set alert_version = alert_version + 1 where id = @Id", [.. projects.Select(id => new { Id = id })]);
    }

    private static object Values(AlertRuleDraft draft, long id, long organizationId, long? createdBy, long now) => new
    {
        id,
        organizationId,
        draft.Name,
        Enabled = draft.Enabled ? 1 : 0,
        draft.Environment,
        draft.Frequency,
        draft.Owner,
        createdBy,
        triggers = AlertRuleText.Of(draft.Triggers),
        filters = AlertRuleText.Of(draft.Groups),
        sameness = AlertRuleText.Sameness(draft),
        now,
    };

    private static async Task<IReadOnlyList<AlertRule>> ReadAsync(Session session, string select, object args)
    {
        var rows = await session.ListAsync<Row>(select, args);
        var detectors = await session.ListEachAsync<long>("select detector_id from alert_rule_detector where rule_id = @Id order by detector_id", rows);
        var snoozes = await session.ListEachAsync<AlertSnooze>(
            "select id, rule_id, account_id, until_at, owner_id, created_at from alert_rule_snooze where rule_id = @Id order by id", rows);
        return [.. rows.Select((row, i) => row.ToRule(detectors[i], snoozes[i]))];
    }

    private long Now() => UnixMicroseconds.From(time.GetUtcNow());

    private sealed record Row
    {
        public long Id { get; init; }

        public long OrganizationId { get; init; }

        public string Name { get; init; } = "";

        public bool Enabled { get; init; }

        public string? Environment { get; init; }

        public long Frequency { get; init; }

        public string? Owner { get; init; }

        public long? CreatedBy { get; init; }

        public string Triggers { get; init; } = "";

        public string Filters { get; init; } = "";

        public long CreatedAt { get; init; }

        public long UpdatedAt { get; init; }

        public long? LastFiredAt { get; init; }

        public AlertRule ToRule(IReadOnlyList<long> detectorIds, IReadOnlyList<AlertSnooze> snoozes) => new()
        {
            Id = Id,
            OrganizationId = OrganizationId,
            CreatedBy = CreatedBy,
            CreatedAt = CreatedAt,
            UpdatedAt = UpdatedAt,
            LastFiredAt = LastFiredAt,
            Snoozes = snoozes,
            Draft = new AlertRuleDraft
            {
                Name = Name,
                Enabled = Enabled,
                Environment = Environment,
                Frequency = Frequency,
                Owner = Owner,
                Triggers = AlertRuleText.ParseGroup(Triggers),
                Groups = AlertRuleText.ParseGroups(Filters),
                DetectorIds = detectorIds,
            },
        };
    }
}
