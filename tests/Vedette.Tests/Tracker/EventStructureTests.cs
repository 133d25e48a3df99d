using Vedette.Wire.Json;
using Xunit;

namespace Vedette.Tests.Tracker;

public sealed class EventStructureTests
{
    [Theory]
    [InlineData("""{"values":[{"type":"A"},{"type":"B"}]}""")]
    [InlineData("""[{"type":"A"},{"type":"B"}]""")]
    [InlineData("""[null,{"type":"A"},null,{"type":"B"}]""")]
    public void Exceptions_come_as_values_or_as_a_list_and_the_last_one_counts(string exception)
    {
        var tracked = Events.Normalize($$"""{"exception":{{exception}}}""");

        Assert.Equal("""{"values":[{"type":"A"},{"type":"B"}]}""", Events.Text(tracked.Body["exception"]));
        Assert.Equal("B", tracked.Title);
        Assert.Equal("", tracked.Errors());
    }

    [Fact]
    public void A_lone_exception_needs_no_list()
    {
        var tracked = Events.Normalize("""{"exception":{"type":"A","value":{"code":7}}}""");

        Assert.Equal("""{"values":[{"type":"A","value":"{\"code\":7}"}]}""", Events.Text(tracked.Body["exception"]));
    }

    [Theory]
    [InlineData("""{"exception":7}""", "exception")]
    [InlineData("""{"exception":{"values":7}}""", "exception")]
    [InlineData("""{"exception":[7]}""", "exception")]
    [InlineData("""{"exception":[{"type":7,"value":"v"}]}""", "exception.values.type")]
    [InlineData("""{"exception":[{"type":"A","mechanism":[]}]}""", "exception.values.mechanism")]
    [InlineData("""{"exception":[{"type":"A","mechanism":{"handled":"no"}}]}""", "exception.values.mechanism.handled")]
    [InlineData("""{"exception":[{"type":"A","stacktrace":[]}]}""", "exception.values.stacktrace")]
    [InlineData("""{"exception":[{"type":"A","stacktrace":{"frames":[7]}}]}""", "exception.values.stacktrace.frames")]
    [InlineData("""{"exception":[{"type":"A","stacktrace":{"frames":[{"lineno":"7"}]}}]}""", "exception.values.stacktrace.frames.lineno")]
    [InlineData("""{"threads":7}""", "threads")]
    [InlineData("""{"threads":[{"crashed":"yes"}]}""", "threads.values.crashed")]
    [InlineData("""{"stacktrace":[]}""", "stacktrace")]
    [InlineData("""{"breadcrumbs":"x"}""", "breadcrumbs")]
    [InlineData("""{"user":"jo"}""", "user")]
    [InlineData("""{"user":{"id":[]}}""", "user.id")]
    [InlineData("""{"user":{"ip_address":"nowhere"}}""", "user.ip_address")]
    [InlineData("""{"request":"GET /"}""", "request")]
    [InlineData("""{"request":{"url":7}}""", "request.url")]
    [InlineData("""{"request":{"headers":7}}""", "request.headers")]
    [InlineData("""{"contexts":[]}""", "contexts")]
    [InlineData("""{"contexts":{"os":"Linux"}}""", "contexts.os")]
    [InlineData("""{"extra":[]}""", "extra")]
    [InlineData("""{"modules":[]}""", "modules")]
    [InlineData("""{"modules":{"a":{}}}""", "modules")]
    [InlineData("""{"sdk":"x"}""", "sdk")]
    [InlineData("""{"fingerprint":"x"}""", "fingerprint")]
    [InlineData("""{"fingerprint":[{}]}""", "fingerprint")]
    [InlineData("""{"message":7}""", "message")]
    [InlineData("""{"platform":7}""", "platform")]
    public void What_has_the_wrong_type_is_dropped_and_named(string json, string name)
    {
        var tracked = Events.Normalize(json);

        Assert.Equal($"invalid_data:{name}", tracked.Errors());
        Assert.DoesNotContain("\"yes\"", Events.Text(tracked.Body), StringComparison.Ordinal);
    }

    [Fact]
    public void A_complaint_is_made_once() =>
        Assert.Equal("invalid_data:exception", Events.Normalize("""{"exception":[1,2,3]}""").Errors());

    [Fact]
    public void A_deep_stack_loses_its_middle()
    {
        var frames = string.Join(',', Enumerable.Range(0, 120).Select(i => $$"""{"function":"f{{i}}"}"""));

        var tracked = Events.Normalize($$$"""{"exception":[{"type":"A","stacktrace":{"frames":[{{{frames}}}],"registers":{} } }]}""");

        var stack = ((JsonMap)tracked.Body.Map("exception")!.List("values")![0]!).Map("stacktrace")!;
        var names = stack.List("frames")!.Select(frame => ((JsonMap)frame!).Text("function")!).ToList();
        Assert.Equal(50, names.Count);
        Assert.Equal(["f0", "f24", "f95", "f119"], [names[0], names[24], names[25], names[49]]);
        Assert.True(stack.Contains("registers"));
    }

    [Fact]
    public void The_last_hundred_breadcrumbs_are_kept()
    {
        var crumbs = string.Join(',', Enumerable.Range(0, 150).Select(i => $$"""{"message":"c{{i}}"}"""));

        foreach (var json in (string[])[$$"""{"breadcrumbs":[{{crumbs}}]}""", $$$"""{"breadcrumbs":{"values":[{{{crumbs}}}]}}"""])
        {
            var values = Events.Normalize(json).Body.Map("breadcrumbs")!.List("values")!;
            Assert.Equal(100, values.Count);
            Assert.Equal("c50", ((JsonMap)values[0]!).Text("message"));
        }
    }

    [Fact]
    public void The_crashed_thread_survives_a_flood_of_threads()
    {
        var threads = string.Join(',', Enumerable.Range(0, 900).Select(i => $$"""{"id":{{i}},"crashed":{{(i == 899 ? "true" : "false")}}}"""));

        var values = Events.Normalize($$"""{"threads":[{{threads}}]}""").Body.Map("threads")!.List("values")!;

        Assert.Equal(500, values.Count);
        Assert.Equal(899.0, ((JsonMap)values[0]!)["id"]);
    }

    [Theory]
    [InlineData("""{"user":{"id":"1","username":"u","email":"e","ip_address":"10.0.0.1"}}""", "id:1")]
    [InlineData("""{"user":{"id":" ","username":"u","email":"e"}}""", "username:u")]
    [InlineData("""{"user":{"email":"e@x.test","ip_address":"10.0.0.1"}}""", "email:e@x.test")]
    [InlineData("""{"user":{"ip_address":"10.0.0.1"}}""", "ip:10.0.0.1")]
    [InlineData("""{"user":{"ip_address":"{{auto}}"}}""", "ip:203.0.113.7")]
    [InlineData("""{"user":{},"platform":"node"}""", null)]
    [InlineData("""{"platform":"javascript"}""", "ip:203.0.113.7")]
    [InlineData("""{"platform":"cocoa","user":{"geo":{}}}""", "ip:203.0.113.7")]
    [InlineData("""{"platform":"objc"}""", "ip:203.0.113.7")]
    [InlineData("""{"platform":"javascript","sdk":{"settings":{"infer_ip":"never"}}}""", null)]
    [InlineData("""{"user":{"ip_address":"1"}}""", null)]
    public void A_user_is_told_apart_by_the_first_thing_known(string json, string? tag)
    {
        var tracked = Events.Normalize(json);

        Assert.Equal(tag, tracked.UserTag);
        Assert.Equal(tag, tracked.Tag("user"));
    }

    [Fact]
    public void Without_a_peer_address_auto_stores_none()
    {
        var tracked = Events.Normalize("""{"user":{"id":"1","ip_address":"{{auto}}"}}""", Events.Context with { PeerAddress = null });

        Assert.Equal("""{"id":"1"}""", Events.Text(tracked.Body["user"]));
    }

    [Fact]
    public void A_request_is_stored_as_pairs_and_its_url_without_query()
    {
        var tracked = Events.Normalize("""
            {"request":{"url":"http://a.test/x?q=a+b%21&z#top","method":"GET","headers":{"Host":"a.test","Accept":["a","b"]},
             "cookies":"s=1; t=2","data":{"any":1},"future":true}}
            """);

        Assert.Equal(
            """{"url":"http://a.test/x","method":"GET","headers":[["Host","a.test"],["Accept","a, b"]],"cookies":[["s","1"],["t","2"]],"data":{"any":1},"future":true,"fragment":"top","query_string":[["q","a b!"],["z",""]]}""",
            Events.Text(tracked.Body["request"]));
    }

    [Fact]
    public void An_escaped_nul_in_a_query_is_mended()
    {
        var tracked = Events.Normalize("""{"request":{"query_string":"a=%00"}}""");

        Assert.Equal("""{"query_string":[["a","�"]]}""", Events.Text(tracked.Body["request"]));
    }

    [Fact]
    public void Contexts_know_their_type_and_the_important_ones_survive_the_limit()
    {
        var large = new string('x', 10_000);

        var tracked = Events.Normalize($$$$"""{"contexts":{"mine":{"blob":"{{{{large}}}}"},"other":{"a":1},"os":{"name":"Linux"},"trace":{"trace_id":"t"}}}""");

        var contexts = tracked.Body.Map("contexts")!;
        Assert.Equal("""{"name":"Linux","type":"os"}""", Events.Text(contexts["os"]));
        Assert.Equal("t", contexts.Map("trace")!.Text("trace_id"));
        Assert.InRange(Events.Text(contexts).Length, 1000, 8192);
        Assert.Equal("value_too_long:contexts", tracked.Errors());
    }

    [Fact]
    public void Extra_is_cut_to_a_quarter_of_a_megabyte()
    {
        var items = string.Join(',', Enumerable.Range(0, 40_000).Select(i => $"\"k{i}\":[{i},\"ü\"]"));

        var tracked = Events.Normalize($$$"""{"extra":{"small":1,{{{items}}}}}""");

        Assert.InRange(Events.Text(tracked.Body["extra"]).Length, 150_000, 256 * 1024);
        Assert.Equal(1.0, tracked.Body.Map("extra")!["small"]);
        Assert.Equal("value_too_long:extra", tracked.Errors());
    }

    [Fact]
    public void A_small_extra_is_kept_as_it_is() =>
        Assert.Equal("""{"a":{"b":[1,null,"x"]}}""", Events.Text(Events.Normalize("""{"extra":{"a":{"b":[1,null,"x"]}}}""").Body["extra"]));

    [Fact]
    public void The_clients_address_does_not_leave_through_the_sdk_member() =>
        Assert.Equal("""{"name":"x"}""", Events.Text(Events.Normalize("""{"sdk":{"name":"x","client_ip":"10.0.0.1"}}""").Body["sdk"]));

    /// <summary>Golden: the example of <c>spec/webhooks.md</c> 2.3, from what an SDK would have sent for it.</summary>
    [Fact]
    public void The_body_has_the_members_and_the_order_of_a_webhook()
    {
        var tracked = Events.Normalize("""
            {"level":"error","platform":"python","release":"web@3.1.0","environment":"production","timestamp":1772563212.004,
             "contexts":{"runtime":{"name":"CPython","version":"3.13.1"}},"unknown":{"a":1},"sdk":{"name":"sentry.python","version":"2.40.0"},
             "exception":{"values":[{"type":"KeyError","value":"'basket'","stacktrace":{"frames":[
              {"function":"checkout","module":"shop.views","filename":"shop/views.py","lineno":42,"in_app":true}]}}]},"user":{"id":"u-5"},"tags":7}
            """);

        var hash = Assert.Single(tracked.Hashes);
        Assert.Equal(
            $$$"""
            {"event_id":"4c79f60c11214eb38604f4ae0781bfb2","project":12,"release":"web@3.1.0","dist":null,"platform":"python","message":"","datetime":"2026-03-03T18:40:12.004000Z","tags":[["environment","production"],["level","error"],["release","web@3.1.0"],["runtime","CPython 3.13.1"],["runtime.name","CPython"],["user","id:u-5"]],"contexts":{"runtime":{"name":"CPython","version":"3.13.1","type":"runtime"}},"culprit":"shop.views in checkout","environment":"production","errors":[{"type":"invalid_data","name":"tags"}],"exception":{"values":[{"type":"KeyError","value":"'basket'","stacktrace":{"frames":[{"function":"checkout","module":"shop.views","filename":"shop/views.py","lineno":42,"in_app":true}]}}]},"fingerprint":["{{ default }}"],"grouping_config":{"id":"vedette:1","enhancements":""},"hashes":["{{{hash}}}"],"key_id":"9","level":"error","logger":"","metadata":{"type":"KeyError","value":"'basket'","filename":"shop/views.py","function":"checkout"},"received":1772563212,"sdk":{"name":"sentry.python","version":"2.40.0"},"timestamp":1772563212.004,"type":"error","user":{"id":"u-5"},"version":"7","title":"KeyError: 'basket'","location":"shop/views.py"}
            """,
            Events.Text(tracked.Body));
    }
}
