using System.Globalization;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;
using Vedette.Tests.Documents;
using Vedette.Tests.Harness;
using Xunit;

namespace Vedette.Tests.Server.Metrics;

public sealed partial class MetricsTests
{
    private const string AnError = """{"level":"error","exception":{"values":[{"type":"E","value":"boom"}]}}""";

    [Theory, EachDatabase]
    public async Task What_happened_can_be_counted(DatabaseKind kind)
    {
        await using var receiver = new TestReceiver();
        await using var app = await VedetteApp.StartAsync(kind);
        await app.CreateAppAsync(receiver.Url, """["error"]""");

        Assert.Equal(200, (await app.SendEventAsync(AnError)).Status);
        Assert.Equal(200, (await app.SendEventAsync(AnError)).Status);
        await app.WaitForDeliveriesAsync(2);
        await Poll.UntilAsync(async () => (await ReadAsync(app)).GetValueOrDefault("vedette_deliveries_finished_total{state=\"delivered\"}") == 2, "both deliveries in the numbers");

        var numbers = await ReadAsync(app);
        Assert.Equal(2, numbers["vedette_ingest_events_total"]);
        Assert.Equal(2, numbers["vedette_events_accepted_total{event=\"error.created\"}"]);
        Assert.Equal(2, numbers["vedette_attempts_total{outcome=\"delivered\"}"]);
        Assert.Equal(2, numbers["vedette_attempt_duration_seconds_count{outcome=\"delivered\"}"]);
        Assert.Equal(2, numbers["vedette_delivery_delay_seconds_count"]);
        Assert.Equal(2, numbers["vedette_delivery_delay_seconds_bucket{le=\"+Inf\"}"]);
        Assert.InRange(numbers["vedette_delivery_delay_seconds_sum"], 0.000001, 60);
        Assert.Equal(0, numbers["vedette_attempts_in_flight"]);
        Assert.Equal(0, numbers["vedette_deliveries_in_memory"]);
    }

    [Fact]
    public async Task A_failing_receiver_is_seen_by_outcome_and_by_its_resting_lane()
    {
        await using var receiver = new TestReceiver { Behaviour = TestReceiver.Status(503) };
        var clock = new FakeClock();
        await using var app = await VedetteApp.StartAsync(DatabaseKind.Sqlite, clock);
        await app.CreateAppAsync(receiver.Url, """["error"]""");

        for (var i = 1; i <= 5; i++)
        {
            await app.SendEventAsync(AnError);
            await app.WaitForAttemptsAsync(i);
        }

        var numbers = await ReadAsync(app);
        Assert.Equal(5, numbers["vedette_attempts_total{outcome=\"server_error\"}"]);
        Assert.DoesNotContain("vedette_deliveries_finished_total{state=\"delivered\"}", numbers.Keys);
        Assert.Equal(1, numbers["vedette_lanes_resting"]);
    }

    [Fact]
    public async Task Every_line_is_of_the_text_format_and_buckets_never_fall()
    {
        await using var receiver = new TestReceiver();
        await using var app = await VedetteApp.StartAsync();
        await app.CreateAppAsync(receiver.Url, """["error"]""");
        await app.SendEventAsync(AnError);
        await app.WaitForDeliveriesAsync(1);

        using var answer = await app.Client.GetAsync("/metrics");
        Assert.Equal("text/plain; version=0.0.4; charset=utf-8", answer.Content.Headers.ContentType!.ToString());
        var lines = (await answer.Content.ReadAsStringAsync()).Split('\n');
        Assert.Equal("", lines[^1]);
        Assert.All(lines[..^1], line => Assert.Matches(Line, line));

        var buckets = lines.Where(line => line.StartsWith("vedette_attempt_duration_seconds_bucket", StringComparison.Ordinal))
            .Select(line => long.Parse(line[(line.LastIndexOf(' ') + 1)..], CultureInfo.InvariantCulture)).ToList();
        Assert.Equal(buckets.Order(), buckets);
        Assert.Equal(1, buckets[^1]);
    }

    [Fact]
    public async Task Two_servers_in_one_process_do_not_mix_and_nobody_can_make_up_names()
    {
        await using var one = await VedetteApp.StartAsync();
        await using var other = await VedetteApp.StartAsync();
        await one.SendEventAsync(AnError);
        await one.SendEnvelopeAsync("{}\n{\"type\":\"made_up\\\"} 1\",\"length\":2}\n{}\n"u8.ToArray());

        Assert.Equal(1, (await ReadAsync(one))["vedette_ingest_events_total"]);
        Assert.DoesNotContain("vedette_ingest_events_total", (await ReadAsync(other)).Keys);
        Assert.DoesNotContain("made_up", await one.Client.GetStringAsync("/metrics"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_page_of_the_documentation_names_every_series_and_no_other()
    {
        await using var app = await VedetteApp.StartAsync();
        await app.SendEventAsync(AnError);
        var served = Named.Matches(await app.Client.GetStringAsync("/metrics")).Select(match => match.Groups["name"].Value);
        var table = string.Join('\n', Repository.Read("docs/metrics.md").Split('\n').Where(line => line.StartsWith("| `", StringComparison.Ordinal)));

        Assert.Equal(served.Order(), Documented.Matches(table).Select(match => match.Groups["name"].Value).Order());
    }

    [Fact]
    public async Task A_worker_answers_too()
    {
        await using var app = await VedetteApp.StartAsync(DatabaseKind.Sqlite, null, ("VEDETTE_ROLE", "worker"));

        Assert.Equal(0, (await ReadAsync(app))["vedette_lanes"]);
    }

    [Fact]
    public async Task A_collector_that_is_named_receives_them()
    {
        using var collector = new TcpListener(System.Net.IPAddress.Loopback, 0);
        collector.Start();
        using var folder = new TemporaryFolder();
        await using var server = await ServerProcess.ServeAsync(new Dictionary<string, string>
        {
            ["VEDETTE_DATA"] = folder.Path,
            ["VEDETTE_URL"] = $"http://127.0.0.1:{FreePort.Find()}",
            ["OTEL_EXPORTER_OTLP_ENDPOINT"] = $"http://127.0.0.1:{((System.Net.IPEndPoint)collector.LocalEndpoint).Port}",
            ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf",
            ["OTEL_METRIC_EXPORT_INTERVAL"] = "200",
        });

        using var connection = await collector.AcceptTcpClientAsync();
        var head = new byte[4096];
        var read = await connection.GetStream().ReadAsync(head);
        var text = Encoding.ASCII.GetString(head, 0, read);

        Assert.StartsWith("POST /v1/metrics HTTP/1.1", text, StringComparison.Ordinal);
        Assert.Contains("application/x-protobuf", text, StringComparison.Ordinal);
    }

    /// <summary>Each series and its value.</summary>
    private static async Task<Dictionary<string, double>> ReadAsync(VedetteApp app)
    {
        var text = await app.Client.GetStringAsync("/metrics");
        return text.Split('\n').Where(line => line.Length > 0 && line[0] != '#')
            .ToDictionary(line => line[..line.LastIndexOf(' ')], line => double.Parse(line[(line.LastIndexOf(' ') + 1)..], CultureInfo.InvariantCulture), StringComparer.Ordinal);
    }

    [GeneratedRegex("""^(# HELP [a-z_]+ .+|# TYPE [a-z_]+ (counter|gauge|histogram)|[a-z_]+(\{[a-z_]+="[^"]*"(,[a-z_]+="[^"]*")*\})? [0-9.E+-]+)$""", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex Line { get; }

    [GeneratedRegex("^# TYPE (?<name>[a-z_]+) ", RegexOptions.ExplicitCapture | RegexOptions.Multiline | RegexOptions.NonBacktracking)]
    private static partial Regex Named { get; }

    [GeneratedRegex("`(?<name>vedette_[a-z_]+)", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex Documented { get; }
}
