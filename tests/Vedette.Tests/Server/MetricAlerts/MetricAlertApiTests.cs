using Vedette.Tests.Harness;
using Vedette.Wire.Json;
using Xunit;

namespace Vedette.Tests.Server.MetricAlerts;

/// <summary>Metric alerts in both shapes of the API (<c>spec/domain.md</c> 5.1 and 5.2).</summary>
public sealed class MetricAlertApiTests
{
    private const string Detectors = "/api/0/organizations/default/detectors/";
    private const string ProjectDetectors = "/api/0/organizations/default/projects/default/detectors/";

    [Theory, EachDatabase]
    public async Task A_rule_is_shown_as_it_was_made(DatabaseKind database)
    {
        await using var life = await MetricLife.BeginAsync(database);

        var made = await life.AddAsync(life.Rule(
            5.5, ""","query":"level:error","environment":"prod","resolveThreshold":1,"thresholdPeriod":2,"owner":"team:default","eventTypes":["error"]"""));
        var shown = (await life.App.GetAsync($"{MetricLife.Rules}{made.Text("id")}/")).Map;

        Assert.Equal(made.JsonText(), shown.JsonText());
        var trigger = (JsonMap)made.List("triggers")![0]!;
        Assert.Equal(
            ("Too many errors", "count()", "level:error", "prod", "team:1"),
            (made.Text("name"), made.Text("aggregate"), made.Text("query"), made.Text("environment"), made.Text("owner")));
        Assert.Equal((5.0, 1.0, 2.0, 0.0, "static"), (made["timeWindow"], made["resolveThreshold"], made["thresholdPeriod"], made["thresholdType"], made.Text("detectionType")));
        Assert.Equal(("critical", 5.5), (trigger.Text("label"), trigger["alertThreshold"]));
        var action = (JsonMap)trigger.List("actions")![0]!;
        Assert.Equal(
            ("sentry_app", "sentry_app", life.AppId, "Send a notification via Bridge"),
            (action.Text("type"), action.Text("targetType"), action.Text("targetIdentifier"), action.Text("desc")));
        Assert.Equal([made.Text("id")], (await life.App.GetAsync($"{MetricLife.Rules}?project=default&per_page=10")).List.Cast<JsonMap>().Select(rule => rule.Text("id")));
        Assert.Empty((await life.App.GetAsync($"{MetricLife.Rules}?name=nothing")).List);
    }

    [Theory]
    [InlineData(""","name":"" """, """{"name":["This field may not be blank."]}""")]
    [InlineData(""","aggregate":"p95()" """, """{"aggregate":["Invalid metric: it must be count() or count_unique(user)."]}""")]
    [InlineData(""","timeWindow":7""", """{"timeWindow":["Invalid time window, valid values are 1, 5, 10, 15, 30, 60, 120, 240, 1440."]}""")]
    [InlineData(""","thresholdPeriod":21""", """{"thresholdPeriod":["Ensure this value is less than or equal to 20."]}""")]
    [InlineData(""","thresholdType":2""", """{"thresholdType":["Invalid threshold type, valid values are [0, 1]"]}""")]
    [InlineData(""","projects":[]""", """{"projects":["Exactly one project must be given, as a list of its slug."]}""")]
    [InlineData(""","projects":["other"]""", """{"projects":["Invalid project"]}""")]
    [InlineData(""","owner":"user:99" """, """{"owner":["Could not resolve owner: it takes user:<id> or team:<id> of this organization."]}""")]
    [InlineData(""","query":"is:unresolved" """, """{"query":["Invalid Query or Metric: Error parsing search query: is: is about issues, and metric alerts count events (at character 1)"]}""")]
    [InlineData(""","detectionType":"percent" """, """{"comparisonDelta":["Percentage-based alerts require a comparison delta"]}""")]
    [InlineData(""","dataset":"sessions" """, """{"dataset":["Invalid dataset, valid values are events."]}""")]
    [InlineData(""","triggers":[]""", """{"nonFieldErrors":["Must include at least one trigger"]}""")]
    [InlineData(""","triggers":[{},{},{}]""", """{"nonFieldErrors":["Must send 1 or 2 triggers - A critical trigger, and an optional warning trigger"]}""")]
    [InlineData(""","triggers":[{"label":"warning","alertThreshold":1,"actions":[]}]""", """{"nonFieldErrors":["Trigger 1 must be labeled \"critical\""]}""")]
    [InlineData(
        ""","triggers":[{"label":"critical","alertThreshold":1,"actions":[]},{"label":"warning","alertThreshold":2,"actions":[]}]""",
        """{"nonFieldErrors":["Critical trigger must have an alert threshold above warning trigger"]}""")]
    [InlineData(""","resolveThreshold":9""", """{"nonFieldErrors":["Critical alert threshold must be above resolution threshold"]}""")]
    [InlineData(
        ""","triggers":[{"label":"critical","alertThreshold":1,"actions":[{"type":"slack"}]}]""",
        """{"actions":["There is no integration for slack here; use sentry_app or email."]}""")]
    [InlineData(
        ""","triggers":[{"label":"critical","alertThreshold":1,"actions":[{"type":"sentry_app","sentryAppInstallationUuid":"no"}]}]""",
        """{"actions":["Sentry app installation not found."]}""")]
    public async Task What_is_wrong_is_said_and_nothing_made(string more, string answer)
    {
        await using var life = await MetricLife.BeginAsync(DatabaseKind.Sqlite);

        var refused = await life.App.ApiAsync(HttpMethod.Post, MetricLife.Rules, life.Rule(2, more));

        Assert.Equal((400, answer), (refused.Status, refused.Json.JsonText()));
        Assert.Empty((await life.App.GetAsync(MetricLife.Rules)).List);
    }

    [Theory, EachDatabase]
    public async Task A_change_leaves_what_it_does_not_say(DatabaseKind database)
    {
        await using var life = await MetricLife.BeginAsync(database);
        var made = await life.AddAsync(life.Rule(5, ""","resolveThreshold":1"""));

        var changed = (await life.App.ApiAsync(HttpMethod.Put, $"{MetricLife.Rules}{made.Text("id")}/", """{"timeWindow":60}""")).Map;

        Assert.Equal((60.0, 3.0, 1.0), (changed["timeWindow"], changed["resolution"], changed["resolveThreshold"]));
        Assert.Equal(made["triggers"].JsonText(), changed["triggers"].JsonText());
        Assert.Equal(400, (await life.App.ApiAsync(HttpMethod.Put, $"{MetricLife.Rules}{made.Text("id")}/", """{"resolveThreshold":9}""")).Status);
    }

    [Theory, EachDatabase]
    public async Task A_rule_of_either_shape_is_there_in_the_other(DatabaseKind database)
    {
        await using var life = await MetricLife.BeginAsync(database);
        var random = new Random(20261121);
        for (var i = 0; i < 25; i++)
        {
            var (isAbove, hasWarning, hasResolve, isPercent, window) = (Coin(), Coin(), Coin(), Coin(), (int[])[1, 5, 10, 15, 30, 60, 120, 240, 1440]);
            var minutes = window[random.Next(window.Length)];
            var critical = random.Next(10, 20);
            var (warning, resolve) = isAbove ? (critical - 3, critical - 5) : (critical + 3, critical + 5);
            var comparison = isPercent ? 60 * random.Next(1, 24) : (int?)null;
            var words = $$"""
                ,"timeWindow":{{minutes}},"thresholdType":{{(isAbove ? 0 : 1)}},"resolveThreshold":{{(hasResolve ? resolve : "null")}},"query":"color:{{i}}",
                "comparisonDelta":{{comparison?.ToString() ?? "null"}},"aggregate":"{{(Coin() ? "count()" : "count_unique(user)")}}","environment":{{(Coin() ? "\"prod\"" : "null")}}
                """;
            var triggers = $$"""
                [{"label":"critical","alertThreshold":{{critical}},"actions":[{{life.Tell()}}]}
                 {{(hasWarning ? $$""",{"label":"warning","alertThreshold":{{warning}},"actions":[]}""" : "")}}]
                """;
            var made = await life.AddAsync(life.Rule(more: words, triggers: triggers));
            var detector = (await life.App.GetAsync($"{Detectors}{made.Text("id")}/")).Map;

            var source = ((JsonMap)detector.List("dataSources")![0]!).Map("queryObj")!.Map("snubaQuery")!;
            Assert.Equal(
                (made.Text("query"), made.Text("aggregate"), made.Text("environment"), minutes * 60.0),
                (source.Text("query"), source.Text("aggregate"), source.Text("environment"), source["timeWindow"]));
            Assert.Equal((isPercent ? "percent" : "static", comparison * 60.0), (detector.Map("config")!.Text("detectionType"), (double?)detector.Map("config")!["comparisonDelta"]));

            // Sent back as it is shown it changes nothing, and another of the same words is the same rule.
            var body = detector.JsonText();
            Assert.Equal(200, (await life.App.ApiAsync(HttpMethod.Put, $"{Detectors}{made.Text("id")}/", body)).Status);
            Assert.Equal(Plain(made), Plain((await life.App.GetAsync($"{MetricLife.Rules}{made.Text("id")}/")).Map));
            var second = await life.App.ApiAsync(HttpMethod.Post, ProjectDetectors, body);
            Assert.True(second.Status == 201, second.Json.JsonText());
            var other = (await life.App.GetAsync($"{MetricLife.Rules}{second.Map.Text("id")}/")).Map;
            Assert.Equal(WithoutActions(made), WithoutActions(other));
        }

        bool Coin() => random.Next(2) == 0;
    }

    [Theory, EachDatabase]
    public async Task A_detector_that_is_edited_without_conditions_keeps_them(DatabaseKind database)
    {
        await using var life = await MetricLife.BeginAsync(database);
        var made = await life.App.ApiAsync(HttpMethod.Post, ProjectDetectors, """
            {"name":"Errors","type":"metric_issue","workflowIds":[],"enabled":true,
             "dataSources":[{"aggregate":"count()","dataset":"errors","environment":null,"eventTypes":["error"],"query":"","queryType":0,"timeWindow":3600}],
             "config":{"detectionType":"static"},
             "conditionGroup":{"logicType":"any","conditions":[{"type":"gt","comparison":10,"conditionResult":75},{"type":"lte","comparison":5,"conditionResult":0}]}}
            """);
        Assert.True(made.Status == 201, made.Json.JsonText());

        var edited = await life.App.ApiAsync(HttpMethod.Put, $"{Detectors}{made.Map.Text("id")}/", """{"name":"More errors","type":"metric_issue"}""");

        Assert.Equal((200, "More errors"), (edited.Status, edited.Map.Text("name")));
        Assert.Equal(
            """[["gt",10,75],["lte",5,0]]""",
            edited.Map.Map("conditionGroup")!.List("conditions")!.Cast<JsonMap>()
                .Select(condition => (object?)new List<object?> { condition["type"], condition["comparison"], condition["conditionResult"] }).ToList().JsonText());
        Assert.Equal(204, (await life.App.ApiAsync(HttpMethod.Delete, $"{Detectors}{made.Map.Text("id")}/")).Status);
        Assert.Empty((await life.App.GetAsync(MetricLife.Rules)).List);
    }

    [Theory, EachDatabase]
    public async Task Triggers_as_the_sentry_CLI_writes_them_make_a_detector(DatabaseKind database)
    {
        await using var life = await MetricLife.BeginAsync(database);

        var made = await life.App.ApiAsync(HttpMethod.Post, ProjectDetectors, """
            {"name":"Errors","type":"metric_issue","dataSources":[{"aggregate":"count()","dataset":"errors","query":"","timeWindow":60}],"config":{"detectionType":"static"},
             "conditionGroup":{"logicType":"any","conditions":[{"alertThreshold":100,"actions":[{"type":"email","targetType":"team","targetIdentifier":"0"}]}]}}
            """);

        Assert.True(made.Status == 201, made.Json.JsonText());
        var rule = (await life.App.GetAsync($"{MetricLife.Rules}{made.Map.Text("id")}/")).Map;
        Assert.Equal(("critical", 100.0), (((JsonMap)rule.List("triggers")![0]!).Text("label"), ((JsonMap)rule.List("triggers")![0]!)["alertThreshold"]));
    }

    [Theory, EachDatabase]
    public async Task Alerts_of_both_kinds_are_in_one_list(DatabaseKind database)
    {
        await using var life = await MetricLife.BeginAsync(database);
        await life.AddAsync(life.Rule());
        var rule = await life.App.ApiAsync(HttpMethod.Post, "/api/0/projects/default/default/rules/", """
            {"name":"New ones","frequency":30,"actionMatch":"any","conditions":[{"id":"sentry.rules.conditions.first_seen_event.FirstSeenEventCondition"}],
             "actions":[{"id":"sentry.mail.actions.NotifyEmailAction","targetType":"IssueOwners"}]}
            """);
        Assert.True(rule.Status is 200 or 201, rule.Json.JsonText());

        var combined = (await life.App.GetAsync("/api/0/organizations/default/combined-rules/")).List.Cast<JsonMap>();

        Assert.Equal([("alert_rule", "Too many errors"), ("rule", "New ones")], combined.Select(each => (each.Text("type")!, each.Text("name")!)).Order());
        Assert.Equal("New ones", ((JsonMap)Assert.Single((await life.App.GetAsync("/api/0/organizations/default/combined-rules/?alertType=rule")).List)!).Text("name"));
    }

    private static string Plain(JsonMap rule)
    {
        rule.Remove("dateModified");
        return rule.JsonText();
    }

    private static string WithoutActions(JsonMap rule)
    {
        foreach (var name in new[] { "id", "dateModified", "dateCreated" })
            rule.Remove(name);
        foreach (var trigger in rule.List("triggers")!.Cast<JsonMap>())
        {
            foreach (var name in new[] { "id", "alertRuleId", "dateCreated", "actions" })
                trigger.Remove(name);
        }

        return rule.JsonText();
    }
}
