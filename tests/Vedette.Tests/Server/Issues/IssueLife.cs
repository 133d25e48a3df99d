using Microsoft.Extensions.DependencyInjection;
using Vedette.Tests.Harness;
using Vedette.Tracker.Issues;
using Vedette.Wire.Json;
using Xunit;

namespace Vedette.Tests.Server.Issues;

/// <summary>A server on a clock that stands still, with one app that is told of everything about issues.</summary>
internal sealed class IssueLife : IAsyncDisposable
{
    public const string Issues = "/api/0/organizations/default/issues/";

    private readonly TestReceiver receiver = new();
    private int told;

    private IssueLife(VedetteApp app, FakeClock clock) => (App, Clock) = (app, clock);

    public VedetteApp App { get; }

    public FakeClock Clock { get; }

    public DateTimeOffset Now => Clock.GetUtcNow();

    /// <param name="seen">Sends the first event of issue 1, and hears of it.</param>
    public static async Task<IssueLife> BeginAsync(DatabaseKind database, bool seen = true, string events = """["issue","comment","seer"]""")
    {
        var clock = new FakeClock();
        var life = new IssueLife(await VedetteApp.StartAsync(database, clock), clock);
        await life.App.CreateAppAsync(life.receiver.Url, events);
        if (seen)
        {
            await life.SeeAsync();
            await life.TellsAsync();
        }

        return life;
    }

    /// <summary>An event of issue 1, and a second in which nothing else happens.</summary>
    /// <param name="more">Members, with a comma before them.</param>
    public async Task SeeAsync(string more = "")
    {
        await App.SendAsync(TestEvents.Boom(more));
        await SettleAsync();
        Clock.Advance(TimeSpan.FromSeconds(1));
    }

    public async Task<ApiAnswer> ChangeAsync(string json, string? token = null, int issue = 1)
    {
        var answer = await App.ApiAsync(HttpMethod.Put, $"{Issues}{issue}/", json, token);
        await SettleAsync();
        Clock.Advance(TimeSpan.FromSeconds(1));
        return answer;
    }

    /// <summary>As <see cref="ChangeAsync"/>, and it has to go well.</summary>
    public async Task<JsonMap> ChangedAsync(string json, string? token = null)
    {
        var answer = await ChangeAsync(json, token);
        Assert.True(answer.Status == 200, answer.Json.JsonText());
        return answer.Map;
    }

    public async Task<JsonMap> IssueAsync(int issue = 1) => (await App.GetAsync($"{Issues}{issue}/")).Map;

    public async Task<string> StateAsync() => State(await IssueAsync());

    public static string State(JsonMap issue) => $"{issue.Text("status")}/{issue.Text("substatus") ?? "none"}";

    /// <summary>What was done, newest first, with its data.</summary>
    public async Task<List<(string Type, string Data)>> ActivitiesAsync() =>
        [.. (await IssueAsync()).List("activity")!.Cast<JsonMap>().Select(activity => (activity.Text("type")!, activity["data"].JsonText()))];

    /// <summary>Time goes by, and everything that follows from it has happened.</summary>
    public async Task PassAsync(TimeSpan by)
    {
        Clock.Advance(by);
        await App.Services.GetRequiredService<IssueTimers>().PassAsync(CancellationToken.None);
        await SettleAsync();
    }

    /// <summary>What the app was told since this was last asked.</summary>
    public async Task<IReadOnlyList<ReceivedRequest>> TellsAsync()
    {
        await SettleAsync();
        var all = receiver.Requests;
        var news = all.Skip(told).ToList();
        told = all.Count;
        return news;
    }

    /// <summary>The one thing that the app was told since this was last asked.</summary>
    public async Task<JsonMap> ToldAsync(string name)
    {
        var news = await TellsAsync();
        Assert.Equal([name], news.Select(request => request.Event));
        return news[0].Json;
    }

    public async Task ToldNothingAsync() => Assert.Empty(await TellsAsync());

    public async ValueTask DisposeAsync()
    {
        await App.DisposeAsync();
        await receiver.DisposeAsync();
    }

    /// <summary>Deliveries are committed with what causes them, so there are no others still to come.</summary>
    private async Task SettleAsync() => await App.WaitForDeliveriesAsync((int)await App.CountAsync("delivery"));
}
