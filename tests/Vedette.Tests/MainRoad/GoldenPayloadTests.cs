using System.Text;
using Vedette.Tests.Harness;
using Vedette.Wire.Json;
using Xunit;

namespace Vedette.Tests.MainRoad;

/// <summary>Every payload that is sent, against the file that was agreed.</summary>
public sealed class GoldenPayloadTests
{
    private const string Event = """
        {"event_id":"4c79f60c11214eb38604f4ae0781bfb2","timestamp":1772366400.25,"platform":"python","level":"error","release":"shop@3.1.0",
         "environment":"production","server_name":"web-1","transaction":"/checkout","user":{"id":"u-5","email":"ada@example.test"},
         "tags":{"region":"eu","currency":"€"},"extra":{"big":1e21,"basket":{"10":"ten","9":"nine"},"note":"🎃 \u2028 \u0007"},
         "contexts":{"runtime":{"name":"CPython","version":"3.13.1"}},"modules":{"flask":"3.0"},
         "breadcrumbs":[{"timestamp":1772366399.5,"category":"query","message":"select 1"}],
         "request":{"url":"https://shop.example.test/checkout","method":"POST","headers":{"Accept":"*/*"}},
         "sdk":{"name":"sentry.python","version":"2.40.0"},
         "exception":{"values":[{"type":"KeyError","value":"'basket'","mechanism":{"type":"flask","handled":false},
          "stacktrace":{"frames":[
           {"function":"dispatch","module":"flask.app","filename":"flask/app.py","lineno":880,"in_app":false},
           {"function":"checkout","module":"shop.views","filename":"shop/views.py","lineno":42,"in_app":true,"context_line":"    return basket['basket']"}]}}]}}
        """;

    [Theory, EachDatabase]
    public async Task Webhooks_are_the_golden_files_byte_for_byte(DatabaseKind database)
    {
        var clock = new FakeClock();
        await using var receiver = new TestReceiver();
        await using var app = await VedetteApp.StartAsync(database, clock, ("VEDETTE_URL", "https://vedette.example.test"), ("VEDETTE_BOOTSTRAP_PROJECT", "web"));
        var bridge = await app.CreateAppAsync(receiver.Url);

        await app.SendEventAsync(Event);
        await app.WaitForDeliveriesAsync(2);
        clock.Advance(TimeSpan.FromMinutes(5));
        await app.ApiAsync(HttpMethod.Put, "/api/0/organizations/default/issues/1/", """{"status":"resolved"}""");
        await app.WaitForDeliveriesAsync(3);
        clock.Advance(TimeSpan.FromMinutes(5));
        await app.SendEventAsync(Event.Replace("4c79f60c", "5d8a071d", StringComparison.Ordinal));
        var requests = await receiver.WaitForAsync(5);

        foreach (var name in new[] { "issue.created", "issue.resolved", "issue.unresolved", "error.created" })
        {
            var request = requests.First(r => r.Event == name);
            Golden.Matches(name, request.Body);
            Assert.Equal("""{"raw":true,"reserialised":true}""", await NodeClient.VerifyAsync(bridge.Text("clientSecret")!, request));
        }
    }

    [Theory, EachDatabase]
    public async Task Service_hooks_are_the_golden_files_byte_for_byte(DatabaseKind database)
    {
        var clock = new FakeClock();
        await using var receiver = new TestReceiver();
        await using var app = await VedetteApp.StartAsync(database, clock, ("VEDETTE_URL", "https://vedette.example.test"), ("VEDETTE_BOOTSTRAP_PROJECT", "web"));
        var secrets = new List<string>();
        for (var version = 0; version < 2; version++)
        {
            var added = await app.ApiAsync(HttpMethod.Post, "/api/0/projects/default/web/hooks/", $$"""
                {"url":"{{receiver.Url}}/{{version}}","events":["event.created"],"version":{{version}}}
                """);
            secrets.Add(added.Map.Text("secret")!);
        }

        await app.SendEventAsync(Event);
        await app.WaitForDeliveriesAsync(2);

        for (var version = 0; version < 2; version++)
        {
            var request = receiver.Requests.Single(r => r.Line.Contains($"/hook/{version} ", StringComparison.Ordinal));
            Golden.Matches($"event.created.version-{version}", request.Body);
            Assert.Equal("""{"raw":true,"reserialised":true}""", await NodeClient.VerifyAsync(secrets[version], request));
        }
    }

    [Fact]
    public async Task The_ascii_encoding_is_the_same_value_in_ascii_bytes()
    {
        await using var receiver = new TestReceiver();
        await using var app = await VedetteApp.StartAsync(time: new FakeClock());
        var bridge = await app.CreateAppAsync(receiver.Url, """["error"]""", ""","delivery":{"encoding":"ascii"}""");
        await app.CreateAppAsync(receiver.Url, """["error"]""");

        await app.SendEventAsync(Event);
        var requests = await receiver.WaitForAsync(2);

        var ascii = requests.Single(r => r.Body.All(b => b < 0x7f));
        var stable = requests.Single(r => r != ascii);
        Assert.Contains("\"currency\",\"\\u20ac\"", ascii.Text, StringComparison.Ordinal);
        Assert.Contains("\\ud83c\\udf83", ascii.Text, StringComparison.Ordinal);
        Assert.Equal(Data(stable), Data(ascii));
        Assert.StartsWith("""{"raw":true""", await NodeClient.VerifyAsync(bridge.Text("clientSecret")!, ascii), StringComparison.Ordinal);
    }

    private static string Data(ReceivedRequest request)
    {
        var json = new StableJsonWriter();
        json.Value(request.Json.Map("data"));
        return Encoding.UTF8.GetString(json.WrittenSpan);
    }
}
