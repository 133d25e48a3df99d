using System.Data.Common;
using System.Net.Sockets;
using Vedette.Engine.Egress;
using Vedette.Server.Bootstrap;
using Vedette.Server.Configuration;
using Vedette.Storage;

namespace Vedette.Server;

/// <summary>The server as a process: <c>vedette serve</c>.</summary>
public static class VedetteServer
{
    /// <summary>Name, default and meaning of every configuration key, in the order of <c>docs/configuration.md</c>.</summary>
    public static IReadOnlyList<(string Name, string Default, string Meaning)> ConfigurationKeys { get; } =
        [.. VedetteOptions.Keys.Select(key => (key.Name, key.Default, key.Meaning))];

    public static string Version => VedetteHost.Version;

    /// <summary>
    /// Serves until <paramref name="ct"/> or a signal asks it to stop, then lets attempts under way end. Whatever keeps it
    /// from starting is one line on <paramref name="error"/>, and the exit code 1.
    /// </summary>
    /// <param name="environment">The configuration, <c>VEDETTE_...</c>.</param>
    public static async Task<int> RunAsync(IReadOnlyDictionary<string, string> environment, TextWriter output, TextWriter error, CancellationToken ct)
    {
        if (!VedetteOptions.TryRead(environment.GetValueOrDefault, out var options, out var wrong))
            return Refuse(wrong);
        foreach (var unknown in VedetteOptions.UnknownKeys(environment.Keys))
            error.WriteLine($"vedette: {unknown} is not known to this version and has no effect");

        if (DataFolder.TryOpen(options.DataFolder, exclusive: options.PostgresConnection is null, out var problem) is not { } folder)
            return Refuse(problem!);

        using (folder)
        {
            await using var app = VedetteHost.Build(options, TimeProvider.System);
            var database = app.Services.GetRequiredService<Database>();
            if (await PrepareAsync(app.Services, options, database, ShowFirstStart, ct) is { } unready)
                return Refuse(unready);
            if (await ListenAsync(app, options, ct) is { } deaf)
                return Refuse(deaf);

            output.WriteLine($"Vedette {Version} serves at {options.Url} from {database.Description}. Ctrl+C stops it.");
            await app.WaitForShutdownAsync(ct);
            return 0;
        }

        int Refuse(string reason)
        {
            error.WriteLine($"vedette: {reason}");
            return 1;
        }

        void ShowFirstStart(FirstStartCredentials made, string file)
        {
            output.WriteLine($"""
                First start. This is shown once, and kept in {file}:
                  url       {made.Url}
                  email     {made.Email}
                  password  {made.Password}
                  token     {made.Token}
                  dsn       {made.Dsn}
                """);
        }
    }

    private static async Task<string?> PrepareAsync(
        IServiceProvider services, VedetteOptions options, Database database, Action<FirstStartCredentials, string> onFirstStart, CancellationToken ct)
    {
        try
        {
            return await VedetteHost.PrepareAsync(services, onFirstStart, ct);
        }
        catch (DbException e)
        {
            return $"the database ({database.Description}) cannot be used: {OneLine(e)}";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return $"the data folder {options.DataFolder} cannot be used: {OneLine(e)}";
        }
    }

    private static async Task<string?> ListenAsync(WebApplication app, VedetteOptions options, CancellationToken ct)
    {
        try
        {
            await app.StartAsync(ct);
            return null;
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            return $"cannot listen on {string.Join(", ", options.Listen)}: {OneLine(e.InnerException ?? e)} (VEDETTE_LISTEN chooses another address)";
        }
    }

    private static string OneLine(Exception e) => e.Message.ReplaceLineEndings(" ");

    /// <summary><c>vedette egress check URL</c>: prints <c>allowed</c> and gives 0, or <c>blocked: reason</c> and gives 1. Names are resolved, no connection is opened.</summary>
    public static async Task<int> CheckEgressAsync(
        IReadOnlyDictionary<string, string> environment, string url, TextWriter output, TextWriter error, CancellationToken ct)
    {
        if (!EgressPolicy.TryParseAllowList(environment.GetValueOrDefault("VEDETTE_EGRESS_ALLOW"), out var allowed, out var wrong))
        {
            error.WriteLine($"vedette: VEDETTE_EGRESS_ALLOW: {wrong}");
            return 2;
        }

        var resolution = await new EgressResolver(new EgressPolicy(allowed)).ResolveUrlAsync(url, ct);
        output.WriteLine(resolution.Outcome switch
        {
            EgressOutcome.Allowed => "allowed",
            EgressOutcome.Blocked => $"blocked: {resolution.Reason}",
            EgressOutcome.Unresolved => $"blocked: {resolution.Reason}",
        });
        return resolution.Outcome == EgressOutcome.Allowed ? 0 : 1;
    }
}
