using Vedette.Tracker.Ingest;
using Xunit;

namespace Vedette.Tests.Tracker;

public sealed class EventMemberTests
{
    [Theory]
    [InlineData("1772563200.5", "2026-03-03T18:40:00.500000Z")]
    [InlineData("\"1772563200.25\"", "2026-03-03T18:40:00.250000Z")]
    [InlineData("1772563200.123456", "2026-03-03T18:40:00.123456Z")]
    [InlineData("\"2026-03-03T18:40:00Z\"", "2026-03-03T18:40:00.000000Z")]
    [InlineData("\"2026-03-03T18:40:00\"", "2026-03-03T18:40:00.000000Z")]
    [InlineData("\"2026-03-03 18:40:00.5\"", "2026-03-03T18:40:00.500000Z")]
    [InlineData("\"2026-03-03T20:40:00.123+02:00\"", "2026-03-03T18:40:00.123000Z")]
    [InlineData("\"2026-03-03t18:40:00.123456789z\"", "2026-03-03T18:40:00.123456Z")]
    [InlineData("1772563272", "2026-03-03T18:41:12.000000Z")]
    [InlineData("1772563273", "2026-03-03T18:40:12.000000Z", "future_timestamp:timestamp")]
    [InlineData("1769971212", "2026-02-01T18:40:12.000000Z")]
    [InlineData("1769971211", "2026-03-03T18:40:12.000000Z", "past_timestamp:timestamp")]
    [InlineData("1e300", "2026-03-03T18:40:12.000000Z", "invalid_data:timestamp")]
    [InlineData("-1e17", "2026-03-03T18:40:12.000000Z", "invalid_data:timestamp")]
    [InlineData("\"tomorrow\"", "2026-03-03T18:40:12.000000Z", "invalid_data:timestamp")]
    [InlineData("\"2026-02-30T00:00:00Z\"", "2026-03-03T18:40:12.000000Z", "invalid_data:timestamp")]
    [InlineData("{}", "2026-03-03T18:40:12.000000Z", "invalid_data:timestamp")]
    [InlineData("null", "2026-03-03T18:40:12.000000Z")]
    public void A_time_is_believed_when_it_is_one_and_near(string timestamp, string datetime, string errors = "")
    {
        var tracked = Events.Normalize($$"""{"timestamp":{{timestamp}}}""");

        Assert.Equal(datetime, tracked.Body.Text("datetime"));
        Assert.Equal(errors, tracked.Errors());
        Assert.Equal(SdkInstant.Read(datetime), tracked.Timestamp);
        Assert.Equal(tracked.Timestamp, SdkInstant.Read(tracked.Body["timestamp"]));
    }

    [Theory]
    [InlineData(-7200, -7203, -3)]
    [InlineData(7200, 7197, -3)]
    [InlineData(-1800, -1803, -1803)]
    [InlineData(30, 27, 27)]
    [InlineData(-86400 * 365, -86400 * 365 - 3, -3)]
    public void A_clock_that_is_hours_off_is_corrected_and_a_slow_network_is_not(int sentAt, int timestamp, int expected)
    {
        var context = Events.Context with { SentAt = Events.Received.AddSeconds(sentAt) };
        var at = Events.Received.AddSeconds(timestamp).ToUnixTimeSeconds();

        var tracked = Events.Normalize($$"""{"timestamp":{{at}}}""", context);

        Assert.Equal(Events.Received.AddSeconds(expected), tracked.Timestamp);
    }

    [Fact]
    public void Absurd_clocks_do_no_harm()
    {
        foreach (var sent in (DateTimeOffset[])[DateTimeOffset.MinValue, DateTimeOffset.MaxValue])
        {
            foreach (var timestamp in (string[])["\"0001-01-01T00:00:00Z\"", "\"9999-12-31T23:59:59Z\"", "253402300799", "-62135596800"])
            {
                var tracked = Events.Normalize($$"""{"timestamp":{{timestamp}}}""", Events.Context with { SentAt = sent });

                Assert.InRange(tracked.Timestamp, Events.Received.AddDays(-30), Events.Received.AddSeconds(60));
            }
        }
    }

    [Theory]
    [InlineData("\"fatal\"", EventLevel.Fatal)]
    [InlineData("\"Warning\"", EventLevel.Warning)]
    [InlineData("\"info\"", EventLevel.Info)]
    [InlineData("\"debug\"", EventLevel.Debug)]
    [InlineData("\"sample\"", EventLevel.Sample)]
    [InlineData("\"critical\"", EventLevel.Fatal)]
    [InlineData("\"log\"", EventLevel.Info)]
    [InlineData("30", EventLevel.Warning)]
    [InlineData("null", EventLevel.Error)]
    [InlineData("\"loud\"", EventLevel.Error, "invalid_data:level")]
    [InlineData("31", EventLevel.Error, "invalid_data:level")]
    [InlineData("[]", EventLevel.Error, "invalid_data:level")]
    public void A_level_is_one_of_six_and_an_error_by_default(string json, EventLevel level, string errors = "")
    {
        var tracked = Events.Normalize($$"""{"level":{{json}}}""");

        Assert.Equal(level, tracked.Level);
        Assert.Equal(tracked.Body.Text("level"), tracked.Tag("level"));
        Assert.Equal(errors, tracked.Errors());
    }

    [Theory]
    [InlineData("""{"message":"plain"}""", "plain")]
    [InlineData("""{"message":{"message":"n %s","params":["x"]}}""", "n x")]
    [InlineData("""{"logentry":"plain"}""", "plain")]
    [InlineData("""{"logentry":{"message":"a"},"message":"b"}""", "a")]
    [InlineData("""{"logentry":7,"message":"b"}""", "b")]
    [InlineData("""{"logentry":{},"message":"b"}""", "b")]
    [InlineData("""{"logentry":{"message":"n %s","params":["x"],"formatted":"given"}}""", "given")]
    [InlineData("""{"logentry":{"formatted":"only"}}""", "only")]
    [InlineData("""{"logentry":{"message":"n %s and %d%%","params":["x",3]}}""", "n x and 3%")]
    [InlineData("""{"logentry":{"message":"%(who)s did %(n)5.2f","params":{"who":"jo","n":1.5}}}""", "jo did 1.5")]
    [InlineData("""{"logentry":{"message":"%-10s|","params":["x"]}}""", "x|")]
    [InlineData("""{"logentry":{"message":"{} and {}","params":["a","b"]}}""", "a and b")]
    [InlineData("""{"logentry":{"message":"{1} and {0:x}","params":["a","b"]}}""", "b and a")]
    [InlineData("""{"logentry":{"message":"{who!r} {{x}","params":{"who":"jo"}}}""", "jo {x}")]
    [InlineData("""{"logentry":{"message":"{9} {nope} {0}","params":["a"]}}""", "{9} {nope} a")]
    [InlineData("""{"logentry":{"message":"%s %s","params":["a"]}}""", "a %s")]
    [InlineData("""{"logentry":{"message":"100% sure {}","params":["a"]}}""", "100% sure a")]
    [InlineData("""{"logentry":{"message":"%s","params":[{"a":[1,null,true]}]}}""", """{"a":[1,null,true]}""")]
    [InlineData("""{"logentry":{"message":"%s","params":[]}}""", "%s")]
    [InlineData("""{"logentry":{"message":"%s {","params":"x"}}""", "%s {")]
    [InlineData("""{"logentry":{"message":"% %( %(x { {","params":["x"]}}""", "% %( %(x { {")]
    [InlineData("{}", "")]
    public void A_message_comes_in_many_forms(string json, string message)
    {
        var tracked = Events.Normalize(json);

        Assert.Equal(message, tracked.Message);
        Assert.Equal(message, tracked.Body.Text("message"));
        Assert.Equal(message.Length == 0 ? null : message, tracked.Body.Map("logentry")?.Text("formatted"));
    }

    [Fact]
    public void A_message_is_cut_and_never_in_the_middle_of_a_character()
    {
        var tracked = Events.Normalize($$"""{"message":"{{new string('x', 8191)}}🙂🙂"}""");

        Assert.Equal(new string('x', 8191), tracked.Message);
    }

    [Fact]
    public void A_large_parameter_fills_the_message_and_no_more()
    {
        var json = $$$"""{"logentry":{"message":"{{{string.Concat(Enumerable.Repeat("{0}", 1000))}}}","params":["{{{new string('y', 1 << 20)}}}"]}}""";

        Assert.Equal(new string('y', 8192), Events.Normalize(json).Message);
    }

    [Theory]
    [InlineData("release", "\" shop@1.4.0 \"", "shop@1.4.0")]
    [InlineData("release", "\"a\\nb\"", null, "invalid_data:release")]
    [InlineData("release", "\"  \"", null)]
    [InlineData("release", "12", null, "invalid_data:release")]
    [InlineData("dist", "\"42-a_b.c\"", "42-a_b.c")]
    [InlineData("dist", "\"a b\"", null, "invalid_data:dist")]
    [InlineData("environment", "\"production\"", "production")]
    [InlineData("environment", "\"a/b\"", null, "invalid_data:environment")]
    [InlineData("environment", "[]", null, "invalid_data:environment")]
    [InlineData("transaction", "\"GET /\"", "GET /")]
    [InlineData("transaction", "{}", null, "invalid_data:transaction")]
    public void Plain_texts_obey_their_rules(string name, string json, string? expected, string errors = "")
    {
        var tracked = Events.Normalize($$"""{"{{name}}":{{json}}}""");

        Assert.Equal(expected, tracked.Body.Text(name));
        Assert.Equal(expected, tracked.Tag(name));
        Assert.Equal(errors, tracked.Errors());
    }

    [Theory]
    [InlineData("release", 200)]
    [InlineData("environment", 64)]
    [InlineData("dist", 64)]
    [InlineData("transaction", 200)]
    [InlineData("logger", 64)]
    public void Plain_texts_are_cut_to_their_limits(string name, int limit)
    {
        var tracked = Events.Normalize($$"""{"{{name}}":"{{new string('x', 300)}}"}""");

        Assert.Equal(limit, tracked.Body.Text(name)!.Length);
    }

    [Fact]
    public void Everything_absent_has_its_default()
    {
        var tracked = Events.Normalize("{}");

        Assert.Equal("other", tracked.Platform);
        Assert.Equal("<unlabeled event>", tracked.Title);
        Assert.Null(tracked.Release);
        Assert.Null(tracked.Handled);
        Assert.Null(tracked.UserTag);
        Assert.False(tracked.Body.Contains("errors"));
        Assert.Equal(["d41d8cd98f00b204e9800998ecf8427e"], tracked.Hashes);
    }
}
