using System.Net.Http.Headers;
using System.Text;
using Vedette.Storage;
using Vedette.Storage.Postgres;
using Vedette.Storage.Sqlite;
using Vedette.Tests.Harness;
using Xunit;

namespace Vedette.Tests.MainRoad;

/// <summary>The promise, kept by a process that is killed again and again: what was answered 200 arrives everywhere.</summary>
[Trait("slow", "yes")]
public sealed class CrashTests(ITestOutputHelper log)
{
    private const string Token = "sntryu_bootstrap-token-of-the-crash-tests";
    private const int Kills = 20;
    private const int Seed = 20260301;

    [Theory, EachDatabase]
    public async Task Whatever_was_accepted_before_a_kill_is_delivered_after_it(DatabaseKind kind)
    {
        using var folder = new TemporaryFolder();
        var postgres = kind == DatabaseKind.Postgres ? await PostgresServer.CreateDatabaseAsync() : null;
        var settings = Settings(folder.Path, postgres);
        await using var fast = new CountingReceiver(TimeSpan.Zero);
        await using var second = new CountingReceiver(TimeSpan.Zero);
        await using var slow = new CountingReceiver(TimeSpan.FromMilliseconds(40));
        CountingReceiver[] receivers = [fast, second, slow];
        var server = await ServerProcess.ServeAsync(settings);
        foreach (var receiver in receivers)
            await CreateAppAsync(settings["VEDETTE_URL"], receiver.Url);

        var dsn = new Uri(ServerProcess.FirstStart(folder.Path).Text("dsn")!);
        await using var load = new EventLoad($"{settings["VEDETTE_URL"]}/api{dsn.AbsolutePath}/envelope/?sentry_key={dsn.UserInfo}", 6, TimeSpan.FromMilliseconds(15));
        var dice = new Random(Seed);
        for (var kill = 0; kill < Kills; kill++)
        {
            var before = load.Taken.Count;
            await Poll.UntilAsync(() => load.Taken.Count > before + 5, "events that are taken");
            await Task.Delay(TimeSpan.FromMilliseconds(dice.Next(700)), TimeProvider.System);
            await server.KillAsync();
            await server.DisposeAsync();
            server = await ServerProcess.ServeAsync(settings);
        }

        await load.StopAsync();
        await using (var database = Open(folder.Path, postgres))
        {
            // On PostgreSQL the leases of the dead end first.
            await Poll.UntilAsync(async () => await PendingAsync(database) == 0, "the end of the last delivery", TimeSpan.FromSeconds(100));
            var states = await database.ReadAsync(session => session.ListAsync<string>("select distinct state from delivery"), CancellationToken.None);
            Assert.Equal(["delivered"], states);
        }

        await server.DisposeAsync();
        if (postgres is not null)
            await PostgresServer.DropDatabaseAsync(postgres);

        log.WriteLine($"{load.Taken.Count} events taken, {receivers.Sum(r => r.KeysByEvent.Sum(keys => keys.Count - 1))} duplicates");
        Assert.True(load.Taken.Count > Kills * 5);
        foreach (var receiver in receivers)
        {
            Assert.DoesNotContain(load.Taken, mark => !receiver.Has(mark));
            Assert.All(receiver.KeysByEvent, keys => Assert.Single(keys.Distinct(StringComparer.Ordinal)));
        }
    }

    private static Task<long> PendingAsync(Database database) =>
        database.ReadAsync(session => session.SingleAsync<long>("select count(*) from delivery where state = 'pending'"), CancellationToken.None);

    private static Database Open(string folder, string? postgres) =>
        postgres is null ? new SqliteDatabase(Path.Combine(folder, "vedette.db")) : new PostgresDatabase(postgres);

    private static async Task CreateAppAsync(string url, string webhookUrl)
    {
        using var client = new HttpClient();
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Token);
        using var form = new StringContent(
            $$$"""{"name":"Bridge","organization":"acme","isInternal":true,"scopes":["event:read"],"events":["error"],"webhookUrl":"{{{webhookUrl}}}","delivery":{"timeoutMs":20000}}""",
            Encoding.UTF8, "application/json");
        using var answer = await client.PostAsync(new Uri($"{url}/api/0/sentry-apps/"), form);
        Assert.Equal(201, (int)answer.StatusCode);
    }

    private static Dictionary<string, string> Settings(string folder, string? postgres)
    {
        var settings = new Dictionary<string, string>
        {
            ["VEDETTE_URL"] = $"http://127.0.0.1:{FreePort.Find()}",
            ["VEDETTE_DATA"] = folder,
            ["VEDETTE_EGRESS_ALLOW"] = "127.0.0.0/8",
            ["VEDETTE_BOOTSTRAP_EMAIL"] = "owner@acme.example",
            ["VEDETTE_BOOTSTRAP_PASSWORD"] = "bootstrap-password-of-the-crash-tests",
            ["VEDETTE_BOOTSTRAP_ORG"] = "acme",
            ["VEDETTE_BOOTSTRAP_PROJECT"] = "web",
            ["VEDETTE_BOOTSTRAP_TOKEN"] = Token,
        };
        if (postgres is not null)
            settings["VEDETTE_DATABASE"] = postgres;
        return settings;
    }
}
