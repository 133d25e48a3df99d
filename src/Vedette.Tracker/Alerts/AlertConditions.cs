using System.Globalization;
using Vedette.Storage;
using Vedette.Tracker.Issues;
using Vedette.Tracker.Releases;
using Vedette.Wire.Json;

namespace Vedette.Tracker.Alerts;

/// <summary>Whether a condition holds for an event and its issue (<c>spec/domain.md</c> 4.3, 4.4), as far as that can be said without counting.</summary>
internal static class AlertConditions
{
    private const int ErrorCategory = 1;
    private const int FeedbackCategory = 6;

    /// <summary>It is decided by how often something happened, which the tick looks at.</summary>
    public static bool IsFrequency(ConditionKind kind) => kind is ConditionKind.EventFrequencyCount or ConditionKind.EventFrequencyPercent || CountsPeople(kind);

    public static bool CountsPeople(ConditionKind kind) => kind is ConditionKind.EventUniqueUserFrequencyCount or ConditionKind.EventUniqueUserFrequencyPercent;

    /// <summary>Most conditions ask the database nothing.</summary>
    /// <param name="environment">Of the rule; <c>null</c> for all.</param>
    /// <returns><c>null</c> for a frequency.</returns>
    public static ValueTask<bool?> HoldsAsync(Session session, AlertSubject subject, AlertCondition condition, string? environment, DateTimeOffset now)
    {
        var (issue, comparison) = (subject.Issue, condition.Comparison);
        return condition.Kind switch
        {
            ConditionKind.FirstSeenEvent => environment is null || subject.Turn == IssueTurn.New
                ? new(subject.Turn == IssueTurn.New)
                : FirstSeenInAsync(session, subject, environment),
            ConditionKind.RegressionEvent => new(subject.Turn == IssueTurn.Regressed),
            ConditionKind.ReappearedEvent => new(subject.Turn == IssueTurn.Reappeared),
            ConditionKind.EveryEvent => new(subject.Turn != IssueTurn.Resolved),
            ConditionKind.NewHighPriorityIssue => new(subject.Turn == IssueTurn.New && issue.Priority == "high"),
            ConditionKind.ExistingHighPriorityIssue => new(subject.Turn is IssueTurn.Reappeared or IssueTurn.Regressed && issue.Priority == "high"),
            ConditionKind.IssueResolvedTrigger => new(subject.Turn == IssueTurn.Resolved),
            ConditionKind.AgeComparison => new(IsOfAge(issue, comparison, now)),
            ConditionKind.AssignedTo => new(IsAssigned(issue, comparison)),
            ConditionKind.IssueCategory => new(CategoryOf(issue) == (int)Number(comparison, "value")),
            ConditionKind.IssueType => new(TextMatch.Holds("eq", [issue.Category, issue.Type], comparison.Text("value") ?? "")),
            ConditionKind.IssueOccurrences => new(issue.TimesSeen >= Number(comparison, "value")),
            ConditionKind.IssuePriorityGreaterOrEqual => new(PriorityOf(issue) >= Number(comparison, "value")),
            ConditionKind.EventAttribute => new(TextMatch.Holds(
                comparison.Text("match")!, subject.Attributes(comparison.Text("attribute")!), comparison.Text("value") ?? "")),
            ConditionKind.TaggedEvent => new(TextMatch.Holds(comparison.Text("match")!, subject.Tags(comparison.Text("key")!), comparison.Text("value") ?? "")),
            ConditionKind.Level => new(IsOfLevel((int)subject.Level, comparison)),
            ConditionKind.LatestRelease => IsLatestAsync(session, subject),
            ConditionKind.LatestAdoptedRelease => ComparesReleaseAsync(session, subject, comparison),
            ConditionKind.EventFrequencyCount or ConditionKind.EventFrequencyPercent
                or ConditionKind.EventUniqueUserFrequencyCount or ConditionKind.EventUniqueUserFrequencyPercent => new((bool?)null),
            ConditionKind.IssuePriorityDeescalating or ConditionKind.PercentSessionsCount or ConditionKind.PercentSessionsPercent => new(false),
        };
    }

    /// <summary>All of them hold. For conditions on the event and the issue only.</summary>
    public static async Task<bool> AllHoldAsync(
        Session session, AlertSubject subject, IReadOnlyList<AlertCondition> conditions, string? environment, DateTimeOffset now)
    {
        foreach (var condition in conditions)
        {
            if (await HoldsAsync(session, subject, condition, environment, now) != true)
                return false;
        }

        return true;
    }

    public static double Number(JsonMap comparison, string name) => comparison[name] is double number ? number : 0;

    /// <summary>The counts of this event are written with the commit, so its own are not there yet.</summary>
    private static async ValueTask<bool?> FirstSeenInAsync(Session session, AlertSubject subject, string environment) =>
        subject.Turn != IssueTurn.Resolved && await session.FirstAsync<long?>(
            "select times from issue_tag where issue_id = @Id and key = 'environment' and value = @environment", new { subject.Issue.Id, environment }) is null;

    private static bool IsOfAge(Issue issue, JsonMap comparison, DateTimeOffset now)
    {
        var unit = comparison.Text("time") switch
        {
            "minute" => TimeSpan.FromMinutes(1),
            "hour" => TimeSpan.FromHours(1),
            "day" => TimeSpan.FromDays(1),
            _ => TimeSpan.FromDays(7),
        };
        var age = (now - UnixMicroseconds.ToInstant(issue.FirstSeen)) / unit;
        return comparison.Text("comparisonType") == "older" ? age > Number(comparison, "value") : age < Number(comparison, "value");
    }

    private static bool IsAssigned(Issue issue, JsonMap comparison)
    {
        return comparison.Text("targetType") switch
        {
            "Team" => IsTo(AssigneeKind.Team),
            "Member" => IsTo(AssigneeKind.User),
            _ => issue.Assignee is null,
        };

        bool IsTo(AssigneeKind kind) =>
            issue.Assignee is { } assignee && assignee.Kind == kind && assignee.Id.ToString(CultureInfo.InvariantCulture) == comparison.Text("targetIdentifier");
    }

    private static bool IsOfLevel(int level, JsonMap comparison)
    {
        var wanted = Number(comparison, "level");
        return comparison.Text("match") switch
        {
            "eq" => level == wanted,
            "gte" => level >= wanted,
            _ => level <= wanted,
        };
    }

    private static int CategoryOf(Issue issue) => issue.Category == "feedback" ? FeedbackCategory : ErrorCategory;

    /// <summary><c>spec/domain.md</c> 2.4.</summary>
    private static int PriorityOf(Issue issue) => issue.Priority switch
    {
        "high" => 75,
        "medium" => 50,
        _ => 25,
    };

    private static async ValueTask<bool?> IsLatestAsync(Session session, AlertSubject subject) =>
        subject.Release is { } release && await ReleaseOrder.LatestAsync(session, subject.Project.Id) == release;

    /// <summary>Nothing tells which releases are adopted, so every release that sent an event counts as one.</summary>
    private static async ValueTask<bool?> ComparesReleaseAsync(Session session, AlertSubject subject, JsonMap comparison)
    {
        if (subject.Release is not { } release)
            return false;
        var other = comparison.Text("releaseAgeType") == "oldest"
            ? await ReleaseOrder.EarliestAsync(session, subject.Project.Id)
            : await ReleaseOrder.LatestAsync(session, subject.Project.Id);
        if (other is null || await ReleaseOrder.CompareAsync(session, subject.Project.OrganizationId, release, other) is not { } order)
            return false;
        return comparison.Text("ageComparison") == "older" ? order < 0 : order > 0;
    }
}
