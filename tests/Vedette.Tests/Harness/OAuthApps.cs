using System.Buffers.Text;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Vedette.Wire.Json;
using Xunit;

namespace Vedette.Tests.Harness;

/// <summary>What clients of OAuth do.</summary>
internal static partial class OAuthApps
{
    public const string Callback = "https://client.example/callback";
    public const string Verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    public const string Device = "urn:ietf:params:oauth:grant-type:device_code";

    public static string Challenge { get; } = Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(Verifier)));

    /// <summary>By the first start's owner, unless another browser is named.</summary>
    public static async Task<JsonMap> CreateApplicationAsync(this VedetteApp app, string more = "", LoggedIn? browser = null)
    {
        using var own = browser is null ? await LoggedIn.AsAsync(app) : null;
        var answer = await (browser ?? own!).ApiAsync(
            HttpMethod.Post, "/api/0/api-applications/", $$"""{"name":"Ticket Bridge","redirectUris":["{{Callback}}"]{{more}}}"""); // of a member that is said twice the last counts
        Assert.Equal(201, answer.Status);
        return answer.Map;
    }

    public static string AuthorizePath(JsonMap application, string more = "&scope=event:read&state=s1") =>
        $"/oauth/authorize/?response_type=code&client_id={application.Text("clientID")}&redirect_uri={Uri.EscapeDataString(Callback)}{more}";

    public static string AuthorizeWithProof(JsonMap application, string more = "&scope=event:read&state=s1") =>
        AuthorizePath(application, $"{more}&code_challenge={Challenge}&code_challenge_method=S256");

    /// <summary>Opens the page and answers it.</summary>
    public static async Task<PageAnswer> AnswerAsync(this PageVisitor visitor, string path, string op = "approve", params (string, string)[] more)
    {
        var page = await visitor.GetAsync(path);
        Assert.Equal((200, "Let an application in?"), (page.Status, page.Title));
        return await visitor.PostAsync("/oauth/authorize/", [("op", op), ("request", Request.Match(page.Body).Groups["token"].Value), .. more]);
    }

    public static async Task<string> CodeAsync(this PageVisitor visitor, string path, params (string, string)[] more) =>
        Parameter((await visitor.AnswerAsync(path, "approve", more)).Location!, "code")!;

    /// <returns><c>null</c> when the address has no such parameter.</returns>
    public static string? Parameter(string location, string name) =>
        System.Web.HttpUtility.ParseQueryString(new Uri(location).Query)[name];

    public static string RequestOf(PageAnswer page) => Request.Match(page.Body).Groups["token"].Value;

    /// <summary>With the client's id and secret among the fields.</summary>
    public static Task<ApiAnswer> TokenAsync(this VedetteApp app, JsonMap application, params (string Name, string? Value)[] fields) =>
        app.FormAsync("/oauth/token/", [("client_id", application.Text("clientID")), ("client_secret", application.Text("clientSecret")), .. fields]);

    public static Task<ApiAnswer> ByCodeAsync(this VedetteApp app, JsonMap application, string code, params (string Name, string? Value)[] more) =>
        app.TokenAsync(application, [("grant_type", "authorization_code"), ("code", code), ("redirect_uri", Callback), .. more]);

    public static Task<ApiAnswer> ByRefreshTokenAsync(this VedetteApp app, JsonMap application, string refreshToken) =>
        app.TokenAsync(application, ("grant_type", "refresh_token"), ("refresh_token", refreshToken));

    /// <summary>Fields whose value is <c>null</c> are left out.</summary>
    public static async Task<ApiAnswer> FormAsync(this VedetteApp app, string path, IReadOnlyList<(string Name, string? Value)> fields, AuthenticationHeaderValue? authorization = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path);
        request.Headers.Authorization = authorization;
        request.Content = new FormUrlEncodedContent(fields.Where(field => field.Value is not null).Select(field => KeyValuePair.Create(field.Name, field.Value!)));
        return await VedetteApp.ReadAsync(await app.Client.SendAsync(request));
    }

    /// <summary>Everything from the consent to the first tokens, for a client with a secret.</summary>
    public static async Task<JsonMap> ConnectAsync(this VedetteApp app, PageVisitor visitor, JsonMap application, string scope = "event:read")
    {
        var code = await visitor.CodeAsync(AuthorizeWithProof(application, $"&scope={Uri.EscapeDataString(scope)}&force_prompt=1"));
        var answer = await app.ByCodeAsync(application, code, ("code_verifier", Verifier));
        Assert.Equal(200, answer.Status);
        return answer.Map;
    }

    [GeneratedRegex("name=\"request\" value=\"(?<token>[0-9a-f]+)\"", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex Request { get; }
}
