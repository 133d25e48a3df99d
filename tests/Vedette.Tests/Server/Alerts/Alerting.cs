using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Vedette.Tests.Harness;
using Vedette.Tests.Server.Issues;
using Vedette.Tracker.Alerts;
using Vedette.Wire.Json;
using Xunit;

namespace Vedette.Tests.Server.Alerts;

/// <summary>A server on a clock that stands still, with one alertable app that subscribes to nothing and so hears of alerts alone.</summary>
internal sealed class Alerting : IAsyncDisposable
{
    public const string Rules = "/api/0/projects/default/default/rules/";
    public const string Workflows = "/api/0/organizations/default/workflows/";
    public const string Detectors = "/api/0/organizations/default/detectors/";

    public const string Form =
        """
        {"elements":[{"type":"alert-rule-action","title":"Tell the bridge","settings":{"type":"alert-rule-settings","uri":"/check",
         "required_fields":[{"type":"text","label":"Channel","name":"channel"}],
         "optional_fields":[{"type":"select","label":"Level","name":"level","options":[["low","Low"],["high","High"]]}]}}]}
        """;

    /// <summary>An action that names the app by its slug.</summary>
    public const string Tell = """{"id":"sentry.rules.actions.notify_event_service.NotifyEventServiceAction","service":"bridge"}""";

    private readonly TestReceiver receiver = new();
    private int told;

    private Alerting(VedetteApp app, FakeClock clock) => (App, Clock) = (app, clock);

    public VedetteApp App { get; }

    public FakeClock Clock { get; }

    /// <summary>The alertable app.</summary>
    public JsonMap Bridge { get; private set; } = null!;

    public TestReceiver Receiver => receiver;

    public string Slug => Bridge.Text("slug")!;

    /// <summary>An action with settings of the app's form.</summary>
    public string TellWithSettings { get; private set; } = "";

    public static async Task<Alerting> BeginAsync(DatabaseKind database, params (string Key, string Value)[] settings)
    {
        var clock = new FakeClock();
        var alerting = new Alerting(await VedetteApp.StartAsync(database, clock, [("VEDETTE_ALERT_TICK", "1d"), .. settings]), clock);
        alerting.Bridge = await alerting.App.CreateAppAsync(alerting.receiver.Url, "[]", $$""","isAlertable":true,"schema":{{Form}}""");
        Assert.Equal("bridge", alerting.Slug[..6]);
        var installation = (JsonMap)(await alerting.App.GetAsync("/api/0/organizations/default/sentry-app-installations/")).List.Single()!;
        alerting.AppId = ((double)installation.Map("app")!["sentryAppId"]!).ToString(CultureInfo.InvariantCulture);
        alerting.TellWithSettings =
            $$$"""
            {"id":"sentry.rules.actions.notify_event_sentry_app.NotifyEventSentryAppAction","sentryAppInstallationUuid":"{{{installation.Text("uuid")}}}",
             "hasSchemaFormConfig":true,"settings":[{"name":"channel","value":"#ops"}]}
            """;
        return alerting;
    }

    public string Rule(string conditions = "", string filters = "", string more = "", string? action = null, int frequency = 5, string name = "A rule") =>
        $$"""
        {"name":"{{name}}","frequency":{{frequency}},"actionMatch":"any","filterMatch":"all","conditions":[{{conditions}}],"filters":[{{filters}}],
         "actions":[{{action ?? Tell.Replace("bridge", Slug, StringComparison.Ordinal)}}]{{more}}}
        """;

    public async Task<JsonMap> AddRuleAsync(string json)
    {
        var answer = await App.ApiAsync(HttpMethod.Post, Rules, json);
        Assert.True(answer.Status == 201, $"{answer.Status} {answer.Json.JsonText()}");
        return answer.Map;
    }

    public async Task<JsonMap> AddWorkflowAsync(string json)
    {
        var answer = await App.ApiAsync(HttpMethod.Post, Workflows, json);
        Assert.True(answer.Status == 201, $"{answer.Status} {answer.Json.JsonText()}");
        return answer.Map;
    }

    /// <summary>The number of the detector of a project's errors.</summary>
    public async Task<string> DetectorAsync(string project = "default") =>
        (await App.GetAsync($"{Detectors}?project={project}&query=type:error")).List.Cast<JsonMap>().Single().Text("id")!;

    /// <summary>An action of a workflow that names the app.</summary>
    public string TellInWorkflow() =>
        $$$"""{"type":"sentry_app","config":{"targetType":"sentry_app","targetIdentifier":"{{{AppId}}}","sentryAppIdentifier":"sentry_app_id"},"data":{"settings":[{"name":"channel","value":"#ops"}]}}""";

    public string AppId { get; private set; } = "";

    /// <summary>An event of issue 1, and a second in which nothing else happens.</summary>
    public async Task SeeAsync(string more = "")
    {
        await App.SendAsync(TestEvents.Boom(more));
        await SettleAsync();
        Clock.Advance(TimeSpan.FromSeconds(1));
    }

    /// <summary>Time goes by, and then the clock is looked at.</summary>
    public async Task TickAsync(TimeSpan after = default)
    {
        Clock.Advance(after);
        await App.Services.GetRequiredService<AlertTick>().PassAsync(CancellationToken.None);
        await SettleAsync();
    }

    /// <summary>What the app was told since this was last asked.</summary>
    public async Task<IReadOnlyList<ReceivedRequest>> TellsAsync()
    {
        await SettleAsync();
        var all = receiver.Requests.Where(request => request.Path == "/hook").ToList(); // not what is asked when a rule is saved
        var news = all.Skip(told).ToList();
        told = all.Count;
        return news;
    }

    /// <summary>Names of the rules that fired since this was last asked.</summary>
    public async Task<IReadOnlyList<string>> FiredAsync() => [.. (await TellsAsync()).Select(request => request.Json.Map("data")!.Text("triggered_rule")!)];

    public async ValueTask DisposeAsync()
    {
        await App.DisposeAsync();
        await receiver.DisposeAsync();
    }

    private async Task SettleAsync() => await App.WaitForDeliveriesAsync((int)await App.CountAsync("delivery"));
}
