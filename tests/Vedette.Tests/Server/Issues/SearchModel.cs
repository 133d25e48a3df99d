using System.Globalization;
using System.Text;
using Vedette.Tests.Harness;
using Vedette.Wire.Json;
using Xunit;

namespace Vedette.Tests.Server.Issues;

/// <summary>Random issues in two projects, sent to a server and kept as plain lists beside it, which know nothing of SQL.</summary>
internal static class SearchModel
{
    private const int Events = 220;
    private const int Groups = 45;

    public static readonly string[] Levels = ["debug", "info", "warning", "error", "fatal"];
    public static readonly string[] Colors = ["blue", "light blue", "black", "red", "100%", "a_b", "BLUE", "star*"];
    public static readonly string[] Releases = ["shop@1.0", "shop@1.1", "shop@2.0-beta"];
    public static readonly string[] Environments = ["production", "staging", "dev"];
    public static readonly string[] Types = ["TypeError", "KeyError", "Überlauf"];
    public static readonly string[] Words = ["cart", "Empty", "50%", "disk_full", @"c:\temp", "\"quoted\"", "straße", "NULL"];

    /// <summary>By number.</summary>
    public static async Task<IReadOnlyList<SentIssue>> FillAsync(VedetteApp app, FakeClock clock, Random random)
    {
        var (second, secondKey) = await app.AddProjectAsync("default", "second");
        (long Id, string Key)[] projects = [(app.ProjectId, app.PublicKey), (second, secondKey)];
        var issues = new Dictionary<int, SentIssue>();
        for (var i = 0; i < Events; i++)
        {
            clock.Advance(TimeSpan.FromMinutes(random.Next(1, 90)));
            var group = random.Next(Groups);
            var sent = RandomEvent(random, clock.GetUtcNow());
            if (!issues.TryGetValue(group, out var issue))
                issues.Add(group, issue = new SentIssue { Id = issues.Count + 1, Project = group % 2, Number = issues.Values.Count(other => other.Project == group % 2) + 1 });
            issue.Add(sent);

            var (id, key) = projects[issue.Project];
            using var content = new ByteArrayContent(Encoding.UTF8.GetBytes($"{{}}\n{{\"type\":\"event\"}}\n{sent.Json(group)}\n"));
            using var answer = await app.Client.PostAsync($"/api/{id}/envelope/?sentry_key={key}", content);
            Assert.Equal(200, (int)answer.StatusCode);
        }

        foreach (var issue in issues.Values)
        {
            (issue.IsResolved, issue.IsArchived) = (issue.Id % 4 == 0, issue.Id % 4 != 0 && issue.Id % 7 == 1);
            (issue.IsMine, issue.IsMarked) = (issue.Id % 3 == 0, issue.Id % 5 == 0);
            foreach (var (isSo, change) in new[]
            {
                (issue.IsResolved, """{"status":"resolved"}"""), (issue.IsArchived, """{"status":"ignored"}"""),
                (issue.IsMine, """{"assignedTo":"admin@localhost"}"""), (issue.IsMarked, """{"isBookmarked":true}"""),
            })
            {
                if (isSo)
                    Assert.Equal(200, (await app.ApiAsync(HttpMethod.Put, $"/api/0/organizations/default/issues/{issue.Id}/", change)).Status);
            }
        }

        return [.. issues.Values];
    }

    private static SentEvent RandomEvent(Random random, DateTimeOffset now)
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

        return new SentEvent(
            now.AddSeconds(-random.Next(0, 3 * 86_400)), $"{Pick(random, Words)} {Pick(random, Words)} {random.Next(5)}", $"{Pick(random, Words)} page",
            random.Next(3) > 0 ? Pick(random, Types) : null, user, tags);
    }

    public static string Slug(int project) => project == 0 ? "default" : "second";

    public static T Pick<T>(Random random, T[] values) => values[random.Next(values.Length)];
}

/// <summary>An event as it was sent.</summary>
internal sealed record SentEvent(DateTimeOffset At, string Message, string Place, string? Type, int? User, Dictionary<string, string> Tags)
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
internal sealed class SentIssue
{
    public required long Id { get; init; }

    public required int Project { get; init; }

    public required int Number { get; init; }

    public List<SentEvent> Events { get; } = [];

    public bool IsResolved { get; set; }

    public bool IsArchived { get; set; }

    public bool IsOpen => !IsResolved && !IsArchived;

    public bool IsMine { get; set; }

    public bool IsMarked { get; set; }

    public string ShortId => Vedette.Tracker.Issues.ShortId.Format(SearchModel.Slug(Project), Number);

    public SentEvent Newest => Events[^1];

    public DateTimeOffset FirstSeen => Events.Min(each => Milliseconds(each.At));

    public DateTimeOffset LastSeen => Events.Max(each => Milliseconds(each.At));

    public long Users => Events.Where(each => each.User is not null).Select(each => each.User).Distinct().Count();

    public void Add(SentEvent sent) => Events.Add(sent);

    public bool Has(string key, Predicate<string> value) => Events.Exists(each => each.Tags.TryGetValue(key, out var held) && value(held));

    private static DateTimeOffset Milliseconds(DateTimeOffset at) => DateTimeOffset.FromUnixTimeMilliseconds(at.ToUnixTimeMilliseconds());
}
