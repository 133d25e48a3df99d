using Vedette.Tests.Harness;
using Vedette.Tests.Server.Issues;
using Vedette.Tests.Server.ServiceHooks;
using Xunit;

namespace Vedette.Tests.Server.Alerts;

/// <summary>The payloads of alerts, against the files that were agreed.</summary>
public sealed class AlertGoldenTests
{
    private const string Event = ""","event_id":"4c79f60c11214eb38604f4ae0781bfb2","release":"shop@3.1.0","environment":"production","user":{"id":"u-5"},"tags":{"region":"eu"}""";

    [Theory, EachDatabase]
    public async Task Webhooks_are_the_golden_files_byte_for_byte(DatabaseKind database)
    {
        await using var alerting = await Alerting.BeginAsync(database, ("VEDETTE_URL", "https://vedette.example.test"));
        await using var hooks = new TestReceiver();
        var app = alerting.App;
        for (var version = 0; version < 2; version++)
            await app.AddHookAsync($"{hooks.Url}/{version}", """["event.alert"]""", $""","version":{version}""");
        await alerting.AddRuleAsync(alerting.Rule(name: "Without settings"));
        await alerting.AddRuleAsync(alerting.Rule(name: "With settings", action: alerting.TellWithSettings));
        await alerting.AddWorkflowAsync($$"""
            {"name":"Tell of resolutions","detectorIds":[{{await alerting.DetectorAsync()}}],"triggers":{"logicType":"any-short","conditions":[{"type":"issue_resolved_trigger","comparison":true}]},
             "actionFilters":[{"logicType":"all","conditions":[],"actions":[{{alerting.TellInWorkflow()}}]}]}
            """);

        await alerting.SeeAsync(Event);
        var alerts = await alerting.TellsAsync();
        await app.ApiAsync(HttpMethod.Put, $"{IssueLife.Issues}1/", """{"status":"resolved"}""");
        var activity = Assert.Single(await alerting.TellsAsync());

        await AgreesAsync("event_alert.triggered", alerts.Single(request => request.Text.Contains("Without settings", StringComparison.Ordinal)));
        await AgreesAsync("event_alert.triggered.settings", alerts.Single(request => request.Text.Contains("With settings", StringComparison.Ordinal)));
        await AgreesAsync("activity_alert.triggered", activity);
        for (var version = 0; version < 2; version++)
            Golden.Matches($"event.alert.version-{version}", hooks.Requests.Single(request => request.Line.Contains($"/{version} ", StringComparison.Ordinal)).Body);

        async Task AgreesAsync(string name, ReceivedRequest request)
        {
            Golden.Matches(name, request.Body);
            Assert.Equal("""{"raw":true,"reserialised":true}""", await NodeClient.VerifyAsync(alerting.Bridge.Text("clientSecret")!, request));
        }
    }
}
