namespace Vedette.Tracker.MetricAlerts;

/// <summary>What an evaluation finds: how a rule's triggers stand now, in their order, and which of them it changed.</summary>
/// <param name="Status"><c>null</c> when none is active.</param>
public sealed record Judgement(IReadOnlyList<TriggerState> States, IncidentStatus? Status)
{
    public bool IsSame(MetricRule rule) => rule.Triggers.Select(trigger => trigger.State).SequenceEqual(States);

    public bool AreSameActive(MetricRule rule) => rule.Triggers.Select(trigger => trigger.State.IsActive).SequenceEqual(States.Select(state => state.IsActive));
}

/// <summary>Decides from a value how a rule's triggers stand (<c>spec/domain.md</c> 5.3). It looks at nothing else.</summary>
public static class MetricJudge
{
    /// <summary>A value that only just is not over the threshold ends a trigger that has no value of its own for that.</summary>
    private const double Hair = 0.000001;

    /// <param name="value">The aggregate over the window; where the rule compares, percent of the value before.</param>
    /// <param name="mayOpen">An incident is open, or may be opened. Otherwise no trigger begins, however often it was hit.</param>
    public static Judgement Judge(MetricRule rule, double value, bool mayOpen)
    {
        var states = rule.Triggers.Select(trigger => Next(rule, trigger, value, mayOpen)).ToList();
        IncidentStatus? status = null;
        for (var i = 0; i < states.Count; i++)
        {
            if (!states[i].IsActive)
                continue;
            status = (rule.Triggers[i].Label, status) switch
            {
                (TriggerLabel.Critical, _) => IncidentStatus.Critical,
                (TriggerLabel.Warning, null) => IncidentStatus.Warning,
                (TriggerLabel.Warning, _) => status,
            };
        }

        return new Judgement(states, status);
    }

    private static TriggerState Next(MetricRule rule, MetricTrigger trigger, double value, bool mayOpen)
    {
        var state = trigger.State;
        var speaksForChange = state.IsActive ? Ends(rule, trigger, value) : Begins(rule, trigger, value);
        if (!speaksForChange)
            return state with { Hits = 0 };

        // More hits than are asked for say nothing more, and are not written again and again.
        var hits = Math.Min(state.Hits + 1, rule.Draft.Period);
        return hits >= rule.Draft.Period && (state.IsActive || mayOpen) ? new TriggerState(!state.IsActive, 0) : state with { Hits = hits };
    }

    private static bool Begins(MetricRule rule, MetricTrigger trigger, double value)
    {
        var threshold = Compared(rule, trigger.Threshold);
        return rule.Draft.Direction switch
        {
            MetricDirection.Above => value > threshold,
            MetricDirection.Below => value < threshold,
        };
    }

    private static bool Ends(MetricRule rule, MetricTrigger trigger, double value)
    {
        var isCalmest = trigger.Label == rule.Triggers[^1].Label;
        var own = isCalmest ? rule.Draft.ResolveAt : null;
        var threshold = Compared(rule, own ?? trigger.Threshold);
        var reach = own is null || rule.Draft.ResolvesOn ? Hair : 0;
        return rule.Draft.Direction switch
        {
            MetricDirection.Above => value < threshold + reach,
            MetricDirection.Below => value > threshold - reach,
        };
    }

    /// <summary>A change of 50 percent is a value of 150 percent of the one before, or of 50.</summary>
    private static double Compared(MetricRule rule, double threshold) => (rule.Draft.DeltaMinutes, rule.Draft.Direction) switch
    {
        (null, _) => threshold,
        (_, MetricDirection.Above) => 100 + threshold,
        (_, MetricDirection.Below) => 100 - threshold,
    };
}
