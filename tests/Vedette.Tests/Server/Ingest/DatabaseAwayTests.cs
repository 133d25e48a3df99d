using System.Net;
using Npgsql;
using Vedette.Tests.Harness;
using Xunit;

namespace Vedette.Tests.Server.Ingest;

public sealed class DatabaseAwayTests
{
    [Fact]
    public async Task A_database_that_is_gone_is_503_in_the_words_of_ingest()
    {
        Assert.SkipUnless(PostgresServer.IsThere, PostgresServer.WhyNot);
        await using var app = await VedetteApp.StartAsync(DatabaseKind.Postgres);
        IngestCalls.AssertTaken(await app.PostAsync(app.EnvelopePath, IngestCalls.EventEnvelope(IngestCalls.Event())));
        var settings = new NpgsqlConnectionStringBuilder(Environment.GetEnvironmentVariable("VEDETTE_TEST_POSTGRES"))
        {
            Database = (await app.ListAsync<string>("select current_database()"))[0],
        };

        await PostgresServer.DropDatabaseAsync(settings.ToString());

        for (var i = 0; i < 5; i++)
        {
            IngestCalls.AssertRefused(
                await app.PostAsync(app.EnvelopePath, IngestCalls.EventEnvelope(IngestCalls.Event())), HttpStatusCode.ServiceUnavailable,
                "The database cannot be reached. Try again.");
            IngestCalls.AssertRefused(await app.PostAsync(app.StorePath, IngestCalls.Event()), HttpStatusCode.ServiceUnavailable);
        }

        // What needs no database is still said.
        IngestCalls.AssertRefused(await app.PostAsync("/api/abc/envelope/", "{}"), HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task After_its_connections_were_cut_the_server_soon_takes_events_again()
    {
        Assert.SkipUnless(PostgresServer.IsThere, PostgresServer.WhyNot);
        await using var app = await VedetteApp.StartAsync(DatabaseKind.Postgres);
        IngestCalls.AssertTaken(await app.PostAsync(app.EnvelopePath, IngestCalls.EventEnvelope(IngestCalls.Event())));

        await app.ListAsync<bool>("select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()");

        await Poll.UntilAsync(
            async () =>
            {
                var answer = await app.PostAsync(app.EnvelopePath, IngestCalls.EventEnvelope(IngestCalls.Event()));
                if (answer.Status != 200)
                    IngestCalls.AssertRefused(answer, HttpStatusCode.ServiceUnavailable);
                return answer.Status == 200;
            },
            "an event that is taken");
    }
}
