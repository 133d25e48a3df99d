using System.Diagnostics;
using System.Text;
using Vedette.Wire.Json;

namespace Vedette.Tests.Harness;

/// <summary>The built <c>vedette</c> as a process of its own, for what only a process can show: being killed, refusing to start.</summary>
internal sealed class ServerProcess : IAsyncDisposable
{
    private readonly Process process;
    private readonly StringBuilder output = new();
    private readonly StringBuilder errors = new();

    private ServerProcess(IReadOnlyDictionary<string, string> environment, string[] arguments)
    {
        var start = new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "vedette"), arguments)
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var name in start.Environment.Keys.Where(name => name.StartsWith("VEDETTE_", StringComparison.Ordinal)).ToList())
            start.Environment.Remove(name);
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        process = Process.Start(start)!;
        process.OutputDataReceived += (_, line) => Append(output, line.Data);
        process.ErrorDataReceived += (_, line) => Append(errors, line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    public string Output => Read(output);

    public string Errors => Read(errors);

    /// <summary>Starts <c>vedette serve</c> and waits until it says that it serves.</summary>
    public static async Task<ServerProcess> ServeAsync(IReadOnlyDictionary<string, string> environment)
    {
        var server = new ServerProcess(environment, ["serve"]);
        await Poll.UntilAsync(
            () => server.Output.Contains("serves at", StringComparison.Ordinal) || server.process.HasExited,
            "the server's word that it serves");
        return server.process.HasExited ? throw new InvalidOperationException($"the server did not start: {server.Errors}") : server;
    }

    /// <summary>Any other command, which goes on while the test does.</summary>
    public static ServerProcess Start(IReadOnlyDictionary<string, string> environment, params string[] arguments) => new(environment, arguments);

    /// <summary>Waits for its end, and for all that it wrote.</summary>
    /// <returns>The exit code.</returns>
    public async Task<int> EndAsync()
    {
        await Poll.UntilAsync(() => process.HasExited, "the end of the command");
        await process.WaitForExitAsync();
        return process.ExitCode;
    }

    /// <summary>Runs <c>vedette</c> to its end.</summary>
    public static async Task<(int ExitCode, string Output, string Errors)> RunAsync(IReadOnlyDictionary<string, string> environment, params string[] arguments)
    {
        await using var run = new ServerProcess(environment, arguments);
        return (await run.EndAsync(), run.Output, run.Errors);
    }

    /// <summary>What the first start left for its operator.</summary>
    public static JsonMap FirstStart(string dataFolder) =>
        LenientJson.TryParse(File.ReadAllBytes(Path.Combine(dataFolder, "first-start.json")), out var json, out var error)
            ? (JsonMap)json!
            : throw new FormatException(error);

    /// <summary>SIGKILL: no handler runs, nothing is flushed.</summary>
    public async Task KillAsync()
    {
        process.Kill();
        await process.WaitForExitAsync();
    }

    /// <summary>SIGTERM, as an operator stops a service, and what came of it.</summary>
    public async Task<(int ExitCode, string Errors)> TerminateAsync()
    {
        using (Process.Start("kill", ["-TERM", process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]))
            await process.WaitForExitAsync();
        return (process.ExitCode, Errors.Trim());
    }

    public async ValueTask DisposeAsync()
    {
        if (!process.HasExited)
            await KillAsync();
        process.Dispose();
    }

    private static void Append(StringBuilder text, string? line)
    {
        if (line is null)
            return;
        lock (text)
            text.Append(line).Append('\n');
    }

    private static string Read(StringBuilder text)
    {
        lock (text)
            return text.ToString();
    }
}
