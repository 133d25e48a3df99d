using System.Net.Http.Headers;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Vedette.Server;
using Vedette.Server.Bootstrap;
using Vedette.Server.Configuration;
using Vedette.Storage;
using Vedette.Wire.Json;

namespace Vedette.Tests.Harness;

/// <summary>An answer of the API, read whole.</summary>
internal sealed record ApiAnswer(int Status, object? Json, HttpResponseHeaders Headers)
{
    public JsonMap Map => (JsonMap)Json!;

    public List<object?> List => (List<object?>)Json!;
}

/// <summary>
/// The real server in this process: its own folder, its own database, a real socket of 127.0.0.1. With a
/// <see cref="FakeClock"/>, time passes only when the test says so.
/// </summary>
internal sealed class VedetteApp : IAsyncDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly Dictionary<string, string> environment;
    private readonly TimeProvider time;
    private readonly string? postgres;
    private WebApplication? server;

    private VedetteApp(Dictionary<string, string> environment, TimeProvider time, string? postgres)
    {
        this.environment = environment;
        this.time = time;
        this.postgres = postgres;
        var port = FreePort.Find();
        Url = $"http://127.0.0.1:{port}";
        environment.TryAdd("VEDETTE_URL", Url);
        environment.TryAdd("VEDETTE_LISTEN", $"127.0.0.1:{port}");
        environment.TryAdd("VEDETTE_DATA", folder.Path);
        environment.TryAdd("VEDETTE_EGRESS_ALLOW", "127.0.0.0/8");
        if (postgres is not null)
            environment.TryAdd("VEDETTE_DATABASE", postgres);
        Client = new HttpClient { BaseAddress = new Uri(Url) };
    }

    public string Url { get; }

    /// <summary>Without credentials.</summary>
    public HttpClient Client { get; }

    public FirstStartCredentials FirstStart { get; private set; } = null!;

    public IServiceProvider Services => server!.Services;

    public Database Database => Services.GetRequiredService<Database>();

    /// <summary>For a second node; <c>null</c> with SQLite.</summary>
    public string? Postgres => postgres;

    public string DataFolder => folder.Path;

    public TimeProvider Time => time;

    public long ProjectId => long.Parse(FirstStart.Dsn[(FirstStart.Dsn.LastIndexOf('/') + 1)..]);

    public string PublicKey => new Uri(FirstStart.Dsn).UserInfo;

    /// <param name="time">A <see cref="FakeClock"/>, or <c>null</c> for the real time.</param>
    public static async Task<VedetteApp> StartAsync(DatabaseKind database = DatabaseKind.Sqlite, TimeProvider? time = null, params (string Key, string Value)[] settings)
    {
        var created = database == DatabaseKind.Postgres ? await PostgresServer.CreateMigratedAsync() : null;
        var app = new VedetteApp(settings.ToDictionary(s => s.Key, s => s.Value), time ?? TimeProvider.System, created);
        if (created is null)
            await File.WriteAllBytesAsync(Path.Combine(app.DataFolder, "vedette.db"), await MigratedDatabase.SqliteAsync());
        await app.StartServerAsync();
        return app;
    }

    /// <summary>Stops the server as an operator would and starts it again on the same data.</summary>
    public async Task RestartAsync()
    {
        await StopServerAsync();
        await StartServerAsync();
    }

    /// <summary>With the first start's token, unless <paramref name="token"/> is given; empty means none.</summary>
    public async Task<ApiAnswer> ApiAsync(HttpMethod method, string path, string? json = null, string? token = null)
    {
        using var request = new HttpRequestMessage(method, path);
        if (token != "")
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token ?? FirstStart.Token);
        if (json is not null)
            request.Content = new StringContent(json, Encoding.UTF8, "application/json");
        return await ReadAsync(await Client.SendAsync(request));
    }

    public Task<ApiAnswer> GetAsync(string path, string? token = null) => ApiAsync(HttpMethod.Get, path, token: token);

    /// <summary>Creates an internal integration with the scope <c>event:read</c>.</summary>
    public async Task<JsonMap> CreateAppAsync(string webhookUrl, string events = """["issue","error"]""", string more = "")
    {
        var answer = await ApiAsync(HttpMethod.Post, "/api/0/sentry-apps/", $$"""
            {"name":"Bridge","organization":"{{FirstStart.Organization}}","isInternal":true,"scopes":["event:read"],
             "events":{{events}},"webhookUrl":"{{webhookUrl}}"{{more}}}
            """);
        return answer.Status == 201 ? answer.Map : throw new InvalidOperationException($"the app was not created: {answer.Status}");
    }

    /// <summary>Sends an envelope with one event item, authenticated by the query, as the node SDK does.</summary>
    public async Task<ApiAnswer> SendEventAsync(string eventJson) =>
        await SendEnvelopeAsync(Encoding.UTF8.GetBytes($"{{}}\n{{\"type\":\"event\"}}\n{eventJson.ReplaceLineEndings("")}\n"));

    public async Task<ApiAnswer> SendEnvelopeAsync(byte[] envelope)
    {
        using var content = new ByteArrayContent(envelope);
        return await ReadAsync(await Client.PostAsync($"/api/{ProjectId}/envelope/?sentry_version=7&sentry_key={PublicKey}", content));
    }

    /// <summary>
    /// Waits until so many deliveries are recorded in a state. Before a test moves the clock, attempts under way have to end,
    /// or they time out.
    /// </summary>
    public Task WaitForDeliveriesAsync(int count, string state = "delivered") =>
        Poll.UntilAsync(
            async () => await Database.ReadAsync(
                session => session.SingleAsync<long>("select count(*) from delivery where state = @state", new { state }), CancellationToken.None) >= count,
            $"{count} deliveries {state}");

    /// <summary>Waits until so many attempts, of whatever outcome, are recorded.</summary>
    public Task WaitForAttemptsAsync(int count) =>
        Poll.UntilAsync(
            async () => await Database.ReadAsync(session => session.SingleAsync<long>("select count(*) from attempt"), CancellationToken.None) >= count,
            $"{count} attempts");

    public static async Task<ApiAnswer> ReadAsync(HttpResponseMessage response)
    {
        using (response)
        {
            var bytes = await response.Content.ReadAsByteArrayAsync();
            return new ApiAnswer((int)response.StatusCode, LenientJson.TryParse(bytes, out var json, out _) ? json : null, response.Headers);
        }
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await StopServerAsync();
        folder.Dispose();
        if (postgres is not null)
            await PostgresServer.DropDatabaseAsync(postgres);
    }

    private async Task StartServerAsync()
    {
        if (!VedetteOptions.TryRead(environment.GetValueOrDefault, out var options, out var error))
            throw new InvalidOperationException(error);

        server = VedetteHost.Build(options, time);
        if (await VedetteHost.PrepareAsync(server.Services, (made, _) => FirstStart = made, CancellationToken.None) is { } refusal)
            throw new InvalidOperationException(refusal);
        await server.StartAsync();
    }

    private async Task StopServerAsync()
    {
        if (server is null)
            return;

        await server.StopAsync();
        await server.DisposeAsync();
        server = null;
    }
}
