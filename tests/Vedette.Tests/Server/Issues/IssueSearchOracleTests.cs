using System.Globalization;
using Vedette.Tests.Harness;
using Vedette.Wire.Json;
using Xunit;

namespace Vedette.Tests.Server.Issues;

/// <summary>Queries over random events, answered by the server and by a plain model of what was sent.</summary>
public sealed class IssueSearchOracleTests
{
    private const int Queries = 100;

    /// <summary>What the language is made of, and what databases take in other ways than programs do.</summary>
    private static readonly string[] Tokens =
    [
        " ", "!", "\"", "\\", "*", "%", "_", "'", ",", "[", "]", ":", "tags[", "is:", "unresolved", "has:", "age:", "-24h", ">=", "2026-03-01", "timesSeen:", "99", "level:", "error",
        "issue:", "DEFAULT-1", "assigned:", "me", "#team", "release:latest", "color:", "id:", "user.id:", "message:", "title:", "\0", "\u00a0", "é", "😀", "boom", "4c79f60c11214eb38604f4ae0781bfb2",
    ];

    [Theory, EachDatabase]
    public async Task Every_random_query_finds_what_a_plain_look_at_all_issues_finds(DatabaseKind database)
    {
        var clock = new FakeClock();
        await using var app = await VedetteApp.StartAsync(database, clock);
        var random = new Random(20260301);
        var issues = await SearchModel.FillAsync(app, clock, random);
        var (found, none) = (0, 0);

        for (var number = 0; number < Queries; number++)
        {
            var terms = Enumerable.Range(0, random.Next(1, 4)).Select(_ => Term(random, issues, clock.GetUtcNow())).ToList();
            var (sort, key) = Sort(random);
            var projects = random.Next(3) == 0 ? [random.Next(2)] : Array.Empty<int>();
            var query = string.Join(' ', terms.Select(term => term.Text));
            var path = $"/api/0/organizations/default/issues/?sort={sort}&query={Uri.EscapeDataString(query)}{string.Concat(projects.Select(project => $"&project={SearchModel.Slug(project)}"))}";

            var expected = issues.Where(issue => terms.TrueForAll(term => term.Holds(issue)) && (projects.Length == 0 || projects.Contains(issue.Project)));
            _ = await FindsAsync(app, path, expected.OrderByDescending(key)) > 0 ? found++ : none++;
        }

        // Neither always nothing, nor always something.
        Assert.InRange(found, Queries / 4, Queries);
        Assert.InRange(none, 1, Queries);
    }

    [Theory, EachDatabase]
    public async Task Every_written_query_finds_what_it_says(DatabaseKind database)
    {
        var clock = new FakeClock();
        await using var app = await VedetteApp.StartAsync(database, clock);
        var random = new Random(20261121);
        var issues = await SearchModel.FillAsync(app, clock, random);
        var written = WrittenSearches.Of(clock.GetUtcNow());
        var (some, all) = (0, 0);

        foreach (var (query, holds) in written)
        {
            var (sort, key) = Sort(random);
            var path = $"/api/0/organizations/default/issues/?sort={sort}&query={Uri.EscapeDataString(query)}";
            var found = await FindsAsync(app, path, issues.Where(holds).OrderByDescending(key));
            some += found > 0 ? 1 : 0;
            all += found == issues.Count ? 1 : 0;
        }

        // Most of them tell issues apart, so that the data cannot make them true.
        Assert.InRange(written.Count, 100, 200);
        Assert.InRange(some - all, written.Count * 3 / 4, written.Count);
    }

    [Theory, EachDatabase]
    public async Task Rows_of_tokens_are_answered_or_refused_by_every_list(DatabaseKind database)
    {
        await using var app = await VedetteApp.StartAsync(database);
        await app.SendAsync(TestEvents.Boom());
        var (random, statuses) = (new Random(7), new HashSet<int>());

        for (var number = 0; number < 300; number++)
        {
            var query = string.Concat(Enumerable.Range(0, random.Next(1, 9)).Select(_ => SearchModel.Pick(random, Tokens)));
            foreach (var list in new[] { "organizations/default/issues/", "projects/default/default/events/", "issues/1/events/", "issues/1/tags/level/values/" })
            {
                var status = (await app.GetAsync($"/api/0/{list}?query={Uri.EscapeDataString(query)}")).Status;
                Assert.True(status is 200 or 400, $"{query} in {list}: {status}");
                statuses.Add(status);
            }
        }

        Assert.Equal(2, statuses.Count);
    }

    /// <returns>How many issues the list has, after a check that they are those expected, of equal ones the younger first.</returns>
    private static async Task<int> FindsAsync(VedetteApp app, string path, IOrderedEnumerable<SentIssue> issues)
    {
        var answer = await app.GetAsync(path);
        Assert.True(answer.Status == 200, $"{Uri.UnescapeDataString(path)}: {answer.Status} {(answer.Json as JsonMap)?.Text("detail")}");
        var expected = issues.ThenByDescending(issue => issue.Id).Select(issue => issue.Id).ToList();
        var actual = answer.List.Select(issue => long.Parse(((JsonMap)issue!).Text("id")!, CultureInfo.InvariantCulture)).ToList();
        Assert.True(expected.SequenceEqual(actual), $"{Uri.UnescapeDataString(path)}: expected {string.Join(',', expected)}, found {string.Join(',', actual)}");
        Assert.Equal($"{expected.Count}", answer.Headers.GetValues("X-Hits").Single());
        return actual.Count;
    }

    private static (string Text, Func<SentIssue, bool> Holds) Term(Random random, IReadOnlyList<SentIssue> issues, DateTimeOffset now)
    {
        var negated = random.Next(4) == 0;
        var (text, holds) = random.Next(12) switch
        {
            0 => random.Next(2) == 0 ? ("is:resolved", (Func<SentIssue, bool>)(issue => issue.IsResolved)) : ("is:[new,ongoing]", issue => issue.IsOpen),
            1 => SearchModel.Pick(random, SearchModel.Levels) is var level ? ($"level:{level}", issue => issue.Newest.Tags["level"] == level) : default,
            2 => random.Next(1, 9) is var number ? ($"timesSeen:>={number}", issue => issue.Events.Count >= number) : default,
            3 => Instant(random, now),
            4 => SearchModel.Pick(random, ["color", "release", "environment", "user.email"]) is var key ? ($"has:{key}", issue => issue.Has(key, _ => true)) : default,
            5 => SearchModel.Pick(random, SearchModel.Colors) is var color ? ($"color:{Quoted(color)}", issue => issue.Has("color", value => value == color)) : default,
            6 => ("color:[red,\"light blue\",nothing]", issue => issue.Has("color", value => value is "red" or "light blue")),
            7 => Pattern(random),
            8 => random.Next(14) is var user ? ($"user.id:{user}", issue => issue.Has("user", value => value == $"id:{user}")) : default,
            9 => SearchModel.Pick(random, SearchModel.Types) is var type ? ($"error.type:{type}", issue => issue.Events.Exists(each => each.Type == type)) : default,
            10 => Identity(random, issues),
            _ => random.Next(1, 4) is var users ? ($"user_count:<{users}", issue => issue.Users < users) : default,
        };
        if (random.Next(8) == 0)
            return Word(random);
        return negated ? ($"!{text}", issue => !holds(issue)) : (text, holds);
    }

    private static (string, Func<SentIssue, bool>) Instant(Random random, DateTimeOffset now)
    {
        var hours = random.Next(1, 200);
        var (name, at) = random.Next(2) == 0 ? ("firstSeen", (Func<SentIssue, DateTimeOffset>)(issue => issue.FirstSeen)) : ("lastSeen", issue => issue.LastSeen);
        var day = now.UtcDateTime.Date.AddDays(-random.Next(8));
        return random.Next(3) switch
        {
            0 => ($"{name}:-{hours}h", issue => at(issue) >= now.AddHours(-hours)),
            1 => ($"{name}:+{hours}h", issue => at(issue) <= now.AddHours(-hours)),
            _ => ($"{name}:<{day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)}", issue => at(issue).UtcDateTime < day),
        };
    }

    private static (string, Func<SentIssue, bool>) Pattern(Random random) => random.Next(5) switch
    {
        0 => ("release:shop@1.*", issue => issue.Has("release", value => value.StartsWith("shop@1.", StringComparison.Ordinal))),
        1 => ("color:*BLU*", issue => issue.Has("color", value => value.Contains("blu", StringComparison.OrdinalIgnoreCase))),
        2 => ("color:*_*", issue => issue.Has("color", value => value.Contains('_', StringComparison.Ordinal))),
        3 => ("user.email:ada*@*.example", issue => issue.Has("user.email", value => value.StartsWith("ada", StringComparison.Ordinal))),
        _ => ("color:[*%,r*d]", issue => issue.Has("color", value => value.EndsWith('%') || value == "red")),
    };

    private static (string, Func<SentIssue, bool>) Identity(Random random, IReadOnlyList<SentIssue> issues)
    {
        var (one, other) = (issues[random.Next(issues.Count)], issues[random.Next(issues.Count)]);
        return ($"issue:[{one.Id},{other.ShortId}]", issue => issue == one || issue == other);
    }

    private static (string, Func<SentIssue, bool>) Word(Random random)
    {
        var word = SearchModel.Pick(random, SearchModel.Words);
        var written = word.AsSpan().ContainsAny('"', ':') ? Quoted(word) : random.Next(2) == 0 ? word.ToUpperInvariant() : word;
        if (word == "straße")
            written = word;
        return (written, issue => new[] { issue.Newest.Title, issue.Newest.Place }.Any(text => text.Contains(word, StringComparison.OrdinalIgnoreCase)));
    }

    private static (string, Func<SentIssue, long>) Sort(Random random) => random.Next(4) switch
    {
        0 => ("date", issue => issue.LastSeen.Ticks),
        1 => ("new", issue => issue.FirstSeen.Ticks),
        2 => ("freq", issue => issue.Events.Count),
        _ => ("user", issue => issue.Users),
    };

    private static string Quoted(string text) => $"\"{text.Replace(@"\", @"\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("*", @"\*", StringComparison.Ordinal)}\"";

}
