using Vedette.Tests.Harness;
using Vedette.Wire.Json;
using Xunit;

namespace Vedette.Tests.Server.Components;

/// <summary><c>spec/platform-api.md</c> 4.4, by <c>external-issue-actions/</c>.</summary>
public sealed class IssueLinkTests
{
    private const string Element =
        """
        {"type":"issue-link",
         "link":{"uri":"/link","required_fields":[{"type":"text","label":"Number","name":"number"}]},
         "create":{"uri":"/create","required_fields":[{"type":"text","label":"Title","name":"title","default":"issue.title"}]}}
        """;

    private const string Linked = """{"webUrl":"https://tracker.example/PROJ/7","project":"PROJ & Co","identifier":"<7>","more":1}""";

    [Theory, EachDatabase]
    public async Task An_app_creates_an_issue_and_the_link_is_kept(DatabaseKind database)
    {
        await using var tracker = await Tracker.BeginAsync(database, Element);
        tracker.Answer("/create", 201, Linked);

        var answer = await tracker.ActAsync("create", "/create", ""","title":"Boom – é","2":"b","nested":{"a":[1.50]}""");

        Assert.Equal(200, answer.Status);
        Assert.Equal(
            $$"""{"id":"1","issueId":"{{tracker.Issue}}","serviceType":"ticket-bridge","displayName":"PROJ &amp; Co#&lt;7&gt;","webUrl":"https://tracker.example/PROJ/7"}""",
            answer.Json.JsonText());
        var call = tracker.Calls.Single();
        Assert.Equal("POST /create HTTP/1.1", call.Line);
        Assert.Equal(
            $$$"""
            {"fields":{"2":"b","title":"Boom – é","nested":{"a":[1.5]}},"issueId":{{{tracker.Issue}}},"installationId":"{{{tracker.Uuid}}}","webUrl":"{{{tracker.App.Url}}}/organizations/default/issues/{{{tracker.Issue}}}/","project":{"slug":"default","id":{{{tracker.App.ProjectId}}}},"actor":{"type":"user","id":1,"name":"{{{tracker.App.FirstStart.Email}}}"}}
            """,
            call.Text);
        tracker.IsSigned(call);
        Assert.Equal(["external_issue.created 201"], await tracker.LogAsync());

        // It is shown with the issue, and the app's next answer takes its place.
        Assert.Equal(answer.Json.JsonText(), ((JsonMap)(await LinksAsync(tracker)).Single()!).JsonText());
        tracker.Answer("/link", 200, """{"webUrl":"http://tracker.example/8","project":"P","identifier":"8"}""");
        Assert.Equal("P#8", (await tracker.ActAsync("link", "/link", ""","number":"8" """)).Map.Text("displayName"));
        Assert.Equal("P#8", ((JsonMap)(await LinksAsync(tracker)).Single()!).Text("displayName"));
        Assert.Equal(["external_issue.created 201", "external_issue.linked 200"], await tracker.LogAsync());
        foreach (var issue in new[] { (await tracker.App.GetAsync($"/api/0/organizations/default/issues/{tracker.Issue}/")).Map, (JsonMap)(await tracker.App.GetAsync("/api/0/organizations/default/issues/")).List.Single()! })
            Assert.Equal("""[{"displayName":"P#8","url":"http://tracker.example/8"}]""", issue["annotations"].JsonText());
    }

    [Fact]
    public async Task With_the_encoding_ascii_the_app_is_sent_ascii()
    {
        await using var tracker = await Tracker.BeginAsync(DatabaseKind.Sqlite, Element, ""","delivery":{"encoding":"ascii"}""");
        tracker.Answer("/create", 200, Linked);

        await tracker.ActAsync("create", "/create", ""","title":"é" """);

        Assert.StartsWith("""{"fields":{"title":"\u00e9"},""", tracker.Calls.Single().Text, StringComparison.Ordinal);
        tracker.IsSigned(tracker.Calls.Single());
    }

    [Theory]
    [InlineData(200, "<html>", "Unable to parse response from ticket-bridge", "the response is no JSON: invalid JSON at line 1, byte 1")]
    [InlineData(200, "", "Unable to parse response from ticket-bridge", "the response is no JSON: empty input")]
    [InlineData(302, "", "Unable to parse response from ticket-bridge", "the response is no JSON: empty input")]
    [InlineData(400, Linked, "Issue occured while trying to contact ticket-bridge to link issue", "the app answered 400")]
    [InlineData(503, "", "Issue occured while trying to contact ticket-bridge to link issue", "the app answered 503")]
    [InlineData(200, "[]", "Invalid response format from sentry app ticket-bridge when linking issue", "webUrl: This field is required.")]
    [InlineData(200, """{"webUrl":"https://a.example","project":"p"}""", "Invalid response format from sentry app ticket-bridge when linking issue", "identifier: This field is required.")]
    [InlineData(200, """{"webUrl":"https://a.example","project":"p","identifier":7}""", "Invalid response format from sentry app ticket-bridge when linking issue", "identifier: Not a valid string.")]
    [InlineData(200, """{"webUrl":"javascript:alert(1)","project":"p","identifier":"7"}""", "Invalid response format from sentry app ticket-bridge when linking issue", "webUrl: URL must start with http[s]://")]
    public async Task What_an_app_does_wrong_is_said_and_nothing_is_linked(int status, string body, string detail, string reason)
    {
        await using var tracker = await Tracker.BeginAsync(DatabaseKind.Sqlite, Element);
        tracker.Answer("/link", status, body);

        var answer = await tracker.ActAsync("link", "/link");

        Assert.Equal((500, detail, reason), (answer.Status, answer.Map.Text("detail"), answer.Map.Map("context")!.Text("reason")));
        Assert.Empty(await LinksAsync(tracker));
        Assert.Equal([$"external_issue.linked {status}"], await tracker.LogAsync());
    }

    [Fact]
    public async Task An_app_that_hangs_is_given_up_after_thirty_seconds()
    {
        await using var tracker = await Tracker.BeginAsync(DatabaseKind.Sqlite, Element);
        tracker.Answers["/link"] = TestReceiver.Hang;

        var answer = await tracker.WaitOutAsync(tracker.ActAsync("link", "/link"));

        Assert.Equal((500, "the app did not answer within 30 seconds"), (answer.Status, answer.Map.Map("context")!.Text("reason")));
        Assert.Equal(["external_issue.linked 0"], await tracker.LogAsync());
    }

    [Fact]
    public async Task What_a_failed_call_sent_and_received_is_in_the_log()
    {
        await using var tracker = await Tracker.BeginAsync(DatabaseKind.Sqlite, Element);
        tracker.Answer("/link", 422, $"no{new string('!', 2000)}");

        await tracker.ActAsync("link", "/link", ""","number":"8" """);

        var logged = (JsonMap)(await tracker.App.GetAsync($"/api/0/sentry-apps/{Tracker.Slug}/requests/?eventType=external_issue.linked")).List.Single()!;
        Assert.Equal((422.0, "HTTP 422"), (logged["responseCode"], logged.Text("reason")));
        Assert.Equal(tracker.Calls.Single().Text[..100], logged.Text("request_body")![..100]);
        Assert.Equal(1024, logged.Text("response_body")!.Length);
        Assert.Equal(tracker.Calls.Single().Header("Request-ID"), logged.Text("requestId"));
        Assert.Equal(tracker.Calls.Single().Header("Sentry-App-Signature"), logged.Map("request_headers")!.Text("Sentry-App-Signature"));
        Assert.EndsWith("/link", logged.Text("webhookUrl"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{}", """{"groupId":["This field is required."],"action":["This field is required."],"uri":["This field is required."]}""")]
    [InlineData("""{"groupId":"x","action":"close","uri":"link"}""", """{"groupId":["A valid integer is required."],"action":["It must be create or link."],"uri":["It must be a path that begins with /."]}""")]
    [InlineData("""{"groupId":1.5,"action":7,"uri":7}""", """{"groupId":["A valid integer is required."],"action":["It must be create or link."],"uri":["It must be a path that begins with /."]}""")]
    [InlineData("""{"groupId":-1,"action":"link","uri":"/link"}""", """{"groupId":["A valid integer is required."]}""")]
    public async Task Wrong_requests_are_refused(string body, string refusal)
    {
        await using var tracker = await Tracker.BeginAsync(DatabaseKind.Sqlite, Element);

        var answer = await tracker.App.ApiAsync(HttpMethod.Post, tracker.Actions, body);

        Assert.Equal((400, refusal), (answer.Status, answer.Json.JsonText()));
        Assert.Empty(tracker.Calls);
    }

    [Fact]
    public async Task Issues_that_the_organization_does_not_have_are_not_linked()
    {
        await using var tracker = await Tracker.BeginAsync(DatabaseKind.Sqlite, Element);

        var unknown = await tracker.App.ApiAsync(HttpMethod.Post, tracker.Actions, """{"groupId":"4711","action":"link","uri":"/link"}""");
        Assert.Equal((404, """{"detail":"Could not find the corresponding issue for the given groupId"}"""), (unknown.Status, unknown.Json.JsonText()));

        var elsewhere = await tracker.App.AddOrganizationAsync("elsewhere");
        await tracker.App.ExecuteAsync("update project set organization_id = @elsewhere", new { elsewhere });
        Assert.Equal(404, (await tracker.ActAsync("link", "/link")).Status);
        Assert.Empty(tracker.Calls);
    }

    private static async Task<List<object?>> LinksAsync(Tracker tracker) =>
        (await tracker.App.GetAsync($"/api/0/organizations/default/issues/{tracker.Issue}/external-issues/")).List;
}
