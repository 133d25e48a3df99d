using System.Text.RegularExpressions;
using Vedette.Tests.Documents;
using Vedette.Tests.Harness;
using Xunit;

namespace Vedette.Tests.Server.Web;

public sealed partial class WebAssetTests
{
    [Fact]
    public async Task What_a_page_names_is_kept_for_ever()
    {
        await using var app = await VedetteApp.StartAsync();
        var page = await app.Client.GetStringAsync("/auth/login/");
        var paths = AssetPath.Matches(page).Select(match => match.Value).Distinct(StringComparer.Ordinal).ToList();
        Assert.Equal(3, paths.Count);

        foreach (var path in paths)
        {
            using var plain = await app.Client.GetAsync(path);
            Assert.Equal((200, "public, max-age=31536000, immutable"), ((int)plain.StatusCode, plain.Headers.CacheControl!.ToString()));
            Assert.Empty(plain.Content.Headers.ContentEncoding);
            Assert.Matches("^(text/css|image/svg)", plain.Content.Headers.ContentType!.ToString());

            using var packing = new HttpClient(new SocketsHttpHandler { AutomaticDecompression = System.Net.DecompressionMethods.All }) { BaseAddress = new Uri(app.Url) };
            Assert.Equal(await plain.Content.ReadAsStringAsync(), await packing.GetStringAsync(path));
        }
    }

    [Fact]
    public async Task A_page_of_another_version_gets_what_this_one_has_and_may_not_keep_it()
    {
        await using var app = await VedetteApp.StartAsync();

        using var other = await app.Client.GetAsync("/_static/0123456789abcdef/vedette.css");
        Assert.Equal((200, "no-cache"), ((int)other.StatusCode, other.Headers.CacheControl!.ToString()));
        foreach (var nothing in new[] { "/_static/x/nothing.css", "/_static/x/..%2f..%2fappsettings.json", "/_static/" })
            Assert.Equal(404, (int)(await app.Client.GetAsync(nothing)).StatusCode);
    }

    [Fact]
    public async Task Every_icon_that_pages_name_is_there_and_no_other()
    {
        await using var app = await VedetteApp.StartAsync();
        var sprite = await app.Client.GetStringAsync("/_static/x/icons.svg");
        var there = Symbol.Matches(sprite).Select(match => match.Groups["name"].Value);

        // Named where they are used, or handed on as "name" beside other words.
        var pages = Repository.Files.Where(file => file.StartsWith("src/", StringComparison.Ordinal) && file.EndsWith(".razor", StringComparison.Ordinal)).Select(Repository.Read).ToList();
        var used = pages.SelectMany(page => Icon.Matches(page)).Select(match => match.Groups["name"].Value);

        Assert.Subset(there.ToHashSet(StringComparer.Ordinal), used.ToHashSet(StringComparer.Ordinal));
        Assert.All(there, name => Assert.Contains(pages, page => page.Contains($"\"{name}\"", StringComparison.Ordinal)));
    }

    [GeneratedRegex("/_static/[0-9a-f]{16}/[a-z.]+", RegexOptions.NonBacktracking)]
    private static partial Regex AssetPath { get; }

    [GeneratedRegex("<symbol id=\"(?<name>[^\"]+)\"", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex Symbol { get; }

    [GeneratedRegex("<Icon Name=\"(?<name>[a-z-]+)\"", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex Icon { get; }
}
