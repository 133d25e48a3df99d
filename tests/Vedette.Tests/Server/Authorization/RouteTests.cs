using System.Globalization;
using System.Net.Http.Headers;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Vedette.Server.Authorization;
using Vedette.Tests.Harness;
using Vedette.Wire.Json;
using Xunit;

namespace Vedette.Tests.Server.Authorization;

/// <summary>Who is answered what on every route that the server has. A route that is not in the table fails.</summary>
public sealed class RouteTests
{
    /// <summary>
    /// What anonymous, a stranger (an owner elsewhere), a member, an admin, a manager, an owner, and an owner whose token
    /// has no scope for it, are answered. What a route needs in its body or address is there, unless it would change too
    /// much: then whoever is let in gets a 400 or, for what does not exist, a 404.
    /// </summary>
    private const string Expected =
        """
        GET /api/0/                                                                  200 200 200 200 200 200 200
        GET /api/0/users/me/                                                         401 200 200 200 200 200 200
        GET /api/0/organizations/                                                    401 200 200 200 200 200 403
        GET /api/0/organizations/{organization}/                                     401 404 200 200 200 200 403
        GET /api/0/organizations/{organization}/audit-logs/                          401 404 403 403 200 200 403
        GET /api/0/organizations/{organization}/projects/                            401 404 200 200 200 200 403
        GET /api/0/projects/{organization}/{project}/                                401 404 200 200 200 200 403
        GET /api/0/projects/{organization}/{project}/keys/                           401 404 200 200 200 200 403
        POST /api/0/projects/{organization}/{project}/keys/                          401 404 403 201 201 201 403
        GET /api/0/projects/{organization}/{project}/keys/{key}/                     401 404 200 200 200 200 403
        PUT /api/0/projects/{organization}/{project}/keys/{key}/                     401 404 403 200 200 200 403
        DELETE /api/0/projects/{organization}/{project}/keys/{key}/                  401 404 403 204 404 404 403
        GET /api/0/organizations/{organization}/issues/                              401 404 200 200 200 200 403
        GET /api/0/organizations/{organization}/issues/{issue}/                      401 404 200 200 200 200 403
        PUT /api/0/organizations/{organization}/issues/{issue}/                      401 404 200 200 200 200 403
        GET /api/0/organizations/{organization}/issues/{issue}/events/{which}/       401 404 200 200 200 200 403
        GET /api/0/projects/{organization}/{project}/issues/                         401 404 200 200 200 200 403
        GET /api/0/projects/{organization}/{project}/events/{eventId}/               401 404 200 200 200 200 403
        POST /api/0/sentry-apps/                                                     401 403 403 403 400 400 403
        GET /api/0/sentry-apps/{app}/                                                401 403 200 200 200 200 403
        PUT /api/0/sentry-apps/{app}/                                                401 403 403 403 200 200 403
        GET /api/0/sentry-apps/{app}/requests/                                       401 403 200 200 200 200 403
        GET /api/0/sentry-apps/{app}/webhook-requests/                               401 403 200 200 200 200 403
        GET /api/0/organizations/{organization}/sentry-apps/                         401 404 200 200 200 200 403
        GET /api/0/organizations/{organization}/sentry-app-installations/            401 404 200 200 200 200 403
        GET /api/vedette/organizations/{organization}/deliveries/                    401 404 200 200 200 200 403
        GET /api/vedette/organizations/{organization}/deliveries/live/               401 404 200 200 200 200 403
        GET /api/vedette/organizations/{organization}/deliveries/{delivery:long}/    401 404 200 200 200 200 403
        POST /api/vedette/organizations/{organization}/deliveries/{delivery:long}/replay/  401 404 403 403 201 200 403
        GET /api/vedette/organizations/{organization}/explain/                       401 404 400 400 400 400 403
        GET /api/vedette/organizations/{organization}/replays/                       401 404 200 200 200 200 403
        POST /api/vedette/organizations/{organization}/replays/                      401 404 403 403 400 400 403
        GET /api/vedette/organizations/{organization}/replays/{job:long}/            401 404 404 404 404 404 403
        PUT /api/vedette/organizations/{organization}/replays/{job:long}/            401 404 403 403 404 404 403
        DELETE /api/vedette/organizations/{organization}/replays/{job:long}/         401 404 403 403 404 404 403
        """;

    /// <summary>Routes that ask for no token: SDKs show a key instead, and machines look at the rest.</summary>
    private static readonly string[] Open =
    [
        "GET /health/live", "GET /health/ready", "GET /metrics",
        "POST /api/{projectId}/envelope/", "OPTIONS /api/{projectId}/envelope/", "* /api/{projectId}/envelope/",
        "POST /api/{projectId}/store/", "GET /api/{projectId}/store/", "OPTIONS /api/{projectId}/store/", "* /api/{projectId}/store/",
    ];

    [Fact]
    public async Task Every_route_answers_everybody_as_the_table_says()
    {
        await using var app = await VedetteApp.StartAsync();
        await using var receiver = new TestReceiver();
        var created = await app.CreateAppAsync(receiver.Url);
        await app.SendEventAsync("""{"event_id":"4c79f60c11214eb38604f4ae0781bfb2","message":"there"}""");
        await app.WaitForDeliveriesAsync(1);
        receiver.Behaviour = TestReceiver.Hang; // a replay stays pending, and asking again answers 200
        await app.AddOrganizationAsync("other");
        var tokens = new List<string?>
        {
            null,
            await app.AddPersonAsync("stranger@other.example", "other", MemberRole.Owner),
            await app.AddPersonAsync("member@example.org", "default", MemberRole.Member),
            await app.AddPersonAsync("admin@example.org", "default", MemberRole.Admin),
            await app.AddPersonAsync("manager@example.org", "default", MemberRole.Manager),
            await app.AddPersonAsync("owner@example.org", "default", MemberRole.Owner),
            await app.AddPersonAsync("poor@example.org", "default", MemberRole.Owner, "openid"),
        };
        var expected = Expected.Split('\n').Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)).ToDictionary(
            words => $"{words[0]} {words[1]}", words => string.Join(' ', words[2..]), StringComparer.Ordinal);

        var wrong = new List<string>();
        foreach (var (method, pattern) in RoutesOf(app))
        {
            var route = $"{method} {pattern}";
            if (Open.Contains(route, StringComparer.Ordinal))
                continue;

            var path = pattern
                .Replace("{organization}", "default", StringComparison.Ordinal)
                .Replace("{project}", "default", StringComparison.Ordinal)
                .Replace("{key}", app.PublicKey, StringComparison.Ordinal)
                .Replace("{issue}", "1", StringComparison.Ordinal)
                .Replace("{which}", "latest", StringComparison.Ordinal)
                .Replace("{eventId}", "4c79f60c11214eb38604f4ae0781bfb2", StringComparison.Ordinal)
                .Replace("{app}", created.Text("slug"), StringComparison.Ordinal)
                .Replace("{delivery:long}", "1", StringComparison.Ordinal)
                .Replace("{job:long}", "999", StringComparison.Ordinal);
            var answers = new List<string>();
            foreach (var token in tokens)
                answers.Add((await StatusAsync(app, method, path, BodyOf(route), token)).ToString(CultureInfo.InvariantCulture));
            if (expected.GetValueOrDefault(route, "nothing: the table has no such line") is var words && string.Join(' ', answers) is var came && came != words)
                wrong.Add($"{route} answered {came}, expected {words}");
            expected.Remove(route);
        }

        wrong.AddRange(expected.Keys.Select(route => $"{route} is in the table, and the server has no such route"));
        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    private static IEnumerable<(string Method, string Pattern)> RoutesOf(VedetteApp app) =>
        from route in app.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
        from method in route.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? ["*"]
        select (method, route.RoutePattern.RawText!);

    private static string? BodyOf(string route) => route switch
    {
        "POST /api/0/sentry-apps/" => """{"organization":"default","isInternal":true}""",
        "PUT /api/0/organizations/{organization}/issues/{issue}/" => """{"status":"unresolved"}""",
        "POST /api/0/projects/{organization}/{project}/keys/" => "{}",
        _ when route.StartsWith("PUT ", StringComparison.Ordinal) => "{}",
        _ when route.EndsWith("/replays/", StringComparison.Ordinal) => """{"perSecond":"many"}""",
        _ => null,
    };

    /// <summary>The live tail has no end, so only the head is read.</summary>
    private static async Task<int> StatusAsync(VedetteApp app, string method, string path, string? body, string? token)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        if (token is not null)
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        if (body is not null)
            request.Content = new StringContent(body);
        using var response = await app.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        return (int)response.StatusCode;
    }
}
