using System.Globalization;

namespace Vedette.Engine.Deliveries;

/// <summary>Why something is as it is. The names, in snake_case, are part of the API.</summary>
public enum ExplanationCode
{
    Delivered,

    /// <summary>A process holds it and attempts it.</summary>
    InFlight,

    /// <summary>It could be attempted, but all of its destination is left alone after failures or at the receiver's wish.</summary>
    LaneResting,

    /// <summary>After a failed attempt, until its next one is due.</summary>
    WaitingForRetry,

    /// <summary>An older delivery of the same issue has to be made first.</summary>
    WaitingForOlder,

    /// <summary>Nothing stands in its way but its turn.</summary>
    Due,

    Held,
    Gone,
    Exhausted,
    Cancelled,

    /// <summary>There is no delivery, because the destination does not subscribe to the event.</summary>
    NotSubscribed,

    /// <summary>There is no delivery, because the destination subscribes to the event in other projects only.</summary>
    ProjectNotListed,

    /// <summary>There is no delivery, because the destination subscribed only after the event.</summary>
    SubscribedLater,

    /// <summary>There is no delivery, because the destination takes the other form of the payload, which is an event of its own.</summary>
    OtherForm,
}

/// <summary>What was found out about a pair of event and destination that has no delivery.</summary>
/// <param name="ProjectIds">Those in which the destination subscribes to the event now; 0 stands for all, and none means not at all.</param>
/// <param name="TakesVersion">The form of the payload that the destination takes, when it is another than the event's.</param>
public sealed record MissedEvent(string Event, long? ProjectId, DateTimeOffset AcceptedAt, IReadOnlyList<long> ProjectIds, long? TakesVersion = null);

/// <summary>The engine's word on what became of a delivery, or why there is none: a code for programs and one sentence for people.</summary>
public sealed record Explanation(ExplanationCode Code, string Text)
{
    public static Explanation Of(DeliveryFacts facts, DateTimeOffset now) => facts.State switch
    {
        DeliveryState.Pending => OfPending(facts, now),
        DeliveryState.Delivered => new(
            ExplanationCode.Delivered,
            facts.Last is { } last ? $"Delivered in {Span(last.Duration)} on attempt {facts.Attempts}." : $"Delivered on attempt {facts.Attempts}."),
        DeliveryState.Exhausted => new(
            ExplanationCode.Exhausted, $"Given up after {Count(facts.Attempts)} over {Span(Lifetime(facts, now))}; the last one ended with: {LastReason(facts)}."),
        DeliveryState.Gone when facts.Attempts > 0 && facts.Last?.Outcome == AttemptOutcome.Gone => new(
            ExplanationCode.Gone, $"The receiver answered attempt {facts.Attempts} with 410: it does not want to be called again."),
        DeliveryState.Gone => new(ExplanationCode.Gone, "Not attempted any more, because the receiver has answered 410 to another delivery: it does not want to be called again."),
        DeliveryState.Held => new(ExplanationCode.Held, "Held because the destination is disabled; enabling it releases or drops what is held."),
        DeliveryState.Cancelled => new(ExplanationCode.Cancelled, facts.CancelledFor switch
        {
            CancelReason.Dropped => "Cancelled: it was dropped when the destination was enabled again.",
            CancelReason.Uninstalled => "Cancelled: the app was uninstalled while the delivery waited.",
            CancelReason.AppDeleted => "Cancelled: the app was deleted while the delivery waited.",
            CancelReason.UrlRemoved => "Cancelled: the app's webhook URL was removed while the delivery waited.",
            CancelReason.HookDeleted => "Cancelled: the service hook was deleted while the delivery waited.",
            CancelReason.ProjectDeleted => "Cancelled: the project was deleted while the delivery waited.",
            CancelReason.OrganizationDeleted => "Cancelled: the organization that the integration belongs to was deleted while the delivery waited.",
        }),
    };

    public static Explanation Of(MissedEvent missed)
    {
        if (missed.ProjectIds.Count == 0)
            return new(ExplanationCode.NotSubscribed, $"Not sent, because the destination is not subscribed to {missed.Event}.");

        if (missed.ProjectIds.Contains(0) || (missed.ProjectId is { } project && missed.ProjectIds.Contains(project)))
        {
            if (missed.TakesVersion is { } version)
                return new(ExplanationCode.OtherForm, $"Not sent in this form, because the destination takes version {Number(version)} of the payload.");

            return new(
                ExplanationCode.SubscribedLater,
                $"Not sent, because the destination was not subscribed to {missed.Event} when the event was accepted, at {At(missed.AcceptedAt)}; now it is.");
        }

        return new(
            ExplanationCode.ProjectNotListed,
            missed.ProjectId is { } other
                ? $"Not sent, because project {Number(other)} is not in the destination's list for {missed.Event}."
                : $"Not sent, because the event belongs to no project and the destination lists projects for {missed.Event}.");
    }

    /// <summary>In the order in which a delivery passes what may stop it.</summary>
    private static Explanation OfPending(DeliveryFacts facts, DateTimeOffset now)
    {
        var next = facts.Attempts + 1;
        if (facts.IsLeased && facts.DueAt > now)
        {
            return new(
                ExplanationCode.InFlight,
                $"In flight: a process makes attempt {Number(next)} and holds the delivery until {At(facts.DueAt)}; if it dies, another takes over then.");
        }

        if (facts.RestsUntil is { } rest && rest > now && rest >= facts.DueAt)
        {
            return new(
                ExplanationCode.LaneResting,
                $"The destination rests until {At(rest)} after {Words(facts.RestReason)}; attempt {Number(next)} waits for that.");
        }

        if (facts.DueAt > now)
        {
            return new(
                ExplanationCode.WaitingForRetry,
                facts.Last is null ? $"Attempt {Number(next)} is due at {At(facts.DueAt)}." : $"Attempt {Number(next)} is due at {At(facts.DueAt)}, because the one before ended with: {LastReason(facts)}.");
        }

        return facts.OlderOfIssue is { } older
            ? new(ExplanationCode.WaitingForOlder, $"Attempt {Number(next)} waits for delivery {Number(older)}, an older one of the same issue.")
            : new(ExplanationCode.Due, $"Attempt {Number(next)} is due since {At(facts.DueAt)} and waits for its turn.");
    }

    private static TimeSpan Lifetime(DeliveryFacts facts, DateTimeOffset now) => (facts.FinishedAt ?? now) - facts.CreatedAt;

    private static string LastReason(DeliveryFacts facts) => facts.Last?.Reason.TrimEnd('.') ?? "an outcome that is not kept any more";

    private static string Count(int attempts) => attempts == 1 ? "1 attempt" : $"{Number(attempts)} attempts";

    /// <summary>A stored name of an outcome, such as <c>server_error</c>.</summary>
    private static string Words(string? outcome) => outcome is null ? "failures" : $"failures, the last a {outcome.Replace('_', ' ')}";

    private static string At(DateTimeOffset instant) => instant.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss 'UTC'", CultureInfo.InvariantCulture);

    private static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);

    /// <summary>In the unit that leaves at least two digits, where there is one.</summary>
    private static string Span(TimeSpan span) => span switch
    {
        { TotalMilliseconds: < 10_000 } => $"{Math.Round(span.TotalMilliseconds):0} ms",
        { TotalSeconds: < 600 } => $"{Math.Round(span.TotalSeconds):0} s",
        { TotalMinutes: < 600 } => $"{Math.Round(span.TotalMinutes):0} min",
        { TotalHours: < 72 } => $"{Math.Round(span.TotalHours):0} h",
        _ => $"{Math.Round(span.TotalDays):0} days",
    };
}

/// <summary>All that an explanation of a delivery needs to know.</summary>
public sealed record DeliveryFacts
{
    public required DeliveryState State { get; init; }

    /// <summary>Of a cancelled delivery.</summary>
    public CancelReason CancelledFor { get; init; }

    public required int Attempts { get; init; }

    /// <summary>Of a leased delivery: the end of the lease.</summary>
    public required DateTimeOffset DueAt { get; init; }

    public bool IsLeased { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset? FinishedAt { get; init; }

    /// <summary>The last attempt that was recorded, also one that did not count.</summary>
    public LastAttempt? Last { get; init; }

    /// <summary>Of its destination.</summary>
    public DateTimeOffset? RestsUntil { get; init; }

    /// <summary>A stored name of an <see cref="AttemptOutcome"/>.</summary>
    public string? RestReason { get; init; }

    /// <summary>Of an ordered destination: a delivery of the same issue that goes first.</summary>
    public long? OlderOfIssue { get; init; }
}

public sealed record LastAttempt(AttemptOutcome Outcome, string Reason, TimeSpan Duration);
