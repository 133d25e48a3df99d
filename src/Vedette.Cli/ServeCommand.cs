using System.CommandLine;
using Vedette.Server;

namespace Vedette.Cli;

internal static class ServeCommand
{
    public static Command Create(IReadOnlyDictionary<string, string> environment)
    {
        var width = VedetteServer.ConfigurationKeys.Max(key => key.Name.Length);
        var keys = string.Join('\n', VedetteServer.ConfigurationKeys.Select(key => $"  {key.Name.PadRight(width)}  {key.Meaning} [{key.Default}]"));
        var command = new Command("serve", $"Serve the API, take events from SDKs and deliver webhooks.\n\nIt is configured by environment variables [default]:\n{keys}");
        command.SetAction((_, ct) => VedetteServer.RunAsync(environment, Console.Out, Console.Error, ct));
        return command;
    }
}
