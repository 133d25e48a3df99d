using System.Globalization;
using System.Text.RegularExpressions;
using Vedette.Tests.Harness;
using Vedette.Wire.Json;
using Xunit;

namespace Vedette.Tests.Documents;

/// <summary>What the README shows is what happens.</summary>
public sealed partial class ReadmeTests
{
    private const string AssetPackages = "src/Vedette.Server/Web/Assets/node_modules";

    [Fact, Trait("slow", "yes")]
    public async Task Every_command_of_the_readme_works_as_printed()
    {
        using var home = new TemporaryFolder();
        var clone = CopyRepository(home.Path);
        var (serverPort, receiverPort) = (FreePort.Find(), FreePort.Find());
        string WithPorts(string text) => text.Replace("8321", $"{serverPort}", StringComparison.Ordinal).Replace("3000", $"{receiverPort}", StringComparison.Ordinal);
        var environment = new Dictionary<string, string> { ["VEDETTE_URL"] = WithPorts("http://127.0.0.1:8321") };
        var blocks = Repository.Blocks("README.md");
        var tour = Path.Combine(home.Path, "vedette-tour");

        await using var first = new Terminal(clone, environment);
        await using var second = new Terminal(clone, new Dictionary<string, string>());
        var commands = new Queue<string>(blocks.Where(block => block.Language == "sh").Select(block => block.Text));
        await first.TypeAsync(commands.Dequeue());
        await first.WaitForAsync("serves at", TimeSpan.FromMinutes(5));
        AssertSameLines(WithPorts(ShownStart(blocks)), first.Output);

        await second.RunAsync(commands.Dequeue());
        foreach (var script in blocks.Where(block => block.Language == "js"))
            File.WriteAllText(Path.Combine(tour, script.Text.Split('\n')[0].TrimStart('/', ' ')), WithPorts(script.Text));

        // The registry of packages is not ours to test: the SDK that the other tests drive stands in for its command.
        Directory.CreateSymbolicLink(Path.Combine(tour, "node_modules"), Path.Combine(Repository.Root, "tests/clients/node_modules"));
        var printed = "";
        while (commands.TryDequeue(out var command))
            printed = await second.RunAsync(WithPorts(command.Replace("npm install @sentry/node\n", "", StringComparison.Ordinal)));
        Assert.Contains("\"title\":\"TypeError: the cart is empty\"", printed, StringComparison.Ordinal);

        var received = blocks.Single(block => block.Text.Contains("issue.created: ", StringComparison.Ordinal)).Text;
        foreach (var line in received.Split('\n', StringSplitOptions.RemoveEmptyEntries))
            await second.WaitForAsync(line);
        await second.RunAsync("kill %1");
    }

    [Fact]
    public async Task The_request_shown_is_the_request_that_arrives()
    {
        await using var receiver = new TestReceiver();
        await using var app = await VedetteApp.StartAsync(DatabaseKind.Sqlite, new FakeClock());
        await app.CreateAppAsync(receiver.Url, """["issue.created"]""");
        await app.SendEventAsync("""{"platform":"node","exception":{"values":[{"type":"TypeError","value":"the cart is empty"}]}}""");
        var arrived = (await receiver.WaitForAsync(1))[0];

        var blocks = Repository.Blocks("README.md");
        var shown = blocks.Single(block => block.Language == "http").Text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        var sample = blocks.Single(block => block.Language == "json").Text;

        Assert.Equal(shown[0], arrived.Line);
        Assert.Equal(shown.Skip(1).Select(line => line.Split(':')[0]), arrived.Headers.Select(header => header.Key));
        Assert.All(shown.Skip(1), line => Assert.Equal(Shape(line), Shape($"{line.Split(':')[0]}: {arrived.Header(line.Split(':')[0])}")));
        Assert.True(LenientJson.TryParse(System.Text.Encoding.UTF8.GetBytes(sample), out var json, out var error), error);
        AssertPartOf((JsonMap)json!, arrived.Json, "");
    }

    [Fact]
    public async Task The_help_names_each_command_that_the_documents_use()
    {
        var used = Repository.Documents
            .SelectMany(document => VedetteCommand.Matches(Repository.Read(document)))
            .Select(match => match.Groups["command"].Value)
            .Append("serve") // ./run
            .Distinct(StringComparer.Ordinal);

        var help = await ServerProcess.RunAsync(new Dictionary<string, string>(), "--help");

        Assert.Equal(0, help.ExitCode);
        Assert.All(used, command => Assert.Matches($"(?m)^  {command} ", help.Output));
    }

    private static string ShownStart(IReadOnlyList<Block> blocks) =>
        blocks.Single(block => block.Text.StartsWith("First start", StringComparison.Ordinal)).Text;

    /// <summary>Equal but for what is random or a place on somebody's disk.</summary>
    private static void AssertSameLines(string shown, string real)
    {
        var realLines = real[real.IndexOf("First start", StringComparison.Ordinal)..].Split('\n');
        var shownLines = shown.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(shownLines.Select(Shape), realLines.Take(shownLines.Length).Select(Shape));
    }

    private static string Shape(string line)
    {
        var shape = Places.Replace(line, "/.../data/");
        shape = Password.Replace(shape, "  password  <random>");
        shape = Hex.Replace(shape, match => $"<{match.Length} hex digits>");
        return Numbers.Replace(shape, "${name}<number>");
    }

    private static void AssertPartOf(JsonMap sample, JsonMap real, string path)
    {
        foreach (var (name, value) in sample.Members)
        {
            Assert.True(real.Contains(name), $"the README shows {path}{name}, which does not arrive");
            if (value is JsonMap inner)
                AssertPartOf(inner, Assert.IsType<JsonMap>(real[name]), $"{path}{name}.");
            else if (name is not ("uuid" or "url" or "firstSeen" or "lastSeen"))
                Assert.Equal(Convert.ToString(value, CultureInfo.InvariantCulture), Convert.ToString(real[name], CultureInfo.InvariantCulture));
        }
    }

    /// <summary>What was got from npm to build this is not got again: the registry is not ours to test.</summary>
    private static string CopyRepository(string home)
    {
        var clone = Path.Combine(home, "vedette");
        foreach (var file in Repository.Files)
        {
            var target = Path.Combine(clone, file);
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(Path.Combine(Repository.Root, file), target);
        }

        Directory.CreateSymbolicLink(Path.Combine(clone, AssetPackages), Path.Combine(Repository.Root, AssetPackages));
        return clone;
    }

    [GeneratedRegex(@"(?:\./|`)vedette (?<command>[a-z]+)\b", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex VedetteCommand { get; }

    [GeneratedRegex(@"/\S*/data/", RegexOptions.NonBacktracking)]
    private static partial Regex Places { get; }

    [GeneratedRegex(@"^  password  \S{20}$", RegexOptions.NonBacktracking)]
    private static partial Regex Password { get; }

    [GeneratedRegex(@"\b(?:sntryu_)?[0-9a-f]{32,64}\b", RegexOptions.NonBacktracking)]
    private static partial Regex Hex { get; }

    [GeneratedRegex(@"^(?<name>Host: 127\.0\.0\.1:|Sentry-Hook-Timestamp: |Content-Length: )\d+$", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex Numbers { get; }
}
