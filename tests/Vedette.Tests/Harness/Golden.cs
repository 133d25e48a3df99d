using System.Text;
using System.Text.RegularExpressions;
using Xunit;

namespace Vedette.Tests.Harness;

/// <summary>
/// Payloads as they were agreed, byte for byte. <c>VEDETTE_UPDATE_GOLDEN=1 ./test</c> writes them anew; the difference is
/// then a reviewer's to judge.
/// </summary>
internal static partial class Golden
{
    private const string Nobody = "00000000-0000-0000-0000-000000000000";

    /// <summary>The installation's uuid is random, and is compared as a fixed one.</summary>
    /// <param name="uuids">How many of the first uuids are random.</param>
    public static void Matches(string name, ReadOnlySpan<byte> body, int uuids = 1)
    {
        var actual = Uuid.Replace(Encoding.UTF8.GetString(body), Nobody, uuids);
        var file = Path.Combine(RepositoryRoot.Path, "tests", "Vedette.Tests", "Golden", $"{name}.golden.json");
        if (Environment.GetEnvironmentVariable("VEDETTE_UPDATE_GOLDEN") == "1")
            File.WriteAllText(file, actual);

        Assert.True(File.Exists(file), $"{file} does not exist: VEDETTE_UPDATE_GOLDEN=1 ./test writes it");
        Assert.Equal(File.ReadAllText(file), actual);
    }

    [GeneratedRegex("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", RegexOptions.NonBacktracking | RegexOptions.CultureInvariant)]
    private static partial Regex Uuid { get; }
}
