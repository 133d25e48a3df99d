using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Npgsql;
using Vedette.Storage;
using Vedette.Storage.Postgres;
using Vedette.Storage.Sqlite;

namespace Vedette.Benchmarks;

/// <summary>The built <c>vedette serve</c>, alone in its process, on an empty folder or an empty PostgreSQL database.</summary>
internal sealed class ServerUnderTest : IAsyncDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("vedette-bench-").FullName;
    private readonly string? postgres;
    private readonly HttpClient client = new();
    private readonly int port = FreePort();
    private Process? process;

    private ServerUnderTest(string? postgres) => this.postgres = postgres;

    /// <summary>Where the bootstrap's DSN leads.</summary>
    public string EnvelopeUrl { get; private set; } = "";

    /// <summary>Resident memory, in MB.</summary>
    public double Memory
    {
        get
        {
            process!.Refresh();
            return process.WorkingSet64 / 1e6;
        }
    }

    public static async Task<ServerUnderTest> StartAsync(BenchKind kind)
    {
        string? database = null;
        if (kind == BenchKind.Postgres)
        {
            var name = $"bench_{Guid.CreateVersion7():n}";
            await ExecuteAsync($"create database {name}");
            database = new NpgsqlConnectionStringBuilder(BenchDatabase.PostgresServer) { Database = name }.ToString();
        }

        var server = new ServerUnderTest(database);
        server.Launch();
        while (!File.Exists(Path.Combine(server.folder, "first-start.json")))
            await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System);
        using var made = JsonDocument.Parse(await File.ReadAllBytesAsync(Path.Combine(server.folder, "first-start.json")));
        var dsn = new Uri(made.RootElement.GetProperty("dsn").GetString()!);
        server.EnvelopeUrl = string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{server.port}/api{dsn.AbsolutePath}/envelope/?sentry_version=7&sentry_key={dsn.UserInfo}");
        server.client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", made.RootElement.GetProperty("token").GetString());
        return server;
    }

    /// <summary>Sends until the first one is taken: the server may not listen yet.</summary>
    public async Task FirstEventAsync(byte[] envelope)
    {
        while (true)
        {
            try
            {
                using var content = new ByteArrayContent(envelope);
                using var answer = await client.PostAsync(new Uri(EnvelopeUrl), content);
                if (answer.StatusCode == HttpStatusCode.OK)
                    return;
            }
            catch (HttpRequestException)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System);
            }
        }
    }

    public async Task AddAppAsync(string webhookUrl, string events)
    {
        using var content = new StringContent(
            $$"""{"name":"Bench","organization":"default","isInternal":true,"scopes":["event:read"],"events":["{{events}}"],"webhookUrl":"{{webhookUrl}}"}""",
            Encoding.UTF8,
            "application/json");
        using var answer = await client.PostAsync(new Uri($"http://127.0.0.1:{port}/api/0/sentry-apps/"), content);
        answer.EnsureSuccessStatusCode();
    }

    /// <summary>With the token of the first start.</summary>
    public async Task PostAsync(string path, string json)
    {
        using var content = new StringContent(json, Encoding.UTF8, "application/json");
        using var answer = await client.PostAsync(new Uri($"http://127.0.0.1:{port}{path}"), content);
        if (!answer.IsSuccessStatusCode)
            throw new InvalidOperationException($"{path} answered {answer.StatusCode}: {await answer.Content.ReadAsStringAsync()}");
    }

    /// <inheritdoc cref="PostAsync"/>
    public async Task GetAsync(string path)
    {
        using var answer = await client.GetAsync(new Uri($"http://127.0.0.1:{port}{path}"));
        answer.EnsureSuccessStatusCode();
        await answer.Content.CopyToAsync(Stream.Null);
    }

    /// <summary>The server's own database, past the server.</summary>
    public Database OpenDatabase() => postgres is null ? new SqliteDatabase(Path.Combine(folder, "vedette.db")) : new PostgresDatabase(postgres);

    /// <summary>What a PostgreSQL server does by itself soon after much was written.</summary>
    public async Task AnalyzeAsync()
    {
        if (postgres is not null)
            await ExecuteAsync("vacuum analyze", postgres);
    }

    public async ValueTask DisposeAsync()
    {
        process!.Kill();
        await process.WaitForExitAsync();
        process.Dispose();
        client.Dispose();
        Directory.Delete(folder, recursive: true);
        if (postgres is not null)
            await ExecuteAsync($"drop database {new NpgsqlConnectionStringBuilder(postgres).Database} with (force)");
    }

    private void Launch()
    {
        var start = new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "vedette"), ["serve"]) { UseShellExecute = false, RedirectStandardOutput = true };
        foreach (var name in start.Environment.Keys.Where(name => name.StartsWith("VEDETTE_", StringComparison.Ordinal)).ToList())
            start.Environment.Remove(name);
        start.Environment["VEDETTE_URL"] = string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}");
        start.Environment["VEDETTE_DATA"] = folder;
        start.Environment["VEDETTE_EGRESS_ALLOW"] = "127.0.0.0/8";
        if (postgres is not null)
            start.Environment["VEDETTE_DATABASE"] = postgres;
        process = Process.Start(start)!;
        process.OutputDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static async Task ExecuteAsync(string sql, string? connection = null)
    {
        await using var source = NpgsqlDataSource.Create(connection ?? BenchDatabase.PostgresServer!);
        await using var command = source.CreateCommand(sql);
        command.CommandTimeout = 0;
        await command.ExecuteNonQueryAsync();
    }
}
