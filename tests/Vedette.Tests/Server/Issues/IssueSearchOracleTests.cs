using System.Globalization;
using System.Text;
using Vedette.Tests.Harness;
using Vedette.Wire.Json;
using Xunit;

namespace Vedette.Tests.Server.Issues;

/// <summary>Random queries over random events, answered by the server and by a plain model of what was sent.</summary>
public sealed class IssueSearchOracleTests
{
    private const int Events = 220;
    private const int Groups = 45;
    private const int Queries = 100;

    private static readonly string[] Levels = ["debug", "info", "warning", "error", "fatal"];
    private static readonly string[] Colors = ["blue", "light blue", "black", "red", "100%", "a_b", "BLUE", "star*"];
    private static readonly string[] Releases = ["shop@1.0", "shop@1.1", "shop@2.0-beta"];
    private static readonly string[] Environments = ["production", "staging", "dev"];
    private static readonly string[] Types = ["TypeError", "KeyError", "Überlauf"];
    private static readonly string[] Words = ["cart", "Empty", "50%", "disk_full", @"c:\temp", "\"quoted\"", "straße", "NULL"];

    [Theory, EachDatabase]
    public async Task Every_query_finds_what_a_plain_look_at_all_issues_finds(DatabaseKind database)
    {
        var clock = new FakeClock();
        await using var app = await VedetteApp.StartAsync(database, clock);
        var random = new Random(20260301);
        var issues = await FillAsync(app, clock, random);
        var (found, none) = (0, 0);

        for (var number = 0; number < Queries; number++)
        {
            var terms = Enumerable.Range(0, random.Next(1, 4)).Select(_ => Term(random, issues, clock.GetUtcNow())).ToList();
            var (sort, key) = Sort(random);
            var projects = random.Next(3) == 0 ? [random.Next(2)] : Array.Empty<int>();
            var query = string.Join(' ', terms.Select(term => term.Text));
            var path = $"/api/0/organizations/default/issues/?sort={sort}&query={Uri.EscapeDataString(query)}{string.Concat(projects.Select(project => $"&project={Slug(project)}"))}";

            var answer = await app.GetAsync(path);
            Assert.True(answer.Status == 200, $"query {number}, {query}: {answer.Status} {(answer.Json as JsonMap)?.Text("detail")}");
            var expected = issues.Where(issue => terms.TrueForAll(term => term.Holds(issue)) && (projects.Length == 0 || projects.Contains(issue.Project)))
                .OrderByDescending(key).ThenByDescending(issue => issue.Id).Select(issue => issue.Id).ToList();
            var actual = answer.List.Select(issue => long.Parse(((JsonMap)issue!).Text("id")!, CultureInfo.InvariantCulture)).ToList();
            Assert.True(expected.SequenceEqual(actual), $"query {number}, {query}, by {sort}: expected {string.Join(',', expected)}, found {string.Join(',', actual)}");
            Assert.Equal($"{expected.Count}", answer.Headers.GetValues("X-Hits").Single());
            _ = expected.Count > 0 ? found++ : none++;
        }

        // Neither always nothing, nor always something.
        Assert.InRange(found, Queries / 4, Queries);
        Assert.InRange(none, 1, Queries);
    }

    private static async Task<List<Sent>> FillAsync(VedetteApp app, FakeClock clock, Random random)
    {
        var (second, secondKey) = await app.AddProjectAsync("default", "second");
        (long Id, string Key)[] projects = [(app.ProjectId, app.PublicKey), (second, secondKey)];
        var issues = new Dictionary<int, Sent>();
        for (var i = 0; i < Events; i++)
        {
            clock.Advance(TimeSpan.FromMinutes(random.Next(1, 90)));
            var group = random.Next(Groups);
            var sent = RandomEvent(random, clock.GetUtcNow());
            if (!issues.TryGetValue(group, out var issue))
                issues.Add(group, issue = new Sent { Id = issues.Count + 1, Project = group % 2, Number = issues.Values.Count(other => other.Project == group % 2) + 1 });
            issue.Add(sent);

            var (id, key) = projects[issue.Project];
            using var content = new ByteArrayContent(Encoding.UTF8.GetBytes($"{{}}\n{{\"type\":\"event\"}}\n{sent.Json(group)}\n"));
            using var answer = await app.Client.PostAsync($"/api/{id}/envelope/?sentry_key={key}", content);
            Assert.Equal(200, (int)answer.StatusCode);
        }

        foreach (var issue in issues.Values.Where(issue => issue.Id % 4 == 0))
        {
            Assert.Equal(200, (await app.ApiAsync(HttpMethod.Put, $"/api/0/organizations/default/issues/{issue.Id}/", """{"status":"resolved"}""")).Status);
            issue.IsResolved = true;
        }

        return [.. issues.Values];
    }

    private static Event RandomEvent(Random random, DateTimeOffset now)
    {
        var tags = new Dictionary<string, string> { ["level"] = Pick(random, Levels) };
        if (random.Next(3) > 0)
            tags["color"] = Pick(random, Colors);
        if (random.Next(3) > 0)
            tags["release"] = Pick(random, Releases);
        if (random.Next(4) > 0)
            tags["environment"] = Pick(random, Environments);
        var user = random.Next(4) > 0 ? random.Next(12) : (int?)null;
        if (user is { } known)
        {
            tags["user"] = $"id:{known}";
            tags["user.email"] = $"{(known % 2 == 0 ? "ada" : "Bob")}{known}@shop.example";
        }

        return new Event(
            now.AddSeconds(-random.Next(0, 3 * 86_400)), $"{Pick(random, Words)} {Pick(random, Words)} {random.Next(5)}", $"{Pick(random, Words)} page",
            random.Next(3) > 0 ? Pick(random, Types) : null, user, tags);
    }

    private static (string Text, Func<Sent, bool> Holds) Term(Random random, List<Sent> issues, DateTimeOffset now)
    {
        var negated = random.Next(4) == 0;
        var (text, holds) = random.Next(12) switch
        {
            0 => random.Next(2) == 0 ? ("is:resolved", (Func<Sent, bool>)(issue => issue.IsResolved)) : ("is:[new,ongoing]", issue => !issue.IsResolved),
            1 => Pick(random, Levels) is var level ? ($"level:{level}", issue => issue.Newest.Tags["level"] == level) : default,
            2 => random.Next(1, 9) is var number ? ($"timesSeen:>={number}", issue => issue.Events.Count >= number) : default,
            3 => Instant(random, now),
            4 => Pick(random, ["color", "release", "environment", "user.email"]) is var key ? ($"has:{key}", issue => issue.Has(key, _ => true)) : default,
            5 => Pick(random, Colors) is var color ? ($"color:{Quoted(color)}", issue => issue.Has("color", value => value == color)) : default,
            6 => ("color:[red,\"light blue\",nothing]", issue => issue.Has("color", value => value is "red" or "light blue")),
            7 => Pattern(random),
            8 => random.Next(14) is var user ? ($"user.id:{user}", issue => issue.Has("user", value => value == $"id:{user}")) : default,
            9 => Pick(random, Types) is var type ? ($"error.type:{type}", issue => issue.Events.Exists(each => each.Type == type)) : default,
            10 => Identity(random, issues),
            _ => random.Next(1, 4) is var users ? ($"user_count:<{users}", issue => issue.Users < users) : default,
        };
        if (random.Next(8) == 0)
            return Word(random);
        return negated ? ($"!{text}", issue => !holds(issue)) : (text, holds);
    }

    private static (string, Func<Sent, bool>) Instant(Random random, DateTimeOffset now)
    {
        var hours = random.Next(1, 200);
        var (name, at) = random.Next(2) == 0 ? ("firstSeen", (Func<Sent, DateTimeOffset>)(issue => issue.FirstSeen)) : ("lastSeen", issue => issue.LastSeen);
        var day = now.UtcDateTime.Date.AddDays(-random.Next(8));
        return random.Next(3) switch
        {
            0 => ($"{name}:-{hours}h", issue => at(issue) >= now.AddHours(-hours)),
            1 => ($"{name}:+{hours}h", issue => at(issue) <= now.AddHours(-hours)),
            _ => ($"{name}:<{day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)}", issue => at(issue).UtcDateTime < day),
        };
    }

    private static (string, Func<Sent, bool>) Pattern(Random random) => random.Next(5) switch
    {
        0 => ("release:shop@1.*", issue => issue.Has("release", value => value.StartsWith("shop@1.", StringComparison.Ordinal))),
        1 => ("color:*BLU*", issue => issue.Has("color", value => value.Contains("blu", StringComparison.OrdinalIgnoreCase))),
        2 => ("color:*_*", issue => issue.Has("color", value => value.Contains('_', StringComparison.Ordinal))),
        3 => ("user.email:ada*@*.example", issue => issue.Has("user.email", value => value.StartsWith("ada", StringComparison.Ordinal))),
        _ => ("color:[*%,r*d]", issue => issue.Has("color", value => value.EndsWith('%') || value == "red")),
    };

    private static (string, Func<Sent, bool>) Identity(Random random, List<Sent> issues)
    {
        var (one, other) = (issues[random.Next(issues.Count)], issues[random.Next(issues.Count)]);
        var shortId = $"{Slug(other.Project).ToUpperInvariant()}-{Vedette.Tracker.Issues.ShortId.Format("", other.Number)[1..]}";
        return ($"issue:[{one.Id},{shortId}]", issue => issue == one || issue == other);
    }

    private static (string, Func<Sent, bool>) Word(Random random)
    {
        var word = Pick(random, Words);
        var written = word.AsSpan().ContainsAny('"', ':') ? Quoted(word) : random.Next(2) == 0 ? word.ToUpperInvariant() : word;
        if (word == "straße")
            written = word;
        return (written, issue => new[] { issue.Newest.Title, issue.Newest.Place }.Any(text => text.Contains(word, StringComparison.OrdinalIgnoreCase)));
    }

    private static (string, Func<Sent, long>) Sort(Random random) => random.Next(4) switch
    {
        0 => ("date", issue => issue.LastSeen.Ticks),
        1 => ("new", issue => issue.FirstSeen.Ticks),
        2 => ("freq", issue => issue.Events.Count),
        _ => ("user", issue => issue.Users),
    };

    private static string Slug(int project) => project == 0 ? "default" : "second";

    private static string Quoted(string text) => $"\"{text.Replace(@"\", @"\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("*", @"\*", StringComparison.Ordinal)}\"";

    private static T Pick<T>(Random random, T[] values) => values[random.Next(values.Length)];

    private sealed record Event(DateTimeOffset At, string Message, string Place, string? Type, int? User, Dictionary<string, string> Tags)
    {
        public string Title => Type is null ? Message : $"{Type}: {Message}";

        public string Json(int group)
        {
            var json = new JsonMap
            {
                ["timestamp"] = At.ToUnixTimeMilliseconds() / 1000.0,
                ["level"] = Tags["level"],
                ["transaction"] = Place,
                ["fingerprint"] = new List<object?> { $"group {group}" },
                ["release"] = Tags.GetValueOrDefault("release"),
                ["environment"] = Tags.GetValueOrDefault("environment"),
                ["tags"] = new JsonMap { ["color"] = Tags.GetValueOrDefault("color") },
                ["user"] = User is null ? null : new JsonMap { ["id"] = $"{User}", ["email"] = Tags["user.email"] },
            };
            if (Type is null)
                json["message"] = Message;
            else
                json["exception"] = new List<object?> { new JsonMap { ["type"] = Type, ["value"] = Message } };
            var writer = new StableJsonWriter();
            writer.Value(json);
            return Encoding.UTF8.GetString(writer.WrittenSpan);
        }
    }

    /// <summary>An issue as the model knows it.</summary>
    private sealed class Sent
    {
        public required long Id { get; init; }

        public required int Project { get; init; }

        public required int Number { get; init; }

        public List<Event> Events { get; } = [];

        public bool IsResolved { get; set; }

        public Event Newest => Events[^1];

        public DateTimeOffset FirstSeen => Events.Min(each => Milliseconds(each.At));

        public DateTimeOffset LastSeen => Events.Max(each => Milliseconds(each.At));

        public long Users => Events.Where(each => each.User is not null).Select(each => each.User).Distinct().Count();

        public void Add(Event sent) => Events.Add(sent);

        public bool Has(string key, Predicate<string> value) => Events.Exists(each => each.Tags.TryGetValue(key, out var held) && value(held));

        private static DateTimeOffset Milliseconds(DateTimeOffset at) => DateTimeOffset.FromUnixTimeMilliseconds(at.ToUnixTimeMilliseconds());
    }
}
