using System.Globalization;
using System.Text;
using Vedette.Engine;
using Vedette.Storage;
using Vedette.Wire.Json;

namespace Vedette.Tracker.Issues;

public enum CommentVerdict
{
    Added,

    /// <summary>The same person has said the same within the hour.</summary>
    Repeated,

    /// <summary>The issue was deleted or merged meanwhile.</summary>
    NoIssue,
}

/// <param name="Comment"><c>null</c> unless it was added.</param>
public sealed record AddedComment(CommentVerdict Verdict, Activity? Comment = null);

/// <summary>What people say about issues. A comment is an activity of the type <c>note</c>; each change of one is told by webhook (<c>spec/webhooks.md</c> 2.6).</summary>
public sealed class IssueComments(Database database, IssueJournal journal, EventIntake intake, TimeProvider time)
{
    private const string Select = "select id, type, user_id, data, created_at from activity";
    private const string IsComment = "issue_id = @issueId and type = 'note'";

    /// <summary>For as long the same words of the same person are taken for a second click.</summary>
    private static readonly TimeSpan Repeat = TimeSpan.FromHours(1);

    /// <summary>Those before <paramref name="than"/>, newest first; or, <paramref name="backwards"/>, those after it, nearest first.</summary>
    /// <param name="than"><c>null</c> begins with the newest.</param>
    public Task<IReadOnlyList<Activity>> ListAsync(long issueId, long? than, bool backwards, int most, CancellationToken ct) =>
        database.ReadAsync(session => session.ListAsync<Activity>(
            $"""
            {Select}
            where {IsComment} {(than is null ? "" : $"and id {(backwards ? '>' : '<')} @than")}
            order by id {(backwards ? "asc" : "desc")}
            limit @most
            """,
            new { issueId, than = than ?? 0, most }), ct);

    public Task<Activity?> FindAsync(long issueId, long id, CancellationToken ct) =>
        database.ReadAsync(session => session.FirstAsync<Activity>($"{Select} where {IsComment} and id = @id", new { issueId, id }), ct);

    /// <param name="by">Somebody with an account.</param>
    public async Task<AddedComment> AddAsync(Transaction transaction, Issue issue, string text, IssueActor by)
    {
        // The row of the issue is held, so that of the same words twice at once the second waits for the first.
        var held = await transaction.ExecuteAsync(
            "update issue set num_comments = num_comments where id = @Id and status in ('unresolved', 'resolved', 'ignored')", new { issue.Id });
        if (held == 0)
            return new AddedComment(CommentVerdict.NoIssue);

        var since = UnixMicroseconds.From(time.GetUtcNow() - Repeat);
        var repeated = await transaction.FirstAsync<long?>(
            $"select id from activity where {IsComment} and user_id = @AccountId and data = @data and created_at > @since",
            new { issueId = issue.Id, by.AccountId, data = Said(text), since });
        if (repeated is not null)
            return new AddedComment(CommentVerdict.Repeated);

        var id = await journal.NoteAsync(transaction, issue, "note", by, new JsonMap { ["text"] = text });
        await transaction.ExecuteAsync("update issue set num_comments = num_comments + 1 where id = @Id", new { issue.Id });
        var added = await transaction.SingleAsync<Activity>($"{Select} where id = @id", new { id });
        await AnnounceAsync(transaction, issue, added, "created", text, by);
        return new AddedComment(CommentVerdict.Added, added);
    }

    /// <summary>The words that there are already are no change, and told to nobody.</summary>
    /// <returns>The comment as it is now; <c>null</c> when it is not there any more.</returns>
    public async Task<Activity?> EditAsync(Transaction transaction, Issue issue, long id, string text, IssueActor by)
    {
        var args = new { issueId = issue.Id, id, data = Said(text) };
        var changed = await transaction.ExecuteAsync($"update activity set data = @data where {IsComment} and id = @id and data <> @data", args);
        var comment = await transaction.FirstAsync<Activity>($"{Select} where {IsComment} and id = @id", args);
        if (comment is not null && changed == 1)
            await AnnounceAsync(transaction, issue, comment, "updated", text, by);
        return comment;
    }

    /// <returns><c>false</c> when somebody else was first.</returns>
    public async Task<bool> DeleteAsync(Transaction transaction, Issue issue, Activity comment, IssueActor by)
    {
        if (await transaction.ExecuteAsync($"delete from activity where {IsComment} and id = @Id", new { issueId = issue.Id, comment.Id }) == 0)
            return false;

        await transaction.ExecuteAsync("update issue set num_comments = num_comments - 1 where id = @Id and num_comments > 0", new { issue.Id });
        await AnnounceAsync(transaction, issue, comment, "deleted", TextOf(comment), by);
        return true;
    }

    private static string TextOf(Activity comment) =>
        LenientJson.TryParse(Encoding.UTF8.GetBytes(comment.Data), out var value, out _) && value is JsonMap map ? map.Text("text") ?? "" : "";

    /// <summary>As <see cref="IssueJournal.NoteAsync"/> writes it.</summary>
    private static string Said(string text)
    {
        var json = new StableJsonWriter();
        json.Value(new JsonMap { ["text"] = text });
        return Encoding.UTF8.GetString(json.WrittenSpan);
    }

    private Task AnnounceAsync(Transaction transaction, Issue issue, Activity comment, string action, string text, IssueActor by) =>
        intake.AcceptAsync(transaction, new HookEvent
        {
            OrganizationId = issue.OrganizationId,
            ProjectId = issue.ProjectId,
            IssueId = issue.Id,
            Resource = "comment",
            Action = action,
            Subject = new HookSubject("comment", comment.Id.ToString(CultureInfo.InvariantCulture)),
            Actor = by.Hook,
            Data = () =>
            {
                var json = new StableJsonWriter();
                json.StartObject();
                json.Name("comment_id"u8);
                json.Value(comment.Id);
                json.Name("issue_id"u8);
                json.Value(issue.Id);
                json.Name("project_slug"u8);
                json.Value(issue.ProjectSlug);
                json.Name("timestamp"u8);
                json.Instant(UnixMicroseconds.ToInstant(comment.CreatedAt));
                json.Name("comment"u8);
                json.Value(text);
                json.EndObject();
                return json.ToArray();
            },
        });
}
