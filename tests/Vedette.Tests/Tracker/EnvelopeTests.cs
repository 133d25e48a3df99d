using System.Text;
using Vedette.Tracker.Ingest;
using Xunit;

namespace Vedette.Tests.Tracker;

public sealed class EnvelopeTests
{
    [Theory]
    [InlineData("{}")]
    [InlineData("{}\n")]
    [InlineData("{}\n\n\n")]
    public void A_header_alone_is_an_envelope(string body)
    {
        var envelope = Parsed(body);

        Assert.Equal(0, envelope.Header.Count);
        Assert.Empty(envelope.Items);
    }

    [Fact]
    public void The_header_keeps_members_nobody_knows()
    {
        var envelope = Parsed("""{"event_id":"a","future":{"x":1}}""");

        Assert.Equal("a", envelope.Header.Text("event_id"));
        Assert.Equal(1.0, envelope.Header.Map("future")!["x"]);
    }

    [Theory]
    [InlineData("{}\n{\"type\":\"event\"}\n{\"a\":1}")]
    [InlineData("{}\n{\"type\":\"event\"}\n{\"a\":1}\n")]
    [InlineData("{}\n{\"type\":\"event\"}\n{\"a\":1}\n\n\n")]
    public void An_item_without_length_ends_at_the_newline_or_the_end(string body)
    {
        var item = Assert.Single(Parsed(body).Items);

        Assert.Equal("event", item.Type);
        Assert.Equal("{\"a\":1}", Text(item));
    }

    [Fact]
    public void A_payload_with_length_may_hold_newlines()
    {
        var envelope = Parsed("{}\n{\"type\":\"attachment\",\"length\":5,\"filename\":\"a.txt\"}\na\nb\n\n\n{\"type\":\"event\"}\n{}");

        Assert.Equal(["attachment", "event"], envelope.Items.Select(item => item.Type));
        Assert.Equal("a\nb\n\n", Text(envelope.Items[0]));
        Assert.Equal("a.txt", envelope.Items[0].Header.Text("filename"));
    }

    [Fact]
    public void A_carriage_return_belongs_to_the_payload()
    {
        var item = Assert.Single(Parsed("{}\r\n{\"type\":\"event\"}\r\n{}\r\n").Items);

        Assert.Equal("{}\r", Text(item));
    }

    [Theory]
    [InlineData("{}\n{\"type\":\"session\"}")]
    [InlineData("{}\n{\"type\":\"session\"}\n")]
    [InlineData("{}\n{\"type\":\"session\",\"length\":0}")]
    [InlineData("{}\n{\"type\":\"session\",\"length\":0}\n\n")]
    [InlineData("{}\n{\"type\":\"session\",\"length\":null}\n\n")]
    public void A_payload_may_be_empty(string body)
    {
        var item = Assert.Single(Parsed(body).Items);

        Assert.True(item.Payload.IsEmpty);
    }

    [Fact]
    public void An_empty_payload_without_length_does_not_swallow_the_next_item()
    {
        var envelope = Parsed("{}\n{\"type\":\"session\"}\n\n{\"type\":\"event\"}\n{}");

        Assert.Equal(["session", "event"], envelope.Items.Select(item => item.Type));
    }

    [Fact]
    public void A_length_that_ends_the_body_needs_no_newline()
    {
        var item = Assert.Single(Parsed("{}\n{\"type\":\"event\",\"length\":2}\n{}").Items);

        Assert.Equal("{}", Text(item));
    }

    [Fact]
    public void Unknown_types_are_items_like_others()
    {
        var item = Assert.Single(Parsed("{}\n{\"type\":\"tomorrow\"}\nwhatever").Items);

        Assert.Equal("tomorrow", item.Type);
    }

    [Fact]
    public void Payloads_are_slices_of_the_body()
    {
        var body = Encoding.UTF8.GetBytes("{}\n{\"type\":\"event\"}\n{}");

        Assert.True(Envelope.TryParse(body, out var envelope, out _));

        Assert.True(envelope.Items[0].Payload.Span.Overlaps(body));
    }

    [Theory]
    [InlineData("", "the body is empty")]
    [InlineData("\n", "envelope header: empty input")]
    [InlineData("\n{}", "envelope header: empty input")]
    [InlineData("[]", "envelope header: the line is not a JSON object")]
    [InlineData("null", "envelope header: the line is not a JSON object")]
    [InlineData("{\"a\":", "envelope header: invalid JSON")]
    [InlineData("{} {}", "envelope header: ")]
    [InlineData("hello\n{\"type\":\"event\"}\n{}", "envelope header: invalid JSON")]
    [InlineData("{}\nnonsense\n{}", "item 1 at byte 3: invalid JSON")]
    [InlineData("{}\n[1]\n{}", "item 1 at byte 3: the line is not a JSON object")]
    [InlineData("{}\n{}\n{}", "item 1 at byte 3: the item header has no string \"type\"")]
    [InlineData("{}\n{\"type\":\"\"}\n{}", "item 1 at byte 3: the item header has no string \"type\"")]
    [InlineData("{}\n{\"type\":7}\n{}", "item 1 at byte 3: the item header has no string \"type\"")]
    [InlineData("{}\n{\"type\":null}\n{}", "item 1 at byte 3: the item header has no string \"type\"")]
    [InlineData("{}\n{\"type\":\"event\"}\n{}\n{\"type\":1}\n", "item 2 at byte 23: the item header")]
    [InlineData("{}\n{\"type\":\"event\",\"length\":-1}\n{}", "item 1 at byte 3: \"length\" is not a whole number")]
    [InlineData("{}\n{\"type\":\"event\",\"length\":1.5}\n{}", "item 1 at byte 3: \"length\" is not a whole number")]
    [InlineData("{}\n{\"type\":\"event\",\"length\":\"2\"}\n{}", "item 1 at byte 3: \"length\" is not a whole number")]
    [InlineData("{}\n{\"type\":\"event\",\"length\":true}\n{}", "item 1 at byte 3: \"length\" is not a whole number")]
    [InlineData("{}\n{\"type\":\"event\",\"length\":3}\n{}", "item 1 at byte 3: \"length\" runs past the end of the body, 2 bytes are left")]
    [InlineData("{}\n{\"type\":\"event\",\"length\":1}", "item 1 at byte 3: \"length\" runs past the end of the body, 0 bytes are left")]
    [InlineData("{}\n{\"type\":\"event\",\"length\":1e300}\n{}", "item 1 at byte 3: \"length\" runs past the end")]
    [InlineData("{}\n{\"type\":\"event\",\"length\":4294967298}\n{}", "item 1 at byte 3: \"length\" runs past the end")]
    [InlineData("{}\n{\"type\":\"event\",\"length\":1}\n{}", "item 1 at byte 3: byte 32 follows 1 bytes of payload and is not a newline")]
    public void A_malformed_envelope_says_where(string body, string cause)
    {
        Assert.False(Envelope.TryParse(Encoding.UTF8.GetBytes(body), out var envelope, out var fault));

        Assert.Null(envelope);
        Assert.Equal("malformed envelope", fault.Detail);
        Assert.StartsWith(cause, Assert.Single(fault.Causes), StringComparison.Ordinal);
    }

    [Fact]
    public void A_thousand_items_are_normal_and_a_flood_is_refused()
    {
        static byte[] Items(int count) =>
            Encoding.UTF8.GetBytes("{}\n" + string.Concat(Enumerable.Repeat("{\"type\":\"x\"}\n\n", count)));

        Assert.True(Envelope.TryParse(Items(1000), out var normal, out _));
        Assert.True(Envelope.TryParse(Items(Envelope.MaxItems), out _, out _));
        Assert.False(Envelope.TryParse(Items(Envelope.MaxItems + 1), out _, out var fault));

        Assert.Equal(1000, normal.Items.Count);
        Assert.Contains("more than 10000 items", fault.Causes[0], StringComparison.Ordinal);
    }

    private static Envelope Parsed(string body)
    {
        Assert.True(Envelope.TryParse(Encoding.UTF8.GetBytes(body), out var envelope, out var fault), fault?.Causes[0]);
        Assert.Null(fault);
        return envelope;
    }

    private static string Text(EnvelopeItem item) => Encoding.UTF8.GetString(item.Payload.Span);
}
