using System.Collections;
using System.CommandLine;
using Vedette.Cli;
using Vedette.Cli.Login;

var root = new RootCommand("Vedette: a self-hosted integration platform that speaks Sentry's protocols.")
{
    ServeCommand.Create(ReadEnvironment()),
    EgressCommand.Create(ReadEnvironment()),
    AdminCommand.Create(ReadEnvironment()),
};
foreach (var command in LoginCommands.Create(ReadEnvironment()))
    root.Add(command);

// The host answers signals itself, and takes the time that attempts under way need; left alone, the parser would end the
// process two seconds after the first signal.
return await root.Parse(args).InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null });

static IReadOnlyDictionary<string, string> ReadEnvironment() =>
    Environment.GetEnvironmentVariables().Cast<DictionaryEntry>().ToDictionary(e => (string)e.Key, e => (string?)e.Value ?? "", StringComparer.Ordinal);
