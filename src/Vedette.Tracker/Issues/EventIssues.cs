using System.Text;
using Vedette.Storage;
using Vedette.Tracker.Grouping;
using Vedette.Tracker.Ingest;
using Vedette.Tracker.Projects;
using Vedette.Wire.Json;

namespace Vedette.Tracker.Issues;

/// <summary>What an event writes into the row of its issue.</summary>
internal static class EventIssues
{
    private const int LongestSearchText = 2048;

    /// <summary>The event is the first of its kind.</summary>
    public static async Task<Issue> InsertAsync(Transaction transaction, Project project, TrackedEvent trackedEvent)
    {
        var number = await transaction.SingleAsync<long>(
            "update project set next_short_id = next_short_id + 1 where id = @Id returning next_short_id - 1", new { project.Id });
        var seen = UnixMicroseconds.From(trackedEvent.Timestamp);
        var issue = new Issue
        {
            ProjectId = project.Id,
            OrganizationId = project.OrganizationId,
            OrganizationSlug = project.OrganizationSlug,
            ProjectSlug = project.Slug,
            ProjectName = project.Name,
            ProjectPlatform = project.Platform,
            ShortId = number,
            Category = trackedEvent.Type == EventType.Feedback ? "feedback" : "error",
            Type = StoredName.Of(trackedEvent.Type),
            Level = StoredName.Of(trackedEvent.Level),
            Title = trackedEvent.Title,
            Culprit = trackedEvent.Culprit,
            Metadata = Json(trackedEvent.Metadata),
            Platform = trackedEvent.Platform,
            Logger = trackedEvent.Logger,
            Status = "unresolved",
            Substatus = "new",
            StateAt = seen,
            Priority = PriorityOf(trackedEvent.Level),
            FirstSeen = seen,
            LastSeen = seen,
            TimesSeen = 1,
            UserCount = trackedEvent.UserTag is null ? 0 : 1,
            IsUnhandled = trackedEvent.Handled == false,
            FirstRelease = trackedEvent.Release,
            LastRelease = trackedEvent.Release,
        };
        var id = await transaction.SingleAsync<long>(
            """
            insert into issue (
                project_id, short_id, category, type, level, title, culprit, metadata, platform, logger, status, substatus, state_at, priority,
                first_seen, last_seen, times_seen, user_count, num_comments, is_unhandled, first_release, last_release, organization_id,
                search_text)
            values (
                @ProjectId, @ShortId, @Category, @Type, @Level, @Title, @Culprit, @Metadata, @Platform, @Logger, @Status, @Substatus, @StateAt, @Priority,
                @FirstSeen, @LastSeen, @TimesSeen, @UserCount, 0, @Unhandled, @FirstRelease, @LastRelease, @OrganizationId,
                @searchText)
            returning id
            """,
            new
            {
                issue.ProjectId,
                issue.ShortId,
                issue.Category,
                issue.Type,
                issue.Level,
                issue.Title,
                issue.Culprit,
                issue.Metadata,
                issue.Platform,
                issue.Logger,
                issue.Status,
                issue.Substatus,
                issue.StateAt,
                issue.Priority,
                issue.FirstSeen,
                issue.LastSeen,
                issue.TimesSeen,
                issue.UserCount,
                Unhandled = issue.IsUnhandled ? 1 : 0,
                issue.FirstRelease,
                issue.LastRelease,
                issue.OrganizationId,
                searchText = SearchTextOf(trackedEvent),
            });
        await SeeUserAsync(transaction, id, trackedEvent);
        return issue with { Id = id };
    }

    /// <summary>Counts the event for an issue, and shows what it says of itself.</summary>
    /// <returns>The issue, whose status the event itself has not changed yet, without its snooze and its resolution.</returns>
    public static async Task<Issue> UpdateAsync(Transaction transaction, Project project, long id, TrackedEvent trackedEvent)
    {
        var newUser = await SeeUserAsync(transaction, id, trackedEvent);

        // A placeholder never replaces a real title.
        var issue = await transaction.SingleAsync<Issue>(
            $"""
            update issue set
                times_seen = times_seen + 1,
                user_count = user_count + @newUser,
                first_seen = case when @seen < first_seen then @seen else first_seen end,
                last_seen = case when @seen > last_seen then @seen else last_seen end,
                title = case when @placeholder = 1 then title else @Title end,
                metadata = case when @placeholder = 1 then metadata else @metadata end,
                search_text = case when @placeholder = 1 then search_text else @searchText end,
                culprit = @Culprit,
                level = @level,
                logger = @Logger,
                is_unhandled = @unhandled,
                first_release = coalesce(first_release, @Release),
                last_release = coalesce(@Release, last_release)
            where id = @id
            returning {IssueStore.OwnColumns}
            """,
            new
            {
                id,
                newUser,
                seen = UnixMicroseconds.From(trackedEvent.Timestamp),
                placeholder = EventTitle.IsPlaceholder(trackedEvent.Title) ? 1 : 0,
                trackedEvent.Title,
                metadata = Json(trackedEvent.Metadata),
                searchText = SearchTextOf(trackedEvent),
                trackedEvent.Culprit,
                level = StoredName.Of(trackedEvent.Level),
                trackedEvent.Logger,
                unhandled = trackedEvent.Handled == false ? 1 : 0,
                trackedEvent.Release,
            });
        return issue with
        {
            OrganizationId = project.OrganizationId,
            OrganizationSlug = project.OrganizationSlug,
            ProjectSlug = project.Slug,
            ProjectName = project.Name,
            ProjectPlatform = project.Platform,
        };
    }

    private static async Task<int> SeeUserAsync(Transaction transaction, long issueId, TrackedEvent trackedEvent) =>
        trackedEvent.UserTag is null
            ? 0
            : await transaction.ExecuteAsync(
                "insert into issue_user (issue_id, user_tag, first_seen) values (@issueId, @UserTag, @seen) on conflict do nothing",
                new { issueId, trackedEvent.UserTag, seen = UnixMicroseconds.From(trackedEvent.Timestamp) });

    /// <summary>Without a severity model, the level decides (<c>spec/domain.md</c> 2.4).</summary>
    private static string PriorityOf(EventLevel level) => level switch
    {
        EventLevel.Fatal or EventLevel.Error => "high",
        EventLevel.Warning => "medium",
        EventLevel.Info or EventLevel.Debug => "low",
        EventLevel.Sample => "medium",
    };

    /// <summary>Folded here, because the databases know the case of few letters. The parts are apart, so that no words run over from one to the next.</summary>
    private static string SearchTextOf(TrackedEvent trackedEvent) =>
        EventLimits.Cut($"{trackedEvent.Title}\n{trackedEvent.Culprit}\n{trackedEvent.Metadata.Text("value")}\n{trackedEvent.Message}", LongestSearchText)
            .ToLowerInvariant();

    private static string Json(JsonMap map)
    {
        var json = new StableJsonWriter();
        json.Value(map);
        return Encoding.UTF8.GetString(json.WrittenSpan);
    }
}
