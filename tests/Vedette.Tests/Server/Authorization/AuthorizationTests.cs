using Vedette.Server.Authorization;
using Vedette.Storage;
using Vedette.Tests.Harness;
using Xunit;

namespace Vedette.Tests.Server.Authorization;

public sealed class AuthorizationTests
{
    private const string Organizations = "/api/0/organizations/";

    [Theory]
    [InlineData(null, "Authentication credentials were not provided.")]
    [InlineData("", "Authentication credentials were not provided.")]
    [InlineData("Basic YTpi", "Authentication credentials were not provided.")]
    [InlineData("Bearer", "Invalid token header. No credentials provided.")]
    [InlineData("Bearer  ", "Invalid token header. No credentials provided.")]
    [InlineData("Bearer one two", "Invalid token header. Token string should not contain spaces.")]
    [InlineData("Bearer nonsense", "Invalid token")]
    [InlineData("bearer sntryu_0000", "Invalid token")]
    public async Task Credentials_that_are_none_are_answered_as_Sentry_does(string? header, string detail)
    {
        await using var app = await VedetteApp.StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Get, Organizations);
        if (header is not null)
            request.Headers.TryAddWithoutValidation("Authorization", header);

        using var response = await app.Client.SendAsync(request);

        Assert.Equal(401, (int)response.StatusCode);
        Assert.Equal($$"""{"detail":"{{detail}}"}""", await response.Content.ReadAsStringAsync());
        Assert.Equal("xBasic realm=\"api\"", response.Headers.WwwAuthenticate.ToString());
    }

    [Fact]
    public async Task The_scheme_is_read_in_any_case()
    {
        await using var app = await VedetteApp.StartAsync();

        Assert.Equal(200, (await app.AskAsync(HttpMethod.Get, Organizations, $"bEARER {app.FirstStart.Token}")).Status);
    }

    [Fact]
    public async Task A_token_ends_when_its_time_is_over()
    {
        var clock = new FakeClock();
        await using var app = await VedetteApp.StartAsync(time: clock);
        await app.ExecuteAsync("update api_token set expires_at = @at", new { at = clock.GetUtcNow().AddHours(1).ToUnixTimeMilliseconds() * 1000 });

        clock.Advance(TimeSpan.FromHours(1) - TimeSpan.FromSeconds(1));
        var before = await app.AskAsync(HttpMethod.Get, Organizations, $"Bearer {app.FirstStart.Token}");
        clock.Advance(TimeSpan.FromSeconds(1));
        var after = await app.AskAsync(HttpMethod.Get, Organizations, $"Bearer {app.FirstStart.Token}");

        Assert.Equal(200, before.Status);
        Assert.Equal((401, """{"detail":"Token expired"}"""), after);
    }

    [Fact]
    public async Task An_account_that_is_inactive_is_let_in_nowhere()
    {
        await using var app = await VedetteApp.StartAsync();
        await app.ExecuteAsync("update account set is_active = 0");

        Assert.Equal(
            (401, """{"detail":"User inactive or deleted"}"""),
            await app.AskAsync(HttpMethod.Get, Organizations, $"Bearer {app.FirstStart.Token}"));
    }

    /// <summary>What counts is what both the role and the token hold.</summary>
    [Theory]
    [InlineData("owner", "org:write", 400)]
    [InlineData("manager", "org:admin", 400)]
    [InlineData("admin", "org:admin", 403)]
    [InlineData("member", "org:write", 403)]
    [InlineData("owner", "org:read", 403)]
    public async Task Role_and_token_must_both_allow_it(string role, string scope, int status)
    {
        await using var app = await VedetteApp.StartAsync();
        var token = await app.AddPersonAsync("p@acme.example", "default", StoredName.Parse<MemberRole>(role), scope);

        // With a scope that suffices the form is read, and it has no name.
        var asked = await app.ApiAsync(HttpMethod.Post, "/api/0/sentry-apps/", """{"organization":"default","isInternal":true}""", token);

        Assert.Equal(status, asked.Status);
    }

    [Fact]
    public async Task A_token_with_another_scope_is_refused_in_Sentrys_words()
    {
        await using var app = await VedetteApp.StartAsync();
        var token = await app.AddPersonAsync("p@acme.example", "default", MemberRole.Owner, "team:read");

        Assert.Equal(
            (403, """{"detail":"You do not have permission to perform this action."}"""),
            await app.AskAsync(HttpMethod.Get, Organizations, $"Bearer {token}"));
    }

    [Fact]
    public async Task Another_organization_looks_as_if_it_were_not_there()
    {
        await using var app = await VedetteApp.StartAsync();
        var id = await app.AddOrganizationAsync("other");
        await app.AddProjectAsync("other", "web");
        var insider = await app.AddPersonAsync("insider@other.example", "other", MemberRole.Member);

        foreach (var path in new[] { "organizations/other/", $"organizations/{id}/", "organizations/other/projects/", "organizations/other/issues/", "projects/other/web/", "projects/other/web/keys/", "projects/other/web/issues/" })
        {
            var outside = await app.AskAsync(HttpMethod.Get, $"/api/0/{path}", $"Bearer {app.FirstStart.Token}");
            var inside = await app.GetAsync($"/api/0/{path}", insider);

            Assert.Equal((404, """{"detail":"The requested resource does not exist"}"""), outside);
            Assert.Equal(200, inside.Status);
        }
    }

    [Theory]
    [InlineData("GET", "/api/0/nonsense/", 404, """{"detail":"The requested resource does not exist"}""")]
    [InlineData("GET", "/nothing", 404, """{"detail":"The requested resource does not exist"}""")]
    [InlineData("DELETE", "/api/0/organizations/", 405, """{"detail":"Method \"DELETE\" not allowed."}""")]
    [InlineData("PATCH", "/api/0/sentry-apps/", 405, """{"detail":"Method \"PATCH\" not allowed."}""")]
    public async Task What_is_not_there_is_answered_in_Sentrys_shape(string method, string path, int status, string body)
    {
        await using var app = await VedetteApp.StartAsync();

        Assert.Equal((status, body), await app.AskAsync(new HttpMethod(method), path, $"Bearer {app.FirstStart.Token}"));
    }

    [Theory, EachDatabase]
    public async Task A_nul_in_a_request_is_the_senders_mistake(DatabaseKind database)
    {
        await using var app = await VedetteApp.StartAsync(database);

        foreach (var path in new[] { "/api/0/organizations/default/issues/?query=a%00b", "/api/0/organizations/default/issues/?project=%00", "/api/0/organizations/%00/", $"/api/{app.ProjectId}/envelope/?sentry_key=%00" })
        {
            var (status, _) = await app.AskAsync(path.Contains("envelope", StringComparison.Ordinal) ? HttpMethod.Post : HttpMethod.Get, path, $"Bearer {app.FirstStart.Token}");
            Assert.True(status is >= 400 and < 500, $"{path}: {status}");
        }
    }
}
