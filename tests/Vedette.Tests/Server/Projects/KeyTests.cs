using System.Text;
using Vedette.Tests.Harness;
using Vedette.Wire.Json;
using Xunit;

namespace Vedette.Tests.Server.Projects;

/// <summary>Keys of a project: what opens the door for SDKs, and how wide.</summary>
public sealed class KeyTests
{
    private const string Keys = "/api/0/projects/default/default/keys/";

    [Theory, EachDatabase]
    public async Task A_key_is_added_renamed_disabled_and_removed(DatabaseKind database)
    {
        await using var app = await VedetteApp.StartAsync(database);

        var added = await app.ApiAsync(HttpMethod.Post, Keys, """{"name":"Phones","rateLimit":{"window":60,"count":100}}""");
        var id = added.Map.Text("id")!;
        Assert.Equal(201, added.Status);
        Assert.Equal("Phones", added.Map.Text("label"));
        Assert.Equal("""{"window":60,"count":100}""", Json(added.Map["rateLimit"]));
        Assert.Equal(2, (await app.GetAsync(Keys)).List.Count);
        Assert.Equal(200, await SendAsync(app, id));

        var changed = await app.ApiAsync(HttpMethod.Put, $"{Keys}{id}/", """{"name":"Tablets","isActive":false}""");
        Assert.Equal(200, changed.Status);
        Assert.Equal(("Tablets", false), (changed.Map.Text("name"), (bool)changed.Map["isActive"]!));
        Assert.Equal("""{"window":60,"count":100}""", Json(changed.Map["rateLimit"]));
        Assert.Equal(403, await SendAsync(app, id));

        Assert.Equal(204, (await app.AskAsync(HttpMethod.Delete, $"{Keys}{id}/", $"Bearer {app.FirstStart.Token}")).Status);
        Assert.Equal(404, (await app.GetAsync($"{Keys}{id}/")).Status);
        Assert.Equal(404, (await app.ApiAsync(HttpMethod.Put, $"{Keys}{id}/", "{}")).Status);
        Assert.Equal(404, (await app.AskAsync(HttpMethod.Delete, $"{Keys}{id}/", $"Bearer {app.FirstStart.Token}")).Status);
        var audited = (await app.GetAsync("/api/0/organizations/default/audit-logs/")).Map.List("rows")!.Select(row => ((JsonMap)row!).Text("note"));
        Assert.Equal([$"removed project key {id}", $"edited project key {id}", $"added project key {id}"], audited);
    }

    [Fact]
    public async Task A_limited_key_takes_so_many_events_in_a_window_and_says_when_it_takes_more()
    {
        var clock = new FakeClock();
        await using var app = await VedetteApp.StartAsync(time: clock);
        clock.Advance(TimeSpan.FromSeconds(20));
        await app.ApiAsync(HttpMethod.Put, $"{Keys}{app.PublicKey}/", """{"rateLimit":{"window":60,"count":2}}""");

        Assert.Equal(200, await SendAsync(app, app.PublicKey));
        Assert.Equal(200, await SendAsync(app, app.PublicKey));
        using var refused = await PostAsync(app, app.PublicKey);
        Assert.Equal(429, (int)refused.StatusCode);
        Assert.Equal("40", refused.Headers.GetValues("Retry-After").Single());
        Assert.Equal("40:error;feedback:key:key_quota", refused.Headers.GetValues("X-Sentry-Rate-Limits").Single());
        Assert.Equal(
            """{"detail":"event submission rejected with_reason: rate limited","causes":["the project key takes no more events for now"]}""",
            await refused.Content.ReadAsStringAsync());

        // What is not an event is none of the limit's business.
        using var session = await PostAsync(app, app.PublicKey, "{}\n{\"type\":\"session\"}\n{}");
        Assert.Equal(200, (int)session.StatusCode);

        clock.Advance(TimeSpan.FromSeconds(40));
        Assert.Equal(200, await SendAsync(app, app.PublicKey));
        Assert.Equal(3, (await app.GetAsync("/api/0/organizations/default/issues/")).List.Sum(issue => long.Parse(((JsonMap)issue!).Text("count")!)));
    }

    [Fact]
    public async Task A_limit_of_nothing_closes_the_key_and_null_lifts_it()
    {
        await using var app = await VedetteApp.StartAsync();

        await app.ApiAsync(HttpMethod.Put, $"{Keys}{app.PublicKey}/", """{"rateLimit":{"window":3600,"count":0}}""");
        Assert.Equal(429, await SendAsync(app, app.PublicKey));

        var lifted = await app.ApiAsync(HttpMethod.Put, $"{Keys}{app.PublicKey}/", """{"rateLimit":null}""");
        Assert.Null(lifted.Map["rateLimit"]);
        Assert.Equal(200, await SendAsync(app, app.PublicKey));
    }

    [Theory]
    [InlineData("""{"name":""}""", """{"name":["This field may not be blank."]}""")]
    [InlineData("""{"name":7}""", """{"name":["Not a valid string."]}""")]
    [InlineData("""{"name":"12345678901234567890123456789012345678901234567890123456789012345"}""", """{"name":["Ensure this field has no more than 64 characters."]}""")]
    [InlineData("""{"isActive":"yes"}""", """{"isActive":["Must be a valid boolean."]}""")]
    [InlineData("""{"rateLimit":5}""", null)]
    [InlineData("""{"rateLimit":{"count":5}}""", null)]
    [InlineData("""{"rateLimit":{"count":5,"window":0}}""", null)]
    [InlineData("""{"rateLimit":{"count":-1,"window":60}}""", null)]
    [InlineData("""{"rateLimit":{"count":1.5,"window":60}}""", null)]
    [InlineData("""{"rateLimit":{"count":1e300,"window":60}}""", null)]
    public async Task A_wrong_field_is_named_and_nothing_changes(string body, string? answer)
    {
        await using var app = await VedetteApp.StartAsync();
        var before = await app.GetAsync(Keys);
        var expected = answer ?? """{"rateLimit":["Must be null, or an object with count (0 to 1000000000) and window (1 to 86400 seconds)."]}""";

        Assert.Equal((400, expected), await app.AskAsync(HttpMethod.Post, Keys, $"Bearer {app.FirstStart.Token}", body));
        Assert.Equal((400, expected), await app.AskAsync(HttpMethod.Put, $"{Keys}{app.PublicKey}/", $"Bearer {app.FirstStart.Token}", body));
        Assert.Equal(Json(before.Json), Json((await app.GetAsync(Keys)).Json));
    }

    private static async Task<int> SendAsync(VedetteApp app, string key)
    {
        using var answer = await PostAsync(app, key);
        return (int)answer.StatusCode;
    }

    private static Task<HttpResponseMessage> PostAsync(VedetteApp app, string key, string envelope = "{}\n{\"type\":\"event\"}\n{\"message\":\"one\"}") =>
        app.Client.PostAsync(new Uri($"/api/{app.ProjectId}/envelope/?sentry_key={key}", UriKind.Relative), new StringContent(envelope));

    private static string Json(object? value)
    {
        var json = new StableJsonWriter();
        json.Value(value);
        return Encoding.UTF8.GetString(json.WrittenSpan);
    }
}
