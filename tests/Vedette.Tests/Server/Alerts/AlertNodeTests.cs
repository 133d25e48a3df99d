using Microsoft.Extensions.DependencyInjection;
using Vedette.Tests.Harness;
using Vedette.Tracker.Alerts;
using Xunit;

namespace Vedette.Tests.Server.Alerts;

/// <summary>Two nodes on one database: a rule holds on both, and fires on one.</summary>
public sealed class AlertNodeTests
{
    private const string Often = """{"id":"sentry.rules.conditions.event_frequency.EventFrequencyCondition","value":0,"interval":"1h","comparisonType":"count"}""";

    [Fact]
    public async Task A_rule_is_in_force_on_the_other_node_at_once_and_fires_once()
    {
        await using var alerting = await Alerting.BeginAsync(DatabaseKind.Postgres);
        await using var other = await VedetteApp.StartAsync(
            DatabaseKind.Sqlite, alerting.Clock, ("VEDETTE_DATABASE", alerting.App.Postgres!), ("VEDETTE_DATA", alerting.App.DataFolder), ("VEDETTE_ALERT_TICK", "1d"));
        for (var round = 0; round < 10; round++)
        {
            var rule = await alerting.AddRuleAsync(alerting.Rule(name: $"now {round}"));
            var later = await alerting.AddRuleAsync(alerting.Rule(Often, name: $"later {round}"));
            var events = Enumerable.Range(0, 8).Select(i => SendAsync(i % 2 == 0 ? alerting.App : other, alerting.App, $"issue {round}"));
            await Task.WhenAll(events);
            await Task.WhenAll(new[] { alerting.App, other }.Select(node => node.Services.GetRequiredService<AlertTick>().PassAsync(CancellationToken.None)));

            Assert.Equal([$"later {round}", $"now {round}"], (await alerting.FiredAsync()).Order(StringComparer.Ordinal));
            foreach (var each in new[] { rule, later })
                await alerting.App.ApiAsync(HttpMethod.Delete, $"{Alerting.Rules}{each.Text("id")}/");
            await SendAsync(other, alerting.App, $"after round {round}");
            Assert.Empty(await alerting.FiredAsync());
        }
    }

    private static async Task SendAsync(VedetteApp node, VedetteApp first, string message)
    {
        using var content = new StringContent($$"""{"message":"{{message}}","fingerprint":["{{message}}"]}""");
        using var answer = await node.Client.PostAsync($"/api/{first.ProjectId}/store/?sentry_version=7&sentry_key={first.PublicKey}", content);
        Assert.Equal(200, (int)answer.StatusCode);
    }
}
