using Vedette.Storage;

namespace Vedette.Tracker.MetricAlerts;

/// <summary>
/// Looks at all metric alerts with each tick. Of several nodes one does it; what it left when it died is looked at with the next
/// tick.
/// </summary>
public sealed class MetricRound(Database database, Incidents incidents, MetricCatchUp catchUp, TimeProvider time)
{
    private const int AtOnce = 100;
    private const long MinuteUs = 60_000_000;

    /// <summary>A rule opens no second incident sooner after the first.</summary>
    private const long QuietUs = 10 * MinuteUs;

    /// <summary>Nobody waits for it, so ingest does not wait for it either.</summary>
    private readonly BackgroundWriter writer = database.NewBackgroundWriter();

    /// <param name="every">How often this is called; another node's round within most of that time stands for ours.</param>
    /// <returns>How many incidents were changed.</returns>
    public async Task<int> PassAsync(TimeSpan every, CancellationToken ct)
    {
        var now = UnixMicroseconds.From(time.GetUtcNow());
        var isOurs = await writer.WriteAsync(
            transaction => transaction.ExecuteAsync(
                "update metric_round set at = @now where id = 1 and at <= @before", new { now, before = now - (long)(every.TotalMicroseconds * 0.75) }), ct) == 1;
        return isOurs ? await JudgeAllAsync(ct) : 0;
    }

    private async Task<int> JudgeAllAsync(CancellationToken ct)
    {
        var changed = 0;
        for (var after = 0L; ;)
        {
            var rules = await database.ReadAsync(session => MetricRuleStore.EnabledAsync(session, after, AtOnce), ct);
            if (rules.Count == 0)
                return changed;

            after = rules[^1].Id;
            rules = await catchUp.AsNowAsync(rules, ct);
            var (values, newest) = await database.ReadAsync(
                async session => (await MetricValues.ReadAsync(session, rules, time.GetUtcNow()), await Incidents.NewestAsync(session, rules)), ct);
            for (var i = 0; i < rules.Count; i++)
            {
                if (values[i] is { } value && await ActAsync(rules[i], value, newest[i], ct))
                    changed++;
            }
        }
    }

    /// <returns><c>true</c> when an incident was opened, changed or closed.</returns>
    private async Task<bool> ActAsync(MetricRule rule, double value, Incident? newest, CancellationToken ct)
    {
        var now = time.GetUtcNow();
        var open = newest is { ClosedAt: null } ? newest : null;
        var mayOpen = open is not null || newest is null || newest.CreatedAt <= UnixMicroseconds.From(now) - QuietUs;
        var judgement = MetricJudge.Judge(rule, value, mayOpen);
        if (judgement.IsSame(rule))
            return false;

        return await writer.WriteAsync(
            async transaction =>
            {
                // Somebody edits the rule at this moment: the next tick looks at what it is then.
                if (await transaction.ExecuteAsync("update metric_rule set version = version + 1 where id = @Id and version = @Version", new { rule.Id, rule.Version }) == 0)
                    return false;

                await transaction.ExecuteEachAsync(
                    "update metric_trigger set is_active = @active, hits = @Hits where id = @Id",
                    [.. rule.Triggers.Select((trigger, i) => new { trigger.Id, active = judgement.States[i].IsActive ? 1 : 0, judgement.States[i].Hits })]);
                return (judgement.Status, open) switch
                {
                    _ when judgement.AreSameActive(rule) => false,
                    (null, _) => await incidents.CloseAsync(transaction, rule, IncidentMethod.RuleTriggered, null, value) is not null,
                    ({ } status, null) =>
                        await incidents.OpenAsync(transaction, rule, status, value, now - TimeSpan.FromMinutes(rule.Draft.WindowMinutes), null) is not null,
                    ({ } status, _) => status != open.Status && await incidents.ChangeAsync(transaction, rule, open, status, value),
                };
            },
            ct);
    }
}
