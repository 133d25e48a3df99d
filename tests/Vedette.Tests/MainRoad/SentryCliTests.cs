using Vedette.Tests.Harness;
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
}
