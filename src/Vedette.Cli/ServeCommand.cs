using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using Vedette.Server;

namespace Vedette.Cli;

internal static class ServeCommand
{
    public static Command Create(IReadOnlyDictionary<string, string> environment)
    {
        // Its own help option, because a description is also shown in the list of commands, where the table does not belong.
        var command = new Command("serve", "Serve the API, take events from SDKs and deliver webhooks.");
        command.Options.Add(new HelpOption { Action = new ConfigurationHelp() });
        command.SetAction((_, ct) => VedetteServer.RunAsync(environment, Console.Out, Console.Error, ct));
        return command;
    }

    /// <summary>The usual help, and below it every configuration key.</summary>
    private sealed class ConfigurationHelp : SynchronousCommandLineAction
    {
        private readonly HelpAction usual = new();

        public override int Invoke(ParseResult parseResult)
        {
            var exitCode = usual.Invoke(parseResult);
            var output = parseResult.InvocationConfiguration.Output;
            var width = VedetteServer.ConfigurationKeys.Max(key => key.Name.Length);
            output.WriteLine("Environment variables [default]:");
            foreach (var (name, byDefault, meaning) in VedetteServer.ConfigurationKeys)
                output.WriteLine($"  {name.PadRight(width)}  {meaning} [{byDefault}]");
            return exitCode;
        }
    }
}
