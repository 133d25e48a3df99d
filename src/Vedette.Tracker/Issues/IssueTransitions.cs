using Vedette.Storage;
using Vedette.Tracker.Alerts;
using Vedette.Tracker.Ingest;
using Vedette.Tracker.Releases;
using Vedette.Wire;
using Vedette.Wire.Json;

namespace Vedette.Tracker.Issues;

/// <summary>
/// Every change of an issue's state, with the activity and the webhook that it causes, in the caller's transaction. Each is
/// one guarded update: of two callers at once, one changes the issue and speaks of it, the other does nothing. Each returns
/// <c>false</c> when it found nothing to change.
/// </summary>
/// <remarks>
/// <code>
/// unresolved: new, regressed, escalating  -- a week passes -->                    unresolved: ongoing
/// unresolved, ignored                     -- resolved; or unseen for too long --> resolved
/// resolved                                -- reopened; or an event comes -->      unresolved: regressed
/// unresolved, resolved                    -- archived -->                         ignored: until escalating, until a condition is met, forever
/// ignored                                 -- taken back -->                       unresolved: new or ongoing
/// ignored                                 -- its time is over -->                 unresolved: ongoing
/// ignored                                 -- its condition is met; or it grows --> unresolved: escalating
/// </code>
/// </remarks>
public sealed class IssueTransitions(IssueJournal journal, IssueAlerts alerts, TimeProvider time)
{
    /// <summary>An event is the first of its kind.</summary>
    public Task CreatedAsync(Transaction transaction, Issue issue) => journal.AnnounceAsync(transaction, issue, "created", HookActor.Platform);

    /// <summary>
    /// An event came for an issue that was resolved before it was received. An earlier one leaves it resolved, and so does
    /// one from where the issue is not mended yet.
    /// </summary>
    /// <param name="issueId">An issue whose row this transaction has changed, so nobody else changes it meanwhile.</param>
    /// <returns>The issue as it is now.</returns>
    public async Task<Issue> RegressAsync(Transaction transaction, long issueId, TrackedEvent trackedEvent)
    {
        var issue = await IssueStore.ReadAsync(transaction, issueId);
        if (await RegressionRule.CoversAsync(transaction, issue, trackedEvent.Release))
            return issue;
        var changed = await transaction.ExecuteAsync(
            """
            update issue set status = 'unresolved', substatus = 'regressed', resolved_at = null, state_at = @now
            where id = @issueId and status = 'resolved' and resolved_at < @received
            """,
            new { issueId, now = Now(), received = UnixMicroseconds.From(trackedEvent.Received) });
        if (changed == 0)
            return issue;

        await ForgetAsync(transaction, issueId);
        var data = new JsonMap { ["event_id"] = trackedEvent.EventId };
        if (trackedEvent.Release is { } version)
            data["version"] = version;
        if (issue.Resolution.Version is { } mended)
        {
            data["follows_semver"] = trackedEvent.Release is { } other && ReleaseVersion.Compare(other, mended) is not null;
            data["resolved_in_version"] = mended;
        }

        await journal.NoteAsync(transaction, issue, "set_regression", IssueActor.Platform, data);
        return await AnnouncedAsync(transaction, issueId, "unresolved", IssueActor.Platform);
    }

    /// <summary>An event came for an archived issue. If it was the last one that a condition waited for, the issue is back.</summary>
    /// <inheritdoc cref="RegressAsync"/>
    public async Task<Issue> CountDownAsync(Transaction transaction, long issueId, TrackedEvent trackedEvent)
    {
        var issue = await IssueStore.ReadAsync(transaction, issueId);
        var isOver = (issue.IgnoreWindow is null && issue.TimesSeen - issue.SnoozedTimesSeen >= issue.IgnoreCount)
            || (issue.IgnoreUserWindow is null && issue.UserCount - issue.SnoozedUsersSeen >= issue.IgnoreUserCount);
        return isOver && await EscalateAsync(transaction, issue, new JsonMap { ["event_id"] = trackedEvent.EventId, ["expired_snooze"] = issue.Snooze.AsExpired() })
            ? await IssueStore.ReadAsync(transaction, issueId)
            : issue;
    }

    /// <summary>Resolving what is resolved does nothing, unless it is now resolved in another release or commit.</summary>
    public async Task<bool> ResolveAsync(Transaction transaction, long issueId, Resolution how, IssueActor by)
    {
        var isNew = await transaction.ExecuteAsync(
            """
            update issue set status = 'resolved', substatus = null, resolved_at = @now, state_at = @now
            where id = @issueId and status in ('unresolved', 'ignored')
            """,
            new { issueId, now = Now() }) == 1;
        if (isNew)
            await ForgetAsync(transaction, issueId);
        else if (how.Kind == ResolutionKind.Now || !await HoldAsync(transaction, issueId, "resolved"))
            return false;

        if (!await KeepResolutionAsync(transaction, issueId, how, by) && !isNew)
            return false;
        await ResolvedAsync(transaction, issueId, how, by, new JsonMap());
        return true;
    }

    /// <summary>It has not been seen for as long as its project allows, and nobody has touched it for as long.</summary>
    /// <param name="before">Unix microseconds.</param>
    public async Task<bool> ResolveOldAsync(Transaction transaction, long issueId, long before, long hours)
    {
        var changed = await transaction.ExecuteAsync(
            """
            update issue set status = 'resolved', substatus = null, resolved_at = @now, state_at = @now
            where id = @issueId and status = 'unresolved' and last_seen < @before and state_at < @before
            """,
            new { issueId, now = Now(), before });
        if (changed == 0)
            return false;

        var how = new Resolution(ResolutionKind.ByAge);
        await KeepResolutionAsync(transaction, issueId, how, IssueActor.Platform);
        await ResolvedAsync(transaction, issueId, how, IssueActor.Platform, new JsonMap { ["age"] = (double)hours });
        return true;
    }

    /// <summary>
    /// Somebody wants it open. One that was resolved has regressed, one that was archived is new, or ongoing when it was first
    /// seen a week ago. One that is open already can only be given another substatus.
    /// </summary>
    /// <param name="wanted">One of an unresolved issue; <c>null</c> for that which follows.</param>
    public async Task<bool> UnresolveAsync(Transaction transaction, long issueId, IssueSubstatus? wanted, IssueActor by)
    {
        var args = new { issueId, wanted = wanted is { } name ? StoredName.Of(name) : null, now = Now(), young = Now() - (long)Issue.Youth.TotalMicroseconds };
        var wasResolved = await transaction.ExecuteAsync(
            """
            update issue set status = 'unresolved', substatus = coalesce(@wanted, 'regressed'), resolved_at = null, state_at = @now
            where id = @issueId and status = 'resolved'
            """,
            args) == 1;
        var wasArchived = !wasResolved && await transaction.ExecuteAsync(
            """
            update issue set status = 'unresolved', substatus = coalesce(@wanted, case when first_seen > @young then 'new' else 'ongoing' end),
                state_at = case when @wanted is null and first_seen > @young then first_seen else @now end
            where id = @issueId and status = 'ignored'
            """,
            args) == 1;
        var isOther = !wasResolved && !wasArchived && await transaction.ExecuteAsync(
            "update issue set substatus = @wanted, state_at = @now where id = @issueId and status = 'unresolved' and substatus <> @wanted", args) == 1;
        if (!wasResolved && !wasArchived && !isOther)
            return false;

        await ForgetAsync(transaction, issueId);
        var issue = await IssueStore.ReadAsync(transaction, issueId);
        await journal.NoteAsync(transaction, issue, "set_unresolved", by);
        if (wasResolved)
            await journal.AnnounceAsync(transaction, issue, "unresolved", by.Hook);
        return true;
    }

    /// <summary>Archiving what is archived does nothing, unless it is now archived for another time.</summary>
    /// <param name="substatus">One of an archived issue.</param>
    /// <param name="terms">Empty unless it is archived until a condition is met.</param>
    /// <param name="noted">What the activity says of it.</param>
    public async Task<bool> ArchiveAsync(
        Transaction transaction, long issueId, IssueSubstatus substatus, SnoozeTerms terms, IssueActor by, JsonMap noted)
    {
        var isNew = await transaction.ExecuteAsync(
            $"""
            update issue set status = 'ignored', substatus = @substatus, resolved_at = null, state_at = @now
            where id = @issueId and {IssueStore.IsVisible} and (status <> 'ignored' or substatus <> @substatus)
            """,
            new { issueId, substatus = StoredName.Of(substatus), now = Now() }) == 1;
        if (isNew)
            await ForgetAsync(transaction, issueId);
        else if (!await HoldAsync(transaction, issueId, "ignored"))
            return false;
        if (!await KeepSnoozeAsync(transaction, issueId, terms, by) && !isNew)
            return false;

        var issue = await IssueStore.ReadAsync(transaction, issueId);
        await journal.NoteAsync(transaction, issue, "set_ignored", by, noted);
        await journal.AnnounceAsync(transaction, issue, "ignored", by.Hook);
        return true;
    }

    /// <summary>The time for which it was archived is over. Nobody is told by webhook (<c>spec/domain.md</c> 2.5).</summary>
    /// <param name="issue">As it was when its time was found to be over.</param>
    public async Task<bool> WakeAsync(Transaction transaction, Issue issue)
    {
        var changed = await transaction.ExecuteAsync(
            """
            update issue set status = 'unresolved', substatus = 'ongoing', state_at = @now
            where id = @Id and status = 'ignored' and state_at = @StateAt
            """,
            new { issue.Id, issue.StateAt, now = Now() });
        if (changed == 0)
            return false;

        await ForgetAsync(transaction, issue.Id);
        await journal.NoteAsync(transaction, issue, "set_unresolved", IssueActor.Platform, issue.Snooze.AsRequested());
        return true;
    }

    /// <summary>An archived issue grows, or the condition that it waited for is met.</summary>
    /// <inheritdoc cref="WakeAsync"/>
    /// <param name="noted">What the activity says of it.</param>
    public async Task<bool> EscalateAsync(Transaction transaction, Issue issue, JsonMap noted)
    {
        var changed = await transaction.ExecuteAsync(
            """
            update issue set status = 'unresolved', substatus = 'escalating', state_at = @now
            where id = @Id and status = 'ignored' and state_at = @StateAt
            """,
            new { issue.Id, issue.StateAt, now = Now() });
        if (changed == 0)
            return false;

        await ForgetAsync(transaction, issue.Id);
        await journal.NoteAsync(transaction, issue, "set_escalating", IssueActor.Platform, noted);
        await AnnouncedAsync(transaction, issue.Id, "unresolved", IssueActor.Platform);
        return true;
    }

    /// <summary>A week has passed since it was new, came back or grew. Nobody is told by webhook, and nobody has touched it, so it grows old as before.</summary>
    /// <inheritdoc cref="WakeAsync"/>
    public async Task<bool> GoOnAsync(Transaction transaction, Issue issue)
    {
        var changed = await transaction.ExecuteAsync(
            """
            update issue set substatus = 'ongoing'
            where id = @Id and status = 'unresolved' and substatus in ('new', 'regressed', 'escalating') and state_at = @StateAt
            """,
            new { issue.Id, issue.StateAt });
        if (changed == 0)
            return false;

        await journal.NoteAsync(transaction, issue, "auto_set_ongoing", IssueActor.Platform, new JsonMap { ["after_days"] = Issue.Youth.TotalDays });
        return true;
    }

    private async Task ResolvedAsync(Transaction transaction, long issueId, Resolution how, IssueActor by, JsonMap noted)
    {
        var type = how.Kind switch
        {
            ResolutionKind.Now => "set_resolved",
            ResolutionKind.ByAge => "set_resolved_by_age",
            ResolutionKind.InRelease or ResolutionKind.InNextRelease or ResolutionKind.InUpcomingRelease => "set_resolved_in_release",
            ResolutionKind.InCommit or ResolutionKind.WithCommit => "set_resolved_in_commit",
        };
        if (type == "set_resolved_in_release")
            noted["version"] = how.Kind == ResolutionKind.InRelease ? how.Version : "";
        else if (how is { Kind: ResolutionKind.WithCommit })
            noted["version"] = how.Version;
        if (how is { Kind: ResolutionKind.InNextRelease, Version: { } newest })
            noted["current_release_version"] = newest;
        if (how.Commit is { } commit)
            (noted["commit"], noted["repository"]) = (commit, how.Repository);

        var issue = await IssueStore.ReadAsync(transaction, issueId);
        await journal.NoteAsync(transaction, issue, type, by, noted);
        await journal.AnnounceAsync(transaction, issue, "resolved", by.Hook, json =>
        {
            json.Name("resolution_type"u8);
            json.Value(how.WireName);
        });
        await alerts.ResolvedAsync(transaction, issue, type, by);
    }

    /// <returns><c>true</c> when it is another one than before.</returns>
    private static async Task<bool> KeepResolutionAsync(Transaction transaction, long issueId, Resolution how, IssueActor by) =>
        how.Kind != ResolutionKind.Now && await transaction.ExecuteAsync(
            """
            insert into issue_resolution (issue_id, kind, version, commit_id, repository, actor_id, actor_name, actor_email)
            values (@issueId, @kind, @Version, @Commit, @Repository, @AccountId, @Name, @Email)
            on conflict (issue_id) do update set kind = excluded.kind, version = excluded.version, commit_id = excluded.commit_id,
                repository = excluded.repository, actor_id = excluded.actor_id, actor_name = excluded.actor_name, actor_email = excluded.actor_email
            where issue_resolution.kind <> excluded.kind or coalesce(issue_resolution.version, '') <> coalesce(excluded.version, '')
                or coalesce(issue_resolution.commit_id, '') <> coalesce(excluded.commit_id, '')
            """,
            new { issueId, kind = StoredName.Of(how.Kind), how.Version, how.Commit, how.Repository, by.AccountId, by.Name, by.Email }) == 1;

    /// <summary>They count from now on.</summary>
    /// <returns><c>true</c> when these are other terms than before.</returns>
    private async Task<bool> KeepSnoozeAsync(Transaction transaction, long issueId, SnoozeTerms terms, IssueActor by)
    {
        var isOther = !terms.IsEmpty && await transaction.ExecuteAsync(
            """
            insert into issue_snooze (
                issue_id, ignore_until, ignore_count, ignore_window, ignore_user_count, ignore_user_window, times_seen, users_seen, actor_id, actor_name,
                actor_email)
            select id, @Until, @Count, @Window, @UserCount, @UserWindow, times_seen, user_count, @AccountId, @Name, @Email from issue where id = @issueId
            on conflict (issue_id) do update set ignore_until = excluded.ignore_until, ignore_count = excluded.ignore_count,
                ignore_window = excluded.ignore_window, ignore_user_count = excluded.ignore_user_count, ignore_user_window = excluded.ignore_user_window,
                times_seen = excluded.times_seen, users_seen = excluded.users_seen, actor_id = excluded.actor_id, actor_name = excluded.actor_name,
                actor_email = excluded.actor_email
            where coalesce(issue_snooze.ignore_until, -1) <> coalesce(excluded.ignore_until, -1)
                or coalesce(issue_snooze.ignore_count, -1) <> coalesce(excluded.ignore_count, -1)
                or coalesce(issue_snooze.ignore_window, -1) <> coalesce(excluded.ignore_window, -1)
                or coalesce(issue_snooze.ignore_user_count, -1) <> coalesce(excluded.ignore_user_count, -1)
                or coalesce(issue_snooze.ignore_user_window, -1) <> coalesce(excluded.ignore_user_window, -1)
            """,
            new { issueId, terms.Until, terms.Count, terms.Window, terms.UserCount, terms.UserWindow, by.AccountId, by.Name, by.Email }) == 1;
        if (isOther)
            await transaction.ExecuteAsync("update issue set state_at = @now where id = @issueId", new { issueId, now = Now() });
        return isOther;
    }

    /// <summary>Keeps the issue in this state until the end of the transaction.</summary>
    /// <returns><c>false</c> when it is in another one.</returns>
    private static async Task<bool> HoldAsync(Transaction transaction, long issueId, string status) =>
        await transaction.ExecuteAsync("update issue set state_at = state_at where id = @issueId and status = @status", new { issueId, status }) == 1;

    /// <summary>Of two states an issue keeps what belongs to the one that it is in.</summary>
    private static async Task ForgetAsync(Transaction transaction, long issueId)
    {
        await transaction.ExecuteAsync("delete from issue_snooze where issue_id = @issueId", new { issueId });
        await transaction.ExecuteAsync("delete from issue_resolution where issue_id = @issueId", new { issueId });
    }

    private async Task<Issue> AnnouncedAsync(Transaction transaction, long issueId, string action, IssueActor by)
    {
        var issue = await IssueStore.ReadAsync(transaction, issueId);
        await journal.AnnounceAsync(transaction, issue, action, by.Hook);
        return issue;
    }

    private long Now() => UnixMicroseconds.From(time.GetUtcNow());
}
