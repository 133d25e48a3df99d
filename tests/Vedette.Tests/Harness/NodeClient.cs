using System.Diagnostics;
using System.Text;
using Vedette.Wire.Json;
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
            $$"""{"secret":"{{secret}}","signature":"{{request.Header("Sentry-Hook-Signature") ?? request.Header("X-Sentry-Hook-Signature")}}","body":"{{Convert.ToBase64String(request.Body)}}"}"""))
        .Trim();

    /// <summary>A step of the real <c>openid-client</c>, as <c>tests/clients/oauth.mjs</c> tells them.</summary>
    /// <param name="secret">Empty for a public client.</param>
    public static async Task<JsonMap> OAuthAsync(string step, string issuer, string clientId, string secret, params string[] rest) =>
        LenientJson.TryParse(Encoding.UTF8.GetBytes(await RunAsync("oauth.mjs", "", [step, issuer, clientId, secret, .. rest])), out var json, out var error)
            ? (JsonMap)json!
            : throw new FormatException(error);

    /// <summary>Runs the real <c>sentry-cli</c> in an empty home.</summary>
    public static Task<string> SentryCliAsync(string url, string token, params string[] arguments) => SentryCliInAsync(null, url, token, arguments);

    /// <summary>Runs the real <c>sentry-cli</c> in a new repository with one commit.</summary>
    public static async Task<string> SentryCliInRepositoryAsync(string url, string token, string message, params string[] arguments)
    {
        using var folder = new TemporaryFolder();
        await GitAsync(folder.Path, "init", "--quiet");
        await GitAsync(folder.Path, "-c", "user.name=Ada", "-c", "user.email=ada@example.org", "commit", "--quiet", "--allow-empty", "--message", message);
        await GitAsync(folder.Path, "remote", "add", "origin", "https://git.example/acme/shop.git");
        return await SentryCliInAsync(folder.Path, url, token, arguments);
    }

    private static Task<string> GitAsync(string folder, params string[] arguments) =>
        RunAsync(new ProcessStartInfo("git", arguments) { WorkingDirectory = folder }, "");

    private static async Task<string> SentryCliInAsync(string? folder, string url, string token, string[] arguments)
    {
        var program = Path.Combine(Folder, "node_modules", "@sentry", "cli-linux-x64", "bin", "sentry-cli");
        if (!File.Exists(program))
            Assert.Skip("no sentry-cli for this machine in tests/clients: run ./test, or npm install there");

        using var home = new TemporaryFolder();
        var start = new ProcessStartInfo(program, arguments) { WorkingDirectory = folder ?? home.Path };
        foreach (var name in start.Environment.Keys.Where(name => name.Contains("proxy", StringComparison.OrdinalIgnoreCase)).ToList())
            start.Environment.Remove(name);
        start.Environment["HOME"] = home.Path;
        start.Environment["SENTRY_URL"] = url;
        start.Environment["SENTRY_AUTH_TOKEN"] = token;
        start.Environment["SENTRY_DISABLE_UPDATE_CHECK"] = "1";
        return await RunAsync(start, "");
    }

    private static Task<string> RunAsync(string script, string input, params string[] arguments)
    {
        if (!Directory.Exists(Path.Combine(Folder, "node_modules")))
            Assert.Skip("no npm packages in tests/clients: run ./test, or npm install there");

        return RunAsync(new ProcessStartInfo("node", [Path.Combine(Folder, script), .. arguments]), input);
    }

    private static async Task<string> RunAsync(ProcessStartInfo start, string input)
    {
        start.UseShellExecute = false;
        start.RedirectStandardInput = true;
        start.RedirectStandardOutput = true;
        start.RedirectStandardError = true;
        using var process = Process.Start(start)!;
        await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"{start.FileName} {string.Join(' ', start.ArgumentList)} ended with {process.ExitCode}: {await output}{await errors}");
        return await output;
    }
}
