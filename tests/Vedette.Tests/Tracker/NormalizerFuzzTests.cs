using FsCheck;
using FsCheck.Fluent;
using Vedette.Tracker.Ingest;
using Vedette.Wire.Json;
using Xunit;

namespace Vedette.Tests.Tracker;

public sealed class NormalizerFuzzTests
{
    private static readonly string[] TopLevel =
    [
        "timestamp", "platform", "level", "logger", "transaction", "server_name", "release", "dist", "environment", "message",
        "logentry", "exception", "stacktrace", "threads", "tags", "user", "request", "contexts", "breadcrumbs", "extra", "modules",
        "sdk", "debug_meta", "fingerprint", "checksum", "template", "csp", "site", "time_spent", "main_exception_id", "unknown",
    ];

    private static readonly string[] Inner =
    [
        "values", "frames", "type", "value", "stacktrace", "mechanism", "handled", "synthetic", "exception_id", "module", "function",
        "filename", "abs_path", "in_app", "context_line", "platform", "lineno", "message", "formatted", "params", "id", "email",
        "ip_address", "url", "headers", "cookies", "query_string", "runtime", "os", "device", "feedback", "name", "version", "model",
        "crashed", "current", "blocked_uri", "settings", "infer_ip", "0", "",
    ];

    private static readonly string[] Texts =
    [
        "", " ", "E", "javascript", "node", "native", "fatal", "{{auto}}", "{{ default }}", "{{ function }}", "%s %(a)s {0} {", "a.b.f",
        "https://a.test/x?y=%00&%zz#%", "2026-03-03T18:40:12Z", "1e9", "first\nsecond", "\ud83d", "\udc00x", "🙂", "a=1;b", "::1", "%", "\u0001",
    ];

    private static readonly Gen<object?> Leaf = Gen.OneOf(
        Gen.Elements(Texts).Select(text => (object?)text),
        Gen.Elements(0.0, -1.0, 7.0, 0.5, 1772563212.0, 1e300, -1e300, double.MaxValue).Select(number => (object?)number),
        Gen.Elements(true, false).Select(truth => (object?)truth),
        Gen.Choose(0, 9000).Select(length => (object?)new string('x', length)),
        Gen.Constant<object?>(null));

    [Fact]
    public void Whatever_stands_under_the_known_names_an_event_comes_out()
    {
        var withErrors = 0;

        Prop.ForAll(Arb.From(Payload()), payload =>
        {
            var before = Events.Text(payload);

            var tracked = EventNormalizer.Normalize(payload, Events.Context);

            withErrors += tracked.Body.Contains("errors") ? 1 : 0;
            Assert.NotEmpty(tracked.Hashes);
            Assert.All(tracked.Hashes, hash => Assert.Matches("^[0-9a-f]{32}$", hash));
            Assert.Equal(tracked.Hashes.Count, tracked.Hashes.Distinct().Count());
            Assert.False(string.IsNullOrWhiteSpace(tracked.Title));
            Assert.InRange(tracked.Culprit.Length, 0, 200);
            Assert.InRange(tracked.Message.Length, 0, 8192);
            Assert.All(tracked.Tags, tag => Assert.True(tag is { Key.Length: > 0 and <= 200, Value.Length: > 0 and <= 200 }));
            Assert.Equal(tracked.Tags.Select(tag => tag.Key).Order(StringComparer.Ordinal).Distinct(), tracked.Tags.Select(tag => tag.Key));
            Assert.Equal(LenientJson.Mend(tracked.Title), Events.Json(Events.Text(tracked.Body)).Text("title"));
            Assert.Equal(before, Events.Text(payload));
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(1500));

        Assert.InRange(withErrors, 100, 1500);
    }

    [Fact]
    public void The_stored_form_normalises_to_itself()
    {
        Prop.ForAll(Arb.From(Payload()), payload =>
        {
            var once = EventNormalizer.Normalize(payload, Events.Context);

            var twice = EventNormalizer.Normalize(once.Body, Events.Context);

            Assert.Equal(once.Type, twice.Type);
            Assert.Equal(once.Message, twice.Message);
            Assert.Equal(once.Title, twice.Title);
            Assert.Equal(once.Timestamp, twice.Timestamp);
            Assert.Equal(once.Level, twice.Level);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(300));
    }

    private static Gen<JsonMap> Payload() => Map(TopLevel, 4, 14);

    private static Gen<object?> Value(int depth) => depth == 0
        ? Leaf
        : Gen.Frequency(
            (2, Leaf),
            (2, Map(Inner, depth - 1, 7).Select(map => (object?)map)),
            (1, Gen.Choose(0, 5).SelectMany(count => Value(depth - 1).ListOf(count)).Select(list => (object?)list.ToList())));

    private static Gen<JsonMap> Map(string[] names, int depth, int most) =>
        from count in Gen.Choose(0, most)
        from members in (from name in Gen.Elements(names) from value in Value(depth) select (name, value)).ListOf(count)
        select Build(members);

    private static JsonMap Build(IEnumerable<(string Name, object? Value)> members)
    {
        var map = new JsonMap();
        foreach (var (name, value) in members)
            map[name] = value;
        return map;
    }
}
