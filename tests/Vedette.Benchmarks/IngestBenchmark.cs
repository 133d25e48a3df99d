using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;

namespace Vedette.Benchmarks;

/// <summary>Error envelopes a second, each answered after its commit, against an endpoint that reads the same body and answers 200.</summary>
internal static class IngestBenchmark
{
    private const int AtOnce = 64;

    public static async Task<Round> RunAsync(BenchKind kind, BenchReceiver receiver, int envelopes)
    {
        await using var server = await ServerUnderTest.StartAsync(kind);
        await server.FirstEventAsync(Envelope());

        // A server that has just started runs code that is not optimised yet, which is the start benchmark's business.
        await PostAsync(server.EnvelopeUrl, envelopes);
        await PostAsync($"{receiver.Url}/accept", envelopes);

        var before = await PostAsync($"{receiver.Url}/accept", envelopes);
        var measured = await PostAsync(server.EnvelopeUrl, envelopes);
        var after = await PostAsync($"{receiver.Url}/accept", envelopes);
        return new Round(measured, (before + after) / 2);
    }

    /// <summary>As the node SDK sends an error: eight frames, contexts, breadcrumbs, no length. A new id each time, one of fifty issues.</summary>
    public static byte[] Envelope()
    {
        var id = RandomNumberGenerator.GetHexString(32, lowercase: true);
        var issue = RandomNumberGenerator.GetInt32(50);
        var frames = string.Join(',', Enumerable.Range(0, 8).Select(i =>
            $$"""{"filename":"/srv/shop/lib/step{{i}}.js","module":"step{{i}}","function":"step{{i}}_{{issue}}","lineno":{{10 + i}},"colno":5,"in_app":true,"pre_context":["","function step() {"],"context_line":"    return next({{i}});","post_context":["}",""]}"""));
        return Encoding.UTF8.GetBytes(
            $$$"""
            {"event_id":"{{{id}}}","sent_at":"2026-03-01T12:00:00.000Z","sdk":{"name":"sentry.javascript.node","version":"10.78.0"}}
            {"type":"event"}
            {"exception":{"values":[{"type":"TypeError","value":"cart {{{issue}}} is empty","stacktrace":{"frames":[{{{frames}}}]},"mechanism":{"type":"generic","handled":true}}]},"event_id":"{{{id}}}","level":"error","platform":"node","contexts":{"runtime":{"name":"node","version":"v20.20.2"},"os":{"name":"Debian","version":"12"},"device":{"arch":"x64","processor_count":2}},"server_name":"web-1","environment":"production","release":"shop@1.4.0","user":{"id":"u-{{{issue}}}"},"tags":{"region":"eu"},"breadcrumbs":[{"timestamp":1772366399.5,"category":"console","message":"checkout"}],"modules":{"express":"4.19.2","pg":"8.11.5"},"sdk":{"name":"sentry.javascript.node","version":"10.78.0"}}
            """);
    }

    /// <returns>Envelopes a second.</returns>
    public static async Task<double> PostAsync(string url, int envelopes)
    {
        using var client = new HttpMessageInvoker(new SocketsHttpHandler { UseProxy = false, UseCookies = false, AllowAutoRedirect = false, ActivityHeadersPropagator = null });
        var bodies = Enumerable.Range(0, envelopes).Select(_ => Envelope()).ToList();
        var next = -1;
        var began = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, AtOnce).Select(_ => Task.Run(async () =>
        {
            for (var i = Interlocked.Increment(ref next); i < bodies.Count; i = Interlocked.Increment(ref next))
            {
                using var request = new HttpRequestMessage(HttpMethod.Post, url) { Content = new ByteArrayContent(bodies[i]) };
                using var answer = await client.SendAsync(request, CancellationToken.None);
                answer.EnsureSuccessStatusCode();
                await answer.Content.CopyToAsync(Stream.Null);
            }
        })));
        return envelopes / Stopwatch.GetElapsedTime(began).TotalSeconds;
    }
}
