using System.Globalization;
using System.Text;
using Vedette.Engine;
using Vedette.Storage;
using Vedette.Tracker.Issues;
using Vedette.Wire;
using Vedette.Wire.Json;

namespace Vedette.Tracker.Seer;

/// <summary>What agents report of their work on issues. Vedette runs none itself; it keeps what they say and tells others.</summary>
public sealed class SeerRuns(Database database, IssueJournal journal, EventIntake intake, TimeProvider time)
{
    /// <summary>Of all steps of one run together.</summary>
    public const long MostBytes = 4 * 1024 * 1024;

    private const string SelectRun = "select id, issue_id, uuid, created_at from seer_run";
    private const string SelectStep = "select id, run_id, step, status, data, created_at from seer_step";

    /// <summary>The newest runs with their steps, newest run first.</summary>
    public Task<IReadOnlyList<SeerRun>> ListAsync(long issueId, int most, CancellationToken ct) =>
        database.ReadAsync<IReadOnlyList<SeerRun>>(
            async session =>
            {
                var runs = await session.ListAsync<SeerRun>($"{SelectRun} where issue_id = @issueId order by id desc limit @most", new { issueId, most });
                var steps = await session.ListEachAsync<SeerStep>($"{SelectStep} where run_id = @Id order by id", runs);
                return [.. runs.Select((run, i) => run with { Steps = steps[i] })];
            },
            ct);

    public Task<SeerRun?> FindAsync(long issueId, long id, CancellationToken ct) =>
        database.ReadAsync(session => session.FirstAsync<SeerRun>($"{SelectRun} where issue_id = @issueId and id = @id", new { issueId, id }), ct);

    /// <summary>Nobody is told of it before its first step.</summary>
    public async Task<SeerRun> StartAsync(Transaction transaction, Issue issue, string uuid)
    {
        var now = UnixMicroseconds.From(time.GetUtcNow());
        await transaction.ExecuteAsync("update issue set seer_run_at = @now where id = @Id", new { issue.Id, now });
        return await transaction.SingleAsync<SeerRun>(
            "insert into seer_run (issue_id, uuid, bytes, created_at) values (@Id, @uuid, 0, @now) returning id, issue_id, uuid, created_at",
            new { issue.Id, uuid, now });
    }

    /// <summary>Told by webhook and kept as an activity of the issue.</summary>
    /// <param name="carried">What its webhook carries beside the run.</param>
    /// <returns><c>null</c> when the run would hold too much with it, or is not there any more.</returns>
    public async Task<SeerStep?> AddStepAsync(Transaction transaction, Issue issue, SeerRun run, SeerStepName step, SeerStepStatus status, JsonMap carried)
    {
        var json = new StableJsonWriter();
        json.Value(carried);
        var data = Encoding.UTF8.GetString(json.WrittenSpan);
        var args = new
        {
            run.Id,
            step = StoredName.Of(step),
            status = StoredName.Of(status),
            data,
            size = (long)json.WrittenSpan.Length,
            most = MostBytes,
            now = UnixMicroseconds.From(time.GetUtcNow()),
        };
        if (await transaction.ExecuteAsync("update seer_run set bytes = bytes + @size where id = @Id and bytes + @size <= @most", args) == 0)
            return null;

        var added = await transaction.SingleAsync<SeerStep>(
            """
            insert into seer_step (run_id, step, status, data, created_at) values (@Id, @step, @status, @data, @now)
            returning id, run_id, step, status, data, created_at
            """,
            args);
        await journal.NoteAsync(transaction, issue, ActivityOf(step, status), IssueActor.Platform, Noted(run, carried));
        await AnnounceAsync(transaction, issue, run, SeerStep.ActionOf(step, status), carried);
        return added;
    }

    /// <summary>As Sentry names them (<c>spec/webhooks.md</c> 2.10), where an iteration is one of a pull request.</summary>
    private static string ActivityOf(SeerStepName step, SeerStepStatus status) =>
        step == SeerStepName.Iteration ? $"seer_pr_{SeerStep.ActionOf(step, status)}" : $"seer_{SeerStep.ActionOf(step, status)}";

    /// <summary>A few words of it, not the whole.</summary>
    private static JsonMap Noted(SeerRun run, JsonMap carried)
    {
        var noted = new JsonMap { ["run_id"] = (double)run.Id };
        if ((carried.Map("root_cause") ?? carried.Map("solution"))?.Text("description") is { } summary)
            noted["summary"] = summary;
        foreach (var name in new[] { "iteration_index", "code_changes" })
        {
            if (carried[name] is { } value)
                noted[name] = value;
        }

        if (carried.List("pull_requests") is { } requests)
        {
            noted["pull_requests"] = requests.OfType<JsonMap>()
                .Select(each => (object?)new JsonMap { ["repo_name"] = each["repo_name"], ["url"] = each.Map("pull_request")?["pr_url"] }).ToList();
        }

        return noted;
    }

    private Task AnnounceAsync(Transaction transaction, Issue issue, SeerRun run, string action, JsonMap carried) =>
        intake.AcceptAsync(transaction, new HookEvent
        {
            OrganizationId = issue.OrganizationId,
            ProjectId = issue.ProjectId,
            IssueId = issue.Id,
            Resource = "seer",
            Action = action,
            Subject = new HookSubject("autofix_run", run.Id.ToString(CultureInfo.InvariantCulture)),
            Actor = HookActor.Platform,
            Data = () =>
            {
                var json = new StableJsonWriter();
                json.StartObject();
                json.Name("run_id"u8);
                json.Value(run.Id);
                json.Name("sentry_run_id"u8);
                json.Value(run.Uuid);
                json.Name("group_id"u8);
                json.Value(issue.Id);
                foreach (var (name, value) in carried.Members)
                {
                    json.Name(name);
                    json.Value(value);
                }

                json.EndObject();
                return json.ToArray();
            },
        });
}
