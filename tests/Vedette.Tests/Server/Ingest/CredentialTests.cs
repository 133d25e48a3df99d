using System.Net;
using System.Text;
using Vedette.Tests.Harness;
using Xunit;

namespace Vedette.Tests.Server.Ingest;

/// <summary>Who may send, and from where the key is read. <c>{key}</c> and <c>{project}</c> stand for the real ones.</summary>
public sealed class CredentialTests(IngestServer server) : IClassFixture<IngestServer>
{
    private const string Rejected = "event submission rejected with_reason: ProjectId";
    private const string Unknown = "the project does not exist, or the key is unknown, disabled or of another project";
    private const string Stranger = "deadbeefdeadbeefdeadbeefdeadbeef";

    private readonly VedetteApp app = server.App;

    [Theory]
    [InlineData("?sentry_key={key}", null, null, null)]
    [InlineData("?sentry_version=7&sentry_key={key}&sentry_client=sentry.javascript.node%2F10.1.0", null, null, null)]
    [InlineData("?sentry_key={key}&sentry_key={key}&unrelated=1&sentry_future=2", null, null, null)]
    [InlineData("?sentry_key={key}&sentry_version=2.0", null, null, null)]
    [InlineData("", "Sentry sentry_key={key}", null, null)]
    [InlineData("", "Sentry sentry_version=7, sentry_client=sentry.dotnet/6.9.0, sentry_key={key}", null, null)]
    [InlineData("", "sentry sentry_version=7 sentry_key={key} sentry_secret=old", null, null)]
    [InlineData("", "SENTRY sentry_version=7,sentry_key={key},sentry_timestamp=1795000000.5", null, null)]
    [InlineData("", "Sentry sentry_client=sentry-cli/2 (linux x86), future=1, junk, =, sentry_key={key}", null, null)]
    [InlineData("", null, "Sentry sentry_key={key}, sentry_version=7", null)]
    [InlineData("", null, "sEnTrY sentry_key={key}", null)]
    [InlineData("", null, "Basic {basic}", null)]
    [InlineData("", null, "basic {basic-with-secret}", null)]
    [InlineData("", null, null, "http://{key}@sentry.example/{project}")]
    [InlineData("", null, null, "https://{key}:secret@o1.ingest.example:9000/some/prefix/{project}")]
    [InlineData("?sentry_key={key}", "Sentry sentry_key={key}", null, null)]
    [InlineData("?sentry_key={key}", "Sentry sentry_key={key}", "Basic {basic}", "http://{key}@h/{project}")]
    [InlineData("", "Sentry sentry_key={key}", null, "http://{key}@h/{project}")]
    [InlineData("?sentry_key={key}", null, "Bearer of-a-proxy", null)]
    [InlineData("?sentry_key={key}", "nonsense", null, null)]
    public async Task The_key_is_taken_from_every_carrier(string query, string? sentryAuth, string? authorization, string? dsn) =>
        IngestCalls.AssertTaken(await SendAsync("{project}", query, sentryAuth, authorization, dsn));

    [Theory]
    [InlineData("", null, null)]
    [InlineData("?key={key}", null, null)]
    [InlineData("", "Sentry", null)]
    [InlineData("", "Sentry sentry_version=7, sentry_client=x/1", null)]
    [InlineData("", "{key}", null)]
    [InlineData("", null, "Bearer {key}")]
    [InlineData("", null, "Sentrysentry_key={key}")]
    public async Task Without_a_key_it_is_401(string query, string? sentryAuth, string? authorization) =>
        IngestCalls.AssertRefused(
            await SendAsync("{project}", query, sentryAuth, authorization), HttpStatusCode.Unauthorized, "missing authorization information");

    [Theory]
    [InlineData("?sentry_key={key}&sentry_key=" + Stranger, null, null)]
    [InlineData("?sentry_key={key}", "Sentry sentry_key=" + Stranger, null)]
    [InlineData("?sentry_key=" + Stranger, null, "Basic {basic}")]
    [InlineData("", "Sentry sentry_key={key}, sentry_key=" + Stranger, null)]
    public async Task Carriers_that_contradict_each_other_are_401(string query, string? sentryAuth, string? authorization) =>
        IngestCalls.AssertRefused(
            await SendAsync("{project}", query, sentryAuth, authorization), HttpStatusCode.Unauthorized, "multiple authorization payloads detected");

    [Theory]
    [InlineData("Basic !!!")]
    [InlineData("Basic Og==")]
    [InlineData("Basic ")]
    public async Task Basic_credentials_that_cannot_be_read_are_401(string authorization) =>
        IngestCalls.AssertRefused(
            await SendAsync("{project}", "", null, authorization), HttpStatusCode.Unauthorized,
            "bad sentry authentication header", "Basic credentials have no user name, which is where the key belongs");

    [Theory]
    [InlineData("?sentry_key=", null)]
    [InlineData("?sentry_key=%00", null)]
    [InlineData("?sentry_key=%F0%9F%98%80", null)]
    [InlineData("?sentry_key=%ff%fe", null)]
    [InlineData("?sentry_key=a'b", null)]
    [InlineData("", "Sentry sentry_key=a-b")]
    public async Task A_key_that_can_be_none_is_400(string query, string? sentryAuth) =>
        IngestCalls.AssertRefused(
            await SendAsync("{project}", query, sentryAuth), HttpStatusCode.BadRequest,
            "bad sentry authentication header", "sentry_key is not a public key");

    [Theory]
    [InlineData("8")]
    [InlineData("7.1")]
    [InlineData("Infinity")]
    [InlineData("NaN")]
    [InlineData("-1")]
    [InlineData("seven")]
    [InlineData("")]
    public async Task A_protocol_version_above_7_or_none_is_400(string version)
    {
        var cause = $"sentry_version is '{version}', this server speaks up to 7";

        IngestCalls.AssertRefused(
            await SendAsync("{project}", $"?sentry_key={{key}}&sentry_version={version}"),
            HttpStatusCode.BadRequest, "unsupported protocol version", cause);
        IngestCalls.AssertRefused(
            await SendAsync("{project}", "", $"Sentry sentry_version={version}, sentry_key={{key}}"),
            HttpStatusCode.BadRequest, "unsupported protocol version", cause);
    }

    [Theory]
    [InlineData("abc")]
    [InlineData("-1")]
    [InlineData("+1")]
    [InlineData("1.0")]
    [InlineData("%201")]
    [InlineData("99999999999999999999")]
    [InlineData("0x1")]
    public async Task A_project_id_that_is_no_number_is_400(string project) =>
        IngestCalls.AssertRefused(
            await SendAsync(project, "?sentry_key={key}"), HttpStatusCode.BadRequest,
            "bad project path parameter", $"'{Uri.UnescapeDataString(project)}' is not a project id");

    [Theory]
    [InlineData("{project}", Stranger)]
    [InlineData("999999", "{key}")]
    [InlineData("0", "{key}")]
    [InlineData("9223372036854775807", "{key}")]
    [InlineData("{project}", "a")]
    public async Task An_unknown_project_or_key_is_403(string project, string key)
    {
        IngestCalls.AssertRefused(await SendAsync(project, $"?sentry_key={key}"), HttpStatusCode.Forbidden, Rejected, Unknown);
        IngestCalls.AssertRefused(await SendAsync(project, "", null, null, $"http://{key}@h/{project}"), HttpStatusCode.Forbidden, Rejected, Unknown);
    }

    [Fact]
    public async Task A_key_opens_only_its_own_project()
    {
        var other = await app.AddProjectAsync("other");

        var foreign = await SendAsync("{project}", $"?sentry_key={other.PublicKey}");
        var own = await SendAsync($"{other.Id}", $"?sentry_key={other.PublicKey}");

        IngestCalls.AssertRefused(foreign, HttpStatusCode.Forbidden, Rejected, Unknown);
        IngestCalls.AssertTaken(own);
    }

    [Fact]
    public async Task A_disabled_key_is_403_at_once()
    {
        var project = await app.AddProjectAsync("closed");
        var before = await SendAsync($"{project.Id}", $"?sentry_key={project.PublicKey}");
        await app.ChangeAsync($"update project_key set is_active = 0 where project_id = {project.Id}");

        var after = await SendAsync($"{project.Id}", $"?sentry_key={project.PublicKey}");

        IngestCalls.AssertTaken(before);
        IngestCalls.AssertRefused(after, HttpStatusCode.Forbidden, Rejected, Unknown);
    }

    [Theory]
    [InlineData("?sentry_key={key}", "http://" + Stranger + "@h/{project}")]
    [InlineData("?sentry_key={key}", "http://{key}@h/999999")]
    [InlineData("", "http://{key}@h/999999")]
    [InlineData("", "http://{key}@h/")]
    public async Task A_dsn_in_the_envelope_that_contradicts_the_request_is_403(string query, string dsn) =>
        IngestCalls.AssertRefused(
            await SendAsync("{project}", query, null, null, dsn), HttpStatusCode.Forbidden, Rejected, "the envelope's dsn is not that of the request");

    [Theory]
    [InlineData("nonsense")]
    [InlineData("http://h/{project}")]
    [InlineData("http://:secret@h/{project}")]
    [InlineData("/{project}")]
    [InlineData("")]
    public async Task A_dsn_in_the_envelope_that_is_none_is_401(string dsn) =>
        IngestCalls.AssertRefused(
            await SendAsync("{project}", "?sentry_key={key}", null, null, dsn), HttpStatusCode.Unauthorized,
            "bad dsn in the envelope header", "a dsn is scheme://key@host/project");

    [Fact]
    public async Task What_is_refused_leaves_nothing_behind()
    {
        await using var fresh = await VedetteApp.StartAsync();
        var refused = await fresh.PostAsync($"/api/{fresh.ProjectId}/envelope/?sentry_key={Stranger}", IngestCalls.EventEnvelope(IngestCalls.Event()));

        var taken = await fresh.PostAsync(fresh.EnvelopePath, IngestCalls.EventEnvelope(IngestCalls.Event()));

        Assert.Equal(403, refused.Status);
        IngestCalls.AssertTaken(taken);
        Assert.Equal(1, await fresh.CountAsync("event"));
    }

    private Task<ApiAnswer> SendAsync(string project, string query, string? sentryAuth = null, string? authorization = null, string? dsn = null)
    {
        var header = dsn is null ? "{}" : $$"""{"dsn":"{{Real(dsn)}}"}""";
        List<(string, string)> headers = [];
        if (sentryAuth is not null)
            headers.Add(("X-Sentry-Auth", Real(sentryAuth)));
        if (authorization is not null)
            headers.Add(("Authorization", Real(authorization)));
        return app.PostAsync(Real($"/api/{project}/envelope/{query}"), IngestCalls.EventEnvelope(IngestCalls.Event(), header), [.. headers]);
    }

    private string Real(string text) => text
        .Replace("{key}", app.PublicKey, StringComparison.Ordinal)
        .Replace("{project}", $"{app.ProjectId}", StringComparison.Ordinal)
        .Replace("{basic}", Base64($"{app.PublicKey}:"), StringComparison.Ordinal)
        .Replace("{basic-with-secret}", Base64($"{app.PublicKey}:secret"), StringComparison.Ordinal);

    private static string Base64(string text) => Convert.ToBase64String(Encoding.ASCII.GetBytes(text));
}
