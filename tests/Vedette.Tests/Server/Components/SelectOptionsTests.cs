using Vedette.Tests.Harness;
using Vedette.Wire.Json;
using Xunit;

namespace Vedette.Tests.Server.Components;

/// <summary><c>spec/platform-api.md</c> 4.3, by <c>external-requests/</c>.</summary>
public sealed class SelectOptionsTests
{
    private const string Element =
        """
        {"type":"issue-link",
         "link":{"uri":"/link","required_fields":[
             {"type":"select","label":"Board","name":"board","uri":"/boards"},
             {"type":"select","label":"List","name":"list","uri":"/lists","depends_on":["board"],"async":true}]},
         "create":{"uri":"/create","required_fields":[{"type":"text","label":"Title","name":"title"}]}}
        """;

    private const string Unreachable = "Something went wrong while getting options for Select FormField from ticket-bridge";

    [Theory, EachDatabase]
    public async Task An_app_is_asked_for_the_options_of_a_field(DatabaseKind database)
    {
        await using var tracker = await Tracker.BeginAsync(database, Element);
        tracker.Answer("/boards", 200, """[{"value":"b1","label":"Café <b>"},{"value":2,"label":"Two","default":true,"more":{}}]""");

        var answer = await tracker.OptionsAsync("/boards", $"&projectId={tracker.App.ProjectId}&query=caf%C3%A9%20%26");

        Assert.Equal((200, """{"choices":[["b1","Café <b>"],[2,"Two"]],"defaultValue":2}"""), (answer.Status, answer.Json.JsonText()));
        var call = tracker.Calls.Single();
        Assert.Equal($"GET /boards?installationId={tracker.Uuid}&projectSlug=default&query=caf%C3%A9%20%26 HTTP/1.1", call.Line);
        Assert.Empty(call.Body);
        tracker.IsSigned(call);
        Assert.Equal(["select_options.requested 200"], await tracker.LogAsync());
    }

    [Fact]
    public async Task Only_what_is_known_is_sent()
    {
        await using var tracker = await Tracker.BeginAsync(DatabaseKind.Sqlite, Element);
        tracker.Answer("/boards", 200, "[]");
        tracker.Answer("/search", 200, """[{"value":"1","label":"One"}]""");

        Assert.Equal("""{"choices":[]}""", (await tracker.OptionsAsync("/boards")).Json.JsonText());
        Assert.Equal("""{"choices":[["1","One"]]}""", (await tracker.OptionsAsync("/search?kind=a#part")).Json.JsonText());

        Assert.Equal([$"/boards?installationId={tracker.Uuid}", $"/search?kind=a&installationId={tracker.Uuid}"], tracker.Calls.Select(call => call.Target));
    }

    [Fact]
    public async Task A_field_that_depends_on_others_is_asked_for_when_all_of_them_are_known()
    {
        await using var tracker = await Tracker.BeginAsync(DatabaseKind.Sqlite, Element);
        tracker.Answer("/lists", 200, """[{"value":"l","label":"L"}]""");

        foreach (var unknown in new[] { "", """{"other":"x"}""", """{"board":""}""", """{"board":null}""" })
            Assert.Equal("""{"choices":[]}""", (await tracker.OptionsAsync("/lists", $"&dependentData={Uri.EscapeDataString(unknown)}")).Json.JsonText());
        Assert.Empty(tracker.Calls);

        const string Known = """{"board":"b&1"}""";
        Assert.Equal("""{"choices":[["l","L"]]}""", (await tracker.OptionsAsync("/lists", $"&dependentData={Uri.EscapeDataString(Known)}")).Json.JsonText());
        Assert.Equal(Known, Uri.UnescapeDataString(tracker.Calls.Single().Target.Split("dependentData=")[1]));
    }

    [Theory]
    [InlineData(200, """{"value":"1"}""", 400, "Invalid response format for Select FormField in ticket-bridge from uri: /boards", "the response is no JSON array")]
    [InlineData(200, "null", 400, "Invalid response format for Select FormField in ticket-bridge from uri: /boards", "the response is no JSON array")]
    [InlineData(200, """[{"value":"1"}]""", 500, "Missing `value` or `label` in option data for Select FormField", "option 1 is no object with both")]
    [InlineData(200, """[{"value":1,"label":"x"},{"label":"1"}]""", 500, "Missing `value` or `label` in option data for Select FormField", "option 2 is no object with both")]
    [InlineData(200, """["a"]""", 500, "Missing `value` or `label` in option data for Select FormField", "option 1 is no object with both")]
    [InlineData(200, """[{"value":{"a":1},"label":"x"}]""", 400, "Invalid `value` or `label` in option data for Select FormField", "option 1 has one that is no text and no number")]
    [InlineData(200, """[{"value":1,"label":["x"]}]""", 400, "Invalid `value` or `label` in option data for Select FormField", "option 1 has one that is no text and no number")]
    [InlineData(500, "[]", 500, Unreachable, "the app answered 500")]
    [InlineData(404, "[]", 500, Unreachable, "the app answered 404")]
    [InlineData(401, "<html>", 500, Unreachable, "the app answered 401")]
    public async Task What_an_app_does_wrong_is_said(int status, string body, int answered, string detail, string reason)
    {
        await using var tracker = await Tracker.BeginAsync(DatabaseKind.Sqlite, Element);
        tracker.Answer("/boards", status, body);

        var answer = await tracker.OptionsAsync("/boards");

        Assert.Equal((answered, detail, reason), (answer.Status, answer.Map.Text("detail"), answer.Map.Map("context")!.Text("reason")));
        Assert.Equal([$"select_options.requested {status}"], await tracker.LogAsync());
    }

    [Theory]
    [InlineData("<html><script>alert(1)</script></html>", "the response is no JSON: invalid JSON at line 1, byte 1")]
    [InlineData("", "the response is no JSON: empty input")]
    [InlineData("[{\"value\":1,", "the response is no JSON: invalid JSON at line 1, byte 12")]
    public async Task An_answer_that_is_no_json_is_an_error_with_a_number(string body, string reason)
    {
        await using var tracker = await Tracker.BeginAsync(DatabaseKind.Sqlite, Element);
        tracker.Answer("/boards", 200, body);

        var answer = await tracker.OptionsAsync("/boards");

        Assert.Equal((500, reason), (answer.Status, answer.Map.Map("context")!.Text("reason")));
        Assert.Equal($"An issue occured during the integration platform process. Sentry error ID: {tracker.Calls.Single().Header("Request-ID")}", answer.Map.Text("detail"));
    }

    [Fact]
    public async Task Neither_depth_nor_headers_without_an_end_harm_the_server()
    {
        await using var tracker = await Tracker.BeginAsync(DatabaseKind.Sqlite, Element);
        tracker.Answer("/boards", 200, $"{new string('[', 100_000)}{new string(']', 100_000)}");
        Assert.Equal("Missing `value` or `label` in option data for Select FormField", (await tracker.OptionsAsync("/boards")).Map.Text("detail"));

        tracker.Answer("/boards", 200, "[]", [.. Enumerable.Range(0, 200).Select(i => $"X-{i}: {new string('x', 1000)}")]);
        Assert.Equal("the app could not be reached", (await tracker.OptionsAsync("/boards")).Map.Map("context")!.Text("reason"));
    }

    [Fact]
    public async Task Redirects_are_not_followed_and_bodies_not_unpacked()
    {
        await using var tracker = await Tracker.BeginAsync(DatabaseKind.Sqlite, Element);
        tracker.Answer("/boards", 302, "", $"Location: {tracker.Receiver.Url}");
        Assert.Equal(500, (await tracker.OptionsAsync("/boards")).Status);
        tracker.Answer("/boards", 200, "[]", "Content-Encoding: gzip");
        Assert.Equal(200, (await tracker.OptionsAsync("/boards")).Status);
        Assert.Equal(2, tracker.Receiver.Requests.Count);
    }

    [Fact]
    public async Task An_app_that_hangs_up_or_tears_its_answer_off_could_not_be_reached()
    {
        await using var tracker = await Tracker.BeginAsync(DatabaseKind.Sqlite, Element);
        foreach (var trick in new[] { TestReceiver.Close, TestReceiver.Torn(100) })
        {
            tracker.Answers["/boards"] = trick;
            var answer = await tracker.OptionsAsync("/boards");
            Assert.Equal((500, Unreachable, "the app could not be reached"), (answer.Status, answer.Map.Text("detail"), answer.Map.Map("context")!.Text("reason")));
        }

        Assert.Equal(["select_options.requested -1", "select_options.requested -1"], await tracker.LogAsync());
    }

    [Fact]
    public async Task An_app_has_thirty_seconds_for_all_of_its_answer()
    {
        await using var tracker = await Tracker.BeginAsync(DatabaseKind.Sqlite, Element);
        TestReceiver.Answer drips = async (request, stream, ct) =>
        {
            await stream.WriteAsync("HTTP/1.1 200 Test\r\nContent-Length: 1000\r\n\r\n[ "u8.ToArray(), ct);
            return await TestReceiver.Hang(request, stream, ct);
        };
        foreach (var trick in new[] { TestReceiver.Hang, drips })
        {
            tracker.Answers["/boards"] = trick;
            var began = tracker.Clock.GetUtcNow();
            var answer = await tracker.WaitOutAsync(tracker.OptionsAsync("/boards"));

            Assert.Equal((500, Unreachable, "the app did not answer within 30 seconds"), (answer.Status, answer.Map.Text("detail"), answer.Map.Map("context")!.Text("reason")));
            Assert.InRange(tracker.Clock.GetUtcNow() - began, TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(39));
        }

        Assert.Equal(["select_options.requested 0", "select_options.requested 0"], await tracker.LogAsync());
    }

    /// <summary>Ten megabytes of options, and as many that are said to be fewer.</summary>
    [Fact]
    public async Task An_answer_without_an_end_is_given_up_after_256_KiB()
    {
        await using var tracker = await Tracker.BeginAsync(DatabaseKind.Sqlite, Element);
        var sent = 0L;
        tracker.Answers["/boards"] = async (_, stream, ct) =>
        {
            await stream.WriteAsync("HTTP/1.1 200 Test\r\nConnection: close\r\n\r\n["u8.ToArray(), ct);
            var options = System.Text.Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("""{"value":"1","label":"One"},""", 1000)));
            for (; sent < 10 << 20; sent += options.Length)
                await stream.WriteAsync(options, ct);
            return false;
        };

        var answer = await tracker.OptionsAsync("/boards");

        Assert.Equal((500, "the response is larger than 256 KiB"), (answer.Status, answer.Map.Map("context")!.Text("reason")));
        Assert.True(sent < 10 << 20);
        Assert.Equal(["select_options.requested 200"], await tracker.LogAsync());

        // As many as fit are a list like any other.
        tracker.Answer("/boards", 200, $"[{string.Join(',', Enumerable.Range(0, 8000).Select(i => $$"""{"value":{{i}},"label":"x"}"""))}]");
        Assert.Equal(8000, (await tracker.OptionsAsync("/boards")).Map.List("choices")!.Count);
    }

    [Fact]
    public async Task A_blocked_address_reads_like_one_where_nobody_is_and_the_log_says_more()
    {
        await using var tracker = await Tracker.BeginAsync(DatabaseKind.Sqlite, Element);
        await tracker.App.ExecuteAsync("update app set webhook_url = 'http://10.1.2.3/hook'", new { });

        var answer = await tracker.OptionsAsync("/boards");

        Assert.Equal((500, Unreachable, "the app could not be reached"), (answer.Status, answer.Map.Text("detail"), answer.Map.Map("context")!.Text("reason")));
        var logged = (JsonMap)(await tracker.App.GetAsync($"/api/0/sentry-apps/{Tracker.Slug}/requests/?eventType=select_options.requested&errorsOnly=true")).List.Single()!;
        Assert.Equal(-1.0, logged["responseCode"]);
        Assert.Equal("10.1.2.3 is in 10.0.0.0/8 (private)", logged.Text("reason"));
        Assert.Equal("***", logged.Map("request_headers")!.Text("Sentry-App-Signature"));
    }

    [Theory]
    [InlineData("", """{"uri":["This field is required."]}""")]
    [InlineData("boards", """{"uri":["It must be a path that begins with /."]}""")]
    [InlineData("http://127.0.0.1/", """{"uri":["It must be a path that begins with /."]}""")]
    [InlineData("@10.0.0.1/", """{"uri":["It must be a path that begins with /."]}""")]
    public async Task A_wrong_path_is_refused(string uri, string body)
    {
        await using var tracker = await Tracker.BeginAsync(DatabaseKind.Sqlite, Element);

        var answer = await tracker.OptionsAsync(uri);

        Assert.Equal((400, body), (answer.Status, answer.Json.JsonText()));
        Assert.Empty(tracker.Calls);
    }

    [Fact]
    public async Task Other_wrong_words_are_refused_and_no_path_leads_to_another_host()
    {
        await using var tracker = await Tracker.BeginAsync(DatabaseKind.Sqlite, Element);

        Assert.Equal("""{"dependentData":["It must be a JSON object of fields and their values."]}""", (await tracker.OptionsAsync("/lists", "&dependentData=%5B1")).Json.JsonText());
        Assert.Equal(400, (await tracker.OptionsAsync("/boards", $"&query={new string('x', 2049)}")).Status);
        Assert.Equal(404, (await tracker.OptionsAsync("/boards", "&projectId=4711")).Status);
        Assert.Empty(tracker.Calls);

        tracker.Answer("/boards", 200, "[]");
        foreach (var odd in new[] { "//example.org/x", "/\\example.org/x", "/a b", "/%0d%0aX: y", "/\r\nX: y", "/é" })
            Assert.Equal(400, (await tracker.OptionsAsync(odd)).Status); // {} is no array
        Assert.Equal(6, tracker.Calls.Count);
        Assert.All(tracker.Calls, call => Assert.Null(call.Header("X")));
    }

    [Fact]
    public async Task Of_an_app_that_has_not_confirmed_its_installation_nothing_is_asked()
    {
        await using var tracker = await Tracker.BeginAsync(DatabaseKind.Sqlite, Element);
        await tracker.App.ExecuteAsync("update app_installation set status = 'pending'", new { });

        var answer = await tracker.OptionsAsync("/boards");

        Assert.Equal((400, """{"detail":"The app has not confirmed its installation yet."}"""), (answer.Status, answer.Json.JsonText()));
        Assert.Equal(400, (await tracker.ActAsync("link", "/link")).Status);
        Assert.Empty((await tracker.App.GetAsync(Tracker.Components)).List);
        Assert.Empty(tracker.Calls);
    }

    [Fact]
    public async Task An_app_that_hangs_keeps_eight_sockets_and_nobody_elses_answer()
    {
        await using var tracker = await Tracker.BeginAsync(DatabaseKind.Sqlite, Element);
        await using var other = new TestReceiver { Behaviour = TestReceiver.Body(200, "[]") };
        await tracker.App.CreateAppAsync(other.Url, "[]", ""","name":"Another" """);
        var uuid = ((JsonMap)(await tracker.App.GetAsync("/api/0/organizations/default/sentry-app-installations/")).List[0]!).Text("uuid");
        tracker.Answers["/boards"] = TestReceiver.Hang;

        var asked = Enumerable.Range(0, 20).Select(_ => tracker.OptionsAsync("/boards")).ToList();
        await tracker.Receiver.WaitForAsync(8);

        Assert.Equal(200, (await tracker.App.GetAsync($"/api/0/sentry-app-installations/{uuid}/external-requests/?uri=/x")).Status);
        Assert.Equal(8, tracker.Calls.Count);
        Assert.All(await tracker.WaitOutAsync(Task.WhenAll(asked)), answer => Assert.Equal(500, answer.Status));
        Assert.Equal(20, (await tracker.LogAsync()).Count(line => line == "select_options.requested 0"));
    }

    [Theory, EachDatabase]
    public async Task Calls_are_kept_as_long_as_attempts_and_end_with_their_app(DatabaseKind database)
    {
        await using var tracker = await Tracker.BeginAsync(database, Element);
        await tracker.OptionsAsync("/boards");
        tracker.Clock.Advance(TimeSpan.FromDays(31));
        await tracker.OptionsAsync("/boards");
        await tracker.Clock.AdvanceUntilAsync(TimeSpan.FromHours(1), async () => await tracker.App.CountAsync("app_call") == 1, "the end of the older call");
        Assert.Single(await tracker.LogAsync());

        Assert.Equal(204, (await tracker.App.ApiAsync(HttpMethod.Delete, $"/api/0/sentry-apps/{Tracker.Slug}/")).Status);
        Assert.Equal(0, await tracker.App.CountAsync("app_call"));
    }
}
