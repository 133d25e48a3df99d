using System.Diagnostics;
using System.Globalization;
using Vedette.Simulation;

switch (args)
{
    case ["--seed", var seed]:
        return Tell(Number(seed));
    case ["--seeds", var count]:
        return Search(1, Number(count), Mutation.None);
    case ["--seeds", var count, "--from", var from]:
        return Search(Number(from), Number(count), Mutation.None);
    case ["--seeds", var count, "--mutation", var mutation]:
        return Search(1, Number(count), Enum.Parse<Mutation>(mutation));
    default:
        Console.Error.WriteLine($"usage: vedette-simulation --seeds COUNT [--from SEED | --mutation {string.Join('|', Enum.GetNames<Mutation>())}]");
        Console.Error.WriteLine("       vedette-simulation --seed SEED");
        return 2;
}

static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);

static int Tell(int seed)
{
    var outcome = Run.Play(seed, tells: true);
    Console.Write(outcome.Story);
    return outcome.Violation is null ? 0 : 1;
}

static int Search(int from, int count, Mutation mutation)
{
    var began = Stopwatch.GetTimestamp();
    var found = Seeds.Search(from, count, mutation);
    var seconds = Stopwatch.GetElapsedTime(began).TotalSeconds;
    if (found.Failed is { } failed)
        Console.WriteLine($"{failed.Story}seed {failed.Seed} breaks a promise: {failed.Violation}\n--seed {failed.Seed} tells the story again");
    Console.WriteLine($"{found.Played} seeds in {seconds:0} s, {found.Played / seconds * 60:0} a minute: {found.Deliveries} deliveries, {found.Sends} requests, {found.Deaths} deaths, {found.Steps} steps");
    return found.Failed is null ? 0 : 1;
}
