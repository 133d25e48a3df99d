using Vedette.Tests.Harness;
using Vedette.Wire.Json;
using Xunit;

namespace Vedette.Tests.Server.Issues;

/// <summary>The table of <c>spec/domain.md</c> 2.5, as far as the clock and counts move it.</summary>
public sealed class IssueTimerTests
{
    private const string Platform = """{"type":"application","id":"sentry","name":"Sentry"}""";
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Week = TimeSpan.FromDays(7);

    [Theory, EachDatabase]
    public async Task After_a_week_what_is_new_or_came_back_or_grew_goes_on(DatabaseKind database)
    {
        await using var life = await IssueLife.BeginAsync(database);

        await life.PassAsync(Week - Minute);
        Assert.Equal("unresolved/new", await life.StateAsync());
        await life.PassAsync(Minute);
        Assert.Equal("unresolved/ongoing", await life.StateAsync());
        await life.ChangedAsync("""{"status":"resolved"}""");
        await life.SeeAsync();
        await life.PassAsync(Week - Minute);
        Assert.Equal("unresolved/regressed", await life.StateAsync());
        await life.PassAsync(Minute);
        Assert.Equal("unresolved/ongoing", await life.StateAsync());
        await life.ChangedAsync("""{"status":"ignored","ignoreCount":1}""");
        await life.SeeAsync();
        Assert.Equal("unresolved/escalating", await life.StateAsync());
        await life.PassAsync(Week);

        Assert.Equal("unresolved/ongoing", await life.StateAsync());
        Assert.Equal(3, (await life.ActivitiesAsync()).Count(activity => activity == ("auto_set_ongoing", """{"after_days":7}""")));
        Assert.Equal(
            ["issue.resolved", "issue.unresolved", "issue.ignored", "issue.unresolved"], (await life.TellsAsync()).Select(request => request.Event));
    }

    [Theory, EachDatabase]
    public async Task What_was_archived_for_a_time_wakes_up_in_silence(DatabaseKind database)
    {
        await using var life = await IssueLife.BeginAsync(database);
        await life.ChangedAsync("""{"status":"ignored","ignoreDuration":30}""");
        await life.TellsAsync();

        await life.PassAsync(TimeSpan.FromMinutes(29));
        Assert.Equal("ignored/archived_until_condition_met", await life.StateAsync());
        await life.PassAsync(Minute);

        Assert.Equal("unresolved/ongoing", await life.StateAsync());
        Assert.Equal(
            ("set_unresolved", """{"ignoreUntil":"2026-03-01T12:30:01.000000Z","ignoreCount":null,"ignoreWindow":null,"ignoreUserCount":null,"ignoreUserWindow":null}"""),
            (await life.ActivitiesAsync())[0]);
        Assert.Null(((JsonMap)(await life.IssueAsync()).List("activity")![0]!)["user"]);
        await life.ToldNothingAsync();
        Assert.Equal(0, await life.App.CountAsync("issue_snooze"));
    }

    [Theory, EachDatabase]
    public async Task What_was_archived_for_so_many_events_comes_back_with_the_last_of_them(DatabaseKind database)
    {
        await using var life = await IssueLife.BeginAsync(database);
        await life.ChangedAsync("""{"status":"ignored","ignoreCount":3}""");
        await life.TellsAsync();

        await life.SeeAsync();
        await life.SeeAsync();
        var waiting = await life.IssueAsync();
        await life.SeeAsync(""","event_id":"11111111111111111111111111111111" """);

        Assert.Equal(("ignored/archived_until_condition_met", 1.0), (IssueLife.State(waiting), waiting.Map("statusDetails")!["ignoreCount"]));
        Assert.Equal("unresolved/escalating", await life.StateAsync());
        Assert.Equal(
            ("set_escalating", """{"event_id":"11111111111111111111111111111111","expired_snooze":{"until":null,"count":3,"window":null,"user_count":null,"user_window":null}}"""),
            (await life.ActivitiesAsync())[0]);
        var told = await life.ToldAsync("issue.unresolved");
        Assert.Equal((Platform, "escalating", "4"), (told["actor"].JsonText(), Issue(told).Text("substatus"), Issue(told).Text("count")));
    }

    [Theory, EachDatabase]
    public async Task What_was_archived_for_so_many_people_comes_back_with_the_last_of_them(DatabaseKind database)
    {
        await using var life = await IssueLife.BeginAsync(database, seen: false);
        await life.SeeAsync(""","user":{"id":"1"}""");
        await life.ChangedAsync("""{"status":"ignored","ignoreUserCount":2}""");
        await life.TellsAsync();

        foreach (var user in new[] { "1", "2", "2" })
            await life.SeeAsync($$$""","user":{"id":"{{{user}}}"}""");
        Assert.Equal("ignored/archived_until_condition_met", await life.StateAsync());
        await life.SeeAsync(""","user":{"id":"3"}""");

        Assert.Equal("unresolved/escalating", await life.StateAsync());
        await life.ToldAsync("issue.unresolved");
    }

    [Theory, EachDatabase]
    public async Task Within_a_window_events_and_people_count_as_a_rate(DatabaseKind database)
    {
        await using var life = await IssueLife.BeginAsync(database);
        for (var i = 0; i < 5; i++)
            await life.SeeAsync();
        foreach (var (change, person) in new[]
        {
            ("""{"status":"ignored","ignoreCount":3,"ignoreWindow":10}""", ""), ("""{"status":"ignored","ignoreUserCount":3,"ignoreUserWindow":10}""", "p"),
        })
        {
            await life.ChangedAsync(change);
            await life.TellsAsync();

            // Three, but in a quarter of an hour; and those from before the archiving do not count.
            for (var i = 0; i < 3; i++)
            {
                await life.SeeAsync($$$""","user":{"id":"{{{person}}}{{{i}}}"}""");
                await life.PassAsync(TimeSpan.FromMinutes(5));
            }

            Assert.Equal("ignored/archived_until_condition_met", await life.StateAsync());
            await life.ToldNothingAsync();
            await life.SeeAsync($$$""","user":{"id":"{{{person}}}9"}""");
            await life.SeeAsync($$$""","user":{"id":"{{{person}}}8"}""");
            await life.PassAsync(TimeSpan.FromSeconds(1));

            Assert.Equal("unresolved/escalating", await life.StateAsync());
            Assert.Equal("set_escalating", (await life.ActivitiesAsync())[0].Type);
            await life.ToldAsync("issue.unresolved");
        }
    }

    [Theory, EachDatabase]
    public async Task What_was_archived_until_it_grows_comes_back_when_it_does(DatabaseKind database)
    {
        await using var life = await IssueLife.BeginAsync(database);
        for (var i = 0; i < 30; i++)
            await life.SeeAsync();
        await life.ChangedAsync("""{"substatus":"archived_until_escalating"}""");
        await life.TellsAsync();

        // Ten are few, and what came before the archiving does not count.
        for (var i = 0; i < 10; i++)
            await life.SeeAsync();
        await life.PassAsync(Minute);
        Assert.Equal("ignored/archived_until_escalating", await life.StateAsync());
        await life.ToldNothingAsync();
        await life.SeeAsync();
        await life.PassAsync(Minute);

        Assert.Equal("unresolved/escalating", await life.StateAsync());
        Assert.Equal(("set_escalating", """{"forecast":10}"""), (await life.ActivitiesAsync())[0]);
        var told = await life.ToldAsync("issue.unresolved");
        Assert.Equal((Platform, "escalating"), (told["actor"].JsonText(), Issue(told).Text("substatus")));
    }

    [Theory, EachDatabase]
    public async Task Twice_the_hourly_average_of_the_week_before_is_no_growth_yet(DatabaseKind database)
    {
        await using var life = await IssueLife.BeginAsync(database);

        // 1008 in the week before: 6 an hour, so 12 in one hour are no more than twice as many.
        await life.App.Database.WriteAsync(
            transaction => transaction.ExecuteEachAsync(
                """
                insert into event (project_id, event_id, issue_id, occurred_at, received_at, type, level, platform, title, message, body)
                select project_id, @Id, issue_id, @At, received_at, type, level, platform, title, message, body from event where id = 1
                """,
                [.. Enumerable.Range(0, 1007).Select(i => new { Id = $"old{i}", At = life.Now.AddMinutes(-10 * i).ToUnixTimeMilliseconds() * 1000 })]),
            CancellationToken.None);
        await life.ChangedAsync("""{"substatus":"archived_until_escalating"}""");
        for (var i = 0; i < 12; i++)
            await life.SeeAsync();
        await life.PassAsync(Minute);
        Assert.Equal("ignored/archived_until_escalating", await life.StateAsync());
        await life.SeeAsync();
        await life.PassAsync(Minute);

        Assert.Equal("unresolved/escalating", await life.StateAsync());
        Assert.Equal(("set_escalating", """{"forecast":12}"""), (await life.ActivitiesAsync())[0]);
    }

    [Theory, EachDatabase]
    public async Task What_nobody_sees_for_as_long_as_the_project_says_is_resolved(DatabaseKind database)
    {
        await using var life = await IssueLife.BeginAsync(database);
        await life.App.ApiAsync(HttpMethod.Put, "/api/0/projects/default/default/", """{"resolveAge":24}""");
        await life.PassAsync(TimeSpan.FromHours(23));
        await life.SeeAsync();
        await life.PassAsync(TimeSpan.FromHours(23));
        Assert.Equal("unresolved/new", await life.StateAsync());
        await life.ToldNothingAsync();

        await life.PassAsync(TimeSpan.FromHours(1));
        var issue = await life.IssueAsync();
        var told = await life.ToldAsync("issue.resolved");

        Assert.Equal(("resolved/none", """{"autoResolved":true}"""), (IssueLife.State(issue), issue["statusDetails"].JsonText()));
        Assert.Equal(("set_resolved_by_age", """{"age":24}"""), (await life.ActivitiesAsync())[0]);
        Assert.Equal(("autoresolve", Platform), (told.Map("data")!.Text("resolution_type"), told["actor"].JsonText()));
        Assert.Equal("""{"autoResolved":true}""", Issue(told)["statusDetails"].JsonText());

        // Whoever opens it again has a day for it, and an event brings it back.
        await life.ChangedAsync("""{"status":"unresolved"}""");
        await life.PassAsync(TimeSpan.FromHours(23));
        Assert.Equal("unresolved/regressed", await life.StateAsync());
        await life.PassAsync(TimeSpan.FromHours(1));
        Assert.Equal("resolved/none", await life.StateAsync());
        await life.PassAsync(Minute);
        await life.SeeAsync();
        Assert.Equal("unresolved/regressed", await life.StateAsync());
    }

    [Theory, EachDatabase]
    public async Task That_an_issue_goes_on_does_not_make_it_younger(DatabaseKind database)
    {
        await using var life = await IssueLife.BeginAsync(database);
        await life.App.ApiAsync(HttpMethod.Put, "/api/0/projects/default/default/", """{"resolveAge":240}""");

        await life.PassAsync(Week);
        Assert.Equal("unresolved/ongoing", await life.StateAsync());
        await life.PassAsync(TimeSpan.FromDays(3));

        Assert.Equal("resolved/none", await life.StateAsync());
    }

    [Theory, EachDatabase]
    public async Task More_issues_than_one_unit_takes_all_wake_up(DatabaseKind database)
    {
        const int Many = 120;
        await using var life = await IssueLife.BeginAsync(database, seen: false, events: """["comment"]""");
        await Task.WhenAll(Enumerable.Range(0, Many).Select(i => life.App.SendAsync($$"""{"message":"m","fingerprint":["{{i}}"]}""")));
        for (var i = 1; i <= Many; i++)
            Assert.Equal(200, (await life.App.ApiAsync(HttpMethod.Put, $"{IssueLife.Issues}{i}/", """{"status":"ignored","ignoreDuration":30}""")).Status);

        // The server looks at the clock as well, and of two that do one leaves the rest to the other.
        await life.PassAsync(TimeSpan.FromMinutes(31));
        await Poll.UntilAsync(
            async () => await life.App.CountAsync("issue where status = 'unresolved' and substatus = 'ongoing'") == Many, "the end of all snoozes");

        Assert.Equal(Many, await life.App.CountAsync("activity where type = 'set_unresolved'"));
    }

    [Fact]
    public async Task The_clock_is_looked_at_as_often_as_configured()
    {
        var clock = new FakeClock();
        await using var app = await VedetteApp.StartAsync(time: clock, settings: ("VEDETTE_ALERT_TICK", "10s"));
        await app.SendAsync(TestEvents.Boom());
        await app.ApiAsync(HttpMethod.Put, $"{IssueLife.Issues}1/", """{"status":"ignored","ignoreDuration":1}""");
        var began = clock.GetUtcNow();

        await clock.AdvanceUntilAsync(
            TimeSpan.FromSeconds(1), async () => (await app.GetAsync($"{IssueLife.Issues}1/")).Map.Text("status") == "unresolved", "the end of the snooze");

        Assert.InRange(clock.GetUtcNow() - began, TimeSpan.FromSeconds(60), TimeSpan.FromSeconds(90));
    }

    private static JsonMap Issue(JsonMap told) => told.Map("data")!.Map("issue")!;
}
