using System.Diagnostics;
using Xunit;

namespace Vedette.Tests.Harness;

/// <summary>Programs of <c>tests/clients</c>: code that nobody here wrote, run by the real Node.</summary>
internal static class NodeClient
{
    private static readonly string Folder = Path.Combine(RepositoryRoot.Path, "tests", "clients");

    /// <summary>Throws errors with the real <c>@sentry/node</c>, and comes back when it has sent them.</summary>
    /// <param name="wish">JSON with <c>message</c>, and if wanted <c>extra</c>, <c>tags</c>, <c>user</c>, <c>times</c>.</param>
    public static async Task ThrowAsync(string dsn, string wish) => await RunAsync("throw.mjs", "", dsn, wish);

    /// <summary>Whether a receiver that checks the raw bytes, and one that checks the re-serialised body, accept it.</summary>
    public static async Task<string> VerifyAsync(string secret, ReceivedRequest request) =>
        (await RunAsync(
            "verify.mjs",
            $$"""{"secret":"{{secret}}","signature":"{{request.Header("Sentry-Hook-Signature")}}","body":"{{Convert.ToBase64String(request.Body)}}"}"""))
        .Trim();

    private static async Task<string> RunAsync(string script, string input, params string[] arguments)
    {
        if (!Directory.Exists(Path.Combine(Folder, "node_modules")))
            Assert.Skip("no npm packages in tests/clients: run ./test, or npm install there");

        using var node = Process.Start(new ProcessStartInfo("node", [Path.Combine(Folder, script), .. arguments])
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        await node.StandardInput.WriteAsync(input);
        node.StandardInput.Close();
        var output = node.StandardOutput.ReadToEndAsync();
        var errors = node.StandardError.ReadToEndAsync();
        await node.WaitForExitAsync();
        if (node.ExitCode != 0)
            throw new InvalidOperationException($"{script} ended with {node.ExitCode}: {await errors}");
        return await output;
    }
}
