using System.Collections;
using System.CommandLine;
using Vedette.Cli;

var root = new RootCommand("Vedette: a self-hosted integration platform that speaks Sentry's protocols.")
{
    ServeCommand.Create(ReadEnvironment()),
    EgressCommand.Create(ReadEnvironment()),
};
return await root.Parse(args).InvokeAsync();

static IReadOnlyDictionary<string, string> ReadEnvironment() =>
    Environment.GetEnvironmentVariables().Cast<DictionaryEntry>().ToDictionary(e => (string)e.Key, e => (string?)e.Value ?? "", StringComparer.Ordinal);
