using System.Net.Http.Headers;
using System.Text;
using Vedette.Tests.Harness;
using Xunit;

namespace Vedette.Tests.Server.Ingest;

/// <summary>Whatever comes, the answer is the sender's fault or a success, never the server's fault.</summary>
public sealed class RequestFuzzTests
{
    private const int Requests = 300;

    private static readonly string[] Envelopes =
    [
        IngestCalls.EventEnvelope(IngestCalls.Event(more: ",\"tags\":[[\"a\",\"b\"]],\"user\":{\"id\":7},\"timestamp\":1795000000.25,\"breadcrumbs\":[{}]")),
        "{\"event_id\":\"" + IngestCalls.Id + "\",\"dsn\":\"http://k@h/1\",\"sent_at\":\"2026-01-01T00:00:00Z\"}\n{\"type\":\"event\",\"length\":2}\n{}\n",
        "{}\n{\"type\":\"attachment\",\"length\":3}\na\nb\n{\"type\":\"session\"}\n{}\n",
        IngestCalls.Event(),
    ];

    private static readonly string[] Encodings = ["gzip", "x-gzip", "deflate", "br", "zstd", "identity", "gzip, br", "*", "\u00e9"];

    private static readonly string[] Words =
    [
        "sentry_key=", "sentry_version=7", "sentry_version=999", "Sentry ", "Basic ", "Basic AA==", "Bearer x", ",", "=", "%00", "%ff", "%F0%9F%98%80", "&",
        "sentry_data=", "sentry_data=eJwDAAAAAAE", "\u00e9", "'\"", "{}", "sentry_key=\u00fc", "sentry_client=" + new string('x', 500),
    ];

    [Theory, EachDatabase]
    public async Task No_request_makes_the_server_fail(DatabaseKind database)
    {
        await using var app = await VedetteApp.StartAsync(database);
        using var handler = new SocketsHttpHandler { RequestHeaderEncodingSelector = (_, _) => Encoding.Latin1 };
        using var client = new HttpClient(handler) { BaseAddress = new Uri(app.Url) };

        for (var seed = 0; seed < Requests; seed++)
        {
            var random = new Random(seed);
            using var request = RandomRequest(random, app);
            using var response = await client.SendAsync(request);
            Assert.True((int)response.StatusCode < 500, $"seed {seed}: {request.Method} {request.RequestUri}: {(int)response.StatusCode}");
        }

        // The control: among so much nonsense the server still knows good from bad.
        IngestCalls.AssertTaken(await app.PostAsync(app.EnvelopePath, Envelopes[0]));
    }

    private static HttpRequestMessage RandomRequest(Random random, VedetteApp app)
    {
        string[] projects = [$"{app.ProjectId}", "0", "-1", "9999999999999999999", "a%20b", "%F0%9F%98%80"];
        var project = random.Next(3) > 0 ? projects[0] : random.GetItems(projects, 1)[0];
        var query = random.Next(4) > 0 ? $"sentry_key={app.PublicKey}" : "";
        for (var i = random.Next(3); i > 0; i--)
            query += $"&{random.GetItems(Words, 1)[0]}";
        string[] endpoints = ["envelope/", "envelope", "store/", "store"];
        var method = random.Next(8) == 0 ? HttpMethod.Get : HttpMethod.Post;
        var request = new HttpRequestMessage(method, $"/api/{project}/{random.GetItems(endpoints, 1)[0]}?{query}");

        foreach (var name in (ReadOnlySpan<string>)["X-Sentry-Auth", "Authorization", "Origin"])
        {
            if (random.Next(4) == 0)
                request.Headers.TryAddWithoutValidation(name, string.Concat(random.GetItems(Words, 3)));
        }

        if (method == HttpMethod.Post)
        {
            request.Content = new ByteArrayContent(Mutated(random));
            if (random.Next(3) == 0)
                Add(request.Content.Headers, "Content-Encoding", random.GetItems(Encodings, 1)[0]);
            if (random.Next(3) == 0)
                Add(request.Content.Headers, "Content-Type", random.GetItems<string>(["application/x-sentry-envelope", "text/plain", ";;", "a/b; c=\"", "*"], 1)[0]);
        }

        return request;
    }

    private static byte[] Mutated(Random random)
    {
        var bytes = Encoding.UTF8.GetBytes(random.GetItems(Envelopes, 1)[0]).ToList();
        for (var i = random.Next(6); i > 0 && bytes.Count > 0; i--)
        {
            var at = random.Next(bytes.Count);
            switch (random.Next(5))
            {
                case 0: bytes[at] = (byte)random.Next(256); break;
                case 1: bytes.RemoveAt(at); break;
                case 2: bytes.InsertRange(at, Encoding.UTF8.GetBytes(random.GetItems<string>(["{", "[", "\"", "\n", "\\u0000", "\\ud800", "1e999", "null"], 1)[0])); break;
                case 3: bytes.RemoveRange(at, bytes.Count - at); break;
                default: bytes.InsertRange(at, bytes.Take(random.Next(bytes.Count)).ToList()); break;
            }
        }

        return [.. bytes];
    }

    private static void Add(HttpContentHeaders headers, string name, string value) => headers.TryAddWithoutValidation(name, value);
}
