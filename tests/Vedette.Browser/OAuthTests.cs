using Microsoft.Playwright;
using Vedette.Tests.Harness;
using Vedette.Wire.Json;
using Xunit;

namespace Vedette.Browser;

public sealed class OAuthTests(Chromium chromium)
{
    private const string Access = "/settings/account/authorizations/";

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_person_lets_an_application_in_comes_back_to_it_and_shuts_it_out(bool scripts)
    {
        await using var client = new TestReceiver();
        await using var app = await VedetteApp.StartAsync();
        using var owner = await LoggedIn.AsAsync(app);
        var application = (await owner.ApiAsync(
            HttpMethod.Post, "/api/0/api-applications/", $$"""{"name":"Ticket Bridge","redirectUris":["{{client.Url}}"]}""")).Map;
        await using var window = await chromium.OpenAsync(app, scripts);

        // Not logged in yet: the login leads on to the question.
        await window.Page.GotoAsync($"/oauth/authorize/?response_type=code&client_id={application.Text("clientID")}&scope=event:read&state=s1");
        await window.Page.GetByLabel("E-mail").FillAsync(app.FirstStart.Email);
        await window.Page.GetByLabel("Password").FillAsync(app.FirstStart.Password);
        await window.Page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(window.Page.GetByText("See issues and events")).ToBeVisibleAsync();

        // The answer leads to another server, which the page's policy has to let the form do.
        await window.Page.GetByRole(AriaRole.Button, new() { Name = "Approve" }).ClickAsync();
        await window.Page.WaitForURLAsync(url => url.StartsWith(client.Url, StringComparison.Ordinal));
        Assert.Equal("s1", OAuthApps.Parameter(window.Page.Url, "state"));
        var token = await app.TokenAsync(
            application, ("grant_type", "authorization_code"), ("code", OAuthApps.Parameter(window.Page.Url, "code")), ("redirect_uri", client.Url));
        Assert.Equal(200, token.Status);

        await window.Page.GotoAsync(Access);
        await Assertions.Expect(window.Page.GetByRole(AriaRole.Heading, new() { Name = "Ticket Bridge" })).ToBeVisibleAsync();
        await window.Page.GetByRole(AriaRole.Button, new() { Name = "Revoke access" }).ClickAsync();
        await Assertions.Expect(window.Page.GetByText("No application acts for you")).ToBeVisibleAsync();
        Assert.Equal(401, (await app.GetAsync("/api/0/organizations/", token.Map.Text("access_token"))).Status);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_person_enters_the_code_of_a_device(bool scripts)
    {
        await using var app = await VedetteApp.StartAsync();
        await using var window = await chromium.OpenAsync(app, scripts, width: 380);
        await window.LogInAsync(app.FirstStart.Email, app.FirstStart.Password);

        await window.Page.GotoAsync("/oauth/device/");
        await window.Page.GetByLabel("Code that your device shows").FillAsync("bbbb bbbb");
        await window.Page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(window.Page.GetByText("Invalid or expired code.")).ToBeVisibleAsync();
        await window.Page.GetByLabel("Code that your device shows").FillAsync((await Scene.UserCodeAsync(app)).ToLowerInvariant());
        await window.Page.Keyboard.PressAsync("Enter");
        await window.Page.GetByRole(AriaRole.Button, new() { Name = "Approve" }).ClickAsync();

        await Assertions.Expect(window.Page.GetByText("Authorization approved!")).ToBeVisibleAsync();
        Assert.Equal(1, await app.CountAsync("device_code where status = 'approved'"));
    }
}
