using System.Net.Http.Headers;
using System.Text;
using Npgsql;
using Vedette.Tests.Harness;
using Vedette.Wire.Json;
using Xunit;

namespace Vedette.Tests.Server.Secrets;

/// <summary>Whoever gets the database or the logs gets no secret with them.</summary>
[Trait("slow", "yes")]
public sealed class SecretsAtRestTests
{
    [Theory, EachDatabase]
    public async Task No_secret_stands_in_the_database_or_in_the_log(DatabaseKind database)
    {
        using var folder = new TemporaryFolder();
        await using var receiver = new TestReceiver();
        var postgres = database == DatabaseKind.Postgres ? await PostgresServer.CreateDatabaseAsync() : null;
        var port = FreePort.Find();
        var environment = new Dictionary<string, string>
        {
            ["VEDETTE_URL"] = $"http://127.0.0.1:{port}",
            ["VEDETTE_DATA"] = folder.Path,
            ["VEDETTE_EGRESS_ALLOW"] = "127.0.0.0/8",
            ["VEDETTE_BOOTSTRAP_PASSWORD"] = "a password of the operator",
        };
        if (postgres is not null)
            environment["VEDETTE_DATABASE"] = postgres;

        string log;
        IReadOnlyList<string> secrets;
        await using (var server = await ServerProcess.ServeAsync(environment))
        {
            secrets = await UseEverythingAsync(environment["VEDETTE_URL"], folder.Path, receiver);
            await server.TerminateAsync();
            log = server.Output + server.Errors;
        }

        var stored = postgres is null ? FilesOf(folder.Path) : await RowsOfAsync(postgres);
        Assert.True(secrets.Count >= 17, $"only {secrets.Count} secrets were made");
        foreach (var secret in secrets)
        {
            Assert.DoesNotContain(secret, stored, StringComparison.Ordinal);
            Assert.DoesNotContain(Convert.ToHexStringLower(Encoding.UTF8.GetBytes(secret)), stored, StringComparison.Ordinal);

            // The first start shows its own, once, to whoever starts it.
            if (!IsShownAtFirstStart(secret, folder.Path))
                Assert.DoesNotContain(secret, log, StringComparison.Ordinal);
        }

        if (postgres is not null)
            await PostgresServer.DropDatabaseAsync(postgres);
    }

    /// <returns>Every secret that was made on the way.</returns>
    private static async Task<IReadOnlyList<string>> UseEverythingAsync(string url, string folder, TestReceiver receiver)
    {
        var first = ServerProcess.FirstStart(folder);
        var secrets = new List<string> { first.Text("password")!, first.Text("token")! };
        using var client = new HttpClient(new SocketsHttpHandler { UseCookies = false }) { BaseAddress = new Uri(url) };
        var login = await SendAsync(HttpMethod.Post, "/api/0/auth/", null, LoggedIn.Basic(first.Text("email")!, first.Text("password")!).ToString());
        var cookies = login.Headers.GetValues("Set-Cookie").Select(cookie => cookie[..cookie.IndexOf(';', StringComparison.Ordinal)]).ToList();
        secrets.AddRange(cookies.Select(cookie => cookie[(cookie.IndexOf('=', StringComparison.Ordinal) + 1)..]));

        var made = await JsonAsync(HttpMethod.Post, "/api/0/sentry-apps/", $$"""
            {"name":"Bridge","organization":"default","isInternal":true,"scopes":["event:read"],"events":["error"],"webhookUrl":"{{receiver.Url}}",
             "webhookHeaders":["Authorization: Bearer of-the-receiver-{{first.Text("token")![^8..]}}"]}
            """);
        secrets.Add(made.Text("clientSecret")!);
        secrets.Add($"of-the-receiver-{first.Text("token")![^8..]}");
        secrets.Add((await JsonAsync(HttpMethod.Post, $"/api/0/sentry-apps/{made.Text("slug")}/rotate-secret/", """{"overlapHours":1}""")).Text("clientSecret")!);
        secrets.Add((await JsonAsync(HttpMethod.Post, $"/api/0/sentry-apps/{made.Text("slug")}/api-tokens/", null, cookies)).Text("token")!);
        secrets.Add((await JsonAsync(HttpMethod.Post, "/api/0/api-tokens/", """{"scopes":["org:read"]}""", cookies)).Text("token")!);
        secrets.Add((await JsonAsync(HttpMethod.Post, "/api/0/organizations/default/org-auth-tokens/", """{"name":"ci"}""")).Text("token")!);
        secrets.Add((await JsonAsync(HttpMethod.Post, "/api/0/projects/default/default/hooks/", $$"""{"url":"{{receiver.Url}}","events":["event.created"]}""")).Text("secret")!);
        await JsonAsync(HttpMethod.Post, "/api/0/sentry-apps/", $$"""{"name":"Public","organization":"default","author":"A","webhookUrl":"{{receiver.Url}}"}""");
        secrets.Add((await JsonAsync(HttpMethod.Post, "/api/0/organizations/default/sentry-app-installations/", """{"slug":"public"}""")).Text("code")!);

        secrets.Add((await JsonAsync(HttpMethod.Post, "/api/0/api-applications/", "{}", cookies)).Text("clientSecret")!);
        var device = await FormAsync("/oauth/device/code/", ("client_id", "vedette-cli"));
        await FormAsync("/oauth/device/", ("op", "approve"), ("user_code", device.Text("user_code")!));
        var token = await FormAsync("/oauth/token/", ("client_id", "vedette-cli"), ("grant_type", OAuthApps.Device), ("device_code", device.Text("device_code")!));
        secrets.AddRange([device.Text("device_code")!, device.Text("user_code")!, token.Text("access_token")!, token.Text("refresh_token")!]);

        // A delivery that fails is logged with its headers.
        receiver.Behaviour = TestReceiver.Status(500);
        var dsn = new Uri(first.Text("dsn")!);
        await SendAsync(
            HttpMethod.Post, $"/api{dsn.AbsolutePath}/envelope/?sentry_key={dsn.UserInfo}", "{}\n{\"type\":\"event\"}\n{\"exception\":{\"values\":[{\"type\":\"E\"}]}}\n", null);
        await receiver.WaitForAsync(3);
        await SendAsync(HttpMethod.Get, "/api/0/organizations/", null, "Bearer wrong-token-that-somebody-mistyped");
        secrets.Add("wrong-token-that-somebody-mistyped");
        await SendAsync(HttpMethod.Post, "/api/0/auth/", null, LoggedIn.Basic(first.Text("email")!, "a wrong password of somebody").ToString());
        secrets.Add("a wrong password of somebody");
        return secrets;

        async Task<JsonMap> FormAsync(string path, params (string Name, string Value)[] fields)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new FormUrlEncodedContent(fields.Select(field => KeyValuePair.Create(field.Name, field.Value))) };
            AddSession(request, cookies);
            using var answer = await client.SendAsync(request);
            Assert.True(answer.IsSuccessStatusCode, $"{path}: {(int)answer.StatusCode}");
            return LenientJson.TryParse(await answer.Content.ReadAsByteArrayAsync(), out var json, out _) && json is JsonMap map ? map : new JsonMap();
        }

        async Task<JsonMap> JsonAsync(HttpMethod method, string path, string? body, IReadOnlyList<string>? session = null)
        {
            using var answer = await SendAsync(method, path, body, session is null ? $"Bearer {first.Text("token")}" : null, session);
            var bytes = await answer.Content.ReadAsByteArrayAsync();
            Assert.True(answer.IsSuccessStatusCode, $"{path}: {(int)answer.StatusCode} {Encoding.UTF8.GetString(bytes)}");
            return LenientJson.TryParse(bytes, out var json, out var error) ? (JsonMap)json! : throw new FormatException(error);
        }

        async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, string? body, string? authorization, IReadOnlyList<string>? session = null)
        {
            using var request = new HttpRequestMessage(method, path);
            if (authorization is not null)
                request.Headers.Authorization = AuthenticationHeaderValue.Parse(authorization);
            if (session is not null)
                AddSession(request, session);
            if (body is not null)
                request.Content = new StringContent(body);
            return await client.SendAsync(request);
        }
    }

    private static void AddSession(HttpRequestMessage request, IReadOnlyList<string> cookies)
    {
        request.Headers.Add("Cookie", string.Join("; ", cookies));
        request.Headers.Add("X-CSRFToken", cookies.Single(cookie => cookie.StartsWith("sc=", StringComparison.Ordinal))[3..]);
    }

    private static bool IsShownAtFirstStart(string secret, string folder) =>
        File.ReadAllText(Path.Combine(folder, "first-start.json")).Contains(secret, StringComparison.Ordinal);

    /// <summary>Each byte a character, so that whatever stands there is found.</summary>
    private static string FilesOf(string folder) => string.Concat(
        Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
            .Where(file => Path.GetFileName(file) != "first-start.json")
            .Select(file => Encoding.Latin1.GetString(File.ReadAllBytes(file))));

    private static async Task<string> RowsOfAsync(string postgres)
    {
        await using var source = NpgsqlDataSource.Create(postgres);
        var tables = new List<string>();
        await using (var command = source.CreateCommand("select tablename from pg_tables where schemaname = 'public'"))
        await using (var reader = await command.ExecuteReaderAsync())
        {
            while (await reader.ReadAsync())
                tables.Add(reader.GetString(0));
        }

        var rows = new StringBuilder();
        foreach (var table in tables)
        {
            await using var command = source.CreateCommand($"select t::text from \"{table}\" t");
            await using var reader = await command.ExecuteReaderAsync();
            while (await reader.ReadAsync())
                rows.AppendLine(reader.GetString(0));
        }

        return rows.ToString();
    }
}
