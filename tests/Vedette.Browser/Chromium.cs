using Microsoft.Playwright;
using Vedette.Tests.Harness;
using Xunit;

[assembly: AssemblyFixture(typeof(Vedette.Browser.Chromium))]

namespace Vedette.Browser;

/// <summary>The browser that all tests share. Each has windows of its own in it.</summary>
public sealed class Chromium : IAsyncLifetime
{
    private const string Program = "/usr/bin/chromium";
    private const string WhyNot = "no Chromium: as root on Debian, ./test installs it, or apt-get install chromium";

    private IPlaywright? playwright;
    private IBrowser? browser;

    private static bool IsThere => File.Exists(Program);

    public async ValueTask InitializeAsync()
    {
        if (!IsThere)
            return;

        playwright = await Playwright.CreateAsync();
        browser = await playwright.Chromium.LaunchAsync(new()
        {
            ExecutablePath = Program,
            Args =
            [
                "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update",
                "--disable-sync",
            ],
        });
    }

    /// <summary>A window that has no cookies yet. The test is skipped where there is no browser.</summary>
    internal async Task<Window> OpenAsync(VedetteApp app, bool scripts = true, int width = 1280, ColorScheme scheme = ColorScheme.Light)
    {
        Assert.SkipUnless(IsThere, WhyNot);
        var context = await browser!.NewContextAsync(new()
        {
            BaseURL = app.Url,
            ColorScheme = scheme,
            JavaScriptEnabled = scripts,
            Locale = "en-GB",
            ReducedMotion = ReducedMotion.Reduce,
            ViewportSize = new() { Width = width, Height = 800 },
        });
        return new Window(app.Url, context, await context.NewPageAsync(), scripts);
    }

    public async ValueTask DisposeAsync()
    {
        if (browser is not null)
            await browser.DisposeAsync();
        playwright?.Dispose();
    }
}
