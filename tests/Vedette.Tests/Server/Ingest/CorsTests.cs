using System.Net;
using Vedette.Tests.Harness;
using Xunit;

namespace Vedette.Tests.Server.Ingest;

/// <summary>Browsers' SDKs can send to ingest and read what it says, also when it says no.</summary>
public sealed class CorsTests(IngestServer server) : IClassFixture<IngestServer>
{
    private readonly VedetteApp app = server.App;

    [Theory]
    [InlineData("envelope")]
    [InlineData("store")]
    public async Task A_preflight_is_allowed_from_everywhere_without_a_key(string endpoint)
    {
        using var request = new HttpRequestMessage(HttpMethod.Options, $"/api/{app.ProjectId}/{endpoint}/");
        request.Headers.Add("Origin", "https://shop.example");
        request.Headers.Add("Access-Control-Request-Method", "POST");
        request.Headers.Add("Access-Control-Request-Headers", "x-sentry-auth");

        using var response = await app.Client.SendAsync(request);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("*", Header(response, "Access-Control-Allow-Origin"));
        Assert.Equal("POST, OPTIONS", Header(response, "Access-Control-Allow-Methods"));
        Assert.Equal(
            "x-sentry-auth, x-requested-with, x-forwarded-for, origin, referer, accept, content-type, authentication, authorization, content-encoding, transfer-encoding",
            Header(response, "Access-Control-Allow-Headers"));
        Assert.Equal("x-sentry-error, x-sentry-rate-limits, retry-after", Header(response, "Access-Control-Expose-Headers"));
        Assert.Equal("3600", Header(response, "Access-Control-Max-Age"));
    }

    [Theory]
    [InlineData("POST", "/api/{project}/envelope/?sentry_key={key}", "{}", HttpStatusCode.OK)]
    [InlineData("POST", "/api/{project}/envelope?sentry_key={key}", "{}", HttpStatusCode.OK)]
    [InlineData("POST", "/api/{project}/store/?sentry_key={key}", "{}", HttpStatusCode.OK)]
    [InlineData("GET", "/api/{project}/store/?sentry_key={key}&sentry_data={}", null, HttpStatusCode.OK)]
    [InlineData("POST", "/api/{project}/envelope/?sentry_key={key}", "", HttpStatusCode.BadRequest)]
    [InlineData("POST", "/api/abc/envelope/?sentry_key={key}", "{}", HttpStatusCode.BadRequest)]
    [InlineData("POST", "/api/{project}/envelope/", "{}", HttpStatusCode.Unauthorized)]
    [InlineData("POST", "/api/999999/store/?sentry_key={key}", "{}", HttpStatusCode.Forbidden)]
    [InlineData("PUT", "/api/{project}/envelope/", "{}", HttpStatusCode.MethodNotAllowed)]
    [InlineData("GET", "/api/{project}/envelope/", null, HttpStatusCode.MethodNotAllowed)]
    [InlineData("DELETE", "/api/{project}/store/", null, HttpStatusCode.MethodNotAllowed)]
    public async Task Every_answer_can_be_read_by_a_script(string method, string path, string? body, HttpStatusCode status)
    {
        var real = path.Replace("{project}", $"{app.ProjectId}", StringComparison.Ordinal).Replace("{key}", app.PublicKey, StringComparison.Ordinal);
        using var request = new HttpRequestMessage(new HttpMethod(method), real);
        request.Headers.Add("Origin", "https://shop.example");
        if (body is not null)
            request.Content = new StringContent(body);

        using var response = await app.Client.SendAsync(request);

        Assert.Equal(status, response.StatusCode);
        Assert.Equal("*", Header(response, "Access-Control-Allow-Origin"));
        Assert.Equal("x-sentry-error, x-sentry-rate-limits, retry-after", Header(response, "Access-Control-Expose-Headers"));
        Assert.False(response.Headers.Contains("Access-Control-Allow-Credentials"));
    }

    [Fact]
    public async Task The_API_is_not_open_to_every_origin()
    {
        var answer = await app.GetAsync("/api/0/organizations/");

        Assert.Equal(200, answer.Status);
        Assert.False(answer.Headers.Contains("Access-Control-Allow-Origin"));
    }

    private static string Header(HttpResponseMessage response, string name) => Assert.Single(response.Headers.GetValues(name));
}
