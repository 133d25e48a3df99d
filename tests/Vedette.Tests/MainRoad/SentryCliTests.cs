using Vedette.Tests.Harness;
using Vedette.Wire.Json;
using Xunit;

namespace Vedette.Tests.MainRoad;

/// <summary>The real <c>sentry-cli</c> (<c>spec/domain.md</c> 8.2) against a server that runs.</summary>
[Trait("slow", "yes")]
public sealed class SentryCliTests
{
    [Fact]
    public async Task Info_says_who_one_is()
    {
        await using var app = await VedetteApp.StartAsync();

        var output = await NodeClient.SentryCliAsync(app.Url, app.FirstStart.Token, "info");

        Assert.Contains($"Sentry Server: {app.Url}", output, StringComparison.Ordinal);
        Assert.Contains("User: admin@localhost", output, StringComparison.Ordinal);
        Assert.Contains("- org:admin", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Organizations_and_projects_are_listed_over_all_pages()
    {
        await using var app = await VedetteApp.StartAsync();
        for (var i = 0; i < 120; i++)
            await app.AddProjectAsync("default", $"shop-{i:000}");

        var organizations = await NodeClient.SentryCliAsync(app.Url, app.FirstStart.Token, "organizations", "list");
        var projects = await NodeClient.SentryCliAsync(app.Url, app.FirstStart.Token, "projects", "list", "--org", "default");

        Assert.Matches(@"\| *1 *\| *default *\| *default", organizations);
        Assert.All(Enumerable.Range(0, 120), i => Assert.Contains($"shop-{i:000}", projects, StringComparison.Ordinal));
    }

    [Theory, EachDatabase]
    public async Task Releases_and_deploys_are_made_listed_finished_and_deleted(DatabaseKind database)
    {
        await using var app = await VedetteApp.StartAsync(database);
        const string Version = "shop@1.4.0+77";

        await CliAsync("releases", "new", Version, "--url", "https://ci.example/77");
        await CliAsync("releases", "new", Version);
        await CliAsync("releases", "finalize", Version);
        await CliAsync("deploys", "--release", Version, "new", "-e", "production", "-n", "blue");
        var listed = await CliAsync("releases", "list");
        var info = await CliAsync("releases", "info", Version, "--show-projects");
        var deploys = await CliAsync("deploys", "--release", Version, "list");
        await CliAsync("releases", "delete", Version);

        Assert.Contains("1.4.0", listed, StringComparison.Ordinal);
        Assert.Contains(Version, info, StringComparison.Ordinal);
        Assert.Matches(@"production *\| *blue", deploys);
        Assert.Equal(0, await app.CountAsync("release"));

        Task<string> CliAsync(params string[] arguments) =>
            NodeClient.SentryCliAsync(app.Url, app.FirstStart.Token, [arguments[0], "--org", "default", "--project", "default", .. arguments[1..]]);
    }

    [Fact]
    public async Task Commits_of_a_release_are_set()
    {
        await using var app = await VedetteApp.StartAsync();
        await NodeClient.SentryCliAsync(app.Url, app.FirstStart.Token, "releases", "--org", "default", "--project", "default", "new", "1.0");

        await NodeClient.SentryCliInRepositoryAsync(
            app.Url, app.FirstStart.Token, "Mend the cart", "releases", "--org", "default", "--project", "default", "set-commits", "1.0", "--local");

        var commit = (JsonMap)(await app.GetAsync("/api/0/organizations/default/releases/1.0/commits/")).List.Single()!;
        Assert.Equal(("Mend the cart", "Ada"), (commit.Text("message")!.Trim(), commit.Map("author")!.Text("name")));
    }
}
