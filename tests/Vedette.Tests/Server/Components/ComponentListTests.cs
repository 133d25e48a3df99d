using Vedette.Tests.Harness;
using Vedette.Tests.Server.Issues;
using Vedette.Wire.Json;
using Xunit;

namespace Vedette.Tests.Server.Components;

/// <summary><c>spec/platform-api.md</c> 2.6 and 4.7.</summary>
public sealed class ComponentListTests
{
    /// <summary>The three examples of document 003.</summary>
    private const string Documented =
        """
        {"type":"issue-link",
         "link":{"uri":"/link-issue","required_fields":[{"type":"select","label":"Issue","name":"issue_id","uri":"/search-issues"}]},
         "create":{"uri":"/create-issue","required_fields":[{"type":"text","label":"Title","name":"title"}]}},
        {"type":"stacktrace-link","uri":"/stacktrace-redirect"},
        {"type":"alert-rule-action","title":"Notify My Service",
         "settings":{"type":"alert-rule-settings","uri":"/alert-rule-action","required_fields":[{"type":"text","label":"Channel","name":"channel"}]}}
        """;

    private const string Fields =
        """
        {"type":"issue-link",
         "link":{"uri":"/link","required_fields":[{"type":"select","label":"A","name":"a","uri":"/a"},{"type":"select","label":"B","name":"b","uri":"/b","skip_load_on_open":true}],
                 "optional_fields":[{"type":"select","label":"C","name":"c","uri":"/c","depends_on":["a"]},{"type":"select","label":"D","name":"d","options":[["x","X"]]}]},
         "create":{"uri":"/create","required_fields":[{"type":"text","label":"T","name":"t","default":"issue.title"},{"type":"textarea","label":"U","name":"u","default":"issue.description"}]}}
        """;

    [Theory, EachDatabase]
    public async Task The_documented_schemas_work(DatabaseKind database)
    {
        await using var tracker = await Tracker.BeginAsync(database, Documented);
        tracker.Answer("/search-issues", 200, """[{"label":"#1 Boom","value":"1"}]""");

        var links = await ListAsync(tracker, "?filter=issue-link&projectId=default");
        Assert.Equal(
            """{"type":"issue-link","link":{"uri":"/link-issue","required_fields":[{"type":"select","label":"Issue","name":"issue_id","uri":"/search-issues","choices":[["1","#1 Boom"]]}]},"create":{"uri":"/create-issue","required_fields":[{"type":"text","label":"Title","name":"title"}]}}""",
            links.Single().Map("schema").JsonText());
        Assert.Equal(["uuid", "type", "schema", "error", "sentryApp"], links[0].Members.Select(member => member.Key));
        Assert.Equal(("issue-link", "", "ticket-bridge", "Ticket Bridge"), (links[0].Text("type"), links[0].Text("error"), links[0].Map("sentryApp")!.Text("slug"), links[0].Map("sentryApp")!.Text("name")));
        Assert.Equal($"/search-issues?installationId={tracker.Uuid}&projectSlug=default", tracker.Calls.Single().Target);

        var traces = await ListAsync(tracker, "?filter=stacktrace-link&projectId=default");
        Assert.Equal(
            $$"""{"type":"stacktrace-link","uri":"/stacktrace-redirect","url":"{{tracker.Receiver.Url.Replace("/hook", "", StringComparison.Ordinal)}}/stacktrace-redirect?installationId={{tracker.Uuid}}&projectSlug=default"}""",
            traces.Single().Map("schema").JsonText());
        Assert.Equal("Notify My Service", (await ListAsync(tracker, "?filter=alert-rule-action")).Single().Map("schema")!.Text("title"));

        // What the list names is what the calls behind it take.
        tracker.Answer("/link-issue", 200, """{"webUrl":"https://tracker.example/1","project":"P","identifier":"1"}""");
        tracker.Answer("/create-issue", 200, """{"webUrl":"https://tracker.example/2","project":"P","identifier":"2"}""");
        Assert.Equal("P#1", (await tracker.ActAsync("link", "/link-issue", ""","issue_id":"1" """)).Map.Text("displayName"));
        Assert.Equal("P#2", (await tracker.ActAsync("create", "/create-issue", ""","title":"Boom" """)).Map.Text("displayName"));
    }

    [Fact]
    public async Task Fields_are_filled_as_they_say()
    {
        await using var tracker = await Tracker.BeginAsync(DatabaseKind.Sqlite, Fields);
        tracker.Answer("/a", 200, """[{"value":1,"label":"One"},{"value":2,"label":"Two","default":true}]""");

        var schema = (await ListAsync(tracker, "")).Single().Map("schema")!;

        Assert.Equal(["""[[1,"One"],[2,"Two"]]""", "null"], Choices(schema, "link", "required_fields"));
        Assert.Equal(["[]", """[["x","X"]]"""], Choices(schema, "link", "optional_fields"));
        Assert.Equal(2.0, ((JsonMap)schema.Map("link")!.List("required_fields")![0]!)["defaultValue"]);
        Assert.All(schema.Map("create")!.List("required_fields")!.Cast<JsonMap>(), field => Assert.False(field.Contains("defaultValue")));
        Assert.Equal([$"/a?installationId={tracker.Uuid}"], tracker.Calls.Select(call => call.Target));
    }

    [Fact]
    public async Task For_an_issue_text_fields_begin_with_its_title_and_a_description()
    {
        await using var tracker = await Tracker.BeginAsync(DatabaseKind.Sqlite, Fields);
        tracker.Answer("/a", 200, "[]");
        await tracker.App.SendAsync(
            """
            {"platform":"python","exception":{"values":[{"type":"Deep","value":"a `b`","stacktrace":{"frames":[
              {"filename":"outer.py","function":"main","lineno":3,"in_app":true},{"filename":"app.py","function":"run","lineno":7,"context_line":"  go(x)","in_app":true}]}}]}}
            """);
        await tracker.App.SendAsync(
            """
            {"platform":"javascript","exception":{"values":[{"type":"Shallow","value":"b","stacktrace":{"frames":[
              {"filename":"outer.js","function":"main","lineno":3},{"module":"m","filename":"app.js","function":"run","lineno":7,"colno":9}]}}]}}
            """);
        await tracker.App.SendMessagesAsync("Only words");
        var issues = (await tracker.App.GetAsync("/api/0/organizations/default/issues/")).List.Cast<JsonMap>().ToDictionary(issue => issue.Text("title")!);

        Assert.Equal(
            ["Deep: a `b`", $"{Link(issues["Deep: a `b`"])}\n\n```\nTraceback (most recent call last):\n  File \"outer.py\", line 3, in main\n  File \"app.py\", line 7, in run\n    go(x)\nDeep: a `b`\n```"],
            await TextsAsync(tracker, issues["Deep: a `b`"].Text("id")!));
        Assert.Equal(
            ["Shallow: b", $"{Link(issues["Shallow: b"])}\n\n```\nShallow: b\n    at m.run (app.js:7:9)\n    at main (outer.js:3)\n```"],
            await TextsAsync(tracker, issues["Shallow: b"].Text("shortId")!));
        Assert.Equal(["Only words", Link(issues["Only words"])], await TextsAsync(tracker, issues["Only words"].Text("id")!));
        Assert.Equal(404, (await tracker.App.GetAsync($"{Tracker.Components}?issueId=4711")).Status);
        Assert.Equal($"/a?installationId={tracker.Uuid}&projectSlug=default", tracker.Calls[0].Target);

        string Link(JsonMap issue) => $"Sentry Issue: [{issue.Text("shortId")}]({tracker.App.Url}/organizations/default/issues/{issue.Text("id")}/?referrer=Ticket%20Bridge)";
    }

    [Fact]
    public async Task A_component_that_fails_stays_in_the_list_as_it_is_and_the_others_work()
    {
        await using var tracker = await Tracker.BeginAsync(DatabaseKind.Sqlite, Fields);
        await using var other = new TestReceiver { Behaviour = TestReceiver.Body(200, """[{"value":1,"label":"One"}]""") };
        await tracker.App.CreateAppAsync(other.Url, "[]", $$""","name":"Another","schema":{"elements":[{{Fields}}]}""");
        tracker.Answer("/a", 500, "");

        var both = await ListAsync(tracker, "?filter=issue-link");

        Assert.Equal(
            """{"detail":"Something went wrong while getting options for Select FormField from ticket-bridge","context":{"reason":"the app answered 500"}}""",
            both[0]["error"].JsonText());
        Assert.Equal(["null", "null"], Choices(both[0].Map("schema")!, "link", "required_fields"));
        Assert.Equal(("", """[[1,"One"]]"""), (both[1].Text("error"), Choices(both[1].Map("schema")!, "link", "required_fields")[0]));
    }

    [Fact]
    public async Task The_list_has_pages_and_only_what_is_on_one_is_asked_for()
    {
        await using var tracker = await Tracker.BeginAsync(DatabaseKind.Sqlite, Documented);
        tracker.Answer("/search-issues", 200, "[]");

        var first = await tracker.App.GetAsync($"{Tracker.Components}?per_page=1");
        Assert.Equal("issue-link", ((JsonMap)first.List.Single()!).Text("type"));
        Assert.Contains("rel=\"next\"; results=\"true\"", string.Join(',', first.Headers.GetValues("Link")), StringComparison.Ordinal);
        var calls = tracker.Calls.Count;
        Assert.Empty(await ListAsync(tracker, "?filter=nonsense"));
        Assert.Equal(404, (await tracker.App.GetAsync($"{Tracker.Components}?projectId=nonsense")).Status);
        Assert.Equal(calls, tracker.Calls.Count);
        Assert.Equal(3, (await ListAsync(tracker, "")).Count);
    }

    private static async Task<IReadOnlyList<JsonMap>> ListAsync(Tracker tracker, string query) => [.. (await tracker.App.GetAsync($"{Tracker.Components}{query}")).List.Cast<JsonMap>()];

    private static async Task<IReadOnlyList<string?>> TextsAsync(Tracker tracker, string issue) =>
        [.. (await ListAsync(tracker, $"?issueId={issue}")).Single().Map("schema")!.Map("create")!.List("required_fields")!.Cast<JsonMap>().Select(field => field.Text("defaultValue"))];

    private static IReadOnlyList<string> Choices(JsonMap schema, string form, string list) =>
        [.. schema.Map(form)!.List(list)!.Cast<JsonMap>().Select(field => field["choices"].JsonText())];
}
