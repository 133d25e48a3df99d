using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Vedette.Tests.Harness;
using Xunit;

namespace Vedette.Tests.Server.Administration;

/// <summary><c>vedette admin</c> as an operator types it, beside a server that runs.</summary>
[Trait("slow", "yes")]
public sealed class AdminTests : IAsyncDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly Dictionary<string, string> environment;
    private string? postgres;

    public AdminTests()
    {
        var port = FreePort.Find();
        environment = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["VEDETTE_DATA"] = folder.Path,
            ["VEDETTE_URL"] = string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}"),
        };
    }

    [Theory, EachDatabase]
    public async Task What_an_operator_adds_is_of_use_at_once(DatabaseKind database)
    {
        await using var server = await ServeAsync(database);
        await DoneAsync("org", "add", "--slug", "acme", "--name", "Acme");
        await DoneAsync("user", "add", "--email", "ada@example.org", "--password", "correct horse", "--org", "acme", "--role", "manager");
        var token = await DoneAsync("token", "create", "--email", "Ada@example.org", "--scope", "org:read", "project:write", "--scope", "event:read");
        var dsn = new Uri(await DoneAsync("project", "add", "--org", "acme", "--slug", "shop", "--platform", "csharp"));

        Assert.Matches("^sntryu_[0-9a-f]{64}$", token);
        using var client = new HttpClient { BaseAddress = new Uri(environment["VEDETTE_URL"]) };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        Assert.Contains("\"slug\":\"acme\"", await client.GetStringAsync(new Uri("/api/0/organizations/", UriKind.Relative)), StringComparison.Ordinal);
        Assert.Contains("\"platform\":\"csharp\"", await client.GetStringAsync(new Uri("/api/0/projects/acme/shop/", UriKind.Relative)), StringComparison.Ordinal);
        Assert.Contains("\"slug\":\"shop\"", await client.GetStringAsync(new Uri("/api/0/organizations/acme/projects/", UriKind.Relative)), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NotFound, (await client.GetAsync(new Uri("/api/0/organizations/default/", UriKind.Relative))).StatusCode);

        using var envelope = new StringContent("{}\n{\"type\":\"event\"}\n{\"message\":\"seen\"}", Encoding.UTF8);
        using var accepted = await client.PostAsync(new Uri($"/api{dsn.AbsolutePath}/envelope/?sentry_key={dsn.UserInfo}", UriKind.Relative), envelope);
        Assert.Equal(HttpStatusCode.OK, accepted.StatusCode);
    }

    [Fact]
    public async Task A_password_that_nobody_chose_is_printed_and_an_account_is_kept()
    {
        await using var server = await ServeAsync(DatabaseKind.Sqlite);
        var added = await DoneAsync("user", "add", "--email", "ada@example.org", "--org", "default", "--role", "member");
        Assert.Matches("^ada@example.org is member of default\npassword [a-z0-9]{20}$", added.ReplaceLineEndings("\n"));
        await DoneAsync("org", "add", "--slug", "acme");

        Assert.Equal("ADA@example.org is owner of acme", await DoneAsync("user", "add", "--email", "ADA@example.org", "--org", "acme", "--role", "owner"));
    }

    [Theory, EachDatabase]
    public async Task An_operator_names_superusers_and_publishes_apps(DatabaseKind database)
    {
        await using var server = await ServeAsync(database);
        var owner = ServerProcess.FirstStart(folder.Path);
        await DoneAsync("org", "add", "--slug", "acme");
        await DoneAsync("user", "add", "--email", "root@example.org", "--org", "acme", "--role", "member");
        var token = await DoneAsync("token", "create", "--email", "root@example.org", "--scope", "org:read");
        using var client = new HttpClient { BaseAddress = new Uri(environment["VEDETTE_URL"]) };

        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync("/api/0/organizations/default/"));
        Assert.Equal("Root@example.org is a superuser", await DoneAsync("user", "superuser", "--email", "Root@example.org"));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync("/api/0/organizations/default/"));
        Assert.Equal("root@example.org is no superuser", await DoneAsync("user", "superuser", "--email", "root@example.org", "--revoke"));
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync("/api/0/organizations/default/"));
        await RefusedAsync("there is no account of eve@example.org", "user", "superuser", "--email", "eve@example.org");

        foreach (var (name, isInternal) in new[] { ("Bridge", "false"), ("Own", "true") })
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "/api/0/sentry-apps/");
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", owner.Text("token"));
            request.Content = new StringContent($$"""{"name":"{{name}}","organization":"default","author":"A","webhookUrl":"https://b.example/","isInternal":{{isInternal}}}""");
            using var answer = await client.SendAsync(request);
            Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
        }

        Assert.Equal(HttpStatusCode.Forbidden, await StatusAsync("/api/0/sentry-apps/bridge/"));
        Assert.Equal("bridge is published", await DoneAsync("app", "publish", "bridge"));
        Assert.Equal("bridge is published already", await DoneAsync("app", "publish", "bridge"));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync("/api/0/sentry-apps/bridge/"));
        await RefusedAsync("there is no app 'nonsense'", "app", "publish", "nonsense");

        async Task<HttpStatusCode> StatusAsync(string path)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, path);
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
            using var answer = await client.SendAsync(request);
            return answer.StatusCode;
        }
    }

    [Fact]
    public async Task What_cannot_be_is_refused_in_one_line_that_names_it()
    {
        await using var server = await ServeAsync(DatabaseKind.Sqlite);
        await DoneAsync("user", "add", "--email", "ada@example.org", "--org", "default", "--role", "member");

        await RefusedAsync("there is an organization 'default' already", "org", "add", "--slug", "default");
        await RefusedAsync("'Ac me' is no slug", "org", "add", "--slug", "Ac me");
        await RefusedAsync("'42' is no slug", "project", "add", "--org", "default", "--slug", "42");
        await RefusedAsync("there is a project 'default' in default already", "project", "add", "--org", "default", "--slug", "default");
        await RefusedAsync("there is no organization 'acme'", "project", "add", "--org", "acme", "--slug", "shop");
        await RefusedAsync("there is no organization 'acme'", "user", "add", "--email", "eve@example.org", "--org", "acme", "--role", "member");
        await RefusedAsync("'eve' is no e-mail address", "user", "add", "--email", "eve", "--org", "default", "--role", "member");
        await RefusedAsync("at least 8 characters", "user", "add", "--email", "eve@example.org", "--org", "default", "--role", "member", "--password", "short");
        await RefusedAsync("is a member of default already", "user", "add", "--email", "ada@example.org", "--org", "default", "--role", "owner");
        await RefusedAsync("leave --name and --password out", "user", "add", "--email", "ada@example.org", "--org", "default", "--role", "owner", "--password", "new password");
        await RefusedAsync("'org:everything' is no scope", "token", "create", "--email", "ada@example.org", "--scope", "org:everything");
        await RefusedAsync("there is no account of eve@example.org", "token", "create", "--email", "eve@example.org", "--scope", "org:read");
        await RefusedAsync("king", "user", "add", "--email", "eve@example.org", "--org", "default", "--role", "king");
        await RefusedAsync("--scope", "token", "create", "--email", "ada@example.org");
    }

    [Fact]
    public async Task Without_a_database_it_says_how_to_get_one()
    {
        await RefusedAsync($"there is no database in {folder.Path}: start 'vedette serve' first", "org", "add", "--slug", "acme");
        Assert.Empty(Directory.EnumerateFileSystemEntries(folder.Path));
    }

    [Fact(Skip = PostgresServer.WhyNot, SkipUnless = nameof(PostgresIsThere))]
    public async Task A_database_without_a_schema_is_left_alone()
    {
        postgres = await PostgresServer.CreateDatabaseAsync();
        environment["VEDETTE_DATABASE"] = postgres;

        await RefusedAsync("has 'vedette serve' run on it?", "org", "add", "--slug", "acme");
    }

    public static bool PostgresIsThere => PostgresServer.IsThere;

    public async ValueTask DisposeAsync()
    {
        folder.Dispose();
        if (postgres is not null)
            await PostgresServer.DropDatabaseAsync(postgres);
    }

    private async Task<ServerProcess> ServeAsync(DatabaseKind database)
    {
        if (database == DatabaseKind.Postgres)
        {
            postgres = await PostgresServer.CreateDatabaseAsync();
            environment["VEDETTE_DATABASE"] = postgres;
        }

        return await ServerProcess.ServeAsync(environment);
    }

    private async Task<string> DoneAsync(params string[] arguments)
    {
        var (code, output, errors) = await ServerProcess.RunAsync(environment, ["admin", .. arguments]);
        Assert.True(code == 0, errors);
        return output.Trim();
    }

    private async Task RefusedAsync(string reason, params string[] arguments)
    {
        var (code, _, errors) = await ServerProcess.RunAsync(environment, ["admin", .. arguments]);
        Assert.Equal(1, code);
        Assert.Contains(reason, errors, StringComparison.Ordinal);
    }
}
