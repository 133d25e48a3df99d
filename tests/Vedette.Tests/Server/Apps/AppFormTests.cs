using Vedette.Server.Authorization;
using Vedette.Tests.Harness;
using Xunit;

namespace Vedette.Tests.Server.Apps;

/// <summary>Every rule of the form that creates an app, by the exact words of its refusal.</summary>
public sealed class AppFormTests(AppFormTests.Running running) : IClassFixture<AppFormTests.Running>
{
    private const string Path = "/api/0/sentry-apps/";
    private const string Good = """
        "name":"Bridge","organization":"default","isInternal":true,"scopes":["event:read"],"events":["issue"],"webhookUrl":"https://bridge.example/hook"
        """;

    private static readonly string[] Fields =
    [
        "organization", "name", "author", "scopes", "events", "schema", "webhookUrl", "redirectUrl", "isInternal", "isAlertable", "verifyInstall",
        "overview", "allowedOrigins", "popularity", "features", "webhookHeaders", "delivery",
    ];

    private static readonly string[] OddValues =
    [
        "null", "true", "false", "0", "-1", "1e308", "\"\"", "\" \"", "\"x\"", "\"a\\u0000b\"", "\"\\ud800\"", "[]", "[null]", "[1]", "[\"\"]", "[\"x\"]", "[[]]", "{}",
        "{\"timeoutMs\":null}", "{\"a\":{\"b\":[]}}",
    ];

    [Theory]
    [InlineData("name", "null", """{"name":["This field may not be null."]}""")]
    [InlineData("name", "\"\"", """{"name":["This field may not be blank."]}""")]
    [InlineData("name", "\"  \"", """{"name":["This field may not be blank."]}""")]
    [InlineData("name", "5", """{"name":["Not a valid string."]}""")]
    [InlineData("name", "\"0123456789012345678901234567890123456789012345678901234567\"", """{"name":["Cannot exceed 57 characters"]}""")]
    [InlineData("name", "\"a\\nb\"", """{"name":["Control characters are not allowed."]}""")]
    [InlineData("author", "5", """{"author":["Not a valid string."]}""")]
    [InlineData("overview", "[]", """{"overview":["Not a valid string."]}""")]
    [InlineData("scopes", "\"event:read\"", """{"scopes":["Expected a list of strings."]}""")]
    [InlineData("scopes", "[\"event:eat\"]", """{"scopes":["event:eat not a valid scope"]}""")]
    [InlineData("events", "\"issue\"", """{"events":["Expected a list of strings."]}""")]
    [InlineData("events", "[1]", """{"events":["Expected a list of strings."]}""")]
    [InlineData("events", "[\"issue\",\"installation\",\"project\",\"event_alert\"]", """{"events":["Invalid event subscription: installation, project, event_alert"]}""")]
    [InlineData("scopes", "[\"org:read\"]", """{"events":["issue webhooks require the event:read permission."]}""")]
    [InlineData("schema", "{\"elements\":[]}", """{"schema":["[] is too short"]}""")]
    [InlineData("webhookUrl", "\"bridge.example\"", """{"webhookUrl":["URL must start with http[s]://"]}""")]
    [InlineData("webhookUrl", "5", """{"webhookUrl":["Not a valid string."]}""")]
    [InlineData("webhookUrl", "null", """{"webhookUrl":["webhookUrl required if webhook events are enabled"]}""")]
    [InlineData("webhookUrl", "\"\"", """{"webhookUrl":["webhookUrl required if webhook events are enabled"]}""")]
    [InlineData("redirectUrl", "\"ftp://bridge.example\"", """{"redirectUrl":["URL must start with http[s]://"]}""")]
    [InlineData("isAlertable", "\"yes\"", """{"isAlertable":["Must be a valid boolean."]}""")]
    [InlineData("verifyInstall", "[]", """{"verifyInstall":["Must be a valid boolean."]}""")]
    [InlineData("isInternal", "\"yes\"", """{"isInternal":["Must be a valid boolean."]}""")]
    [InlineData("isInternal", "false", """{"author":["author required for public integrations"]}""")]
    [InlineData("popularity", "32768", """{"popularity":["Must be a whole number from 0 to 32767."]}""")]
    [InlineData("popularity", "\"many\"", """{"popularity":["Must be a whole number from 0 to 32767."]}""")]
    [InlineData("features", "[10]", """{"features":["Expected a list of feature ids: 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 12."]}""")]
    [InlineData("webhookHeaders", "\"X-A: b\"", """{"webhookHeaders":["Expected a list of strings."]}""")]
    [InlineData("webhookHeaders", "[\"X-A\"]", """{"webhookHeaders":["Each header must have the form Header-Name: value."]}""")]
    [InlineData("webhookHeaders", "[\": b\"]", """{"webhookHeaders":["Each header must have the form Header-Name: value."]}""")]
    [InlineData("webhookHeaders", "[\"X-A: b\\r\\nX-C: d\"]", """{"webhookHeaders":["A header holds characters that cannot be sent."]}""")]
    [InlineData("webhookHeaders", "[\"X \\u20ac: b\"]", """{"webhookHeaders":["A header holds characters that cannot be sent."]}""")]
    [InlineData("allowedOrigins", "[\"*.example\"]", """{"allowedOrigins":["'*' not allowed in origin"]}""")]
    [InlineData("allowedOrigins", "[\"a.example\\nb.example\"]", """{"allowedOrigins":["Spaces and control characters are not allowed."]}""")]
    [InlineData("allowedOrigins", "[\"\"]", """{"allowedOrigins":["This field may not be blank."]}""")]
    [InlineData("delivery", "5", """{"delivery":["Expected an object."]}""")]
    [InlineData("delivery", "{\"timeoutMs\":999}", """{"delivery":["timeoutMs must be a whole number from 1000 to 30000."]}""")]
    [InlineData("delivery", "{\"timeoutMs\":1000.5}", """{"delivery":["timeoutMs must be a whole number from 1000 to 30000."]}""")]
    [InlineData("delivery", "{\"timeoutMs\":\"1000\"}", """{"delivery":["timeoutMs must be a whole number from 1000 to 30000."]}""")]
    [InlineData("delivery", "{\"concurrency\":0}", """{"delivery":["concurrency must be a whole number from 1 to 256."]}""")]
    [InlineData("delivery", "{\"concurrency\":257}", """{"delivery":["concurrency must be a whole number from 1 to 256."]}""")]
    [InlineData("delivery", "{\"encoding\":\"utf-16\"}", """{"delivery":["encoding must be javascript or ascii."]}""")]
    [InlineData("delivery", "{\"ordered\":1}", """{"delivery":["ordered must be true or false."]}""")]
    [InlineData("delivery", "{\"standardWebhooks\":1}", """{"delivery":["standardWebhooks must be true or false."]}""")]
    [InlineData("delivery", "{\"speed\":1}", """{"delivery":["speed is not a member of delivery."]}""")]
    public async Task A_wrong_field_is_refused_in_these_words(string field, string value, string body) =>
        Assert.Equal((400, body), await PostAsync($$"""{{{Good}},"{{field}}":{{value}}}"""));

    [Fact]
    public async Task An_app_that_alerts_needs_a_url() =>
        Assert.Equal(
            (400, """{"webhookUrl":["webhookUrl required if alert rule action is enabled"]}"""),
            await PostAsync("""{"name":"Bridge","organization":"default","isInternal":true,"isAlertable":true}"""));

    [Theory]
    [InlineData("", """{"author":["author required for public integrations"]}""")]
    [InlineData("\"author\":\"\"", """{"author":["author required for public integrations"]}""")]
    [InlineData("\"author\":\"A\"", """{"webhookUrl":["webhookUrl required for public integrations"]}""")]
    [InlineData("\"author\":\"A\",\"webhookUrl\":\"\"", """{"webhookUrl":["webhookUrl required for public integrations"]}""")]
    public async Task A_public_integration_needs_an_author_and_a_url(string more, string body) =>
        Assert.Equal((400, body), await PostAsync($$"""{"name":"Public","organization":"default"{{(more is "" ? "" : ",")}}{{more}}}"""));

    [Theory]
    [InlineData("""{"name":"Bridge"}""", 404, """{"detail":"Please provide a valid value for the 'organization' field."}""")]
    [InlineData("""{"name":"Bridge","organization":5}""", 404, """{"detail":"Please provide a valid value for the 'organization' field."}""")]
    [InlineData("""{"name":"Bridge","organization":"elsewhere"}""", 403, """{"detail":"User does not belong to the 'elsewhere' organization."}""")]
    [InlineData("""{"organization":"default","isInternal":true}""", 400, """{"name":["This field is required."]}""")]
    [InlineData("[]", 400, """{"detail":"JSON parse error - the body is not an object"}""")]
    public async Task A_body_without_the_most_necessary_is_refused(string body, int status, string answer) =>
        Assert.Equal((status, answer), await PostAsync(body));

    [Fact]
    public async Task Nobody_gives_an_app_more_than_they_have()
    {
        var token = await running.App.AddPersonAsync("manager@acme.example", "default", MemberRole.Manager);

        var answer = await running.App.ApiAsync(
            HttpMethod.Post, Path, $$"""{{{Good}},"scopes":["event:read","org:admin","project:distribution"]}""", token);

        Assert.Equal(400, answer.Status);
        Assert.Equal(
            ["Requested permission of org:admin exceeds requester's permission. Please contact an administrator to make the requested change."],
            answer.Map.List("scopes")!);
    }

    [Theory]
    [InlineData("scopes", "null")]
    [InlineData("events", "null")]
    [InlineData("allowedOrigins", "null")]
    [InlineData("schema", "null")]
    [InlineData("schema", "\"\"")]
    [InlineData("author", "null")]
    [InlineData("overview", "null")]
    [InlineData("redirectUrl", "null")]
    [InlineData("isAlertable", "null")]
    [InlineData("verifyInstall", "true")]
    [InlineData("delivery", "null")]
    [InlineData("delivery", "{\"timeoutMs\":30000,\"concurrency\":256,\"encoding\":\"ascii\",\"standardWebhooks\":false,\"ordered\":true}")]
    [InlineData("popularity", "7")]
    [InlineData("status", "\"published\"")]
    [InlineData("name", "\"\\u65e5\\u672c\"")]
    public async Task What_says_nothing_new_is_taken(string field, string value)
    {
        var (status, body) = await PostAsync($$"""{{{Good.Replace("\"event:read\"", field == "events" ? "" : "\"event:read\"").Replace("[\"issue\"]", field == "scopes" ? "[]" : "[\"issue\"]")}},"{{field}}":{{value}}}""");

        Assert.True(status == 201, body);
    }

    [Fact]
    public async Task No_value_of_any_field_is_answered_with_a_500()
    {
        foreach (var field in Fields)
        {
            foreach (var value in OddValues)
            {
                var (status, body) = await PostAsync($$"""{{{Good}},"{{field}}":{{value}}}""");
                Assert.True(status is 201 or (>= 400 and < 500), $"{field}={value}: {status} {body}");
            }
        }
    }

    [Fact]
    public async Task No_random_body_is_answered_with_a_500()
    {
        var dice = new Random(8321);
        for (var i = 0; i < 400; i++)
        {
            var members = Enumerable.Range(0, dice.Next(8)).Select(_ => $"\"{Fields[dice.Next(Fields.Length)]}\":{OddValues[dice.Next(OddValues.Length)]}");
            var body = $$"""{{{string.Join(',', [Good, .. members])}}}""";
            if (dice.Next(4) == 0)
                body = body[..dice.Next(body.Length)];
            if (dice.Next(4) == 0)
                body = body.Insert(dice.Next(body.Length), ((char)dice.Next(1, 0x300)).ToString());

            var (status, answer) = await PostAsync(body);

            Assert.True(status is 201 or (>= 400 and < 500), $"{body}: {status} {answer}");
        }
    }

    private Task<(int Status, string Body)> PostAsync(string body) =>
        running.App.AskAsync(HttpMethod.Post, Path, $"Bearer {running.App.FirstStart.Token}", body);

    /// <summary>One server for all, because none of them looks at what others made.</summary>
    public sealed class Running : IAsyncLifetime
    {
        internal VedetteApp App { get; private set; } = null!;

        public async ValueTask InitializeAsync() =>
            App = await VedetteApp.StartAsync(PostgresServer.IsThere ? DatabaseKind.Postgres : DatabaseKind.Sqlite);

        public ValueTask DisposeAsync() => App.DisposeAsync();
    }
}
