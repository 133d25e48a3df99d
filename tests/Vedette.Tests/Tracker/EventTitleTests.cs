using Vedette.Tracker.Ingest;
using Xunit;

namespace Vedette.Tests.Tracker;

public sealed class EventTitleTests
{
    private const string Frames = """
        {"frames":[{"module":"Shop.Program","function":"Main","filename":"Program.cs","in_app":true},
                   {"module":"Shop.Cart","function":"Checkout","filename":"Cart.cs","in_app":true},
                   {"module":"System.Linq","function":"Single","filename":"Linq.cs","in_app":false}]}
        """;

    [Theory]
    [InlineData("""{"exception":[{"type":"E","value":"first\nsecond"}]}""", EventType.Error, "E: first")]
    [InlineData("""{"exception":[{"type":"E","value":"\n first \nsecond"}]}""", EventType.Error, "E: first")]
    [InlineData("""{"exception":[{"type":"E","value":""}]}""", EventType.Error, "E")]
    [InlineData("""{"exception":[{"value":"v"}]}""", EventType.Error, "Error: v")]
    [InlineData("""{"exception":[{"type":" ","value":"v"}]}""", EventType.Error, "Error: v")]
    [InlineData("""{"exception":[{"type":"E","mechanism":{"synthetic":true},"stacktrace":{"frames":[{"function":"f"}]}}]}""", EventType.Error, "f")]
    [InlineData("""{"exception":[{"type":"E","value":"v","mechanism":{"synthetic":true}}]}""", EventType.Error, "<unknown>")]
    [InlineData("""{"exception":[{"type":"E"}],"message":"m"}""", EventType.Error, "E")]
    [InlineData("""{"exception":[{"type":"A","mechanism":{"exception_id":3}},{"type":"B"}],"main_exception_id":3}""", EventType.Error, "A")]
    [InlineData("""{"exception":[{"type":"A"},{"type":"B"}],"main_exception_id":3}""", EventType.Error, "B")]
    [InlineData("""{"logentry":{"message":"n %s","params":["x\ny"]}}""", EventType.Default, "n x")]
    [InlineData("""{"message":" \n "}""", EventType.Default, "<unlabeled event>")]
    [InlineData("""{"contexts":{"feedback":{"message":"it is slow"}}}""", EventType.Feedback, "User Feedback")]
    [InlineData("""{"csp":{"effective_directive":"img-src","blocked_uri":"http://a.test/x"}}""", EventType.Csp, "Blocked img-src from http://a.test/x")]
    public void A_title_says_what_happened(string json, EventType type, string title)
    {
        var tracked = Events.Normalize(json);

        Assert.Equal(type, tracked.Type);
        Assert.Equal(title, tracked.Title);
        Assert.Equal(title, tracked.Body.Text("title"));
    }

    [Fact]
    public void Long_values_and_messages_are_shortened_to_a_hundred()
    {
        var x = new string('x', 2000);

        var error = Events.Normalize($$"""{"exception":[{"type":"{{x}}","value":"{{x}}"}]}""");
        var message = Events.Normalize($$"""{"message":"{{x}}"}""");

        Assert.Equal($"{x[..128]}: {x[..97]}...", error.Title);
        Assert.Equal(1024, error.Metadata.Text("value")!.Length);
        Assert.Equal($"{x[..97]}...", message.Title);
        Assert.Equal(message.Title, message.Metadata.Text("title"));
    }

    [Fact]
    public void Metadata_names_the_last_frame_of_the_applications_own()
    {
        var tracked = Events.Normalize($$"""{"exception":[{"type":"E","value":"v","stacktrace":{{Frames}}}]}""");

        Assert.Equal("""{"type":"E","value":"v","filename":"Cart.cs","function":"Checkout"}""", Events.Text(tracked.Metadata));
        Assert.Equal("Cart.cs", tracked.Location);
        Assert.Equal("Cart.cs", tracked.Body.Text("location"));
    }

    [Fact]
    public void Feedback_carries_its_text()
    {
        var tracked = Events.Normalize("""{"contexts":{"feedback":{"message":"it is slow","name":"jo","contact_email":"jo@x.test"}}}""");

        Assert.Equal("""{"title":"User Feedback","value":"it is slow","name":"jo","contact_email":"jo@x.test"}""", Events.Text(tracked.Metadata));
    }

    [Theory]
    [InlineData("csharp", """{"module":"Shop.Cart","function":"Checkout","filename":"Cart.cs"}""", "Shop.Cart in Checkout")]
    [InlineData("python", """{"function":"checkout","filename":"cart.py"}""", "cart.py in checkout")]
    [InlineData("python", """{"filename":"cart.py"}""", "cart.py in ?")]
    [InlineData("node", """{"function":"checkout","module":"cart","filename":"/app/cart.js"}""", "checkout(cart)")]
    [InlineData("javascript", """{"function":"checkout","filename":"/app/cart.js"}""", "checkout(/app/cart.js)")]
    [InlineData("javascript", """{"filename":"/app/cart.js"}""", "?(/app/cart.js)")]
    [InlineData("javascript", """{"function":"checkout"}""", "checkout(?)")]
    [InlineData("native", """{"function":"main","package":"a.out"}""", "main")]
    [InlineData("native", """{"package":"a.out"}""", "?")]
    [InlineData("csharp", """{"platform":"native","function":"main","filename":"a.c"}""", "main")]
    [InlineData("csharp", """{"lineno":7}""", "")]
    public void A_culprit_is_written_as_the_platform_writes_it(string platform, string frame, string culprit)
    {
        var tracked = Events.Normalize($$$"""{"platform":"{{{platform}}}","exception":[{"type":"E","stacktrace":{"frames":[{{{frame}}}]}}]}""");

        Assert.Equal(culprit, tracked.Culprit);
    }

    [Theory]
    [InlineData(""" "transaction":"GET /cart", """, "GET /cart")]
    [InlineData(""" "request":{"url":"http://a.test/"}, """, "Shop.Cart in Checkout")]
    [InlineData("", "Shop.Cart in Checkout")]
    public void A_transaction_comes_before_the_stack(string member, string culprit) =>
        Assert.Equal(culprit, Events.Normalize($$$"""{{{{member}}}"exception":[{"type":"E","stacktrace":{{{Frames}}}}]}""").Culprit);

    [Theory]
    [InlineData("""{"message":"m","request":{"url":"http://a.test/x?y"}}""", "http://a.test/x")]
    [InlineData("""{"message":"m"}""", "")]
    [InlineData("""{"message":"m","stacktrace":{"frames":[{"module":"a","function":"f"}]}}""", "a in f")]
    [InlineData("""{"message":"m","threads":[{"id":1,"stacktrace":{"frames":[{"module":"a","function":"f"}]}}]}""", "a in f")]
    [InlineData("""{"exception":[{"type":"E","mechanism":{"synthetic":true}}],"request":{"url":"http://a.test/"}}""", "")]
    public void Without_a_stack_the_url_is_the_culprit_and_a_synthetic_one_has_none(string json, string culprit) =>
        Assert.Equal(culprit, Events.Normalize(json).Culprit);
}
