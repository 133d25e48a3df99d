using Microsoft.Extensions.DependencyInjection;
using Vedette.Tests.Harness;
using Vedette.Tests.Server.Issues;
using Vedette.Tracker.MetricAlerts;
using Vedette.Wire.Json;
using Xunit;

namespace Vedette.Tests.Server.MetricAlerts;

/// <summary>A server on a clock that stands still, with apps that metric alerts tell, and events that come when a test sends them.</summary>
internal sealed class MetricLife : IAsyncDisposable
{
    public const string Rules = "/api/0/organizations/default/alert-rules/";
    public const string Incidents = "/api/0/organizations/default/incidents/";

    private readonly TestReceiver receiver = new();
    private int told;

    private MetricLife(VedetteApp app, FakeClock clock) => (App, Clock) = (app, clock);

    public VedetteApp App { get; }

    public FakeClock Clock { get; }

    /// <summary>The installation of the app that is told.</summary>
    public string Installation { get; private set; } = "";

    public string AppId { get; private set; } = "";

    public static async Task<MetricLife> BeginAsync(DatabaseKind database, params (string Key, string Value)[] settings)
    {
        var clock = new FakeClock();

        // The server itself does not look at the clock, so that no attempt is under way when a test moves it.
        var life = new MetricLife(await VedetteApp.StartAsync(database, clock, [("VEDETTE_ALERT_TICK", "40d"), .. settings]), clock);
        (life.AppId, life.Installation) = await life.AddAppAsync(life.receiver);
        return life;
    }

    /// <summary>An app that subscribes to nothing.</summary>
    /// <param name="more">Members, with a comma before them.</param>
    public async Task<(string Id, string Installation)> AddAppAsync(TestReceiver at, string more = "")
    {
        var app = await App.CreateAppAsync(at.Url, "[]", $""","isAlertable":true{more}""");
        var slug = app.Text("slug");
        var installed = (await App.GetAsync("/api/0/organizations/default/sentry-app-installations/")).List.Cast<JsonMap>().Single(each => each.Map("app")!.Text("slug") == slug);
        var id = await App.Database.ReadAsync(session => session.SingleAsync<long>("select id from app where slug = @slug", new { slug }), CancellationToken.None);
        return ($"{id}", installed.Text("uuid")!);
    }

    /// <summary>One critical trigger that tells the app, over five minutes.</summary>
    /// <param name="more">Members that are other ones than here, with a comma before them.</param>
    public string Rule(double critical = 2, string more = "", string? triggers = null) => $$"""
        {"name":"Too many errors","aggregate":"count()","query":"","timeWindow":5,"projects":["default"],"thresholdType":0,"environment":null,
         "triggers":{{triggers ?? $$"""[{"label":"critical","alertThreshold":{{critical}},"actions":[{{Tell()}}]}]"""}}{{more}}}
        """;

    public string Tell(string? installation = null) =>
        $$"""{"type":"sentry_app","targetType":"sentry_app","sentryAppInstallationUuid":"{{installation ?? Installation}}"}""";

    /// <summary>Saved, and known to every node.</summary>
    public async Task<JsonMap> AddAsync(string rule)
    {
        var answer = await App.ApiAsync(HttpMethod.Post, Rules, rule);
        Assert.True(answer.Status == 201, answer.Json.JsonText());
        Clock.Advance(TimeSpan.FromSeconds(5));
        return answer.Map;
    }

    /// <summary>Events that happen now.</summary>
    /// <param name="more">Members, with a comma before them.</param>
    public async Task SeeAsync(int times = 1, string more = "")
    {
        for (var i = 0; i < times; i++)
            await App.SendAsync(TestEvents.Boom(more));
    }

    /// <summary>Time goes by, and the rules are looked at once.</summary>
    public async Task TickAsync(TimeSpan? by = null)
    {
        if (by is { } time)
            Clock.Advance(time);
        await App.Services.GetRequiredService<MetricRound>().PassAsync(TimeSpan.Zero, CancellationToken.None);
        await App.WaitForDeliveriesAsync((int)await App.CountAsync("delivery"));
    }

    /// <summary>What the app was told since this was last asked.</summary>
    public IReadOnlyList<ReceivedRequest> Tells()
    {
        var news = receiver.Requests.Skip(told).ToList();
        told += news.Count;
        return news;
    }

    /// <summary>Names, in the order in which they came.</summary>
    public IReadOnlyList<string> ToldNames() => [.. Tells().Select(request => request.Event)];

    public async ValueTask DisposeAsync()
    {
        await App.DisposeAsync();
        await receiver.DisposeAsync();
    }
}
