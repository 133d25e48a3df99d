using Vedette.Tests.Harness;
using Vedette.Tests.Server.Ingest;
using Xunit;

namespace Vedette.Tests.MainRoad;

/// <summary>PostgreSQL goes away under load and comes back a minute later, in real time: longer than a lease, and than any pause between tries.</summary>
[Trait("slow", "yes")]
public sealed class DatabaseAwayTests
{
    private static readonly TimeSpan Away = TimeSpan.FromSeconds(60);

    public static bool PostgresIsThere => OwnPostgres.Bin is not null;

    [Fact(Skip = PostgresServer.WhyNot, SkipUnless = nameof(PostgresIsThere))]
    public async Task No_answer_was_false_no_attempt_is_burned_and_delivery_goes_on_by_itself()
    {
        await using var postgres = await OwnPostgres.StartNewAsync();
        await using var receiver = new CountingReceiver(TimeSpan.Zero);
        await using var slow = new CountingReceiver(TimeSpan.FromMilliseconds(30));
        await using var app = await VedetteApp.StartAsync(DatabaseKind.Sqlite, null, ("VEDETTE_DATABASE", postgres.Connection));
        foreach (var url in new[] { receiver.Url, slow.Url })
            await app.CreateAppAsync(url, """["error"]""", ""","delivery":{"timeoutMs":20000}""");
        await using var load = new EventLoad($"{app.Url}/api/{app.ProjectId}/envelope/?sentry_key={app.PublicKey}", 6, TimeSpan.FromMilliseconds(15));
        await Poll.UntilAsync(() => load.Taken.Count > 200, "events before");

        await postgres.CrashAsync();
        var before = load.Taken.Count;
        await Task.Delay(Away, TimeProvider.System);
        var refused = load.Answers.GetValueOrDefault(503);
        Assert.True(refused > 0);
        Assert.InRange(load.Taken.Count, before, before + 6);
        await postgres.StartAsync();
        before = load.Taken.Count;
        await Poll.UntilAsync(() => load.Taken.Count > before + 200, "events after");
        await load.StopAsync();

        await Poll.UntilAsync(
            async () => (await app.ListAsync<long>("select count(*) from delivery where state = 'pending'"))[0] == 0, "the end of the last delivery", TimeSpan.FromSeconds(60));
        Assert.Equal(["delivered 1"], await app.ListAsync<string>("select distinct state || ' ' || attempts from delivery"));
        Assert.Equal([200, 503], load.Answers.Keys.Order());
        foreach (var each in new[] { receiver, slow })
        {
            Assert.DoesNotContain(load.Taken, mark => !each.Has(mark));
            Assert.All(each.KeysByEvent, keys => Assert.Single(keys.Distinct(StringComparer.Ordinal)));
        }
    }
}
