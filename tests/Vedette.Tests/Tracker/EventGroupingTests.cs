using Vedette.Tracker.Grouping;
using Xunit;

namespace Vedette.Tests.Tracker;

public sealed class EventGroupingTests
{
    private const string Nothing = "d41d8cd98f00b204e9800998ecf8427e";

    /// <summary>Pairs of frame lists (oldest call first) that one bug could give.</summary>
    [Theory]
    [InlineData("csharp", """{"module":"a","function":"f","lineno":1}""", """{"module":"a","function":"f","lineno":2}""")]
    [InlineData("csharp", """{"module":"a","function":"f","filename":"x.cs"}""", """{"module":"a","function":"f","filename":"y.cs"}""")]
    [InlineData("csharp", """{"filename":"/one/X.cs","function":"f"}""", """{"filename":"C:\\two\\x.cs","function":"f"}""")]
    [InlineData("csharp", """{"module":"a","function":"f","context_line":"x"}""", """{"module":"a","function":"f","context_line":"y"}""")]
    [InlineData("csharp", """{"module":"a","function":"f"}""", """{"module":"a","function":"f"},{"module":"a","function":"f"},{"module":"a","function":"f"}""")]
    [InlineData("python", """{"module":"a","function":"f","context_line":"  x =  1"}""", """{"module":"a","function":"f","context_line":"x = 1 "}""")]
    [InlineData("node", """{"module":"a","function":"Object.f"}""", """{"module":"a","function":"Cart.f"}""")]
    [InlineData("node", """{"module":"a","function":"Object.<anonymous>"}""", """{"module":"a","function":"?"}""")]
    [InlineData("node", """{"module":"a","function":"<anonymous>"}""", """{"module":"a"}""")]
    [InlineData("javascript", """{"filename":"https://a.test/app.1.js","function":"f"}""", """{"filename":"https://a.test/app.2.js","function":"f"}""")]
    [InlineData("javascript", """{"abs_path":"https://a.test/1.js","filename":"/1.js","function":"f"}""", """{"abs_path":"https://a.test/2.js","filename":"/2.js","function":"f"}""")]
    [InlineData("csharp", """{"module":"a","function":"f"}""", """{"module":"a","function":"f"},{"lineno":7}""")]
    public void These_stacks_are_one_problem(string platform, string one, string other) =>
        Assert.Equal(OfFrames(platform, one), OfFrames(platform, other));

    [Theory]
    [InlineData("csharp", """{"module":"a","function":"f"}""", """{"module":"b","function":"f"}""")]
    [InlineData("csharp", """{"module":"a","function":"f"}""", """{"module":"a","function":"g"}""")]
    [InlineData("csharp", """{"filename":"x.cs","function":"f"}""", """{"filename":"y.cs","function":"f"}""")]
    [InlineData("csharp", """{"module":"a","function":"T.f"}""", """{"module":"a","function":"U.f"}""")]
    [InlineData("csharp", """{"module":"a","function":"f"}""", """{"module":"a","function":"f"},{"module":"b","function":"g"},{"module":"a","function":"f"}""")]
    [InlineData("python", """{"module":"a","function":"f","context_line":"x"}""", """{"module":"a","function":"f","context_line":"y"}""")]
    [InlineData("node", """{"filename":"/app/x.js","function":"f"}""", """{"filename":"/app/y.js","function":"f"}""")]
    [InlineData("javascript", """{"filename":"https://a.test/a.js","function":"f","context_line":"x"}""", """{"filename":"https://a.test/a.js","function":"f","context_line":"y"}""")]
    public void These_stacks_are_two_problems(string platform, string one, string other) =>
        Assert.NotEqual(OfFrames(platform, one), OfFrames(platform, other));

    [Fact]
    public void A_line_of_a_bundle_does_not_count()
    {
        var (x, y) = (new string('x', 121), new string('y', 121));

        Assert.Equal(
            OfFrames("node", $$"""{"module":"a","function":"f","context_line":"{{x}}"}"""),
            OfFrames("node", $$"""{"module":"a","function":"f","context_line":"{{y}}"}"""));
        Assert.NotEqual(
            OfFrames("node", $$"""{"module":"a","function":"f","context_line":"{{x[1..]}}"}"""),
            OfFrames("node", $$"""{"module":"a","function":"f","context_line":"{{y[1..]}}"}"""));
    }

    [Fact]
    public void The_applications_frames_come_before_all_frames()
    {
        const string App = """{"module":"shop","function":"pay","in_app":true}""";

        var direct = OfFrames("csharp", App);
        var throughLibrary = OfFrames("csharp", App + """,{"module":"lib","function":"send","in_app":false}""");
        var throughAnother = OfFrames("csharp", App + """,{"module":"lib","function":"post"}""");

        Assert.Single(direct);
        Assert.Equal(2, throughLibrary.Count);
        Assert.Equal(direct[0], throughLibrary[0]);
        Assert.Equal(throughLibrary[0], throughAnother[0]);
        Assert.NotEqual(throughLibrary[1], throughAnother[1]);
    }

    [Fact]
    public void Without_frames_of_the_application_only_all_frames_count() =>
        Assert.Single(OfFrames("csharp", """{"module":"lib","function":"send","in_app":false}"""));

    [Theory]
    [InlineData("""{"exception":[{"type":"E","value":"cart 17"}]}""", """{"exception":[{"type":"E","value":"cart 18"}]}""", true)]
    [InlineData("""{"exception":[{"type":"E","value":"cart"}]}""", """{"exception":[{"type":"E","value":"shop"}]}""", false)]
    [InlineData("""{"exception":[{"type":"E","value":"cart"}]}""", """{"exception":[{"type":"F","value":"cart"}]}""", false)]
    [InlineData("""{"exception":[{"type":"E","value":"a","stacktrace":{"frames":[{"function":"f"}]}}]}""", """{"exception":[{"type":"E","value":"b","stacktrace":{"frames":[{"function":"f"}]}}]}""", true)]
    [InlineData("""{"exception":[{"type":"E","value":"a","stacktrace":{"frames":[{"lineno":1}]}}]}""", """{"exception":[{"type":"E","value":"b","stacktrace":{"frames":[{"lineno":1}]}}]}""", false)]
    [InlineData("""{"exception":[{"type":"E","mechanism":{"synthetic":true},"stacktrace":{"frames":[{"function":"f"}]}}]}""", """{"exception":[{"type":"F","mechanism":{"synthetic":true},"stacktrace":{"frames":[{"function":"f"}]}}]}""", true)]
    [InlineData("""{"exception":[{"type":"A"},{"type":"E"}]}""", """{"exception":[{"type":"B"},{"type":"E"}]}""", false)]
    [InlineData("""{"exception":[{"type":"A"},{"type":"E"}]}""", """{"exception":[{"type":"E"},{"type":"A"}]}""", false)]
    [InlineData("""{"exception":[{"type":"E"}],"message":"m"}""", """{"exception":[{"type":"E"}],"message":"n"}""", true)]
    [InlineData("""{"exception":[{"type":"E"}],"threads":[{"stacktrace":{"frames":[{"function":"f"}]}}]}""", """{"exception":[{"type":"E"}]}""", true)]
    [InlineData("""{"exception":[{"module":"x"}],"message":"m"}""", """{"message":"m"}""", true)]
    [InlineData("""{"logentry":{"message":"n %s","params":["a"]}}""", """{"logentry":{"message":"n %s","params":["b"]}}""", true)]
    [InlineData("""{"logentry":{"message":"n %s","formatted":"n a"}}""", """{"message":"n %s"}""", true)]
    [InlineData("""{"message":"job 7 failed"}""", """{"message":"job 8 failed"}""", true)]
    [InlineData("""{"message":"job failed"}""", """{"message":"run failed"}""", false)]
    [InlineData("""{"message":"m","level":"info"}""", """{"message":"m","level":"fatal"}""", true)]
    [InlineData("""{"message":"m","stacktrace":{"frames":[{"function":"f"}]}}""", """{"message":"n","stacktrace":{"frames":[{"function":"f"}]}}""", true)]
    [InlineData("""{"message":"m","stacktrace":{"frames":[{"function":"f"}]}}""", """{"message":"m","stacktrace":{"frames":[{"function":"g"}]}}""", false)]
    [InlineData("""{"message":"m","threads":[{"crashed":true,"stacktrace":{"frames":[{"function":"f"}]}},{"current":true,"stacktrace":{"frames":[{"function":"g"}]}}]}""", """{"stacktrace":{"frames":[{"function":"f"}]}}""", true)]
    [InlineData("""{"message":"m","threads":[{"current":true,"stacktrace":{"frames":[{"function":"f"}]}},{"stacktrace":{"frames":[{"function":"g"}]}}]}""", """{"stacktrace":{"frames":[{"function":"f"}]}}""", true)]
    [InlineData("""{"message":"m","threads":[{"stacktrace":{"frames":[{"function":"f"}]}}]}""", """{"stacktrace":{"frames":[{"function":"f"}]}}""", true)]
    [InlineData("""{"message":"m","threads":[{"stacktrace":{"frames":[{"function":"f"}]}},{"stacktrace":{"frames":[{"function":"g"}]}}]}""", """{"message":"m"}""", true)]
    [InlineData("""{"template":{"filename":"a.html"},"message":"m"}""", """{"template":{"filename":"b.html"},"message":"m"}""", false)]
    [InlineData("""{"csp":{"effective_directive":"img-src","blocked_uri":"http://a.test/x"}}""", """{"csp":{"effective_directive":"img-src","blocked_uri":"http://a.test/y"}}""", true)]
    [InlineData("""{"csp":{"effective_directive":"img-src","blocked_uri":"http://a.test/x"}}""", """{"csp":{"effective_directive":"font-src","blocked_uri":"http://a.test/x"}}""", false)]
    public void The_first_evidence_that_says_anything_decides(string one, string other, bool same)
    {
        var (ofOne, ofOther) = (Events.Normalize(one).Hashes, Events.Normalize(other).Hashes);

        Assert.Equal(same, ofOne.SequenceEqual(ofOther));
        Assert.NotEqual(Nothing, ofOne[0]);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"level":"info","tags":{"a":"b"}}""")]
    [InlineData("""{"exception":[{}]}""")]
    public void Without_evidence_all_events_share_one_issue(string json) =>
        Assert.Equal([Nothing], Events.Normalize(json).Hashes);

    [Fact]
    public void Every_feedback_stands_for_itself()
    {
        const string Json = """{"contexts":{"feedback":{"message":"slow"}}}""";

        var one = Events.Normalize(Json);
        var other = Events.Normalize(Json, Events.Context with { EventId = "00000000000000000000000000000001" });

        Assert.NotEqual(one.Hashes, other.Hashes);
    }

    /// <summary>MD5 of the values with nothing between: RFC 1321, "abc" in two pieces.</summary>
    [Fact]
    public void A_hash_is_the_md5_of_its_values_one_after_the_other() =>
        Assert.Equal("900150983cd24fb0d6963f7d28e17f72", GroupingHash.Of("a", "bc"));

    [Theory]
    [InlineData("900150983CD24FB0D6963F7D28E17F72", "900150983cd24fb0d6963f7d28e17f72")]
    [InlineData("abc", "900150983cd24fb0d6963f7d28e17f72")]
    public void A_checksum_is_the_hash(string checksum, string hash) =>
        Assert.Equal([hash], Events.Normalize($$"""{"checksum":"{{checksum}}","message":"m","fingerprint":["x"]}""").Hashes);

    private static IReadOnlyList<string> OfFrames(string platform, string frames) =>
        Events.Normalize($$$"""{"platform":"{{{platform}}}","exception":[{"type":"E","value":"v","stacktrace":{"frames":[{{{frames}}}]}}]}""").Hashes;
}
