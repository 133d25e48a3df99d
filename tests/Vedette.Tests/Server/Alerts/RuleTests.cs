using Vedette.Server.Authorization;
using Vedette.Tests.Harness;
using Vedette.Wire.Json;
using Xunit;

namespace Vedette.Tests.Server.Alerts;

/// <summary>What <c>rules/</c> takes, keeps and shows (<c>spec/domain.md</c> 4.2, 4.6, 4.7).</summary>
public sealed class RuleTests
{
    private const string FirstSeen = """{"id":"sentry.rules.conditions.first_seen_event.FirstSeenEventCondition"}""";
    private const string Often = """{"id":"sentry.rules.conditions.event_frequency.EventFrequencyCondition","value":10,"interval":"1h","comparisonType":"count"}""";
    private const string Level = """{"id":"sentry.rules.filters.level.LevelFilter","level":"40","match":"gte"}""";

    [Theory, EachDatabase]
    public async Task A_rule_is_shown_as_it_was_given_with_names_for_people(DatabaseKind database)
    {
        await using var alerting = await Alerting.BeginAsync(database);
        var app = alerting.App;

        var made = await alerting.AddRuleAsync($$"""
            {"name":"Checkout errors","frequency":30,"actionMatch":"all","filterMatch":"all","conditions":[{{FirstSeen}},{{Often}}],"filters":[{{Level}}],
             "actions":[{{alerting.TellWithSettings}}],"environment":"production","owner":"team:default"}
            """);
        var path = $"{Alerting.Rules}{made.Text("id")}/";
        var shown = await app.GetAsync(path);
        var listed = await app.GetAsync(Alerting.Rules);

        Assert.Equal(
            """
            [{"id":"sentry.rules.conditions.first_seen_event.FirstSeenEventCondition","name":"A new issue is created"},
            {"id":"sentry.rules.conditions.event_frequency.EventFrequencyCondition","value":10,"interval":"1h","comparisonType":"count","name":"The issue is seen more than 10 times in one hour"}]
            """.ReplaceLineEndings(""),
            made["conditions"].JsonText());
        Assert.Equal("""[{"id":"sentry.rules.filters.level.LevelFilter","level":"40","match":"gte","name":"The event's level is greater than or equal to error"}]""", made["filters"].JsonText());
        var action = (JsonMap)Assert.Single(made.List("actions")!)!;
        Assert.Equal(("Send a notification via Bridge", """[{"name":"channel","value":"#ops"}]""", true), (action.Text("name"), action["settings"].JsonText(), action["hasSchemaFormConfig"]));
        Assert.Equal(
            ("all", "all", 30.0, "Checkout errors", "team:1", "production", """["default"]""", "active", false),
            (made.Text("actionMatch"), made.Text("filterMatch"), made["frequency"], made.Text("name"), made.Text("owner"), made.Text("environment"), made["projects"].JsonText(), made.Text("status"), made["snooze"]));
        Assert.Equal("admin@localhost", made.Map("createdBy")!.Text("email"));
        Assert.Equal("2026-03-01T12:00:00.000000Z", made.Text("dateCreated"));
        Assert.Null(made["lastTriggered"]);
        Assert.Equal((200, made.JsonText()), (shown.Status, shown.Json.JsonText()));
        Assert.Equal(made.JsonText(), Assert.Single(listed.List).JsonText());
        Assert.Contains("rule.create", await app.AuditedAsync());
    }

    [Theory, EachDatabase]
    public async Task A_change_overwrites_all_of_it_and_a_deletion_leaves_nothing(DatabaseKind database)
    {
        await using var alerting = await Alerting.BeginAsync(database);
        var app = alerting.App;
        var made = await alerting.AddRuleAsync(alerting.Rule(FirstSeen, Level, ""","environment":"production","owner":"team:default" """));
        var path = $"{Alerting.Rules}{made.Text("id")}/";
        await alerting.SeeAsync(""","environment":"production" """);

        var changed = await app.ApiAsync(HttpMethod.Put, path, alerting.Rule(name: "Other", frequency: 60));
        var deleted = await app.AskAsync(HttpMethod.Delete, path, $"Bearer {app.FirstStart.Token}");

        Assert.Equal(200, changed.Status);
        Assert.Equal(
            ("Other", "[]", "[]", 60.0, null, null),
            (changed.Map.Text("name"), changed.Map["conditions"].JsonText(), changed.Map["filters"].JsonText(), changed.Map["frequency"], changed.Map["environment"], changed.Map["owner"]));
        Assert.Equal("2026-03-01T12:00:00.000000Z", changed.Map.Text("lastTriggered"));
        Assert.Equal((202, ""), deleted);
        Assert.Equal(404, (await app.GetAsync(path)).Status);
        Assert.Equal((0, 0, 0), (await app.CountAsync("alert_rule_state"), await app.CountAsync("alert_firing"), await app.CountAsync("alert_rule_detector")));
        Assert.Equal(["rule.remove", "rule.edit", "rule.create"], (await app.AuditedAsync()).Where(name => name.StartsWith("rule", StringComparison.Ordinal)));
    }

    [Theory, EachDatabase]
    public async Task An_exact_duplicate_is_refused_by_the_name_of_its_twin(DatabaseKind database)
    {
        await using var alerting = await Alerting.BeginAsync(database);
        var app = alerting.App;
        var first = await alerting.AddRuleAsync(alerting.Rule(FirstSeen, name: "First"));
        var other = await alerting.AddRuleAsync(alerting.Rule(FirstSeen, name: "Other", frequency: 10));

        var again = await app.ApiAsync(HttpMethod.Post, Alerting.Rules, alerting.Rule(FirstSeen, name: "Second"));
        var changed = await app.ApiAsync(HttpMethod.Put, $"{Alerting.Rules}{other.Text("id")}/", alerting.Rule(FirstSeen, name: "Other"));
        var itself = await app.ApiAsync(HttpMethod.Put, $"{Alerting.Rules}{first.Text("id")}/", alerting.Rule(FirstSeen, name: "Renamed"));

        Assert.Equal((400, 400, 200), (again.Status, changed.Status, itself.Status));
        Assert.Equal(
            $$"""{"name":["This rule is an exact duplicate of 'First' in this project and may not be created."],"ruleId":["{{first.Text("id")}}"]}""", again.Json.JsonText());
    }

    [Theory]
    [InlineData("""{}""", "name", "This field is required.")]
    [InlineData("""{"name":"n","frequency":4}""", "frequency", "Ensure this value is greater than or equal to 5.")]
    [InlineData("""{"name":"n","frequency":43201}""", "frequency", "Ensure this value is less than or equal to 43200.")]
    [InlineData("""{"name":"n","frequency":5.5}""", "frequency", "A valid integer is required.")]
    [InlineData("""{"name":"n","frequency":5}""", "actionMatch", "This field is required.")]
    [InlineData("""{"name":"n","frequency":5,"actionMatch":"some"}""", "actionMatch", "Must be all, any or none.")]
    [InlineData("""{"name":"n","frequency":5,"actionMatch":"all","actions":[]}""", "actions", "You must add an action for this alert to fire.")]
    [InlineData("""{"actions":"x"}""", "actions", "Expected a list of at most 20 items.")]
    [InlineData("""{"actions":[{"id":"sentry.integrations.slack.notify_action.SlackNotifyServiceAction"}]}""", "actions", "Unknown or unavailable action: sentry.integrations.slack.notify_action.SlackNotifyServiceAction")]
    [InlineData("""{"actions":[{"id":"sentry.rules.actions.notify_event_service.NotifyEventServiceAction","service":"x"}]}""", "actions", "Select a valid choice. x is not one of the available choices.")]
    [InlineData("""{"actions":[{"id":"sentry.rules.actions.notify_event_sentry_app.NotifyEventSentryAppAction"}]}""", "actions", "Missing attribute 'sentryAppInstallationUuid'")]
    [InlineData("""{"actions":[{"id":"sentry.rules.actions.notify_event_sentry_app.NotifyEventSentryAppAction","sentryAppInstallationUuid":"x"}]}""", "actions", "Could not identify Installation from the installation UUID.")]
    [InlineData("""{"actions":[{"id":"sentry.mail.actions.NotifyEmailAction","targetType":"Team"}]}""", "actions", "targetIdentifier must be the id of a team or a member.")]
    [InlineData("""{"conditions":[7]}""", "conditions", "Each needs an id.")]
    [InlineData("""{"conditions":[{"id":"x"}]}""", "conditions", "Unknown id: x")]
    [InlineData("""{"conditions":[{"id":"sentry.rules.conditions.event_frequency.EventFrequencyCondition","value":1,"interval":"2h"}]}""", "conditions", "interval must be one of 1m, 5m, 15m, 1h, 1d, 1w, 30d.")]
    [InlineData("""{"conditions":[{"id":"sentry.rules.conditions.event_frequency.EventFrequencyCondition","value":1,"interval":"1h","comparisonType":"percent"}]}""", "conditions", "comparisonInterval is required when comparing by percent")]
    [InlineData("""{"filters":[{"id":"sentry.rules.filters.tagged_event.TaggedEventFilter","key":"k","match":"eq"}]}""", "filters", "value is required.")]
    [InlineData("""{"filters":[{"id":"sentry.rules.filters.event_attribute.EventAttributeFilter","attribute":"x","match":"is"}]}""", "filters", "attribute must be one of message, platform")]
    [InlineData("""{"filters":[{"id":"sentry.rules.filters.latest_release.LatestReleaseFilter"}]}""", "filterMatch", "This field is required.")]
    public async Task What_is_wrong_is_said_by_field(string json, string field, string message)
    {
        await using var app = await VedetteApp.StartAsync();

        var answer = await app.ApiAsync(HttpMethod.Post, Alerting.Rules, json);

        Assert.Equal(400, answer.Status);
        Assert.StartsWith(message, Assert.IsType<string>(Assert.Single(answer.Map.List(field)!)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("null", "Bridge requires settings to configure alert rules.")]
    [InlineData("""[{"name":"channel"}]""", "settings must be a list of at most 100 objects with name and value.")]
    [InlineData("""[{"name":"level","value":"low"}]""", "Bridge is missing required settings field: 'channel'")]
    [InlineData("""[{"name":"channel","value":"c"},{"name":"more","value":"m"}]""", "Unexpected setting(s) configured for Bridge: more")]
    [InlineData("""[{"name":"channel","value":"c"},{"name":"level","value":"medium"}]""", "Bridge was given an invalid choice for the field 'level'.")]
    public async Task Settings_have_to_fit_the_apps_form(string settings, string message)
    {
        await using var alerting = await Alerting.BeginAsync(DatabaseKind.Sqlite);

        var answer = await alerting.App.ApiAsync(
            HttpMethod.Post, Alerting.Rules, alerting.Rule(action: alerting.TellWithSettings.Replace("""[{"name":"channel","value":"#ops"}]""", settings, StringComparison.Ordinal)));

        Assert.Equal((400, $$"""{"actions":["{{message}}"]}"""), (answer.Status, answer.Json.JsonText()));
    }

    [Theory, EachDatabase]
    public async Task A_rule_is_silenced_once_for_each_and_only_everyones_silence_stops_webhooks(DatabaseKind database)
    {
        await using var alerting = await Alerting.BeginAsync(database);
        var app = alerting.App;
        var rule = await alerting.AddRuleAsync(alerting.Rule(frequency: 5));
        var path = $"{Alerting.Rules}{rule.Text("id")}/";
        var member = await app.AddPersonAsync("member@localhost", "default", MemberRole.Member, "project:read");

        var mine = await app.ApiAsync(HttpMethod.Post, $"{path}snooze/", """{"target":"me"}""", member);
        var forAll = await app.ApiAsync(HttpMethod.Post, $"{path}snooze/", """{"target":"everyone"}""", member);
        await alerting.SeeAsync();
        Assert.Equal((201, "forever", 403), (mine.Status, mine.Map.Text("until"), forAll.Status));
        Assert.Equal(["A rule"], await alerting.FiredAsync());

        forAll = await app.ApiAsync(HttpMethod.Post, $"{path}snooze/", """{"target":"everyone","until":"2026-03-01T13:00:00Z"}""");
        var again = await app.ApiAsync(HttpMethod.Post, $"{path}snooze/", """{"target":"everyone"}""");
        Assert.Equal((201, "everyone", "2026-03-01T13:00:00.000000Z"), (forAll.Status, forAll.Map.Text("userId"), forAll.Map.Text("until")));
        Assert.Equal((410, """{"detail":"RuleSnooze already exists for this rule and scope."}"""), (again.Status, again.Json.JsonText()));
        Assert.Equal((true, true, "You"), ((bool)(await app.GetAsync(path)).Map["snooze"]!, (await app.GetAsync(path)).Map["snoozeForEveryone"], (await app.GetAsync(path)).Map.Text("snoozeCreatedBy")));
        alerting.Clock.Advance(TimeSpan.FromMinutes(30));
        await alerting.SeeAsync();
        Assert.Empty(await alerting.FiredAsync());
        alerting.Clock.Advance(TimeSpan.FromMinutes(30));
        await alerting.SeeAsync();
        Assert.Equal(["A rule"], await alerting.FiredAsync());

        await app.ApiAsync(HttpMethod.Post, $"{path}snooze/", """{"target":"everyone"}""");
        Assert.Equal((204, ""), await app.AskAsync(HttpMethod.Delete, $"{path}snooze/", $"Bearer {app.FirstStart.Token}"));
        Assert.Equal((404, 204), ((await app.ApiAsync(HttpMethod.Delete, $"{path}snooze/")).Status, (await app.ApiAsync(HttpMethod.Delete, $"{path}snooze/", token: member)).Status));
        Assert.Equal(false, (await app.GetAsync(path)).Map["snooze"]);
    }

    [Theory, EachDatabase]
    public async Task Rules_of_others_are_not_there(DatabaseKind database)
    {
        await using var alerting = await Alerting.BeginAsync(database);
        var app = alerting.App;
        await app.AddProjectAsync("default", "another");
        var rule = await alerting.AddRuleAsync(alerting.Rule());

        Assert.Equal(404, (await app.GetAsync($"/api/0/projects/default/another/rules/{rule.Text("id")}/")).Status);
        Assert.Empty((await app.GetAsync("/api/0/projects/default/another/rules/")).List);
        Assert.Equal(404, (await app.GetAsync("/api/0/projects/default/none/rules/")).Status);
    }
}
