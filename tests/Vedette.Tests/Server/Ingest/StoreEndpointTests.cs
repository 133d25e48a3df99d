using System.IO.Compression;
using System.Net;
using System.Text;
using Vedette.Tests.Harness;
using Xunit;

namespace Vedette.Tests.Server.Ingest;

/// <summary>The deprecated endpoint, for old SDKs and for curl.</summary>
public sealed class StoreEndpointTests(IngestServer server) : IClassFixture<IngestServer>
{
    private readonly VedetteApp app = server.App;

    [Theory]
    [InlineData("application/json")]
    [InlineData("application/x-www-form-urlencoded")]
    [InlineData("application/octet-stream")]
    [InlineData("text/plain")]
    public async Task JSON_is_an_event_whatever_its_content_type(string contentType)
    {
        var answer = await app.PostAsync(app.StorePath, IngestCalls.Event(), ("Content-Type", contentType));

        IngestCalls.AssertTaken(answer);
        await AssertStoredAsync(answer);
    }

    [Theory]
    [InlineData(IngestCalls.Id, IngestCalls.Id)]
    [InlineData("0F2C5A4B-E8D1-4C6F-9A3B-7D1E5C8F0A21", IngestCalls.Id)]
    [InlineData("00000000000000000000000000000000", null)]
    public async Task The_events_own_id_is_kept(string given, string? expected) =>
        IngestCalls.AssertTaken(await app.PostAsync(app.StorePath, IngestCalls.Event(more: $",\"event_id\":\"{given}\"")), expected);

    [Fact]
    public async Task Base64_of_zlib_is_unpacked()
    {
        var answer = await app.PostAsync(app.StorePath, Packed(IngestCalls.Event()));

        IngestCalls.AssertTaken(answer);
        await AssertStoredAsync(answer);
    }

    [Fact]
    public async Task White_space_around_the_body_is_harmless()
    {
        IngestCalls.AssertTaken(await app.PostAsync(app.StorePath, $" \r\n{IngestCalls.Event()}\n"));
        IngestCalls.AssertTaken(await app.PostAsync(app.StorePath, $"\n{Packed(IngestCalls.Event())}\r\n"));
    }

    [Theory]
    [InlineData("application/x-sentry-envelope")]
    [InlineData("Application/X-Sentry-Envelope; charset=utf-8")]
    public async Task An_envelope_may_come_here_too(string contentType)
    {
        var body = IngestCalls.EventEnvelope(IngestCalls.Event());

        IngestCalls.AssertTaken(await app.PostAsync(app.StorePath, body, ("Content-Type", contentType)));
        IngestCalls.AssertRefused(await app.PostAsync(app.StorePath, body), HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task Encodings_and_headers_work_as_for_envelopes()
    {
        var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
            gzip.Write(Encoding.UTF8.GetBytes(IngestCalls.Event()));

        var answer = await app.PostAsync(
            $"/api/{app.ProjectId}/store/", packed.ToArray(), ("Content-Encoding", "gzip"), ("X-Sentry-Auth", $"Sentry sentry_key={app.PublicKey}"));

        IngestCalls.AssertTaken(answer);
    }

    [Theory]
    [InlineData("", "event: empty input")]
    [InlineData("hello", "event: invalid JSON at line 1, byte 1")]
    [InlineData("{\"a\":", "event: invalid JSON at line 1, byte 6")]
    [InlineData("[]", "event: expected an object")]
    [InlineData("aGVsbG8=", "event: invalid JSON at line 1, byte 1")]
    [InlineData("eJw=", "event: invalid JSON at line 1, byte 1")]
    [InlineData("{\"event_id\":\"abc\"}", null)]
    public async Task What_is_no_event_is_400(string body, string? cause)
    {
        var answer = await app.PostAsync(app.StorePath, body);

        IngestCalls.AssertRefused(answer, HttpStatusCode.BadRequest);
        Assert.Equal(cause ?? "event payload: \"event_id\" is not 32 hex digits or a UUID", Assert.Single(answer.Map.List("causes")!));
    }

    [Fact]
    public async Task Base64_that_is_cut_off_is_400()
    {
        var packed = Packed(IngestCalls.Event());

        for (var length = 4; length < packed.Length; length += 4)
            IngestCalls.AssertRefused(await app.PostAsync(app.StorePath, packed[..length]), HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task An_event_that_is_or_unpacks_to_more_than_1_MiB_is_413()
    {
        var large = IngestCalls.Event(new string('x', 1024 * 1024));

        IngestCalls.AssertRefused(await app.PostAsync(app.StorePath, large), HttpStatusCode.RequestEntityTooLarge);
        IngestCalls.AssertRefused(await app.PostAsync(app.StorePath, Packed(large)), HttpStatusCode.RequestEntityTooLarge);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_image_request_is_answered_with_a_pixel(bool packed)
    {
        var data = packed ? Packed(IngestCalls.Event()) : IngestCalls.Event();
        var before = await app.CountAsync("event");

        using var response = await app.Client.GetAsync($"{app.StorePath}&sentry_version=7&sentry_data={Uri.EscapeDataString(data)}");

        var image = await response.Content.ReadAsByteArrayAsync();
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("image/gif", response.Content.Headers.ContentType?.ToString());
        Assert.Equal("GIF89a"u8, image.AsSpan(0, 6));
        Assert.Equal(before + 1, await app.CountAsync("event"));
    }

    [Fact]
    public async Task An_image_request_that_is_no_event_is_refused_as_others_are()
    {
        IngestCalls.AssertRefused(await GetAsync(app.StorePath), HttpStatusCode.BadRequest);
        IngestCalls.AssertRefused(await GetAsync($"{app.StorePath}&sentry_data=nonsense"), HttpStatusCode.BadRequest);
        IngestCalls.AssertRefused(await GetAsync($"/api/{app.ProjectId}/store/?sentry_data=%7B%7D"), HttpStatusCode.Unauthorized);
        IngestCalls.AssertRefused(await GetAsync($"/api/999999/store/?sentry_key={app.PublicKey}&sentry_data=%7B%7D"), HttpStatusCode.Forbidden);
    }

    private Task<ApiAnswer> GetAsync(string path) => app.GetAsync(path, token: "");

    private async Task AssertStoredAsync(ApiAnswer answer) =>
        Assert.Equal(["InvalidOperationException: cart 17 is empty"], await app.ListAsync<string>($"select title from event where event_id = '{answer.Map.Text("id")}'"));

    private static string Packed(string json)
    {
        var packed = new MemoryStream();
        using (var zlib = new ZLibStream(packed, CompressionLevel.Fastest, leaveOpen: true))
            zlib.Write(Encoding.UTF8.GetBytes(json));
        return Convert.ToBase64String(packed.ToArray());
    }
}
