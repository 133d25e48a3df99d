using System.Text.RegularExpressions;
using Xunit;

namespace Vedette.Tests.Documents;

/// <summary>Prose that names what is no longer there is worse than none.</summary>
public sealed partial class ArchitectureTests
{
    private static readonly string[] OfDotNet = ["TimeProvider", "ToString"];

    [Theory]
    [InlineData("docs/architecture.md", 20)]
    [InlineData("docs/delivery.md", 8)]
    [InlineData("CONTRIBUTING.md", 5)]
    [InlineData("docs/simulation.md", 5)]
    public void Every_type_and_member_that_a_document_names_exists(string document, int atLeast)
    {
        var code = Repository.Files.Where(file => file.EndsWith(".cs", StringComparison.Ordinal)).Select(Repository.Read).ToList();
        var names = CodeName.Matches(Repository.Read(document))
            .Select(match => (Type: match.Groups["type"].Value, Member: match.Groups["member"].Value))
            .Where(name => name.Type is not "Vedette") // A project, not a type.
            .Distinct()
            .ToList();

        var missing = names.Where(name => !OfDotNet.Contains(name.Type, StringComparer.Ordinal) && !code.Any(text =>
            Regex.IsMatch(text, $@"\b(class|record|enum|struct|interface) {name.Type}\b", RegexOptions.ExplicitCapture, TimeSpan.FromSeconds(5))
            && Regex.IsMatch(text, $@"\b{name.Member}\b", RegexOptions.ExplicitCapture, TimeSpan.FromSeconds(5))));

        Assert.Empty(missing);
        Assert.True(names.Count >= atLeast, $"only {names.Count} names were found in {document}");
    }

    [Fact]
    public void The_table_of_rooms_names_every_project()
    {
        var shown = Repository.TableRows(Repository.Section("docs/architecture.md", "## The rooms")).Select(row => row[0].Trim('`'));
        var projects = Directory.GetDirectories(Path.Combine(Repository.Root, "src")).Select(Path.GetFileName);

        Assert.Equal(projects.Order(StringComparer.Ordinal), shown.Order(StringComparer.Ordinal));
    }

    /// <summary>A code span such as <c>EventStore</c> or <c>Recorder.HandInAsync</c>.</summary>
    [GeneratedRegex(@"`(?:(?<type>[A-Z][A-Za-z]+)\.(?<member>[A-Z][A-Za-z]+)|(?<type>[A-Z][a-z]+(?:[A-Z][a-z]+)+|Lane|Envelope))`", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex CodeName { get; }
}
