using Microsoft.Extensions.DependencyInjection;
using Vedette.Server.Authorization;
using Vedette.Tests.Harness;
using Vedette.Tests.Server.Issues;
using Vedette.Tests.Server.ServiceHooks;
using Vedette.Tracker.Retention;
using Vedette.Wire.Json;
using Xunit;

namespace Vedette.Tests.Server.Alerts;

/// <summary>When rules fire with an event, and what becomes of it (<c>spec/domain.md</c> 4.5, 4.6).</summary>
public sealed class AlertFiringTests
{
    private const string FirstSeen = """{"id":"sentry.rules.conditions.first_seen_event.FirstSeenEventCondition"}""";
    private const string Regression = """{"id":"sentry.rules.conditions.regression_event.RegressionEventCondition"}""";
    private const string Reappeared = """{"id":"sentry.rules.conditions.reappeared_event.ReappearedEventCondition"}""";
    private const string Issue = $"{IssueLife.Issues}1/";

    [Theory, EachDatabase]
    public async Task Each_turn_of_an_issue_fires_the_rules_that_wait_for_it(DatabaseKind database)
    {
        await using var alerting = await Alerting.BeginAsync(database);
        foreach (var (name, condition) in new[] { ("new", FirstSeen), ("back", Regression), ("woken", Reappeared) })
            await alerting.AddRuleAsync(alerting.Rule(condition, name: name));
        var app = alerting.App;

        await alerting.SeeAsync();
        Assert.Equal(["new"], await alerting.FiredAsync());
        await alerting.SeeAsync();
        Assert.Empty(await alerting.FiredAsync());
        await app.ApiAsync(HttpMethod.Put, Issue, """{"status":"resolved"}""");
        alerting.Clock.Advance(TimeSpan.FromSeconds(10));
        await alerting.SeeAsync();
        Assert.Equal(["back"], await alerting.FiredAsync());
        await app.ApiAsync(HttpMethod.Put, Issue, """{"status":"ignored","ignoreCount":2}""");
        await alerting.SeeAsync();
        Assert.Empty(await alerting.FiredAsync());
        await alerting.SeeAsync();
        Assert.Equal(["woken"], await alerting.FiredAsync());
    }

    [Theory, EachDatabase]
    public async Task It_fires_once_for_an_issue_in_its_minutes_and_each_rule_and_issue_by_itself(DatabaseKind database)
    {
        await using var alerting = await Alerting.BeginAsync(database);
        await alerting.AddRuleAsync(alerting.Rule(name: "five", frequency: 5));
        await alerting.AddRuleAsync(alerting.Rule(name: "ten", frequency: 10));

        await alerting.SeeAsync();
        await alerting.SeeAsync();
        Assert.Equal(["five", "ten"], (await alerting.FiredAsync()).Order(StringComparer.Ordinal));
        await alerting.App.SendAsync("""{"message":"another issue"}""");
        Assert.Equal(["five", "ten"], (await alerting.FiredAsync()).Order(StringComparer.Ordinal));
        alerting.Clock.Advance(TimeSpan.FromMinutes(5));
        await alerting.SeeAsync();
        Assert.Equal(["five"], await alerting.FiredAsync());
        alerting.Clock.Advance(TimeSpan.FromMinutes(5) - TimeSpan.FromSeconds(2));
        await alerting.SeeAsync();
        Assert.Equal(["ten"], await alerting.FiredAsync());
    }

    [Theory, EachDatabase]
    public async Task Only_what_is_open_fires_and_a_repeat_of_an_event_does_not(DatabaseKind database)
    {
        await using var alerting = await Alerting.BeginAsync(database);
        var detector = await alerting.DetectorAsync();
        await alerting.AddWorkflowAsync($$"""
            {"name":"every time","config":{"frequency":0},"detectorIds":[{{detector}}],"triggers":{"logicType":"any-short","conditions":[{"type":"every_event","comparison":true}]},
             "actionFilters":[{"logicType":"all","conditions":[],"actions":[{{alerting.TellInWorkflow()}}]}]}
            """);

        await alerting.SeeAsync(""","event_id":"11111111111111111111111111111111" """);
        await alerting.SeeAsync(""","event_id":"11111111111111111111111111111111" """);
        Assert.Equal(["every time"], await alerting.FiredAsync());
        await alerting.SeeAsync();
        Assert.Equal(["every time"], await alerting.FiredAsync());
        await alerting.App.ApiAsync(HttpMethod.Put, Issue, """{"status":"ignored"}""");
        await alerting.SeeAsync();
        Assert.Empty(await alerting.FiredAsync());
        await alerting.App.SendAsync("""{"type":"feedback","contexts":{"feedback":{"message":"I like it"}}}""");
        Assert.Empty(await alerting.FiredAsync()); // the detector of errors does not see feedback
        await alerting.AddRuleAsync(alerting.Rule(name: "all issues"));
        await alerting.App.SendAsync("""{"type":"feedback","contexts":{"feedback":{"message":"I like it, too"}}}""");
        Assert.Equal(["all issues"], await alerting.FiredAsync());
    }

    [Theory, EachDatabase]
    public async Task An_environment_has_its_own_first_time(DatabaseKind database)
    {
        await using var alerting = await Alerting.BeginAsync(database);
        await alerting.AddRuleAsync(alerting.Rule(FirstSeen, more: ""","environment":"production" """, name: "in production"));
        await alerting.AddRuleAsync(alerting.Rule(FirstSeen, name: "anywhere"));

        await alerting.SeeAsync(""","environment":"staging" """);
        Assert.Equal(["anywhere"], await alerting.FiredAsync());
        await alerting.SeeAsync(""","environment":"production" """);
        Assert.Equal(["in production"], await alerting.FiredAsync());
        alerting.Clock.Advance(TimeSpan.FromHours(1));
        await alerting.SeeAsync(""","environment":"production" """);
        Assert.Empty(await alerting.FiredAsync());
    }

    [Theory, EachDatabase]
    public async Task Conditions_and_filters_are_joined_as_the_rule_says(DatabaseKind database)
    {
        await using var alerting = await Alerting.BeginAsync(database);
        const string Eu = """{"id":"sentry.rules.filters.tagged_event.TaggedEventFilter","key":"region","match":"eq","value":"eu"}""";
        const string Fatal = """{"id":"sentry.rules.filters.level.LevelFilter","level":"50","match":"eq"}""";
        foreach (var match in new[] { "all", "any", "none" })
            await alerting.AddRuleAsync(alerting.Rule("", $"{Eu},{Fatal}", $$""","filterMatch":"{{match}}" """, name: match));

        foreach (var (message, more, fired) in new[]
        {
            ("both", ""","tags":{"region":"eu"},"level":"fatal" """, "all any"), ("one", ""","tags":{"region":"eu"},"level":"error" """, "any"),
            ("neither", ""","tags":{"region":"us"},"level":"error" """, "none"),
        })
        {
            await alerting.App.SendAsync($$"""{"message":"{{message}}","fingerprint":["{{message}}"]{{more}}}""");
            Assert.Equal((message, fired), (message, string.Join(' ', (await alerting.FiredAsync()).Order(StringComparer.Ordinal))));
        }
    }

    [Theory, EachDatabase]
    public async Task A_rule_is_in_force_with_the_next_event_and_a_disabled_one_or_one_without_detectors_is_not(DatabaseKind database)
    {
        await using var alerting = await Alerting.BeginAsync(database);
        var app = alerting.App;
        await alerting.SeeAsync();
        var rule = await alerting.AddRuleAsync(alerting.Rule());
        var path = $"{Alerting.Workflows}{rule.Text("id")}/";
        await alerting.SeeAsync();
        Assert.Equal(["A rule"], await alerting.FiredAsync());

        foreach (var (change, fires) in new[] { ("""{"enabled":false}""", false), ("""{"enabled":true}""", true), ("""{"detectorIds":[]}""", false), ($$"""{"detector_ids":[{{await alerting.DetectorAsync()}}]}""", true) })
        {
            Assert.Equal(200, (await app.ApiAsync(HttpMethod.Put, path, change)).Status);
            alerting.Clock.Advance(TimeSpan.FromMinutes(6));
            await alerting.SeeAsync();
            Assert.Equal((change, fires), (change, (await alerting.FiredAsync()).Count == 1));
        }
    }

    [Theory, EachDatabase]
    public async Task What_cannot_be_done_is_left_out_and_the_firing_says_why(DatabaseKind database)
    {
        await using var alerting = await Alerting.BeginAsync(database);
        var app = alerting.App;
        var rule = await alerting.AddRuleAsync(alerting.Rule(action: string.Join(
            ',',
            alerting.TellWithSettings,
            Alerting.Tell.Replace("bridge", alerting.Slug, StringComparison.Ordinal),
            """{"id":"sentry.rules.actions.notify_event.NotifyEventAction"}""",
            """{"id":"sentry.mail.actions.NotifyEmailAction","targetType":"IssueOwners","fallthroughType":"NoOne"}""",
            """{"id":"sentry.mail.actions.NotifyEmailAction","targetType":"IssueOwners","fallthroughType":"AllMembers"}""")));

        await alerting.SeeAsync();
        Assert.Equal(2, (await alerting.TellsAsync()).Count);
        await app.ExecuteAsync("update app_installation set status = 'pending'");
        alerting.Clock.Advance(TimeSpan.FromMinutes(6));
        await alerting.SeeAsync();
        await app.ExecuteAsync("delete from app_installation");
        alerting.Clock.Advance(TimeSpan.FromMinutes(6));
        await alerting.SeeAsync();

        var firings = (await app.GetAsync($"/api/vedette/organizations/default/workflows/{rule.Text("id")}/firings/")).List.Cast<JsonMap>().ToList();
        Assert.Equal(
            [
                "sentry_app missing_installation, webhook missing_service, plugin no_plugin, email no_recipients, email sent",
                "sentry_app missing_installation, webhook missing_installation, plugin no_plugin, email no_recipients, email sent",
                "sentry_app sent, webhook sent, plugin no_plugin, email no_recipients, email sent",
            ],
            firings.Select(firing => string.Join(", ", firing.List("actions")!.Cast<JsonMap>().Select(action => $"{action.Text("type")} {action.Text("outcome")}"))));
        Assert.All(firings, firing => Assert.Equal("1", firing.Text("issueId")));
        Assert.Empty(await alerting.TellsAsync());
        Assert.Equal(3, await app.CountAsync("mail where recipient = 'admin@localhost' and subject = 'DEFAULT-1 - E: boom'"));
    }

    [Theory, EachDatabase]
    public async Task Mail_goes_to_members_who_did_not_silence_the_rule(DatabaseKind database)
    {
        await using var alerting = await Alerting.BeginAsync(database);
        var app = alerting.App;
        var member = await app.AddPersonAsync("member@example.org", "default", MemberRole.Member);
        var id = await app.Database.ReadAsync(session => session.SingleAsync<long>("select id from account where email = 'member@example.org'"), CancellationToken.None);
        var rule = await alerting.AddRuleAsync(alerting.Rule(action: string.Join(
            ',',
            $$"""{"id":"sentry.mail.actions.NotifyEmailAction","targetType":"Member","targetIdentifier":{{id}}}""",
            """{"id":"sentry.mail.actions.NotifyEmailAction","targetType":"Team","targetIdentifier":"1"}""")));

        await alerting.SeeAsync();
        await app.ApiAsync(HttpMethod.Post, $"{Alerting.Rules}{rule.Text("id")}/snooze/", """{"target":"me"}""", member);
        alerting.Clock.Advance(TimeSpan.FromMinutes(6));
        await alerting.SeeAsync();

        Assert.Equal((1, 2), (await app.CountAsync("mail where recipient = 'member@example.org'"), await app.CountAsync("mail where recipient = 'admin@localhost'")));
        Assert.Equal(400, (await app.ApiAsync(HttpMethod.Post, Alerting.Rules, alerting.Rule(name: "x", action: """{"id":"sentry.mail.actions.NotifyEmailAction","targetType":"Team","targetIdentifier":99}"""))).Status);
    }

    [Theory, EachDatabase]
    public async Task Service_hooks_are_told_once_of_an_event_however_many_rules_fire(DatabaseKind database)
    {
        await using var alerting = await Alerting.BeginAsync(database);
        await using var receiver = new TestReceiver();
        var app = alerting.App;
        var both = await app.AddHookAsync(receiver.Url, """["event.created","event.alert"]""");
        var alerts = await app.AddHookAsync(receiver.Url, """["event.alert"]""", ""","version":1""");
        await alerting.AddRuleAsync(alerting.Rule(FirstSeen, name: "one"));
        await alerting.AddRuleAsync(alerting.Rule(FirstSeen, name: "two", frequency: 10));

        await alerting.SeeAsync();
        await alerting.SeeAsync();
        await alerting.TellsAsync();

        var told = receiver.Requests.ToLookup(request => request.Header("X-ServiceHook-GUID"), StringComparer.Ordinal);
        Assert.Equal((2, 1), (told[both.Text("id")!].Count(), told[alerts.Text("id")!].Count()));
        Assert.Equal("""["one","two"]""", told[alerts.Text("id")!].Single().Json["triggering_rules"].JsonText());
    }

    [Theory, EachDatabase]
    public async Task A_rule_can_be_tried_with_the_newest_event_and_says_that_it_was(DatabaseKind database)
    {
        await using var alerting = await Alerting.BeginAsync(database);
        var rule = await alerting.AddRuleAsync(alerting.Rule(FirstSeen, action: alerting.TellWithSettings));
        var path = $"{Alerting.Rules}{rule.Text("id")}/test/";

        Assert.Equal(400, (await alerting.App.ApiAsync(HttpMethod.Post, path)).Status);
        await alerting.SeeAsync();
        await alerting.TellsAsync();
        var tried = await alerting.App.ApiAsync(HttpMethod.Post, path);
        var workflow = await alerting.App.ApiAsync(HttpMethod.Post, $"{Alerting.Workflows}{rule.Text("id")}/test/");

        Assert.Equal((200, 200), (tried.Status, workflow.Status));
        Assert.Equal("sent", ((JsonMap)Assert.Single(tried.Map.List("actions")!)!).Text("outcome"));
        var told = await alerting.TellsAsync();
        Assert.Equal(2, told.Count);
        Assert.All(told, request =>
        {
            var data = request.Json.Map("data")!;
            Assert.Equal(("[Test] A rule", -1.0), (data.Text("triggered_rule"), data.Map("issue_alert")!["id"]));
        });
        Assert.Equal(1, await alerting.App.CountAsync("alert_firing"));
    }

    [Theory, EachDatabase]
    public async Task Resolving_an_issue_fires_workflows_that_listen_to_it(DatabaseKind database)
    {
        await using var alerting = await Alerting.BeginAsync(database);
        await alerting.AddWorkflowAsync($$$"""
            {"name":"Mended","config":{"frequency":0},"detectorIds":[{{{await alerting.DetectorAsync()}}}],
             "triggers":{"logicType":"any-short","conditions":[{"type":"issue_resolved_trigger","comparison":true}]},
             "actionFilters":[{"logicType":"all","conditions":[{"type":"level","comparison":{"level":40,"match":"gte"}}],"actions":[{{{alerting.TellInWorkflow()}}}]}]}
            """);
        await alerting.SeeAsync();
        Assert.Empty(await alerting.TellsAsync());

        await alerting.App.ApiAsync(HttpMethod.Put, Issue, """{"status":"resolved"}""");

        var told = Assert.Single(await alerting.TellsAsync());
        Assert.Equal("activity_alert.triggered", told.Event);
        Assert.Equal("status_resolved", told.Json.Map("data")!.Map("activity")!.Text("type"));
    }

    [Theory, EachDatabase]
    public async Task A_deleted_project_takes_its_rules_along(DatabaseKind database)
    {
        await using var alerting = await Alerting.BeginAsync(database);
        var app = alerting.App;
        await alerting.AddRuleAsync(alerting.Rule());
        await alerting.SeeAsync();
        Assert.Equal(2, await app.CountAsync("detector"));

        await app.ApiAsync(HttpMethod.Delete, "/api/0/projects/default/default/");
        Assert.Empty((await app.GetAsync(Alerting.Detectors)).List);
        await app.Services.GetRequiredService<ProjectDeletion>().DeleteAsync(app.ProjectId, CancellationToken.None);

        Assert.Equal((0, 0, 0), (await app.CountAsync("alert_rule"), await app.CountAsync("detector"), await app.CountAsync("alert_firing")));
    }
}
