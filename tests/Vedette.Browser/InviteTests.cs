using Microsoft.Playwright;
using Vedette.Tests.Harness;
using Xunit;

namespace Vedette.Browser;

public sealed class InviteTests(Chromium chromium)
{
    [Theory, InlineData(true), InlineData(false)]
    public async Task Somebody_new_comes_in_by_the_link_of_the_mail(bool scripts)
    {
        await using var app = await VedetteApp.StartAsync();
        var path = await app.InviteAsync("grace@example.org");
        await using var window = await chromium.OpenAsync(app, scripts, width: 380);
        var page = window.Page;
        await page.GotoAsync(path);

        await page.GetByLabel("Your name").FillAsync("<i>Grace</i>");
        await page.GetByLabel("A password").FillAsync("short");
        await page.GetByRole(AriaRole.Button, new() { Name = "Join" }).ClickAsync();
        await Assertions.Expect(page.GetByLabel("A password")).ToHaveAccessibleDescriptionAsync("This password is too short. It must contain at least 8 characters.");
        await Assertions.Expect(page.GetByLabel("Your name")).ToHaveValueAsync("<i>Grace</i>");
        await window.AssertSoundAsync();

        await page.GetByLabel("A password").FillAsync("correct horse");
        await page.GetByRole(AriaRole.Button, new() { Name = "Join" }).ClickAsync();
        await Assertions.Expect(page).ToHaveURLAsync("/");
        await page.GetByRole(AriaRole.Link, new() { Name = "grace@example.org" }).ClickAsync();
        await Assertions.Expect(page.GetByText("<i>Grace</i>")).ToBeVisibleAsync();
        await window.AssertSoundAsync();
    }

    [Fact]
    public async Task Somebody_elses_invite_is_accepted_after_logging_out()
    {
        await using var app = await VedetteApp.StartAsync();
        var path = await app.InviteAsync("grace@example.org");
        await using var window = await chromium.OpenAsync(app);
        await window.LogInAsync(app.FirstStart.Email, app.FirstStart.Password);

        await window.Page.GotoAsync(path);
        await window.Page.GetByRole(AriaRole.Button, new() { Name = "Log out and go on" }).ClickAsync();

        await Assertions.Expect(window.Page).ToHaveURLAsync(path);
        await Assertions.Expect(window.Page).ToHaveTitleAsync("Join default · Vedette");
    }
}
