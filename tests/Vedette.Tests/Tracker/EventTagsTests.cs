using Xunit;

namespace Vedette.Tests.Tracker;

public sealed class EventTagsTests
{
    [Theory]
    [InlineData("""{"b":"2","a":"1"}""")]
    [InlineData("""[["b","2"],["a","1"]]""")]
    [InlineData("""[["a","0"],["b","2"],["a","1"]]""")]
    [InlineData("""{"a":1,"b":2}""")]
    [InlineData("""[["a"," 1 "],["b","2"],["c",""],["d",null],null]""")]
    public void Tags_are_an_object_or_pairs_and_come_out_sorted_and_unique(string tags) =>
        Assert.Equal("""[["a","1"],["b","2"],["level","error"]]""", Events.Text(Events.Normalize($$"""{"tags":{{tags}}}""").Body["tags"]));

    [Theory]
    [InlineData("release")]
    [InlineData("dist")]
    [InlineData("user")]
    [InlineData("filename")]
    [InlineData("function")]
    [InlineData("sentry:release")]
    [InlineData("sentry:user")]
    public void Names_that_are_derived_are_not_the_clients_to_set(string name)
    {
        var tracked = Events.Normalize($$"""{"tags":{"{{name}}":"mine","kept":"1"} }""");

        Assert.Equal(["kept", "level"], tracked.Tags.Select(tag => tag.Key));
    }

    [Theory]
    [InlineData("\"text\"", "invalid_data:tags")]
    [InlineData("[7]", "invalid_data:tags")]
    [InlineData("[[\"a\"]]", "invalid_data:tags")]
    [InlineData("{\"a\":{}}", "invalid_data:tags.a")]
    [InlineData("{\"a$b\":\"1\"}", "invalid_data:tags")]
    [InlineData("{\"\":\"1\"}", "invalid_data:tags")]
    public void What_is_no_tag_is_dropped_and_named(string tags, string errors)
    {
        var tracked = Events.Normalize($$"""{"tags":{{tags}}}""");

        Assert.Equal(errors, tracked.Errors());
        Assert.Equal("level", Assert.Single(tracked.Tags).Key);
    }

    [Fact]
    public void Keys_and_values_are_one_line_and_two_hundred_long()
    {
        var x = new string('x', 300);

        var tracked = Events.Normalize($$$"""{"tags":{"{{{x}}}":"{{{x}}}","build number":"a\nb","truth":true}}""");

        Assert.Equal(x[..200], tracked.Tag(x[..200]));
        Assert.Equal("a b", tracked.Tag("build-number"));
        Assert.Equal("true", tracked.Tag("truth"));
    }

    [Fact]
    public void A_flood_of_tags_is_bounded()
    {
        var tags = string.Join(',', Enumerable.Range(0, 5000).Select(i => $"\"k{i}\":\"v\""));

        Assert.Equal(201, Events.Normalize($$$"""{"tags":{{{{tags}}}}}""").Tags.Count);
    }

    [Theory]
    [InlineData("""{"tags":{"environment":"staging"}}""", "staging")]
    [InlineData("""{"tags":{"environment":"staging"},"environment":"production"}""", "production")]
    [InlineData("""{"tags":{"environment":"a/b"}}""", null)]
    public void An_environment_tag_fills_the_empty_field(string json, string? environment)
    {
        var tracked = Events.Normalize(json);

        Assert.Equal(environment, tracked.Environment);
        Assert.Equal(environment, tracked.Tag("environment"));
        Assert.Equal(environment, tracked.Body.Text("environment"));
    }

    [Theory]
    [InlineData("""{"server_name":"web-1"}""", "server_name", "web-1")]
    [InlineData("""{"site":"north"}""", "site", "north")]
    [InlineData("""{"logger":"shop.cart"}""", "logger", "shop.cart")]
    [InlineData("""{"transaction":"GET /"}""", "transaction", "GET /")]
    [InlineData("""{"request":{"url":"http://a.test/x?y=1#z"}}""", "url", "http://a.test/x")]
    [InlineData("""{"user":{"id":7}}""", "user", "id:7")]
    [InlineData("""{"contexts":{"runtime":{"name":"node","version":"v22.1"}}}""", "runtime", "node v22.1")]
    [InlineData("""{"contexts":{"runtime":{"name":"node","version":"v22.1"}}}""", "runtime.name", "node")]
    [InlineData("""{"contexts":{"os":{"name":"Linux"}}}""", "os", "Linux")]
    [InlineData("""{"contexts":{"os":{"name":"Linux"}}}""", "os.name", "Linux")]
    [InlineData("""{"contexts":{"browser":{"name":"Firefox","version":133}}}""", "browser", "Firefox 133")]
    [InlineData("""{"contexts":{"browser":{"name":"Firefox","version":133}}}""", "browser.name", "Firefox")]
    [InlineData("""{"contexts":{"device":{"model":"X1","family":"X"}}}""", "device", "X1")]
    [InlineData("""{"contexts":{"device":{"model":"X1","family":"X"}}}""", "device.family", "X")]
    [InlineData("""{"exception":[{"type":"E","mechanism":{"type":"onerror","handled":false}}]}""", "handled", "no")]
    [InlineData("""{"exception":[{"type":"E","mechanism":{"type":"onerror","handled":true}}]}""", "handled", "yes")]
    [InlineData("""{"exception":[{"type":"E","mechanism":{"type":"onerror"}}]}""", "mechanism", "onerror")]
    [InlineData("""{"exception":[{"type":"E","mechanism":{"type":"onerror"}}]}""", "handled", null)]
    [InlineData("""{"logger":"derived","tags":{"logger":"mine"}}""", "logger", "derived")]
    [InlineData("""{"tags":{"logger":"mine"}}""", "logger", "mine")]
    public void What_the_event_says_becomes_a_tag(string json, string tag, string? value) =>
        Assert.Equal(value, Events.Normalize(json).Tag(tag));

    [Theory]
    [InlineData("true", "true", true)]
    [InlineData("true", "false", false)]
    [InlineData("false", "true", false)]
    [InlineData("null", "true", true)]
    [InlineData("null", "null", null)]
    public void One_unhandled_exception_makes_the_event_unhandled(string cause, string main, bool? handled)
    {
        var tracked = Events.Normalize($$$"""{"exception":[{"mechanism":{"handled":{{{cause}}}}},{"type":"E","mechanism":{"handled":{{{main}}}}}]}""");

        Assert.Equal(handled, tracked.Handled);
    }
}
