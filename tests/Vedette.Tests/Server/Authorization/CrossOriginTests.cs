using Vedette.Server.Authorization;
using Vedette.Tests.Harness;
using Xunit;

namespace Vedette.Tests.Server.Authorization;

public sealed class CrossOriginTests
{
    [Fact]
    public async Task A_preflight_is_answered_for_every_path_without_a_token()
    {
        await using var app = await VedetteApp.StartAsync();
        foreach (var path in new[] { "/api/0/organizations/", "/api/0/nonsense/" })
        {
            using var request = new HttpRequestMessage(HttpMethod.Options, path);
            request.Headers.Add("Origin", "https://page.example");
            using var response = await app.Client.SendAsync(request);

            Assert.Equal(200, (int)response.StatusCode);
            Assert.Equal("https://page.example", response.Headers.GetValues("Access-Control-Allow-Origin").Single());
            Assert.Equal("3600", response.Headers.GetValues("Access-Control-Max-Age").Single());
            Assert.Contains("Authorization", response.Headers.GetValues("Access-Control-Allow-Headers").Single(), StringComparison.Ordinal);
            Assert.False(response.Headers.Contains("Access-Control-Allow-Credentials"));
        }
    }

    [Fact]
    public async Task Answers_to_pages_expose_what_clients_read()
    {
        await using var app = await VedetteApp.StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/0/organizations/");
        request.Headers.Add("Authorization", $"Bearer {app.FirstStart.Token}");
        request.Headers.Add("Origin", "https://page.example");
        using var response = await app.Client.SendAsync(request);

        Assert.Equal(200, (int)response.StatusCode);
        Assert.Equal("https://page.example", response.Headers.GetValues("Access-Control-Allow-Origin").Single());
        Assert.Contains("Link", string.Join(',', response.Headers.GetValues("Access-Control-Expose-Headers")), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a.example", "https://a.example", true)]
    [InlineData("a.example", "http://A.example:8443", true)]
    [InlineData("a.example:8443", "https://a.example:8443", true)]
    [InlineData("a.example:8443", "https://a.example", false)]
    [InlineData("https://a.example", "https://a.example", true)]
    [InlineData("https://a.example", "http://a.example", false)]
    [InlineData("https://a.example", "https://a.example:8443", false)]
    [InlineData("a.example", "https://b.a.example", false)]
    [InlineData("a.example", "https://a.example.evil", false)]
    [InlineData("a.example", "nonsense", false)]
    public void An_entry_allows_these_origins(string entry, string origin, bool allowed) =>
        Assert.Equal(allowed, AllowedOrigin.IsAllowed([entry], origin));

    [Fact]
    public async Task A_token_of_an_app_is_of_use_on_allowed_pages_only()
    {
        await using var app = await VedetteApp.StartAsync();
        var made = await app.CreateAppAsync("https://bridge.example/hook", more: ""","allowedOrigins":["a.example"]""");
        using var browser = await LoggedIn.AsAsync(app);
        var token = (await browser.ApiAsync(HttpMethod.Post, $"/api/0/sentry-apps/{made.Text("slug")}/api-tokens/")).Map.Text("token");

        Assert.Equal((200, null), await AskAsync(null));
        Assert.Equal((200, null), await AskAsync("null"));
        Assert.Equal((200, null), await AskAsync("https://a.example"));
        Assert.Equal((400, "\"Invalid origin: https://b.example\""), await AskAsync("https://b.example"));

        async Task<(int, string?)> AskAsync(string? origin)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/api/0/organizations/default/issues/");
            request.Headers.Add("Authorization", $"Bearer {token}");
            if (origin is not null)
                request.Headers.Add("Origin", origin);
            using var response = await app.Client.SendAsync(request);
            return ((int)response.StatusCode, response.IsSuccessStatusCode ? null : await response.Content.ReadAsStringAsync());
        }
    }
}
