using System.Diagnostics;
using System.Text;
using Vedette.Tests.Harness;

namespace Vedette.Tests.Documents;

/// <summary>A bash that is typed into, as a reader of a document does. Variables and background jobs live until it is closed.</summary>
internal sealed class Terminal : IAsyncDisposable
{
    private readonly Process bash;
    private readonly StringBuilder output = new();
    private int typed;

    public Terminal(string folder, IReadOnlyDictionary<string, string> environment)
    {
        var start = new ProcessStartInfo("bash", ["--noprofile", "--norc"])
        {
            UseShellExecute = false,
            WorkingDirectory = folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var name in start.Environment.Keys.Where(name => name.StartsWith("VEDETTE_", StringComparison.Ordinal)).ToList())
            start.Environment.Remove(name);
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        bash = Process.Start(start)!;
        bash.OutputDataReceived += (_, line) => Append(line.Data);
        bash.ErrorDataReceived += (_, line) => Append(line.Data);
        bash.BeginOutputReadLine();
        bash.BeginErrorReadLine();
    }

    /// <summary>Everything printed so far, both streams.</summary>
    public string Output
    {
        get
        {
            lock (output)
                return output.ToString();
        }
    }

    public async Task WaitForAsync(string text, TimeSpan? patience = null)
    {
        try
        {
            await Poll.UntilAsync(
                () => Output.Contains(text, StringComparison.Ordinal) || bash.HasExited, $"'{text}' in the terminal", patience);
        }
        catch (TimeoutException e)
        {
            throw new TimeoutException($"{e.Message}; it shows:\n{Output}", e);
        }

        if (!Output.Contains(text, StringComparison.Ordinal))
            throw new InvalidOperationException($"the terminal closed without '{text}'; it shows:\n{Output}");
    }

    /// <summary>Types commands that run until somebody stops them.</summary>
    public Task TypeAsync(string commands) => bash.StandardInput.WriteAsync(commands);

    /// <summary>Types commands, waits for the last of them to end, and fails when it failed.</summary>
    /// <returns>What they printed.</returns>
    public async Task<string> RunAsync(string commands)
    {
        var before = Output.Length;
        var mark = $"--- end of command {++typed}, exit code ";
        await TypeAsync($"{commands}\necho \"{mark}$?.\"\n");
        await WaitForAsync(mark);
        var printed = Output[before..];
        if (!printed.Contains($"{mark}0.", StringComparison.Ordinal))
            throw new InvalidOperationException($"failed:\n{commands}\n{printed}");
        return printed;
    }

    public async ValueTask DisposeAsync()
    {
        if (!bash.HasExited)
        {
            bash.Kill(entireProcessTree: true);
            await bash.WaitForExitAsync();
        }

        bash.Dispose();
    }

    private void Append(string? line)
    {
        lock (output)
            output.Append(line).Append('\n');
    }
}
