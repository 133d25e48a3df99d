using Microsoft.Extensions.DependencyInjection;
using Vedette.Tests.Harness;
using Vedette.Tracker.Retention;
using Vedette.Wire.Json;
using Xunit;

namespace Vedette.Tests.Server.Issues;

/// <summary>Merging is asked for in bulk; here the change is applied as a bulk request applies it.</summary>
public sealed class IssueMergeTests
{
    [Theory, EachDatabase]
    public async Task All_that_was_of_several_issues_is_of_the_one_with_the_most_events(DatabaseKind database)
    {
        await using var life = await IssueLife.BeginAsync(database, seen: false);
        await SendAsync(life, "a", "u1", "1.0");
        await SendAsync(life, "b", "u1", "1.1");
        await SendAsync(life, "b", "u2", "1.2");
        await SendAsync(life, "c", "u3", null);
        await life.ChangeAsync("""{"assignedTo":"me","hasSeen":true}""");
        await life.TellsAsync();

        var (parent, children) = (await MergeAsync(life, 1, 2, 3))!.Value;
        await SendAsync(life, "a", "u4", "1.3");
        await life.Clock.AdvanceUntilAsync(TimeSpan.FromSeconds(1), async () => await life.App.CountAsync("event where issue_id = 2") == 5, "the events' move");

        Assert.Equal(2, parent);
        Assert.Equal([1, 3], children);
        var issue = await life.IssueAsync(2);
        Assert.Equal(("5", 4.0, "1.0", "1.3"), (issue.Text("count"), issue["userCount"], issue.Map("firstRelease")!.Text("version"), issue.Map("lastRelease")!.Text("version")));
        Assert.Equal("2026-03-01T12:00:00.000000Z", issue.Text("firstSeen"));
        Assert.Equal([("merge", """{"issues":[{"id":"1"},{"id":"3"}]}"""), ("assigned", "1"), ("first_seen", "")], (await life.App.GetAsync($"{IssueLife.Issues}2/")).Map.List("activity")!
            .Cast<JsonMap>().Select(activity => (activity.Text("type")!, activity.Text("type") == "merge" ? activity["data"].JsonText() : activity.Map("data")!.Text("assignee") ?? "")));
        Assert.Equal("admin@localhost", ((JsonMap)issue.List("seenBy")!.Single()!).Text("email"));
        Assert.Single((await life.App.GetAsync($"{IssueLife.Issues}?query=")).List);
        Assert.Equal(3, await life.App.CountAsync("issue_hash where issue_id = 2"));
        await life.ToldNothingAsync();
    }

    [Theory, EachDatabase]
    public async Task Who_asks_for_a_merged_issue_gets_the_one_that_it_went_into(DatabaseKind database)
    {
        await using var life = await IssueLife.BeginAsync(database, seen: false);
        foreach (var fingerprint in new[] { "a", "a", "a", "b", "b", "c" })
            await SendAsync(life, fingerprint, "u", null);

        await MergeAsync(life, 2, 3);
        await MergeAsync(life, 1, 2);
        await EndAsync(life);

        foreach (var name in new[] { "1", "2", "3", "DEFAULT-1", "DEFAULT-2", "DEFAULT-3" })
            Assert.Equal((name, "1", "6"), (await life.App.GetAsync($"{IssueLife.Issues}{name}/")).Map is var issue ? (name, issue.Text("id"), issue.Text("count")) : default);
        Assert.Equal(200, (await life.App.GetAsync("/api/0/issues/3/")).Status);
        Assert.Equal(6, await life.App.CountAsync("event where issue_id = 1"));
    }

    [Theory, EachDatabase]
    public async Task What_was_merged_into_a_deleted_issue_ends_with_it(DatabaseKind database)
    {
        await using var life = await IssueLife.BeginAsync(database, seen: false);
        foreach (var fingerprint in new[] { "a", "a", "b", "c" })
            await SendAsync(life, fingerprint, "u", null);
        await MergeAsync(life, 1, 2);

        await life.App.ApiAsync(HttpMethod.Delete, $"{IssueLife.Issues}1/");
        await EndAsync(life);
        await SendAsync(life, "b", "u", null);

        Assert.Equal(404, (await life.App.GetAsync($"{IssueLife.Issues}2/")).Status);
        Assert.Equal(["3", "4"], (await life.App.GetAsync(IssueLife.Issues)).List.Select(issue => ((JsonMap)issue!).Text("id")).Order());
        Assert.Equal(2, await life.App.CountAsync("event"));
    }

    [Theory, EachDatabase]
    public async Task Thousands_of_events_and_people_move_in_steps(DatabaseKind database)
    {
        const int Many = 700;
        await using var life = await IssueLife.BeginAsync(database, seen: false, events: """["comment"]""");
        await Task.WhenAll(Enumerable.Range(0, Many).Select(i => life.App.SendAsync($$$"""{"message":"m","fingerprint":["a"],"user":{"id":"{{{i}}}"}}""")));
        await Task.WhenAll(Enumerable.Range(0, Many + 1).Select(i => life.App.SendAsync($$$"""{"message":"m","fingerprint":["b"],"user":{"id":"{{{i + 100}}}"}}""")));
        var before = life.App.Database.Commits;

        await MergeAsync(life, 1, 2);
        await Task.WhenAll(EndAsync(life), EndAsync(life));

        var issue = await life.IssueAsync(1);
        Assert.Equal(("2", "1401", 801.0), (issue.Text("id"), issue.Text("count"), issue["userCount"]));
        Assert.Equal(1401, await life.App.CountAsync("event where issue_id = 2"));
        Assert.True(life.App.Database.Commits - before > Many / 200, "it went in steps");
        Assert.Equal(0, await life.App.CountAsync("issue where id = 1"));
    }

    [Theory, EachDatabase]
    public async Task A_merge_of_one_issue_does_nothing(DatabaseKind database)
    {
        await using var life = await IssueLife.BeginAsync(database);

        Assert.Null(await MergeAsync(life, 1));
        Assert.Null(await MergeAsync(life, 1, 1, 99));

        Assert.Equal(["first_seen"], (await life.ActivitiesAsync()).Select(activity => activity.Type));
    }

    private static Task EndAsync(IssueLife life) => life.App.Services.GetRequiredService<LeavingIssues>().EndAsync(CancellationToken.None);

    private static async Task SendAsync(IssueLife life, string fingerprint, string user, string? release)
    {
        var more = release is null ? "" : $",\"release\":\"{release}\"";
        await life.App.SendAsync($$$"""{"message":"m","fingerprint":["{{{fingerprint}}}"],"user":{"id":"{{{user}}}"}{{{more}}}}""");
        await life.TellsAsync();
        life.Clock.Advance(TimeSpan.FromSeconds(1));
    }

    private static async Task<(long Parent, IReadOnlyList<long> Children)?> MergeAsync(IssueLife life, params long[] ids)
    {
        var merged = await life.App.MergeAsync(ids);
        life.Clock.Advance(TimeSpan.FromSeconds(1));
        return merged;
    }
}
