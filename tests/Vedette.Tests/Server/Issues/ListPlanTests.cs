using System.Text.RegularExpressions;
using Vedette.Storage;
using Vedette.Tests.Harness;
using Vedette.Tracker.Search;
using Xunit;

namespace Vedette.Tests.Server.Issues;

/// <summary>
/// Lists go by indexes. What the databases would do is asked of the statements of <see cref="IssueListSql"/> and
/// <see cref="EventListStore"/>, and PostgreSQL counts what all statements really did that lists run.
/// </summary>
public sealed partial class ListPlanTests
{
    private const int Issues = 20_000;

    /// <summary>So much of this table as lists really look at of a large one.</summary>
    private const int LookedAt = 200;

    /// <summary>Two states, so that more than one walk is put together.</summary>
    private static readonly string[] Walked =
        ["is:unresolved", "is:[resolved,unresolved]", "level:fatal", "timesSeen:>40", "firstSeen:-300h", "!has:level", "!release:r7", CommonTags, "issue.category:[error,feedback]"];

    private const string CommonTags = "has:level environment:prod";

    private static readonly bool[] OfProject = [false, true];

    /// <summary>As few of these issues as hundreds are of a million: of more, PostgreSQL reads a table of this size whole.</summary>
    private static readonly string[] Few = ["release:r7", "release:[r7,r8]", "user.id:7", "has:rare", "issue:[7,DEFAULT-9]", "release:r7 level:error", "timesSeen:>998", "lastSeen:-10m", "firstSeen:+333h"];

    [Theory, EachDatabase]
    public async Task No_list_looks_at_every_issue_event_tag_or_bucket(DatabaseKind database)
    {
        // Without workers, which look at more.
        await using var app = await VedetteApp.StartAsync(database, settings: ("VEDETTE_ROLE", "web"));
        await FillAsync(app);
        if (database == DatabaseKind.Postgres)
            await app.ExecuteAsync("analyze issue, event, event_bucket, issue_tag");

        foreach (var (query, index) in from text in Walked from sort in Enum.GetValues<IssueSort>() from ofProject in OfProject select Query(text, sort, ofProject))
        {
            var (page, after, hits) = (new IssueListSql(query), new IssueListSql(query), new IssueListSql(query));
            foreach (var (sql, arguments) in new[]
            {
                (page.Page(null, backwards: false, 101), page.Arguments), (after.Page(new IssuePlace(100, 100), backwards: true, 101), after.Arguments), (hits.Hits(1000, LookedAt), hits.Arguments),
            })
            {
                var plan = await PlanAsync(app, database, sql, arguments);
                Assert.True(plan.Contains(index, StringComparison.Ordinal) && !FullScan.IsMatch(plan), $"{sql}\n{plan}");
            }
        }

        // Of a million issues it would read all archived ones and sort them, if it believed that hardly any of them has both tags.
        var common = new IssueListSql(Query(CommonTags, IssueSort.LastSeen, ofProject: false).Query);
        var believed = await PlanAsync(app, database, common.Page(null, backwards: false, 101), common.Arguments);
        Assert.True(database == DatabaseKind.Sqlite || believed.Split('\n')[0].Contains(" rows=101 ", StringComparison.Ordinal), believed);

        foreach (var (query, index) in new[] { (new EventQuery { ProjectId = 1 }, "event_by_project"), (new EventQuery { IssueId = 7 }, "event_by_issue") })
        {
            foreach (var place in new[] { null, new EventPlace(100, 100) })
            {
                var arguments = new SqlArguments();
                var plan = await PlanAsync(app, database, EventListStore.PageSql(arguments, query, place, backwards: false, 101), arguments);
                Assert.True(plan.Contains(index, StringComparison.Ordinal) && !FullScan.IsMatch(plan), plan);
            }
        }

        foreach (var text in Few)
        {
            var (query, _) = Query(text, IssueSort.LastSeen, ofProject: false);
            foreach (var condition in query.Conditions.Where(condition => condition.CandidatesSql(new IssueSql(new SqlArguments(), 1, [])) is not null))
            {
                var all = new IssueListSql(query);
                var plan = await PlanAsync(app, database, all.All(condition), all.Arguments);
                Assert.False(FullScan.IsMatch(plan), $"{text}\n{plan}");
            }
        }

        if (database == DatabaseKind.Postgres)
            await CountsNoFullScanAsync(app);
    }

    /// <summary>
    /// The lists as clients ask for them, and then what the server counted. A table as small as these PostgreSQL reads whole by
    /// choice where lists look at half of it. Forbidden to, it still does where no index serves.
    /// </summary>
    private static async Task CountsNoFullScanAsync(VedetteApp app)
    {
        await app.ExecuteAsync($"alter database {new Npgsql.NpgsqlConnectionStringBuilder(app.Postgres).Database} set enable_seqscan = off");
        await EndConnectionsAsync(app);
        await app.Database.ReadAsync(session => session.ListAsync<string>("select pg_stat_reset()::text"), CancellationToken.None);
        foreach (var list in new[] { "/api/0/organizations/default/issues/", "/api/0/projects/default/default/issues/" })
        {
            foreach (var query in Walked.Concat(Few).Append("release:r*").Append("!release:r*").Append("assigned:me").Append("timesSeen:>1000"))
            {
                foreach (var sort in new[] { "date", "new", "freq", "user" })
                    Assert.Equal(200, (await app.GetAsync($"{list}?sort={sort}&query={Uri.EscapeDataString(query)}")).Status);
            }
        }

        foreach (var path in new[]
        {
            "organizations/default/issues/?statsPeriod=24h", "organizations/default/issues/?start=2026-03-01T00:00:00&end=2026-03-01T01:00:00&query=", "organizations/default/issues/?environment=prod",
            "projects/default/default/events/", "projects/default/default/events/?cursor=1000:0:0", "issues/7/", "issues/7/events/", "issues/7/events/latest/", "issues/7/tags/", "issues/7/tags/level/values/",
            "issues/7/hashes/", "organizations/default/shortids/DEFAULT-7/", "organizations/default/issues/?query=4c79f60c11214eb38604f4ae0781bfb2",
        })
            Assert.Equal((path, 200), (path, (await app.GetAsync($"/api/0/{path}")).Status));

        await EndConnectionsAsync(app);
        var counts = await app.Database.ReadAsync(
            session => session.ListAsync<Counted>(
                "select relname, seq_scan, idx_scan from pg_stat_user_tables where relname in ('issue', 'event', 'event_bucket', 'issue_tag') order by relname"),
            CancellationToken.None);

        Assert.Equal(["event 0", "event_bucket 0", "issue 0", "issue_tag 0"], counts.Select(count => $"{count.Relname} {count.SeqScan}"));
        Assert.All(counts, count => Assert.True(count.IdxScan > 0, $"{count.Relname} was not asked at all"));
    }

    /// <summary>Starts the server anew: what a connection counted is there for certain when it has ended, and before that by and by.</summary>
    private static async Task EndConnectionsAsync(VedetteApp app)
    {
        await using var alone = Npgsql.NpgsqlDataSource.Create(app.Postgres!);
        var before = await AskAsync<DateTime>("select clock_timestamp()");
        await app.RestartAsync();
        await Poll.UntilAsync(
            async () => await AskAsync<long>($"select count(*) from pg_stat_activity where datname = current_database() and backend_start < '{before:O}' and pid <> pg_backend_pid()") == 0,
            "the former connections' end");

        async Task<T> AskAsync<T>(string sql)
        {
            await using var command = alone.CreateCommand(sql);
            return (T)(await command.ExecuteScalarAsync())!;
        }
    }

    private static (IssueQuery Query, string Index) Query(string text, IssueSort sort, bool ofProject)
    {
        var now = new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
        Assert.True(IssueSearch.TryParse(text, now, term => Vedette.Server.Issues.PeopleFields.Of(term, 1), out var search, out _));
        var query = new IssueQuery { OrganizationId = 1, ProjectIds = ofProject ? [1] : [], Conditions = search!.Conditions, Sort = sort };
        return (query, $"issue_of_{(ofProject ? "project" : "organization")}_by_{query.Column}");
    }

    private static Task<string> PlanAsync(VedetteApp app, DatabaseKind database, string sql, SqlArguments arguments) => app.Database.ReadAsync(
        async session => string.Join('\n', database == DatabaseKind.Postgres
            ? await session.ListAsync<string>($"explain {sql}", arguments)
            : (await session.ListAsync<PlanLine>($"explain query plan {sql}", arguments)).Select(line => line.Detail)),
        CancellationToken.None);

    /// <summary>One text for both databases, and so many rows that PostgreSQL takes indexes for lists.</summary>
    private static async Task FillAsync(VedetteApp app)
    {
        var arguments = new { now = UnixMicroseconds.From(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero)), body = "{}"u8.ToArray() };
        const string Numbers = "with recursive number(n) as (select cast(1 as bigint) union all select n + 1 from number where n < 20000)";
        await app.ExecuteAsync(
            $"""
            insert into issue (
                id, project_id, organization_id, short_id, category, type, level, title, culprit, search_text, metadata, platform, status, state_at, priority,
                first_seen, last_seen, times_seen, user_count, num_comments, is_unhandled)
            {Numbers}
            select n, 1, 1, n, 'error', 'error', case n % 20 when 0 then 'fatal' else 'error' end, 'boom', '', 'boom', '{"{}"}', 'other', case n % 3 when 0 then 'resolved' else 'unresolved' end, 0,
                'high', @now - n * 60000000, @now - n * 30000000, n % 1000, n % 7, 0, 0 from number
            """,
            arguments);
        await app.ExecuteAsync(
            $"""
            insert into event (project_id, event_id, issue_id, occurred_at, received_at, type, level, platform, title, message, body)
            {Numbers} select 1, cast(n as text), n, @now - n * 30000000, 0, 'error', 'error', 'other', 'boom', '', @body from number
            """,
            arguments);
        await app.ExecuteAsync(
            $"""
            insert into event_bucket (issue_id, step, start, environment, project_id, times)
            {Numbers} select n, 86400, (@now - n * 30000000) / 86400000000 * 86400, '', 1, 1 from number
            union all select n, 3600, (@now - n * 30000000) / 3600000000 * 3600, '', 1, 1 from number
            """,
            arguments);
        foreach (var tag in new[] { "'level', 'error'", "'release', 'r' || (n % 400)", "'user', 'id:' || (n % 500)", "'environment', case n % 2 when 0 then 'prod' else 'dev' end" })
        {
            await app.ExecuteAsync(
                $"insert into issue_tag (issue_id, key, value, project_id, times, first_seen, last_seen) {Numbers} select n, {tag}, 1, 1, @now, @now from number", arguments);
        }

        Assert.Equal(Issues, await app.CountAsync("issue"));
    }

    /// <summary>SQLite: every row of a table or of one of its indexes. PostgreSQL: every row of a table.</summary>
    [GeneratedRegex(@"\bSCAN (i|n|e|b|t|issue|event|event_bucket|issue_tag)\b|Seq Scan on (issue|event|event_bucket|issue_tag)\b", RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant)]
    private static partial Regex FullScan { get; }

    private sealed record PlanLine
    {
        public string Detail { get; init; } = "";
    }

    private sealed record Counted
    {
        public string Relname { get; init; } = "";

        public long SeqScan { get; init; }

        public long IdxScan { get; init; }
    }
}
