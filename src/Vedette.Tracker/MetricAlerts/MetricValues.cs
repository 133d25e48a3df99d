using Vedette.Storage;

namespace Vedette.Tracker.MetricAlerts;

/// <summary>What was counted for rules in their windows.</summary>
internal static class MetricValues
{
    /// <returns>In the order of the rules; <c>null</c> where nothing was counted before that could be compared with.</returns>
    public static async Task<IReadOnlyList<double?>> ReadAsync(Session session, IReadOnlyList<MetricRule> rules, DateTimeOffset now)
    {
        var current = await CountAsync(session, rules, now, static _ => 0);
        var earlier = await CountAsync(session, [.. rules.Where(rule => rule.Draft.DeltaMinutes is not null)], now, static rule => rule.Draft.DeltaMinutes!.Value * 60);
        var values = new List<double?>();
        foreach (var rule in rules)
        {
            if (rule.Draft.DeltaMinutes is null)
                values.Add(current[rule.Id]);
            else
                values.Add(earlier[rule.Id] == 0 ? null : 100.0 * current[rule.Id] / earlier[rule.Id]);
        }

        return values;
    }

    /// <summary>A window begins with the step in which it begins, so that nothing falls between two evaluations.</summary>
    /// <param name="back">Seconds by which a rule's window lies back.</param>
    private static async Task<Dictionary<long, long>> CountAsync(Session session, IReadOnlyList<MetricRule> rules, DateTimeOffset now, Func<MetricRule, long> back)
    {
        var counted = new Dictionary<long, long>();
        foreach (var aggregate in rules.GroupBy(rule => rule.Draft.Aggregate))
        {
            List<MetricRule> same = [.. aggregate];
            var found = await session.ListEachAsync<long>(
                aggregate.Key switch
                {
                    MetricAggregate.Count => "select cast(coalesce(sum(times), 0) as bigint) from metric_count where counter = @Counter and start >= @From and start <= @Until",
                    MetricAggregate.CountUniqueUser => "select count(distinct user_tag) from metric_person where counter = @Counter and start >= @From and start <= @Until",
                },
                [.. same.Select(rule => Window(rule, now.ToUnixTimeSeconds() - back(rule)))]);
            for (var i = 0; i < same.Count; i++)
                counted[same[i].Id] = found[i][0];
        }

        return counted;
    }

    private static object Window(MetricRule rule, long until)
    {
        var from = until - (rule.Draft.WindowMinutes * 60);
        return new { rule.Counter, From = from - (from % rule.StepSeconds), Until = until };
    }
}
