using System.Text;
using Vedette.Tests.Harness;
using Vedette.Tests.Server.Seer;
using Vedette.Wire;
using Vedette.Wire.Json;
using Xunit;

namespace Vedette.Tests.Documents;

/// <summary>What <c>docs/wire.md</c> promises to receivers.</summary>
public sealed class WireTests
{
    private const string Page = "docs/wire.md";
    private const string Boom = """{"exception":{"values":[{"type":"FehlerException","value":"Größe 1e21 überschritten"}]},"extra":{"n":1e21}}""";

    [Fact]
    public void The_table_of_events_is_the_catalogue()
    {
        var catalogue = EventCatalogue.All.Where(e => e.Reach == HookReach.Subscription).Select(e => $"{e.Name} {e.RequiredScope} {e.Trigger}");
        var others = EventCatalogue.All.Where(e => e.Reach != HookReach.Subscription).Select(e => e.Resource).Distinct(StringComparer.Ordinal);

        Assert.Equal(catalogue, Events().Select(row => $"{row[0]} {row[1]} {row[2]}"));
        Assert.Equal(
            EventCatalogue.All.Where(e => e.Reach == HookReach.ServiceHook).Select(e => $"{e.Name} {e.Trigger}"),
            Repository.TableRows(Repository.Section(Page, "## Service hooks")).Where(row => row.Count == 3).Select(row => $"{row[0].Trim('`')} {row[1]}"));
        Assert.All(others, resource => Assert.Contains($"`{resource}`", Repository.Section(Page, "## Events"), StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_events_that_are_said_to_be_sent_today_are_sent_and_no_others()
    {
        var clock = new FakeClock();
        await using var receiver = new TestReceiver();
        await using var app = await VedetteApp.StartAsync(DatabaseKind.Sqlite, clock);
        var subscribable = string.Join(',', EventCatalogue.SubscribableResources.Select(resource => $"\"{resource}\""));
        var answer = await app.ApiAsync(HttpMethod.Post, "/api/0/sentry-apps/", $$"""
            {"name":"All","organization":"default","isInternal":true,"scopes":["event:read","project:read"],"events":[{{subscribable}}],"webhookUrl":"{{receiver.Url}}"}
            """);
        var promised = Events().Where(row => row[3] == "yes").Select(row => row[0]).ToList();

        await app.SendEventAsync(Boom);
        var issue = (JsonMap)(await app.GetAsync("/api/0/organizations/default/issues/")).List.Single()!;
        var path = $"/api/0/organizations/default/issues/{issue.Text("id")}/";
        foreach (var change in new[] { """{"status":"resolved"}""", """{"status":"unresolved"}""", """{"status":"ignored"}""", """{"assignedTo":"me"}""" })
            await app.ApiAsync(HttpMethod.Put, path, change);
        var comment = (await app.ApiAsync(HttpMethod.Post, $"{path}comments/", """{"text":"Größe?"}""")).Map.Text("id");
        await app.ApiAsync(HttpMethod.Put, $"{path}comments/{comment}/", """{"text":"Größe!"}""");
        await app.ApiAsync(HttpMethod.Delete, $"{path}comments/{comment}/");
        await app.ReportRunAsync(path);
        var received = await receiver.WaitForAsync(promised.Count);

        Assert.Equal(201, answer.Status);
        Assert.Equal(promised.Order(StringComparer.Ordinal), received.Select(request => request.Event).Order(StringComparer.Ordinal));
        Assert.All(received, request => Assert.All(Headers(), name => Assert.NotNull(request.Header(name))));
        Assert.All(received, request => Assert.Equal(["action", "installation", "data", "actor"], request.Json.Members.Select(member => member.Key)));
    }

    [Theory]
    [InlineData("javascript", true)]
    [InlineData("ascii", false)]
    public async Task Both_ways_of_checking_work_where_the_page_says_so(string encoding, bool overJsonToo)
    {
        await using var receiver = new TestReceiver();
        await using var app = await VedetteApp.StartAsync(DatabaseKind.Sqlite, new FakeClock());
        var bridge = await app.CreateAppAsync(receiver.Url, """["error"]""", $$""","delivery":{"encoding":"{{encoding}}"}""");
        await app.SendEventAsync(Boom);
        var request = (await receiver.WaitForAsync(1))[0];
        using var folder = new TemporaryFolder();
        var functions = Repository.Blocks(Page).Single(block => block.Language == "js").Text;
        File.WriteAllBytes(Path.Combine(folder.Path, "body"), request.Body);
        File.WriteAllText(Path.Combine(folder.Path, "check.mjs"), $$"""
            {{functions}}
            import { readFileSync } from "node:fs";
            const [secret, signature] = process.argv.slice(2);
            const body = readFileSync("body");
            console.log("bytes", overBytes(secret, body) === signature, "json", overJson(secret, JSON.parse(body)) === signature);
            """);

        await using var terminal = new Terminal(folder.Path, new Dictionary<string, string>());
        var printed = await terminal.RunAsync($"node check.mjs {bridge.Text("clientSecret")} {request.Header("Sentry-Hook-Signature")}");

        Assert.Contains($"bytes true json {(overJsonToo ? "true" : "false")}", printed, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_service_hook_gets_the_headers_and_in_version_1_the_members_of_the_page()
    {
        await using var receiver = new TestReceiver();
        await using var app = await VedetteApp.StartAsync(DatabaseKind.Sqlite, new FakeClock());
        await app.ApiAsync(
            HttpMethod.Post, "/api/0/projects/default/default/hooks/", $$"""{"url":"{{receiver.Url}}","events":["event.created"],"version":1}""");

        await app.SendEventAsync(Boom);
        var request = (await receiver.WaitForAsync(1))[0];

        var tables = Repository.TableRows(Repository.Section(Page, "## Service hooks")).Where(row => row.Count == 2).Select(row => row[0]).ToList();
        var headers = tables.TakeWhile(cell => !cell.StartsWith('0')).Select(cell => cell.Trim('`')).ToList();
        Assert.Equal(5, headers.Count);
        Assert.All(headers, name => Assert.NotNull(request.Header(name)));
        Assert.Equal(
            tables.Skip(headers.Count + 2).SelectMany(cell => cell.Split(", ")).Select(cell => cell.Trim('`')).Order(StringComparer.Ordinal),
            request.Json.Members.Select(member => member.Key).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void The_sample_body_is_written_as_bodies_are()
    {
        var sample = Repository.Blocks(Page).Single(block => block.Language == "json").Text.Trim();

        var body = HookBody.ForApp("created", "2e287c89-d30d-4994-b0b9-9b79e34cce31", "{}"u8, HookActor.Platform.ToJson());

        Assert.Equal(sample, Encoding.UTF8.GetString(body));
    }

    private static List<IReadOnlyList<string>> Events() =>
        [.. Repository.TableRows(Repository.Section(Page, "## Events")).Select(row => (IReadOnlyList<string>)[row[0].Trim('`'), row[1].Trim('`'), row[2], row[3]])];

    private static List<string> Headers() => [.. Repository.TableRows(Repository.Section(Page, "## The request")).Select(row => row[0].Trim('`'))];
}
