using System.Net;
using System.Net.Http.Headers;
using System.Text;

namespace Vedette.Tests.Harness;

/// <summary>A browser that somebody logged in with: it keeps cookies, and sends the token against forged requests back.</summary>
internal sealed class LoggedIn : IDisposable
{
    private readonly HttpClient client;

    private LoggedIn(HttpClient client, CookieContainer cookies)
    {
        this.client = client;
        Cookies = cookies;
    }

    public CookieContainer Cookies { get; }

    public string CsrfToken => Cookies.GetAllCookies().Single(cookie => cookie.Name == "sc").Value;

    /// <summary>The first start's owner, unless somebody else is named.</summary>
    public static async Task<LoggedIn> AsAsync(VedetteApp app, string? email = null, string? password = null)
    {
        var cookies = new CookieContainer();
        var browser = new HttpClient(new SocketsHttpHandler { CookieContainer = cookies }) { BaseAddress = new Uri(app.Url) };
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/0/auth/");
        request.Headers.Authorization = Basic(email ?? app.FirstStart.Email, password ?? app.FirstStart.Password);
        using var response = await browser.SendAsync(request);
        return response.IsSuccessStatusCode ? new LoggedIn(browser, cookies) : throw new InvalidOperationException($"the login was answered with {(int)response.StatusCode}");
    }

    public static AuthenticationHeaderValue Basic(string email, string password) =>
        new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{email}:{password}")));

    public async Task<ApiAnswer> ApiAsync(HttpMethod method, string path, string? json = null, string? csrf = null)
    {
        using var request = new HttpRequestMessage(method, path);
        request.Headers.Add("X-CSRFToken", csrf ?? CsrfToken);
        if (json is not null)
            request.Content = new StringContent(json, Encoding.UTF8, "application/json");
        return await VedetteApp.ReadAsync(await client.SendAsync(request));
    }

    public Task<ApiAnswer> GetAsync(string path) => ApiAsync(HttpMethod.Get, path);

    public void Dispose() => client.Dispose();
}
