using Vedette.Tests.Harness;
using Xunit;

namespace Vedette.Tests.Server.Issues;

/// <summary>What is counted while events are stored, as its tables hold it.</summary>
public sealed class IssueCountTests
{
    private const long Noon = 1_772_366_400;

    [Theory, EachDatabase]
    public async Task Values_of_tags_are_counted_with_when_they_were_seen(DatabaseKind database)
    {
        var clock = new FakeClock();
        await using var app = await VedetteApp.StartAsync(database, clock);
        var now = clock.GetUtcNow();
        await app.SendAsync(TestEvents.Boom($$"""{{TestEvents.At(now.AddMinutes(-2))}},"tags":{"color":"blue"}"""));
        await app.SendAsync(TestEvents.Boom($$"""{{TestEvents.At(now.AddMinutes(-5))}},"tags":{"color":"blue"}"""));
        await app.SendAsync(TestEvents.Boom(""","tags":{"color":"red"},"user":{"id":"7","email":"ada@shop.example","username":"ada","ip_address":"192.0.2.1"},"release":"shop@1","environment":"prod" """));

        var counted = await TagsAsync(app);

        Assert.Equal(
            [
                "@error.type=E 3", "@user.email=ada@shop.example 1", "@user.ip_address=192.0.2.1 1", "@user.username=ada 1",
                "color=blue 2", "color=red 1", "environment=prod 1", "level=error 3", "release=shop@1 1", "user=id:7 1",
            ],
            counted.Select(tag => $"{tag.Key}={tag.Value} {tag.Times}"));
        var blue = counted.Single(tag => tag.Value == "blue");
        Assert.Equal(((Noon - 300) * 1_000_000, (Noon - 120) * 1_000_000), (blue.FirstSeen, blue.LastSeen));
    }

    [Theory, EachDatabase]
    public async Task Events_are_counted_by_minute_hour_and_day_in_each_environment(DatabaseKind database)
    {
        var clock = new FakeClock();
        await using var app = await VedetteApp.StartAsync(database, clock);
        var now = clock.GetUtcNow();
        foreach (var (seconds, environment) in new[] { (0, "prod"), (-1, "prod"), (-59, "dev"), (-3600, "dev"), (-90_000, "") })
            await app.SendAsync(TestEvents.Boom($$"""{{TestEvents.At(now.AddSeconds(seconds))}},"environment":"{{environment}}" """));

        var counted = await app.Database.ReadAsync(
            session => session.ListAsync<Bucket>("select step, start, environment, times from event_bucket order by step, start, environment"), CancellationToken.None);

        Assert.Equal(
            [
                (60, Noon - 90_000, "", 1), (60, Noon - 3600, "dev", 1), (60, Noon - 60, "dev", 1), (60, Noon - 60, "prod", 1), (60, Noon, "prod", 1),
                (3600, Noon - 90_000, "", 1), (3600, Noon - 3600, "dev", 2), (3600, Noon - 3600, "prod", 1), (3600, Noon, "prod", 1),
                (86_400, Noon - 129_600, "", 1), (86_400, Noon - 43_200, "dev", 2), (86_400, Noon - 43_200, "prod", 2),
            ],
            counted.Select(bucket => (bucket.Step, bucket.Start, bucket.Environment, bucket.Times)));
    }

    [Theory, EachDatabase]
    public async Task A_repeat_of_an_event_is_not_counted(DatabaseKind database)
    {
        await using var app = await VedetteApp.StartAsync(database);
        for (var i = 0; i < 3; i++)
            await app.SendAsync(TestEvents.Boom(""","event_id":"4c79f60c11214eb38604f4ae0781bfb2" """));

        Assert.All(await TagsAsync(app), tag => Assert.Equal(1, tag.Times));
        Assert.Equal(3, await app.CountAsync("event_bucket where times = 1"));
    }

    /// <summary>On PostgreSQL from two nodes, which count the same rows at the same time.</summary>
    [Theory, EachDatabase]
    public async Task None_of_many_events_at_once_is_lost(DatabaseKind database)
    {
        const int Each = 80;
        await using var app = await VedetteApp.StartAsync(database, new FakeClock());
        await using var node = app.Postgres is { } postgres ? await VedetteApp.StartAsync(time: new FakeClock(), settings: [("VEDETTE_DATABASE", postgres)]) : null;
        var url = new Uri($"/api/{app.ProjectId}/envelope/?sentry_key={app.PublicKey}", UriKind.Relative);

        await Task.WhenAll(Enumerable.Range(0, 2 * Each).Select(async i =>
        {
            using var content = new StringContent($"{{}}\n{{\"type\":\"event\"}}\n{TestEvents.Boom($$$""","tags":{"color":"{{{(i % 3 == 0 ? "red" : "blue")}}}","number":"{{{i}}}"}""")}\n");
            using var answer = await (i % 2 == 0 ? app : node ?? app).Client.PostAsync(url, content);
            Assert.Equal(200, (int)answer.StatusCode);
        }));

        var counted = (await TagsAsync(app)).ToDictionary(tag => $"{tag.Key}={tag.Value}", tag => tag.Times);
        Assert.Equal((54, 106, 2 * Each), (counted["color=red"], counted["color=blue"], counted["level=error"]));
        Assert.Equal(2 * Each, counted.Count(tag => tag.Key.StartsWith("number=", StringComparison.Ordinal) && tag.Value == 1));
        Assert.Equal(3, await app.CountAsync($"event_bucket where times = {2 * Each}"));
    }

    private static Task<IReadOnlyList<Tag>> TagsAsync(VedetteApp app) =>
        app.Database.ReadAsync(session => session.ListAsync<Tag>("select key, value, times, first_seen, last_seen from issue_tag order by key, value"), CancellationToken.None);

    private sealed record Tag
    {
        public string Key { get; init; } = "";

        public string Value { get; init; } = "";

        public long Times { get; init; }

        public long FirstSeen { get; init; }

        public long LastSeen { get; init; }
    }

    private sealed record Bucket
    {
        public long Step { get; init; }

        public long Start { get; init; }

        public string Environment { get; init; } = "";

        public long Times { get; init; }
    }
}
