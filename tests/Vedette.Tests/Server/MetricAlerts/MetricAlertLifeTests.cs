using Microsoft.Extensions.DependencyInjection;
using Vedette.Tests.Harness;
using Vedette.Tracker.MetricAlerts;
using Vedette.Wire.Json;
using Xunit;

namespace Vedette.Tests.Server.MetricAlerts;

/// <summary>What metric alerts do as events come and time passes (<c>spec/domain.md</c> 5.3).</summary>
public sealed class MetricAlertLifeTests
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    [Theory, EachDatabase]
    public async Task It_fires_when_there_are_more_events_than_its_threshold_and_resolves_when_there_are_not(DatabaseKind database)
    {
        await using var life = await MetricLife.BeginAsync(database);
        await life.AddAsync(life.Rule(2));

        await life.SeeAsync(2);
        await life.TickAsync();
        Assert.Empty(life.ToldNames());
        await life.SeeAsync();
        await life.TickAsync();
        await life.TickAsync(Minute);
        var told = Assert.Single(life.Tells());

        Assert.Equal("metric_alert.critical", told.Event);
        var data = told.Json.Map("data")!;
        Assert.Equal(("Critical: Too many errors", "3 events in the last 5 minutes"), (data.Text("description_title"), data.Text("description_text")));
        Assert.Equal((20.0, 3.0, "1"), (data.Map("metric_alert")!["status"], data.Map("metric_alert")!["status_method"], data.Map("metric_alert")!.Text("identifier")));
        Assert.Equal("""{"type":"application","id":"sentry","name":"Sentry"}""", told.Json["actor"].JsonText());

        await life.TickAsync(TimeSpan.FromMinutes(5));
        var resolved = Assert.Single(life.Tells());
        Assert.Equal("metric_alert.resolved", resolved.Event);
        Assert.Equal((2.0, true), (resolved.Json.Map("data")!.Map("metric_alert")!["status"], resolved.Json.Map("data")!.Map("metric_alert")!["date_closed"] is string));
        Assert.Equal("0 events in the last 5 minutes", resolved.Json.Map("data")!.Text("description_text"));
    }

    [Theory, EachDatabase]
    public async Task Each_change_is_told_to_whom_its_triggers_name_and_to_each_once(DatabaseKind database)
    {
        await using var life = await MetricLife.BeginAsync(database);
        await using var other = new TestReceiver();
        var (_, installation) = await life.AddAppAsync(other);
        await life.AddAsync(life.Rule(
            more: ""","resolveThreshold":1""",
            triggers: $$"""
            [{"label":"critical","alertThreshold":4,"actions":[{{life.Tell()}},{{life.Tell(installation)}}]},
             {"label":"warning","alertThreshold":2,"actions":[{{life.Tell()}}]}]
            """));

        await life.SeeAsync(3);
        await life.TickAsync();
        Assert.Equal(["metric_alert.warning"], life.ToldNames());
        Assert.Empty(other.Requests);

        // The first three leave the window before the others do.
        await life.TickAsync(TimeSpan.FromMinutes(3));
        await life.SeeAsync(3);
        await life.TickAsync();
        Assert.Equal(["metric_alert.critical"], life.ToldNames());
        await life.TickAsync(TimeSpan.FromMinutes(3));
        Assert.Equal(["metric_alert.warning"], life.ToldNames());
        await life.TickAsync(TimeSpan.FromMinutes(3));
        Assert.Equal(["metric_alert.resolved"], life.ToldNames());

        Assert.Equal(["metric_alert.critical", "metric_alert.warning", "metric_alert.resolved"], other.Requests.Select(request => request.Event));
        var activities = (await life.App.GetAsync($"{MetricLife.Incidents}1/")).Map.List("activities")!.Cast<JsonMap>();
        Assert.Equal(
            ["4//", "1//", "2/10/1", "2/20/10", "2/10/20", "2/2/10"],
            activities.Select(activity => $"{activity["type"]}/{activity["value"]}/{activity["previousValue"]}"));
    }

    [Theory, EachDatabase]
    public async Task A_threshold_period_asks_for_so_many_evaluations_in_a_row(DatabaseKind database)
    {
        await using var life = await MetricLife.BeginAsync(database);
        await life.AddAsync(life.Rule(0, ""","thresholdPeriod":3,"timeWindow":1"""));

        await life.SeeAsync();
        await life.TickAsync();
        await life.TickAsync(TimeSpan.FromSeconds(10));
        await life.TickAsync(TimeSpan.FromMinutes(2));
        Assert.Empty(life.ToldNames());
        await life.SeeAsync();
        await life.TickAsync();
        await life.TickAsync(TimeSpan.FromSeconds(10));
        Assert.Empty(life.ToldNames());
        await life.TickAsync(TimeSpan.FromSeconds(10));
        Assert.Equal(["metric_alert.critical"], life.ToldNames());

        await life.TickAsync(TimeSpan.FromMinutes(2));
        await life.TickAsync(TimeSpan.FromSeconds(10));
        Assert.Empty(life.ToldNames());
        await life.TickAsync(TimeSpan.FromSeconds(10));
        Assert.Equal(["metric_alert.resolved"], life.ToldNames());
    }

    [Theory, EachDatabase]
    public async Task A_second_incident_comes_ten_minutes_after_the_first_at_the_earliest(DatabaseKind database)
    {
        await using var life = await MetricLife.BeginAsync(database);
        await life.AddAsync(life.Rule(0, ""","timeWindow":1"""));
        await life.SeeAsync();
        await life.TickAsync();
        await life.TickAsync(TimeSpan.FromMinutes(2));
        Assert.Equal(["metric_alert.critical", "metric_alert.resolved"], life.ToldNames());

        await life.SeeAsync();
        await life.TickAsync();
        Assert.Empty(life.ToldNames());
        await life.TickAsync(TimeSpan.FromMinutes(8));
        await life.SeeAsync();
        await life.TickAsync();

        Assert.Equal(["metric_alert.critical"], life.ToldNames());
        Assert.Equal(["2", "1"], (await life.App.GetAsync(MetricLife.Incidents)).List.Cast<JsonMap>().Select(incident => incident.Text("identifier")));
    }

    [Theory, EachDatabase]
    public async Task People_are_counted_once_each(DatabaseKind database)
    {
        await using var life = await MetricLife.BeginAsync(database);
        await life.AddAsync(life.Rule(1, ""","aggregate":"count_unique(user)" """));

        await life.SeeAsync(5, ""","user":{"id":"ada"}""");
        await life.SeeAsync(2);
        await life.TickAsync(Minute);
        Assert.Empty(life.ToldNames());
        await life.SeeAsync(1, ""","user":{"id":"grace"}""");
        await life.TickAsync();

        Assert.Equal("2 users affected in the last 5 minutes", Assert.Single(life.Tells()).Json.Map("data")!.Text("description_text"));
    }

    [Theory, EachDatabase]
    public async Task Only_events_of_its_query_types_and_environment_count(DatabaseKind database)
    {
        await using var life = await MetricLife.BeginAsync(database);
        await life.AddAsync(life.Rule(0, ""","query":"color:blue !release:1.*","environment":"prod","eventTypes":["error"]"""));

        await life.SeeAsync(1, ""","environment":"prod","tags":{"color":"red"}""");
        await life.SeeAsync(1, ""","environment":"dev","tags":{"color":"blue"}""");
        await life.SeeAsync(1, ""","environment":"prod","release":"1.2","tags":{"color":"blue"}""");
        await life.App.SendEventAsync("""{"message":"no error","environment":"prod","tags":{"color":"blue"}}""");
        await life.TickAsync();
        Assert.Empty(life.ToldNames());
        await life.SeeAsync(1, ""","environment":"prod","release":"2.0","tags":{"color":"blue"}""");
        await life.TickAsync();

        Assert.Equal("1 events in the last 5 minutes", Assert.Single(life.Tells()).Json.Map("data")!.Text("description_text"));
    }

    [Theory, EachDatabase]
    public async Task Compared_with_an_hour_before_it_fires_on_the_change(DatabaseKind database)
    {
        await using var life = await MetricLife.BeginAsync(database);
        await life.AddAsync(life.Rule(50, ""","comparisonDelta":60"""));
        await life.SeeAsync(3);
        await life.TickAsync();
        Assert.Empty(life.ToldNames());

        // 4 of 3 are a third more, 5 two thirds.
        life.Clock.Advance(TimeSpan.FromMinutes(60));
        await life.SeeAsync(4);
        await life.TickAsync();
        Assert.Empty(life.ToldNames());
        await life.SeeAsync();
        await life.TickAsync();

        Assert.Equal(
            "Events 67% higher in the last 5 minutes compared to the same time one hour ago", Assert.Single(life.Tells()).Json.Map("data")!.Text("description_text"));
    }

    [Theory, EachDatabase]
    public async Task Below_its_threshold_a_quiet_project_fires(DatabaseKind database)
    {
        await using var life = await MetricLife.BeginAsync(database);
        await life.AddAsync(life.Rule(2, ""","thresholdType":1"""));

        await life.TickAsync();
        Assert.Equal(["metric_alert.critical"], life.ToldNames());
        await life.SeeAsync(2);
        await life.TickAsync();

        Assert.Equal(["metric_alert.resolved"], life.ToldNames());
    }

    [Theory, EachDatabase]
    public async Task What_happened_before_it_was_made_counts_once(DatabaseKind database)
    {
        await using var life = await MetricLife.BeginAsync(database);
        await life.SeeAsync(2, ""","tags":{"color":"blue"}""");
        await life.SeeAsync(2, ""","tags":{"color":"red"}""");
        life.Clock.Advance(Minute);
        await life.App.ApiAsync(HttpMethod.Post, MetricLife.Rules, life.Rule(3, ""","query":"color:blue" """));
        await life.SeeAsync(1, ""","tags":{"color":"blue"}""");
        await life.TickAsync(TimeSpan.FromSeconds(5));
        await life.TickAsync(TimeSpan.FromSeconds(5));
        Assert.Empty(life.ToldNames());

        await life.SeeAsync(1, ""","tags":{"color":"blue"}""");
        await life.TickAsync();

        Assert.Equal("4 events in the last 5 minutes", Assert.Single(life.Tells()).Json.Map("data")!.Text("description_text"));
    }

    [Theory, EachDatabase]
    public async Task Whoever_edits_or_deletes_a_rule_closes_its_incident(DatabaseKind database)
    {
        await using var life = await MetricLife.BeginAsync(database);
        var id = (await life.AddAsync(life.Rule(0))).Text("id");
        await life.SeeAsync();
        await life.TickAsync();
        life.Tells();

        Assert.Equal(200, (await life.App.ApiAsync(HttpMethod.Put, $"{MetricLife.Rules}{id}/", """{"name":"Other"}""")).Status);
        await life.TickAsync();
        var resolved = Assert.Single(life.Tells());
        Assert.Equal(("metric_alert.resolved", 2.0), (resolved.Event, resolved.Json.Map("data")!.Map("metric_alert")!["status_method"]));

        await life.TickAsync(TimeSpan.FromMinutes(11));
        await life.SeeAsync();
        await life.TickAsync();
        Assert.Equal(["metric_alert.critical"], life.ToldNames());
        Assert.Equal(204, (await life.App.ApiAsync(HttpMethod.Delete, $"{MetricLife.Rules}{id}/")).Status);
        await life.TickAsync();
        Assert.Equal(["metric_alert.resolved"], life.ToldNames());
        Assert.Equal(404, (await life.App.GetAsync($"{MetricLife.Rules}{id}/")).Status);
    }

    [Theory, EachDatabase]
    public async Task Silent_for_everyone_it_tells_nobody(DatabaseKind database)
    {
        await using var life = await MetricLife.BeginAsync(database);
        var id = (await life.AddAsync(life.Rule(0))).Text("id");
        var snooze = $"/api/0/projects/default/default/alert-rules/{id}/snooze/";
        Assert.Equal(201, (await life.App.ApiAsync(HttpMethod.Post, snooze, """{"target":"everyone"}""")).Status);
        Assert.Equal(410, (await life.App.ApiAsync(HttpMethod.Post, snooze, """{"target":"everyone"}""")).Status);

        await life.SeeAsync();
        await life.TickAsync();
        Assert.Empty(life.ToldNames());
        Assert.Equal(true, (await life.App.GetAsync($"{MetricLife.Rules}{id}/")).Map["snooze"]);
        Assert.Equal(204, (await life.App.ApiAsync(HttpMethod.Delete, snooze)).Status);
        await life.TickAsync(TimeSpan.FromMinutes(6));

        Assert.Equal(["metric_alert.resolved"], life.ToldNames());
    }

    [Theory, EachDatabase]
    public async Task Somebody_opens_an_incident_by_hand_and_closes_it(DatabaseKind database)
    {
        await using var life = await MetricLife.BeginAsync(database);
        var id = (await life.AddAsync(life.Rule(0))).Text("id");

        Assert.Equal(201, (await life.App.ApiAsync(HttpMethod.Post, MetricLife.Incidents, $$"""{"alertRule":"{{id}}"}""")).Status);
        Assert.Equal(409, (await life.App.ApiAsync(HttpMethod.Post, MetricLife.Incidents, $$"""{"alertRule":"{{id}}"}""")).Status);
        await life.TickAsync();
        Assert.Equal(["metric_alert.open"], life.ToldNames());
        Assert.Equal(200, (await life.App.ApiAsync(HttpMethod.Put, $"{MetricLife.Incidents}1/", """{"status":2}""")).Status);
        await life.TickAsync();

        Assert.Equal(["metric_alert.resolved"], life.ToldNames());
        Assert.Equal("closed", (await life.App.GetAsync($"{MetricLife.Incidents}?status=open")).List.Count == 0 ? "closed" : "open");
    }

    [Theory, EachDatabase]
    public async Task A_test_is_marked_and_opens_nothing(DatabaseKind database)
    {
        await using var life = await MetricLife.BeginAsync(database);
        var id = (await life.AddAsync(life.Rule(7))).Text("id");

        var answer = await life.App.ApiAsync(HttpMethod.Post, $"{MetricLife.Rules}{id}/test/");
        await life.TickAsync();

        Assert.Equal("""["sent"]""", answer.Map.List("actions")!.Select(action => ((JsonMap)action!)["outcome"]).ToList().JsonText());
        var told = Assert.Single(life.Tells());
        Assert.Equal(("metric_alert.critical", "[Test] Critical: Too many errors"), (told.Event, told.Json.Map("data")!.Text("description_title")));
        Assert.Empty((await life.App.GetAsync(MetricLife.Incidents)).List);
    }

    [Theory, EachDatabase]
    public async Task Of_two_that_look_at_once_one_opens_an_incident(DatabaseKind database)
    {
        await using var life = await MetricLife.BeginAsync(database);
        await life.AddAsync(life.Rule(0));
        var round = life.App.Services.GetRequiredService<MetricRound>();
        for (var i = 0; i < 10; i++)
        {
            await life.SeeAsync();
            await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => round.PassAsync(TimeSpan.Zero, CancellationToken.None)));
            await life.TickAsync();
            life.Clock.Advance(TimeSpan.FromMinutes(12));
            await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => round.PassAsync(TimeSpan.Zero, CancellationToken.None)));
            await life.TickAsync();
        }

        Assert.Equal(Enumerable.Repeat((string[])["metric_alert.critical", "metric_alert.resolved"], 10).SelectMany(each => each).Order(), life.ToldNames().Order());
        Assert.Equal(10, await life.App.CountAsync("incident where closed_at is not null"));
    }
}
