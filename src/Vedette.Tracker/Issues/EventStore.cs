using Vedette.Engine;
using Vedette.Storage;
using Vedette.Tracker.Alerts;
using Vedette.Tracker.Grouping;
using Vedette.Tracker.Ingest;
using Vedette.Tracker.MetricAlerts;
using Vedette.Tracker.Projects;
using Vedette.Tracker.Releases;
using Vedette.Wire;
using Vedette.Wire.Json;

namespace Vedette.Tracker.Issues;

/// <summary>
/// Step 4 of the road: an event, its issue, the counters, the state change, the rules that fire and the webhooks that all this
/// causes, in one transaction. An event id that the project already has changes nothing.
/// </summary>
public sealed class EventStore(
    Database database, EventIntake intake, IssueTransitions transitions, SeenReleases releases, IssueCounts counts, EventJson eventJson,
    ServiceHookJson hookJson, IssueAlerts alerts, MetricCounts metrics, TrackerOptions options, TimeProvider time)
{
    /// <summary>Completes when everything is on disk. A repeat of a stored event completes as well.</summary>
    public async Task StoreAsync(Project project, IReadOnlyList<TrackedEvent> events, IReadOnlyDictionary<string, int> dropped, CancellationToken ct)
    {
        if (events.Count == 0 && dropped.Count == 0)
            return;

        var rules = await alerts.RulesAsync(project, ct);
        var bodies = events.Select(e => Serialize(e.Body)).ToList();
        await database.WriteAsync(async transaction =>
        {
            for (var i = 0; i < events.Count; i++)
                await StoreAsync(transaction, rules, project, events[i], bodies[i]);
            foreach (var (type, times) in dropped)
                await CountDroppedAsync(transaction, project.Id, type, times);
        }, ct);
    }

    private async Task StoreAsync(Transaction transaction, ProjectAlerts rules, Project project, TrackedEvent trackedEvent, byte[] body)
    {
        var (issueId, unknown) = await FindAsync(transaction, project, trackedEvent);
        if (issueId is { } known)
            await JoinAsync(transaction, rules, project, known, unknown, trackedEvent, body);
        else
            await OpenAsync(transaction, rules, project, trackedEvent, body);
    }

    /// <summary>The event belongs to the issue of its first known hash; the unknown ones become that issue's too.</summary>
    private async Task JoinAsync(
        Transaction transaction, ProjectAlerts rules, Project project, long issueId, IReadOnlyList<string> unknown, TrackedEvent trackedEvent, byte[] body)
    {
        if (await InsertEventAsync(transaction, project, issueId, trackedEvent, body) == 0)
            return;

        var issue = await EventIssues.UpdateAsync(transaction, project, issueId, trackedEvent);
        if (issue.IsLeaving)
        {
            // Another node merged or deleted it after this unit had found it. Its hashes say now where the event goes.
            await transaction.ExecuteAsync(
                "delete from event where project_id = @ProjectId and event_id = @EventId", new { ProjectId = project.Id, trackedEvent.EventId });
            await StoreAsync(transaction, rules, project, trackedEvent, body);
            return;
        }

        counts.Add(transaction, project.Id, issueId, trackedEvent);
        metrics.Add(transaction, rules.Counters, trackedEvent);
        await releases.SeeAsync(transaction, project, trackedEvent);
        await InsertHashesAsync(transaction, project, issueId, unknown);
        var before = issue.Status;
        if (before == "resolved")
            issue = await transitions.RegressAsync(transaction, issueId, trackedEvent);
        else if (before == "ignored")
            issue = await transitions.CountDownAsync(transaction, issueId, trackedEvent);
        await alerts.SeenAsync(transaction, rules, project, issue, trackedEvent, body, TurnOf(before, issue.Status));
        await AnnounceAsync(transaction, project, issue, trackedEvent, body);
    }

    private async Task OpenAsync(Transaction transaction, ProjectAlerts rules, Project project, TrackedEvent trackedEvent, byte[] body)
    {
        // Two nodes that open the same issue at once: the second runs again and finds it (Database.WriteAsync).
        var stored = await transaction.FirstAsync<long?>(
            "select id from event where project_id = @ProjectId and event_id = @EventId", new { ProjectId = project.Id, trackedEvent.EventId });
        if (stored is not null)
            return;
        if ((await OfHashesAsync<string>(transaction, "select hash from discarded_hash", project, trackedEvent)).Count > 0)
        {
            await CountDroppedAsync(transaction, project.Id, "discarded", 1);
            return;
        }

        await releases.SeeAsync(transaction, project, trackedEvent);
        if (trackedEvent.Release is { } version)
            await SeenReleases.CountIssueAsync(transaction, project, version);
        var issue = await EventIssues.InsertAsync(transaction, project, trackedEvent);
        await InsertHashesAsync(transaction, project, issue.Id, trackedEvent.Hashes);
        await InsertEventAsync(transaction, project, issue.Id, trackedEvent, body);
        counts.Add(transaction, project.Id, issue.Id, trackedEvent);
        metrics.Add(transaction, rules.Counters, trackedEvent);
        await alerts.SeenAsync(transaction, rules, project, issue, trackedEvent, body, IssueTurn.New);
        await AnnounceAsync(transaction, project, issue, trackedEvent, body);
        await transitions.CreatedAsync(transaction, issue);
    }

    private static IssueTurn TurnOf(string before, string after) => (before, after) switch
    {
        ("resolved", "unresolved") => IssueTurn.Regressed,
        ("ignored", "unresolved") => IssueTurn.Reappeared,
        _ => IssueTurn.Seen,
    };

    /// <summary>Apps are told of errors, service hooks of every event.</summary>
    private Task AnnounceAsync(Transaction transaction, Project project, Issue issue, TrackedEvent trackedEvent, byte[] body)
    {
        var error = new HookEvent
        {
            OrganizationId = project.OrganizationId,
            ProjectId = project.Id,
            IssueId = issue.Id,
            Resource = "error",
            Action = "created",
            Subject = new HookSubject("event", trackedEvent.EventId),
            Actor = HookActor.Platform,
            Data = () => eventJson.HookData(project, issue.Id, trackedEvent),
        };
        var every = error with
        {
            Resource = "event",
            Data = () => hookJson.Nested(project, issue, StoredEvent.Of(project.Id, issue.Id, trackedEvent, body), trackedEvent.Body),
            FlatData = () => hookJson.Flat(project, issue, StoredEvent.Of(project.Id, issue.Id, trackedEvent, body), trackedEvent.Body),
        };
        return (trackedEvent.Type == EventType.Error, options.FiresServiceHooks) switch
        {
            (true, true) => intake.AcceptBothAsync(transaction, error, every),
            (true, false) => intake.AcceptAsync(transaction, error),
            (false, true) => intake.AcceptAsync(transaction, every),
            (false, false) => Task.CompletedTask,
        };
    }

    private static async Task<(long? IssueId, IReadOnlyList<string> Unknown)> FindAsync(Transaction transaction, Project project, TrackedEvent trackedEvent)
    {
        var owners = new Dictionary<string, long>(StringComparer.Ordinal);
        foreach (var row in await OfHashesAsync<HashRow>(transaction, "select hash, issue_id from issue_hash", project, trackedEvent))
            owners[row.Hash] = row.IssueId;

        var first = trackedEvent.Hashes.FirstOrDefault(owners.ContainsKey);
        return (first is null ? null : owners[first], [.. trackedEvent.Hashes.Where(hash => !owners.ContainsKey(hash))]);
    }

    /// <summary>Asked for a few at once, because most events have one or two.</summary>
    private static async Task<IReadOnlyList<T>> OfHashesAsync<T>(Transaction transaction, string select, Project project, TrackedEvent trackedEvent)
    {
        var rows = new List<T>();
        foreach (var some in trackedEvent.Hashes.Chunk(3))
        {
            rows.AddRange(await transaction.ListAsync<T>(
                $"{select} where project_id = @ProjectId and hash in (@First, @Second, @Third)",
                new { ProjectId = project.Id, First = some[0], Second = some.Length > 1 ? some[1] : some[0], Third = some[^1] }));
        }

        return rows;
    }

    private static Task InsertHashesAsync(Transaction transaction, Project project, long issueId, IReadOnlyList<string> hashes) =>
        hashes.Count == 0
            ? Task.CompletedTask
            : transaction.ExecuteEachAsync(
                "insert into issue_hash (project_id, hash, version, issue_id) values (@ProjectId, @Hash, @Version, @IssueId)",
                [.. hashes.Select(hash => new { ProjectId = project.Id, Hash = hash, Version = EventGrouping.GroupingVersion, IssueId = issueId })]);

    /// <returns>0 when the project has an event of this id already.</returns>
    private static Task<int> InsertEventAsync(Transaction transaction, Project project, long issueId, TrackedEvent trackedEvent, byte[] body) =>
        transaction.ExecuteAsync(
            """
            insert into event (
                project_id, event_id, issue_id, occurred_at, received_at, type, level, environment, release, user_tag, platform, title, message, body)
            values (
                @ProjectId, @EventId, @IssueId, @occurred, @received, @type, @level, @Environment, @Release, @UserTag, @Platform, @Title, @Message, @body)
            on conflict do nothing
            """,
            new
            {
                ProjectId = project.Id,
                trackedEvent.EventId,
                IssueId = issueId,
                occurred = UnixMicroseconds.From(trackedEvent.Timestamp),
                received = UnixMicroseconds.From(trackedEvent.Received),
                type = StoredName.Of(trackedEvent.Type),
                level = StoredName.Of(trackedEvent.Level),
                trackedEvent.Environment,
                trackedEvent.Release,
                trackedEvent.UserTag,
                trackedEvent.Platform,
                trackedEvent.Title,
                trackedEvent.Message,
                body,
            });

    private Task CountDroppedAsync(Transaction transaction, long projectId, string type, int times) =>
        transaction.ExecuteAsync(
            """
            insert into dropped_item (project_id, item_type, day, times) values (@projectId, @type, @day, @times)
            on conflict (project_id, item_type, day) do update set times = dropped_item.times + excluded.times
            """,
            new { projectId, type, day = time.GetUtcNow().ToUnixTimeSeconds() / 86400, times });

    private static byte[] Serialize(JsonMap map)
    {
        var json = new StableJsonWriter();
        json.Value(map);
        return json.ToArray();
    }

    private sealed record HashRow
    {
        public string Hash { get; init; } = "";

        public long IssueId { get; init; }
    }
}
