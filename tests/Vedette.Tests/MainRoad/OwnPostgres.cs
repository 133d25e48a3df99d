using System.Diagnostics;
using System.Globalization;
using Vedette.Tests.Harness;

namespace Vedette.Tests.MainRoad;

/// <summary>A PostgreSQL of a test's own, which the test may stop. Made as <c>./test</c> makes the shared one.</summary>
internal sealed class OwnPostgres : IAsyncDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly string bin;
    private readonly int port = FreePort.Find();

    private OwnPostgres(string bin) => this.bin = bin;

    /// <summary>The folder with <c>initdb</c> and <c>pg_ctl</c>; <c>null</c> when there is no PostgreSQL.</summary>
    public static string? Bin { get; } = Environment.GetEnvironmentVariable("VEDETTE_TEST_POSTGRES_BIN");

    public string Connection => $"Host=127.0.0.1;Port={port.ToString(CultureInfo.InvariantCulture)};Username=postgres;Database=postgres";

    private string Data => Path.Combine(folder.Path, "db");

    public static async Task<OwnPostgres> StartNewAsync()
    {
        var created = new OwnPostgres(Bin!);
        if (Environment.IsPrivilegedProcess)
            await RunAsync("chown", ["postgres", created.folder.Path]);
        await created.RunAsPostgresAsync("initdb", ["-D", created.Data, "-U", "postgres", "-A", "trust", "--no-sync", "-E", "UTF8", "--locale=C"]);
        await created.StartAsync();
        return created;
    }

    public Task StartAsync() => RunAsPostgresAsync("pg_ctl",
    [
        "-D", Data, "-l", Path.Combine(Data, "server.log"), "-w", "start", "-o",
        $"-c listen_addresses=127.0.0.1 -c port={port} -c unix_socket_directories={folder.Path} -c fsync=off",
    ]);

    /// <summary>As a crash: nobody is told.</summary>
    public Task CrashAsync() => RunAsPostgresAsync("pg_ctl", ["-D", Data, "-m", "immediate", "-w", "stop"]);

    public async ValueTask DisposeAsync()
    {
        if (File.Exists(Path.Combine(Data, "postmaster.pid")))
            await CrashAsync();
        folder.Dispose();
    }

    /// <summary>PostgreSQL refuses to run as root.</summary>
    private Task RunAsPostgresAsync(string program, string[] arguments) => Environment.IsPrivilegedProcess
        ? RunAsync("setpriv", ["--reuid=postgres", "--regid=postgres", "--init-groups", Path.Combine(bin, program), .. arguments])
        : RunAsync(Path.Combine(bin, program), arguments);

    private static async Task RunAsync(string program, string[] arguments)
    {
        // Its output is not read: the server would inherit the pipe and keep it open.
        using var process = Process.Start(new ProcessStartInfo("sh", ["-c", "exec \"$@\" >/dev/null 2>&1 </dev/null", "sh", program, .. arguments])
        {
            UseShellExecute = false,
            WorkingDirectory = "/",
        })!;
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"{program} {string.Join(' ', arguments)} ended with {process.ExitCode}");
    }
}
