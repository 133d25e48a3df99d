using System.Net.Http.Headers;
using Vedette.Wire.Json;

namespace Vedette.Cli.Login;

/// <summary>An answer of the server; without a body that is a JSON object, an empty one.</summary>
internal sealed record ServerAnswer(int Status, JsonMap Body)
{
    public bool IsGood => Status is >= 200 and < 300;
}

/// <summary>The server that this command line logs in to.</summary>
/// <param name="url">Without a final slash.</param>
internal sealed class LoginServer(string url) : IDisposable
{
    private const string ClientId = "vedette-cli";

    /// <summary>An answer that is longer is none of this server's.</summary>
    private const int LongestAnswer = 1024 * 1024;

    private readonly HttpClient client = new() { Timeout = TimeSpan.FromSeconds(30), MaxResponseContentBufferSize = LongestAnswer };

    public string Url => url;

    /// <exception cref="HttpRequestException">It cannot be reached.</exception>
    public Task<ServerAnswer> PostAsync(string path, CancellationToken ct, params IReadOnlyList<(string Name, string Value)> fields)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, url + path)
        {
            Content = new FormUrlEncodedContent(fields.Prepend(("client_id", ClientId)).Select(field => KeyValuePair.Create(field.Item1, field.Item2))),
        };
        return SendAsync(request, ct);
    }

    /// <exception cref="HttpRequestException">It cannot be reached.</exception>
    public Task<ServerAnswer> GetAsync(string path, string token, CancellationToken ct)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, url + path);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return SendAsync(request, ct);
    }

    public void Dispose() => client.Dispose();

    private async Task<ServerAnswer> SendAsync(HttpRequestMessage request, CancellationToken ct)
    {
        using (request)
        {
            using var response = await client.SendAsync(request, ct);
            var body = await response.Content.ReadAsByteArrayAsync(ct);
            return new((int)response.StatusCode, LenientJson.TryParse(body, out var tree, out _) && tree is JsonMap map ? map : new JsonMap());
        }
    }
}
