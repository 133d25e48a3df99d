using Vedette.Tests.Harness;
using Xunit;

namespace Vedette.Tests.Server.MetricAlerts;

/// <summary>The payloads of metric alerts, against the files that were agreed.</summary>
public sealed class MetricGoldenTests
{
    private const string Form = """
        ,"schema":{"elements":[{"type":"alert-rule-action","title":"Tell the shop","settings":{"type":"alert-rule-settings","uri":"/form",
          "required_fields":[{"type":"text","label":"Channel","name":"channel"}],"optional_fields":[{"type":"text","label":"Team","name":"teamId"}]}}]}
        """;

    [Theory, EachDatabase]
    public async Task Webhooks_are_the_golden_files_byte_for_byte(DatabaseKind database)
    {
        await using var life = await MetricLife.BeginAsync(database, ("VEDETTE_URL", "https://vedette.example.test"));
        await using var receiver = new TestReceiver();
        var (_, installation) = await life.AddAppAsync(receiver, Form);
        var told = 0;
        var app = $$"""{"type":"sentry_app","sentryAppInstallationUuid":"{{installation}}","settings":[{"name":"channel","value":"#shop"},{"name":"teamId","value":4}]}""";
        var id = (await life.AddAsync(life.Rule(
            more: ""","query":"level:error","resolveThreshold":0""",
            triggers: $$"""[{"label":"critical","alertThreshold":2,"actions":[{{app}}]},{"label":"warning","alertThreshold":1,"actions":[{{app}}]}]"""))).Text("id");

        await life.SeeAsync(2);
        await life.TickAsync();
        Agrees("metric_alert.warning");
        await life.SeeAsync(2);
        await life.TickAsync(TimeSpan.FromSeconds(30));
        Agrees("metric_alert.critical");
        var byHand = (await life.AddAsync(life.Rule(triggers: $$"""[{"label":"critical","alertThreshold":1000,"actions":[{{app}}]}]"""))).Text("id");
        await life.App.ApiAsync(HttpMethod.Post, MetricLife.Incidents, $$"""{"alertRule":"{{byHand}}"}""");
        await life.TickAsync();
        Agrees("metric_alert.open");

        await life.App.ApiAsync(HttpMethod.Delete, $"{MetricLife.Rules}{id}/");
        await life.TickAsync();
        Agrees("metric_alert.resolved");

        void Agrees(string name)
        {
            var tells = receiver.Requests.Where(request => request.Path == "/hook").ToList(); // not what is asked when a rule is saved
            Assert.Equal(++told, tells.Count);
            Assert.Equal(name, tells[^1].Event);
            Golden.Matches(name, tells[^1].Body);
        }
    }
}
