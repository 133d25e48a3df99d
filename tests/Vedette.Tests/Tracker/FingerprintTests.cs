using Vedette.Tracker.Grouping;
using Xunit;

namespace Vedette.Tests.Tracker;

public sealed class FingerprintTests
{
    private const string Full = """
        "transaction":"GET /","level":"info","logger":"shop","logentry":{"message":"n %s","params":["x"]},"tags":{"region":"eu"},
        "exception":[{"type":"Cause"},{"type":"E","value":"v","stacktrace":{"frames":[
          {"function":"f","module":"m","filename":"a.py","abs_path":"/app/a.py","package":"p","in_app":true},{"function":"lib"}]}}]
        """;

    [Theory]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("""["{{ default }}"]""")]
    [InlineData("""["{{default}}"]""")]
    [InlineData("""[{}]""")]
    public void An_empty_or_default_fingerprint_changes_nothing(string fingerprint)
    {
        var plain = Events.Normalize("{" + Full + "}").Hashes;

        Assert.Equal(plain, Events.Normalize($$"""{"fingerprint":{{fingerprint}},{{Full}}}""").Hashes);
        Assert.Equal(2, plain.Count);
    }

    [Theory]
    [InlineData("{{ transaction }}", "GET /")]
    [InlineData("{{ message }}", "n x")]
    [InlineData("{{ type }}", "E")]
    [InlineData("{{ error.type }}", "E")]
    [InlineData("{{ value }}", "v")]
    [InlineData("{{error.value}}", "v")]
    [InlineData("{{ function }}", "f")]
    [InlineData("{{ stack.function }}", "f")]
    [InlineData("{{ path }}", "/app/a.py")]
    [InlineData("{{ stack.abs_path }}", "/app/a.py")]
    [InlineData("{{ stack.filename }}", "a.py")]
    [InlineData("{{ module }}", "m")]
    [InlineData("{{ stack.module }}", "m")]
    [InlineData("{{ package }}", "p")]
    [InlineData("{{ stack.package }}", "p")]
    [InlineData("{{ level }}", "info")]
    [InlineData("{{ logger }}", "shop")]
    [InlineData("{{ tags.region }}", "eu")]
    [InlineData("{{ tags.level }}", "info")]
    [InlineData("{{ tags.none }}", "<no-value-for-tag-none>")]
    [InlineData("{{ nonsense }}", "<unrecognized-variable-nonsense>")]
    [InlineData("{{ two words }}", "{{ two words }}")]
    [InlineData("see {{ type }}", "see {{ type }}")]
    [InlineData("{{ }}", "{{ }}")]
    [InlineData("{{}}", "{{}}")]
    [InlineData("literal", "literal")]
    public void A_variable_stands_for_what_the_event_says(string element, string value) =>
        Assert.Equal([GroupingHash.Of("a", value, "7")], Events.Normalize($$"""{"fingerprint":["a","{{element}}",7],{{Full}}}""").Hashes);

    [Theory]
    [InlineData("{{ transaction }}", "<no-transaction>")]
    [InlineData("{{ message }}", "<no-message>")]
    [InlineData("{{ type }}", "<no-type>")]
    [InlineData("{{ value }}", "<no-value>")]
    [InlineData("{{ function }}", "<no-function>")]
    [InlineData("{{ path }}", "<no-abs-path>")]
    [InlineData("{{ stack.filename }}", "<no-filename>")]
    [InlineData("{{ module }}", "<no-module>")]
    [InlineData("{{ package }}", "<no-package>")]
    [InlineData("{{ level }}", "error")]
    [InlineData("{{ logger }}", "<no-logger>")]
    public void What_the_event_does_not_say_has_a_placeholder(string element, string value) =>
        Assert.Equal([GroupingHash.Of(value)], Events.Normalize($$"""{"fingerprint":["{{element}}"]}""").Hashes);

    [Fact]
    public void A_custom_fingerprint_alone_decides()
    {
        var one = Events.Normalize("""{"fingerprint":["x"],"message":"m"}""");
        var other = Events.Normalize("""{"fingerprint":["x"],"exception":[{"type":"E"}]}""");

        Assert.Equal(one.Hashes, other.Hashes);
        Assert.Equal("""["x"]""", Events.Text(one.Body["fingerprint"]));
    }

    [Fact]
    public void A_hybrid_fingerprint_splits_every_default_variant()
    {
        var plain = Events.Normalize("{" + Full + "}").Hashes;

        var hybrid = Events.Normalize("""{"fingerprint":["a","{{ default }}","{{ level }}"],""" + Full + "}").Hashes;

        Assert.Equal(plain.Select(hash => GroupingHash.Of("a", hash, "info")), hybrid);
    }

    [Fact]
    public void A_hybrid_fingerprint_without_evidence_still_groups_by_its_values()
    {
        var one = Events.Normalize("""{"fingerprint":["{{ default }}","a"]}""");
        var same = Events.Normalize("""{"fingerprint":["{{default}}","a"]}""");
        var other = Events.Normalize("""{"fingerprint":["{{ default }}","b"]}""");

        Assert.Equal(one.Hashes, same.Hashes);
        Assert.NotEqual(one.Hashes, other.Hashes);
    }
}
