using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using Vedette.Tests.Harness;
using Vedette.Wire.Json;
using Xunit;

namespace Vedette.Tests.MainRoad;

/// <summary>The main job with nothing of ours between the ends: the built server as a process, the real SDK, real sockets.</summary>
[Trait("slow", "yes")]
public sealed class RealSdkTests
{
    private const string Wish =
        """{"message":"Kürbis 🎃 \u2028 fiel um","extra":{"big":1e21,"small":1e-7,"10":"ten","9":"nine"},"tags":{"straße":"ü"},"user":{"id":"u-5"},"release":"shop@1.4.0"}""";

    [Theory, EachDatabase]
    public async Task A_real_SDK_error_becomes_two_signed_webhooks(DatabaseKind database)
    {
        await using var installation = await Installation.CreateAsync(database);
        await using var server = await installation.ServeAsync();
        await using var receiver = new TestReceiver();
        var (secret, uuid) = await installation.CreateAppAsync(receiver.Url);

        await NodeClient.ThrowAsync(installation.Dsn, Wish);
        var requests = await receiver.WaitForAsync(2);

        Assert.Equal(["error.created", "issue.created"], requests.Select(r => r.Event).Order());
        foreach (var request in requests)
        {
            Assert.Equal("POST /hook HTTP/1.1", request.Line);
            Assert.Equal("application/json", request.Header("Content-Type"));
            Assert.Matches("^[0-9a-f]{32}$", request.Header("Request-ID"));
            Assert.Matches("^[0-9a-f]{32}$", request.Header("Idempotency-Key"));
            Assert.Matches("^[0-9]{10}$", request.Header("Sentry-Hook-Timestamp"));
            Assert.Equal("""{"raw":true,"reserialised":true}""", await NodeClient.VerifyAsync(secret, request));
            Assert.Equal(["action", "installation", "data", "actor"], request.Json.Members.Select(m => m.Key));
            Assert.Equal(uuid, request.Json.Map("installation")!.Text("uuid"));
            Assert.Equal("""{"type":"application","id":"sentry","name":"Sentry"}""", Text(request.Json.Map("actor")!));
        }

        var error = requests.Single(r => r.Event == "error.created").Json.Map("data")!.Map("error")!;
        Assert.Equal("Kürbis 🎃 \u2028 fiel um", ((JsonMap)error.Map("exception")!.List("values")![^1]!).Text("value"));
        Assert.Equal("""{"9":"nine","10":"ten","big":1e+21,"small":1e-7}""", Text(error.Map("extra")!));
        Assert.Equal("node", error.Text("platform"));
        Assert.Equal("sentry.javascript.node", error.Map("sdk")!.Text("name"));

        var issue = requests.Single(r => r.Event == "issue.created").Json.Map("data")!.Map("issue")!;
        Assert.Equal("TypeError: Kürbis 🎃 \u2028 fiel um", issue.Text("title"));
        Assert.Equal("new", issue.Text("substatus"));
        Assert.Equal("1", issue.Text("count"));
        Assert.Equal(1.0, issue["userCount"]);
        Assert.Equal(error.Text("issue_id"), issue.Text("id"));
    }

    [Theory, EachDatabase]
    public async Task The_same_error_again_is_one_more_error_and_no_new_issue(DatabaseKind database)
    {
        await using var installation = await Installation.CreateAsync(database);
        await using var server = await installation.ServeAsync();
        await using var receiver = new TestReceiver();
        await installation.CreateAppAsync(receiver.Url);
        await NodeClient.ThrowAsync(installation.Dsn, Wish);
        await receiver.WaitForAsync(2);

        await NodeClient.ThrowAsync(installation.Dsn, Wish);
        await receiver.WaitForAsync(3);

        // The control: another error is a new issue, and by the time it arrives a wrong one would have arrived too.
        await NodeClient.ThrowAsync(installation.Dsn, """{"message":"something else","fingerprint":["other"]}""");
        await receiver.WaitForAsync(5);
        var events = receiver.Requests.Select(r => r.Event).ToList();
        Assert.Equal(3, events.Count(e => e == "error.created"));
        Assert.Equal(2, events.Count(e => e == "issue.created"));
        var ids = receiver.Requests.Where(r => r.Event == "error.created").Take(2)
            .Select(r => r.Json.Map("data")!.Map("error")!.Text("issue_id"));
        Assert.Single(ids.Distinct());
    }

    [Theory, EachDatabase]
    public async Task A_server_killed_after_its_answer_delivers_when_it_is_started_again(DatabaseKind database)
    {
        await using var installation = await Installation.CreateAsync(database);
        await using var receiver = new TestReceiver { Behaviour = TestReceiver.Hang };
        string secret;
        await using (var server = await installation.ServeAsync())
        {
            (secret, _) = await installation.CreateAppAsync(receiver.Url);
            Assert.Equal(200, await installation.SendEventAsync("first"));
            await receiver.WaitForAsync(2);
            await server.KillAsync();
        }

        var interrupted = receiver.Requests.Select(r => r.Header("Idempotency-Key")).Order().ToList();
        receiver.Behaviour = TestReceiver.Status(200);
        await using var again = await installation.ServeAsync();

        // With PostgreSQL another node might still hold the leases, so they have to end first: after 30 s.
        var requests = await receiver.WaitForAsync(4, TimeSpan.FromSeconds(60));

        Assert.Equal(interrupted, requests.Skip(2).Select(r => r.Header("Idempotency-Key")).Order());
        Assert.Equal("""{"raw":true,"reserialised":true}""", await NodeClient.VerifyAsync(secret, requests[^1]));
    }

    [Theory, EachDatabase]
    public async Task What_one_process_accepts_another_delivers_after_it_was_killed(DatabaseKind database)
    {
        await using var installation = await Installation.CreateAsync(database);
        await using var receiver = new TestReceiver();
        await using (var web = await installation.ServeAsync(("VEDETTE_ROLE", "web")))
        {
            await installation.CreateAppAsync(receiver.Url);
            Assert.Equal(200, await installation.SendEventAsync("first"));
            await web.KillAsync();
        }

        Assert.Empty(receiver.Requests);
        await using var worker = await installation.ServeAsync(("VEDETTE_ROLE", "worker"));
        var requests = await receiver.WaitForAsync(2);

        Assert.Equal(["error.created", "issue.created"], requests.Select(r => r.Event).Order());
    }

    private static string Text(JsonMap map)
    {
        var json = new StableJsonWriter();
        json.Value(map);
        return Encoding.UTF8.GetString(json.WrittenSpan);
    }

    /// <summary>One operator's folder, database and port, over the lives of several processes.</summary>
    private sealed class Installation : IAsyncDisposable
    {
        private static readonly string[] Scopes = ["event:read"];
        private static readonly string[] Events = ["issue", "error"];

        private readonly TemporaryFolder folder = new();
        private readonly string url = $"http://127.0.0.1:{FreePort.Find()}";
        private readonly HttpClient client = new();
        private string? postgres;

        public string Dsn => ServerProcess.FirstStart(folder.Path).Text("dsn")!;

        public static async Task<Installation> CreateAsync(DatabaseKind database) =>
            new() { postgres = database == DatabaseKind.Postgres ? await PostgresServer.CreateDatabaseAsync() : null };

        public Task<ServerProcess> ServeAsync(params (string Key, string Value)[] settings)
        {
            var environment = settings.ToDictionary(s => s.Key, s => s.Value);
            environment["VEDETTE_URL"] = url;
            environment["VEDETTE_DATA"] = folder.Path;
            environment["VEDETTE_EGRESS_ALLOW"] = "127.0.0.0/8";
            if (postgres is not null)
                environment["VEDETTE_DATABASE"] = postgres;
            return ServerProcess.ServeAsync(environment);
        }

        public async Task<(string Secret, string InstallationUuid)> CreateAppAsync(string webhookUrl)
        {
            client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", ServerProcess.FirstStart(folder.Path).Text("token"));
            var created = await VedetteApp.ReadAsync(await client.PostAsJsonAsync(new Uri($"{url}/api/0/sentry-apps/"), new
            {
                name = "Bridge",
                organization = "default",
                isInternal = true,
                scopes = Scopes,
                events = Events,
                webhookUrl,
                delivery = new { timeoutMs = 5000 },
            }));
            var installations = await VedetteApp.ReadAsync(await client.GetAsync(new Uri($"{url}/api/0/organizations/default/sentry-app-installations/")));
            return (created.Map.Text("clientSecret")!, ((JsonMap)installations.List[0]!).Text("uuid")!);
        }

        public async Task<int> SendEventAsync(string message)
        {
            var dsn = new Uri(Dsn);
            using var content = new StringContent($$$"""{"platform":"other","exception":{"values":[{"type":"Boom","value":"{{{message}}}"}]}}""");
            using var response = await client.PostAsync(new Uri($"{url}/api{dsn.AbsolutePath}/store/?sentry_key={dsn.UserInfo}"), content);
            return (int)response.StatusCode;
        }

        public async ValueTask DisposeAsync()
        {
            client.Dispose();
            folder.Dispose();
            if (postgres is not null)
                await PostgresServer.DropDatabaseAsync(postgres);
        }
    }
}
