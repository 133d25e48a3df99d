using System.Globalization;
using Vedette.Storage;
using Vedette.Wire.Json;

namespace Vedette.Tracker.Issues;

/// <summary>
/// Changes of an issue that leave its state alone, with the activity and the webhook that they cause. As in
/// <see cref="IssueTransitions"/>, each is one guarded update and returns <c>false</c> when it found nothing to change.
/// </summary>
public sealed class IssueEdits(IssueJournal journal, TimeProvider time)
{
    private const string IsThere = $"id = @issueId and {IssueStore.IsVisible}";

    /// <param name="assignee">Somebody who may be assigned: the caller knows. <c>null</c> takes the issue from whoever has it, of which nobody is told by webhook.</param>
    public async Task<bool> AssignAsync(Transaction transaction, long issueId, Assignee? assignee, IssueActor by)
    {
        var kind = assignee is null ? null : StoredName.Of(assignee.Kind);
        var changed = await transaction.ExecuteAsync(
            $"""
            update issue set assignee_kind = @kind, assignee_id = @Id, assignee_name = @Name, assignee_email = @Email
            where {IsThere} and (coalesce(assignee_kind, '') <> coalesce(@kind, '') or coalesce(assignee_id, 0) <> coalesce(@Id, 0))
            """,
            new { issueId, kind, assignee?.Id, assignee?.Name, assignee?.Email });
        if (changed == 0)
            return false;

        var issue = await IssueStore.ReadAsync(transaction, issueId);
        if (assignee is null)
        {
            await journal.NoteAsync(transaction, issue, "unassigned", by);
            return true;
        }

        await journal.NoteAsync(transaction, issue, "assigned", by, new JsonMap
        {
            ["assignee"] = assignee.Id.ToString(CultureInfo.InvariantCulture),
            ["assigneeEmail"] = assignee.Email,
            ["assigneeName"] = assignee.Name,
            ["assigneeType"] = kind,
        });
        await journal.AnnounceAsync(transaction, issue, "assigned", by.Hook, json =>
        {
            json.Name("assignee"u8);
            json.StartObject();
            json.Name("type"u8);
            json.Value(kind);
            json.Name("name"u8);
            json.Value(assignee.Name);
            json.Name("id"u8);
            json.Value(assignee.Id);
            if (assignee.Email is { } email)
            {
                json.Name("email"u8);
                json.Value(email);
            }

            json.EndObject();
        });
        return true;
    }

    /// <param name="priority">low, medium or high.</param>
    public async Task<bool> PrioritizeAsync(Transaction transaction, long issueId, string priority, IssueActor by)
    {
        var changed = await transaction.ExecuteAsync(
            $"update issue set priority = @priority, priority_locked_at = @now where {IsThere} and priority <> @priority",
            new { issueId, priority, now = UnixMicroseconds.From(time.GetUtcNow()) });
        if (changed == 0)
            return false;

        await journal.NoteAsync(transaction, await IssueStore.ReadAsync(transaction, issueId), "set_priority", by, new JsonMap { ["priority"] = priority });
        return true;
    }

    /// <param name="shareId">By which everybody may look at it from now on, unless they could by another one; <c>null</c> for nobody.</param>
    public async Task<bool> ShareAsync(Transaction transaction, long issueId, string? shareId, IssueActor by)
    {
        var changed = await transaction.ExecuteAsync(
            $"update issue set share_id = @shareId where {IsThere} and (share_id is null and @shareId is not null or share_id is not null and @shareId is null)",
            new { issueId, shareId });
        if (changed == 0)
            return false;

        await journal.NoteAsync(transaction, await IssueStore.ReadAsync(transaction, issueId), shareId is null ? "set_private" : "set_public", by);
        return true;
    }

    /// <summary>The team goes by another name, also where it was assigned before.</summary>
    public static Task RenameTeamAsync(Transaction transaction, long teamId, string name) =>
        transaction.ExecuteAsync("update issue set assignee_name = @name where assignee_kind = 'team' and assignee_id = @teamId", new { teamId, name });

    /// <summary>The team is about to end, and what was its own is nobody's.</summary>
    public static Task ReleaseTeamAsync(Transaction transaction, long teamId) =>
        transaction.ExecuteAsync(
            """
            update issue set assignee_kind = null, assignee_id = null, assignee_name = null, assignee_email = null
            where assignee_kind = 'team' and assignee_id = @teamId
            """,
            new { teamId });
}
