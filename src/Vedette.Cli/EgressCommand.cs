using System.CommandLine;
using Vedette.Server;

namespace Vedette.Cli;

internal static class EgressCommand
{
    public static Command Create(IReadOnlyDictionary<string, string> environment)
    {
        var url = new Argument<string>("url") { Description = "The URL that would be called." };
        var check = new Command("check", "Say whether this server would call a URL, and why not. Names are resolved; nothing is connected to.") { url };
        check.SetAction((parsed, ct) => VedetteServer.CheckEgressAsync(environment, parsed.GetRequiredValue(url), Console.Out, Console.Error, ct));
        return new Command("egress", "What this server may call.") { check };
    }
}
