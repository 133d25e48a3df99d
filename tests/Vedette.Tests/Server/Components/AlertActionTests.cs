using Vedette.Tests.Harness;
using Vedette.Tests.Server.Alerts;
using Vedette.Wire.Json;
using Xunit;

namespace Vedette.Tests.Server.Components;

/// <summary><c>spec/platform-api.md</c> 4.5: an app is asked when an alert that fills in its form is saved, by whichever API.</summary>
public sealed class AlertActionTests
{
    private const string Element =
        """
        {"type":"alert-rule-action","title":"Create a ticket","settings":{"type":"alert-rule-settings","uri":"/check?a=b",
         "required_fields":[{"type":"text","label":"Channel","name":"channel"}],"optional_fields":[{"type":"textarea","label":"Text","name":"text"}]}}
        """;

    private const string Settings = """[{"name":"channel","value":"#ops é"},{"name":"text","value":"x"}]""";
    private const string Metric = "/api/0/organizations/default/alert-rules/";

    [Theory, EachDatabase]
    public async Task An_app_that_takes_the_settings_lets_the_rule_be_saved(DatabaseKind database)
    {
        await using var tracker = await BeginAsync(database);
        tracker.Answer("/check", 302, "<html>");

        var saved = await tracker.App.ApiAsync(HttpMethod.Post, Alerting.Rules, Rule(tracker));
        Assert.True(saved.Status == 201, saved.Json.JsonText());

        var call = tracker.Calls.Single();
        Assert.Equal("POST /check?a=b&key=1 HTTP/1.1", call.Line);
        Assert.Equal($$"""{"fields":{{Settings}},"installationId":"{{tracker.Uuid}}"}""", call.Text);
        tracker.IsSigned(call);
        Assert.Equal(["alert_rule_action.requested 302"], await tracker.LogAsync());

        // It is asked again whenever the rule is saved.
        var path = $"{Alerting.Rules}{saved.Map.Text("id")}/";
        Assert.Equal(200, (await tracker.App.ApiAsync(HttpMethod.Put, path, Rule(tracker, "Renamed"))).Status);
        Assert.Equal(2, tracker.Calls.Count);
        Assert.Equal(Settings, ((JsonMap)saved.Map.List("actions")![0]!)["settings"].JsonText());
    }

    [Theory]
    [InlineData(400, """{"message":"No such channel: <b>#ops</b>"}""", "Ticket Bridge: No such channel: <b>#ops</b>")]
    [InlineData(500, """{"message":7}""", "Ticket Bridge: Something went wrong!")]
    [InlineData(403, """["message"]""", "Ticket Bridge: Something went wrong!")]
    [InlineData(410, "<html>", "Ticket Bridge: Something went wrong!")]
    [InlineData(422, """{"message":""}""", "Ticket Bridge: Something went wrong!")]
    public async Task An_app_that_refuses_is_quoted_and_nothing_is_saved(int status, string body, string message)
    {
        await using var tracker = await BeginAsync(DatabaseKind.Sqlite);
        tracker.Answer("/check", status, body);
        var refusal = (400, new JsonMap { ["actions"] = new List<object?> { message } }.JsonText());

        foreach (var (path, json) in Everywhere(tracker))
        {
            var answer = await tracker.App.ApiAsync(HttpMethod.Post, path, json);
            Assert.Equal(refusal, (answer.Status, answer.Json.JsonText()));
        }

        Assert.Empty((await tracker.App.GetAsync(Alerting.Rules)).List);
        Assert.Empty((await tracker.App.GetAsync(Metric)).List);
        Assert.Equal(Enumerable.Repeat($"alert_rule_action.requested {status}", 3), await tracker.LogAsync());
    }

    [Theory, EachDatabase]
    public async Task A_change_that_an_app_refuses_leaves_everything_as_it_was(DatabaseKind database)
    {
        await using var tracker = await BeginAsync(database);
        var saved = new List<(string Path, string Json, string Before)>();
        foreach (var (path, json) in Everywhere(tracker))
        {
            var answer = await tracker.App.ApiAsync(HttpMethod.Post, path, json);
            Assert.True(answer.Status == 201, answer.Json.JsonText());
            saved.Add(($"{path}{answer.Map.Text("id")}/", json.Replace("A rule", "Renamed", StringComparison.Ordinal), (await tracker.App.GetAsync($"{path}{answer.Map.Text("id")}/")).Json.JsonText()));
        }

        tracker.Answer("/check", 400, """{"message":"No"}""");
        foreach (var (path, json, before) in saved)
        {
            var answer = await tracker.App.ApiAsync(HttpMethod.Put, path, json);
            Assert.Equal((400, """{"actions":["Ticket Bridge: No"]}"""), (answer.Status, answer.Json.JsonText()));
            Assert.Equal(before, (await tracker.App.GetAsync(path)).Json.JsonText());
        }
    }

    [Fact]
    public async Task An_app_that_hangs_or_has_gone_away_refuses()
    {
        await using var tracker = await BeginAsync(DatabaseKind.Sqlite);
        tracker.Answers["/check"] = TestReceiver.Hang;
        var hung = await tracker.WaitOutAsync(tracker.App.ApiAsync(HttpMethod.Post, Alerting.Rules, Rule(tracker)));
        tracker.Answers["/check"] = TestReceiver.Close;
        var gone = await tracker.App.ApiAsync(HttpMethod.Post, Alerting.Rules, Rule(tracker));

        foreach (var answer in new[] { hung, gone })
            Assert.Equal((400, """{"actions":["Ticket Bridge: Something went wrong!"]}"""), (answer.Status, answer.Json.JsonText()));
        Assert.Equal(["alert_rule_action.requested 0", "alert_rule_action.requested -1"], await tracker.LogAsync());
    }

    [Fact]
    public async Task An_app_is_asked_only_about_what_is_well_otherwise()
    {
        await using var tracker = await BeginAsync(DatabaseKind.Sqlite);
        Assert.Equal(201, (await tracker.App.ApiAsync(HttpMethod.Post, Alerting.Rules, Rule(tracker))).Status);
        Assert.Single(tracker.Calls);

        string[] wrong =
        [
            Rule(tracker), // a twin
            Rule(tracker, "Another").Replace("\"frequency\":5", "\"frequency\":0", StringComparison.Ordinal),
            Rule(tracker, "Another").Replace("\"channel\"", "\"nothing\"", StringComparison.Ordinal),
            Rule(tracker, "Another").Replace("\"actionMatch\"", "\"owner\":\"user:4711\",\"actionMatch\"", StringComparison.Ordinal),
        ];
        foreach (var json in wrong)
            Assert.Equal(400, (await tracker.App.ApiAsync(HttpMethod.Post, Alerting.Rules, json)).Status);
        Assert.Equal(400, (await tracker.App.ApiAsync(HttpMethod.Post, Metric, MetricRule(tracker).Replace("count()", "sum()", StringComparison.Ordinal))).Status);

        Assert.Single(tracker.Calls);
    }

    [Fact]
    public async Task The_first_app_that_refuses_is_the_last_that_is_asked()
    {
        await using var tracker = await BeginAsync(DatabaseKind.Sqlite);
        tracker.Answer("/check", 400, $$"""{"message":"{{new string('x', 999)}}{{string.Concat(Enumerable.Repeat("🙂", 2000))}}"}""");
        var two = Rule(tracker).Replace("\"actions\":[", $"\"actions\":[{Action(tracker).Replace("#ops", "#dev", StringComparison.Ordinal)},", StringComparison.Ordinal);
        var answer = await tracker.App.ApiAsync(HttpMethod.Post, Alerting.Rules, two);

        Assert.Equal(400, answer.Status);
        Assert.Equal($"Ticket Bridge: {new string('x', 999)}...", answer.Map.List("actions")!.Single());
        Assert.Contains("#dev", tracker.Calls.Single().Text, StringComparison.Ordinal);

        // Of the same settings it is asked once.
        tracker.Answer("/check", 200, "");
        Assert.Equal(201, (await tracker.App.ApiAsync(HttpMethod.Post, Alerting.Rules, two.Replace("#dev", "#ops", StringComparison.Ordinal))).Status);
        Assert.Equal(2, tracker.Calls.Count);
    }

    private static Task<Tracker> BeginAsync(DatabaseKind database) => Tracker.BeginAsync(database, Element, ""","isAlertable":true""");

    private static IEnumerable<(string Path, string Json)> Everywhere(Tracker tracker) =>
        [(Alerting.Rules, Rule(tracker)), (Alerting.Workflows, Workflow(tracker)), (Metric, MetricRule(tracker))];

    private static string Action(Tracker tracker) =>
        $$"""{"id":"sentry.rules.actions.notify_event_sentry_app.NotifyEventSentryAppAction","sentryAppInstallationUuid":"{{tracker.Uuid}}","hasSchemaFormConfig":true,"settings":{{Settings}}}""";

    private static string Rule(Tracker tracker, string name = "A rule") =>
        $$"""{"name":"{{name}}","frequency":5,"actionMatch":"any","filterMatch":"all","conditions":[],"filters":[],"actions":[{{Action(tracker)}}]}""";

    private static string Workflow(Tracker tracker) =>
        $$$"""
        {"name":"A rule","enabled":true,"config":{"frequency":5},"triggers":{"logicType":"any-short","conditions":[]},"detectorIds":[],
         "actionFilters":[{"logicType":"all","conditions":[],
          "actions":[{"type":"sentry_app","config":{"targetType":"sentry_app","targetIdentifier":"{{{tracker.Uuid}}}","sentryAppIdentifier":"sentry_app_installation_uuid"},
                      "data":{"settings":{{{Settings}}}}}]}]}
        """;

    private static string MetricRule(Tracker tracker) =>
        $$$"""
        {"name":"A rule","aggregate":"count()","query":"","dataset":"events","timeWindow":60,"thresholdType":0,"projects":["default"],
         "triggers":[{"label":"critical","alertThreshold":100,
          "actions":[{"type":"sentry_app","targetType":"sentry_app","sentryAppInstallationUuid":"{{{tracker.Uuid}}}","settings":{{{Settings}}}}]}]}
        """;
}
