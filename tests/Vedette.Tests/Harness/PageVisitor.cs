using System.Net;
using System.Text.RegularExpressions;
using Xunit;

namespace Vedette.Tests.Harness;

/// <summary>An answer to a browser, read whole.</summary>
/// <param name="Location">Where it leads to; <c>null</c> for a page.</param>
internal sealed partial record PageAnswer(int Status, string Body, string? Location, HttpResponseMessage Response)
{
    /// <summary>The heading of the page.</summary>
    public string Title => WebUtility.HtmlDecode(Heading.Match(Body).Groups["text"].Value).Trim();

    /// <summary>What people read, without tags.</summary>
    public string Text => WebUtility.HtmlDecode(Tag.Replace(Body, " "));

    [GeneratedRegex("<h1[^>]*>(?<text>.*?)</h1>", RegexOptions.Singleline | RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex Heading { get; }

    [GeneratedRegex("<[^>]*>", RegexOptions.NonBacktracking)]
    private static partial Regex Tag { get; }
}

/// <summary>A browser without scripts: it keeps cookies, follows nothing by itself, and sends a form with the token of the page that it is on.</summary>
internal sealed partial class PageVisitor : IDisposable
{
    private const string TokenField = "csrfmiddlewaretoken";
    private readonly HttpClient client;
    private string token = "";

    public PageVisitor(VedetteApp app)
    {
        client = new HttpClient(new SocketsHttpHandler { CookieContainer = Cookies, AllowAutoRedirect = false }) { BaseAddress = new Uri(app.Url) };
        client.DefaultRequestHeaders.Add("Accept", "text/html,*/*;q=0.8");
    }

    public CookieContainer Cookies { get; } = new();

    /// <summary>The first start's owner, unless somebody else is named.</summary>
    public static async Task<PageVisitor> LoggedInAsync(VedetteApp app, string? email = null, string? password = null)
    {
        var visitor = new PageVisitor(app);
        var answer = await visitor.LoginAsync(email ?? app.FirstStart.Email, password ?? app.FirstStart.Password);
        Assert.Equal((302, "/"), (answer.Status, answer.Location));
        return visitor;
    }

    public string? Cookie(string name) => Cookies.GetAllCookies()[name]?.Value;

    public async Task<PageAnswer> LoginAsync(string email, string password, string path = "/auth/login/")
    {
        await GetAsync(path);
        return await PostAsync(path, ("email", email), ("password", password));
    }

    public Task<PageAnswer> GetAsync(string path) => SendAsync(new HttpRequestMessage(HttpMethod.Get, path));

    /// <summary>With the token of the last page that had a form, unless the fields hold another.</summary>
    public Task<PageAnswer> PostAsync(string path, params (string Name, string Value)[] fields)
    {
        if (!fields.Any(field => field.Name == TokenField))
            fields = [.. fields, (TokenField, token)];
        return SendAsync(new HttpRequestMessage(HttpMethod.Post, path) { Content = new FormUrlEncodedContent(fields.Select(field => KeyValuePair.Create(field.Name, field.Value))) });
    }

    public async Task<PageAnswer> SendAsync(HttpRequestMessage request)
    {
        using (request)
        {
            var response = await client.SendAsync(request);
            var body = await response.Content.ReadAsStringAsync();
            if (Token.Match(body) is { Success: true } found)
                token = found.Groups["token"].Value;
            return new((int)response.StatusCode, body, response.Headers.Location?.OriginalString, response);
        }
    }

    public void Dispose() => client.Dispose();

    [GeneratedRegex("name=\"csrfmiddlewaretoken\" value=\"(?<token>[0-9a-f]+)\"", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex Token { get; }
}
