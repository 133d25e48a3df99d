using System.Collections.Concurrent;
using System.Globalization;
using Vedette.Tests.Harness;
using Vedette.Tests.Server.Issues;
using Vedette.Wire;
using Vedette.Wire.Json;
using Xunit;

namespace Vedette.Tests.Server.Components;

/// <summary>A server whose clock stands still, one issue in it, and an app on a socket of its own that adds to the pages.</summary>
internal sealed class Tracker : IAsyncDisposable
{
    public const string Components = "/api/0/organizations/default/sentry-app-components/";

    public const string Slug = "ticket-bridge";

    private Tracker(VedetteApp app, FakeClock clock) => (App, Clock) = (app, clock);

    public VedetteApp App { get; }

    public FakeClock Clock { get; }

    public TestReceiver Receiver { get; } = new();

    /// <summary>What the app answers, by path; 200 to all others.</summary>
    public ConcurrentDictionary<string, TestReceiver.Answer> Answers { get; } = new();

    public JsonMap Created { get; private set; } = null!;

    /// <summary>Of the installation.</summary>
    public string Uuid { get; private set; } = "";

    public string Issue { get; private set; } = "";

    public string Actions => $"/api/0/sentry-app-installations/{Uuid}/external-issue-actions/";

    /// <summary>What it was asked, but for webhooks.</summary>
    public IReadOnlyList<ReceivedRequest> Calls => [.. Receiver.Requests.Where(request => request.Path != "/hook")];

    /// <param name="elements">Of the schema, without brackets.</param>
    /// <param name="more">Members of the app, as JSON with a comma before it.</param>
    public static async Task<Tracker> BeginAsync(DatabaseKind database, string elements, string more = "")
    {
        var clock = new FakeClock();
        var tracker = new Tracker(await VedetteApp.StartAsync(database, clock), clock);
        tracker.Receiver.Behaviour = (request, stream, ct) =>
            tracker.Answers.GetValueOrDefault(request.Path, TestReceiver.Body(200, "{}"))(request, stream, ct);
        tracker.Created = await tracker.App.CreateAppAsync($"{tracker.Receiver.Url}?key=1", "[]", $$""","name":"Ticket Bridge","schema":{"elements":[{{elements}}]}{{more}}""");
        await tracker.App.ExecuteAsync("update app set slug = @Slug", new { Slug }); // without what makes it the only one
        tracker.Uuid = ((JsonMap)(await tracker.App.GetAsync("/api/0/organizations/default/sentry-app-installations/")).List.Single()!).Text("uuid")!;
        await tracker.App.SendAsync(TestEvents.Boom());
        tracker.Issue = ((JsonMap)(await tracker.App.GetAsync("/api/0/organizations/default/issues/")).List.Single()!).Text("id")!;
        return tracker;
    }

    public void Answer(string path, int status, string body, params string[] headers) => Answers[path] = TestReceiver.Body(status, body, headers);

    /// <summary>What a select field is filled with, with more of a query after the path of the field.</summary>
    public Task<ApiAnswer> OptionsAsync(string uri, string more = "", string? token = null) =>
        App.GetAsync($"/api/0/sentry-app-installations/{Uuid}/external-requests/?uri={Uri.EscapeDataString(uri)}{more}", token);

    public Task<ApiAnswer> ActAsync(string action, string uri, string fields = "") =>
        App.ApiAsync(HttpMethod.Post, Actions, $$"""{"groupId":{{Issue}},"action":"{{action}}","uri":"{{uri}}"{{fields}}}""");

    /// <summary>The clock goes on until somebody has had enough.</summary>
    public async Task<T> WaitOutAsync<T>(Task<T> asked)
    {
        var until = Clock.GetUtcNow() + TimeSpan.FromSeconds(40);
        await Receiver.WaitForAsync(1);
        await Clock.AdvanceUntilAsync(TimeSpan.FromSeconds(1), () => asked.IsCompleted || Clock.GetUtcNow() > until, "an end of the waiting");
        return await asked;
    }

    /// <summary>Signed with the app's secret over the bytes that came, and nothing of a webhook about it.</summary>
    public void IsSigned(ReceivedRequest request)
    {
        Assert.Equal(HookSignature.Sign(Created.Text("clientSecret")!, request.Body), request.Header("Sentry-App-Signature"));
        Assert.Matches("^[0-9a-f]{32}$", request.Header("Request-ID"));
        Assert.Equal("application/json", request.Header("Content-Type"));
        Assert.Null(request.Header("Sentry-Hook-Signature"));
        Assert.Null(request.Header("Sentry-Hook-Resource"));
    }

    /// <summary>Of the request log, oldest first: the event and the code of each call.</summary>
    public async Task<IReadOnlyList<string>> LogAsync()
    {
        var items = (await App.GetAsync($"/api/0/sentry-apps/{Slug}/requests/")).List.Cast<JsonMap>().Reverse();
        return [.. items.Select(item => string.Create(CultureInfo.InvariantCulture, $"{item.Text("eventType")} {item["responseCode"]}"))];
    }

    public async ValueTask DisposeAsync()
    {
        await App.DisposeAsync();
        await Receiver.DisposeAsync();
    }
}
