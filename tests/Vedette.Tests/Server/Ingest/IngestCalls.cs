using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Vedette.Storage;
using Vedette.Tests.Harness;
using Vedette.Tracker.Projects;
using Xunit;

namespace Vedette.Tests.Server.Ingest;

/// <summary>One server for all tests of a class that leave no traces that the others would trip over.</summary>
public sealed class IngestServer : IAsyncLifetime
{
    internal VedetteApp App { get; private set; } = null!;

    public async ValueTask InitializeAsync() => App = await VedetteApp.StartAsync(DatabaseKind.Sqlite, new FakeClock());

    public ValueTask DisposeAsync() => App.DisposeAsync();
}

/// <summary>Requests to ingest, byte for byte, and what they leave in the database.</summary>
internal static class IngestCalls
{
    public const string Id = "0f2c5a4be8d14c6f9a3b7d1e5c8f0a21";

    private static readonly string[] ContentHeaders = ["Content-Type", "Content-Encoding"];

    extension(VedetteApp app)
    {
        /// <summary>With the key in the query.</summary>
        public string EnvelopePath => $"/api/{app.ProjectId}/envelope/?sentry_key={app.PublicKey}";

        /// <inheritdoc cref="get_EnvelopePath"/>
        public string StorePath => $"/api/{app.ProjectId}/store/?sentry_key={app.PublicKey}";

        public Task<ApiAnswer> PostAsync(string path, byte[] body, params (string Name, string Value)[] headers) =>
            app.PostAsync(path, new ByteArrayContent(body), headers);

        public Task<ApiAnswer> PostAsync(string path, string body, params (string Name, string Value)[] headers) =>
            app.PostAsync(path, Encoding.UTF8.GetBytes(body), headers);

        public async Task<ApiAnswer> PostAsync(string path, HttpContent content, params (string Name, string Value)[] headers)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = content };
            foreach (var (name, value) in headers)
                Assert.True((ContentHeaders.Contains(name) ? (HttpHeaders)content.Headers : request.Headers).TryAddWithoutValidation(name, value));
            return await VedetteApp.ReadAsync(await app.Client.SendAsync(request));
        }

        public Task<long> CountAsync(string table) =>
            app.Database.ReadAsync(session => session.SingleAsync<long>($"select cast(count(*) as bigint) from {table}"), CancellationToken.None);

        public Task<IReadOnlyList<T>> ListAsync<T>(string sql) =>
            app.Database.ReadAsync(session => session.ListAsync<T>(sql), CancellationToken.None);

        public Task ChangeAsync(string sql) => app.Database.WriteAsync(transaction => transaction.ExecuteAsync(sql), CancellationToken.None);

        /// <summary>A second project in the first start's organization.</summary>
        public Task<(long Id, string PublicKey)> AddProjectAsync(string slug)
        {
            var projects = (ProjectStore)app.Services.GetService(typeof(ProjectStore))!;
            return app.Database.WriteAsync(
                async transaction => await projects.AddProjectAsync(
                    transaction, await transaction.SingleAsync<long>("select min(id) from organization"), slug, slug),
                CancellationToken.None);
        }
    }

    public static string Event(string message = "cart 17 is empty", string more = "") =>
        $$$"""{"platform":"csharp","exception":{"values":[{"type":"InvalidOperationException","value":"{{{message}}}"}]}{{{more}}}}""";

    public static string EventEnvelope(string eventJson, string header = "{}") => $"{header}\n{{\"type\":\"event\"}}\n{eventJson}\n";

    public static void AssertTaken(ApiAnswer answer, string? id = null)
    {
        Assert.Equal(200, answer.Status);
        Assert.Equal(["id"], answer.Map.Members.Select(member => member.Key));
        Assert.Matches("^[0-9a-f]{32}$", answer.Map.Text("id"));
        if (id is not null)
            Assert.Equal(id, answer.Map.Text("id"));
    }

    /// <summary>Exactly the error body that SDKs read, with the headers that let a browser's SDK read it.</summary>
    public static void AssertRefused(ApiAnswer answer, HttpStatusCode status, string detail, params string[] causes)
    {
        AssertRefused(answer, status);
        Assert.Equal(detail, answer.Map.Text("detail"));
        Assert.Equal(causes, answer.Map.List("causes")!.Cast<string>());
    }

    public static void AssertRefused(ApiAnswer answer, HttpStatusCode status)
    {
        Assert.Equal((int)status, answer.Status);
        Assert.Equal(["detail", "causes"], answer.Map.Members.Select(member => member.Key));
        Assert.Equal(["*"], answer.Headers.GetValues("Access-Control-Allow-Origin"));
    }
}
