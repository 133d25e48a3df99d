using System.Globalization;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using Vedette.Server.Authorization;
using Vedette.Tests.Harness;
using Xunit;

namespace Vedette.Browser;

public sealed class EveryPageTests(Chromium chromium)
{
    public static TheoryData<string, bool> Scenes
    {
        get
        {
            var data = new TheoryData<string, bool>();
            foreach (var scene in Scene.All)
            {
                data.Add(scene.Name, true);
                data.Add(scene.Name, false);
            }

            return data;
        }
    }

    [Theory, MemberData(nameof(Scenes))]
    public async Task Is_sound_in_every_light_on_every_width(string name, bool scripts)
    {
        var scene = Scene.All.Single(each => each.Name == name);
        await using var app = await VedetteApp.StartAsync(settings: [("VEDETTE_BOOTSTRAP_EMAIL", "ada.lovelace.of.the.analytical.engine@example.org")]);
        var path = await scene.ArrangeAsync(app);

        foreach (var scheme in new[] { ColorScheme.Light, ColorScheme.Dark })
        {
            foreach (var width in new[] { 1280, 380 })
            {
                await using var window = await chromium.OpenAsync(app, scripts, width, scheme);
                if (scene.LoggedIn)
                    await window.LogInAsync(app.FirstStart.Email, app.FirstStart.Password);
                await window.Page.GotoAsync(path);
                if (scene.ActAsync is { } actAsync)
                    await actAsync(window.Page);

                await window.AssertSoundAsync();
                Assert.Equal(scheme == ColorScheme.Dark, await window.IsDarkAsync());
                if (!scripts)
                    await window.ScreenshotAsync(string.Create(CultureInfo.InvariantCulture, $"{name}-{scheme.ToString().ToLowerInvariant()}-{width}"));
            }
        }
    }

    [Fact]
    public async Task Can_be_looked_at_here()
    {
        await using var app = await VedetteApp.StartAsync();
        var pages =
            from route in app.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            where route.Metadata.GetMetadata<ScopeRequirement>()?.IsPage == true
            where route.Metadata.GetMetadata<HttpMethodMetadata>()!.HttpMethods.Contains("GET")
            select route.RoutePattern.RawText;

        Assert.Subset(Scene.All.Select(scene => scene.Route).ToHashSet(StringComparer.Ordinal), pages.ToHashSet(StringComparer.Ordinal));
    }
}
