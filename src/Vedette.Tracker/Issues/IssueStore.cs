using Vedette.Storage;
using Vedette.Tracker.Ingest;

namespace Vedette.Tracker.Issues;

/// <summary>Questions about issues and their events.</summary>
public sealed class IssueStore(Database database)
{
    internal const string Select =
        """
        select i.id, i.project_id, p.organization_id, o.slug as organization_slug, p.slug as project_slug, p.name as project_name,
            p.platform as project_platform, i.short_id, i.category, i.type, i.level, i.title, i.culprit, i.metadata, i.platform, i.logger,
            i.status, i.substatus, i.state_at, i.priority, i.priority_locked_at, i.first_seen, i.last_seen, i.resolved_at, i.times_seen, i.user_count,
            i.num_comments, i.is_unhandled, i.first_release, i.last_release, i.assignee_kind, i.assignee_id, i.assignee_name, i.assignee_email,
            i.share_id, i.seer_run_at, i.merged_into, s.ignore_until, s.ignore_count, s.ignore_window, s.ignore_user_count, s.ignore_user_window,
            s.times_seen as snoozed_times_seen, s.users_seen as snoozed_users_seen, r.kind as resolution_kind, r.version as resolution_version,
            r.commit_id as resolution_commit, r.repository as resolution_repository, coalesce(s.actor_id, r.actor_id) as state_actor_id,
            coalesce(s.actor_name, r.actor_name) as state_actor_name, coalesce(s.actor_email, r.actor_email) as state_actor_email
        from issue i
        join project p on p.id = i.project_id
        join organization o on o.id = p.organization_id
        left join issue_snooze s on s.issue_id = i.id
        left join issue_resolution r on r.issue_id = i.id
        """;

    /// <summary>Issues that were merged or deleted are shown to nobody, and changed by nobody.</summary>
    internal const string IsVisible = "status in ('unresolved', 'resolved', 'ignored')";

    internal const string Visible = $"i.{IsVisible}";

    /// <summary>Those of an issue's own table, for <c>returning</c>: without its project, its snooze and its resolution.</summary>
    internal const string OwnColumns =
        """
        id, project_id, short_id, category, type, level, title, culprit, metadata, platform, logger, status, substatus, state_at, priority,
            priority_locked_at, first_seen, last_seen, resolved_at, times_seen, user_count, num_comments, is_unhandled, first_release, last_release,
            assignee_kind, assignee_id, assignee_name, assignee_email, share_id, seer_run_at, merged_into
        """;

    /// <summary>Of an event, without its body.</summary>
    internal const string EventColumns =
        "e.id, e.event_id, e.issue_id, e.project_id, e.occurred_at, e.received_at, e.type, e.level, e.platform, e.title, e.message";

    internal const string SelectEvent = $"select {EventColumns}, e.body from event e";

    /// <summary>By its number, or that of one that was merged into it; <c>null</c> also when it belongs to another organization.</summary>
    public Task<Issue?> ByIdAsync(long organizationId, long id, CancellationToken ct) =>
        database.ReadAsync(
            async session => await FindAsync(session, "i.id = @id", new { id, organizationId })
                ?? await FindAsync(session, "i.id = (select x.issue_id from issue_redirect x where x.old_issue_id = @id)", new { id, organizationId }),
            ct);

    /// <summary>By what people call it, for example <c>WEB-2F</c>, or called one that was merged into it.</summary>
    public Task<Issue?> ByShortIdAsync(long organizationId, string projectSlug, long number, CancellationToken ct) =>
        database.ReadAsync(
            async session => await FindAsync(session, "p.slug = @projectSlug and i.short_id = @number", new { organizationId, projectSlug, number })
                ?? await FindAsync(
                    session,
                    "p.slug = @projectSlug and i.id = (select x.issue_id from issue_redirect x where x.project_id = p.id and x.old_short_id = @number)",
                    new { organizationId, projectSlug, number }),
            ct);

    /// <summary>Whose issue it is; <c>null</c> when there is none.</summary>
    public Task<long?> OrganizationIdAsync(long id, CancellationToken ct) =>
        database.ReadAsync(
            session => session.FirstAsync<long?>(
                """
                select p.organization_id from issue i
                join project p on p.id = i.project_id
                where i.id = coalesce((select x.issue_id from issue_redirect x where x.old_issue_id = @id), @id)
                """,
                new { id }),
            ct);

    public Task<StoredEvent?> NewestEventAsync(long issueId, CancellationToken ct) =>
        database.ReadAsync(session => NewestEventAsync(session, issueId), ct);

    internal static Task<StoredEvent?> NewestEventAsync(Session session, long issueId) =>
        session.FirstAsync<StoredEvent>($"{SelectEvent} where e.issue_id = @issueId order by e.occurred_at desc, e.id desc limit 1", new { issueId });

    /// <summary>Newest first.</summary>
    /// <param name="since">Unix microseconds.</param>
    internal static Task<IReadOnlyList<StoredEvent>> NewestEventsAsync(Session session, long issueId, long since, int most) =>
        session.ListAsync<StoredEvent>(
            $"{SelectEvent} where e.issue_id = @issueId and e.occurred_at >= @since order by e.occurred_at desc, e.id desc limit @most", new { issueId, since, most });

    /// <summary>The event that a project had last, with its issue.</summary>
    public Task<(Issue Issue, StoredEvent Event)?> NewestOfProjectAsync(long projectId, CancellationToken ct) =>
        database.ReadAsync<(Issue, StoredEvent)?>(async session =>
            await session.FirstAsync<Issue>($"{Select} where i.project_id = @projectId and i.status = 'unresolved' order by i.last_seen desc, i.id desc limit 1", new { projectId }) is { } issue
            && await NewestEventAsync(session, issue.Id) is { } newest
                ? (issue, newest)
                : null, ct);

    public Task<StoredEvent?> OldestEventAsync(long issueId, CancellationToken ct) =>
        database.ReadAsync(session => session.FirstAsync<StoredEvent>(
            $"{SelectEvent} where e.issue_id = @issueId order by e.occurred_at, e.id limit 1", new { issueId }), ct);

    /// <param name="eventId">32 lower-case hex digits.</param>
    public Task<StoredEvent?> EventAsync(long projectId, string eventId, CancellationToken ct) =>
        database.ReadAsync(session => session.FirstAsync<StoredEvent>(
            $"{SelectEvent} where e.project_id = @projectId and e.event_id = @eventId", new { projectId, eventId }), ct);

    /// <summary>The event ids before and after one in its issue, by the time they happened.</summary>
    public Task<(string? Previous, string? Next)> NeighboursAsync(StoredEvent stored, CancellationToken ct) =>
        database.ReadAsync(async session =>
        {
            var previous = await session.FirstAsync<string>(
                """
                select event_id from event
                where issue_id = @IssueId and (occurred_at < @OccurredAt or (occurred_at = @OccurredAt and id < @Id))
                order by occurred_at desc, id desc limit 1
                """,
                stored);
            var next = await session.FirstAsync<string>(
                """
                select event_id from event
                where issue_id = @IssueId and (occurred_at > @OccurredAt or (occurred_at = @OccurredAt and id > @Id))
                order by occurred_at, id limit 1
                """,
                stored);
            return (previous, next);
        }, ct);

    /// <summary>Newest first.</summary>
    public Task<IReadOnlyList<Activity>> ActivitiesAsync(long issueId, int most, CancellationToken ct) =>
        database.ReadAsync(session => session.ListAsync<Activity>(
            """
            select id, type, user_id, data, created_at from activity
            where issue_id = @issueId
            order by created_at desc, id desc
            limit @most
            """,
            new { issueId, most }), ct);

    /// <summary>Whole, after it was changed, because only then is it known that nobody else changes it meanwhile.</summary>
    internal static Task<Issue> ReadAsync(Transaction transaction, long id) => transaction.SingleAsync<Issue>($"{Select} where i.id = @id", new { id });

    private static Task<Issue?> FindAsync(Session session, string condition, object args) =>
        session.FirstAsync<Issue>($"{Select} where {condition} and p.organization_id = @organizationId and p.status = 'active' and {Visible}", args);
}

/// <summary>An event as its table holds it. Instants are unix microseconds.</summary>
public sealed record StoredEvent
{
    public long Id { get; init; }

    public string EventId { get; init; } = "";

    public long IssueId { get; init; }

    public long ProjectId { get; init; }

    public long OccurredAt { get; init; }

    public long ReceivedAt { get; init; }

    public string Type { get; init; } = "";

    public string Level { get; init; } = "";

    public string Platform { get; init; } = "";

    public string Title { get; init; } = "";

    public string Message { get; init; } = "";

    /// <summary>JavaScript-stable JSON: <see cref="TrackedEvent.Body"/>.</summary>
    public byte[] Body { get; init; } = [];

    /// <summary>As its row will be, but for the number of the row.</summary>
    internal static StoredEvent Of(long projectId, long issueId, TrackedEvent trackedEvent, byte[] body) => new()
    {
        EventId = trackedEvent.EventId,
        IssueId = issueId,
        ProjectId = projectId,
        OccurredAt = UnixMicroseconds.From(trackedEvent.Timestamp),
        ReceivedAt = UnixMicroseconds.From(trackedEvent.Received),
        Type = StoredName.Of(trackedEvent.Type),
        Level = StoredName.Of(trackedEvent.Level),
        Platform = trackedEvent.Platform,
        Title = trackedEvent.Title,
        Message = trackedEvent.Message,
        Body = body,
    };
}

/// <summary>Something that was done to an issue.</summary>
public sealed record Activity
{
    public long Id { get; init; }

    public string Type { get; init; } = "";

    public long? UserId { get; init; }

    /// <summary>JavaScript-stable JSON.</summary>
    public string Data { get; init; } = "";

    public long CreatedAt { get; init; }
}
