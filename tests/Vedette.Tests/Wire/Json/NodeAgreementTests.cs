using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Vedette.Wire.Json;
using Xunit;

namespace Vedette.Tests.Wire.Json;

/// <summary>
/// The contract itself, with the judge that receivers use: the bytes equal <c>JSON.stringify(JSON.parse(bytes))</c>. One
/// process a test, one document a line.
/// </summary>
public sealed class NodeAgreementTests
{
    private const string Echo =
        """
        const lines = require('fs').readFileSync(0, 'utf8').split('\n');
        process.stdout.write(lines.slice(0, -1).map(line => JSON.stringify(JSON.parse(line)) + '\n').join(''));
        """;

    [Fact]
    public async Task Doubles_are_written_as_node_writes_them_and_read_back_to_the_same_value()
    {
        // At a power of two the gap below is half of the gap above, which is where shortest digits go wrong.
        var powers = Enumerable.Range(-1074, 2098).Select(exponent => Math.ScaleB(1, exponent));
        var numbers = powers.Concat(JsonTrees.Doubles.Sample(20_000, 50)).ToList();
        var written = numbers.ConvertAll(number => Encoding.UTF8.GetString(JsonTrees.Stable(number)));

        var echoed = await NodeAsync(written);

        Assert.Equal(echoed, written);
        Assert.Equal(numbers.Select(number => number + 0.0), written.Select(text => double.Parse(text, CultureInfo.InvariantCulture)));
    }

    [Fact]
    public async Task Trees_are_written_as_node_writes_them()
    {
        var written = JsonTrees.Any.Sample(4000, 30).Select(tree => Encoding.UTF8.GetString(JsonTrees.Stable(tree))).ToList();

        var echoed = await NodeAsync(written);

        Assert.Equal(echoed, written);
    }

    [Fact]
    public async Task What_strangers_write_is_understood_as_node_understands_it()
    {
        const int Seed = 20260101;
        var random = new Random(Seed);
        var untidy = JsonTrees.Any.Sample(4000, 30).Select(tree => JsonTrees.Untidy(tree, random)).ToList();
        untidy.AddRange(["1e400", "-1e400", "-0", "1e-400", "0e99999999999", "1e-99999999999", "-1e99999999999", "0.1e-400", "1" + new string('0', 400)]);

        var echoed = await NodeAsync(untidy);

        Assert.Equal(echoed, untidy.ConvertAll(text =>
        {
            Assert.True(LenientJson.TryParse(Encoding.UTF8.GetBytes(text), out var value, out var error), $"{error}: {text}");
            return Encoding.UTF8.GetString(JsonTrees.Stable(value));
        }));
    }

    private static async Task<List<string>> NodeAsync(List<string> lines)
    {
        var ct = TestContext.Current.CancellationToken;
        var utf8 = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);
        using var node = new Process
        {
            StartInfo = new("node", ["-e", Echo])
            {
                UseShellExecute = false,
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                StandardInputEncoding = utf8,
                StandardOutputEncoding = utf8,
            },
        };
        try
        {
            node.Start();
        }
        catch (Win32Exception)
        {
            Assert.Skip("node is not installed");
        }

        var reading = node.StandardOutput.ReadToEndAsync(ct);
        await node.StandardInput.WriteAsync((string.Join('\n', lines) + "\n").AsMemory(), ct);
        node.StandardInput.Close();
        var output = await reading;
        await node.WaitForExitAsync(ct);

        Assert.Equal(0, node.ExitCode);
        var answers = output.Split('\n').SkipLast(1).ToList();
        Assert.Equal(lines.Count, answers.Count);
        return answers;
    }
}
