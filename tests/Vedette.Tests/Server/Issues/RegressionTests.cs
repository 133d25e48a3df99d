using Vedette.Tests.Harness;
using Vedette.Wire.Json;
using Xunit;

namespace Vedette.Tests.Server.Issues;

/// <summary>Which events bring a resolved issue back (<c>spec/domain.md</c> 2.5).</summary>
public sealed class RegressionTests
{
    private const string Now = """{"status":"resolved"}""";
    private const string Next = """{"status":"resolvedInNextRelease"}""";

    private static string In(string version) => $$$"""{"status":"resolved","statusDetails":{"inRelease":"{{{version}}}"}}""";

    public static TheoryData<string[], string, string?, bool> Cases { get; } = new()
    {
        { ["shop@1.0", "shop@1.1"], Now, "shop@1.0", true },
        { ["shop@1.0", "shop@1.1"], Now, null, true },
        { [], Now, null, true },

        // In a release: that one and newer ones, by version where both have one of the same package, else by date.
        { ["shop@1.0", "shop@1.1"], In("shop@1.1"), "shop@1.1", true },
        { ["shop@1.0", "shop@1.1"], In("shop@1.1"), "shop@1.2", true },
        { ["shop@1.0", "shop@1.1"], In("shop@1.1"), "shop@1.0", false },
        { ["shop@1.0", "shop@1.1"], In("shop@1.1"), "shop@0.9", false },
        { ["shop@1.0", "shop@1.1"], In("shop@1.1"), "shop@1.1-rc.1", false },
        { ["shop@1.0", "shop@1.1"], In("shop@1.1"), null, false },
        { ["shop@1.0", "shop@1.1"], In("shop@1.1"), "cart@0.1", true },
        { ["aaa", "bbb", "ccc"], In("bbb"), "aaa", false },
        { ["aaa", "bbb", "ccc"], In("bbb"), "bbb", true },
        { ["aaa", "bbb", "ccc"], In("bbb"), "ccc", true },
        { ["aaa", "bbb", "ccc"], In("bbb"), "never seen", true },

        // In the next one: newer ones than the newest at that time.
        { ["shop@1.0", "shop@1.1"], Next, "shop@1.1", false },
        { ["shop@1.0", "shop@1.1"], Next, "shop@1.0", false },
        { ["shop@1.0", "shop@1.1"], Next, "shop@1.0.1", false },
        { ["shop@1.0", "shop@1.1"], Next, "shop@1.1.1", true },
        { ["shop@1.1", "shop@1.0.9"], Next, "shop@1.1", false },
        { ["shop@1.1", "shop@1.0.9"], Next, "shop@1.2", true },
        { ["shop@1.0", "shop@1.1"], Next, null, false },
        { ["aaa", "bbb"], Next, "aaa", false },
        { ["aaa", "bbb"], Next, "bbb", false },
        { ["aaa", "bbb"], Next, "ccc", true },
        { [], Next, "shop@1.0", true },
        { [], Next, null, false },
        { ["aaa", "bbb"], """{"status":"resolved","statusDetails":{"inUpcomingRelease":true}}""", "bbb", false },
        { ["aaa", "bbb"], """{"status":"resolved","statusDetails":{"inUpcomingRelease":true}}""", "ccc", true },

        // In a commit that no release has yet.
        { ["aaa"], """{"status":"resolved","statusDetails":{"inCommit":{"commit":"c1","repository":"acme/shop"}}}""", "aaa", true },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task An_event_brings_back_what_its_release_should_not_have(string[] releases, string resolve, string? release, bool regresses)
    {
        await using var life = await IssueLife.BeginAsync(DatabaseKind.Sqlite, seen: false);
        await life.SeeAsync();
        foreach (var version in releases)
            await life.SeeAsync($",\"release\":\"{version}\"");
        await life.ChangedAsync(resolve);
        await life.TellsAsync();

        await life.SeeAsync(release is null ? "" : $",\"release\":\"{release}\"");

        Assert.Equal(regresses ? "unresolved/regressed" : "resolved/none", await life.StateAsync());
        Assert.Equal(regresses ? 1 : 0, (await life.TellsAsync()).Count);
        Assert.Equal($"{releases.Length + 2}", (await life.IssueAsync()).Text("count"));
    }

    [Theory, EachDatabase]
    public async Task Releases_without_versions_are_compared_by_the_day_of_their_release(DatabaseKind database)
    {
        await using var life = await IssueLife.BeginAsync(database);
        foreach (var version in new[] { "aaa", "bbb" })
            await life.SeeAsync($",\"release\":\"{version}\"");
        await life.App.ApiAsync(HttpMethod.Put, "/api/0/organizations/default/releases/bbb/", """{"dateReleased":"2026-02-01T00:00:00Z"}""");
        await life.ChangedAsync(In("aaa"));

        await life.SeeAsync(""","release":"bbb" """);

        Assert.Equal("resolved/none", await life.StateAsync());
    }

    [Theory, EachDatabase]
    public async Task The_activity_says_which_event_and_which_versions(DatabaseKind database)
    {
        await using var life = await IssueLife.BeginAsync(database);
        await life.SeeAsync(""","release":"shop@1.0" """);
        await life.ChangedAsync(In("shop@1.0"));

        await life.SeeAsync(""","release":"shop@1.1","event_id":"11111111111111111111111111111111" """);

        Assert.Equal(
            ("set_regression", """{"event_id":"11111111111111111111111111111111","version":"shop@1.1","follows_semver":true,"resolved_in_version":"shop@1.0"}"""),
            (await life.ActivitiesAsync())[0]);
        Assert.Equal("{}", (await life.IssueAsync())["statusDetails"].JsonText());
    }

    [Theory, EachDatabase]
    public async Task A_commit_that_is_released_counts_like_its_release(DatabaseKind database)
    {
        await using var life = await IssueLife.BeginAsync(database);
        await life.SeeAsync(""","release":"1.0" """);
        await life.App.ApiAsync(HttpMethod.Post, "/api/0/organizations/default/releases/", """{"version":"1.1","projects":["default"],"commits":[{"id":"c1"}]}""");

        await life.ChangedAsync("""{"status":"resolved","statusDetails":{"inCommit":{"commit":"c1","repository":"acme/shop"}}}""");
        await life.SeeAsync(""","release":"1.0" """);
        Assert.Equal("resolved/none", await life.StateAsync());
        await life.SeeAsync(""","release":"1.1" """);

        Assert.Equal("unresolved/regressed", await life.StateAsync());
    }

    [Theory, EachDatabase]
    public async Task What_was_received_before_the_resolution_never_brings_an_issue_back(DatabaseKind database)
    {
        await using var life = await IssueLife.BeginAsync(database);
        await life.App.ApiAsync(HttpMethod.Put, $"{IssueLife.Issues}1/", Now);

        await life.App.SendAsync(TestEvents.Boom());
        Assert.Equal("resolved/none", await life.StateAsync());
        life.Clock.Advance(TimeSpan.FromMilliseconds(1));
        await life.App.SendAsync(TestEvents.Boom());

        Assert.Equal("unresolved/regressed", await life.StateAsync());
    }

    [Fact]
    public async Task An_archived_issue_never_regresses()
    {
        await using var life = await IssueLife.BeginAsync(DatabaseKind.Sqlite);
        await life.ChangedAsync("""{"status":"ignored"}""");

        await life.SeeAsync();
        await life.SeeAsync();

        Assert.Equal("ignored/archived_forever", await life.StateAsync());
    }
}
