using Vedette.Server;
using Vedette.Server.Configuration;
using Vedette.Tests.Harness;
using Xunit;

namespace Vedette.Tests.Documents;

public sealed class ConfigurationTests
{
    [Fact]
    public void The_page_shows_every_key_with_its_default_and_meaning()
    {
        var keys = VedetteServer.ConfigurationKeys.Select(key => $"{key.Name} [{key.Default}] {key.Meaning}");
        var shown = Rows().Select(row => $"{row[0]} [{row[1]}] {row[2]}");

        Assert.Equal(keys, shown);
    }

    [Fact]
    public void Every_example_that_is_a_value_is_taken()
    {
        var examples = Rows().Where(row => row[3].StartsWith('`')).ToDictionary(row => row[0], row => row[3].Trim('`'));

        Assert.True(examples.Count >= 8, "the examples were not found");
        Assert.All(examples, example => Assert.True(
            VedetteOptions.TryRead(key => key == example.Key ? example.Value : null, out _, out var error), error));
    }

    [Fact]
    public async Task The_help_of_the_program_has_a_line_a_command_and_that_of_serve_has_the_table()
    {
        var nothing = new Dictionary<string, string>();

        var program = await ServerProcess.RunAsync(nothing, "--help");
        var serve = await ServerProcess.RunAsync(nothing, "serve", "--help");

        Assert.Matches("(?m)^  serve   Serve the API", program.Output);
        Assert.DoesNotContain("VEDETTE_", program.Output, StringComparison.Ordinal);
        Assert.All(VedetteServer.ConfigurationKeys, key => Assert.Contains($"  {key.Name} ", serve.Output, StringComparison.Ordinal));
        Assert.Equal((0, 0), (program.ExitCode, serve.ExitCode));
    }

    private static IEnumerable<IReadOnlyList<string>> Rows() =>
        Repository.TableRows(Repository.Read("docs/configuration.md")).Select(row => (IReadOnlyList<string>)[row[0].Trim('`'), row[1].Trim('`'), row[2], row[3]]);
}
