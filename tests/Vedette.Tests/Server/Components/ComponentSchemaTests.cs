using Vedette.Server.Components;
using Vedette.Tests.Harness;
using Vedette.Wire.Json;
using Xunit;

namespace Vedette.Tests.Server.Components;

public sealed class ComponentSchemaTests
{
    private const string Apps = "/api/0/sentry-apps/";

    /// <summary>The three examples of document 003, in one schema.</summary>
    private const string Documented =
        """
        {"elements":[
            {"type":"issue-link",
             "link":{"uri":"/link-issue","required_fields":[{"type":"select","label":"Issue","name":"issue_id","uri":"/search-issues"}]},
             "create":{"uri":"/create-issue","required_fields":[{"type":"text","label":"Title","name":"title"}]}},
            {"type":"stacktrace-link","uri":"/stacktrace-redirect"},
            {"type":"alert-rule-action","title":"Notify My Service",
             "settings":{"type":"alert-rule-settings","uri":"/alert-rule-action","required_fields":[{"type":"text","label":"Channel","name":"channel"}]}}]}
        """;

    private const string Field = """{"type":"text","label":"L","name":"n"}""";

    [Theory, EachDatabase]
    public async Task A_schema_is_kept_as_it_was_given_with_a_component_an_element(DatabaseKind database)
    {
        await using var app = await VedetteApp.StartAsync(database);
        var made = await app.CreateAppAsync("https://bridge.example/hook", more: $""","schema":{Documented}""");
        var path = $"{Apps}{made.Text("slug")}/";

        Assert.Equal(Parse(Documented).JsonText(), made.Map("schema").JsonText());
        var components = (await app.GetAsync($"{path}components/")).List.Cast<JsonMap>().ToList();
        Assert.Equal(["issue-link", "stacktrace-link", "alert-rule-action"], components.Select(component => component.Text("type")));
        Assert.Equal(["uuid", "type", "schema", "error", "sentryApp"], components[0].Members.Select(member => member.Key));
        Assert.Equal("""{"type":"stacktrace-link","uri":"/stacktrace-redirect"}""", components[1].Map("schema").JsonText());
        Assert.Equal(made.Text("slug"), components[1].Map("sentryApp")!.Text("slug"));

        // What stays keeps its uuid, and what a request does not name stays.
        Assert.Equal(200, (await app.ApiAsync(HttpMethod.Put, path, """{"schema":{"elements":[{"type":"stacktrace-link","uri":"/stacktrace-redirect"}]}}""")).Status);
        Assert.Equal(200, (await app.ApiAsync(HttpMethod.Put, path, """{"overview":"o"}""")).Status);
        Assert.Equal(components[1].Text("uuid"), ((JsonMap)(await app.GetAsync($"{path}components/")).List.Single()!).Text("uuid"));
        Assert.Equal("{}", (await app.ApiAsync(HttpMethod.Put, path, """{"schema":{}}""")).Map.Map("schema").JsonText());
        Assert.Empty((await app.GetAsync($"{path}components/")).List);
    }

    [Theory]
    [InlineData("[]", "'elements' is a required property")]
    [InlineData("""{"type":"x"}""", "'elements' is a required property")]
    [InlineData("""{"elements":{}}""", "'elements' should be an array of objects")]
    [InlineData("""{"elements":["x"]}""", "'elements' should be an array of objects")]
    [InlineData("""{"elements":[]}""", "[] is too short")]
    [InlineData("""{"elements":[{"uri":"/x"}]}""", "Each element needs a 'type' field")]
    [InlineData("""{"elements":[{"type":"other"}]}""", "Element has type 'other'. Type must be one of the following: ['issue-link', 'alert-rule-action', 'issue-media', 'stacktrace-link']")]
    [InlineData("""{"elements":[{"type":7}]}""", "Element has type 7. Type must be one of the following: ['issue-link', 'alert-rule-action', 'issue-media', 'stacktrace-link']")]
    [InlineData("""{"elements":[{"type":"stacktrace-link"}]}""", "'uri' is a required property for element of type 'stacktrace-link'")]
    [InlineData("""{"elements":[{"type":"stacktrace-link","uri":5}]}""", "5 is not of type 'string' for element of type 'stacktrace-link'")]
    [InlineData("""{"elements":[{"type":"stacktrace-link","uri":"it's"}]}""", "\"it's\" does not match '^\\\\/' for element of type 'stacktrace-link'")]
    [InlineData("""{"elements":[{"type":"stacktrace-link","uri":"/a"},{"type":"stacktrace-link","uri":"/b"}]}""", "Multiple elements of type: stacktrace-link")]
    [InlineData("""{"elements":[{"type":"issue-link","link":{"uri":"/a","required_fields":[FIELD]}}]}""", "'create' is a required property for element of type 'issue-link'")]
    [InlineData("""{"elements":[{"type":"issue-link","link":{"uri":"/a"},"create":{}}]}""", "'required_fields' is a required property for element of type 'issue-link'")]
    [InlineData("""{"elements":[{"type":"issue-link","link":true,"create":{}}]}""", "True is not of type 'object' for element of type 'issue-link'")]
    [InlineData("""{"elements":[{"type":"issue-link","link":{"uri":"/a","required_fields":[]},"create":{}}]}""", "[] is too short for element of type 'issue-link'")]
    [InlineData("""{"elements":[{"type":"issue-link","link":{"uri":"/a","required_fields":[{"type":"text","label":"L","name":"n","default":"x"}]},"create":{}}]}""", "'x' is not one of ['issue.title', 'issue.description'] for element of type 'issue-link'")]
    [InlineData("""{"elements":[{"type":"alert-rule-action","settings":{}}]}""", "'title' is a required property for element of type 'alert-rule-action'")]
    [InlineData("""{"elements":[{"type":"alert-rule-action","title":"T","settings":{"type":"other"}}]}""", "'other' is not one of ['alert-rule-settings'] for element of type 'alert-rule-action'")]
    [InlineData("""{"elements":[ALERT"required_fields":[{"type":"text","label":"L","name":"n","default":"x"}]}}]}""", "Elements of type ['text', 'textarea'] may only have a default value of the following: ['issue.title', 'issue.description'], but x was found.")]
    [InlineData("""{"elements":[ALERT"required_fields":[{"type":"number","label":"L","name":"n"}]}}]}""", "'number' is not one of ['select', 'text', 'textarea'] for element of type 'alert-rule-action'")]
    [InlineData("""{"elements":[ALERT"required_fields":[{"type":"select","label":"L","name":"n"}]}}]}""", "'options' is a required property for element of type 'alert-rule-action'")]
    [InlineData("""{"elements":[ALERT"required_fields":[{"type":"select","label":"L","name":"n","options":[["#general"]]}]}}]}""", "['#general'] is too short for element of type 'alert-rule-action'")]
    [InlineData("""{"elements":[ALERT"required_fields":[{"type":"select","label":"L","name":"n","options":[["a","b","c"]]}]}}]}""", "['a', 'b', 'c'] is too long for element of type 'alert-rule-action'")]
    [InlineData("""{"elements":[ALERT"required_fields":[{"type":"select","label":"L","name":"n","uri":"/a","depends_on":[]}]}}]}""", "[] is too short for element of type 'alert-rule-action'")]
    [InlineData("""{"elements":[ALERT"required_fields":[{"type":"select","label":"L","name":"n","uri":"/a","async":"yes"}]}}]}""", "'yes' is not of type 'boolean' for element of type 'alert-rule-action'")]
    [InlineData("""{"elements":[ALERT"description":"","required_fields":[FIELD]}}]}""", "'' is too short for element of type 'alert-rule-action'")]
    [InlineData("""{"elements":[{"type":"issue-media","title":"T","elements":[{"type":"video"}]}]}""", "'url' is a required property for element of type 'issue-media'")]
    [InlineData("""{"elements":[{"type":"issue-media","title":"T","elements":[{"type":"image","url":"javascript:x"}]}]}""", @"'javascript:x' does not match '^(?:https?|\\/)' for element of type 'issue-media'")]
    public void What_is_wrong_is_said_in_these_words(string schema, string wrong)
    {
        schema = schema.Replace("FIELD", Field, StringComparison.Ordinal)
            .Replace("ALERT", """{"type":"alert-rule-action","title":"T","settings":{"type":"alert-rule-settings","uri":"/a",""", StringComparison.Ordinal);
        Assert.Equal(wrong, ComponentSchema.WhyNot(schema == "[]" ? new List<object?> { 1.0 } : Parse(schema)));
    }

    [Fact]
    public async Task A_wrong_schema_is_refused_when_an_app_is_made_and_when_it_is_changed()
    {
        const string Refusal = """{"schema":["'elements' is a required property"]}""";
        await using var app = await VedetteApp.StartAsync();
        var made = await app.CreateAppAsync("https://bridge.example/hook");

        Assert.Equal(
            (400, Refusal),
            await app.AskAsync(HttpMethod.Post, Apps, $"Bearer {app.FirstStart.Token}", """{"name":"A","organization":"default","isInternal":true,"schema":{"type":"x"}}"""));
        Assert.Equal((400, Refusal), await app.AskAsync(HttpMethod.Put, $"{Apps}{made.Text("slug")}/", $"Bearer {app.FirstStart.Token}", """{"schema":{"type":"x"}}"""));
    }

    [Fact]
    public void Every_kind_of_element_and_field_is_taken()
    {
        Assert.Null(ComponentSchema.WhyNot(Parse(
            """
            {"elements":[
                {"type":"issue-media","title":"T","elements":[{"type":"header","text":"h"},{"type":"markdown","text":"m"},{"type":"image","url":"https://a.example/","alt":"a"},{"type":"video","url":"/v"}]},
                {"type":"alert-rule-action","title":"T","settings":{"type":"alert-rule-settings","uri":"/a","description":"d","required_fields":[
                    {"type":"select","label":"L","name":"a","options":[["1","one"],["2",2]]},
                    {"type":"select","label":"L","name":"b","uri":"/b","async":true,"skip_load_on_open":true,"depends_on":["a"]},
                    {"type":"textarea","label":"L","name":"c","default":"issue.title"}],"optional_fields":[{"type":"text","label":"L","name":"d"}]}}]}
            """)));
    }

    [Fact]
    public void A_strangers_value_is_cut_in_the_error()
    {
        var wrong = ComponentSchema.WhyNot(Parse($$$"""{"elements":[{"type":"{{{new string('x', 5000)}}}"}]}"""))!;

        Assert.True(wrong.Length < 400, wrong);
    }

    private static JsonMap Parse(string json) =>
        LenientJson.TryParse(System.Text.Encoding.UTF8.GetBytes(json), out var value, out var error) ? (JsonMap)value! : throw new FormatException(error);
}
