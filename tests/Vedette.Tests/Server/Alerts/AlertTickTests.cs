using Microsoft.Extensions.DependencyInjection;
using Vedette.Tests.Harness;
using Vedette.Tests.Server.Issues;
using Vedette.Tracker.Retention;
using Xunit;

namespace Vedette.Tests.Server.Alerts;

/// <summary>Rules that ask how often something happened: they fire when the clock is looked at.</summary>
public sealed class AlertTickTests
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    [Theory, EachDatabase]
    public async Task More_events_than_allowed_fire_once_with_the_newest_of_them(DatabaseKind database)
    {
        await using var alerting = await Alerting.BeginAsync(database);
        var rule = await alerting.AddRuleAsync(alerting.Rule(Often(3, "1m"), frequency: 10));

        for (var i = 0; i < 3; i++)
            await alerting.SeeAsync();
        await alerting.TickAsync(Minute - TimeSpan.FromSeconds(10));
        Assert.Empty(await alerting.FiredAsync());
        Assert.Equal(0, await alerting.App.CountAsync("alert_open"));
        for (var i = 0; i < 4; i++)
            await alerting.SeeAsync($$""","event_id":"1111111111111111111111111111111{{i}}" """);
        Assert.Empty(await alerting.FiredAsync());
        await alerting.TickAsync();

        var told = Assert.Single(await alerting.TellsAsync());
        Assert.Equal(("event_alert.triggered", "11111111111111111111111111111113"), (told.Event, told.Json.Map("data")!.Map("event")!.Text("event_id")));
        Assert.NotNull((await alerting.App.GetAsync($"{Alerting.Rules}{rule.Text("id")}/")).Map["lastTriggered"]);

        // Not again in its minutes, and then only when there are as many again.
        await alerting.SeeAsync();
        Assert.Equal(0, await alerting.App.CountAsync("alert_open"));
        await alerting.TickAsync(TimeSpan.FromMinutes(11));
        await alerting.SeeAsync();
        await alerting.TickAsync();
        Assert.Empty(await alerting.FiredAsync());
    }

    [Theory, EachDatabase]
    public async Task What_is_decided_at_once_does_not_wait_for_the_clock(DatabaseKind database)
    {
        await using var alerting = await Alerting.BeginAsync(database);
        const string FirstSeen = """{"id":"sentry.rules.conditions.first_seen_event.FirstSeenEventCondition"}""";
        const string Fatal = """{"id":"sentry.rules.filters.level.LevelFilter","level":"50","match":"eq"}""";
        await alerting.AddRuleAsync(alerting.Rule($"{FirstSeen},{Often(0, "1m")}", name: "first or often"));
        await alerting.AddRuleAsync(alerting.Rule($"{Often(0, "1m")}", Fatal, name: "fatal and often"));

        await alerting.SeeAsync();

        Assert.Equal(["first or often"], await alerting.FiredAsync());
        Assert.Equal(0, await alerting.App.CountAsync("alert_open"));
        await alerting.SeeAsync(""","level":"fatal" """);
        Assert.Equal(1, await alerting.App.CountAsync("alert_open"));
        await alerting.SeeAsync();
        await alerting.TickAsync();
        Assert.Equal(["fatal and often"], await alerting.FiredAsync());
    }

    [Theory, EachDatabase]
    public async Task Percents_compare_with_the_same_time_before(DatabaseKind database)
    {
        await using var alerting = await Alerting.BeginAsync(database);
        await alerting.AddRuleAsync(alerting.Rule(
            """{"id":"sentry.rules.conditions.event_frequency.EventFrequencyCondition","comparisonType":"percent","value":100,"interval":"5m","comparisonInterval":"1h"}"""));
        for (var i = 0; i < 2; i++)
            await alerting.SeeAsync();
        await alerting.TickAsync();
        Assert.Equal(["A rule"], await alerting.FiredAsync()); // nothing before: two are 200 %

        alerting.Clock.Advance(TimeSpan.FromHours(1) - TimeSpan.FromSeconds(2));
        for (var i = 0; i < 4; i++)
            await alerting.SeeAsync();
        await alerting.TickAsync();
        Assert.Empty(await alerting.FiredAsync()); // twice as many are 100 % more, not over it
        await alerting.SeeAsync();
        await alerting.SeeAsync();
        await alerting.TickAsync();
        Assert.Equal(["A rule"], await alerting.FiredAsync());
    }

    [Theory, EachDatabase]
    public async Task People_count_once_and_only_with_events_that_fit(DatabaseKind database)
    {
        await using var alerting = await Alerting.BeginAsync(database);
        await alerting.AddRuleAsync(alerting.Rule(
            """{"id":"sentry.rules.conditions.event_frequency.EventUniqueUserFrequencyCondition","comparisonType":"count","value":2,"interval":"1h"}""", name: "people"));
        await alerting.AddRuleAsync(alerting.Rule(
            """
            {"id":"sentry.rules.conditions.event_frequency.EventUniqueUserFrequencyConditionWithConditions","comparisonType":"count","value":1,"interval":"1h",
             "conditions":[{"id":"sentry.rules.filters.tagged_event.TaggedEventFilter","key":"region","match":"eq","value":"eu"}]}
            """,
            name: "europeans"));

        foreach (var (user, region) in new[] { ("1", "us"), ("1", "us"), ("2", "eu"), ("2", "us") })
            await alerting.SeeAsync($$$""","user":{"id":"{{{user}}}"},"tags":{"region":"{{{region}}}"}""");
        await alerting.TickAsync();
        Assert.Empty(await alerting.FiredAsync());
        await alerting.SeeAsync(""","user":{"id":"3"},"tags":{"region":"us"}""");
        await alerting.TickAsync();
        Assert.Equal(["people"], await alerting.FiredAsync());
        await alerting.SeeAsync(""","user":{"id":"1"},"tags":{"region":"eu"}""");
        await alerting.TickAsync();
        Assert.Equal(["europeans"], await alerting.FiredAsync());

        // An hour later they are forgotten.
        alerting.Clock.Advance(TimeSpan.FromMinutes(62));
        await alerting.SeeAsync(""","user":{"id":"1"},"tags":{"region":"eu"}""");
        await alerting.TickAsync();
        Assert.Empty(await alerting.FiredAsync());
    }

    [Theory, EachDatabase]
    public async Task People_of_a_merged_issue_count_for_the_one_that_it_went_into(DatabaseKind database)
    {
        await using var alerting = await Alerting.BeginAsync(database);
        var app = alerting.App;
        await alerting.AddRuleAsync(alerting.Rule(
            """{"id":"sentry.rules.conditions.event_frequency.EventUniqueUserFrequencyCondition","comparisonType":"count","value":2,"interval":"1h"}"""));
        foreach (var user in new[] { "1", "2" })
            await alerting.SeeAsync($$$""","user":{"id":"{{{user}}}"}""");
        foreach (var user in new[] { "2", "3" })
            await app.SendAsync($$$"""{"message":"other","user":{"id":"{{{user}}}"}}""");
        Assert.NotNull(await app.MergeAsync(1, 2));
        await app.Services.GetRequiredService<LeavingIssues>().EndAsync(CancellationToken.None);

        var left = await app.Database.ReadAsync(session => session.SingleAsync<long>("select min(id) from issue where status = 'unresolved'"), CancellationToken.None);
        Assert.Equal(3, await app.CountAsync($"issue_user_bucket where issue_id = {left}"));
        await alerting.TickAsync();
        await alerting.SeeAsync(""","user":{"id":"1"}""");
        await alerting.TickAsync();

        Assert.Equal(["A rule"], await alerting.FiredAsync());
    }

    [Theory, EachDatabase]
    public async Task An_environment_counts_its_own_events(DatabaseKind database)
    {
        await using var alerting = await Alerting.BeginAsync(database);
        await alerting.AddRuleAsync(alerting.Rule(Often(2, "1h"), more: ""","environment":"production" """));

        foreach (var environment in new[] { "production", "staging", "staging", "production" })
            await alerting.SeeAsync($$""","environment":"{{environment}}" """);
        await alerting.TickAsync();
        Assert.Empty(await alerting.FiredAsync());
        await alerting.SeeAsync(""","environment":"production" """);
        await alerting.TickAsync();
        Assert.Equal(["A rule"], await alerting.FiredAsync());
    }

    [Theory, EachDatabase]
    public async Task What_was_resolved_or_whose_rule_changed_meanwhile_does_not_fire(DatabaseKind database)
    {
        await using var alerting = await Alerting.BeginAsync(database);
        var rule = await alerting.AddRuleAsync(alerting.Rule(Often(0, "1h")));
        await alerting.SeeAsync();
        await alerting.App.ApiAsync(HttpMethod.Put, $"{IssueLife.Issues}1/", """{"status":"resolved"}""");
        await alerting.TickAsync();
        Assert.Empty(await alerting.FiredAsync());

        await ChangeAsync(100);
        await alerting.App.SendAsync("""{"message":"another issue"}""");
        await ChangeAsync(0);
        await alerting.TickAsync();
        Assert.Empty(await alerting.FiredAsync());
        Assert.Equal(0, await alerting.App.CountAsync("alert_open"));

        async Task ChangeAsync(int value) => Assert.Equal(
            200, (await alerting.App.ApiAsync(HttpMethod.Put, $"{Alerting.Rules}{rule.Text("id")}/", alerting.Rule(Often(value, "1h")))).Status);
    }

    [Theory, EachDatabase]
    public async Task Each_group_of_filters_fires_by_itself(DatabaseKind database)
    {
        await using var alerting = await Alerting.BeginAsync(database);
        var made = await alerting.AddWorkflowAsync($$$"""
            {"name":"two ways","config":{"frequency":30},"detectorIds":[{{{await alerting.DetectorAsync()}}}],"triggers":{"logicType":"any-short","conditions":[]},
             "actionFilters":[{"logicType":"all","conditions":[],"actions":[{{{alerting.TellInWorkflow()}}}]},
              {"logicType":"all","conditions":[{"type":"event_frequency_count","comparison":{"value":1,"interval":"1h"}}],"actions":[{{{alerting.TellInWorkflow()}}}]}]}
            """);

        await alerting.SeeAsync();
        Assert.Equal(["two ways"], await alerting.FiredAsync());
        await alerting.SeeAsync();
        Assert.Empty(await alerting.FiredAsync());
        await alerting.TickAsync();
        Assert.Equal(["two ways"], await alerting.FiredAsync());

        // The older API shows the first of them, says so, and does not overwrite what it cannot show.
        var path = $"{Alerting.Rules}{made.Text("id")}/";
        var shown = (await alerting.App.GetAsync(path)).Map;
        Assert.Equal(("[]", 1, true), (shown["filters"].JsonText(), shown.List("actions")!.Count, shown.Contains("errors")));
        Assert.Equal(400, (await alerting.App.ApiAsync(HttpMethod.Put, path, alerting.Rule())).Status);
    }

    private static string Often(int value, string interval) =>
        $$"""{"id":"sentry.rules.conditions.event_frequency.EventFrequencyCondition","value":{{value}},"interval":"{{interval}}","comparisonType":"count"}""";
}
