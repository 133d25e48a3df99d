using System.Globalization;
using System.Text;
using Vedette.Engine;
using Vedette.Storage;
using Vedette.Wire;
using Vedette.Wire.Json;

namespace Vedette.Tracker.Issues;

/// <summary>
/// Every change of an issue's status, with the activity and the webhook that it causes, in the caller's transaction. Each
/// is one guarded update: of two callers at once, one changes the issue and speaks of it, the other does nothing.
/// </summary>
/// <remarks>
/// <code>
/// (first event) --> unresolved/new -- resolve --> resolved
///                        ^                          |
///                        |                          | event received after the resolution, or reopened
///                   unresolved/regressed  &lt;---------'
/// </code>
/// </remarks>
public sealed class IssueTransitions(EventIntake intake, IssueJson issueJson, TimeProvider time)
{
    /// <summary>An event is the first of its kind.</summary>
    public Task CreatedAsync(Transaction transaction, Issue issue) =>
        AnnounceAsync(transaction, issue, "created", HookActor.Platform);

    /// <summary>An event came for an issue that was resolved before it was received; an earlier one leaves it resolved.</summary>
    /// <returns>The issue as it is now.</returns>
    public async Task<Issue> RegressAsync(Transaction transaction, Issue issue, string eventId, DateTimeOffset received)
    {
        var changed = await transaction.ExecuteAsync(
            """
            update issue set status = 'unresolved', substatus = 'regressed', resolved_at = null
            where id = @Id and status = 'resolved' and resolved_at < @received
            """,
            new { issue.Id, received = UnixMicroseconds.From(received) });
        if (changed == 0)
            return issue;

        var regressed = issue with { Status = "unresolved", Substatus = "regressed", ResolvedAt = null };
        var data = new JsonMap { ["event_id"] = eventId };
        await NoteAsync(transaction, issue, "set_regression", null, data);
        await AnnounceAsync(transaction, regressed, "unresolved", HookActor.Platform);
        return regressed;
    }

    /// <summary>Resolving what is resolved does nothing.</summary>
    /// <returns>The issue as it is now.</returns>
    public async Task<Issue> ResolveAsync(Transaction transaction, long issueId, HookActor actor, long? userId)
    {
        var changed = await transaction.ExecuteAsync(
            "update issue set status = 'resolved', substatus = null, resolved_at = @now where id = @issueId and status <> 'resolved'",
            new { issueId, now = UnixMicroseconds.From(time.GetUtcNow()) });
        var issue = await ReadAsync(transaction, issueId);
        if (changed == 0)
            return issue;

        await NoteAsync(transaction, issue, "set_resolved", userId, new JsonMap());
        await AnnounceAsync(transaction, issue, "resolved", actor, json =>
        {
            json.Name("resolution_type"u8);
            json.Value("now");
        });
        return issue;
    }

    /// <summary>Only a resolved issue is reopened; any other is left as it is.</summary>
    /// <returns>The issue as it is now.</returns>
    public async Task<Issue> ReopenAsync(Transaction transaction, long issueId, HookActor actor, long? userId)
    {
        var changed = await transaction.ExecuteAsync(
            "update issue set status = 'unresolved', substatus = 'regressed', resolved_at = null where id = @issueId and status = 'resolved'",
            new { issueId });
        var issue = await ReadAsync(transaction, issueId);
        if (changed == 0)
            return issue;

        await NoteAsync(transaction, issue, "set_unresolved", userId, new JsonMap());
        await AnnounceAsync(transaction, issue, "unresolved", actor);
        return issue;
    }

    /// <summary>After the guarded update, because only then is it known that nobody else changes it meanwhile.</summary>
    private static Task<Issue> ReadAsync(Transaction transaction, long issueId) =>
        transaction.SingleAsync<Issue>($"{IssueStore.Select} where i.id = @issueId", new { issueId });

    private Task NoteAsync(Transaction transaction, Issue issue, string type, long? userId, JsonMap data)
    {
        var json = new StableJsonWriter();
        json.Value(data);
        return transaction.ExecuteAsync(
            "insert into activity (project_id, issue_id, type, user_id, data, created_at) values (@ProjectId, @Id, @type, @userId, @data, @now)",
            new
            {
                issue.ProjectId,
                issue.Id,
                type,
                userId,
                data = Encoding.UTF8.GetString(json.WrittenSpan),
                now = UnixMicroseconds.From(time.GetUtcNow()),
            });
    }

    private Task AnnounceAsync(Transaction transaction, Issue issue, string action, HookActor actor, Action<StableJsonWriter>? before = null) =>
        intake.AcceptAsync(transaction, new HookEvent
        {
            OrganizationId = issue.OrganizationId,
            ProjectId = issue.ProjectId,
            IssueId = issue.Id,
            Resource = "issue",
            Action = action,
            Subject = new HookSubject("group", issue.Id.ToString(CultureInfo.InvariantCulture)),
            Actor = actor,
            Data = () => issueJson.HookData(issue, before),
        });
}
