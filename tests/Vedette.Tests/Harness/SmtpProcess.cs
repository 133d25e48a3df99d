using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text;
using Vedette.Wire.Json;
using Xunit;

namespace Vedette.Tests.Harness;

/// <summary>The npm package <c>smtp-server</c> as a process: an SMTP server that nobody here wrote, and what it took, read by <c>postal-mime</c>.</summary>
internal sealed class SmtpProcess : IAsyncDisposable
{
    private static readonly string Script = Path.Combine(RepositoryRoot.Path, "tests", "clients", "smtp.mjs");

    private readonly Process process;
    private readonly ConcurrentQueue<JsonMap> mails = new();
    private readonly StringBuilder errors = new();

    private SmtpProcess(string wish)
    {
        process = Process.Start(new ProcessStartInfo("node", [Script, wish])
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        process.OutputDataReceived += (_, line) => Take(line.Data);
        process.ErrorDataReceived += (_, line) => errors.AppendLine(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    public int Port { get; private set; }

    public string Url => $"smtp://127.0.0.1:{Port}";

    public IReadOnlyList<JsonMap> Mails => [.. mails];

    /// <param name="wish">JSON, as <c>smtp.mjs</c> describes it.</param>
    public static async Task<SmtpProcess> StartAsync(string wish = "{}")
    {
        if (!Directory.Exists(Path.Combine(Path.GetDirectoryName(Script)!, "node_modules", "smtp-server")))
            Assert.Skip("no npm packages in tests/clients: run ./test, or npm install there");

        var smtp = new SmtpProcess(wish);
        await Poll.UntilAsync(() => smtp.Port > 0 || smtp.process.HasExited, "the SMTP server's port");
        return smtp.Port > 0 ? smtp : throw new InvalidOperationException($"the SMTP server did not start: {smtp.errors}");
    }

    /// <summary>Waits until so many mails have been taken, and returns all.</summary>
    public async Task<IReadOnlyList<JsonMap>> WaitForAsync(int count)
    {
        await Poll.UntilAsync(() => mails.Count >= count, $"{count} mails");
        return Mails;
    }

    public async ValueTask DisposeAsync()
    {
        if (!process.HasExited)
            process.Kill();
        await process.WaitForExitAsync();
        process.Dispose();
    }

    private void Take(string? line)
    {
        if (line is null)
            return;
        if (line.StartsWith("port ", StringComparison.Ordinal))
            Port = int.Parse(line["port ".Length..], System.Globalization.CultureInfo.InvariantCulture);
        else if (LenientJson.TryParse(Encoding.UTF8.GetBytes(line), out var mail, out _))
            mails.Enqueue((JsonMap)mail!);
    }
}
