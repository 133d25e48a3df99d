using System.Text.Json;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Xunit;

namespace Vedette.Tests.Documents;

/// <summary>The house rules that a machine can check. Each says in its message what to do instead.</summary>
public sealed partial class HouseTests
{
    /// <summary>The rooms, each with those that it may use.</summary>
    private static readonly Dictionary<string, string[]> Rooms = new()
    {
        ["Vedette.Wire"] = [],
        ["Vedette.Storage"] = [],
        ["Vedette.Engine"] = ["Vedette.Storage", "Vedette.Wire"],
        ["Vedette.Tracker"] = ["Vedette.Engine", "Vedette.Storage", "Vedette.Wire"],
        ["Vedette.Server"] = ["Vedette.Engine", "Vedette.Storage", "Vedette.Tracker", "Vedette.Wire"],
        ["Vedette.Cli"] = ["Vedette.Server", "Vedette.Wire"],
    };

    /// <summary>Where something must go on whatever went wrong, with the number of such places.</summary>
    private static readonly Dictionary<string, int> CatchesAnything = new()
    {
        ["src/Vedette.Engine/Deliveries/Dispatcher.cs"] = 1, // A bug in one attempt must not stop the others.
        ["src/Vedette.Storage/GroupCommit.cs"] = 2, // The unit's own caller gets its exception.
    };

    [Fact]
    public void Files_are_short_enough_to_be_read()
    {
        var tooLong = CSharpFiles().Concat(Repository.Files.Where(file => file.EndsWith(".razor", StringComparison.Ordinal)))
            .Select(file => (file, lines: File.ReadLines(Path.Combine(Repository.Root, file)).Count()))
            .Where(each => each.lines > (each.file.StartsWith("src/", StringComparison.Ordinal) ? 400 : 600));

        Assert.Empty(tooLong);
    }

    [Fact]
    public void Types_have_names_that_promise_something()
    {
        var empty = CSharpFiles().SelectMany(file => EmptyName.Matches(Repository.Read(file)).Select(match => $"{file}: {match.Value}"));

        Assert.Empty(empty);
    }

    [Fact]
    public void Nothing_catches_everything_without_a_filter()
    {
        var found = Repository.Sources
            .Select(file => (file, times: CatchAll.Count(Repository.Read(file))))
            .Where(each => each.times > 0)
            .ToDictionary(each => each.file, each => each.times);

        Assert.Equal(CatchesAnything.OrderBy(p => p.Key, StringComparer.Ordinal), found.OrderBy(p => p.Key, StringComparer.Ordinal));
    }

    [Fact]
    public void No_file_names_a_registry_or_a_place_on_somebodys_disk()
    {
        // Put together here, so that this file does not hold them.
        string[] forbidden =
        [
            string.Concat("registry.", "npmjs"), string.Concat("api.", "nuget"), string.Concat("nuget", ".org"), string.Concat("pypi", ".org"),
            string.Concat("/", "work", "/"), string.Concat("/", "root", "/"), string.Concat("/tmp/", "wt"),
        ];

        var found = Repository.Files.SelectMany(file =>
            forbidden.Where(word => Repository.Read(file).Contains(word, StringComparison.OrdinalIgnoreCase)).Select(word => $"{file}: {word}"));

        Assert.Empty(found);
    }

    [Fact]
    public void Rooms_use_only_those_below_them()
    {
        var projects = Repository.Files.Where(file => file.StartsWith("src/", StringComparison.Ordinal) && file.EndsWith(".csproj", StringComparison.Ordinal)).ToList();

        Assert.Equal(Rooms.Keys.Order(StringComparer.Ordinal), projects.Select(Path.GetFileNameWithoutExtension));
        Assert.All(projects, project =>
        {
            var uses = XDocument.Parse(Repository.Read(project)).Descendants("ProjectReference").Select(reference => Path.GetFileNameWithoutExtension(reference.Attribute("Include")!.Value));
            Assert.Subset(Rooms[Path.GetFileNameWithoutExtension(project)].ToHashSet(StringComparer.Ordinal), uses.ToHashSet(StringComparer.Ordinal));
        });
    }

    [Fact]
    public void Every_link_of_a_document_leads_somewhere()
    {
        var links = Repository.Documents.SelectMany(document => Link.Matches(Repository.Read(document)).Select(match => (document, target: match.Groups["target"].Value))).ToList();
        var broken = links
            .Where(link => !link.target.StartsWith("https://", StringComparison.Ordinal))
            .Where(link => !Path.Exists(Path.Combine(Repository.Root, Path.GetDirectoryName(link.document)!, link.target.Split('#')[0])));

        Assert.NotEmpty(links);
        Assert.Empty(broken);
    }

    [Fact]
    public void Decisions_are_numbered_without_gaps_and_have_their_four_parts()
    {
        var decisions = Repository.Documents.Where(file => file.StartsWith("docs/decisions/", StringComparison.Ordinal)).ToList();

        Assert.Equal(Enumerable.Range(1, decisions.Count).Select(number => $"{number:0000}"), decisions.Select(file => Path.GetFileName(file)[..4]));
        Assert.All(decisions, file =>
        {
            var text = Repository.Read(file);
            Assert.StartsWith($"# {Path.GetFileName(file)[..4]} ", text, StringComparison.Ordinal);
            Assert.All(["Context", "Decision", "Consequences", "Alternatives"], part => Assert.Contains($"\n**{part}.** ", text, StringComparison.Ordinal));
        });
    }

    [Fact]
    public void Every_package_has_its_reason()
    {
        var used = XDocument.Parse(Repository.Read("Directory.Packages.props")).Descendants("PackageVersion").Select(package => package.Attribute("Include")!.Value)
            .Concat(NpmPackages().Select(package => package.Name));
        var reasons = Repository.TableRows(Repository.Read("docs/decisions/0007-dependencies.md")).Select(row => row[0]);

        Assert.Equal(used.Order(StringComparer.Ordinal), reasons.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Packages_of_npm_have_exact_versions()
    {
        Assert.NotEmpty(NpmPackages());
        Assert.All(NpmPackages(), package => Assert.Matches("^[0-9]+[.][0-9]+[.][0-9]+$", package.Version));
    }

    /// <summary>That the server is built with.</summary>
    private static IEnumerable<(string Name, string Version)> NpmPackages() =>
        Repository.Files.Where(file => file.StartsWith("src/", StringComparison.Ordinal) && file.EndsWith("/package.json", StringComparison.Ordinal))
            .SelectMany(file => JsonDocument.Parse(Repository.Read(file)).RootElement.GetProperty("dependencies").EnumerateObject())
            .Select(package => (package.Name, package.Value.GetString()!));

    private static IEnumerable<string> CSharpFiles() => Repository.Files.Where(file => file.EndsWith(".cs", StringComparison.Ordinal));

    [GeneratedRegex(@"\b(?:class|record|struct|interface) \w*(?:Manager|Helper|Helpers|Util|Utils|Utility)\b", RegexOptions.NonBacktracking)]
    private static partial Regex EmptyName { get; }

    [GeneratedRegex(@"catch \(Exception(?: \w+)?\)\s*\{", RegexOptions.NonBacktracking)]
    private static partial Regex CatchAll { get; }

    [GeneratedRegex(@"\]\((?<target>[^)\s]+)\)", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex Link { get; }
}
