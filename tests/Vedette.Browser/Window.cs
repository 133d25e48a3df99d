using System.Collections.Concurrent;
using Microsoft.Playwright;
using Vedette.Tests.Harness;
using Xunit;

namespace Vedette.Browser;

/// <summary>A window of the browser, which writes down what its pages do wrong.</summary>
internal sealed class Window : IAsyncDisposable
{
    private static readonly string Axe = File.ReadAllText(Path.Combine(RepositoryRoot.Path, "tests/clients/node_modules/axe-core/axe.min.js"));

    private readonly ConcurrentQueue<string> wrong = [];
    private readonly IBrowserContext context;
    private readonly bool scripts;

    public Window(string url, IBrowserContext context, IPage page, bool scripts)
    {
        this.context = context;
        this.scripts = scripts;
        Page = page;

        // A page that is answered with an error status on purpose is no fault, what it loads beside itself is.
        page.Console += (_, message) =>
        {
            if (message.Type is "error" or "warning" && !(message.Text.StartsWith("Failed to load resource", StringComparison.Ordinal) && message.Location.StartsWith(page.Url, StringComparison.Ordinal)))
                wrong.Enqueue($"{message.Type}: {message.Text}");
        };
        page.PageError += (_, error) => wrong.Enqueue($"exception: {error}");
        page.RequestFailed += (_, request) => wrong.Enqueue($"{request.Url} failed: {request.Failure}");
        page.Request += (_, request) =>
        {
            if (!request.Url.StartsWith($"{url}/", StringComparison.Ordinal) && !request.Url.StartsWith("data:", StringComparison.Ordinal))
                wrong.Enqueue($"a request to elsewhere: {request.Url}");
        };
    }

    public IPage Page { get; }

    public async Task LogInAsync(string email, string password)
    {
        await Page.GotoAsync("/auth/login/");
        await Page.GetByLabel("E-mail").FillAsync(email);
        await Page.GetByLabel("Password").FillAsync(password);
        await Page.GetByRole(AriaRole.Button, new() { Name = "Log in" }).ClickAsync();
        await Assertions.Expect(Page).ToHaveURLAsync("/");
    }

    /// <summary>
    /// Nothing was reported, and the page is one that everybody can use: it has one heading of the first level and a title of its
    /// own, fits the width, and axe finds nothing, contrast included. Axe is a script itself: it looks where scripts run.
    /// </summary>
    public async Task AssertSoundAsync()
    {
        Assert.Empty(wrong);
        var heading = await Page.GetByRole(AriaRole.Heading, new() { Level = 1 }).AllInnerTextsAsync();
        Assert.Equal($"{Assert.Single(heading)} · Vedette", await Page.TitleAsync());
        Assert.Equal(0, await Page.EvaluateAsync<int>("() => document.documentElement.scrollWidth - document.documentElement.clientWidth"));
        if (!scripts)
            return;

        await Page.EvaluateAsync(Axe);
        var violations = await Page.EvaluateAsync<string[]>(
            "async () => (await axe.run()).violations.flatMap(rule => rule.nodes.map(node => `${rule.id}: ${node.html} ${node.failureSummary}`))");
        Assert.True(violations.Length == 0, string.Join('\n', violations));
    }

    /// <summary>Whether what is written on the page is lighter than the page.</summary>
    public Task<bool> IsDarkAsync() => Page.EvaluateAsync<bool>(
        """
        () => {
          const canvas = Object.assign(document.createElement("canvas"), { width: 1, height: 1 }).getContext("2d");
          const light = color => {
            canvas.fillStyle = color;
            canvas.fillRect(0, 0, 1, 1);
            return canvas.getImageData(0, 0, 1, 1).data.slice(0, 3).reduce((sum, value) => sum + value);
          };
          const body = getComputedStyle(document.body);
          return light(body.color) > light(body.backgroundColor);
        }
        """);

    /// <summary>Into a folder that is no part of the repository, to be looked at.</summary>
    public Task ScreenshotAsync(string name) =>
        Page.ScreenshotAsync(new() { Path = Path.Combine(RepositoryRoot.Path, "artifacts/screenshots", $"{name}.png"), FullPage = true });

    public async ValueTask DisposeAsync() => await context.DisposeAsync();
}
