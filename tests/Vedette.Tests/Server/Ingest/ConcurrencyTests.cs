using Vedette.Tests.Harness;
using Xunit;

namespace Vedette.Tests.Server.Ingest;

public sealed class ConcurrencyTests
{
    [Theory, EachDatabase]
    public async Task A_new_error_that_comes_hundreds_of_times_at_once_is_one_issue_and_one_webhook(DatabaseKind database)
    {
        await using var receiver = new TestReceiver();
        await using var app = await VedetteApp.StartAsync(database);
        await app.CreateAppAsync(receiver.Url, """["issue"]""");

        var answers = await Task.WhenAll(Enumerable.Range(0, 400).Select(i => app.PostAsync(
            app.EnvelopePath, IngestCalls.EventEnvelope(IngestCalls.Event(more: $",\"user\":{{\"id\":\"{i % 50}\"}}")))));

        Assert.All(answers, answer => IngestCalls.AssertTaken(answer));
        Assert.Equal(["400 50"], await app.ListAsync<string>("select times_seen || ' ' || user_count from issue"));
        Assert.Equal(400, await app.CountAsync("event"));

        // The control: another issue is told, after everything that the first one may have caused.
        IngestCalls.AssertTaken(await app.PostAsync(app.EnvelopePath, IngestCalls.EventEnvelope(IngestCalls.Event().Replace("Invalid", "Other", StringComparison.Ordinal))));
        var requests = await receiver.WaitForAsync(2);
        Assert.Equal(["issue.created", "issue.created"], requests.Select(r => r.Event));
    }

    [Theory, EachDatabase]
    public async Task The_same_event_sent_50_times_at_once_is_stored_once(DatabaseKind database)
    {
        await using var app = await VedetteApp.StartAsync(database);

        var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => app.PostAsync(
            app.EnvelopePath, IngestCalls.EventEnvelope(IngestCalls.Event(), $"{{\"event_id\":\"{IngestCalls.Id}\"}}"))));

        Assert.All(answers, answer => IngestCalls.AssertTaken(answer, IngestCalls.Id));
        Assert.Equal([1L], await app.ListAsync<long>("select times_seen from issue"));
        Assert.Equal(1, await app.CountAsync("event"));
    }

    [Theory, EachDatabase]
    public async Task Many_new_errors_at_once_get_an_issue_each_and_numbers_without_gaps(DatabaseKind database)
    {
        await using var app = await VedetteApp.StartAsync(database);

        var answers = await Task.WhenAll(Enumerable.Range(0, 200).Select(i => app.PostAsync(
            app.EnvelopePath, IngestCalls.EventEnvelope(IngestCalls.Event(more: $",\"fingerprint\":[\"{i % 40}\"]")))));

        Assert.All(answers, answer => IngestCalls.AssertTaken(answer));
        Assert.Equal(Enumerable.Range(1, 40).Select(i => $"{i} 5"), (await app.ListAsync<string>("select short_id || ' ' || times_seen from issue order by short_id")));
    }
}
