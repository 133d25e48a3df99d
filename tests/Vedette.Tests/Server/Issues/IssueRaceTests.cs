using System.Net.Http.Headers;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Vedette.Tests.Harness;
using Vedette.Tracker.Issues;
using Vedette.Tracker.Retention;
using Xunit;

namespace Vedette.Tests.Server.Issues;

/// <summary>Two nodes at the same issues at once; with SQLite, which has but one, two callers of it. Nothing is lost, nothing told twice, nobody gets an error.</summary>
public sealed class IssueRaceTests
{
    private const int Rounds = 25;

    [Theory, EachDatabase]
    public async Task Changes_and_events_of_one_issue_at_once_are_each_told_once(DatabaseKind database)
    {
        await using var nodes = await Nodes.StartAsync(database);
        await nodes.SendAsync(0, "a");

        var sent = 1;
        for (var round = 0; round < Rounds; round++)
        {
            var work = new List<Task>();
            for (var i = 0; i < 2; i++)
            {
                foreach (var change in new[] { """{"status":"resolved"}""", """{"status":"unresolved"}""", """{"status":"ignored","ignoreCount":3}""", """{"assignedTo":"me"}""", """{"assignedTo":""}""" })
                    work.Add(nodes.ChangeAsync(i, 1, change));
                for (var j = 0; j < 3; j++, sent++)
                    work.Add(nodes.SendAsync(i, "a", $"{sent % 7}"));
            }

            await Task.WhenAll(work);
        }

        var app = nodes.First;
        Assert.Equal((1, sent), (await app.CountAsync("issue"), await app.CountAsync("event")));
        Assert.Equal(sent, await nodes.NumberAsync("select times_seen from issue"));
        Assert.Equal(await app.CountAsync("issue_user"), await nodes.NumberAsync("select user_count from issue"));

        // Every activity but those that are not told has its webhook, and there are no others.
        var resolved = await app.CountAsync("activity where type = 'set_resolved'");
        var unresolved = await app.CountAsync("activity where type = 'set_regression'") + await nodes.ReopenedAsync() + await app.CountAsync("activity where type = 'set_escalating'");
        Assert.Equal(
            (resolved, unresolved, await app.CountAsync("activity where type = 'set_ignored'"), await app.CountAsync("activity where type = 'assigned'")),
            (await nodes.ToldAsync("resolved"), await nodes.ToldAsync("unresolved"), await nodes.ToldAsync("ignored"), await nodes.ToldAsync("assigned")));
        Assert.True(resolved > Rounds / 2, $"only {resolved} resolutions: nothing was tried");
        Assert.InRange(await app.CountAsync("activity where type = 'assigned'") - await app.CountAsync("activity where type = 'unassigned'"), 0, 1);
        Assert.Equal(1, await nodes.ToldAsync("created"));
    }

    [Theory, EachDatabase]
    public async Task Events_of_issues_that_are_merged_at_the_same_moment_are_all_kept_and_counted(DatabaseKind database)
    {
        await using var nodes = await Nodes.StartAsync(database);
        var app = nodes.First;
        for (var round = 0; round < Rounds; round++)
        {
            string[] names = [$"{round}a", $"{round}b", $"{round}c"];
            foreach (var name in names)
                await nodes.SendAsync(0, name, "first");
            var ids = await app.Database.ReadAsync(
                session => session.ListAsync<long>("select id from issue where status = 'unresolved' order by id desc limit 3"), CancellationToken.None);

            var work = new List<Task> { nodes.First.MergeAsync([.. ids]), nodes.Second.MergeAsync([.. ids.Reverse()]) };
            for (var i = 0; i < 12; i++)
                work.Add(nodes.SendAsync(i % 2, names[i % 3], $"{i}"));
            work.Add(nodes.EndAsync(0));
            work.Add(nodes.EndAsync(1));
            await Task.WhenAll(work);
            await nodes.SendAsync(1, names[2], "last");
            await nodes.EndAsync(0);

            Assert.Equal(
                ["16 14 16 3"],
                await nodes.TextsAsync(
                    $"""
                    select i.times_seen || ' ' || i.user_count || ' ' || (select count(*) from event e where e.issue_id = i.id) || ' '
                        || (select count(*) from issue_hash h where h.issue_id = i.id)
                    from issue i where i.status = 'unresolved' and i.id in ({string.Join(", ", ids)})
                    """));
        }

        Assert.Equal(Rounds, await app.CountAsync("activity where type = 'merge'"));
        Assert.Equal(3 * Rounds, await nodes.ToldAsync("created"));
    }

    [Theory, EachDatabase]
    public async Task Events_of_an_issue_that_is_deleted_at_the_same_moment_go_with_it_or_make_a_new_one(DatabaseKind database)
    {
        await using var nodes = await Nodes.StartAsync(database);
        var app = nodes.First;
        for (var round = 0; round < Rounds; round++)
        {
            await nodes.SendAsync(0, "a");
            var id = await nodes.NumberAsync("select max(id) from issue where status = 'unresolved'");

            var work = new List<Task> { nodes.DeleteAsync(0, id), nodes.DeleteAsync(1, id) };
            for (var i = 0; i < 8; i++)
                work.Add(nodes.SendAsync(i % 2, "a"));
            await Task.WhenAll(work);
            await nodes.SendAsync(1, "a");
            await Task.WhenAll(nodes.EndAsync(0), nodes.EndAsync(1));

            // What is there is of one issue, which has counted it all.
            Assert.Equal(1, await app.CountAsync("issue where status = 'unresolved'"));
            Assert.Equal(
                await app.CountAsync("event"),
                await nodes.NumberAsync("select i.times_seen from issue i join issue_hash h on h.issue_id = i.id where i.status = 'unresolved'"));
            Assert.Equal(0, await app.CountAsync("issue_hash h join issue i on i.id = h.issue_id where i.status <> 'unresolved'"));
        }
    }

    [Theory, EachDatabase]
    public async Task What_falls_due_on_two_nodes_happens_once(DatabaseKind database)
    {
        const int Many = 130;
        await using var nodes = await Nodes.StartAsync(database);
        await Task.WhenAll(Enumerable.Range(0, Many).Select(i => nodes.SendAsync(i % 2, $"{i}")));
        await nodes.First.ExecuteAsync("update project set resolve_age = 1");
        await nodes.First.ExecuteAsync("update issue set last_seen = 1, state_at = 1 where id % 2 = 0");
        await nodes.First.ExecuteAsync("update issue set status = 'ignored', substatus = 'archived_until_condition_met' where id % 2 = 1");
        await nodes.First.ExecuteAsync("insert into issue_snooze (issue_id, ignore_until, times_seen, users_seen) select id, 1, 0, 0 from issue where id % 2 = 1");

        await Task.WhenAll(nodes.PassAsync(0), nodes.PassAsync(1), nodes.PassAsync(0), nodes.PassAsync(1));
        await nodes.PassAsync(0);

        Assert.Equal(
            (Many / 2, Many / 2, Many / 2),
            (await nodes.First.CountAsync("activity where type = 'set_resolved_by_age'"), await nodes.First.CountAsync("activity where type = 'set_unresolved'"), await nodes.ToldAsync("resolved")));
    }

    [Theory, EachDatabase]
    public async Task A_release_that_two_nodes_see_first_is_one(DatabaseKind database)
    {
        await using var nodes = await Nodes.StartAsync(database);
        for (var round = 0; round < Rounds; round++)
            await Task.WhenAll(Enumerable.Range(0, 8).Select(i => nodes.SendAsync(i % 2, $"{round}", "u", $"shop@{round}.{i % 3}")));

        Assert.Equal((3 * Rounds, 3 * Rounds), (await nodes.First.CountAsync("release"), await nodes.First.CountAsync("release_project")));
        Assert.Equal(Rounds, await nodes.NumberAsync("select sum(new_groups) from release_project"));
    }

    private sealed class Nodes : IAsyncDisposable
    {
        private readonly VedetteApp? second;

        private Nodes(VedetteApp first, VedetteApp? second) => (First, this.second) = (first, second);

        public VedetteApp First { get; }

        public VedetteApp Second => second ?? First;

        public TestReceiver Receiver { get; } = new();

        public static async Task<Nodes> StartAsync(DatabaseKind database)
        {
            var first = await VedetteApp.StartAsync(database);
            var nodes = new Nodes(first, first.Postgres is { } postgres ? await VedetteApp.StartAsync(settings: ("VEDETTE_DATABASE", postgres)) : null);
            await first.CreateAppAsync(nodes.Receiver.Url, """["issue"]""");
            return nodes;
        }

        public async Task ChangeAsync(int node, long issue, string change)
        {
            using var request = new HttpRequestMessage(HttpMethod.Put, $"{IssueLife.Issues}{issue}/") { Content = new StringContent(change) };
            Assert.Equal(200, await StatusAsync(node, request));
        }

        /// <summary>Of two who delete it, one may find it gone.</summary>
        public async Task DeleteAsync(int node, long issue)
        {
            using var request = new HttpRequestMessage(HttpMethod.Delete, $"{IssueLife.Issues}{issue}/");
            Assert.True(await StatusAsync(node, request) is 202 or 404);
        }

        public async Task SendAsync(int node, string fingerprint, string user = "u", string release = "1.0")
        {
            var json = $$$"""{"message":"m","level":"error","fingerprint":["{{{fingerprint}}}"],"user":{"id":"{{{user}}}"},"release":"{{{release}}}"}""";
            using var request = new HttpRequestMessage(HttpMethod.Post, $"/api/{First.ProjectId}/envelope/?sentry_version=7&sentry_key={First.PublicKey}")
            {
                Content = new ByteArrayContent(Encoding.UTF8.GetBytes($"{{}}\n{{\"type\":\"event\"}}\n{json}\n")),
            };
            Assert.Equal(200, await StatusAsync(node, request));
        }

        public Task EndAsync(int node) => On(node).Services.GetRequiredService<LeavingIssues>().EndAsync(CancellationToken.None);

        public Task PassAsync(int node) => On(node).Services.GetRequiredService<IssueTimers>().PassAsync(CancellationToken.None);

        public Task<long> ToldAsync(string action) => First.CountAsync($"hook_event where resource = 'issue' and action = '{action}'");

        public Task<long> NumberAsync(string sql) => First.Database.ReadAsync(session => session.SingleAsync<long>(sql), CancellationToken.None);

        public Task<IReadOnlyList<string>> TextsAsync(string sql) => First.Database.ReadAsync(session => session.ListAsync<string>(sql), CancellationToken.None);

        /// <summary>Activities of reopening what was resolved; of what was archived, they are told to nobody.</summary>
        public async Task<long> ReopenedAsync()
        {
            var types = await TextsAsync("select type from activity where type in ('set_resolved', 'set_ignored', 'set_unresolved', 'set_regression', 'set_escalating') order by id");
            return types.Zip(types.Skip(1)).Count(pair => pair is { First: "set_resolved", Second: "set_unresolved" });
        }

        public async ValueTask DisposeAsync()
        {
            if (second is not null)
                await second.DisposeAsync();
            await First.DisposeAsync();
            await Receiver.DisposeAsync();
        }

        private VedetteApp On(int node) => node == 0 ? First : Second;

        private async Task<int> StatusAsync(int node, HttpRequestMessage request)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", First.FirstStart.Token);
            using var response = await On(node).Client.SendAsync(request);
            return (int)response.StatusCode;
        }
    }
}
