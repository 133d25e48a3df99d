using System.Globalization;
using System.Text;
using Vedette.Engine;
using Vedette.Storage;
using Vedette.Wire;
using Vedette.Wire.Json;

namespace Vedette.Tracker.Issues;

/// <summary>What a change of an issue leaves behind, in its transaction: an activity, and a webhook for whoever wants it.</summary>
public sealed class IssueJournal(EventIntake intake, IssueJson issueJson, TimeProvider time)
{
    /// <returns>The activity's number.</returns>
    public Task<long> NoteAsync(Transaction transaction, Issue issue, string type, IssueActor by, JsonMap? data = null)
    {
        var json = new StableJsonWriter();
        json.Value(data ?? new JsonMap());
        return transaction.SingleAsync<long>(
            """
            insert into activity (project_id, issue_id, type, user_id, data, created_at) values (@ProjectId, @Id, @type, @AccountId, @data, @now)
            returning id
            """,
            new { issue.ProjectId, issue.Id, type, by.AccountId, data = Encoding.UTF8.GetString(json.WrittenSpan), now = UnixMicroseconds.From(time.GetUtcNow()) });
    }

    /// <param name="issue">As it is after the change, whole.</param>
    /// <param name="before">Writes members of <c>data</c> that come before <c>issue</c>.</param>
    public Task AnnounceAsync(Transaction transaction, Issue issue, string action, HookActor actor, Action<StableJsonWriter>? before = null) =>
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
