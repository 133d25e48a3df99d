using Vedette.Tests.Harness;
using Vedette.Tests.Server.Seer;
using Xunit;

namespace Vedette.Tests.Server.Issues;

/// <summary>The payloads of an issue's life, against the files that were agreed.</summary>
public sealed class IssueGoldenTests
{
    private const string Issue = $"{IssueLife.Issues}1/";

    [Theory, EachDatabase]
    public async Task Webhooks_are_the_golden_files_byte_for_byte(DatabaseKind database)
    {
        var clock = new FakeClock();
        await using var receiver = new TestReceiver();
        await using var app = await VedetteApp.StartAsync(database, clock, ("VEDETTE_URL", "https://vedette.example.test"), ("VEDETTE_BOOTSTRAP_PROJECT", "web"));
        var bridge = await app.CreateAppAsync(receiver.Url, """["issue","comment","seer"]""");
        await app.SendAsync(TestEvents.Boom(""","release":"shop@3.1.0","user":{"id":"u-5"}"""));
        var told = 1;
        foreach (var (name, change) in new[]
        {
            ("issue.assigned.user", """{"assignedTo":"me"}"""),
            ("issue.assigned.team", """{"assignedTo":"team:default"}"""),
            ("issue.ignored", """{"status":"ignored","statusDetails":{"ignoreCount":100,"ignoreWindow":60}}"""),
            ("issue.resolved.in-next-release", """{"status":"resolvedInNextRelease"}"""),
            ("issue.resolved.in-release", """{"status":"resolved","statusDetails":{"inRelease":"shop@3.1.0"}}"""),
            ("issue.resolved.in-commit", """{"status":"resolved","statusDetails":{"inCommit":{"commit":"3f786850","repository":"acme/shop"}}}"""),
            ("issue.unresolved.reopened", """{"status":"unresolved"}"""),
        })
        {
            await app.WaitForDeliveriesAsync(told++);
            clock.Advance(TimeSpan.FromMinutes(1));
            Assert.Equal((name, 200), (name, (await app.ApiAsync(HttpMethod.Put, Issue, change)).Status));
            await app.WaitForDeliveriesAsync(told);
            await AgreesAsync(name, receiver.Requests[^1], 1);
        }

        var comment = (await app.ApiAsync(HttpMethod.Post, $"{Issue}comments/", """{"text":"rolled back, see 🎃"}""")).Map.Text("id");
        await app.ApiAsync(HttpMethod.Put, $"{Issue}comments/{comment}/", """{"text":"rolled on"}""");
        await app.ApiAsync(HttpMethod.Delete, $"{Issue}comments/{comment}/");
        await app.ReportRunAsync(Issue);
        await app.WaitForDeliveriesAsync(told += 12);
        foreach (var request in receiver.Requests.Skip(told - 12))
            await AgreesAsync(request.Event, request, request.Event.StartsWith("seer", StringComparison.Ordinal) ? 2 : 1);

        async Task AgreesAsync(string name, ReceivedRequest request, int uuids)
        {
            Golden.Matches(name, request.Body, uuids);
            Assert.Equal("""{"raw":true,"reserialised":true}""", await NodeClient.VerifyAsync(bridge.Text("clientSecret")!, request));
        }
    }
}
