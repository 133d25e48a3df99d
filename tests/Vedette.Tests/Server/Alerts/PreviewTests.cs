using Vedette.Tests.Harness;
using Vedette.Tests.Server.Issues;
using Vedette.Wire.Json;
using Xunit;

namespace Vedette.Tests.Server.Alerts;

/// <summary>For which issues a rule would have fired, before it is saved.</summary>
public sealed class PreviewTests
{
    private const string Path = $"{Alerting.Rules}preview/";

    [Theory, EachDatabase]
    public async Task A_preview_shows_what_would_have_fired_in_the_last_two_weeks(DatabaseKind database)
    {
        await using var alerting = await Alerting.BeginAsync(database);
        var (app, clock) = (alerting.App, alerting.Clock);
        await SeeAsync("long ago", "fatal");
        clock.Advance(TimeSpan.FromDays(15));
        await SeeAsync("often", "error");
        await SeeAsync("often", "error");
        await SeeAsync("fatal", "fatal");
        await app.ApiAsync(HttpMethod.Put, $"{IssueLife.Issues}2/", """{"status":"resolved"}""");
        clock.Advance(TimeSpan.FromMinutes(1));
        await SeeAsync("often", "error");

        Assert.Equal("often fatal", await PreviewAsync("""{"actionMatch":"any"}"""));
        Assert.Equal("often", await PreviewAsync("""{"actionMatch":"any","conditions":[{"id":"sentry.rules.conditions.regression_event.RegressionEventCondition"}]}"""));
        Assert.Equal(
            "often", await PreviewAsync("""{"actionMatch":"all","conditions":[{"id":"sentry.rules.conditions.event_frequency.EventFrequencyCondition","value":2,"interval":"1h"}]}"""));
        Assert.Equal("fatal", await PreviewAsync("""{"actionMatch":"any","filterMatch":"all","filters":[{"id":"sentry.rules.filters.level.LevelFilter","level":"50","match":"eq"}]}"""));
        Assert.Equal(
            "often fatal", await PreviewAsync("""{"actionMatch":"any","environment":"production","conditions":[{"id":"sentry.rules.conditions.first_seen_event.FirstSeenEventCondition"}]}"""));
        Assert.Equal("", await PreviewAsync("""{"actionMatch":"any","environment":"staging"}"""));

        var first = await app.ApiAsync(HttpMethod.Post, $"{Path}?per_page=1", """{"actionMatch":"any"}""");
        var cursor = first.Headers.GetValues("Link").Single().Split("cursor=\"")[2].TrimEnd('"');
        Assert.Equal("2026-03-16T12:01:00.000000Z", ((JsonMap)first.List.Single()!).Text("lastTriggered"));
        Assert.Equal("fatal", await PreviewAsync("""{"actionMatch":"any"}""", $"?per_page=1&cursor={cursor}"));
        Assert.Equal(400, (await app.ApiAsync(HttpMethod.Post, Path, "{}")).Status);
        Assert.Equal((0, 0), (await app.CountAsync("alert_rule"), await app.CountAsync("delivery")));

        Task SeeAsync(string message, string level) =>
            app.SendAsync($$"""{"message":"{{message}}","fingerprint":["{{message}}"],"level":"{{level}}","environment":"production"}""");

        async Task<string> PreviewAsync(string rule, string query = "")
        {
            var answer = await app.ApiAsync(HttpMethod.Post, $"{Path}{query}", rule);
            Assert.True(answer.Status == 200, answer.Json.JsonText());
            return string.Join(' ', answer.List.Select(issue => ((JsonMap)issue!).Text("title")));
        }
    }
}
