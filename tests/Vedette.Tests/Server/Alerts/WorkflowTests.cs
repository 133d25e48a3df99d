using Vedette.Tests.Harness;
using Vedette.Wire.Json;
using Xunit;

namespace Vedette.Tests.Server.Alerts;

/// <summary>What <c>workflows/</c> and <c>detectors/</c> take, keep and show (<c>spec/domain.md</c> 4.8).</summary>
public sealed class WorkflowTests
{
    [Theory, EachDatabase]
    public async Task A_workflow_is_shown_as_it_was_given_with_numbers_for_all_its_parts(DatabaseKind database)
    {
        await using var alerting = await Alerting.BeginAsync(database);
        var app = alerting.App;
        var detector = await alerting.DetectorAsync();
        var made = await alerting.AddWorkflowAsync($$"""
            {"name":"New errors to app","enabled":true,"detectorIds":[{{detector}}],"config":{"frequency":30},"environment":null,"owner":null,
             "triggers":{"logicType":"any-short","conditions":[{"type":"first_seen_event","comparison":true,"conditionResult":true}],"actions":[]},
             "actionFilters":[{"logicType":"all","conditions":[{"type":"level","comparison":{"level":40,"match":"gte"},"conditionResult":true},{"type":"issue_priority_greater_or_equal","comparison":50}],
              "actions":[{{alerting.TellInWorkflow()}}]}]}
            """);

        var group = (JsonMap)made.List("actionFilters")![0]!;
        var ids = new[] { made.Map("triggers")!, group }.SelectMany(each => each.List("conditions")!.Concat(each.List("actions")!).Append(each)).Select(part => ((JsonMap)part!).Text("id")!).ToList();
        Assert.Equal(6, ids.Distinct(StringComparer.Ordinal).Count());
        Assert.Equal(
            $$$"""
            {"id":"{{{made.Text("id")}}}","name":"New errors to app","organizationId":"1","createdBy":"1","dateCreated":"2026-03-01T12:00:00.000000Z","dateUpdated":"2026-03-01T12:00:00.000000Z",
            "triggers":{"id":"#","organizationId":"1","logicType":"any-short","conditions":[{"id":"#","type":"first_seen_event","comparison":true,"conditionResult":true}],"actions":[]},
            "actionFilters":[{"id":"#","organizationId":"1","logicType":"all","conditions":[{"id":"#","type":"level","comparison":{"level":40,"match":"gte"},"conditionResult":true},
            {"id":"#","type":"issue_priority_greater_or_equal","comparison":50,"conditionResult":true}],
            "actions":[{"id":"#","type":"sentry_app","integrationId":null,"data":{"settings":[{"name":"channel","value":"#ops"}]},
            "config":{"targetType":"sentry_app","targetIdentifier":"{{{alerting.AppId}}}","targetDisplay":"Bridge","sentryAppIdentifier":"sentry_app_id"},"status":"active"}]}],
            "environment":null,"config":{"frequency":30},"detectorIds":["{{{detector}}}"],"enabled":true,"lastTriggered":null,"owner":null}
            """.ReplaceLineEndings(""),
            ids.Aggregate(made.JsonText(), (text, id) => text.Replace($$""""id":"{{id}}","type"""", $$""""id":"#","type"""", StringComparison.Ordinal).Replace($$""""id":"{{id}}","organizationId"""", $$""""id":"#","organizationId"""", StringComparison.Ordinal)));

        // Sent back as it was shown, nothing changes but the time.
        alerting.Clock.Advance(TimeSpan.FromSeconds(1));
        var again = await app.ApiAsync(HttpMethod.Put, $"{Alerting.Workflows}{made.Text("id")}/", made.JsonText());
        Assert.Equal((200, made.JsonText().Replace("Updated\":\"2026-03-01T12:00:00", "Updated\":\"2026-03-01T12:00:01", StringComparison.Ordinal)), (again.Status, again.Json.JsonText()));
        Assert.Equal(again.Json.JsonText(), (await app.GetAsync($"{Alerting.Workflows}{made.Text("id")}/")).Json.JsonText());
    }

    [Theory, EachDatabase]
    public async Task What_is_made_in_one_shape_is_shown_in_the_other_and_comes_back_as_it_was(DatabaseKind database)
    {
        await using var alerting = await Alerting.BeginAsync(database);
        var app = alerting.App;
        var rule = await alerting.AddRuleAsync(alerting.Rule(
            """
            {"id":"sentry.rules.conditions.first_seen_event.FirstSeenEventCondition"},
            {"id":"sentry.rules.conditions.event_frequency.EventFrequencyCondition","value":50,"interval":"1h","comparisonType":"percent","comparisonInterval":"1d"}
            """,
            """
            {"id":"sentry.rules.filters.age_comparison.AgeComparisonFilter","comparison_type":"older","value":3,"time":"day"},
            {"id":"sentry.rules.filters.latest_adopted_release_filter.LatestAdoptedReleaseFilter","oldest_or_newest":"newest","older_or_newer":"newer","environment":"production"}
            """,
            ""","actionMatch":"all","environment":"production","owner":"user:1" """,
            alerting.TellWithSettings));
        var path = $"{Alerting.Rules}{rule.Text("id")}/";

        var workflow = (await app.GetAsync($"{Alerting.Workflows}{rule.Text("id")}/")).Map;
        var group = (JsonMap)workflow.List("actionFilters")!.Single()!;
        Assert.Equal(("any-short", "production", "user:1"), (workflow.Map("triggers")!.Text("logicType"), workflow.Text("environment"), workflow.Text("owner")));
        Assert.Equal(
            """
            [["event_frequency_percent",{"value":50,"interval":"1h","comparisonInterval":"1d"}],["age_comparison",{"comparisonType":"older","value":3,"time":"day"}],
            ["latest_adopted_release",{"releaseAgeType":"newest","ageComparison":"newer","environment":"production"}]]
            """.ReplaceLineEndings(""),
            group.List("conditions")!.Cast<JsonMap>().Select(condition => (object?)new List<object?> { condition["type"], condition["comparison"] }).ToList().JsonText());
        Assert.Equal(alerting.AppId, ((JsonMap)group.List("actions")!.Single()!).Map("config")!.Text("targetIdentifier"));

        Assert.Equal(200, (await app.ApiAsync(HttpMethod.Put, $"{Alerting.Workflows}{rule.Text("id")}/", workflow.JsonText())).Status);
        Assert.Equal(rule.JsonText(), (await app.GetAsync(path)).Json.JsonText());
        Assert.Equal(200, (await app.ApiAsync(HttpMethod.Put, path, rule.JsonText())).Status);
        Assert.Equal(rule.JsonText(), (await app.GetAsync(path)).Json.JsonText());
    }

    [Theory]
    [InlineData("""{}""", "name", "This field is required.")]
    [InlineData("""{"name":"n","config":{"frequency":-1}}""", "config", "frequency must be a whole number of minutes from 0 to 43200.")]
    [InlineData("""{"name":"n","detectorIds":[999]}""", "detectorIds", "Some detectors do not exist or belong to a different organization.")]
    [InlineData("""{"name":"n","triggers":{"logicType":"some"}}""", "triggers", "logicType must be any, any-short, all or none.")]
    [InlineData("""{"name":"n","triggers":{"conditions":[{"type":"x"}]}}""", "triggers", "Unknown type of condition: x")]
    [InlineData("""{"name":"n","triggers":{"conditions":[{"type":"every_event","conditionResult":false}]}}""", "triggers", "conditionResult must be true.")]
    [InlineData("""{"name":"n","actionFilters":[7]}""", "actionFilters", "Expected a list of objects.")]
    [InlineData("""{"name":"n","actionFilters":[{"conditions":[{"type":"level","comparison":{"level":40}}]}]}""", "actionFilters", "level: match is required.")]
    [InlineData("""{"name":"n","actionFilters":[{"actions":[{"type":"slack"}]}]}""", "actions", "Actions of the type slack are not available: there is no such integration.")]
    [InlineData("""{"name":"n","actionFilters":[{"actions":[{"type":"sentry_app","config":{"targetIdentifier":"7"}}]}]}""", "actions", "'sentry_app_identifier' is a required property")]
    [InlineData("""{"name":"n","actionFilters":[{"actions":[{"type":"sentry_app","config":{"target_identifier":"7","sentry_app_identifier":"sentry_app_installation_uuid"}}]}]}""", "actions", "Sentry app installation not found.")]
    [InlineData("""{"name":"n","owner":"team:99"}""", "owner", "Owner is not a member of this organization, nor a team of it.")]
    public async Task What_is_wrong_is_said_by_field(string json, string field, string message)
    {
        await using var app = await VedetteApp.StartAsync();

        var answer = await app.ApiAsync(HttpMethod.Post, Alerting.Workflows, json);

        Assert.Equal((400, message), (answer.Status, Assert.IsType<string>(Assert.Single(answer.Map.List(field)!))));
    }

    [Theory, EachDatabase]
    public async Task Settings_come_as_texts_by_whatever_the_app_is_named_by(DatabaseKind database)
    {
        await using var alerting = await Alerting.BeginAsync(database);
        var uuid = ((JsonMap)(await alerting.App.GetAsync("/api/0/organizations/default/sentry-app-installations/")).List.Single()!).Text("uuid")!;
        foreach (var (identifier, target) in new[] { ("sentry_app_id", alerting.AppId), ("sentry_app_installation_uuid", uuid), ("sentry_app_slug", alerting.Slug) })
        {
            var made = await alerting.AddWorkflowAsync($$$"""
                {"name":"{{{identifier}}}","actionFilters":[{"actions":[{"type":"sentry_app","config":{"target_type":"sentry_app","target_identifier":"{{{target}}}","sentry_app_identifier":"{{{identifier}}}"},
                 "data":{"settings":[{"name":"channel","value":{"id":4}}]}}]}]}
                """);
            var action = (JsonMap)((JsonMap)made.List("actionFilters")!.Single()!).List("actions")!.Single()!;
            Assert.Equal((alerting.AppId, "sentry_app_id"), (action.Map("config")!.Text("targetIdentifier"), action.Map("config")!.Text("sentryAppIdentifier")));
            Assert.Equal("""{"settings":[{"name":"channel","value":"{\"id\":4}"}]}""", action["data"].JsonText());
        }

        var without = await alerting.App.ApiAsync(HttpMethod.Post, Alerting.Workflows, $$$"""
            {"name":"n","actionFilters":[{"actions":[{"type":"sentry_app","config":{"targetIdentifier":"{{{alerting.AppId}}}","sentryAppIdentifier":"sentry_app_id"},"data":{}}]}]}
            """);
        Assert.Equal((400, """{"actions":["'settings' is a required property"]}"""), (without.Status, without.Json.JsonText()));
    }

    [Theory, EachDatabase]
    public async Task Lists_are_asked_sorted_and_walked_and_many_are_changed_at_once(DatabaseKind database)
    {
        await using var alerting = await Alerting.BeginAsync(database);
        var app = alerting.App;
        await app.AddProjectAsync("default", "another");
        var detector = await alerting.DetectorAsync("another");
        foreach (var name in new[] { "Beta", "alpha", "Gamma" })
            await alerting.AddWorkflowAsync($$"""{"name":"{{name}}","detectorIds":[{{(name == "Gamma" ? detector : await alerting.DetectorAsync())}}]}""");

        Assert.Equal("Beta alpha Gamma", await NamesAsync(""));
        Assert.Equal("alpha Beta Gamma", await NamesAsync("?sortBy=name"));
        Assert.Equal("Gamma Beta alpha", await NamesAsync("?sortBy=-name"));
        Assert.Equal("Gamma", await NamesAsync("?project=another"));
        Assert.Equal("Gamma", await NamesAsync("?query=name:amm"));
        Assert.Equal("Beta", await NamesAsync("?query=bet"));
        var first = await app.GetAsync($"{Alerting.Workflows}?sortBy=name&per_page=2");
        var cursor = first.Headers.GetValues("Link").Single().Split("cursor=\"")[2].TrimEnd('"');
        Assert.Equal(("alpha", "Gamma"), (((JsonMap)first.List[0]!).Text("name"), await NamesAsync($"?sortBy=name&per_page=2&cursor={cursor}")));
        Assert.Equal((400, 400), ((await app.GetAsync($"{Alerting.Workflows}?sortBy=x")).Status, (await app.GetAsync($"{Alerting.Workflows}?query=x:y")).Status));

        Assert.Equal((400, 400), ((await app.ApiAsync(HttpMethod.Put, Alerting.Workflows, """{"enabled":false}""")).Status, (await app.ApiAsync(HttpMethod.Delete, Alerting.Workflows)).Status));
        var disabled = await app.ApiAsync(HttpMethod.Put, $"{Alerting.Workflows}?project=default", """{"enabled":false}""");
        Assert.Equal([false, false], disabled.List.Select(each => ((JsonMap)each!)["enabled"]));
        Assert.Equal(["disabled", "disabled"], (await app.GetAsync(Alerting.Rules)).List.Select(each => ((JsonMap)each!).Text("status")));
        Assert.Equal(204, (await app.ApiAsync(HttpMethod.Delete, $"{Alerting.Workflows}?query=beta")).Status);
        Assert.Equal("alpha Gamma", await NamesAsync(""));

        async Task<string> NamesAsync(string query) => string.Join(' ', (await app.GetAsync($"{Alerting.Workflows}{query}")).List.Select(each => ((JsonMap)each!).Text("name")));
    }

    [Theory, EachDatabase]
    public async Task Every_project_has_its_two_detectors(DatabaseKind database)
    {
        await using var alerting = await Alerting.BeginAsync(database);
        var app = alerting.App;
        await app.AddProjectAsync("default", "another");
        var workflow = await alerting.AddWorkflowAsync($$"""{"name":"n","detectorIds":[{{await alerting.DetectorAsync("another")}}]}""");

        var all = (await app.GetAsync(Alerting.Detectors)).List.Cast<JsonMap>().ToList();
        var one = (await app.GetAsync($"{Alerting.Detectors}?project=another&query=type:error")).List.Cast<JsonMap>().Single();

        Assert.Equal(["error", "issue_stream", "error", "issue_stream"], all.Select(detector => detector.Text("type")));
        Assert.Equal(4, all.Select(detector => detector.Text("id")).Distinct(StringComparer.Ordinal).Count());
        Assert.Equal($$"""["{{workflow.Text("id")}}"]""", one["workflowIds"].JsonText());
        Assert.Equal(one.JsonText(), (await app.GetAsync($"{Alerting.Detectors}{one.Text("id")}/")).Json.JsonText());
        Assert.Equal(404, (await app.GetAsync($"{Alerting.Detectors}999/")).Status);
    }
}
