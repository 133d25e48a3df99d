using Microsoft.Playwright;
using Vedette.Tests.Harness;
using Xunit;

namespace Vedette.Browser;

public sealed class LoginTests(Chromium chromium)
{
    [Theory, InlineData(true), InlineData(false)]
    public async Task Works_with_the_keyboard_alone(bool scripts)
    {
        await using var app = await VedetteApp.StartAsync();
        await using var window = await chromium.OpenAsync(app, scripts);
        var (page, keyboard) = (window.Page, window.Page.Keyboard);
        await page.GotoAsync("/settings/account/");

        await Assertions.Expect(page).ToHaveTitleAsync("Log in · Vedette");
        await Assertions.Expect(page.GetByLabel("E-mail")).ToBeFocusedAsync();
        await keyboard.TypeAsync(app.FirstStart.Email);
        await keyboard.PressAsync("Tab");
        await keyboard.TypeAsync("wrong");
        await keyboard.PressAsync("Enter");

        await Assertions.Expect(page.GetByRole(AriaRole.Alert)).ToHaveTextAsync("E-mail or password is wrong.");
        await Assertions.Expect(page.GetByLabel("E-mail")).ToHaveValueAsync(app.FirstStart.Email);
        await Assertions.Expect(page.GetByLabel("Password")).ToBeFocusedAsync();
        await window.AssertSoundAsync();
        await keyboard.TypeAsync(app.FirstStart.Password);
        await keyboard.PressAsync("Enter");
        await Assertions.Expect(page).ToHaveURLAsync("/settings/account/");

        // The first stop of every page leads past what is the same on all of them.
        await keyboard.PressAsync("Tab");
        var skip = page.GetByRole(AriaRole.Link, new() { Name = "Skip to the content" });
        await Assertions.Expect(skip).ToBeFocusedAsync();
        await Assertions.Expect(skip).ToBeInViewportAsync();
        await keyboard.PressAsync("Enter");
        await Assertions.Expect(page).ToHaveURLAsync("/settings/account/#main");
        await keyboard.PressAsync("Tab");
        await Assertions.Expect(page.GetByRole(AriaRole.Navigation, new() { Name = "Account" }).GetByRole(AriaRole.Link).First).ToBeFocusedAsync();

        await page.GetByRole(AriaRole.Button, new() { Name = "Log out" }).FocusAsync();
        await keyboard.PressAsync("Space");
        await Assertions.Expect(page).ToHaveURLAsync("/auth/login/");
        await page.GotoAsync("/");
        await Assertions.Expect(page).ToHaveURLAsync("/auth/login/");
        await window.AssertSoundAsync();
    }

    [Fact]
    public async Task Whatever_has_the_focus_shows_it()
    {
        await using var app = await VedetteApp.StartAsync();
        await using var window = await chromium.OpenAsync(app);
        await window.LogInAsync(app.FirstStart.Email, app.FirstStart.Password);
        await window.Page.GotoAsync("/settings/account/");

        var seen = 0;
        while (true)
        {
            await window.Page.Keyboard.PressAsync("Tab");
            var shown = await window.Page.EvaluateAsync<string?>(
                """
                () => {
                  const { activeElement: element, body } = document;
                  if (element === body) return null;
                  const style = getComputedStyle(element);
                  return style.outlineStyle !== "none" || style.boxShadow !== "none" ? "" : element.outerHTML;
                }
                """);
            if (shown is null)
                break;
            Assert.Equal("", shown);
            seen++;
        }

        Assert.True(seen >= 5, $"only {seen} stops");
    }

    [Fact]
    public async Task A_form_left_open_since_before_the_login_says_so()
    {
        await using var app = await VedetteApp.StartAsync();
        await using var window = await chromium.OpenAsync(app);
        await window.Page.GotoAsync("/auth/login/");
        var second = await window.Page.Context.NewPageAsync();
        await second.GotoAsync("/auth/login/");
        await second.GetByLabel("E-mail").FillAsync(app.FirstStart.Email);
        await second.GetByLabel("Password").FillAsync(app.FirstStart.Password);
        await second.GetByRole(AriaRole.Button).ClickAsync();
        await Assertions.Expect(second).ToHaveURLAsync("/");

        await window.Page.GetByLabel("E-mail").FillAsync(app.FirstStart.Email);
        await window.Page.GetByLabel("Password").FillAsync(app.FirstStart.Password);
        await window.Page.GetByRole(AriaRole.Button).ClickAsync();

        await Assertions.Expect(window.Page.GetByRole(AriaRole.Heading)).ToHaveTextAsync("This form is out of date");
        await window.Page.GetByRole(AriaRole.Link, new() { Name = "To the home page" }).ClickAsync();
        await Assertions.Expect(window.Page).ToHaveURLAsync("/");
    }
}
