using Vedette.Engine.Deliveries;
using Xunit;

namespace Vedette.Tests.Engine.Deliveries;

public sealed class ExplanationTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly LastAttempt Answer503 = new(AttemptOutcome.ServerError, "HTTP 503", TimeSpan.FromMilliseconds(12));

    private static readonly DeliveryFacts Pending = new() { State = DeliveryState.Pending, Attempts = 0, DueAt = Now, CreatedAt = Now - TimeSpan.FromHours(1) };

    private static readonly DeliveryFacts Failed = Pending with { Attempts = 2, Last = Answer503, DueAt = Now + TimeSpan.FromMinutes(2) };

    public static TheoryData<DeliveryFacts, ExplanationCode, string> Deliveries => new()
    {
        { Pending, ExplanationCode.Due, "Attempt 1 is due since 2026-03-01 12:00:00 UTC and waits for its turn." },
        {
            Pending with { DueAt = Now.AddSeconds(30), IsLeased = true }, ExplanationCode.InFlight,
            "In flight: a process makes attempt 1 and holds the delivery until 2026-03-01 12:00:30 UTC; if it dies, another takes over then."
        },
        { Pending with { IsLeased = true }, ExplanationCode.Due, "Attempt 1 is due since 2026-03-01 12:00:00 UTC and waits for its turn." },
        { Pending with { OlderOfIssue = 17 }, ExplanationCode.WaitingForOlder, "Attempt 1 waits for delivery 17, an older one of the same issue." },
        { Pending with { DueAt = Now.AddSeconds(1) }, ExplanationCode.WaitingForRetry, "Attempt 1 is due at 2026-03-01 12:00:01 UTC." },
        { Failed, ExplanationCode.WaitingForRetry, "Attempt 3 is due at 2026-03-01 12:02:00 UTC, because the one before ended with: HTTP 503." },
        {
            Failed with { RestsUntil = Now.AddMinutes(1), RestReason = "server_error" }, ExplanationCode.WaitingForRetry,
            "Attempt 3 is due at 2026-03-01 12:02:00 UTC, because the one before ended with: HTTP 503."
        },
        {
            Failed with { RestsUntil = Now.AddMinutes(5), RestReason = "too_many_requests" }, ExplanationCode.LaneResting,
            "The destination rests until 2026-03-01 12:05:00 UTC after failures, the last a too many requests; attempt 3 waits for that."
        },
        { Pending with { RestsUntil = Now }, ExplanationCode.Due, "Attempt 1 is due since 2026-03-01 12:00:00 UTC and waits for its turn." },
        {
            Pending with { State = DeliveryState.Delivered, Attempts = 3, Last = new(AttemptOutcome.Delivered, "HTTP 200", TimeSpan.FromMilliseconds(38.2)) },
            ExplanationCode.Delivered, "Delivered in 38 ms on attempt 3."
        },
        {
            Failed with { State = DeliveryState.Exhausted, Attempts = 10, FinishedAt = Now.AddHours(47) }, ExplanationCode.Exhausted,
            "Given up after 10 attempts over 48 h; the last one ended with: HTTP 503."
        },
        {
            Failed with { State = DeliveryState.Exhausted, Attempts = 1, FinishedAt = Pending.CreatedAt.AddSeconds(1) }, ExplanationCode.Exhausted,
            "Given up after 1 attempt over 1000 ms; the last one ended with: HTTP 503."
        },
        {
            Failed with { State = DeliveryState.Gone, Last = new(AttemptOutcome.Gone, "HTTP 410", TimeSpan.Zero) }, ExplanationCode.Gone,
            "The receiver answered attempt 2 with 410: it does not want to be called again."
        },
        {
            Failed with { State = DeliveryState.Gone }, ExplanationCode.Gone,
            "Not attempted any more, because the receiver has answered 410 to another delivery: it does not want to be called again."
        },
        { Failed with { State = DeliveryState.Held }, ExplanationCode.Held, "Held because the destination is disabled; enabling it releases or drops what is held." },
        {
            Failed with { State = DeliveryState.Cancelled, CancelledFor = CancelReason.Dropped }, ExplanationCode.Cancelled,
            "Cancelled: it was dropped when the destination was enabled again."
        },
        {
            Failed with { State = DeliveryState.Cancelled, CancelledFor = CancelReason.Uninstalled }, ExplanationCode.Cancelled,
            "Cancelled: the app was uninstalled while the delivery waited."
        },
        {
            Failed with { State = DeliveryState.Cancelled, CancelledFor = CancelReason.ProjectDeleted }, ExplanationCode.Cancelled,
            "Cancelled: the project was deleted while the delivery waited."
        },
        {
            Failed with { State = DeliveryState.Cancelled, CancelledFor = CancelReason.OrganizationDeleted }, ExplanationCode.Cancelled,
            "Cancelled: the organization that the integration belongs to was deleted while the delivery waited."
        },
    };

    public static TheoryData<MissedEvent, ExplanationCode, string> Missed => new()
    {
        { new("issue.created", 1, Now, []), ExplanationCode.NotSubscribed, "Not sent, because the destination is not subscribed to issue.created." },
        {
            new("issue.created", 1, Now, [0]), ExplanationCode.SubscribedLater,
            "Not sent, because the destination was not subscribed to issue.created when the event was accepted, at 2026-03-01 12:00:00 UTC; now it is."
        },
        {
            new("issue.created", 1, Now, [2, 1]), ExplanationCode.SubscribedLater,
            "Not sent, because the destination was not subscribed to issue.created when the event was accepted, at 2026-03-01 12:00:00 UTC; now it is."
        },
        {
            new("issue.created", 1, Now, [2, 3]), ExplanationCode.ProjectNotListed,
            "Not sent, because project 1 is not in the destination's list for issue.created."
        },
        {
            new("event.created", 1, Now, [1], TakesVersion: 1), ExplanationCode.OtherForm,
            "Not sent in this form, because the destination takes version 1 of the payload."
        },
        {
            new("installation.created", null, Now, [2]), ExplanationCode.ProjectNotListed,
            "Not sent, because the event belongs to no project and the destination lists projects for installation.created."
        },
    };

    [Theory, MemberData(nameof(Deliveries), DisableDiscoveryEnumeration = true)]
    public void A_delivery_is_explained_in_one_sentence(DeliveryFacts facts, ExplanationCode code, string text) =>
        Assert.Equal(new(code, text), Explanation.Of(facts, Now));

    [Theory, MemberData(nameof(Missed), DisableDiscoveryEnumeration = true)]
    public void An_event_that_was_not_sent_is_explained_too(MissedEvent missed, ExplanationCode code, string text) =>
        Assert.Equal(new(code, text), Explanation.Of(missed));

    [Fact]
    public void Every_state_and_every_code_is_in_the_tables()
    {
        var rows = Deliveries.Select(row => row.Data.Item1.State);
        var codes = Deliveries.Select(row => row.Data.Item2).Concat(Missed.Select(row => row.Data.Item2));

        Assert.Equal(Enum.GetValues<DeliveryState>(), rows.Distinct().Order());
        Assert.Equal(Enum.GetValues<ExplanationCode>(), codes.Distinct().Order());
    }
}
