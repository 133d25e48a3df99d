using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;

namespace Vedette.Tests.Documents;

/// <summary>The working tree that these tests were built from.</summary>
internal static partial class Repository
{
    private static readonly string[] NotOurs = ["bin", "obj", "node_modules", "data", ".git", ".artifacts", "artifacts"];

    public static string Root { get; } = FindRoot();

    /// <summary>Every file that belongs to the repository, relative to its root, with forward slashes.</summary>
    public static IReadOnlyList<string> Files { get; } = [.. Walk(Root).Select(file => Path.GetRelativePath(Root, file)).Order(StringComparer.Ordinal)];

    public static IReadOnlyList<string> Documents { get; } = [.. Files.Where(file => file.EndsWith(".md", StringComparison.Ordinal))];

    public static IReadOnlyList<string> Sources { get; } =
        [.. Files.Where(file => file.StartsWith("src/", StringComparison.Ordinal) && file.EndsWith(".cs", StringComparison.Ordinal))];

    public static string Read(string file) => File.ReadAllText(Path.Combine(Root, file));

    /// <summary>The fenced blocks of a document, in order.</summary>
    public static IReadOnlyList<Block> Blocks(string document) =>
        [.. Fence.Matches(Read(document)).Select(match => new Block(match.Groups["language"].Value, match.Groups["text"].Value))];

    /// <summary>The rows of every table in a document, without heads, each a list of its cells.</summary>
    public static IReadOnlyList<IReadOnlyList<string>> TableRows(string markdown)
    {
        var rows = new List<IReadOnlyList<string>>();
        var lines = markdown.Split('\n');
        for (var i = 0; i < lines.Length; i++)
        {
            var isHead = i + 1 < lines.Length && lines[i + 1].StartsWith("| ---", StringComparison.Ordinal);
            if (lines[i].StartsWith("| ", StringComparison.Ordinal) && !isHead && !lines[i].StartsWith("| ---", StringComparison.Ordinal))
                rows.Add([.. lines[i].Trim().Trim('|').Split(" | ").Select(cell => cell.Trim())]);
        }

        return rows;
    }

    /// <summary>What stands under a heading, up to the next heading of any level.</summary>
    public static string Section(string document, string heading)
    {
        var text = Read(document);
        var start = text.IndexOf($"\n{heading}\n", StringComparison.Ordinal);
        if (start < 0)
            throw new InvalidOperationException($"{document} has no heading '{heading}'");

        var body = text[(start + heading.Length + 2)..];
        var end = body.IndexOf("\n#", StringComparison.Ordinal);
        return end < 0 ? body : body[..end];
    }

    private static string FindRoot([CallerFilePath] string here = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "../../.."));

    private static IEnumerable<string> Walk(string folder) =>
        Directory.EnumerateFiles(folder).Where(file => Path.GetFileName(file) is not ".git").Concat(
            Directory.EnumerateDirectories(folder).Where(each => !NotOurs.Contains(Path.GetFileName(each), StringComparer.Ordinal)).SelectMany(Walk));

    [GeneratedRegex(@"^```(?<language>[a-z]+)\n(?<text>.*?)^```$", RegexOptions.Singleline | RegexOptions.Multiline | RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex Fence { get; }
}

internal sealed record Block(string Language, string Text);
