using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using Npgsql;
using Vedette.Server;
using Vedette.Storage.Sqlite;
using Vedette.Tests.Harness;
using Xunit;

namespace Vedette.Tests.Server;

/// <summary>Starting and stopping, with the real binary. Whatever keeps it from starting is one line that names the key or the place.</summary>
[Trait("slow", "yes")]
public sealed class StartTests : IDisposable
{
    private const string Token = "sntryu_bootstrap-token-of-the-start-tests";
    private const string Password = "bootstrap-password-of-the-start-tests";

    private readonly TemporaryFolder folder = new();

    public static bool PostgresIsThere => PostgresServer.IsThere;

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("VEDETTE_URL", "127.0.0.1")]
    [InlineData("VEDETTE_URL", "ftp://vedette.example")]
    [InlineData("VEDETTE_URL", "http://user@vedette.example")]
    [InlineData("VEDETTE_URL", "http://vedette.example/?a=b")]
    [InlineData("VEDETTE_LISTEN", "127.0.0.1")]
    [InlineData("VEDETTE_LISTEN", "127.0.0.1:99999")]
    [InlineData("VEDETTE_LISTEN", "vedette.example:80")]
    [InlineData("VEDETTE_LISTEN", ",")]
    [InlineData("VEDETTE_DATABASE", "postgres://localhost/vedette")]
    [InlineData("VEDETTE_DATABASE", "Database=vedette")]
    [InlineData("VEDETTE_DATABASE", "Host=localhost;Port=many")]
    [InlineData("VEDETTE_DATABASE", "Host=localhost;Minimum Pool Size=9;Maximum Pool Size=2")]
    [InlineData("VEDETTE_RETENTION", "30d")]
    [InlineData("VEDETTE_RETENTION", "events=0d")]
    [InlineData("VEDETTE_RETENTION", "events=-1d")]
    [InlineData("VEDETTE_RETENTION", "issues=30d")]
    [InlineData("VEDETTE_RETENTION", "events=30d,events=60d")]
    [InlineData("VEDETTE_RETENTION", "events=30d,")]
    [InlineData("VEDETTE_FEATURES_OFF", "servicehooks")]
    [InlineData("VEDETTE_FEATURES_OFF", "projects:servicehooks,everything")]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT", "collector:4317")]
    [InlineData("VEDETTE_ROLE", "leader")]
    [InlineData("VEDETTE_ROLE", "1")]
    [InlineData("VEDETTE_ROLE", "web,worker")]
    [InlineData("VEDETTE_EGRESS_ALLOW", "127.0.0.0/99")]
    [InlineData("VEDETTE_RETRY_SCHEDULE", "soon")]
    [InlineData("VEDETTE_LANE_REST", "5s")]
    [InlineData("VEDETTE_LANE_REST", "5m,5s")]
    [InlineData("VEDETTE_LANE_REST", "0s,5s")]
    [InlineData("VEDETTE_LANE_REST", "5s,5m,5h")]
    [InlineData("VEDETTE_LANE_REST", "5s,forever")]
    [InlineData("VEDETTE_DISABLE_BROKEN", "some")]
    [InlineData("VEDETTE_DISABLE_BROKEN", "1")]
    [InlineData("VEDETTE_DISABLE_BROKEN", "internal,all")]
    [InlineData("VEDETTE_BROKEN_TIMEOUTS", "0")]
    [InlineData("VEDETTE_BROKEN_TIMEOUTS", "many")]
    [InlineData("VEDETTE_BROKEN_TIMEOUTS", "-1")]
    [InlineData("VEDETTE_BROKEN_DAYS", "0")]
    [InlineData("VEDETTE_BROKEN_DAYS", "367")]
    [InlineData("VEDETTE_BROKEN_DAYS", "7.5")]
    [InlineData("VEDETTE_SMTP", "mail.example.org:25")]
    [InlineData("VEDETTE_SMTP", "http://mail.example.org:25")]
    [InlineData("VEDETTE_SMTP", "smtp://:very-secret@mail.example.org")]
    [InlineData("VEDETTE_SMTP", "smtp://user:very-secret@")]
    [InlineData("VEDETTE_SMTP", "smtp://user:very-secret@mail.example.org:99999")]
    [InlineData("VEDETTE_SMTP", "smtp://user:very-secret@mail.example.org:0")]
    [InlineData("VEDETTE_SMTP", "smtp://user:very-secret@mail.example.org/path")]
    [InlineData("VEDETTE_SMTP", "smtp://user:very:secret@mail.example.org")]
    [InlineData("VEDETTE_SMTP", "smtp://user:very-secret%0d%0aQUIT@mail.example.org")]
    [InlineData("VEDETTE_SMTP", "smtp://user@mail.example.org")]
    [InlineData("VEDETTE_MAIL_FROM", "nobody")]
    [InlineData("VEDETTE_MAIL_FROM", "Vedette <vedette@example.org>")]
    [InlineData("VEDETTE_MAIL_FROM", "a@b@example.org")]
    [InlineData("VEDETTE_BOOTSTRAP_EMAIL", "nobody")]
    [InlineData("VEDETTE_BOOTSTRAP_ORG", "Not A Slug")]
    [InlineData("VEDETTE_BOOTSTRAP_PROJECT", "123")]
    [InlineData("VEDETTE_BOOTSTRAP_TOKEN", "short")]
    public async Task A_wrong_value_is_refused_in_one_line_that_names_its_key(string key, string value)
    {
        await RefusedAsync(Settings((key, value)), key);

        Assert.Empty(Directory.GetFileSystemEntries(folder.Path));
    }

    [Fact]
    public async Task A_port_in_use_is_named()
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var address = other.LocalEndpoint.ToString()!;

        await RefusedAsync(Settings(("VEDETTE_LISTEN", address)), address, "VEDETTE_LISTEN");
    }

    [Fact]
    public async Task An_address_of_another_machine_is_named() =>
        await RefusedAsync(Settings(("VEDETTE_LISTEN", "192.0.2.1:8321")), "192.0.2.1:8321", "VEDETTE_LISTEN");

    [Fact]
    public async Task A_data_folder_that_cannot_be_made_is_named()
    {
        var file = Path.Combine(folder.Path, "file");
        await File.WriteAllTextAsync(file, "");

        await RefusedAsync(Settings(("VEDETTE_DATA", Path.Combine(file, "data"))), file, "VEDETTE_DATA");
        await RefusedAsync(Settings(("VEDETTE_DATA", "/proc/vedette")), "/proc/vedette", "VEDETTE_DATA");
    }

    [Fact]
    public async Task A_folder_in_the_place_of_a_file_is_named()
    {
        Directory.CreateDirectory(Path.Combine(folder.Path, "vedette.lock"));
        await RefusedAsync(Settings(), folder.Path);
        Directory.Delete(Path.Combine(folder.Path, "vedette.lock"));

        Directory.CreateDirectory(Path.Combine(folder.Path, "first-start.json"));
        await RefusedAsync(Settings(), Path.Combine(folder.Path, "first-start.json"));
    }

    [Fact]
    public async Task A_file_that_is_no_database_is_named()
    {
        var file = Path.Combine(folder.Path, "vedette.db");
        await File.WriteAllTextAsync(file, string.Concat(Enumerable.Repeat("no database ", 500)));

        await RefusedAsync(Settings(), file);
    }

    [Fact]
    public async Task A_data_folder_that_another_process_serves_from_is_named()
    {
        await using var first = await ServerProcess.ServeAsync(Settings());

        await RefusedAsync(Settings(), folder.Path, "VEDETTE_DATA");
    }

    [Fact]
    public async Task A_postgres_that_cannot_be_reached_is_named()
    {
        var port = FreePort.Find();

        await RefusedAsync(Settings(("VEDETTE_DATABASE", $"Host=127.0.0.1;Port={port};Database=vedette;Username=u;Password=very-secret")), $"127.0.0.1:{port}");
    }

    [Fact]
    public async Task A_newer_database_is_refused()
    {
        await (await ServerProcess.ServeAsync(Settings())).DisposeAsync();
        await using (var database = new SqliteDatabase(Path.Combine(folder.Path, "vedette.db")))
        {
            await database.WriteAsync(
                transaction => transaction.ExecuteAsync("insert into schema_migration (room, number, file, applied_at) values ('server', 999, '', 0)"),
                CancellationToken.None);
        }

        await RefusedAsync(Settings(), "was written by a newer Vedette", "schema 999");
    }

    [Fact]
    public async Task Another_secret_than_the_one_that_wrapped_the_keys_is_refused()
    {
        var first = Settings(("VEDETTE_SECRET", "one"));
        await (await ServerProcess.ServeAsync(first)).DisposeAsync();

        await RefusedAsync(Settings(("VEDETTE_SECRET", "another")), "VEDETTE_SECRET");
        await RefusedAsync(Settings(), "VEDETTE_SECRET");

        await (await ServerProcess.ServeAsync(first)).DisposeAsync();
    }

    [Fact]
    public async Task A_key_that_nobody_knows_is_warned_of()
    {
        await using var server = await ServerProcess.ServeAsync(Settings(("VEDETTE_DATABSE", "Host=db")));

        await Poll.UntilAsync(() => server.Errors.Contains("VEDETTE_DATABSE", StringComparison.Ordinal), "the warning");
        Assert.Single(Lines(server.Errors));
        Assert.DoesNotContain("Host=db", server.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_first_start_shows_its_secrets_and_no_later_one_does()
    {
        var settings = Settings();
        string shown;
        await using (var first = await ServerProcess.ServeAsync(settings))
            shown = first.Output;
        var made = ServerProcess.FirstStart(folder.Path);

        Assert.Equal(["url", "email", "password", "token", "organization", "project", "dsn"], made.Members.Select(member => member.Key));
        Assert.Equal((settings["VEDETTE_URL"], "admin@localhost", "default", "default"), (made.Text("url"), made.Text("email"), made.Text("organization"), made.Text("project")));
        foreach (var name in new[] { "url", "email", "password", "token", "dsn" })
            Assert.Contains(made.Text(name)!, shown, StringComparison.Ordinal);
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(folder.Path, "first-start.json")));

        await using var second = await ServerProcess.ServeAsync(settings);
        Assert.DoesNotContain(made.Text("password")!, second.Output + second.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain(made.Text("token")!, second.Output + second.Errors, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(settings, made.Text("token")!));
    }

    [Fact]
    public async Task The_first_start_makes_what_the_bootstrap_keys_say()
    {
        var settings = Bootstrap();
        await using var server = await ServerProcess.ServeAsync(settings);
        var made = ServerProcess.FirstStart(folder.Path);

        Assert.Equal(
            ("owner@acme.example", Password, Token, "acme", "web"),
            (made.Text("email"), made.Text("password"), made.Text("token"), made.Text("organization"), made.Text("project")));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(settings, Token, "/api/0/projects/acme/web/"));
    }

    [Fact]
    public async Task No_secret_is_stored_or_logged_in_clear()
    {
        var settings = Bootstrap();
        string output;
        string clientSecret;
        await using (var server = await ServerProcess.ServeAsync(settings))
        {
            using var client = new HttpClient();
            client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Token);
            using var form = new StringContent(
                """{"name":"Bridge","organization":"acme","isInternal":true,"scopes":["event:read"],"events":["issue"],"webhookUrl":"http://127.0.0.1:9/"}""",
                Encoding.UTF8, "application/json");
            var created = await VedetteApp.ReadAsync(await client.PostAsync(new Uri($"{settings["VEDETTE_URL"]}/api/0/sentry-apps/"), form));
            clientSecret = created.Map.Text("clientSecret")!;
            output = server.Output + server.Errors;
        }

        // The positive control: what is not secret is found.
        var stored = Directory.GetFiles(folder.Path, "vedette.db*").Select(file => Encoding.Latin1.GetString(File.ReadAllBytes(file))).ToList();
        Assert.Equal(64, clientSecret.Length);
        Assert.Contains(stored, text => text.Contains("owner@acme.example", StringComparison.Ordinal));
        foreach (var secret in new[] { Password, Token, clientSecret })
            Assert.All(stored, text => Assert.DoesNotContain(secret, text, StringComparison.Ordinal));
        Assert.DoesNotContain(clientSecret, output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_operators_stop_ends_it_in_good_order()
    {
        await using var server = await ServerProcess.ServeAsync(Settings());

        var (exitCode, errors) = await server.TerminateAsync();

        Assert.Equal(0, exitCode);
        Assert.Equal("", errors);
    }

    [Theory]
    [InlineData(1, "delivered")]
    [InlineData(60, "pending")]
    public async Task A_stop_waits_a_while_for_the_attempt_under_way_and_gives_it_back_then(int seconds, string state)
    {
        var came = new TaskCompletionSource();
        await using var receiver = new TestReceiver
        {
            Behaviour = async (request, stream, ct) =>
            {
                came.TrySetResult();
                await Task.Delay(TimeSpan.FromSeconds(seconds), TimeProvider.System, ct);
                return await TestReceiver.Status(200)(request, stream, ct);
            },
        };
        var settings = Bootstrap(("VEDETTE_EGRESS_ALLOW", "127.0.0.0/8"));
        await using var server = await ServerProcess.ServeAsync(settings);
        using var client = new HttpClient { BaseAddress = new Uri(settings["VEDETTE_URL"]) };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Token);
        using var form = new StringContent(
            $$$"""{"name":"Bridge","organization":"acme","isInternal":true,"scopes":["event:read"],"events":["issue"],"webhookUrl":"{{{receiver.Url}}}","delivery":{"timeoutMs":20000}}""",
            Encoding.UTF8, "application/json");
        await client.PostAsync("/api/0/sentry-apps/", form);
        var dsn = new Uri(ServerProcess.FirstStart(folder.Path).Text("dsn")!);
        using var envelope = new StringContent("{}\n{\"type\":\"event\"}\n{\"message\":\"boom\"}\n");
        await client.PostAsync($"/api{dsn.AbsolutePath}/envelope/?sentry_key={dsn.UserInfo}", envelope);
        await came.Task;

        var (exitCode, _) = await server.TerminateAsync();

        Assert.Equal(0, exitCode);
        await using var database = new SqliteDatabase(Path.Combine(folder.Path, "vedette.db"));
        Assert.Equal(
            [state],
            await database.ReadAsync(session => session.ListAsync<string>("select state from delivery where lease is null"), CancellationToken.None));
    }

    [Fact(Skip = PostgresServer.WhyNot, SkipUnless = nameof(PostgresIsThere))]
    public async Task Two_nodes_that_start_at_once_make_one_organization_and_open_each_others_secrets()
    {
        var postgres = await PostgresServer.CreateDatabaseAsync();
        using var otherFolder = new TemporaryFolder();
        var one = Bootstrap(("VEDETTE_DATABASE", postgres), ("VEDETTE_SECRET", "shared"));
        var two = Bootstrap(("VEDETTE_DATABASE", postgres), ("VEDETTE_SECRET", "shared"), ("VEDETTE_DATA", otherFolder.Path));

        var servers = await Task.WhenAll(ServerProcess.ServeAsync(one), ServerProcess.ServeAsync(two));

        await using var source = NpgsqlDataSource.Create(postgres);
        await using (var command = source.CreateCommand("select count(*) || ' ' || (select count(*) from account) || ' ' || (select count(*) from data_protection_key) from organization"))
            Assert.Equal("1 1 1", await command.ExecuteScalarAsync());
        Assert.Equal(1, new[] { folder.Path, otherFolder.Path }.Count(path => File.Exists(Path.Combine(path, "first-start.json"))));
        Assert.Equal([HttpStatusCode.OK, HttpStatusCode.OK], [await StatusAsync(one, Token), await StatusAsync(two, Token)]);
        foreach (var server in servers)
            await server.DisposeAsync();
        await PostgresServer.DropDatabaseAsync(postgres);
    }

    [Fact]
    public async Task Help_names_every_key()
    {
        var (exitCode, output, _) = await ServerProcess.RunAsync(new Dictionary<string, string>(), "serve", "--help");

        Assert.Equal(0, exitCode);
        Assert.All(VedetteServer.ConfigurationKeys, key => Assert.Contains(key.Name, output, StringComparison.Ordinal));
    }

    private static async Task RefusedAsync(Dictionary<string, string> settings, params string[] names)
    {
        var (exitCode, output, errors) = await ServerProcess.RunAsync(settings, "serve");

        Assert.Equal(1, exitCode);
        var line = Assert.Single(Lines(errors));
        Assert.All(names, name => Assert.Contains(name, line, StringComparison.Ordinal));
        Assert.DoesNotContain("very-secret", errors + output, StringComparison.Ordinal);
        Assert.DoesNotContain("serves at", output, StringComparison.Ordinal);
    }

    private static string[] Lines(string text) => text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    private static async Task<HttpStatusCode> StatusAsync(Dictionary<string, string> settings, string token, string path = "/api/0/organizations/")
    {
        using var client = new HttpClient();
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        using var answer = await client.GetAsync(new Uri(settings["VEDETTE_URL"] + path));
        return answer.StatusCode;
    }

    private Dictionary<string, string> Bootstrap(params (string Key, string Value)[] more) => Settings(
    [
        ("VEDETTE_BOOTSTRAP_EMAIL", "owner@acme.example"),
        ("VEDETTE_BOOTSTRAP_PASSWORD", Password),
        ("VEDETTE_BOOTSTRAP_ORG", "acme"),
        ("VEDETTE_BOOTSTRAP_PROJECT", "web"),
        ("VEDETTE_BOOTSTRAP_TOKEN", Token),
        .. more,
    ]);

    private Dictionary<string, string> Settings(params (string Key, string Value)[] more)
    {
        var settings = new Dictionary<string, string>
        {
            ["VEDETTE_URL"] = $"http://127.0.0.1:{FreePort.Find()}",
            ["VEDETTE_DATA"] = folder.Path,
        };
        foreach (var (key, value) in more)
            settings[key] = value;
        return settings;
    }
}
