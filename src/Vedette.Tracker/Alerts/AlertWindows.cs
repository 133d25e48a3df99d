using Vedette.Storage;
using Vedette.Tracker.Issues;
using Vedette.Tracker.Search;
using Vedette.Wire.Json;

namespace Vedette.Tracker.Alerts;

/// <summary>
/// How often something happened to an issue lately. Windows end now and are made of minutes up to two hours, of hours up to a
/// week, of days beyond; all that a window touches counts (<c>docs/decisions/0018</c>).
/// </summary>
internal static class AlertWindows
{
    /// <summary>More people than these are as many as these.</summary>
    private const int MostPeople = 10_000;

    /// <summary>Two windows of the longest interval one behind the other, and what they touch; minutes are kept as long as those of events.</summary>
    private static readonly (long Step, TimeSpan Kept)[] PeopleKept =
    [
        (IssueCounts.MinuteSeconds, TimeSpan.FromDays(8)), (IssueCounts.HourSeconds, TimeSpan.FromDays(38)), (IssueCounts.DaySeconds, TimeSpan.FromDays(62)),
    ];

    /// <param name="name"><c>interval</c> or <c>comparisonInterval</c>.</param>
    public static TimeSpan IntervalOf(JsonMap comparison, string name) => AlertIntervals.LengthOf(comparison.Text(name)!);

    /// <summary>Whether a frequency condition holds now.</summary>
    /// <param name="environment"><c>null</c> for all.</param>
    public static async Task<bool> HoldsAsync(Session session, long issueId, AlertCondition condition, string? environment, DateTimeOffset now)
    {
        var comparison = condition.Comparison;
        var (interval, limit) = (IntervalOf(comparison, "interval"), AlertConditions.Number(comparison, "value"));
        var recent = await CountAsync(session, issueId, condition, interval, environment, now);
        if (condition.Kind is not (ConditionKind.EventFrequencyPercent or ConditionKind.EventUniqueUserFrequencyPercent))
            return recent > limit;

        var before = await CountAsync(session, issueId, condition, interval, environment, now - IntervalOf(comparison, "comparisonInterval"));
        return Percent(recent, before) > limit;
    }

    /// <summary>How much more, in whole percent; never below 0.</summary>
    public static long Percent(long recent, long before) => before <= 0 ? recent * 100 : (long)Math.Max(0, (double)(recent - before) / before * 100);

    /// <summary>Puts down who sent the event, for the windows of the project's rules.</summary>
    public static async Task SeeAsync(Transaction transaction, AlertSubject subject, IReadOnlyList<PeopleScope> scopes, string? userTag, DateTimeOffset now)
    {
        if (userTag is null)
            return;

        var second = UnixMicroseconds.ToInstant(subject.Event.OccurredAt).ToUnixTimeSeconds();
        foreach (var scope in scopes)
        {
            if (!await AlertConditions.AllHoldAsync(transaction, subject, scope.Filters, null, now))
                continue;

            await transaction.ExecuteAsync(PeopleRow.Insert, new PeopleRow
            {
                IssueId = subject.Issue.Id,
                Scope = scope.Name,
                Step = scope.Step,
                Start = second - (second % scope.Step),
                Environment = subject.Environment ?? "",
                UserTag = userTag,
            });
        }
    }

    public static async Task DeleteOldAsync(Database database, DateTimeOffset now, CancellationToken ct)
    {
        foreach (var (step, kept) in PeopleKept)
        {
            await RowsInSteps.DeleteAsync<PeopleRow>(
                database,
                $"{PeopleRow.Select} where step = @step and start < @before limit 500",
                new { step, before = (now - kept).ToUnixTimeSeconds() },
                [PeopleRow.Delete],
                ct);
        }
    }

    private static async Task<long> CountAsync(Session session, long issueId, AlertCondition condition, TimeSpan interval, string? environment, DateTimeOffset until)
    {
        var justAfter = until + TimeSpan.FromMicroseconds(1);
        var span = BucketSpan.Of(justAfter - interval, justAfter);
        var inside = $"step = @Step and start >= @From and start < @Until {(environment is null ? "" : "and environment = @environment")}";
        return AlertConditions.CountsPeople(condition.Kind)
            ? await session.SingleAsync<long>(
                $"select count(*) from (select distinct user_tag from issue_user_bucket where issue_id = @issueId and scope = @scope and {inside} limit {MostPeople}) x",
                new { issueId, scope = PeopleScope.Of(condition).Name, span.Step, span.From, span.Until, environment })
            : await session.SingleAsync<long>(
                $"select cast(coalesce(sum(times), 0) as bigint) from event_bucket where issue_id = @issueId and {inside}",
                new { issueId, span.Step, span.From, span.Until, environment });
    }
}

/// <summary>A row of <c>issue_user_bucket</c>.</summary>
internal sealed record PeopleRow
{
    public const string Select = "select issue_id, scope, step, start, environment, user_tag from issue_user_bucket";

    public const string Insert =
        """
        insert into issue_user_bucket (issue_id, scope, step, start, environment, user_tag)
        values (@IssueId, @Scope, @Step, @Start, @Environment, @UserTag)
        on conflict do nothing
        """;

    public const string Delete =
        "delete from issue_user_bucket where issue_id = @IssueId and scope = @Scope and step = @Step and start = @Start and environment = @Environment and user_tag = @UserTag";

    public long IssueId { get; init; }

    public string Scope { get; init; } = "";

    public long Step { get; init; }

    public long Start { get; init; }

    public string Environment { get; init; } = "";

    public string UserTag { get; init; } = "";
}
